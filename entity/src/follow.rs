//! Follows: what a subscription wants to be told of.

use crate::error::StoreError;
use crate::ids::{ClubId, SubscriptionId, TopicId};
use crate::post::PostKind;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use sea_orm::{EntityTrait, FromQueryResult, IntoActiveModel};
use uuid::Uuid;

pub(crate) mod row {
    use crate::post::PostKind;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "follow")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub subscription_id: Uuid,
        pub topic_id: Option<Uuid>,
        pub kind: Option<PostKind>,
        pub club_id: Option<Uuid>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// One thing followed: posts about `topic`, of `kind` and by `club`, each meaning "any" when absent. Several follows add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follow {
    /// Only about this topic.
    pub topic: Option<TopicId>,
    /// The slug of that topic; filled in when read, ignored when written.
    pub topic_slug: Option<String>,
    /// Only of this kind.
    pub kind: Option<PostKind>,
    /// Only by this club.
    pub club: Option<ClubId>,
    /// The slug of that club; filled in when read, ignored when written.
    pub club_slug: Option<String>,
}

#[derive(FromQueryResult)]
struct Joined {
    topic_id: Option<Uuid>,
    topic_slug: Option<String>,
    kind: Option<PostKind>,
    club_id: Option<Uuid>,
    club_slug: Option<String>,
}

/// What a subscription follows.
pub(crate) async fn of<S: InVillage>(scope: &S, subscription: SubscriptionId) -> Result<Vec<Follow>, StoreError> {
    let sql = "SELECT f.topic_id, t.slug AS topic_slug, f.kind, f.club_id, c.slug AS club_slug FROM follow f
               LEFT JOIN topic t ON t.village_id = f.village_id AND t.id = f.topic_id
               LEFT JOIN club c ON c.village_id = f.village_id AND c.id = f.club_id
               WHERE f.village_id = $1 AND f.subscription_id = $2 ORDER BY f.id";
    let values = vec![scope.village_id().into(), subscription.into()];
    let rows = scope.connection().rows::<Joined>(sql, values).await?;
    Ok(rows
        .into_iter()
        .map(|row| Follow {
            topic: row.topic_id.map(Into::into),
            topic_slug: row.topic_slug,
            kind: row.kind,
            club: row.club_id.map(Into::into),
            club_slug: row.club_slug,
        })
        .collect())
}

/// Makes `follows` all that a subscription follows.
pub(crate) async fn replace(
    tx: &VillageTx,
    subscription: SubscriptionId,
    follows: &[Follow],
) -> Result<(), StoreError> {
    forget(tx, subscription).await?;
    if follows.is_empty() {
        return Ok(());
    }
    let rows = follows.iter().map(|follow| {
        row::Model {
            village_id: tx.village_id().0,
            id: Uuid::now_v7(),
            subscription_id: subscription.0,
            topic_id: follow.topic.map(|topic| topic.0),
            kind: follow.kind,
            club_id: follow.club.map(|club| club.0),
        }
        .into_active_model()
    });
    row::Entity::insert_many(rows).exec_without_returning(tx.connection()).await?;
    Ok(())
}

/// Forgets all that a subscription follows.
async fn forget(tx: &VillageTx, subscription: SubscriptionId) -> Result<(), StoreError> {
    let sql = "DELETE FROM follow WHERE village_id = $1 AND subscription_id = $2";
    tx.connection().run(sql, vec![tx.village_id().into(), subscription.into()]).await.map(drop)
}
