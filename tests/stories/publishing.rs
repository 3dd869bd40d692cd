//! A town hall publishes; the right residents of the right village get it; nobody else does.

use tests::kit::{Backend, Dorf, alert, event, news, notice};
use tests::stories;

stories! {
    async fn a_post_reaches_each_follower_once_and_nobody_else(on: Backend) {
        let dorf = Dorf::start(on).await;
        let luedenhausen = dorf.village("luedenhausen").await;
        let stemmen = dorf.village("stemmen").await;
        let anna = luedenhausen.resident("anna").follows("verkehr").by_mail().await.by_push().await;
        let bert = luedenhausen.resident("bert").follows("vereine").by_mail().await.by_push().await;
        let otto = stemmen.resident("otto").follows("verkehr").by_mail().await.by_push().await;

        luedenhausen.editor().publishes(news("Brücke gesperrt").on("verkehr")).await;
        dorf.work_off().await;
        dorf.work_off().await; // doing it again changes nothing

        assert_eq!(anna.subjects(), ["Brücke gesperrt"]);
        assert_eq!(anna.pushes(), ["Lüdenhausen · Brücke gesperrt"]);
        assert!(bert.subjects().is_empty() && bert.pushes().is_empty(), "bert follows something else");
        assert!(otto.subjects().is_empty() && otto.pushes().is_empty(), "otto lives elsewhere");
        assert!(stemmen.feed().await.titles().is_empty());
        assert_eq!(dorf.push.faults(), [""; 0]);
    }

    async fn every_kind_is_told_and_named(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        for draft in [news("A"), notice("B"), event("C", "2026-12-06T15:00"), alert("D")] {
            editor.publishes(draft).await;
            dorf.work_off().await;
        }
        let told = ["Lüdenhausen · A", "Lüdenhausen · Aus den Vereinen: B", "Lüdenhausen · Termin: C", "Lüdenhausen · Warnung: D"];
        assert_eq!(anna.pushes(), told);
        assert_eq!(village.feed().await.titles().len(), 4);
    }

    async fn what_expires_before_it_is_sent_is_not_sent(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let editor = village.editor();
        let post = editor.publishes(news("Überholt")).await;
        let gone = serde_json::json!({"expires_at": "2026-11-22T08:00:00Z"});
        editor.changes(&post, &gone).await.expect(200);
        dorf.work_off().await;
        assert!(anna.pushes().is_empty());
        let report = editor.report(&post).await;
        assert!(report["finished_at"].is_string() && report["delivered"] == 0 && report["pending"] == 0, "{report}");
    }

    async fn a_large_village_is_planned_piece_by_piece_and_told_once(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| settings.notifications.planned_at_once = 3).await;
        let village = dorf.village("luedenhausen").await;
        let mut residents = Vec::new();
        for n in 0..9 {
            residents.push(village.resident(&format!("nr{n}")).by_push().await);
        }
        let other = village.resident("otto").follows("vereine").by_push().await;
        let post = village.editor().publishes(news("An alle")).await;
        dorf.work_off().await;
        for resident in &residents {
            assert_eq!(resident.pushes(), ["Lüdenhausen · An alle"]);
        }
        assert!(other.pushes().is_empty());
        let report = village.editor().report(&post).await;
        assert_eq!((&report["planned"], &report["delivered"]), (&9.into(), &9.into()), "{report}");
        assert!(report["finished_at"].is_string());
    }
}
