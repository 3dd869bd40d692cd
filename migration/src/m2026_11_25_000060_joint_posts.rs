//! Joint posts: one text for several villages of a municipality, the copy in each village, and who has been told of it once.

use crate::tenant_table::{drop_tables, in_every_village, sql};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [joint_post(), joint_claim()] {
            manager.create_table(table).await?;
        }
        for (table, column) in [
            ("post", ColumnDef::new("joint_post_id").uuid().to_owned()),
            ("post", ColumnDef::new("joint_version").integer().to_owned()),
            ("notification", ColumnDef::new("joint_version").integer().to_owned()),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        for index in [
            "CREATE INDEX joint_post_municipality ON joint_post (municipality_id, id)",
            "CREATE UNIQUE INDEX joint_claim_recipient ON joint_claim (recipient)",
            "CREATE INDEX joint_claim_delivery ON joint_claim (delivery_id)",
            "CREATE INDEX joint_claim_created ON joint_claim (created_at)",
            "CREATE UNIQUE INDEX post_joint ON post (village_id, joint_post_id) WHERE joint_post_id IS NOT NULL",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Kind 21 is the following of a joint post. State 8 is hidden, which becomes withdrawn; reason 16 is told elsewhere.
        in_every_village(
            manager,
            &[
                "DELETE FROM due_work WHERE kind = 21",
                "UPDATE post SET state = 2 WHERE state = 8",
                "UPDATE delivery SET reason = 0 WHERE reason = 16",
                "UPDATE delivery_count SET reason = 0 WHERE reason = 16 AND NOT EXISTS (
                   SELECT 1 FROM delivery_count o WHERE o.village_id = delivery_count.village_id
                     AND o.notification_id = delivery_count.notification_id AND o.channel = delivery_count.channel
                     AND o.state = delivery_count.state AND o.reason = 0)",
                "DELETE FROM delivery_count WHERE reason = 16",
            ],
        )
        .await?;
        for statement in [
            "DROP INDEX post_joint",
            "ALTER TABLE notification DROP COLUMN joint_version",
            "ALTER TABLE post DROP COLUMN joint_version",
            "ALTER TABLE post DROP COLUMN joint_post_id",
        ] {
            sql(manager, statement).await?;
        }
        drop_tables(manager, &["joint_claim", "joint_post"]).await
    }
}

fn joint_post() -> TableCreateStatement {
    Table::create()
        .table("joint_post")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("municipality_id").uuid().not_null())
        .col(ColumnDef::new("author_id").uuid().not_null())
        .col(ColumnDef::new("changed_by").uuid().not_null())
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("content").text().not_null())
        .col(ColumnDef::new("villages").text().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("told_version").integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("updated_at").big_integer().not_null())
        .col(ColumnDef::new("published_at").big_integer())
        .col(ColumnDef::new("withdrawn_at").big_integer())
        .foreign_key(ForeignKey::create().from("joint_post", "municipality_id").to("municipality", "id"))
        .to_owned()
}

fn joint_claim() -> TableCreateStatement {
    Table::create()
        .table("joint_claim")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("recipient").blob().not_null())
        .col(ColumnDef::new("delivery_id").uuid().not_null())
        .col(ColumnDef::new("told").boolean().not_null())
        .col(ColumnDef::new("held_until").big_integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .to_owned()
}
