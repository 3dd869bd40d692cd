//! What a subscription asks for, by the names that its village uses: for its owner to read before agreeing to it.

use super::Subscriptions;
use crate::error::StoreError;
use crate::ids::SubscriptionId;
use crate::post::PostKind;
use crate::scope::InVillage;
use crate::sql::{Count, Sql};
use sea_orm::FromQueryResult;

/// What a subscription asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedFor {
    /// What it follows; each adds up.
    pub follows: Vec<Followed>,
    /// Whether it is told of alerts.
    pub alerts: bool,
    /// The waste districts that it is reminded of.
    pub districts: Vec<String>,
    /// Whether it is reminded of dates of events.
    pub reminds_of_events: bool,
    /// Whether confirming it ends another one of the same mailbox.
    pub replaces: bool,
}

/// Posts about a topic, of a kind and by a club, each meaning any when absent.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Followed {
    /// The name of the topic.
    pub topic: Option<String>,
    /// The kind.
    pub kind: Option<PostKind>,
    /// The name of the club.
    pub club: Option<String>,
}

#[derive(FromQueryResult)]
struct Name {
    name: String,
}

impl<S: InVillage> Subscriptions<'_, S> {
    /// What a subscription asks for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn asked_for(&self, id: SubscriptionId) -> Result<AskedFor, StoreError> {
        let (connection, of) = (self.0.connection(), || vec![self.0.village_id().into(), id.into()]);
        let sql = "SELECT t.name AS topic, f.kind, c.name AS club FROM follow f
                   LEFT JOIN topic t ON t.village_id = f.village_id AND t.id = f.topic_id
                   LEFT JOIN club c ON c.village_id = f.village_id AND c.id = f.club_id
                   WHERE f.village_id = $1 AND f.subscription_id = $2 ORDER BY f.id";
        let follows = connection.rows::<Followed>(sql, of()).await?;
        let sql = "SELECT d.name FROM waste_follow f
                   JOIN waste_district d ON d.village_id = f.village_id AND d.id = f.district_id
                   WHERE f.village_id = $1 AND f.subscription_id = $2 ORDER BY d.name";
        let districts = connection.rows::<Name>(sql, of()).await?.into_iter().map(|row| row.name).collect();
        let sql = "SELECT COUNT(*) AS n FROM subscription WHERE village_id = $1 AND id = $2 AND alerts";
        let alerts = connection.row::<Count>(sql, of()).await?.is_some_and(|count| count.n > 0);
        let sql = "SELECT COUNT(*) AS n FROM subscription a JOIN subscription b
                     ON b.village_id = a.village_id AND b.mailbox_key = a.mailbox_key AND b.id <> a.id AND b.state = 1
                   WHERE a.village_id = $1 AND a.id = $2";
        let replaces = connection.row::<Count>(sql, of()).await?.is_some_and(|count| count.n > 0);
        let reminds_of_events = !self.reminder_leads(id).await?.is_empty();
        Ok(AskedFor { follows, alerts, districts, reminds_of_events, replaces })
    }
}
