//! Rules, checked: the grammar and the limits of RFC 5545, section 3.3.10, and ours.

use super::Refusal;
use crate::local_time::resolved;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;

/// The longest rule in characters.
const LONGEST: usize = 400;

/// Times that a rule may have on one day.
const TIMES_A_DAY: usize = 24;

/// Dates of a rule that has more on one day, at most.
const MOST_AT_ONCE: u32 = 1500;

/// How often something recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// Every second.
    Secondly,
    /// Every minute.
    Minutely,
    /// Every hour.
    Hourly,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every year.
    Yearly,
}

/// The end of a rule, which belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// A day.
    Day(NaiveDate),
    /// A time of the wall clock.
    Local(NaiveDateTime),
    /// An instant.
    Instant(DateTime<Utc>),
}

/// A weekday, or one of them in a month or year: the second is 2, the last is -1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekdayOf {
    /// Which one; every one unless given.
    pub nth: Option<i16>,
    /// The day.
    pub weekday: Weekday,
}

/// A rule that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How often it recurs.
    pub frequency: Frequency,
    /// Every how many times that.
    pub interval: u16,
    /// How many dates it has, with the first.
    pub count: Option<u32>,
    /// Until when it goes.
    pub until: Option<Until>,
    /// On which weekdays.
    pub weekdays: Vec<WeekdayOf>,
    /// On which days of the month, the last being -1.
    pub month_days: Vec<i16>,
    /// In which months.
    pub months: Vec<i16>,
    /// Whether it has parts beyond these.
    pub has_more: bool,
    parts: Vec<(&'static str, String)>,
}

/// The parts of a rule, in the order in which they are written.
const PARTS: [&str; 14] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYMONTH",
    "BYWEEKNO",
    "BYYEARDAY",
    "BYMONTHDAY",
    "BYDAY",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
    "BYSETPOS",
];

impl Rule {
    /// Reads the value of an RRULE.
    ///
    /// # Errors
    /// When it is none, or none that is expanded here.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim().to_ascii_uppercase();
        let text = text.strip_prefix("RRULE:").unwrap_or(&text);
        if text.len() > LONGEST || !text.is_ascii() {
            return Err(Refusal::Unreadable);
        }
        let parts = parts(text)?;
        let part = |name: &str| parts.iter().find(|part| part.0 == name).map(|part| part.1.as_str());
        let number = |name: &str, most: u32| -> Result<Option<u32>, Refusal> {
            let read = |text: &str| text.parse().ok().filter(|n| (1..=most).contains(n)).ok_or(Refusal::Unreadable);
            part(name).map(read).transpose()
        };
        let rule = Self {
            frequency: frequency(part("FREQ").ok_or(Refusal::Unreadable)?)?,
            interval: u16::try_from(number("INTERVAL", 9999)?.unwrap_or(1)).unwrap_or(1),
            count: number("COUNT", 100_000)?,
            until: part("UNTIL").map(until).transpose()?,
            weekdays: listed(part("BYDAY"), weekday)?,
            month_days: listed(part("BYMONTHDAY"), within(-31, 31))?,
            months: listed(part("BYMONTH"), within(1, 12))?,
            has_more: ["BYWEEKNO", "BYYEARDAY", "BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS"]
                .iter()
                .any(|name| part(name).is_some()),
            parts: parts.clone(),
        };
        rule.check(&part)?;
        Ok(rule)
    }

    /// A rule as calendars get it: its end, if it says one, is an instant in UTC, or a day where its dates are days, as RFC 5545
    /// (section 3.3.10) has it. Readers refuse other ends, or lose the last date by them. What cannot be read stays as it is.
    pub fn for_calendars(text: &str, zone: &str, all_day: bool) -> String {
        let read = || {
            let zone: Tz = zone.parse().ok()?;
            let rule = Self::parse(text).ok()?;
            let end = match rule.until? {
                Until::Instant(at) if !all_day => at.format("%Y%m%dT%H%M%SZ").to_string(),
                end if all_day => end.local(zone).date().format("%Y%m%d").to_string(),
                end => instant_text(end.local(zone), zone),
            };
            Some(rule.with(&[("UNTIL", Some(end))]).ok()?.text())
        };
        read().unwrap_or_else(|| text.to_owned())
    }

    /// Its text in canonical order, as it is stored.
    pub fn text(&self) -> String {
        self.without(&[])
    }

    /// Its text without an end and weekdays.
    pub(super) fn endless(&self) -> String {
        self.without(&["COUNT", "UNTIL", "BYDAY"])
    }

    /// The same rule with this date as its last: until the end of its day, unless it goes on earlier than that, at `next`.
    ///
    /// # Errors
    /// When there is no such rule.
    pub fn ending_with(
        &self,
        last: NaiveDateTime,
        next: NaiveDateTime,
        zone: Tz,
        all_day: bool,
    ) -> Result<Self, Refusal> {
        let until = match last.date() < next.date() {
            true => Self::until_text(last.date(), zone, all_day),
            false => instant_text(last, zone),
        };
        self.with(&[("COUNT", None), ("UNTIL", Some(until))])
    }

    /// The same rule with so many dates.
    ///
    /// # Errors
    /// When there is no such rule.
    pub fn ending_after(&self, count: usize) -> Result<Self, Refusal> {
        self.with(&[("COUNT", Some(count.to_string())), ("UNTIL", None)])
    }

    /// The same rule, its end read as one in UTC where it does not say so.
    pub fn ending_in_utc(mut self) -> Self {
        if let Some(Until::Local(local)) = self.until {
            self.until = Some(Until::Instant(local.and_utc()));
            self.parts.iter_mut().filter(|part| part.0 == "UNTIL").for_each(|part| part.1.push('Z'));
        }
        self
    }

    /// The same rule with other parts, which are read, or without them.
    pub(super) fn with(&self, others: &[(&'static str, Option<String>)]) -> Result<Self, Refusal> {
        let parts = self.parts.iter().filter(|part| !others.iter().any(|other| other.0 == part.0));
        let parts = parts.map(|(name, value)| format!("{name}={value}"));
        let others = others.iter().filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)));
        Self::parse(&parts.chain(others).collect::<Vec<_>>().join(";"))
    }

    fn without(&self, left_out: &[&str]) -> String {
        let shown = PARTS.iter().filter(|name| !left_out.contains(name));
        let shown = shown.filter_map(|name| self.parts.iter().find(|part| part.0 == *name));
        shown.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(";")
    }

    /// One of its parts, as it is written.
    pub(super) fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|part| part.0 == name).map(|part| part.1.as_str())
    }

    /// The weekday on which its weeks begin.
    pub(super) fn week_start(&self) -> Weekday {
        self.part("WKST").and_then(weekday).map_or(Weekday::Mon, |day| day.weekday)
    }

    /// What RFC 5545 says of parts that do not go together, and what would be too much at once.
    fn check<'a>(&self, part: &impl Fn(&str) -> Option<&'a str>) -> Result<(), Refusal> {
        use Frequency::{Daily, Monthly, Weekly, Yearly};
        let frequency = self.frequency;
        let week_numbers = listed(part("BYWEEKNO"), within(-53, 53))?;
        let year_days = listed(part("BYYEARDAY"), within(-366, 366))?;
        let positions = listed(part("BYSETPOS"), within(-366, 366))?;
        let hours = listed(part("BYHOUR"), between(0, 23))?;
        let minutes = listed(part("BYMINUTE"), between(0, 59))?;
        let seconds = listed(part("BYSECOND"), between(0, 59))?;
        let nth = self.weekdays.iter().any(|day| day.nth.is_some());
        let contradicts = (self.count.is_some() && self.until.is_some())
            || (!week_numbers.is_empty() && frequency != Yearly)
            || (!year_days.is_empty() && matches!(frequency, Daily | Weekly | Monthly))
            || (!self.month_days.is_empty() && frequency == Weekly)
            || (nth && (!matches!(frequency, Monthly | Yearly) || !week_numbers.is_empty()))
            || (frequency == Monthly && self.weekdays.iter().any(|day| day.nth.is_some_and(|nth| nth.abs() > 5)));
        let days = [&self.month_days, &self.months, &week_numbers, &year_days, &hours, &minutes, &seconds];
        let alone = !positions.is_empty() && self.weekdays.is_empty() && days.iter().all(|days| days.is_empty());
        let weeks_begin = part("WKST").is_none_or(|day| weekday(day).is_some_and(|day| day.nth.is_none()));
        if contradicts || alone || !weeks_begin {
            return Err(Refusal::Unreadable);
        }
        // The fifth from the end of a month, and the 53rd from the end of a year: so far the library does not count.
        let least = if frequency == Monthly { -4 } else { -52 };
        let uncounted = self.weekdays.iter().any(|day| day.nth.is_some_and(|nth| nth < least));
        if uncounted || (self.is_within_a_day() && !positions.is_empty()) {
            return Err(Refusal::Unsupported);
        }
        let is_short = self.is_within_a_day() && self.count.is_some_and(|count| count <= MOST_AT_ONCE);
        if self.times_a_day() > TIMES_A_DAY && !is_short { Err(Refusal::TooOften) } else { Ok(()) }
    }
}

impl Rule {
    /// The end of a rule that says "until this day", as RFC 5545 wants it: with the zone's offset, or for whole days as a day.
    pub fn until_text(day: NaiveDate, zone: Tz, all_day: bool) -> String {
        if all_day { day.format("%Y%m%d").to_string() } else { instant_text(Until::Day(day).local(zone), zone) }
    }
}

impl Until {
    /// The end as the wall clock in a zone shows it.
    pub fn local(self, zone: Tz) -> NaiveDateTime {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default()),
            Self::Local(local) => local,
            Self::Instant(at) => at.with_timezone(&zone).naive_local(),
        }
    }
}

/// A time of the wall clock as an UNTIL has it.
pub(super) fn instant_text(local: NaiveDateTime, zone: Tz) -> String {
    resolved(local, zone).1.format("%Y%m%dT%H%M%SZ").to_string()
}

fn parts(text: &str) -> Result<Vec<(&'static str, String)>, Refusal> {
    let mut parts: Vec<(&'static str, String)> = Vec::new();
    for part in text.split(';') {
        let (name, value) = part.split_once('=').ok_or(Refusal::Unreadable)?;
        let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b',' | b'+' | b'-'));
        if value.is_empty() || !plain {
            return Err(Refusal::Unreadable);
        }
        let Some(name) = PARTS.iter().find(|known| **known == name) else {
            let other = name.starts_with("X-") || ["RSCALE", "SKIP", "BYEASTER"].contains(&name);
            return Err(if other { Refusal::Unsupported } else { Refusal::Unreadable });
        };
        if parts.iter().any(|part| part.0 == *name) {
            return Err(Refusal::Unreadable);
        }
        parts.push((name, value.to_owned()));
    }
    Ok(parts)
}

fn frequency(text: &str) -> Result<Frequency, Refusal> {
    match text {
        "DAILY" => Ok(Frequency::Daily),
        "WEEKLY" => Ok(Frequency::Weekly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "YEARLY" => Ok(Frequency::Yearly),
        "HOURLY" => Ok(Frequency::Hourly),
        "MINUTELY" => Ok(Frequency::Minutely),
        "SECONDLY" => Ok(Frequency::Secondly),
        _ => Err(Refusal::Unreadable),
    }
}

fn until(text: &str) -> Result<Until, Refusal> {
    let local = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
    let read = match (text.len(), text.strip_suffix('Z')) {
        (8, None) => NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(Until::Day),
        (_, Some(utc)) => local(utc).map(|utc| Until::Instant(utc.and_utc())),
        (_, None) => local(text).map(Until::Local),
    };
    read.ok_or(Refusal::Unreadable)
}

fn listed<T>(text: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Refusal> {
    let Some(text) = text else { return Ok(Vec::new()) };
    text.split(',').map(|one| read(one).ok_or(Refusal::Unreadable)).collect()
}

/// Reads a number from `least` to `most` that is not nought.
fn within(least: i16, most: i16) -> impl Fn(&str) -> Option<i16> {
    move |text| between(least, most)(text).filter(|n| *n != 0)
}

/// Reads a number from `least` to `most`.
fn between(least: i16, most: i16) -> impl Fn(&str) -> Option<i16> {
    move |text| text.parse().ok().filter(|n| (least..=most).contains(n))
}

fn weekday(text: &str) -> Option<WeekdayOf> {
    let (nth, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let weekday = match day {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    };
    let nth = if nth.is_empty() { None } else { Some(within(-53, 53)(nth)?) };
    Some(WeekdayOf { nth, weekday })
}

/// A weekday as it is written in a rule.
pub(super) fn letters(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}
