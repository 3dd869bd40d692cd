//! Clients that generators make of the contract read a real feed. Each is made and run where its tools are installed; where they are
//! not, this says so.

use serde_json::json;
use std::path::Path;
use std::process::Command;
use tests::kit::{Backend, Dorf, VillageKit, alert, event, news, notice, read_by};
use tests::stories;

/// A feed in which everything is that a feed can hold: events with and without the dates that most events do not have.
async fn publish_all(village: &VillageKit<'_>) {
    let series = json!({
        "starts_local": "2026-12-01T19:00", "rrule": "FREQ=WEEKLY;COUNT=5", "extra_dates": ["2026-12-23T19:00"],
        "except_dates": ["2026-12-15"], "access": ["step_free"],
        "changed_dates": [{"date": "2026-12-08T19:00", "state": "cancelled", "note": "Krank"}],
    });
    village.editor().publishes(news("Nachricht").on("verkehr")).await;
    village.editor().publishes(notice("Hinweis")).await;
    village.editor().publishes(event("Termin", "2026-12-06T15:00")).await;
    village.editor().publishes(event("Reihe", "2026-12-01T19:00").with("event", series)).await;
    village.editor().publishes(alert("Warnung")).await;
}

stories! {
    async fn generated_clients_read_a_real_feed(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        publish_all(&village).await;
        let contract = dorf.folder.path().join("openapi.json");
        std::fs::write(&contract, dorf.ask("GET", "/openapi.json").send().await.expect(200).body).expect("a file");
        let expected = [
            "Warnung\talert\ttrue\t0", "Reihe\tevent\ttrue\t3", "Termin\tevent\ttrue\t0", "Hinweis\tnotice\ttrue\t0",
            "Nachricht\tnews\ttrue\t0",
        ];
        for script in ["typescript.sh", "python.sh", "kotlin.sh"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(script);
            let mut command = Command::new("sh");
            command.arg(path).arg(&contract).args([&dorf.base, "luedenhausen"]);
            let read = tokio::task::block_in_place(|| read_by(script, &mut command, b""));
            if let Some(read) = read {
                assert_eq!(read, expected, "{script}");
            }
        }
    }
}
