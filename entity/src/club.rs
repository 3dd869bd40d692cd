//! Clubs (Vereine): they publish in a village under their own name.

mod writing;

use crate::error::StoreError;
use crate::ids::{AccountId, ClubId, MediaId};
use crate::instant::instant;
use crate::media::MediaFormat;
use crate::scope::{InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use crate::village::Logo;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, Value};

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
        pub logo_id: Option<Uuid>,
        pub asked_at: Option<i64>,
        pub contact_by: Option<Uuid>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
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
    /// When it was last asked whether it is still there, if it has not answered.
    pub asked_at: Option<DateTime<Utc>>,
    /// Its sign, if it has one.
    pub logo: Option<Logo>,
    /// Who last said whom to ask; `None` when the applicant did.
    pub contact_by: Option<AccountId>,
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

/// Which clubs to list, in the order of their names.
#[derive(Clone, Debug)]
pub struct ClubQuery {
    /// Only in this state.
    pub state: Option<ClubState>,
    /// Only of this category.
    pub category: Option<ClubCategory>,
    /// Only those after this name and identifier.
    pub after: Option<(String, ClubId)>,
    /// At most this many.
    pub limit: u64,
}

store!(
    /// The clubs of the village.
    Clubs as clubs in Village, VillageTx
);

/// With the logo, as [`Found`] wants it.
const SELECT: &str = "SELECT c.*, m.key AS logo_key, m.format AS logo_format, m.alt AS logo_alt FROM club c
    LEFT JOIN media m ON m.village_id = c.village_id AND m.id = c.logo_id AND m.state = 1
    WHERE c.village_id = $1";

#[derive(FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    club: row::Model,
    logo_key: Option<String>,
    logo_format: Option<MediaFormat>,
    logo_alt: Option<String>,
}

impl<S: InVillage> Clubs<'_, S> {
    /// A club, whatever its state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: ClubId) -> Result<Option<Club>, StoreError> {
        self.one(&format!("{SELECT} AND c.id = $2"), id.into()).await
    }

    /// The club with this slug, whatever its state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn by_slug(&self, slug: &str) -> Result<Option<Club>, StoreError> {
        self.one(&format!("{SELECT} AND c.slug = $2"), slug.into()).await
    }

    async fn one(&self, sql: &str, what: Value) -> Result<Option<Club>, StoreError> {
        let row = self.0.connection().row::<Found>(sql, vec![self.0.village_id().into(), what]).await?;
        Ok(row.map(Into::into))
    }

    /// Clubs by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, query: &ClubQuery) -> Result<Vec<Club>, StoreError> {
        let mut sql = SELECT.to_owned();
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        if let Some(state) = query.state {
            values.push((state as i16).into());
            sql.push_str(&format!(" AND c.state = ${}", values.len()));
        }
        if let Some(category) = query.category {
            values.push((category as i16).into());
            sql.push_str(&format!(" AND c.category = ${}", values.len()));
        }
        if let Some((name, id)) = &query.after {
            values.extend([name.clone().into(), (*id).into()]);
            sql.push_str(&format!(" AND (c.name, c.id) > (${}, ${})", values.len() - 1, values.len()));
        }
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        sql.push_str(&format!(" ORDER BY c.name, c.id LIMIT ${}", values.len()));
        Ok(self.0.connection().rows::<Found>(&sql, values).await?.into_iter().map(Into::into).collect())
    }

    /// The identifiers of clubs that take part, by slug: what can be followed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn active_by_slug(&self, slugs: &[String]) -> Result<Vec<(String, ClubId)>, StoreError> {
        let rows = row::Entity::find()
            .filter(row::Column::VillageId.eq(self.0.village_id().0))
            .filter(row::Column::Slug.is_in(slugs))
            .filter(row::Column::State.eq(ClubState::Active))
            .all(self.0.connection())
            .await?;
        Ok(rows.into_iter().map(|row| (row.slug, row.id.into())).collect())
    }
}

impl From<Found> for Club {
    fn from(found: Found) -> Self {
        let row = found.club;
        let logo = match (row.logo_id, found.logo_key, found.logo_format, found.logo_alt) {
            (Some(media), Some(key), Some(format), Some(alt)) => Some(Logo { media: MediaId(media), key, format, alt }),
            _ => None,
        };
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
            asked_at: row.asked_at.map(instant),
            logo,
            contact_by: row.contact_by.map(Into::into),
            created_at: instant(row.created_at),
        }
    }
}
