//! Names and titles hide nothing: what no reader sees, or what turns the direction of writing, is refused in every one of them.

use super::{draft, village_with, with};
use chrono::TimeDelta;
use serde_json::{Value, json};
use tests::kit::clubs::ClubKit;
use tests::kit::{Backend, Dorf, PASSWORD};
use tests::stories;

/// Each with how it is meant: as another file, beside letters, or as a second one that looks alike.
const UNSEEN: [&str; 24] = [
    "Verein \u{202e}nehcoL",
    "Chor\u{200b}",
    "\u{feff}Chor",
    "Cho\u{2060}r",
    "Chor \u{2066}x\u{2069}",
    "Chor\u{200e}",
    "Chor\u{200f}",
    "Chor\u{61c}",
    "Cho\u{200d}r",
    "Cho\u{200c}r",
    "Chor\u{ad}",
    "\u{ad}Chor",
    "Chor\u{e0041}",
    "Chor\u{180e}",
    "Chor\u{fff9}",
    "\u{3164}",
    "\u{2800}\u{2800}",
    "\u{115f}\u{1160}",
    "\u{ffa0}",
    "Cho\u{34f}r",
    "Chor\u{180b}",
    "Chor\u{fe0f}",
    "Chor\u{e0101}",
    "Chor\u{fffe}",
];

/// What belongs to its neighbours.
const SEEN: [&str; 9] = [
    "\u{845b}\u{e0100}\u{98fe}",
    "Sonne \u{2600}\u{fe0f}",
    "👩‍👩‍👧‍👦 im Park",
    "🏳️‍🌈 Fest",
    "❤️‍🔥",
    "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "Gemeinde\u{ad}haus",
    "می\u{200c}خواهم",
    "שלום עולם",
];

stories! {
    async fn names_and_titles_hide_nothing(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let (operator, club) = (dorf.operator().await, ClubKit::entered(&village, "chor").await);
        let link = club.invites("clara", "club_manager", &village.editor).await;
        let accept = format!("{}/accept", link.rsplit_once('/').expect("a path").0);
        let token = link.rsplit('/').next().expect("a token");
        let district = json!({"slug": "ahornweg", "name": "Ahornweg"});
        village.staff("POST", "/waste/districts").bearer(&village.editor).json(&district).send().await.expect(201);
        let (etag, expires_at) = (club.etag().await, dorf.clock.now() + TimeDelta::days(30));
        for text in UNSEEN {
            for pointer in ["/title", "/event/place"] {
                draft(&village, &with(pointer, json!(text))).send().await.fault(422, pointer);
            }
            let person = json!({"email": "e@luedenhausen.example", "name": text, "password": PASSWORD});
            village.hires(&person).await.fault(422, "/name");
            let accepted = json!({"token": token, "name": text, "password": PASSWORD});
            dorf.ask("POST", &accept).json(&accepted).send().await.fault(422, "/name");
            for member in ["name", "sender_name"] {
                let body = village_with(&dorf, member, json!(text)).await;
                let reply = dorf.ask("POST", "/v1/operator/villages").bearer(operator).json(&body).send().await;
                reply.fault(422, &format!("/{member}"));
            }
            let body = json!({"name": text, "ags": "05766041"});
            dorf.ask("POST", "/v1/operator/municipalities").bearer(operator).json(&body).send().await.fault(422, "/name");
            let posted: [(&str, Value); 4] = [
                ("/topics", json!({"slug": "feuerwehr", "name": text})), ("/api-keys", json!({"name": text, "scopes": ["posts:write"], "expires_at": expires_at})),
                ("/clubs", json!({"slug": "turnen", "name": text, "category": "sport"})), ("/waste/districts", json!({"slug": "b", "name": text})),
            ];
            for (path, body) in posted {
                let reply = village.staff("POST", path).bearer(&village.admin).json(&body).send().await;
                assert!(reply.problem(422, "unprocessable").contains(&"/name".to_owned()), "{path} {text:?}: {}", reply.text());
            }
            let change = json!({"contact_name": text});
            let reply = club.ask("PATCH", "", &village.editor).header("if-match", &etag).json(&change).send().await;
            reply.fault(422, "/contact_name");
        }
        for text in SEEN {
            let made = draft(&village, &with("/title", json!(text))).send().await.expect(201);
            assert_eq!(made.str("title"), text, "it comes back as it was");
        }
    }
}
