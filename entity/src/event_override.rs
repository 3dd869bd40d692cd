//! What is different at single dates of an event that recurs (RECURRENCE-ID of RFC 5545), and what is to be said about the only date of
//! one that does not.

use crate::error::StoreError;
use crate::ids::PostId;
use crate::occurrence::OccurrenceState;
use crate::post::Post;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::{Sql, placeholders};
use chrono::NaiveDateTime;
use sea_orm::{FromQueryResult, Value};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

pub(crate) mod row {
    use crate::occurrence::OccurrenceState;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "event_override")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub recurrence_local: DateTime,
        pub state: OccurrenceState,
        pub starts_local: Option<DateTime>,
        pub ends_local: Option<DateTime>,
        pub title: Option<String>,
        pub place: Option<String>,
        pub note: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows written by one statement.
const AT_ONCE: usize = 500;

/// What is different at one date of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventOverride {
    /// The start that the date has by the rule: which date it is, whatever becomes of it.
    pub recurrence_local: NaiveDateTime,
    /// Whether it is cancelled or only changed.
    pub state: OccurrenceState,
    /// Another start.
    #[serde(default)]
    pub starts_local: Option<NaiveDateTime>,
    /// Another end; where only the start is another, it lasts as long as usual.
    #[serde(default)]
    pub ends_local: Option<NaiveDateTime>,
    /// Another title.
    #[serde(default)]
    pub title: Option<String>,
    /// Another place.
    #[serde(default)]
    pub place: Option<String>,
    /// What is to be said about it, such as why it is cancelled.
    #[serde(default)]
    pub note: Option<String>,
}

/// Gives events what is different at their dates, all in one query.
pub(crate) async fn fill<S: InVillage>(scope: &S, posts: &mut [Post]) -> Result<(), StoreError> {
    let events: Vec<PostId> = posts.iter().filter(|post| post.event.is_some()).map(|post| post.id).collect();
    if events.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT * FROM event_override WHERE village_id = $1 AND post_id IN ({}) ORDER BY post_id, recurrence_local",
        placeholders(2, events.len())
    );
    let mut values: Vec<Value> = vec![scope.village_id().into()];
    values.extend(events.into_iter().map(Value::from));
    let mut of_post: HashMap<Uuid, Vec<EventOverride>> = HashMap::new();
    for row in scope.connection().rows::<Row>(&sql, values).await? {
        of_post.entry(row.post_id).or_default().push(row.into());
    }
    for post in posts {
        if let (Some(event), Some(overrides)) = (&mut post.event, of_post.remove(&post.id.0)) {
            event.overrides = overrides;
        }
    }
    Ok(())
}

/// Makes these all that is different at dates of a post's event.
pub(crate) async fn set(tx: &VillageTx, post: PostId, overrides: &[EventOverride]) -> Result<(), StoreError> {
    let sql = "DELETE FROM event_override WHERE village_id = $1 AND post_id = $2";
    tx.connection().run(sql, vec![tx.village_id().into(), post.into()]).await?;
    for some in overrides.chunks(AT_ONCE) {
        let mut values: Vec<Value> = vec![tx.village_id().into(), post.into()];
        let mut rows = Vec::with_capacity(some.len());
        for one in some {
            rows.push(format!("($1, $2, {})", placeholders(values.len() + 1, 8)));
            values.extend([
                Uuid::now_v7().into(),
                one.recurrence_local.into(),
                (one.state as i16).into(),
                one.starts_local.into(),
                one.ends_local.into(),
                one.title.clone().into(),
                one.place.clone().into(),
                one.note.clone().into(),
            ]);
        }
        let sql = format!(
            "INSERT INTO event_override
               (village_id, post_id, id, recurrence_local, state, starts_local, ends_local, title, place, note)
             VALUES {}",
            rows.join(", ")
        );
        tx.connection().run(&sql, values).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    post_id: Uuid,
    recurrence_local: NaiveDateTime,
    state: OccurrenceState,
    starts_local: Option<NaiveDateTime>,
    ends_local: Option<NaiveDateTime>,
    title: Option<String>,
    place: Option<String>,
    note: Option<String>,
}

impl From<Row> for EventOverride {
    fn from(row: Row) -> Self {
        Self {
            recurrence_local: row.recurrence_local,
            state: row.state,
            starts_local: row.starts_local,
            ends_local: row.ends_local,
            title: row.title,
            place: row.place,
            note: row.note,
        }
    }
}
