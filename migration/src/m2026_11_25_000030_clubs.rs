//! Clubs on their own feet: logos, applications, invitations, the yearly question, and the letters about all that.

use crate::tenant_table::{add_reference, drop_reference, drop_tables, fence, sql, tenant_table, within_village};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 3] = ["club_application", "club_invitation", "club_letter"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [application(), invitation(), letter()] {
            manager.create_table(table).await?;
        }
        for table in TABLES {
            fence(manager, table).await?;
        }
        add_reference(manager, "club", "logo_id", "media").await?;
        let asked_at = ColumnDef::new("asked_at").big_integer().to_owned();
        manager.alter_table(Table::alter().table("club").add_column(asked_at).to_owned()).await?;
        for index in [
            "CREATE INDEX club_logo ON club (village_id, logo_id) WHERE logo_id IS NOT NULL",
            "CREATE INDEX club_application_age ON club_application (village_id, expires_at)",
            "CREATE UNIQUE INDEX club_invitation_address ON club_invitation (village_id, club_id, email)",
            "CREATE INDEX club_invitation_age ON club_invitation (village_id, expires_at)",
            "CREATE INDEX club_letter_club ON club_letter (village_id, club_id)",
            "CREATE INDEX post_of_club_by_state ON post (village_id, club_id, state)",
        ] {
            sql(manager, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["post_of_club_by_state", "club_logo"] {
            sql(manager, &format!("DROP INDEX {index}")).await?;
        }
        sql(manager, "ALTER TABLE club DROP COLUMN asked_at").await?;
        drop_reference(manager, "club", "logo_id").await?;
        drop_tables(manager, &["club_letter", "club_invitation", "club_application"]).await
    }
}

/// Who asks for a club, until the mailbox is confirmed.
fn application() -> TableCreateStatement {
    tenant_table("club_application")
        .col(ColumnDef::new("name").string().not_null())
        .col(ColumnDef::new("category").small_integer().not_null())
        .col(ColumnDef::new("description_markdown").text().not_null())
        .col(ColumnDef::new("contact_name").string().not_null())
        .col(ColumnDef::new("contact_email").string().not_null())
        .col(ColumnDef::new("language").string().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .to_owned()
}

fn invitation() -> TableCreateStatement {
    tenant_table("club_invitation")
        .col(ColumnDef::new("club_id").uuid().not_null())
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("email").string().not_null())
        .col(ColumnDef::new("instead_of").uuid())
        .col(ColumnDef::new("invited_by").uuid().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .foreign_key(&mut within_village("club_invitation", "club_id", "club", ForeignKeyAction::Cascade))
        .foreign_key(ForeignKey::create().from("club_invitation", "invited_by").to("account", "id"))
        .foreign_key(ForeignKey::create().from("club_invitation", "instead_of").to("account", "id"))
        .to_owned()
}

fn letter() -> TableCreateStatement {
    tenant_table("club_letter")
        .col(ColumnDef::new("club_id").uuid())
        .col(ColumnDef::new("kind").small_integer().not_null())
        .col(ColumnDef::new("subject_id").uuid().not_null())
        .col(ColumnDef::new("recipient").string().not_null())
        .col(ColumnDef::new("language").string().not_null())
        .col(ColumnDef::new("club_name").string().not_null())
        .col(ColumnDef::new("note").text().not_null())
        .col(ColumnDef::new("attempts").integer().not_null())
        .col(ColumnDef::new("created_at").big_integer().not_null())
        .col(ColumnDef::new("expires_at").big_integer().not_null())
        .foreign_key(&mut within_village("club_letter", "club_id", "club", ForeignKeyAction::Cascade))
        .to_owned()
}
