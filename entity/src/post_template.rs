//! Templates: texts that posts are begun with, of the town hall or of a club.

use crate::error::StoreError;
use crate::ids::{AccountId, ClubId, PostTemplateId};
use crate::instant::{instant, millis};
use crate::post::PostKind;
use crate::post_version::{self, PostContent};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Count, Sql};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, IntoActiveModel};

pub(crate) mod row {
    use crate::post::PostKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "post_template")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub kind: PostKind,
        pub club_id: Option<Uuid>,
        pub account_id: Uuid,
        #[sea_orm(column_type = "Text")]
        pub content: String,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A text to begin posts with.
#[derive(Clone, Debug, PartialEq)]
pub struct PostTemplate {
    /// Its identifier.
    pub id: PostTemplateId,
    /// Its name for people.
    pub name: String,
    /// What begins with it.
    pub kind: PostKind,
    /// The club whose it is; `None` for the town hall.
    pub club: Option<ClubId>,
    /// The slug of that club.
    pub club_slug: Option<String>,
    /// What it says.
    pub content: PostContent,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
}

/// A template to be saved.
#[derive(Clone, Debug)]
pub struct NewPostTemplate {
    /// Its name for people.
    pub name: String,
    /// What begins with it.
    pub kind: PostKind,
    /// The club whose it is; `None` for the town hall.
    pub club: Option<ClubId>,
    /// Who saves it.
    pub account: AccountId,
    /// What it says.
    pub content: PostContent,
}

store!(
    /// The templates of the village.
    PostTemplates as post_templates in Village, VillageTx
);

#[derive(FromQueryResult)]
struct Joined {
    id: Uuid,
    name: String,
    kind: PostKind,
    club_id: Option<Uuid>,
    club_slug: Option<String>,
    content: String,
    created_at: i64,
}

const SELECT: &str = "SELECT t.id, t.name, t.kind, t.club_id, c.slug AS club_slug, t.content, t.created_at
                      FROM post_template t
                      LEFT JOIN club c ON c.village_id = t.village_id AND c.id = t.club_id
                      WHERE t.village_id = $1";

impl<S: InVillage> PostTemplates<'_, S> {
    /// All templates of the village, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<PostTemplate>, StoreError> {
        let sql = format!("{SELECT} ORDER BY t.name, t.id");
        let rows = self.0.connection().rows::<Joined>(&sql, vec![self.0.village_id().into()]).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// How many templates the village has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM post_template WHERE village_id = $1";
        let row = self.0.connection().row::<Count>(sql, vec![self.0.village_id().into()]).await?;
        Ok(row.map_or(0, |count| count.n))
    }

    /// A template.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: PostTemplateId) -> Result<Option<PostTemplate>, StoreError> {
        let sql = format!("{SELECT} AND t.id = $2");
        let row = self.0.connection().row::<Joined>(&sql, vec![self.0.village_id().into(), id.into()]).await?;
        row.map(TryInto::try_into).transpose()
    }
}

impl PostTemplates<'_, VillageTx> {
    /// Saves a template.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(&self, new: NewPostTemplate, now: DateTime<Utc>) -> Result<PostTemplateId, StoreError> {
        let id = PostTemplateId::generate();
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: id.0,
            name: new.name,
            kind: new.kind,
            club_id: new.club.map(|club| club.0),
            account_id: new.account.0,
            content: post_version::to_text(&new.content)?,
            created_at: millis(now),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        Ok(id)
    }

    /// Removes a template.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: PostTemplateId) -> Result<(), StoreError> {
        let sql = "DELETE FROM post_template WHERE village_id = $1 AND id = $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), id.into()]).await.map(drop)
    }
}

impl TryFrom<Joined> for PostTemplate {
    type Error = StoreError;

    fn try_from(row: Joined) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            kind: row.kind,
            club: row.club_id.map(Into::into),
            club_slug: row.club_slug,
            content: post_version::of_text(&row.content)?,
            created_at: instant(row.created_at),
        })
    }
}
