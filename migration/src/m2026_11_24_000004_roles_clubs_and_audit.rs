//! Roles of every kind (of a municipality, of clubs, for a time), the right to send alerts, clubs, and the audit log.

use crate::tenant_table::{add_reference, drop_reference, drop_tables, fence, policy, sql, tenant_table};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [municipality_role(), club(), alert_right(), audit_entry(), audit_head()] {
            manager.create_table(table).await?;
        }
        for table in ["club", "alert_right", "audit_entry", "audit_head"] {
            fence(manager, table).await?;
        }
        add_reference(manager, "role", "club_id", "club").await?;
        add_reference(manager, "post", "club_id", "club").await?;
        add_reference(manager, "follow", "club_id", "club").await?;
        for column in ["starts_at", "ends_at"] {
            let column = ColumnDef::new(column).big_integer().to_owned();
            manager.alter_table(Table::alter().table("role").add_column(column).to_owned()).await?;
        }
        for statement in [
            "DROP INDEX role_account",
            "CREATE UNIQUE INDEX role_in_village ON role (village_id, account_id, kind) WHERE club_id IS NULL",
            "CREATE UNIQUE INDEX role_in_club ON role (village_id, account_id, club_id) WHERE club_id IS NOT NULL",
            "CREATE INDEX role_club ON role (village_id, club_id)",
            "CREATE INDEX post_club ON post (village_id, club_id, published_at, id)",
            "CREATE INDEX follow_club ON follow (village_id, club_id)",
            "CREATE UNIQUE INDEX municipality_role_account ON municipality_role (municipality_id, account_id)",
            "CREATE INDEX municipality_role_of_account ON municipality_role (account_id)",
            "CREATE UNIQUE INDEX club_slug ON club (village_id, slug)",
            "CREATE INDEX club_name ON club (village_id, state, name, id)",
            "CREATE UNIQUE INDEX alert_right_account ON alert_right (village_id, account_id)",
            "CREATE UNIQUE INDEX audit_entry_number ON audit_entry (village_id, number)",
            "CREATE INDEX audit_entry_subject ON audit_entry (village_id, subject_id, number)",
            "CREATE INDEX audit_entry_account ON audit_entry (village_id, account_id, number)",
        ] {
            sql(manager, statement).await?;
        }
        append_only(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "DROP INDEX follow_club",
            "DROP INDEX post_club",
            "DROP INDEX role_club",
            "DROP INDEX role_in_club",
            "DROP INDEX role_in_village",
            "DELETE FROM role WHERE kind > 1",
            "CREATE UNIQUE INDEX role_account ON role (village_id, account_id)",
            "ALTER TABLE role DROP COLUMN ends_at",
            "ALTER TABLE role DROP COLUMN starts_at",
        ] {
            sql(manager, statement).await?;
        }
        for table in ["follow", "post", "role"] {
            drop_reference(manager, table, "club_id").await?;
        }
        drop_tables(manager, &["audit_head", "audit_entry", "alert_right", "club", "municipality_role"]).await?;
        policy(manager, "DROP FUNCTION audit_entry_is_append_only()").await
    }
}

/// The database itself refuses to change or remove what was written down.
async fn append_only(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_connection().get_database_backend() == DbBackend::Sqlite {
        for event in ["UPDATE", "DELETE"] {
            let trigger = format!(
                "CREATE TRIGGER audit_entry_no_{event} BEFORE {event} ON audit_entry
                   BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
            );
            sql(manager, &trigger).await?;
        }
        return Ok(());
    }
    policy(
        manager,
        "CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
         CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
           FOR EACH ROW EXECUTE FUNCTION audit_entry_is_append_only();",
    )
    .await
}

fn municipality_role() -> TableCreateStatement {
    Table::create()
        .table("municipality_role")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("municipality_id").uuid().not_null())
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(ForeignKey::create().from("municipality_role", "municipality_id").to("municipality", "id"))
        .foreign_key(ForeignKey::create().from("municipality_role", "account_id").to("account", "id"))
        .to_owned()
}

fn club() -> TableCreateStatement {
    tenant_table("club")
        .col(ColumnDef::new("slug").string().not_null())
        .col(ColumnDef::new("name").string().not_null())
        .col(ColumnDef::new("state").small_integer().not_null())
        .col(ColumnDef::new("trust").small_integer().not_null())
        .col(ColumnDef::new("category").small_integer().not_null())
        .col(ColumnDef::new("description_markdown").text().not_null())
        .col(ColumnDef::new("description_html").text().not_null())
        .col(ColumnDef::new("meeting_times").text().not_null())
        .col(ColumnDef::new("contact_name").string().not_null())
        .col(ColumnDef::new("contact_email").string().not_null())
        .col(ColumnDef::new("contact_phone").string().not_null())
        .col(ColumnDef::new("website").string().not_null())
        .col(ColumnDef::new("decision").text().not_null())
        .col(ColumnDef::new("version").integer().not_null())
        .col(ColumnDef::new("confirmed_at").big_integer())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .to_owned()
}

fn alert_right() -> TableCreateStatement {
    tenant_table("alert_right")
        .col(ColumnDef::new("account_id").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .foreign_key(ForeignKey::create().from("alert_right", "account_id").to("account", "id"))
        .to_owned()
}

fn audit_entry() -> TableCreateStatement {
    tenant_table("audit_entry")
        .col(ColumnDef::new("number").big_integer().not_null())
        .col(ColumnDef::new("at").big_integer().not_null())
        .col(ColumnDef::new("account_id").uuid())
        .col(ColumnDef::new("action").string().not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("from_version").integer())
        .col(ColumnDef::new("to_version").integer())
        .col(ColumnDef::new("detail").text().not_null())
        .col(ColumnDef::new("chain").blob().not_null())
        .to_owned()
}

fn audit_head() -> TableCreateStatement {
    tenant_table("audit_head")
        .col(ColumnDef::new("number").big_integer().not_null())
        .col(ColumnDef::new("chain").blob().not_null())
        .col(ColumnDef::new("seal").blob().not_null())
        .to_owned()
}
