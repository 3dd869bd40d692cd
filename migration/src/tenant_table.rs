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

/// Runs statements that change rows: on PostgreSQL village by village, since the fence shows only one at a time.
pub async fn in_every_village(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    if manager.get_connection().get_database_backend() == DbBackend::Sqlite {
        for statement in statements {
            sql(manager, statement).await?;
        }
        return Ok(());
    }
    let block = format!(
        "DO $$ DECLARE v uuid; BEGIN
           FOR v IN SELECT id FROM village LOOP
             PERFORM set_config('dorf.village', v::text, true);
             {};
           END LOOP;
           PERFORM set_config('dorf.village', '', true);
         END $$",
        statements.join("; ")
    );
    sql(manager, &block).await
}

/// Adds a column that refers to another tenant table, within one village. SQLite cannot add a composite foreign key to a table
/// that is there, and building such a table anew would delete what refers to it; triggers hold the same line there.
pub async fn add_reference(
    manager: &SchemaManager<'_>,
    from: &'static str,
    column: &'static str,
    to: &'static str,
) -> Result<(), DbErr> {
    sql(manager, &format!("ALTER TABLE {from} ADD COLUMN {column} {}", uuid_type(manager))).await?;
    if manager.get_connection().get_database_backend() == DbBackend::Postgres {
        let key = format!(
            "ALTER TABLE {from} ADD CONSTRAINT {from}_{column} FOREIGN KEY (village_id, {column}) REFERENCES {to} (village_id, id)"
        );
        return sql(manager, &key).await;
    }
    let missing = format!(
        "NEW.{column} IS NOT NULL AND NOT EXISTS
           (SELECT 1 FROM {to} t WHERE t.village_id = NEW.village_id AND t.id = NEW.{column})"
    );
    let refused = "BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END";
    for trigger in [
        format!("CREATE TRIGGER {from}_{column}_insert BEFORE INSERT ON {from} WHEN {missing} {refused}"),
        format!("CREATE TRIGGER {from}_{column}_update BEFORE UPDATE OF {column} ON {from} WHEN {missing} {refused}"),
        format!(
            "CREATE TRIGGER {from}_{column}_delete BEFORE DELETE ON {to}
               WHEN EXISTS (SELECT 1 FROM {from} f WHERE f.village_id = OLD.village_id AND f.{column} = OLD.id) {refused}"
        ),
    ] {
        sql(manager, &trigger).await?;
    }
    Ok(())
}

/// Takes back [`add_reference`].
pub async fn drop_reference(
    manager: &SchemaManager<'_>,
    from: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    if manager.get_connection().get_database_backend() == DbBackend::Sqlite {
        for event in ["insert", "update", "delete"] {
            sql(manager, &format!("DROP TRIGGER {from}_{column}_{event}")).await?;
        }
    }
    sql(manager, &format!("ALTER TABLE {from} DROP COLUMN {column}")).await
}

/// How the database spells the type of an identifier.
fn uuid_type(manager: &SchemaManager<'_>) -> &'static str {
    if manager.get_connection().get_database_backend() == DbBackend::Postgres { "uuid" } else { "uuid_text" }
}

/// Drops tables, the last created first.
pub async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).to_owned()).await?;
    }
    Ok(())
}
