//! Posts are found by parts of words and by dates as well. Those that are public are found as before until the worker has seen to them.

use crate::tenant_table::in_every_village;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// State 1 is `published`, kind 20 is the work of making a village's posts be found. A village is its subject, and so its number.
const DUE: &str = "INSERT INTO due_work (village_id, id, kind, subject_id, urgency, due_at)
                   SELECT DISTINCT village_id, village_id, 20, village_id, 1, 0 FROM post WHERE state = 1
                   ON CONFLICT DO NOTHING";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        in_every_village(manager, &[DUE]).await
    }

    /// The program from before makes posts be found that have no words at all.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        in_every_village(manager, &["DELETE FROM search_word", DUE]).await
    }
}
