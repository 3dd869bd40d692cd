//! The audit log: complete, only added to, and telling when somebody lays hands on it.

use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, PASSWORD, Program, news};
use tests::stories;

/// The output of `dorf audit verify`, and whether all was well.
async fn verify(dorf: &Dorf) -> (bool, String) {
    let settings = [("DORF_DATABASE__URL", dorf.database.url())];
    let output = Program::run(dorf.folder.path(), &["audit", "verify"], &settings, "").await;
    let code = output.status.code().expect("it ended by itself");
    assert!(code <= 1, "it could be found out: {}", String::from_utf8_lossy(&output.stderr));
    (code == 0, String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Somebody who owns the database takes the lock off the log.
async fn unlock(dorf: &Dorf, on: Backend) {
    match on {
        Backend::Sqlite => {
            dorf.database.change("DROP TRIGGER audit_entry_no_UPDATE").await.expect("the lock is off");
            dorf.database.change("DROP TRIGGER audit_entry_no_DELETE").await.expect("the lock is off");
        }
        Backend::Postgres => {
            let sql = "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_append_only";
            dorf.database.change(sql).await.expect("the lock is off");
        }
    }
}

stories! {
    async fn the_log_tells_who_did_what_from_which_version_to_which(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let post = village.editor().publishes(news("Brücke gesperrt")).await;
        village.editor().step(&post, "withdraw").await.expect(200);
        other.editor().publishes(news("Anderswo")).await;
        let about = village.staff("GET", &format!("/audit?subject={}", post.id)).bearer(&village.admin).send().await;
        let lines = about.expect(200).json();
        let told: Vec<(&str, i64, i64)> = lines["items"].as_array().expect("lines").iter().map(|line| {
            let version = |name: &str| line[name].as_i64().unwrap_or(0);
            (line["action"].as_str().expect("an action"), version("from_version"), version("to_version"))
        }).collect();
        assert_eq!(told, [("post.withdrawn", 2, 3), ("post.published", 1, 2), ("post.created", 0, 1)]);
        assert!(lines["items"].as_array().expect("lines").iter().all(|line| line["account_name"] == "editor luedenhausen"));
        let all = village.audit().await;
        let numbers: Vec<i64> = all.iter().map(|line| line["number"].as_i64().expect("a number")).collect();
        assert_eq!(numbers, (1..=numbers.len() as i64).rev().collect::<Vec<_>>(), "without gaps");
        assert_eq!(all.last().expect("the first line")["action"], "village.created", "the operator's deeds are there too");
        assert!(!all.iter().any(|line| line["subject"] == json!(other.slug)), "{all:?}");
        village.staff("GET", "/audit?action=p%27").bearer(&village.admin).send().await.problem(400, "invalid-parameter");
    }

    async fn the_log_is_read_page_by_page_and_taken_out_as_a_table(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let person = json!({"email": "x@luedenhausen.example", "name": "=HYPERLINK(\"http://böse\")", "password": PASSWORD});
        village.staff("POST", "/editors").bearer(&village.admin).json(&person).send().await.expect(201);
        let formula = dorf.log_in("x@luedenhausen.example").await;
        village.staff("POST", "/posts").bearer(&formula).json(&news("Hallo").0).send().await.expect(201);
        let all = village.audit().await;
        let (mut paged, mut cursor) = (Vec::<Value>::new(), String::new());
        loop {
            let page = village.staff("GET", &format!("/audit?limit=2{cursor}")).bearer(&village.admin).send().await.expect(200).json();
            paged.extend(page["items"].as_array().cloned().unwrap_or_default());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(paged, all);
        let table = village.staff("GET", "/audit.csv").bearer(&village.admin).send().await.expect(200);
        assert!(table.header("content-type").starts_with("text/csv"));
        assert_eq!(table.text().lines().count(), all.len() + 1, "{}", table.text());
        assert!(table.text().contains("\"'=HYPERLINK(\"\"http://böse\"\")\""), "no formula: {}", table.text());
        assert_eq!(village.audit().await[0]["action"], "audit.exported", "taking it out is in it as well");
    }

    async fn nobody_changes_the_log_unnoticed(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (village, other) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        village.editor().publishes(news("Eins")).await;
        other.editor().publishes(news("Zwei")).await;
        let (well, said) = verify(&dorf).await;
        assert!(well && said.matches(": intact, ").count() == 2, "{said}");
        let refused = dorf.database.change("UPDATE audit_entry SET detail = 'nichts'").await;
        assert!(refused.expect_err("the database refuses").contains("append-only"));
        let refused = dorf.database.change("DELETE FROM audit_entry").await;
        assert!(refused.expect_err("the database refuses").contains("append-only"));
        unlock(&dorf, on).await;
        let only_here = "village_id = (SELECT id FROM village WHERE slug = 'luedenhausen')";
        dorf.database.change(&format!("UPDATE audit_entry SET action = 'post.withdrawn' WHERE number = 3 AND {only_here}")).await.expect("changed by hand");
        let (well, said) = verify(&dorf).await;
        assert!(!well && said.contains("luedenhausen: BROKEN at line 3") && said.contains("stemmen: intact"), "{said}");
    }

    async fn the_end_of_the_log_cannot_be_cut_off_unnoticed(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        village.editor().publishes(news("Eins")).await;
        unlock(&dorf, on).await;
        let last = village.audit().await[0]["number"].as_i64().expect("a number");
        dorf.database.change(&format!("DELETE FROM audit_entry WHERE number = {last}")).await.expect("cut off");
        let (well, said) = verify(&dorf).await;
        assert!(!well && said.contains(&format!("BROKEN at line {last}")), "{said}");
        let head = format!("UPDATE audit_head SET number = {}, chain = (SELECT chain FROM audit_entry WHERE number = {})", last - 1, last - 1);
        dorf.database.change(&head).await.expect("the head is moved back");
        let (well, said) = verify(&dorf).await;
        assert!(!well && said.contains("BROKEN"), "the head has a seal: {said}");
    }

    async fn every_kind_of_tampering_is_found_at_its_place(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        for title in ["Eins", "Zwei"] {
            village.editor().publishes(news(title)).await;
        }
        let (well, said) = verify(&dorf).await;
        assert!(well, "{said}");
        unlock(&dorf, on).await;
        let last = village.audit().await[0]["number"].as_i64().expect("a number");
        let columns = "village_id, id, number, at, account_id, action, subject_id, from_version, to_version, detail, chain";
        let everything = format!("CREATE TABLE kept AS SELECT {columns} FROM audit_entry");
        dorf.database.change(&everything).await.expect("a copy to put back");
        let kinds = [
            ("another deed", 4, vec!["UPDATE audit_entry SET action = 'post.withdrawn' WHERE number = 4".to_owned()]),
            ("another time", 4, vec!["UPDATE audit_entry SET at = at + 1 WHERE number = 4".to_owned()]),
            ("another doer", 3, vec!["UPDATE audit_entry SET account_id = NULL WHERE number = 3".to_owned()]),
            ("another version", last, vec![format!("UPDATE audit_entry SET to_version = 9 WHERE number = {last}")]),
            ("the first gone", 1, vec!["DELETE FROM audit_entry WHERE number = 1".to_owned()]),
            ("one in the middle gone", 5, vec!["DELETE FROM audit_entry WHERE number = 5".to_owned()]),
            ("the same, numbered anew", 5, vec![
                "DELETE FROM audit_entry WHERE number = 5".to_owned(),
                "UPDATE audit_entry SET number = number - 1001 WHERE number > 5".to_owned(),
                "UPDATE audit_entry SET number = number + 1000 WHERE number < 0".to_owned(),
            ]),
            ("the last gone", last, vec![format!("DELETE FROM audit_entry WHERE number = {last}")]),
            ("two that changed places", 4, vec![
                "UPDATE audit_entry SET number = -4 WHERE number = 4".to_owned(),
                "UPDATE audit_entry SET number = 4 WHERE number = 5".to_owned(),
                "UPDATE audit_entry SET number = 5 WHERE number = -4".to_owned(),
            ]),
            ("all gone", 1, vec!["DELETE FROM audit_entry".to_owned()]),
        ];
        for (kind, place, statements) in kinds {
            for statement in &statements {
                dorf.database.change(statement).await.expect(kind);
            }
            let (well, said) = verify(&dorf).await;
            assert!(!well && said.contains(&format!("luedenhausen: BROKEN at line {place}")), "{kind}: {said}");
            dorf.database.change("DELETE FROM audit_entry").await.expect("away with it");
            let back = format!("INSERT INTO audit_entry ({columns}) SELECT {columns} FROM kept");
            dorf.database.change(&back).await.expect("put back");
            let (well, said) = verify(&dorf).await;
            assert!(well, "after {kind} was undone: {said}");
        }
        // Without a trace, the head gone as well; and what is written after that does not make it whole.
        dorf.database.change("DELETE FROM audit_entry").await.expect("all gone");
        dorf.database.change("DELETE FROM audit_head").await.expect("the head gone");
        let (well, said) = verify(&dorf).await;
        assert!(!well && said.contains("luedenhausen: BROKEN at line 1"), "{said}");
        village.editor().publishes(news("Danach")).await;
        let (well, said) = verify(&dorf).await;
        assert!(!well && said.contains("luedenhausen: BROKEN at line 1"), "{said}");
    }

    async fn a_part_of_an_action_finds_what_begins_so(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let post = village.editor().drafts(news("Entwurf")).await;
        let template = json!({"name": "Vorlage", "post": post.id});
        village.editor().ask("POST", "/post-templates").json(&template).send().await.expect(201);
        for (part, found) in [("post.", vec!["post.created"]), ("post", vec!["post_template.created", "post.created"]), ("ost", vec![])] {
            let lines = village.staff("GET", &format!("/audit?action={part}")).bearer(&village.admin).send().await.expect(200).json();
            let actions: Vec<&str> = lines["items"].as_array().expect("lines").iter().filter_map(|line| line["action"].as_str()).collect();
            assert_eq!(actions, found, "{part}");
        }
    }
}
