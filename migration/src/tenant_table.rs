//! The shape every tenant table has: primary key `(village_id, id)`, the village as a foreign key, and on PostgreSQL a
//! row-level security policy that is FORCEd, so that it binds the table's owner too.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

/// The columns and keys that make a table a tenant table. Add the rest to what comes back.
pub fn tenant_table(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(ColumnDef::new("village_id").uuid().not_null())
        .col(ColumnDef::new("id").uuid().not_null())
        .primary_key(Index::create().col("village_id").col("id"))
        .foreign_key(ForeignKey::create().from(name, "village_id").to("village", "id"))
        .to_owned()
}

/// A foreign key from one tenant table to another: always within one village.
pub fn within_village(
    from: &'static str,
    column: &'static str,
    to: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(from, ("village_id", column)).to(to, ("village_id", "id")).on_delete(on_delete).to_owned()
}

/// Raises the fence of the database itself around `table`: rows are visible and writable only in the village that the
/// transaction has set as `dorf.village`. SQLite has nothing like it.
pub async fn fence(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    policy(
        manager,
        &format!(
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
             ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
             CREATE POLICY village_scope ON {table}
               USING (village_id = NULLIF(current_setting('dorf.village', true), '')::uuid)
               WITH CHECK (village_id = NULLIF(current_setting('dorf.village', true), '')::uuid);"
        ),
    )
    .await
}

/// Runs SQL that only PostgreSQL understands; nothing on SQLite.
pub async fn policy(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if connection.get_database_backend() == DbBackend::Postgres {
        connection.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// Runs SQL that both databases understand, such as a partial index.
pub async fn sql(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}

/// Drops tables, the last created first.
pub async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).to_owned()).await?;
    }
    Ok(())
}
