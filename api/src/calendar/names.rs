//! What zones are called by programs that do not know the names of IANA: Outlook and Exchange, Lotus Notes and old clients, in German
//! and in English.

use chrono::{NaiveDate, NaiveTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

/// Longer names are none.
const LONGEST: usize = 200;

/// Names as they are written, in small letters.
const CALLED: [(&str, Tz); 34] = [
    ("z", Tz::UTC),
    ("utc", Tz::UTC),
    ("gmt", Tz::UTC),
    ("zulu", Tz::UTC),
    ("coordinated universal time", Tz::UTC),
    ("koordinierte weltzeit", Tz::UTC),
    ("weltzeit", Tz::UTC),
    ("mez", Tz::Europe__Berlin),
    ("mesz", Tz::Europe__Berlin),
    ("mez/mesz", Tz::Europe__Berlin),
    ("cest", Tz::Europe__Berlin),
    ("cet/cest", Tz::Europe__Berlin),
    ("cet/cdt", Tz::Europe__Berlin),
    ("mitteleuropäische zeit", Tz::Europe__Berlin),
    ("mitteleuropäische sommerzeit", Tz::Europe__Berlin),
    ("mitteleuropaeische zeit", Tz::Europe__Berlin),
    ("mitteleuropa (normalzeit)", Tz::Europe__Berlin),
    ("westeuropa", Tz::Europe__Berlin),
    ("westeuropa (normalzeit)", Tz::Europe__Berlin),
    ("westeuropäische normalzeit", Tz::Europe__Berlin),
    ("w. europe daylight time", Tz::Europe__Berlin),
    ("central european time", Tz::Europe__Berlin),
    ("central european summer time", Tz::Europe__Berlin),
    ("central europe", Tz::Europe__Budapest),
    ("romanische zeit", Tz::Europe__Paris),
    ("romanische normalzeit", Tz::Europe__Paris),
    ("romance daylight time", Tz::Europe__Paris),
    ("westeuropäische zeit", Tz::Europe__London),
    ("gmt normalzeit", Tz::Europe__London),
    ("gmt daylight time", Tz::Europe__London),
    ("osteuropäische zeit", Tz::Europe__Helsinki),
    ("osteuropäische sommerzeit", Tz::Europe__Helsinki),
    ("eastern european time", Tz::Europe__Helsinki),
    ("eest", Tz::Europe__Helsinki),
];

/// Cities that zones are called by, in small letters, where IANA writes them otherwise or has others of their country.
const CITIES: [(&str, Tz); 36] = [
    ("lissabon", Tz::Europe__Lisbon),
    ("edinburgh", Tz::Europe__London),
    ("bern", Tz::Europe__Zurich),
    ("zürich", Tz::Europe__Zurich),
    ("rom", Tz::Europe__Rome),
    ("wien", Tz::Europe__Vienna),
    ("brüssel", Tz::Europe__Brussels),
    ("kopenhagen", Tz::Europe__Copenhagen),
    ("prag", Tz::Europe__Prague),
    ("pressburg", Tz::Europe__Bratislava),
    ("laibach", Tz::Europe__Ljubljana),
    ("belgrad", Tz::Europe__Belgrade),
    ("warschau", Tz::Europe__Warsaw),
    ("agram", Tz::Europe__Zagreb),
    ("hamburg", Tz::Europe__Berlin),
    ("münchen", Tz::Europe__Berlin),
    ("munich", Tz::Europe__Berlin),
    ("frankfurt", Tz::Europe__Berlin),
    ("athen", Tz::Europe__Athens),
    ("bukarest", Tz::Europe__Bucharest),
    ("kiew", Tz::Europe__Kyiv),
    ("kyiv", Tz::Europe__Kyiv),
    ("wilna", Tz::Europe__Vilnius),
    ("reval", Tz::Europe__Tallinn),
    ("moskau", Tz::Europe__Moscow),
    ("st. petersburg", Tz::Europe__Moscow),
    ("kairo", Tz::Africa__Cairo),
    ("harare", Tz::Africa__Harare),
    ("pretoria", Tz::Africa__Johannesburg),
    ("neu-delhi", Tz::Asia__Kolkata),
    ("new delhi", Tz::Asia__Kolkata),
    ("peking", Tz::Asia__Shanghai),
    ("beijing", Tz::Asia__Shanghai),
    ("osaka", Tz::Asia__Tokyo),
    ("tokio", Tz::Asia__Tokyo),
    ("canberra", Tz::Australia__Sydney),
];

/// The zone that is called so. `likely` is the first that is thought of where a name says no more than how clocks are set.
pub fn called(name: &str, likely: Tz) -> Option<Tz> {
    if name.len() > LONGEST {
        return None;
    }
    let name = name.strip_prefix("tzone://Microsoft/").unwrap_or(name).trim();
    let small = name.to_lowercase();
    let known = |name: &str| CALLED.iter().find(|(called, _)| *called == name).map(|(_, zone)| *zone);
    let named = small.rsplit_once(") ").map_or(small.as_str(), |(_, name)| name);
    known(named).or_else(|| iana(name)).or_else(|| by_cities(&small)).or_else(|| by_clocks(&small, likely))
}

/// A name without the number that Outlook gives to those that it has more than once.
pub fn unnumbered(name: &str) -> Option<&str> {
    let (name, number) = name.rsplit_once(' ')?;
    number.bytes().all(|digit| digit.is_ascii_digit()).then_some(name)
}

/// A zone of IANA as some programs write it: `US-Eastern`, `Argentina/Buenos_Aires`, `europe/berlin`,
/// `/freeassociation.sourceforge.net/Tzfile/Europe/Berlin`.
fn iana(name: &str) -> Option<Tz> {
    let parts: Vec<&str> = name.split('/').collect();
    let last = |count: usize| parts.len().checked_sub(count).filter(|at| *at > 0).map(|at| parts[at..].join("/"));
    let written = [
        Some(name.replace(' ', "_")),
        Some(name.replacen('-', "/", 1)),
        Some(format!("America/{name}")),
        last(3),
        last(2),
    ];
    written
        .into_iter()
        .flatten()
        .find_map(|name| TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(&name)).copied())
}

/// `(GMT+01:00) Amsterdam, Berlin, Bern`: the first of these cities whose clocks are so far ahead of UTC in winter.
fn by_cities(name: &str) -> Option<Tz> {
    let (ahead, cities) = match name.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((ahead, cities)) => (Some(winter(ahead)?), cities),
        None => (None, name),
    };
    let zones = cities.split([',', '/', ';']).filter_map(|city| city_zone(city.trim()));
    zones.into_iter().find(|zone| ahead.is_none_or(|ahead| standard(*zone) == Some(ahead)))
}

fn city_zone(city: &str) -> Option<Tz> {
    if let Some((_, zone)) = CITIES.iter().find(|(called, _)| *called == city) {
        return Some(*zone);
    }
    let city = city.replace(' ', "_");
    let is_called = |zone: &&Tz| zone.name().rsplit_once('/').is_some_and(|(_, last)| last.eq_ignore_ascii_case(&city));
    TZ_VARIANTS.iter().find(is_called).copied()
}

/// `GMT +0100 (Standard) / GMT +0200 (Daylight)`: clocks and no zone.
fn by_clocks(name: &str, likely: Tz) -> Option<Tz> {
    let (standard_part, summer_part) = name.split_once('/')?;
    let (standard_part, summer_part) = (standard_part.trim(), summer_part.trim());
    let (in_winter, in_summer) =
        (winter(standard_part.strip_suffix("(standard)")?)?, winter(summer_part.strip_suffix("(daylight)")?)?);
    let likely = [likely, Tz::Europe__Berlin, Tz::Europe__London, Tz::Europe__Athens, Tz::America__New_York];
    let same = |zone: &Tz| standard(*zone) == Some(in_winter) && at(*zone, 7) == Some(in_summer);
    likely.into_iter().chain(TZ_VARIANTS).find(same)
}

/// `GMT+01.00`, `UTC+01:00`, `utc` as seconds ahead of UTC.
fn winter(text: &str) -> Option<i32> {
    let text = text.trim();
    let rest = text.strip_prefix("gmt").or(text.strip_prefix("utc"))?;
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let sign = if rest.trim_start().starts_with(['-', '−']) { -1 } else { 1 };
    let (hours, minutes) = digits.split_at_checked(2).unwrap_or((&digits, ""));
    let number = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i32>().ok() };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// How far ahead of UTC clocks are when they are not advanced, in seconds.
fn standard(zone: Tz) -> Option<i32> {
    at(zone, 1)?.min(at(zone, 7)?).into()
}

/// How far they are in a month of a year of now.
fn at(zone: Tz, month: u32) -> Option<i32> {
    let noon = NaiveDate::from_ymd_opt(2026, month, 1)?.and_time(NaiveTime::from_hms_opt(12, 0, 0)?);
    Some(zone.offset_from_utc_datetime(&noon).fix().local_minus_utc())
}
