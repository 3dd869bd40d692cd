//! RFC 5545's dates once more, in the slowest and plainest way: every day of the calendar is asked whether the rule means it.
//! Nothing here is shared with what is tested, neither code nor method.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Weekday};
use std::fmt;

/// How often something recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    Day,
    Week,
    Month,
    Year,
}

/// A rule, whose dates are days.
#[derive(Clone, Debug)]
pub struct Plain {
    pub every: Every,
    pub interval: i64,
    pub count: Option<usize>,
    pub until: Option<NaiveDate>,
    /// Weekdays, each with which one of them in the month or year it is; 0 is every one.
    pub weekdays: Vec<(i64, Weekday)>,
    pub month_days: Vec<i64>,
    pub months: Vec<i64>,
    pub year_days: Vec<i64>,
    pub positions: Vec<i64>,
    pub week_start: Weekday,
}

impl Plain {
    /// The days from `start` on, which is one of them, and before `end`.
    pub fn days(&self, start: NaiveDate, end: NaiveDate) -> Vec<NaiveDate> {
        let mut days = vec![start];
        // The beginning of the first period is at most a year and a week before.
        let first = NaiveDate::from_ymd_opt(start.year() - 1, 12, 20).expect("a day");
        // The period in which the end lies is looked at whole.
        let last = end + TimeDelta::days(380);
        let mut period = Vec::new();
        for day in first.iter_days().take_while(|day| *day < last) {
            let of_this_period = period.last().is_none_or(|before| self.period(*before) == self.period(day));
            if !of_this_period {
                self.chosen(&period, start, &mut days);
                period.clear();
            }
            period.push(day);
        }
        days.retain(|day| self.until.is_none_or(|until| *day <= until) || *day == start);
        days.truncate(self.count.unwrap_or(usize::MAX));
        days.retain(|day| *day < end);
        days
    }

    /// Whether it says at all on which days of its periods.
    pub fn says_days(&self) -> bool {
        let lists = [&self.month_days, &self.months, &self.year_days];
        !self.weekdays.is_empty() || lists.iter().any(|list| !list.is_empty())
    }

    /// Adds the days that the rule means in a period and that are after the start.
    fn chosen(&self, period: &[NaiveDate], start: NaiveDate, days: &mut Vec<NaiveDate>) {
        if (self.period(period[0]) - self.period(start)).rem_euclid(self.interval) != 0 {
            return;
        }
        let meant: Vec<NaiveDate> = period.iter().copied().filter(|day| self.means(*day, start)).collect();
        let length = meant.len() as i64;
        let at = |at: i64| {
            let position = |position: &i64| *position == at + 1 || *position == at - length;
            self.positions.is_empty() || self.positions.iter().any(position)
        };
        days.extend((0..length).filter(|n| at(*n)).map(|n| meant[n as usize]).filter(|day| *day > start));
    }

    /// A number for the day, week, month or year that a day is in.
    fn period(&self, day: NaiveDate) -> i64 {
        match self.every {
            Every::Day => i64::from(day.num_days_from_ce()),
            Every::Week => {
                let into_the_week = i64::from(day.weekday().days_since(self.week_start));
                (i64::from(day.num_days_from_ce()) - into_the_week).div_euclid(7)
            }
            Every::Month => i64::from(day.year()) * 12 + i64::from(day.month0()),
            Every::Year => i64::from(day.year()),
        }
    }

    /// Whether the rule means a day of one of its periods. What it does not say, its start says.
    fn means(&self, day: NaiveDate, start: NaiveDate) -> bool {
        let no_days = self.weekdays.is_empty() && self.month_days.is_empty() && self.year_days.is_empty();
        let by_start = match self.every {
            _ if !no_days => true,
            Every::Day => true,
            Every::Week => day.weekday() == start.weekday(),
            Every::Month => day.day() == start.day(),
            Every::Year => day.day() == start.day() && (!self.months.is_empty() || day.month() == start.month()),
        };
        let in_the_month = (i64::from(day.day0()), i64::from(day.num_days_in_month()));
        let in_the_year = (i64::from(day.ordinal0()), if day.leap_year() { 366 } else { 365 });
        by_start
            && (self.months.is_empty() || self.months.contains(&i64::from(day.month())))
            && (self.month_days.is_empty() || self.month_days.iter().any(|n| is_nth(*n, in_the_month)))
            && (self.year_days.is_empty() || self.year_days.iter().any(|n| is_nth(*n, in_the_year)))
            && (self.weekdays.is_empty() || self.weekdays.iter().any(|one| self.is_weekday(*one, day)))
    }

    fn is_weekday(&self, (nth, weekday): (i64, Weekday), day: NaiveDate) -> bool {
        let of_year = self.every == Every::Year && self.months.is_empty();
        let same = |other: &NaiveDate| other.year() == day.year() && (of_year || other.month() == day.month());
        let before = (1..60).take_while(|weeks| same(&(day - TimeDelta::weeks(*weeks)))).count() as i64;
        let after = (1..60).take_while(|weeks| same(&(day + TimeDelta::weeks(*weeks)))).count() as i64;
        day.weekday() == weekday && (nth == 0 || is_nth(nth, (before, before + after + 1)))
    }
}

/// A rule that recurs within a day. Every minute is asked whether the rule means it.
#[derive(Clone, Debug)]
pub struct Within {
    /// Whether it recurs by hours; else by minutes.
    pub hourly: bool,
    pub interval: i64,
    pub count: Option<usize>,
    pub until: Option<NaiveDateTime>,
    pub hours: Vec<i64>,
    pub minutes: Vec<i64>,
    pub weekdays: Vec<Weekday>,
    pub month_days: Vec<i64>,
}

impl Within {
    /// The times from `start` on, which is one of them, and before `end`.
    pub fn times(&self, start: NaiveDateTime, end: NaiveDateTime) -> Vec<NaiveDateTime> {
        let minutes = (0..(end - start).num_minutes()).map(|minutes| start + TimeDelta::minutes(minutes));
        let meant = minutes.filter(|at| *at == start || self.means(*at, start));
        let mut times: Vec<NaiveDateTime> = meant.take(self.count.unwrap_or(usize::MAX)).collect();
        times.retain(|at| self.until.is_none_or(|until| *at <= until));
        times
    }

    fn means(&self, at: NaiveDateTime, start: NaiveDateTime) -> bool {
        let period = |at: NaiveDateTime| at.and_utc().timestamp().div_euclid(if self.hourly { 3600 } else { 60 });
        let means = |list: &[i64], number: u32| list.contains(&i64::from(number));
        let minute = match (self.minutes.is_empty(), self.hourly) {
            (true, true) => at.minute() == start.minute(),
            (true, false) => true,
            (false, _) => means(&self.minutes, at.minute()),
        };
        let in_the_month = (i64::from(at.day0()), i64::from(at.date().num_days_in_month()));
        (period(at) - period(start)) % self.interval == 0
            && minute
            && (self.hours.is_empty() || means(&self.hours, at.hour()))
            && (self.weekdays.is_empty() || self.weekdays.contains(&at.weekday()))
            && (self.month_days.is_empty() || self.month_days.iter().any(|n| is_nth(*n, in_the_month)))
    }
}

impl fmt::Display for Within {
    /// As an RRULE.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let every = if self.hourly { "HOURLY" } else { "MINUTELY" };
        write!(to, "FREQ={every};INTERVAL={}", self.interval)?;
        if let Some(count) = self.count {
            write!(to, ";COUNT={count}")?;
        }
        if let Some(until) = self.until {
            write!(to, ";UNTIL={}", until.format("%Y%m%dT%H%M%SZ"))?;
        }
        let lists = [("BYHOUR", &self.hours), ("BYMINUTE", &self.minutes), ("BYMONTHDAY", &self.month_days)];
        for (name, numbers) in lists.into_iter().filter(|(_, numbers)| !numbers.is_empty()) {
            write!(to, ";{name}={}", numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(","))?;
        }
        if !self.weekdays.is_empty() {
            write!(to, ";BYDAY={}", self.weekdays.iter().map(|day| letters(*day)).collect::<Vec<_>>().join(","))?;
        }
        Ok(())
    }
}

/// Whether what is the `at`-th of so many, from 0, is the `nth`, from 1, or from -1 counted from the end.
fn is_nth(nth: i64, (at, of): (i64, i64)) -> bool {
    nth == at + 1 || nth == at - of
}

impl fmt::Display for Plain {
    /// As an RRULE.
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let every = match self.every {
            Every::Day => "DAILY",
            Every::Week => "WEEKLY",
            Every::Month => "MONTHLY",
            Every::Year => "YEARLY",
        };
        write!(to, "FREQ={every};INTERVAL={};WKST={}", self.interval, letters(self.week_start))?;
        if let Some(count) = self.count {
            write!(to, ";COUNT={count}")?;
        }
        if let Some(until) = self.until {
            write!(to, ";UNTIL={}", until.format("%Y%m%d"))?;
        }
        let lists = [
            ("BYMONTHDAY", &self.month_days),
            ("BYMONTH", &self.months),
            ("BYYEARDAY", &self.year_days),
            ("BYSETPOS", &self.positions),
        ];
        for (name, numbers) in lists.into_iter().filter(|(_, numbers)| !numbers.is_empty()) {
            write!(to, ";{name}={}", numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(","))?;
        }
        let weekday = |(nth, day): &(i64, Weekday)| match nth {
            0 => letters(*day),
            nth => format!("{nth}{}", letters(*day)),
        };
        if !self.weekdays.is_empty() {
            write!(to, ";BYDAY={}", self.weekdays.iter().map(weekday).collect::<Vec<_>>().join(","))?;
        }
        Ok(())
    }
}

/// The two letters of a weekday.
fn letters(day: Weekday) -> String {
    day.to_string().to_uppercase()[..2].to_owned()
}
