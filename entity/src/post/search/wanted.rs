//! What a term is had by here and now: rows of words, posts of the clubs that are called so, and events of a day.

use super::Posts;
use crate::error::StoreError;
use crate::ids::ClubId;
use crate::scope::InVillage;
use crate::search_word::{self, SearchTerm, SearchTerms};
use crate::sql::{Count, Sql, placeholders};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sea_orm::{FromQueryResult, Value};
use std::collections::BTreeSet;
use uuid::Uuid;

/// One of the things to look for, as statements ask for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Rows that begin with one of these have it.
    pub prefixes: Vec<String>,
    /// So have these rows,
    pub words: Vec<String>,
    /// the posts of these clubs,
    pub clubs: Vec<ClubId>,
    /// and events with dates in these spans of days: the first, and the first that is not in it.
    pub days: Vec<(NaiveDate, NaiveDate)>,
}

/// A club, and what its name is found by.
pub(super) struct NamedClub {
    pub id: ClubId,
    pub rows: BTreeSet<String>,
}

#[derive(FromQueryResult)]
struct ClubName {
    id: Uuid,
    name: String,
}

impl<S: InVillage> Posts<'_, S> {
    /// What these terms are had by, each with how many posts have it, counted to one more than `most`.
    pub(super) async fn wanted(
        &self,
        terms: &SearchTerms,
        now: DateTime<Utc>,
        most: u64,
    ) -> Result<Vec<(Wanted, i64)>, StoreError> {
        let clubs = self.named_clubs().await?;
        let mut all = Vec::with_capacity(terms.len());
        for term in terms.iter() {
            let wanted = Wanted::of(term, &clubs, now);
            match self.count(&wanted, most).await? {
                0 => match self.meant(term, &clubs, most).await? {
                    Some(meant) => all.extend(meant),
                    None => all.push((wanted, 0)),
                },
                count => all.push((wanted, count)),
            }
        }
        Ok(all)
    }

    /// How many rows and posts have it, counted to one more than `most`.
    pub(super) async fn count(&self, wanted: &Wanted, most: u64) -> Result<i64, StoreError> {
        let mut values = vec![self.0.village_id().into()];
        let hits = wanted.hits(&mut values);
        let sql = format!("SELECT count(*) AS n FROM (SELECT 1 FROM ({hits}) h LIMIT {}) few", most + 1);
        Ok(self.0.connection().row::<Count>(&sql, values).await?.map_or(0, |count| count.n))
    }

    /// The clubs that take part: their posts are found by their names as they are now.
    async fn named_clubs(&self) -> Result<Vec<NamedClub>, StoreError> {
        let sql = "SELECT id, name FROM club WHERE village_id = $1 AND state = 1";
        let names = self.0.connection().rows::<ClubName>(sql, vec![self.0.village_id().into()]).await?;
        let named = |club: ClubName| NamedClub { id: club.id.into(), rows: search_word::found_by(&[&club.name]) };
        Ok(names.into_iter().map(named).collect())
    }
}

impl Wanted {
    /// A term, as it was typed.
    pub fn of(term: &SearchTerm, clubs: &[NamedClub], now: DateTime<Utc>) -> Self {
        let called_so = clubs.iter().filter(|club| term.is_in(&club.rows)).map(|club| club.id).collect();
        let days = term.date.map_or_else(Vec::new, |date| date.spans(now.date_naive()));
        Self { prefixes: term.prefixes.clone(), words: term.words.clone(), clubs: called_so, days }
    }

    /// The identifiers of the posts that have it, some of them more than once. Adds its values to those of the statement.
    pub fn hits(&self, values: &mut Vec<Value>) -> String {
        let mut from = Vec::new();
        let word =
            |condition: String| format!("SELECT w.post_id FROM search_word w WHERE w.village_id = $1 AND {condition}");
        from.extend(self.prefixes.iter().map(|prefix| word(range("w.word", prefix, values))));
        if !self.words.is_empty() {
            from.push(word(is_one_of("w.word", &self.words, values)));
        }
        if !self.clubs.is_empty() {
            let clubs = is_one_of("p.club_id", &self.clubs, values);
            // Only those that ever were public are in the order of the index.
            from.push(format!(
                "SELECT p.id AS post_id FROM post p WHERE p.village_id = $1 AND {clubs} AND p.state = 1"
            ));
        }
        let date = |days: String| format!("SELECT o.post_id FROM occurrence o WHERE o.village_id = $1 AND {days}");
        from.extend(self.days.iter().map(|days| date(within("o.starts_at", *days, values))));
        from.join(" UNION ALL ")
    }

    /// The condition that the post called `post` in the statement has it. Asked of one post after the other: `|| ''` and `+` keep a
    /// database without statistics from looking through all posts that have it instead, once for each.
    pub fn is_had_by(&self, post: &str, values: &mut Vec<Value>) -> String {
        let mut words: Vec<String> = self.prefixes.iter().map(|prefix| range("w.word || ''", prefix, values)).collect();
        if !self.words.is_empty() {
            words.push(is_one_of("w.word || ''", &self.words, values));
        }
        let mut ways = Vec::new();
        if !words.is_empty() {
            let words = words.join(" OR ");
            ways.push(format!(
                "(SELECT 1 FROM search_word w WHERE w.village_id = $1 AND w.post_id = {post}.id AND ({words}) LIMIT 1) IS NOT NULL"
            ));
        }
        if !self.clubs.is_empty() {
            ways.push(is_one_of(&format!("{post}.club_id"), &self.clubs, values));
        }
        let days: Vec<String> = self.days.iter().map(|days| within("+o.starts_at", *days, values)).collect();
        if !days.is_empty() {
            let days = days.join(" OR ");
            ways.push(format!(
                "(SELECT 1 FROM occurrence o WHERE o.village_id = $1 AND o.post_id = {post}.id AND ({days}) LIMIT 1) IS NOT NULL"
            ));
        }
        format!("({})", ways.join(" OR "))
    }
}

/// Words are ordered by their bytes, and none has the last character there is.
fn range(word: &str, prefix: &str, values: &mut Vec<Value>) -> String {
    values.push(prefix.into());
    values.push(format!("{prefix}\u{10ffff}").into());
    format!("({word} >= ${} AND {word} < ${})", values.len() - 1, values.len())
}

fn is_one_of<T: Clone + Into<Value>>(column: &str, these: &[T], values: &mut Vec<Value>) -> String {
    let places = placeholders(values.len() + 1, these.len());
    values.extend(these.iter().cloned().map(Into::into));
    format!("{column} IN ({places})")
}

/// A date begins in a span of days by its wall clock. The instants only lead to it: no zone is further from UTC than 14 hours.
fn within(starts_at: &str, (first, end): (NaiveDate, NaiveDate), values: &mut Vec<Value>) -> String {
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN);
    let around = |day: Option<NaiveDate>| day.map_or(0, |day| midnight(day).and_utc().timestamp_millis());
    let local: [NaiveDateTime; 2] = [midnight(first), midnight(end)];
    values.extend(
        [around(first.checked_sub_days(Days::new(1))), around(end.checked_add_days(Days::new(1)))].map(Value::from),
    );
    values.extend(local.map(Value::from));
    let at = values.len();
    format!(
        "({starts_at} >= ${} AND {starts_at} < ${} AND o.starts_local >= ${} AND o.starts_local < ${at})",
        at - 3,
        at - 2,
        at - 1
    )
}
