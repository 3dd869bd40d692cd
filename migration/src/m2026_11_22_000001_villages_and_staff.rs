//! Municipalities, villages (the tenants), topics, and the staff: accounts, sessions, roles.

use crate::tenant_table::{drop_tables, fence, policy, sql, tenant_table};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [municipality(), village(), account(), session(), throttle(), operator_idempotency_key()] {
            manager.create_table(table).await?;
        }
        for table in [topic(), role(), idempotency_key()] {
            manager.create_table(table).await?;
        }
        for table in ["topic", "role", "idempotency_key"] {
            fence(manager, table).await?;
        }
        // An account may see where it has roles, in whatever village, and nothing else of those villages.
        policy(
            manager,
            "CREATE POLICY own_roles ON role FOR SELECT
               USING (account_id = NULLIF(current_setting('dorf.account', true), '')::uuid)",
        )
        .await?;
        for index in [
            "CREATE INDEX session_account ON session (account_id)",
            "CREATE INDEX session_expiry ON session (expires_at)",
            "CREATE INDEX village_name ON village (name, id)",
            "CREATE UNIQUE INDEX topic_slug ON topic (village_id, slug)",
            "CREATE UNIQUE INDEX role_account ON role (village_id, account_id)",
            "CREATE INDEX role_of_account ON role (account_id)",
            "CREATE UNIQUE INDEX idempotency_key_use ON idempotency_key (village_id, account_id, key_hash)",
            "CREATE INDEX idempotency_key_age ON idempotency_key (village_id, created_at)",
            "CREATE UNIQUE INDEX operator_idempotency_key_use ON operator_idempotency_key (account_id, key_hash)",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "idempotency_key",
                "role",
                "topic",
                "operator_idempotency_key",
                "throttle",
                "session",
                "account",
                "village",
                "municipality",
            ],
        )
        .await
    }
}

fn municipality() -> TableCreateStatement {
    Table::create()
        .table("municipality")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("name").string().not_null())
        .col(ColumnDef::new("ags").string().not_null().unique_key())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .to_owned()
}

fn village() -> TableCreateStatement {
    Table::create()
        .table("village")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("municipality_id").uuid().not_null())
        .col(ColumnDef::new("slug").string().not_null().unique_key())
        .col(ColumnDef::new("name").string().not_null())
        .col(ColumnDef::new("ags").string().not_null())
        .col(ColumnDef::new("zone").string().not_null())
        .col(ColumnDef::new("language").string().not_null())
        .col(ColumnDef::new("latitude").double())
        .col(ColumnDef::new("longitude").double())
        .col(ColumnDef::new("sender_name").string().not_null())
        .col(ColumnDef::new("sender_address").string().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(ForeignKey::create().from("village", "municipality_id").to("municipality", "id"))
        .to_owned()
}

fn account() -> TableCreateStatement {
    Table::create()
        .table("account")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("email").string().not_null().unique_key())
        .col(ColumnDef::new("name").string().not_null())
        .col(ColumnDef::new("password_hash").string().not_null())
        .col(ColumnDef::new("operator").boolean().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .to_owned()
}

fn session() -> TableCreateStatement {
    Table::create()
        .table("session")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("token_hash").blob().not_null().unique_key())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .foreign_key(
            ForeignKey::create().from("session", "account_id").to("account", "id").on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn throttle() -> TableCreateStatement {
    Table::create()
        .table("throttle")
        .col(ColumnDef::new("id").blob().not_null().primary_key())
        .col(ColumnDef::new("window_ends_at").big_integer().not_null())
        .col(ColumnDef::new("hits").integer().not_null())
        .to_owned()
}

fn topic() -> TableCreateStatement {
    tenant_table("topic")
        .col(ColumnDef::new("slug").string().not_null())
        .col(ColumnDef::new("name").string().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .to_owned()
}

fn role() -> TableCreateStatement {
    tenant_table("role")
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(ForeignKey::create().from("role", "account_id").to("account", "id"))
        .to_owned()
}

fn idempotency_key() -> TableCreateStatement {
    let mut table = tenant_table("idempotency_key");
    answered_request(&mut table, "idempotency_key");
    table
}

fn operator_idempotency_key() -> TableCreateStatement {
    let mut table = Table::create();
    table.table("operator_idempotency_key").col(ColumnDef::new("id").uuid().not_null().primary_key());
    answered_request(&mut table, "operator_idempotency_key");
    table
}

/// What is remembered of a request that carried an `Idempotency-Key`, and of its answer.
fn answered_request(table: &mut TableCreateStatement, name: &'static str) {
    table
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("key_hash").blob().not_null())
        .col(ColumnDef::new("request_hash").blob().not_null())
        .col(ColumnDef::new("status").small_integer())
        .col(ColumnDef::new("etag").string())
        .col(ColumnDef::new("location").string())
        .col(ColumnDef::new("body").text())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(ForeignKey::create().from(name, "account_id").to("account", "id"));
}
