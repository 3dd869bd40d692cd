//! Which labels are other words for one and the same kind of waste: all of the words count, so that what says which bin, how often or
//! where stays another kind.

use super::naming::{Places, plain};

/// Words for the same, in small letters without umlauts. What may be collected apart is not in one row, such as bins and sacks.
const SYNONYMS: [&[&str]; 15] = [
    &["restmuell", "restabfall", "restabfaelle", "hausmuell", "hausabfall", "hausabfaelle"],
    &["restmuelltonne", "restabfalltonne", "resttonne", "hausmuelltonne"],
    &["biomuell", "bioabfall", "bioabfaelle"],
    &["biotonne", "biomuelltonne", "bioabfalltonne"],
    &["altpapier", "papier"],
    &["papiertonne", "altpapiertonne"],
    &["leichtverpackungen", "leichtverpackung", "leichtstoffe", "leichtstoffverpackungen", "lvp"],
    &["gartenabfall", "gartenabfaelle", "gruenabfall", "gruenabfaelle"],
    &["weihnachtsbaum", "weihnachtsbaeume", "christbaum", "christbaeume", "tannenbaum", "tannenbaeume"],
    &["schadstoffe", "schadstoff", "sondermuell", "sonderabfall", "sonderabfaelle", "problemabfall", "problemabfaelle"],
    &["schadstoffmobil", "giftmobil"],
    &["sperrmuell", "sperrgut", "sperrabfall"],
    &["gelb", "gelbe", "gelber", "gelben"],
    &["sack", "saecke"],
    &["tonne", "tonnen"],
];

/// Words that every kind may have, and that say nothing of which it is.
const ABOUT_ALL: [&str; 3] = ["abfuhr", "muellabfuhr", "leerung"];

/// Whether two labels say the same of what is collected, in other words or with the name of the town.
pub fn are_synonyms(one: &str, other: &str, places: &Places<'_>) -> bool {
    words(one, places) == words(other, places)
}

/// The words of a label, each as the first of its synonyms.
fn words(label: &str, places: &Places<'_>) -> Vec<String> {
    let all = split(label);
    let mut words = all.as_slice();
    for place in places.0.map(split).iter().filter(|place| !place.is_empty()) {
        words = words.strip_suffix(place.as_slice()).unwrap_or(words);
        words = words.strip_prefix(place.as_slice()).unwrap_or(words);
    }
    let telling: Vec<&String> = words.iter().filter(|word| !ABOUT_ALL.contains(&word.as_str())).collect();
    if telling.is_empty() { all } else { telling.into_iter().map(|word| first_of_its_synonyms(word)).collect() }
}

fn split(text: &str) -> Vec<String> {
    let text = plain(text);
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn first_of_its_synonyms(word: &str) -> String {
    let row = SYNONYMS.iter().find(|row| row.contains(&word));
    row.and_then(|row| row.first()).copied().unwrap_or(word).to_owned()
}
