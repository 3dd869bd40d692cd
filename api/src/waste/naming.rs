//! What kinds of waste are called and which sign they have, as long as staff has not said so: guessed by the names that German
//! municipalities use. Colours alone say nothing, since they mean another thing in every second town.

use entity::WasteIcon;
use std::collections::HashMap;

/// Parts of names, by what they are a sign of; in small letters without umlauts.
const SIGNS: [(WasteIcon, &[&str]); 8] = [
    (
        WasteIcon::Residual,
        &[
            "restmuell",
            "restabf",
            "resttonne",
            "restbehaelter",
            "restcontainer",
            "hausmuell",
            "hausabf",
            "siedlungsabf",
            "residual",
        ],
    ),
    (WasteIcon::Organic, &["bio", "kompost", "kuechenabf", "speiserest", "organic"]),
    (WasteIcon::Paper, &["papier", "pappe", "karton", "paper"]),
    (
        WasteIcon::Packaging,
        &[
            "leichtstoff",
            "leichtverpack",
            "verpackung",
            "lvp",
            "wertstofftonne",
            "wertstoffsack",
            "plastik",
            "packaging",
        ],
    ),
    (WasteIcon::Glass, &["glas"]),
    (
        WasteIcon::Garden,
        &[
            "gruenschnitt",
            "gruenabf",
            "gruengut",
            "gartenabf",
            "strauch",
            "astwerk",
            "baumschnitt",
            "heckenschnitt",
            "laub",
            "haecksel",
            "weihnachtsb",
            "christb",
            "tannenb",
        ],
    ),
    (
        WasteIcon::Hazardous,
        &[
            "schadstoff",
            "problemstoff",
            "problemmuell",
            "problemabf",
            "sondermuell",
            "sonderabf",
            "giftmobil",
            "umweltmobil",
        ],
    ),
    (WasteIcon::Bulky, &["sperrm", "sperrg", "sperrab", "sperrig", "bulky"]),
];

/// What is said of how or when something is collected, and belongs to its name.
const HOW: [&str; 26] = [
    "woch",
    "woech",
    "taeg",
    "monat",
    "jaehr",
    "liter",
    "gerade",
    "uhr",
    "verschob",
    "verleg",
    "feiertag",
    "nachhol",
    "ersatz",
    "sammlung",
    "buendel",
    "sack",
    "saeck",
    "tonne",
    "container",
    "behaelter",
    "gross",
    "klein",
    "gewerbe",
    "weiss",
    "bunt",
    "halbjahr",
];

/// What has only the name of what follows it.
const ABOUT_ALL: [&str; 10] = [
    "abfuhr",
    "muellabfuhr",
    "abholung",
    "leerung",
    "abfall",
    "muell",
    "entsorgung",
    "termin",
    "abfuhrtermin",
    "abfallkalender",
];

/// What begins the code of a street or round.
const CODES: [&str; 7] = ["bezirk", "bez.", "tour", "revier", "gebiet", "strassenschluessel", "zone"];

/// Where waste is collected: the names of the village and of the district.
pub struct Places<'a>(pub [&'a str; 2]);

/// The sign of what is called so: that of the one kind that it names.
pub fn icon(label: &str) -> WasteIcon {
    let text = plain(&without_brackets(label));
    let yellow = text.contains("gelb") && ["sack", "saeck", "tonne"].iter().any(|what| text.contains(what));
    let is_named = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    let mut named: Vec<WasteIcon> = SIGNS.iter().filter(|(_, parts)| is_named(parts)).map(|(icon, _)| *icon).collect();
    if yellow && !named.contains(&WasteIcon::Packaging) {
        named.push(WasteIcon::Packaging);
    }
    if text == "rest" {
        named.push(WasteIcon::Residual);
    }
    if let [icon] = named.as_slice() { *icon } else { WasteIcon::Other }
}

/// The names of kinds by their labels: without the town and the code of a street, unless two of them would be called the same.
pub fn names<'a>(labels: impl Iterator<Item = &'a str>, places: &Places<'_>) -> HashMap<&'a str, String> {
    let mut names: HashMap<&str, String> = labels.map(|label| (label, name(label, places))).collect();
    let mut called: HashMap<String, usize> = HashMap::new();
    names.values().for_each(|name| *called.entry(name.clone()).or_default() += 1);
    for (label, name) in &mut names {
        if called.get(name).is_some_and(|count| *count > 1) {
            *name = (*label).to_owned();
        }
    }
    names
}

/// A label without what it says of where.
pub fn name(label: &str, places: &Places<'_>) -> String {
    let mut name = label.trim();
    while let Some(shorter) = shortened(name, places).filter(|shorter| !shorter.is_empty()) {
        name = shorter;
    }
    name.to_owned()
}

fn shortened<'a>(name: &'a str, places: &Places<'_>) -> Option<&'a str> {
    if let Some((head, tail)) = name.rsplit_once([':', '|']).or(name.rsplit_once(" - ")).or(name.rsplit_once(" – ")) {
        let (head, tail) = (head.trim(), tail.trim());
        let is_where = is_code(tail) || places.has(tail) || (comes_to_the_house(head) && !says_how(tail));
        let is_all = icon(tail) != WasteIcon::Other && (ABOUT_ALL.contains(&plain(head).as_str()) || places.has(head));
        return if is_all { Some(tail) } else { is_where.then_some(head) };
    }
    let bracketed = name.strip_suffix([')', ']']).and_then(|text| text.rsplit_once(['(', '[']));
    if let Some((head, inside)) = bracketed {
        return (is_code(inside) || places.has(inside)).then(|| head.trim());
    }
    let ends = name.char_indices().filter(|(_, c)| matches!(c, ' ' | ',')).map(|(at, _)| at);
    let is_where = |at: &usize| {
        let tail = name[*at..].trim_matches([' ', ',']);
        is_code(tail) || places.has(tail)
    };
    ends.into_iter().find(is_where).map(|at| name[..at].trim_end_matches([' ', ',']))
}

/// Whether it is a kind that is collected at the house: where something else stops, one has to know.
fn comes_to_the_house(label: &str) -> bool {
    !matches!(icon(label), WasteIcon::Other | WasteIcon::Hazardous)
}

impl Places<'_> {
    fn has(&self, text: &str) -> bool {
        let text = plain(text);
        !text.is_empty() && self.0.iter().any(|place| plain(place) == text)
    }
}

/// Whether it is the code of a street or a round: `Bezirk 3`, `04711`.
fn is_code(text: &str) -> bool {
    let text = plain(text);
    let digits =
        text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'-' | b'.'));
    let named = CODES.iter().filter_map(|code| text.strip_prefix(code)).any(|rest| {
        let rest = rest.trim_matches([' ', ':', '.', '-']);
        !rest.is_empty() && rest.len() <= 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/')
    });
    digits || named
}

/// Whether it says how or when something is collected, or what.
fn says_how(text: &str) -> bool {
    let plain = plain(text);
    let volume = plain.split(' ').any(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with('l'));
    let number = plain.bytes().any(|byte| byte.is_ascii_digit()) && !is_code(text);
    volume || number || icon(text) != WasteIcon::Other || HOW.iter().any(|how| plain.contains(how))
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let outside = text.chars().filter(|c| {
        depth += usize::from(matches!(c, '(' | '['));
        let is_outside = depth == 0;
        depth -= usize::from(matches!(c, ')' | ']') && depth > 0);
        is_outside
    });
    let outside: String = outside.collect();
    if outside.trim().is_empty() { text.to_owned() } else { outside }
}

/// Small letters without umlauts.
pub fn plain(text: &str) -> String {
    let text = text.trim().to_lowercase();
    [("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")].iter().fold(text, |text, (from, to)| text.replace(from, to))
}
