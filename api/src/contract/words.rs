//! Words that mean the same wherever they stand in the contract: names of parameters, headers, and of fields that the example
//! of their object leaves out.

use serde_yaml_ng::Value;

/// Name, description, and example as YAML. A parameter's own description goes first.
const WORDS: &[(&str, &str, &str)] = &[
    ("account", "The identifier of an account.", "019ab0d4-7c1e-7a52-9d36-41f0c2b7e805"),
    ("action", "What was done, or how it begins.", "post.published"),
    ("alt", "What is seen on it.", "Der verschneite Dorfplatz mit dem Baum"),
    ("asked_at", "When it was asked.", "2027-10-25T08:30:00.000Z"),
    ("calendar", "The identifier of a calendar that events come from.", "019ab2d0-4b7e-7c15-a3f2-8e06d91c5b74"),
    ("category", "What kind of club it is.", "culture"),
    ("club", "The name of a club in URLs.", "gesangverein"),
    ("continues", "The identifier of the post that this one goes on from.", "019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63"),
    ("count", "How many dates in all.", "12"),
    ("credit", "Who made it.", "Anna Beispiel"),
    ("code", "A code of a second factor, or a recovery code.", "'492039'"),
    ("cursor", "Where a list goes on.", "q1dE8nXkTg7vYcPz2mUoRAGavQ1OgnA"),
    ("day", "A day.", "2026-12-01"),
    ("district", "The name of a waste district in URLs.", "ahornweg"),
    ("email", "A mailbox.", "anna@luedenhausen.example"),
    ("event_import", "The identifier of an import of events.", "019ab2d1-90c3-7f28-b5a1-4d7e62f80c19"),
    ("expires_at", "From when on it does not show any more.", "2026-12-31T22:00:00.000Z"),
    (
        "file",
        "The name of a file, as in the `url` of a post's media.",
        "5c1e0f7a9b3d42688e17a4c05d92f6b3.thumbnail.jpg",
    ),
    ("decision", "Why it was decided so.", "Der Verein hat sich aufgelöst."),
    ("file_name", "The name of a file.", "Dorfplatz im Schnee.jpg"),
    ("from", "Only what is not before.", "2026-11-30T23:00:00.000Z"),
    ("invitation", "The identifier of an invitation.", "019ab162-0b7c-7e11-8f3a-6d25c9e4a108"),
    ("import", "The identifier of an import.", "019ab2c5-13f8-7d44-b0e6-95a27c3d8f10"),
    ("licence", "Under which terms it may be used.", "CC BY 4.0"),
    ("joint_post", "The identifier of a joint post.", "019ab160-4c11-7e83-9a20-6b51d0c7f394"),
    ("key", "The identifier of an API key.", "019ab151-7a90-7c3e-8f12-0d64b95ea7c3"),
    ("land", "A Land of Germany (ISO 3166-2).", "DE-NW"),
    ("limit", "At most this many.", "20"),
    ("media", "The identifier of an image or document.", "019ab0ef-6a31-7d20-b5c4-0f9e83d2a716"),
    ("municipality", "The identifier of a municipality.", "019ab0c8-11f0-7d43-b0a5-2e97c6d1f584"),
    ("near", "A position: latitude and longitude.", "'52.07,8.99'"),
    ("new", "The version to compare to.", "2"),
    ("next_cursor", "The cursor of the next page.", "q1dE8nXkTg7vYcPz2mUoRAGavQ1OgnA"),
    ("nth", "Which of these weekdays in the month.", "-1"),
    ("old", "The version to compare from.", "1"),
    ("post", "The identifier of a post.", "019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63"),
    ("publish_at", "When it goes out by itself.", "2026-12-01T08:00:00.000Z"),
    ("q", "What to look for.", "lüden"),
    ("reason", "Why it was left out.", "unknown_zone"),
    ("withdrawal_reason", "Why it was taken back.", "Die Brücke bleibt doch offen."),
    ("report", "The identifier of a report.", "019ab13c-8d21-7f06-b4e9-52c7a1f3d068"),
    ("rrule", "How it recurs (RFC 5545).", "FREQ=WEEKLY;COUNT=3"),
    ("session", "The identifier of a log-in.", "019ab0e1-62f3-7d08-8b4c-50a7e913cd42"),
    ("subject", "The identifier of what it was done to.", "019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63"),
    ("subscription", "The identifier of a subscription.", "019ab10a-52e7-7c90-a1d8-6b3f05c4e279"),
    ("template", "The identifier of a template.", "019ab0f6-20bb-7d13-9e44-7c1f3a5d8e02"),
    ("to", "Only what begins before.", "2026-12-31T23:00:00.000Z"),
    ("token", "The token of a link in a mail.", "AZqxCtJcfJCh2Gs_BcTieR8hYpZ0wN6d"),
    ("topic", "The name of a topic in URLs.", "verkehr"),
    ("until", "Only what is before.", "2026-12-31T23:00:00.000Z"),
    ("until_holidays", "Until which school holidays.", "summer"),
    ("version", "The number of a version.", "'2'"),
    ("village", "The village's name in URLs.", "luedenhausen"),
    ("waste_kind", "The identifier of a kind of waste.", "019ab2c1-0a4e-7b60-93d5-6c8e17f2a904"),
    ("withdrawn_at", "When it was taken back.", "2026-11-25T15:20:00.000Z"),
    ("Allow", "The methods that are offered.", "GET, POST"),
    ("Cache-Control", "How long it may be kept.", "no-store"),
    (
        "Content-Disposition",
        "How it is shown, or saved.",
        "attachment; filename=\"Satzung.pdf\"; filename*=UTF-8''Satzung.pdf",
    ),
    ("Content-Range", "Which part of how much.", "bytes 0-499/412806"),
    ("ETag", "The version.", "'\"3\"'"),
    (
        "Idempotency-Key",
        "1 to 255 characters that stand for this request: sent again with the same key, it is done once and answered alike.",
        "e7c1f0a2-5b0d-4f0e-9a53-2d8f5f6f0b11",
    ),
    ("If-Match", "The `ETag` of the version that is changed; 412 tells that somebody else was faster.", "'\"3\"'"),
    ("Last-Event-ID", "The identifier of the last event that was received.", "'41'"),
    (
        "Link",
        "The next page.",
        "</v1/villages/luedenhausen/feed?cursor=q1dE8nXkTg7vYcPz2mUoRAGavQ1OgnA&limit=20>; rel=\"next\"",
    ),
    ("Location", "Where it can be read.", "/v1/villages/luedenhausen/posts/019ab0f2-3d5c-7b14-8e6a-9c27d40b1f63"),
    ("RateLimit", "The limit, and when it counts anew.", "limit=10, remaining=0, reset=42"),
    ("Retry-After", "After how many seconds to try again.", "'42'"),
    ("WWW-Authenticate", "How to log in.", "Bearer realm=\"dorf\""),
];

/// The description of a word.
pub fn description(name: &str) -> Option<&'static str> {
    WORDS.iter().find(|word| word.0 == name).map(|word| word.1)
}

/// The example of a word.
pub fn example(name: &str) -> Option<Value> {
    let word = WORDS.iter().find(|word| word.0 == name)?;
    serde_yaml_ng::from_str(word.2).ok()
}
