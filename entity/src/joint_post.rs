//! Joint posts: one text that a municipality publishes in several of its villages. The text and where it is to be belong to no
//! village; the copy in each village is a post of that village, made and kept in step there as due work.

use crate::due_work::{self, DueWork};
use crate::error::StoreError;
use crate::ids::{AccountId, JointPostId, MunicipalityId, VillageId};
use crate::instant::{instant, millis};
use crate::notification::Urgency;
use crate::post::{AllClear, PostDelivery, PostKind};
use crate::post_version::{PostContent, of_text, to_text};
use crate::scope::{Connected, Registry, RegistryTx, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use super::JointState;
    use crate::post::PostKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "joint_post")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub municipality_id: Uuid,
        pub author_id: Uuid,
        pub changed_by: Uuid,
        pub kind: PostKind,
        pub state: JointState,
        #[sea_orm(column_type = "Text")]
        pub content: String,
        #[sea_orm(column_type = "Text")]
        pub villages: String,
        pub version: i32,
        pub told_version: i32,
        pub created_at: i64,
        pub updated_at: i64,
        pub published_at: Option<i64>,
        pub withdrawn_at: Option<i64>,
        #[sea_orm(column_type = "Text", nullable)]
        pub withdrawal_reason: Option<String>,
        pub cleared_at: Option<i64>,
        #[sea_orm(column_type = "Text", nullable)]
        pub all_clear: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where a joint post is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum JointState {
    /// Being written; no village has it.
    #[sea_orm(num_value = 0)]
    Draft,
    /// To be public in every village it is for.
    #[sea_orm(num_value = 1)]
    Published,
    /// To be withdrawn in every village.
    #[sea_orm(num_value = 2)]
    Withdrawn,
}

/// A joint post.
#[derive(Clone, Debug)]
pub struct JointPost {
    /// Its identifier.
    pub id: JointPostId,
    /// Whose it is.
    pub municipality: MunicipalityId,
    /// Who first saved it.
    pub author: AccountId,
    /// Who changed it last.
    pub changed_by: AccountId,
    /// What it is.
    pub kind: PostKind,
    /// Where it is in its life.
    pub state: JointState,
    /// What it says.
    pub content: PostContent,
    /// The villages it is for, in the order of their identifiers.
    pub villages: Vec<VillageId>,
    /// Rises by one with every change: what the villages follow.
    pub version: i32,
    /// The latest version whose followers are to be told of the correction; 0 when there is none.
    pub told_version: i32,
    /// When it was first saved.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why it was withdrawn, as everybody may read it.
    pub withdrawal_reason: Option<String>,
    /// That the danger is over, when it is an alert.
    pub all_clear: Option<AllClear>,
}

store!(
    /// The joint posts.
    JointPosts as joint_posts in Registry, RegistryTx, VillageTx
);

impl JointPost {
    /// Whether it is told before everything else, which needs the right to send alerts.
    pub fn is_loud(&self) -> bool {
        self.kind == PostKind::Alert || self.content.delivery == PostDelivery::Urgent
    }
}

impl<S: Connected> JointPosts<'_, S> {
    /// The joint post of this identifier.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: JointPostId) -> Result<Option<JointPost>, StoreError> {
        row::Entity::find_by_id(id.0).one(self.0.connection()).await?.map(TryInto::try_into).transpose()
    }

    /// Joint posts of a municipality, the last created first, at most `limit`, before `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        municipality: MunicipalityId,
        before: Option<JointPostId>,
        limit: u64,
    ) -> Result<Vec<JointPost>, StoreError> {
        let before = before.map_or_else(Uuid::max, |id| id.0);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = "SELECT * FROM joint_post WHERE municipality_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
        let rows =
            self.0.connection().rows::<row::Model>(sql, vec![municipality.into(), before.into(), limit.into()]).await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

#[derive(FromQueryResult)]
struct Id {
    #[allow(dead_code, reason = "that it is held is all that matters")]
    id: Uuid,
}

impl JointPosts<'_, RegistryTx> {
    /// A joint post that nobody else can change before this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_for_change(&self, id: JointPostId) -> Result<Option<JointPost>, StoreError> {
        if self.0.connection().is_postgres() {
            let sql = "SELECT id FROM joint_post WHERE id = $1 FOR UPDATE";
            self.0.connection().row::<Id>(sql, vec![id.into()]).await?;
        }
        self.find(id).await
    }

    /// Saves a joint post as it is from now on; a new one too.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when there is no such municipality.
    pub async fn save(&self, joint: &JointPost) -> Result<(), StoreError> {
        let sql = "INSERT INTO joint_post (id, municipality_id, author_id, changed_by, kind, state, content, villages,
                     version, told_version, created_at, updated_at, published_at, withdrawn_at, withdrawal_reason,
                     cleared_at, all_clear)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
                   ON CONFLICT (id) DO UPDATE SET changed_by = excluded.changed_by, state = excluded.state,
                     content = excluded.content, version = excluded.version, told_version = excluded.told_version,
                     updated_at = excluded.updated_at, published_at = excluded.published_at,
                     withdrawn_at = excluded.withdrawn_at, withdrawal_reason = excluded.withdrawal_reason,
                     cleared_at = excluded.cleared_at, all_clear = excluded.all_clear";
        let villages: Vec<Uuid> = joint.villages.iter().map(|village| village.0).collect();
        let values = vec![
            joint.id.into(),
            joint.municipality.into(),
            joint.author.into(),
            joint.changed_by.into(),
            (joint.kind as i16).into(),
            (joint.state as i16).into(),
            to_text(&joint.content)?.into(),
            serde_json::to_string(&villages).map_err(unreadable)?.into(),
            joint.version.into(),
            joint.told_version.into(),
            millis(joint.created_at).into(),
            millis(joint.updated_at).into(),
            joint.published_at.map(millis).into(),
            joint.withdrawn_at.map(millis).into(),
            joint.withdrawal_reason.clone().into(),
            joint.all_clear.as_ref().map(|all_clear| millis(all_clear.at)).into(),
            joint.all_clear.as_ref().map(|all_clear| all_clear.text.clone()).into(),
        ];
        self.0.connection().run(sql, values).await.map(drop)
    }

    /// Removes a draft, which no village has, for good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: JointPostId) -> Result<(), StoreError> {
        let sql = "DELETE FROM joint_post WHERE id = $1 AND state = 0";
        self.0.connection().run(sql, vec![id.into()]).await.map(drop)
    }

    /// Makes a village follow a joint post: due there when this transaction commits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow_in(&self, village: VillageId, joint: &JointPost, now: DateTime<Utc>) -> Result<(), StoreError> {
        let urgency = if joint.is_loud() { Urgency::High } else { Urgency::Normal };
        self.0.enter(village).await?;
        due_work::insert(self.0.connection(), village, DueWork::Joint, joint.id.0, (urgency, now)).await?;
        self.0.leave(village).await
    }
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::Unexpected(DbErr::Custom(format!("stored villages: {error}")))
}

impl TryFrom<row::Model> for JointPost {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        let villages: Vec<Uuid> = serde_json::from_str(&row.villages).map_err(unreadable)?;
        Ok(Self {
            id: row.id.into(),
            municipality: row.municipality_id.into(),
            author: row.author_id.into(),
            changed_by: row.changed_by.into(),
            kind: row.kind,
            state: row.state,
            content: of_text(&row.content)?,
            villages: villages.into_iter().map(Into::into).collect(),
            version: row.version,
            told_version: row.told_version,
            created_at: instant(row.created_at),
            updated_at: instant(row.updated_at),
            published_at: row.published_at.map(instant),
            withdrawn_at: row.withdrawn_at.map(instant),
            withdrawal_reason: row.withdrawal_reason,
            all_clear: row.cleared_at.map(|at| AllClear { at: instant(at), text: row.all_clear.unwrap_or_default() }),
        })
    }
}
