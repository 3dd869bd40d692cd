//! Dates as people write them: `15. Mai`, `15.05.`, `15.5.2027`, `2027-05-15`. A text is found by those it names, and who looks
//! for one finds the events of that day too.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use unicode_normalization::UnicodeNormalization;

/// Names of months, German and English, as far as they are told apart by them.
const MONTHS: [&[&str]; 12] = [
    &["januar", "jan", "january", "janner"],
    &["februar", "feb", "february", "feber"],
    &["marz", "maerz", "mar", "march", "mrz"],
    &["april", "apr"],
    &["mai", "may"],
    &["juni", "jun", "june"],
    &["juli", "jul", "july"],
    &["august", "aug"],
    &["september", "sep", "sept"],
    &["oktober", "okt", "october", "oct"],
    &["november", "nov"],
    &["dezember", "dez", "december", "dec"],
];

const WEEKDAYS: [(&[&str], Weekday); 7] = [
    (&["montag", "montags", "monday"], Weekday::Mon),
    (&["dienstag", "dienstags", "tuesday"], Weekday::Tue),
    (&["mittwoch", "mittwochs", "wednesday"], Weekday::Wed),
    (&["donnerstag", "donnerstags", "thursday"], Weekday::Thu),
    (&["freitag", "freitags", "friday"], Weekday::Fri),
    (&["samstag", "samstags", "sonnabend", "saturday"], Weekday::Sat),
    (&["sonntag", "sonntags", "sunday"], Weekday::Sun),
];

/// How many of the coming days of a name are looked at, as in `dienstag`.
const WEEKS: u64 = 5;

/// A date, or a part of one that many dates have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum WrittenDate {
    /// A day, of a year or of any.
    Day { year: Option<i32>, month: u32, day: u32 },
    /// A month.
    Month(u32),
    /// A day of the week.
    Weekday(Weekday),
}

impl WrittenDate {
    /// The days that a text names.
    pub fn all(text: &str) -> Vec<Self> {
        let tokens: Vec<String> = text.split_whitespace().map(bare).collect();
        (0..tokens.len()).filter_map(|at| tokens.get(at..).and_then(Self::at)).map(|(date, _)| date).collect()
    }

    /// The day that a text of these words begins with, and how many of them it takes.
    pub fn at(words: &[String]) -> Option<(Self, usize)> {
        let (first, rest) = words.split_first()?;
        if let Some(date) = in_digits(first) {
            return Some((date, 1));
        }
        let day = first.strip_suffix('.').unwrap_or(first).parse().ok()?;
        let month = month(rest.first()?)?;
        let year = rest.get(1).and_then(|word| year(word.trim_end_matches('.')));
        Some((Self::day(year, month, day)?, if year.is_some() { 3 } else { 2 }))
    }

    /// What a word alone means: a month, or a day of the week.
    pub fn of_word(word: &str) -> Option<Self> {
        let weekday = || WEEKDAYS.iter().find(|(names, _)| names.contains(&word)).map(|(_, day)| Self::Weekday(*day));
        // Short names are words of their own more often.
        month(word)
            .filter(|_| word.len() > 4 || matches!(word, "mai" | "may" | "juni" | "juli"))
            .map(Self::Month)
            .or_else(weekday)
    }

    fn day(year: Option<i32>, month: u32, day: u32) -> Option<Self> {
        // 2028 has a 29 February.
        NaiveDate::from_ymd_opt(year.unwrap_or(2028), month, day).map(|_| Self::Day { year, month, day })
    }

    /// The rows by which a text is found that names it.
    pub fn found_by(&self) -> Vec<String> {
        match self {
            Self::Day { year: Some(year), month, day } => {
                vec![format!("@{month:02}-{day:02}"), format!("@{year}-{month:02}-{day:02}")]
            }
            Self::Day { year: None, month, day } => {
                vec![format!("@{month:02}-{day:02}"), format!("@-{month:02}-{day:02}")]
            }
            Self::Month(_) | Self::Weekday(_) => Vec::new(),
        }
    }

    /// The rows of the texts that name it. Who says the year means texts that name that one, or none.
    pub fn looked_for(&self) -> Vec<String> {
        match self {
            Self::Day { year: Some(year), month, day } => {
                vec![format!("@-{month:02}-{day:02}"), format!("@{year}-{month:02}-{day:02}")]
            }
            Self::Day { year: None, month, day } => vec![format!("@{month:02}-{day:02}")],
            Self::Month(_) | Self::Weekday(_) => Vec::new(),
        }
    }

    /// The spans of days that are meant by it today: the first, and the first that is not.
    pub fn spans(&self, today: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
        let from = |first: Option<NaiveDate>, last: fn(NaiveDate) -> Option<NaiveDate>| {
            first.and_then(|first| Some((first, last(first)?)))
        };
        let one_day = |date: Option<NaiveDate>| from(date, |date| date.checked_add_days(Days::new(1)));
        match *self {
            Self::Day { year: Some(year), month, day } => {
                one_day(NaiveDate::from_ymd_opt(year, month, day)).into_iter().collect()
            }
            Self::Day { year: None, month, day } => [today.year(), today.year() + 1]
                .into_iter()
                .filter_map(|year| one_day(NaiveDate::from_ymd_opt(year, month, day)))
                .collect(),
            Self::Month(month) => {
                let year = if month < today.month() { today.year() + 1 } else { today.year() };
                let first = NaiveDate::from_ymd_opt(year, month, 1);
                from(first, |first| first.checked_add_months(Months::new(1))).into_iter().collect()
            }
            Self::Weekday(weekday) => {
                let ahead = u64::from(weekday.days_since(today.weekday()));
                let days = (0..WEEKS).map(|week| today.checked_add_days(Days::new(ahead + 7 * week)));
                days.filter_map(one_day).collect()
            }
        }
    }
}

/// A word without what stands around it; the full stop of a number stays.
fn bare(word: &str) -> String {
    let plain: String = word.nfkd().filter(|c| c.is_ascii()).flat_map(char::to_lowercase).collect();
    plain.trim_matches(|c: char| !c.is_alphanumeric() && c != '.').to_owned()
}

/// `15.5.`, `15.05.2027`, `2027-05-15`.
fn in_digits(word: &str) -> Option<WrittenDate> {
    if let Ok(date) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
        return WrittenDate::day(Some(date.year()), date.month(), date.day()).filter(|_| word.len() == 10);
    }
    let mut parts = word.split('.');
    let (day, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    let rest_is_empty = parts.all(str::is_empty);
    let number = |text: &str| text.parse().ok().filter(|_| text.len() <= 2);
    let year = if last.is_empty() { None } else { Some(year(last)?) };
    WrittenDate::day(year, number(month)?, number(day)?).filter(|_| rest_is_empty)
}

fn month(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.');
    (1..).zip(MONTHS).find(|(_, names)| names.contains(&word)).map(|(month, _)| month)
}

/// A year of four digits, or of two in this century.
fn year(word: &str) -> Option<i32> {
    let number: i32 = word.parse().ok()?;
    match (word.len(), number) {
        (4, 1900..=2199) => Some(number),
        (2, _) => Some(2000 + number),
        _ => None,
    }
}
