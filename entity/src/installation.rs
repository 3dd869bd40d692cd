//! The installation: one row that says by which keys this database was written, and when somebody last proved that writing works.

use crate::error::StoreError;
use crate::instant::{instant, millis};
use crate::scope::{Connected, Registry, RegistryTx, store};
use crate::sql::Sql;
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "installation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        #[sea_orm(column_type = "Text", nullable)]
        pub master_print: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub vapid_print: Option<String>,
        pub proofs: i64,
        #[sea_orm(column_type = "Blob")]
        pub ballast: Vec<u8>,
        pub seen_at: i64,
        pub seen_by_database_at: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What keys look like from outside: enough to tell them from others, nothing to find them by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPrints {
    /// Of the master key.
    pub master: String,
    /// Of the key that browsers are bound to.
    pub vapid: String,
}

#[derive(FromQueryResult)]
struct Prints {
    master_print: Option<String>,
    vapid_print: Option<String>,
}

#[derive(FromQueryResult)]
struct Seen {
    seen_at: i64,
}

store!(
    /// What is known of the installation.
    Installation as installation in Registry, RegistryTx
);

impl<S: Connected> Installation<'_, S> {
    /// By which keys the database was written, if that was noted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_prints(&self) -> Result<Option<KeyPrints>, StoreError> {
        let sql = "SELECT master_print, vapid_print FROM installation WHERE id = 1";
        let row = self.0.connection().row::<Prints>(sql, Vec::new()).await?;
        let Some(Prints { master_print: Some(master), vapid_print: Some(vapid) }) = row else {
            return Ok(None);
        };
        Ok(Some(KeyPrints { master, vapid }))
    }

    /// The latest instant that a process has proven at that writing works.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seen_at(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT seen_at FROM installation WHERE id = 1";
        Ok(self.0.connection().row::<Seen>(sql, Vec::new()).await?.map(|row| instant(row.seen_at)))
    }
}

impl Installation<'_, RegistryTx> {
    /// Notes by which keys the database is written, unless others were noted before. Gives what is noted then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_key_prints(&self, prints: &KeyPrints) -> Result<KeyPrints, StoreError> {
        let kept = "COALESCE(installation.master_print, $1), vapid_print = COALESCE(installation.vapid_print, $2)";
        self.write_key_prints(prints, kept).await?;
        Ok(self.key_prints().await?.unwrap_or_else(|| prints.clone()))
    }

    /// Notes that the database is written by other keys from now on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replace_key_prints(&self, prints: &KeyPrints) -> Result<(), StoreError> {
        self.write_key_prints(prints, "$1, vapid_print = $2").await
    }

    /// Takes this instant for the latest there was, whatever is stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn believe(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE installation SET seen_at = $1 WHERE id = 1";
        self.0.connection().run(sql, vec![millis(now).into()]).await.map(drop)
    }

    async fn write_key_prints(&self, prints: &KeyPrints, otherwise: &str) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO installation (id, master_print, vapid_print, proofs, ballast, seen_at, seen_by_database_at)
             VALUES (1, $1, $2, 0, $3, 0, 0) ON CONFLICT (id) DO UPDATE SET master_print = {otherwise}"
        );
        let values = vec![prints.master.clone().into(), prints.vapid.clone().into(), Vec::<u8>::new().into()];
        self.0.connection().run(&sql, values).await.map(drop)
    }
}
