//! Audience: who is told of a post. Counting before it goes out and planning when it does ask the same question.

use crate::delivery::Deliveries;
use crate::error::StoreError;
use crate::instant::{instant, millis};
use crate::post::{Post, PostDelivery, PostKind};
use crate::scope::InVillage;
use crate::sql::Sql;
use crate::subscription::{Channel, Subscriptions};
use chrono::{DateTime, Utc};
use sea_orm::{FromQueryResult, Value};

#[derive(FromQueryResult)]
struct Reached {
    channel: Channel,
    n: i64,
}

/// Which subscriptions `s` are told of a post that comes out `then`: the one place that says so, for counting before and for
/// planning. An alert reaches all that have not said no to alerts, on every channel; any other post those that follow it.
/// Whoever joined since then has not missed anything: the post was there to read. Adds its values to those of the statement.
pub(crate) fn reached_by(post: &Post, then: DateTime<Utc>, values: &mut Vec<Value>) -> String {
    if post.kind == PostKind::Alert && post.delivery != PostDelivery::Silent {
        values.push(millis(then).into());
        return format!("s.state = 1 AND s.confirmed_at <= ${} AND s.alerts", values.len());
    }
    let first = values.len() + 1;
    values.extend([
        post.topic.map(|topic| topic.0).into(),
        (post.kind as i16).into(),
        post.club.map(|club| club.0).into(),
        millis(then).into(),
    ]);
    let follows = format!(
        "s.state = 1 AND s.confirmed_at <= ${} AND EXISTS (
           SELECT 1 FROM follow f WHERE f.village_id = s.village_id AND f.subscription_id = s.id
             AND (f.topic_id IS NULL OR f.topic_id = ${first}) AND (f.kind IS NULL OR f.kind = ${})
             AND (f.club_id IS NULL OR f.club_id = ${}))",
        first + 3,
        first + 1,
        first + 2
    );
    match post.delivery {
        PostDelivery::Silent => format!("{follows} AND 1 = 0"),
        PostDelivery::Push => format!("{follows} AND s.channel = {}", Channel::WebPush as i16),
        PostDelivery::PushAndMail | PostDelivery::Urgent => follows,
    }
}

#[derive(FromQueryResult)]
struct Joined {
    last: Option<i64>,
}

impl<S: InVillage> Subscriptions<'_, S> {
    /// When the last subscription here was confirmed, if any was.
    pub(crate) async fn last_joined(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT MAX(confirmed_at) AS last FROM subscription WHERE village_id = $1";
        let row = self.0.connection().row::<Joined>(sql, vec![self.0.village_id().into()]).await?;
        Ok(row.and_then(|row| row.last).map(instant))
    }
}

impl<S: InVillage> Deliveries<'_, S> {
    /// How many subscriptions would be told of a post if it went out now, by channel. Channels that nobody is reached on are
    /// absent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audience(&self, post: &Post, now: DateTime<Utc>) -> Result<Vec<(Channel, i64)>, StoreError> {
        let mut values: Vec<Value> = vec![self.0.village_id().into()];
        let reached = reached_by(post, now, &mut values);
        let sql = format!(
            "SELECT s.channel, COUNT(*) AS n FROM subscription s WHERE s.village_id = $1 AND {reached}
             GROUP BY s.channel ORDER BY s.channel"
        );
        let rows = self.0.connection().rows::<Reached>(&sql, values).await?;
        Ok(rows.into_iter().map(|row| (row.channel, row.n)).collect())
    }
}
