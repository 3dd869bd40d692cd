//! Search: the words that public posts are found by. The posts that are public already are due for it; the worker sees to them.

use crate::tenant_table::{drop_tables, fence, in_every_village, policy, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [&str; 2] = [
    "CREATE UNIQUE INDEX search_word_post ON search_word (village_id, post_id, word)",
    "CREATE INDEX search_word_word ON search_word (village_id, word, post_id)",
];

/// State 1 is `published`, kind 20 is the work of making a village's posts be found. A village is its subject, and so its number.
const DUE: &str = "INSERT INTO due_work (village_id, id, kind, subject_id, urgency, due_at)
                   SELECT DISTINCT village_id, village_id, 20, village_id, 1, 0 FROM post WHERE state = 1";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = tenant_table("search_word")
            .col(ColumnDef::new("post_id").uuid().not_null())
            .col(ColumnDef::new("word").text().not_null())
            .foreign_key(&mut within_village("search_word", "post_id", "post", ForeignKeyAction::Cascade))
            .to_owned();
        manager.create_table(table).await?;
        // Ordered by bytes, as SQLite does, so that the words with one beginning stand together whatever the locale.
        policy(manager, "ALTER TABLE search_word ALTER COLUMN word TYPE text COLLATE \"C\"").await?;
        fence(manager, "search_word").await?;
        for index in INDEXES {
            sql(manager, index).await?;
        }
        in_every_village(manager, &[DUE]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        in_every_village(manager, &["DELETE FROM due_work WHERE kind = 20"]).await?;
        drop_tables(manager, &["search_word"]).await
    }
}
