//! What residents agreed to and when, and what they report of posts.

use crate::tenant_table::{drop_tables, fence, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [consent(), report()] {
            manager.create_table(table).await?;
        }
        for table in ["consent", "report"] {
            fence(manager, table).await?;
        }
        for index in [
            "CREATE INDEX consent_subscription ON consent (village_id, subscription_id, id)",
            "CREATE INDEX report_queue ON report (village_id, state, id)",
            "CREATE INDEX report_post ON report (village_id, post_id, id)",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["report", "consent"]).await
    }
}

fn consent() -> TableCreateStatement {
    tenant_table("consent")
        .col(ColumnDef::new("subscription_id").uuid().not_null())
        .col(ColumnDef::new("act").small_integer().not_null())
        .col(ColumnDef::new("text_version").string().not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .foreign_key(&mut within_village("consent", "subscription_id", "subscription", ForeignKeyAction::Cascade))
        .to_owned()
}

fn report() -> TableCreateStatement {
    tenant_table("report")
        .col(ColumnDef::new("post_id").uuid().not_null())
        .col(ColumnDef::new("reason").small_integer().not_null())
        .col(ColumnDef::new("explanation").text().not_null())
        .col(ColumnDef::new("secret_hash").blob().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("decision").text().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("decided_at").big_integer())
        .foreign_key(&mut within_village("report", "post_id", "post", ForeignKeyAction::Cascade))
        .to_owned()
}
