//! Many dates at once: those that residents read, and those that somebody who plans wants to know of.

use super::{Columns, Occurrence, Occurrences};
use crate::error::StoreError;
use crate::event::EventStatus;
use crate::ids::{AccountId, ClubId, OccurrenceId, PostId, TopicId};
use crate::instant::{instant, millis};
use crate::post::PostState;
use crate::scope::InVillage;
use crate::sql::Sql;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

/// What lasts longer is found by when it ends; of everything else, what began longer ago is over.
const DAY: TimeDelta = TimeDelta::days(1);

/// What lasts longer than a day, as the index of these has it. Beside it stands `+o.starts_at`, so that SQLite does not take the
/// index of times instead.
const LONG: &str = "o.ends_at - o.starts_at > 86400000";

/// A place in a list of dates: the date that came last on the page before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OccurrencePlace {
    /// When that date begins.
    pub starts_at: DateTime<Utc>,
    /// Its identifier.
    pub id: OccurrenceId,
}

/// Which dates of public events to list, in time order.
#[derive(Clone, Debug)]
pub struct OccurrenceQuery {
    /// Not before this instant, unless under way at it.
    pub from: DateTime<Utc>,
    /// Before this instant.
    pub to: DateTime<Utc>,
    /// Only about this topic.
    pub topic: Option<TopicId>,
    /// Only of this club.
    pub club: Option<ClubId>,
    /// Only those after this place.
    pub after: Option<OccurrencePlace>,
    /// At most this many.
    pub limit: u64,
    /// What has expired by now does not show.
    pub now: DateTime<Utc>,
}

/// A date with what is to be known of its event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOccurrence {
    /// The date.
    pub occurrence: Occurrence,
    /// Its title.
    pub title: String,
    /// Where it is, in words.
    pub place: Option<String>,
    /// The zone of its times.
    pub zone: String,
    /// Whether it is about whole days.
    pub all_day: bool,
    /// Whether its event takes place.
    pub status: EventStatus,
    /// Where its post is in its life.
    pub post_state: PostState,
    /// From when on its post does not show any more.
    pub expires_at: Option<DateTime<Utc>>,
    /// Who first saved its post.
    pub author: AccountId,
    /// The club whose it is; `None` for the town hall.
    pub club: Option<ClubId>,
    /// The slug of that club.
    pub club_slug: Option<String>,
    /// The name of that club.
    pub club_name: Option<String>,
    /// The slug of what it is about.
    pub topic_slug: Option<String>,
}

#[derive(FromQueryResult)]
struct Listed {
    #[sea_orm(nested)]
    occurrence: Columns,
    post_title: String,
    event_place: Option<String>,
    zone: String,
    all_day: bool,
    event_status: EventStatus,
    post_state: PostState,
    expires_at: Option<i64>,
    author_id: Uuid,
    club_id: Option<Uuid>,
    club_slug: Option<String>,
    club_name: Option<String>,
    topic_slug: Option<String>,
}

const SELECT: &str =
    "SELECT o.*, p.title AS post_title, e.place AS event_place, e.zone, e.all_day, e.status AS event_status,
      p.state AS post_state, p.expires_at, p.author_id, p.club_id, c.slug AS club_slug, c.name AS club_name,
      t.slug AS topic_slug
    FROM occurrence o
    JOIN post p ON p.village_id = o.village_id AND p.id = o.post_id
    JOIN event e ON e.village_id = o.village_id AND e.post_id = o.post_id
    LEFT JOIN club c ON c.village_id = p.village_id AND c.id = p.club_id
    LEFT JOIN topic t ON t.village_id = p.village_id AND t.id = p.topic_id";

impl<S: InVillage> Occurrences<'_, S> {
    /// Dates of public events, in time order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn public(&self, query: &OccurrenceQuery) -> Result<Vec<ListedOccurrence>, StoreError> {
        let back = query.from.checked_sub_signed(DAY).unwrap_or(query.from);
        let mut values: Vec<Value> = vec![
            self.0.village_id().into(),
            millis(query.now).into(),
            millis(query.from).into(),
            millis(back).into(),
            millis(query.to).into(),
        ];
        let mut more = String::new();
        if let Some(topic) = query.topic {
            values.push(topic.into());
            more.push_str(&format!(" AND p.topic_id = ${}", values.len()));
        }
        if let Some(club) = query.club {
            values.push(club.into());
            more.push_str(&format!(" AND p.club_id = ${}", values.len()));
        }
        let (mut begins, mut lasts) = (String::new(), String::new());
        if let Some(after) = query.after {
            values.extend([millis(after.starts_at).into(), after.id.into()]);
            let place = format!("o.starts_at, o.id) > (${}, ${})", values.len() - 1, values.len());
            begins = format!(" AND ({place}");
            lasts = format!(" AND (+{place}");
        }
        values.push(i64::try_from(query.limit).unwrap_or(i64::MAX).into());
        let limit = values.len();
        let public = format!(
            "{SELECT} WHERE o.village_id = $1 AND p.state = 1 AND (p.expires_at IS NULL OR p.expires_at > $2){more}"
        );
        let sql = format!(
            "SELECT * FROM ({public}{begins} AND o.starts_at >= $4 AND o.starts_at < $5
               AND (o.starts_at >= $3 OR o.ends_at > $3) ORDER BY o.starts_at, o.id LIMIT ${limit}) AS begins
             UNION ALL
             SELECT * FROM ({public}{lasts} AND {LONG} AND o.ends_at > $3 AND +o.starts_at < $4) AS lasts
             ORDER BY starts_at, id LIMIT ${limit}"
        );
        self.listed(&sql, values).await
    }

    /// Dates of events that are public or on the way to it, and take place, that begin within any of these spans, or last for days
    /// and are under way: in time order, those of one post left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn planned(
        &self,
        spans: &[(DateTime<Utc>, DateTime<Utc>)],
        except: Option<PostId>,
        limit: u64,
    ) -> Result<Vec<ListedOccurrence>, StoreError> {
        if spans.is_empty() {
            return Ok(Vec::new());
        }
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let nobody = PostId(Uuid::nil());
        let mut values: Vec<Value> = vec![self.0.village_id().into(), except.unwrap_or(nobody).into(), limit.into()];
        let mut rows = Vec::with_capacity(spans.len());
        let first = spans.iter().map(|span| span.0).min().unwrap_or_default();
        values.push(millis(first).into());
        for (from, until) in spans {
            let at = values.len();
            rows.push(format!("(CAST(${} AS BIGINT), CAST(${} AS BIGINT))", at + 1, at + 2));
            values.extend([millis(*from).into(), millis(*until).into()]);
        }
        // States 2, 7 and 8 are withdrawn, expired and hidden, 2 of a date and of an event is cancelled, 3 of an event postponed.
        let planned = "o.village_id = $1 AND o.post_id <> $2 AND p.state NOT IN (2, 7, 8) AND o.state <> 2";
        let sql = format!(
            "WITH span (a, b) AS (VALUES {})
             SELECT * FROM (
               {SELECT} JOIN span ON o.starts_at >= span.a AND o.starts_at < span.b WHERE {planned}
               UNION {SELECT} JOIN span ON {LONG} AND o.ends_at > span.a AND +o.starts_at < span.a
                 WHERE {planned} AND o.ends_at > $4
             ) AS found ORDER BY starts_at, id LIMIT $3",
            rows.join(", ")
        );
        self.listed(&sql, values).await
    }

    async fn listed(&self, sql: &str, values: Vec<Value>) -> Result<Vec<ListedOccurrence>, StoreError> {
        Ok(self.0.connection().rows::<Listed>(sql, values).await?.into_iter().map(Into::into).collect())
    }
}

impl From<Listed> for ListedOccurrence {
    fn from(row: Listed) -> Self {
        let occurrence = Occurrence::from(row.occurrence);
        Self {
            title: occurrence.is.title.clone().unwrap_or(row.post_title),
            place: occurrence.is.place.clone().or(row.event_place),
            occurrence,
            zone: row.zone,
            all_day: row.all_day,
            status: row.event_status,
            post_state: row.post_state,
            expires_at: row.expires_at.map(instant),
            author: row.author_id.into(),
            club: row.club_id.map(Into::into),
            club_slug: row.club_slug,
            club_name: row.club_name,
            topic_slug: row.topic_slug,
        }
    }
}
