//! Events as they come in, checked.

use super::left_out::LeftOut;
use super::only;
use super::repeats::Begins;
use super::{AccessName, ChangeName, DateChange, EventBody, StatusName};
use crate::app::App;
use crate::holidays::Land;
use crate::local_time;
use crate::problem::Problem;
use crate::recurrence::{Refusal, Rule, Series, all_over_at};
use crate::validate::Faults;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use entity::{AccessFact, EventDates, EventOverride, OccurrenceState, SchoolHoliday, VillageRecord};
use std::collections::BTreeSet;

/// The longest that one date may last.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// Most dates of a list.
pub(super) const MOST: usize = 366;

/// Reads the times of one event.
pub(super) struct Times {
    pub(super) zone: Tz,
    pub(super) all_day: bool,
}

impl Times {
    /// A time that exists; for whole days a day.
    pub(super) fn read(&self, faults: &mut Faults, pointer: &str, text: &str) -> Option<NaiveDateTime> {
        if !self.all_day {
            return local_time::local(faults, pointer, text, self.zone);
        }
        let day = day(text.strip_suffix("T00:00:00").or(text.strip_suffix("T00:00")).unwrap_or(text));
        if day.is_none() {
            faults.add(pointer, "ist kein Tag wie 2026-12-06", "is not a day such as 2026-12-06");
        }
        day.map(|day| day.and_time(NaiveTime::MIN))
    }

    fn read_all(&self, faults: &mut Faults, pointer: &str, texts: &[String]) -> Vec<NaiveDateTime> {
        if texts.len() > MOST {
            faults.add(pointer, format!("sind mehr als {MOST}"), format!("are more than {MOST}"));
            return Vec::new();
        }
        let read =
            texts.iter().enumerate().filter_map(|(at, text)| self.read(faults, &format!("{pointer}/{at}"), text));
        read.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

pub(super) fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| (1900..=2200).contains(&day.year()))
}

/// Where an event is, unless it says so itself.
#[derive(Clone, Debug)]
pub struct Place {
    /// The IANA zone of its times.
    zone: String,
    /// What days off people have there.
    pub days_off: DaysOff,
}

/// The days off of a municipality's Land.
#[derive(Clone, Debug)]
pub struct DaysOff {
    /// The AGS of the municipality: whose public holidays they are.
    pub ags: String,
    /// School holidays in the order of their days, as far as they are entered.
    pub school: Vec<SchoolHoliday>,
}

impl Place {
    /// That of a village.
    pub async fn of(app: &App, village: &VillageRecord) -> Result<Self, Problem> {
        Self::somewhere(app, &village.zone, &village.ags).await
    }

    /// Somewhere in the municipality with this AGS.
    pub async fn somewhere(app: &App, zone: &str, ags: &str) -> Result<Self, Problem> {
        Ok(Self { zone: zone.to_owned(), days_off: DaysOff::of(app, ags).await? })
    }
}

impl DaysOff {
    /// Those of the municipality with this AGS.
    pub async fn of(app: &App, ags: &str) -> Result<Self, Problem> {
        let school = match Land::of(ags) {
            Some(land) => app.database.registry().await?.school_holidays().of(land.code()).await?.periods,
            None => Vec::new(),
        };
        Ok(Self { ags: ags.to_owned(), school })
    }
}

impl EventBody {
    /// The event, checked. The zone is that of the place unless one is given; what is different at single dates of what was there
    /// `before` stays unless something else is given.
    pub fn checked(self, faults: &mut Faults, place: &Place, before: Option<&EventDates>) -> EventDates {
        let zone_name = self.zone.clone().unwrap_or_else(|| place.zone.clone());
        let zone = local_time::zone(faults, "/event/zone", &zone_name);
        let times = Times { zone, all_day: self.all_day };
        let read = |faults: &mut Faults, pointer: &str, text: &str| times.read(faults, pointer, text);
        let starts_local = read(faults, "/event/starts_local", &self.starts_local);
        let ends_local = self.ends_local.as_deref().and_then(|end| read(faults, "/event/ends_local", end));
        let begins = starts_local.unwrap_or_default();
        end_is_later(faults, "/event/ends_local", begins, ends_local.filter(|_| starts_local.is_some()), self.all_day);
        let mut dates = EventDates {
            starts_local: begins,
            ends_local,
            zone: zone_name,
            all_day: self.all_day,
            rule: self
                .rule(faults, &Begins { starts: begins, zone, all_day: self.all_day, school: &place.days_off.school }),
            extra_dates: times.read_all(faults, "/event/extra_dates", &self.extra_dates),
            ..EventDates::default()
        };
        let left_out = LeftOut {
            dates: &self.except_dates,
            holidays: self.except_holidays,
            school_holidays: self.except_school_holidays,
            days_off: &place.days_off,
        };
        dates.except_dates = left_out.of(faults, &dates);
        let (given, changed) = (self.changed_dates.clone(), before.map(|before| before.overrides.clone()));
        self.facts(faults, &mut dates);
        if starts_local.is_some() {
            let series = Read { times: &times, dates: &dates };
            let overrides = series.overrides(faults, given, changed.unwrap_or_default());
            dates.overrides = overrides;
        }
        if dates.recurs() { dates } else { once(faults, dates, before) }
    }

    /// The rule that is said in one way or the other.
    fn rule(&self, faults: &mut Faults, begins: &Begins<'_>) -> Option<String> {
        match (&self.rrule, &self.repeats) {
            (Some(_), Some(_)) => {
                faults.add("/event/repeats", "geht nicht mit rrule zusammen", "does not go with rrule");
                None
            }
            (Some(rule), None) => read_rule(faults, "/event/rrule", rule),
            (None, Some(repeats)) => repeats.rule(faults, "/event/repeats", begins),
            (None, None) => None,
        }
    }

    /// Everything but the times.
    fn facts(self, faults: &mut Faults, dates: &mut EventDates) {
        let mut line = |name: &str, text: Option<String>, most| {
            text.map(|text| faults.line(&format!("/event/{name}"), &text, 1, most))
        };
        dates.place = line("place", self.place, 200);
        dates.address = line("address", self.address, 200);
        dates.cost = line("cost", self.cost, 200);
        dates.registration_url = line("registration_url", self.registration_url, 500);
        dates.status = self.status.unwrap_or(StatusName::Confirmed).into();
        dates.capacity = self.capacity;
        dates.position = self.latitude.zip(self.longitude);
        dates.access = access(&self.access);
        if dates.registration_url.as_deref().is_some_and(|url| !is_web_address(url)) {
            faults.add("/event/registration_url", "ist keine Adresse im Web", "is not an address on the web");
        }
        if dates.capacity.is_some_and(|capacity| !(1..=1_000_000).contains(&capacity)) {
            faults.add("/event/capacity", "muss zwischen 1 und 1000000 liegen", "must be between 1 and 1000000");
        }
        if self.latitude.is_some() != self.longitude.is_some() {
            faults.add(
                "/event/latitude",
                "braucht auch longitude, und umgekehrt",
                "needs longitude too, and vice versa",
            );
        }
        let on_earth =
            |(latitude, longitude)| (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        if dates.position.is_some_and(|position| !on_earth(position)) {
            faults.add("/event/latitude", "liegt nicht auf der Erde", "is not on earth");
        }
    }
}

/// An event that happens once: what was said of its only date is said of it. Why it was off is no news when it takes place.
fn once(faults: &mut Faults, mut dates: EventDates, before: Option<&EventDates>) -> EventDates {
    let takes_place_again = before.is_some_and(|before| only::is_off(before) && !only::is_off(&dates));
    let was_said = |one: &EventOverride| before.is_some_and(|before| before.overrides.contains(one));
    let Some(one) = dates.overrides.pop().filter(|one| !(takes_place_again && was_said(one))) else { return dates };
    let (dates, title) = only::settled(dates, one);
    if title.is_some() {
        let pointer = "/event/changed_dates/0/title";
        faults.add(pointer, "gehört in den Titel des Beitrags", "belongs into the title of the post");
    }
    dates
}

/// An event that was read, without what is different at single dates.
struct Read<'a> {
    times: &'a Times,
    dates: &'a EventDates,
}

impl Read<'_> {
    /// What is different at single dates: as given, or else what was `before` where there still is such a date.
    fn overrides(
        &self,
        faults: &mut Faults,
        given: Option<Vec<DateChange>>,
        before: Vec<EventOverride>,
    ) -> Vec<EventOverride> {
        let rule = self.dates.rule.as_deref().and_then(|rule| Rule::parse(rule).ok());
        if self.times.all_day && rule.is_some_and(|rule| rule.is_within_a_day()) {
            faults.add(
                "/event/rrule",
                "wiederholt ganze Tage innerhalb eines Tages",
                "recurs within a day, of whole days",
            );
            return Vec::new();
        }
        let starts: BTreeSet<NaiveDateTime> = match self.starts(given.as_deref(), &before) {
            Ok(starts) => starts.into_iter().collect(),
            // Said of the zone itself already.
            Err(Refusal::UnknownZone) => return Vec::new(),
            Err(refusal) => {
                faults.refuse("/event/rrule", refusal);
                return Vec::new();
            }
        };
        if self.rule_misses_start() {
            faults.add("/event/starts_local", "ist kein Termin der Regel", "is not a date of the rule");
        }
        if self.ends_before_it_starts() {
            faults.add("/event/rrule", "endet vor dem Beginn", "ends before the start");
        }
        let Some(given) = given else {
            return before.into_iter().filter(|one| starts.contains(&one.recurrence_local)).collect();
        };
        let mut overrides: Vec<EventOverride> = Vec::new();
        for (at, change) in given.into_iter().take(MOST).enumerate() {
            let pointer = format!("/event/changed_dates/{at}");
            let Some(one) = change.checked(faults, &pointer, self.times) else { continue };
            if !starts.contains(&one.recurrence_local) {
                faults.add(format!("{pointer}/date"), "ist kein Termin der Reihe", "is not a date of the series");
            } else if overrides.iter().any(|other| other.recurrence_local == one.recurrence_local) {
                faults.add(format!("{pointer}/date"), "kommt zweimal vor", "comes twice");
            }
            overrides.push(one);
        }
        overrides.sort_by_key(|one| one.recurrence_local);
        overrides
    }

    /// The dates of the series as far as there may be something different at them, and in any case one look at its rule.
    fn starts(&self, given: Option<&[DateChange]>, before: &[EventOverride]) -> Result<Vec<NaiveDateTime>, Refusal> {
        let quiet = &mut Faults::default();
        let named = given.unwrap_or_default().iter().filter_map(|one| self.times.read(quiet, "", &one.date));
        let last = named.chain(before.iter().map(|one| one.recurrence_local)).max();
        let until = last.unwrap_or(self.dates.starts_local) + TimeDelta::seconds(1);
        let rule = self.dates.rule.as_deref().map(Rule::parse).transpose()?;
        let found = self.series(rule.as_ref()).between(NaiveDateTime::MIN, until, usize::MAX - 1)?;
        // Of a series that ends, all dates are looked at once, so that none is taken that cannot be expanded later.
        all_over_at(self.dates)?;
        Ok(found.dates)
    }

    fn rule_misses_start(&self) -> bool {
        let rule = self.dates.rule.as_deref().and_then(|rule| Rule::parse(rule).ok());
        !self.series(rule.as_ref()).rule_hits_start().unwrap_or(true)
    }

    fn ends_before_it_starts(&self) -> bool {
        let rule = self.dates.rule.as_deref().and_then(|rule| Rule::parse(rule).ok());
        rule.and_then(|rule| rule.until).is_some_and(|until| until.local(self.times.zone) < self.dates.starts_local)
    }

    fn series<'a>(&'a self, rule: Option<&'a Rule>) -> Series<'a> {
        let EventDates { starts_local, extra_dates, except_dates, .. } = self.dates;
        Series { starts: *starts_local, zone: self.times.zone, rule, extra: extra_dates, except: except_dates }
    }
}

impl DateChange {
    pub(super) fn checked(self, faults: &mut Faults, pointer: &str, times: &Times) -> Option<EventOverride> {
        let at = |name: &str| format!("{pointer}/{name}");
        let recurrence_local = times.read(faults, &at("date"), &self.date);
        let starts_local = self.starts_local.and_then(|start| times.read(faults, &at("starts_local"), &start));
        let ends_local = self.ends_local.and_then(|end| times.read(faults, &at("ends_local"), &end));
        let mut line = |name: &str, text: Option<String>, most| text.map(|text| faults.line(&at(name), &text, 1, most));
        let (title, place) = (line("title", self.title, 200), line("place", self.place, 200));
        let note = line("note", self.note, 500);
        let recurrence_local = recurrence_local?;
        end_is_later(faults, &at("ends_local"), starts_local.unwrap_or(recurrence_local), ends_local, times.all_day);
        let state = match self.state {
            ChangeName::Changed => OccurrenceState::Changed,
            ChangeName::Cancelled => OccurrenceState::Cancelled,
        };
        Some(EventOverride { recurrence_local, state, starts_local, ends_local, title, place, note })
    }
}

impl Faults {
    /// Notes why a rule was refused.
    fn refuse(&mut self, pointer: &str, refusal: Refusal) {
        self.note(pointer, refusal.text());
    }
}

pub(super) fn read_rule(faults: &mut Faults, pointer: &str, text: &str) -> Option<String> {
    match Rule::parse(text) {
        Ok(rule) => Some(rule.text()),
        Err(refusal) => {
            faults.refuse(pointer, refusal);
            None
        }
    }
}

fn end_is_later(faults: &mut Faults, pointer: &str, starts: NaiveDateTime, ends: Option<NaiveDateTime>, all_day: bool) {
    let Some(ends) = ends else { return };
    if ends < starts {
        faults.add(pointer, "liegt vor dem Beginn", "is before the start");
    } else if all_day && ends == starts {
        faults.add(pointer, "ist der Tag nach dem letzten", "is the day after the last");
    } else if ends - starts > LONGEST {
        faults.add(pointer, "liegt mehr als ein Jahr nach dem Beginn", "is more than a year after the start");
    }
}

fn access(names: &[AccessName]) -> Vec<AccessFact> {
    let mut access: Vec<AccessFact> = Vec::new();
    for name in names {
        let fact = AccessFact::from(*name);
        if !access.contains(&fact) {
            access.push(fact);
        }
    }
    access
}

/// An address that a reader may be sent to: of the web, with a host, and without a name or password in it.
fn is_web_address(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| {
        ["http", "https"].contains(&url.scheme())
            && url.host_str().is_some_and(|host| host.contains('.'))
            && url.username().is_empty()
            && url.password().is_none()
    })
}
