//! The tables as the entities see them, for the test that proves that migrations and entities agree. Nothing creates a
//! database from this.

use sea_orm::sea_query::{PostgresQueryBuilder, SqliteQueryBuilder};
use sea_orm::{DbBackend, EntityName, EntityTrait, Schema};

/// A table as an entity describes it.
pub struct TableSchema {
    /// Its name.
    pub name: String,
    /// The statement that would create its columns and primary key.
    pub create: String,
}

/// All tables, in SQLite's dialect or PostgreSQL's.
pub fn tables(postgres: bool) -> Vec<TableSchema> {
    let mut tables = of_the_installation(postgres);
    tables.extend(of_villages(postgres));
    tables
}

fn of_the_installation(postgres: bool) -> Vec<TableSchema> {
    vec![
        table(postgres, crate::installation::row::Entity),
        table(postgres, crate::municipality::row::Entity),
        table(postgres, crate::village::row::Entity),
        table(postgres, crate::account::row::Entity),
        table(postgres, crate::account_link::row::Entity),
        table(postgres, crate::account_mail::row::Entity),
        table(postgres, crate::second_factor::row::Entity),
        table(postgres, crate::second_factor::recovery_code::Entity),
        table(postgres, crate::session::row::Entity),
        table(postgres, crate::throttle::row::Entity),
        table(postgres, crate::operator_idempotency_key::row::Entity),
        table(postgres, crate::municipality_role::row::Entity),
        table(postgres, crate::municipality_invitation::row::Entity),
        table(postgres, crate::ended_invitation::row::Entity),
        table(postgres, crate::joint_post::row::Entity),
        table(postgres, crate::joint_claim::row::Entity),
    ]
}

fn of_villages(postgres: bool) -> Vec<TableSchema> {
    vec![
        table(postgres, crate::school_holiday::row::Entity),
        table(postgres, crate::second_factor_rule::row::Entity),
        table(postgres, crate::api_key::row::Entity),
        table(postgres, crate::club::row::Entity),
        table(postgres, crate::club_application::row::Entity),
        table(postgres, crate::club_invitation::row::Entity),
        table(postgres, crate::club_letter::row::Entity),
        table(postgres, crate::alert_right::row::Entity),
        table(postgres, crate::audit_entry::row::Entity),
        table(postgres, crate::audit_entry::head::Entity),
        table(postgres, crate::topic::row::Entity),
        table(postgres, crate::role::row::Entity),
        table(postgres, crate::staff_invitation::row::Entity),
        table(postgres, crate::idempotency_key::row::Entity),
        table(postgres, crate::post::row::Entity),
        table(postgres, crate::post_version::row::Entity),
        table(postgres, crate::post_revision::row::Entity),
        table(postgres, crate::post_revision::media_row::Entity),
        table(postgres, crate::post_comment::row::Entity),
        table(postgres, crate::post_template::row::Entity),
        table(postgres, crate::search_word::row::Entity),
        table(postgres, crate::stream_event::row::Entity),
        table(postgres, crate::stream_event::head::Entity),
        table(postgres, crate::event::row::Entity),
        table(postgres, crate::event_override::row::Entity),
        table(postgres, crate::occurrence::row::Entity),
        table(postgres, crate::continuation::row::Entity),
        table(postgres, crate::reminder_lead::row::Entity),
        table(postgres, crate::event_reminder::row::Entity),
        table(postgres, crate::event_change::row::Entity),
        table(postgres, crate::media::row::Entity),
        table(postgres, crate::post_media::row::Entity),
        table(postgres, crate::subscription::row::Entity),
        table(postgres, crate::follow::row::Entity),
        table(postgres, crate::notification::row::Entity),
        table(postgres, crate::delivery::row::Entity),
        table(postgres, crate::delivery_count::row::Entity),
        table(postgres, crate::due_work::row::Entity),
        table(postgres, crate::consent::row::Entity),
        table(postgres, crate::report::row::Entity),
        table(postgres, crate::waste_district::row::Entity),
        table(postgres, crate::waste_kind::row::Entity),
        table(postgres, crate::waste_date::row::Entity),
        table(postgres, crate::waste_import::row::Entity),
        table(postgres, crate::waste_follow::row::Entity),
        table(postgres, crate::waste_reminder::row::Entity),
        table(postgres, crate::waste_source::row::Entity),
        table(postgres, crate::event_calendar::row::Entity),
        table(postgres, crate::event_item::row::Entity),
        table(postgres, crate::event_import::row::Entity),
        table(postgres, crate::event_import::line_row::Entity),
    ]
}

fn table<E: EntityTrait + EntityName>(postgres: bool, entity: E) -> TableSchema {
    let backend = if postgres { DbBackend::Postgres } else { DbBackend::Sqlite };
    let statement = Schema::new(backend).create_table_from_entity(entity);
    let create =
        if postgres { statement.to_string(PostgresQueryBuilder) } else { statement.to_string(SqliteQueryBuilder) };
    TableSchema { name: entity.table_name().to_owned(), create }
}
