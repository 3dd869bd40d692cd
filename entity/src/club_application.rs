//! Applications of clubs whose mailbox is not confirmed yet. Nobody but the applicant knows of them; what is not confirmed in
//! time is forgotten.

use crate::club::ClubCategory;
use crate::error::StoreError;
use crate::ids::ClubApplicationId;
use crate::instant::millis;
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

pub(crate) mod row {
    use crate::club::ClubCategory;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "club_application")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub category: ClubCategory,
        #[sea_orm(column_type = "Text")]
        pub description_markdown: String,
        pub contact_name: String,
        pub contact_email: String,
        pub language: String,
        pub created_at: i64,
        pub expires_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What somebody who applies for a club says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClubApplication {
    /// Its identifier.
    pub id: ClubApplicationId,
    /// The club's name.
    pub name: String,
    /// What kind of club it is.
    pub category: ClubCategory,
    /// What it is and does, Markdown.
    pub description_markdown: String,
    /// Who applies.
    pub contact_name: String,
    /// Where the answer goes; confirmed first.
    pub contact_email: String,
    /// The language of mails to it.
    pub language: String,
}

store!(
    /// The applications that wait to be confirmed.
    ClubApplications as club_applications in Village, VillageTx
);

impl<S: InVillage> ClubApplications<'_, S> {
    /// An application that can still be confirmed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: ClubApplicationId, now: DateTime<Utc>) -> Result<Option<ClubApplication>, StoreError> {
        let sql = "SELECT * FROM club_application WHERE village_id = $1 AND id = $2 AND expires_at > $3";
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        Ok(self.0.connection().row::<row::Model>(sql, values).await?.map(Into::into))
    }
}

impl ClubApplications<'_, VillageTx> {
    /// Notes an application until it is confirmed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(
        &self,
        new: ClubApplication,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: new.id.0,
            name: new.name,
            category: new.category,
            description_markdown: new.description_markdown,
            contact_name: new.contact_name,
            contact_email: new.contact_email,
            language: new.language,
            created_at: millis(now),
            expires_at: millis(expires_at),
        };
        row.into_active_model().insert(self.0.connection()).await?;
        Ok(())
    }

    /// Takes an application out, to make a club of it; of several at once, one gets it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(&self, id: ClubApplicationId, now: DateTime<Utc>) -> Result<Option<ClubApplication>, StoreError> {
        let sql = "DELETE FROM club_application WHERE village_id = $1 AND id = $2 AND expires_at > $3 RETURNING *";
        let values = vec![self.0.village_id().into(), id.into(), millis(now).into()];
        Ok(self.0.connection().row::<row::Model>(sql, values).await?.map(Into::into))
    }

    /// Forgets what was not confirmed in time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_expired(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM club_application WHERE village_id = $1 AND expires_at <= $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), millis(now).into()]).await
    }
}

impl From<row::Model> for ClubApplication {
    fn from(row: row::Model) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            category: row.category,
            description_markdown: row.description_markdown,
            contact_name: row.contact_name,
            contact_email: row.contact_email,
            language: row.language,
        }
    }
}
