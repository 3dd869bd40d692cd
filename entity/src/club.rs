//! Clubs (Vereine): they publish in a village under their own name.

use crate::error::StoreError;
use crate::ids::ClubId;
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use chrono::{DateTime, Utc};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use super::{ClubCategory, ClubState, Trust};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "club")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub slug: String,
        pub name: String,
        pub state: ClubState,
        pub trust: Trust,
        pub category: ClubCategory,
        #[sea_orm(column_type = "Text")]
        pub description_markdown: String,
        #[sea_orm(column_type = "Text")]
        pub description_html: String,
        #[sea_orm(column_type = "Text")]
        pub meeting_times: String,
        pub contact_name: String,
        pub contact_email: String,
        pub contact_phone: String,
        pub website: String,
        #[sea_orm(column_type = "Text")]
        pub decision: String,
        pub version: i32,
        pub confirmed_at: Option<i64>,
        pub created_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where a club is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum ClubState {
    /// It asked to take part; the town hall decides.
    #[sea_orm(num_value = 0)]
    Applied,
    /// It takes part.
    #[sea_orm(num_value = 1)]
    Active,
    /// The town hall declined, and said why.
    #[sea_orm(num_value = 2)]
    Declined,
    /// Nobody confirmed for a year that it is still there; it rests until somebody does.
    #[sea_orm(num_value = 3)]
    Paused,
    /// Switched off by the town hall.
    #[sea_orm(num_value = 4)]
    Off,
}

/// Whether a club's posts are reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Trust {
    /// An editor approves each.
    #[sea_orm(num_value = 0)]
    Reviewed,
    /// The club publishes by itself.
    #[sea_orm(num_value = 1)]
    Trusted,
}

/// What kind of club it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum ClubCategory {
    /// Sport.
    #[sea_orm(num_value = 0)]
    Sport,
    /// Music, theatre, culture.
    #[sea_orm(num_value = 1)]
    Culture,
    /// Fire brigade, rescue, civil protection.
    #[sea_orm(num_value = 2)]
    Rescue,
    /// Church and faith.
    #[sea_orm(num_value = 3)]
    Faith,
    /// Children, youth, school, kindergarten.
    #[sea_orm(num_value = 4)]
    Youth,
    /// Local history and customs.
    #[sea_orm(num_value = 5)]
    Heritage,
    /// Nature, animals, gardens.
    #[sea_orm(num_value = 6)]
    Nature,
    /// Help and social matters.
    #[sea_orm(num_value = 7)]
    Social,
    /// Something else.
    #[sea_orm(num_value = 8)]
    Other,
}

/// A club.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Club {
    /// Its identifier.
    pub id: ClubId,
    /// Its name in URLs, such as `tsv-luedenhausen`. It never changes.
    pub slug: String,
    /// Its page.
    pub page: ClubPage,
    /// Where it is in its life.
    pub state: ClubState,
    /// Whether its posts are reviewed.
    pub trust: Trust,
    /// Why the town hall declined it or switched it off; empty otherwise.
    pub decision: String,
    /// Rises by one with every change.
    pub version: i32,
    /// When somebody last confirmed that it is still there; `None` before it takes part.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When it was entered, or applied.
    pub created_at: DateTime<Utc>,
}

/// What a club says about itself. Texts are empty when nothing is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClubPage {
    /// Its name for people.
    pub name: String,
    /// What kind of club it is.
    pub category: ClubCategory,
    /// What it is and does, Markdown.
    pub description_markdown: String,
    /// The same as sanitised HTML.
    pub description_html: String,
    /// When and where it meets, in words.
    pub meeting_times: String,
    /// Whom to ask.
    pub contact_name: String,
    /// Where to write.
    pub contact_email: String,
    /// Where to call.
    pub contact_phone: String,
    /// Its own page on the web.
    pub website: String,
}

store!(
    /// The clubs of the village.
    Clubs as clubs in Village, VillageTx
);

impl<S: InVillage> Clubs<'_, S> {
    /// A club, whatever its state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: ClubId) -> Result<Option<Club>, StoreError> {
        let row = row::Entity::find_by_id((self.0.village_id().0, id.0)).one(self.0.connection()).await?;
        Ok(row.map(Into::into))
    }

    /// The club with this slug, whatever its state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_slug(&self, slug: &str) -> Result<Option<Club>, StoreError> {
        let row = row::Entity::find()
            .filter(row::Column::VillageId.eq(self.0.village_id().0))
            .filter(row::Column::Slug.eq(slug))
            .one(self.0.connection())
            .await?;
        Ok(row.map(Into::into))
    }
}

impl Clubs<'_, VillageTx> {
    /// Enters a club.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the village has one with this slug.
    pub async fn create(&self, club: Club) -> Result<Club, StoreError> {
        let page = club.page;
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: club.id.0,
            slug: club.slug,
            name: page.name,
            state: club.state,
            trust: club.trust,
            category: page.category,
            description_markdown: page.description_markdown,
            description_html: page.description_html,
            meeting_times: page.meeting_times,
            contact_name: page.contact_name,
            contact_email: page.contact_email,
            contact_phone: page.contact_phone,
            website: page.website,
            decision: club.decision,
            version: club.version,
            confirmed_at: club.confirmed_at.map(millis),
            created_at: millis(club.created_at),
        };
        let row = row.into_active_model().insert(self.0.connection()).await?;
        self.0.note_change();
        Ok(row.into())
    }
}

impl From<row::Model> for Club {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            slug: row.slug,
            page: ClubPage {
                name: row.name,
                category: row.category,
                description_markdown: row.description_markdown,
                description_html: row.description_html,
                meeting_times: row.meeting_times,
                contact_name: row.contact_name,
                contact_email: row.contact_email,
                contact_phone: row.contact_phone,
                website: row.website,
            },
            state: row.state,
            trust: row.trust,
            decision: row.decision,
            version: row.version,
            confirmed_at: row.confirmed_at.map(instant),
            created_at: instant(row.created_at),
        }
    }
}
