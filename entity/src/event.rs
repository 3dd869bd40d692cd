//! The dates of posts that are events: local date-times with their zone.

use crate::error::StoreError;
use crate::ids::PostId;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub starts_local: DateTime,
        pub ends_local: Option<DateTime>,
        pub zone: String,
        pub place: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// When and where an event is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDates {
    /// The wall clock at its start.
    pub starts_local: NaiveDateTime,
    /// The wall clock at its end, if it has a known one.
    pub ends_local: Option<NaiveDateTime>,
    /// The IANA zone of both.
    pub zone: String,
    /// Where it is, in words.
    pub place: Option<String>,
}

/// Makes `dates` the dates of a post.
pub(crate) async fn set(tx: &VillageTx, post: PostId, dates: &EventDates) -> Result<(), StoreError> {
    let sql = "INSERT INTO event (village_id, id, post_id, starts_local, ends_local, zone, place)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (village_id, post_id) DO UPDATE SET
                 starts_local = excluded.starts_local, ends_local = excluded.ends_local,
                 zone = excluded.zone, place = excluded.place";
    let values = vec![
        tx.village_id().into(),
        Uuid::now_v7().into(),
        post.into(),
        dates.starts_local.into(),
        dates.ends_local.into(),
        dates.zone.clone().into(),
        dates.place.clone().into(),
    ];
    tx.connection().run(sql, values).await.map(drop)
}
