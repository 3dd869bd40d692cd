//! Delivery counts: what stays of deliveries whose retention time is over.

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "delivery_count")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub notification_id: Uuid,
        pub channel: i16,
        pub state: i16,
        pub reason: i16,
        pub deliveries: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
