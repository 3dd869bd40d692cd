//! A database goes with the keys it was written with.

use super::{make_operator, refused};
use tests::kit::{Backend, Dorf, PASSWORD, Program, news};
use tests::stories;

stories! {
    async fn keys_that_a_database_was_not_written_with_are_refused(on: Backend) {
        let folder = tests::kit::fresh_folder();
        let database = on.database(folder.path()).await;
        let settings = [("DORF_DATABASE__URL", database.url())];
        make_operator(folder.path(), &settings).await;
        let key = |name: &str| folder.path().join("keys").join(name);
        let (master, vapid) = (std::fs::read(key("master.key")).expect("read"), std::fs::read(key("vapid.key")).expect("read"));
        for (name, others) in [("master.key", &vapid), ("vapid.key", &master)] {
            let right = std::fs::read(key(name)).expect("read");
            std::fs::write(key(name), others).expect("others");
            for arguments in [&["serve"][..], &["audit", "verify"], &["operator", "create", "--email", "x@y.example"]] {
                let said = refused(folder.path(), arguments, &settings).await;
                assert!(said.contains(&format!("{name} is not the one that the database was written with")), "{said}");
                assert!(said.contains("dorf keys replace") && said.contains(&folder.path().join("keys").display().to_string()), "{said}");
            }
            std::fs::remove_file(key(name)).expect("lost");
            let said = refused(folder.path(), &["serve"], &settings).await;
            assert!(said.contains(name) && said.contains("missing") && said.contains("dorf keys replace"), "{said}");
            assert!(!key(name).exists(), "none was made");
            std::fs::write(key(name), right).expect("found again");
        }
        Program::serve(folder.path(), &settings).await.kill().await;
    }

    async fn who_lost_the_keys_is_told_what_is_lost_and_goes_on(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_push().await;
        let bert = village.resident("bert").by_mail().await;
        let before = village.editor().publishes(news("Vorher")).await;
        let (folder, settings) = (dorf.folder.path(), [("DORF_DATABASE__URL", dorf.database.url())]);
        let same = refused(folder, &["keys", "replace", "--accept-loss"], &settings).await;
        assert!(same.contains("nothing is lost"), "{same}");
        std::fs::remove_dir_all(folder.join("keys")).expect("lost");
        let told = Program::run(folder, &["keys", "replace"], &settings, "").await;
        let said = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(!told.status.success() && said.contains("`dorf operator second-factor`") && said.contains("audit logs"), "{said}");
        assert!(!folder.join("keys").exists(), "nothing was made");
        let done = Program::run(folder, &["keys", "replace", "--accept-loss"], &settings, "").await;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

        let smtp = [("DORF_DATABASE__URL", dorf.database.url()), ("DORF_MAIL__SMTP_URL", dorf.mail.url())];
        let program = Program::serve(folder, &smtp).await;
        let ask = |method: &str, path: String| tests::kit::Ask::new(&dorf.client, method, &format!("{}{path}", program.base));
        let login = serde_json::json!({"email": "editor@luedenhausen.example", "password": PASSWORD});
        let token = ask("POST", "/v1/admin/login".to_owned()).json(&login).send().await.expect(200).str("token");
        let draft = serde_json::json!({"kind": "news", "title": "Nachher"});
        let posts = "/v1/admin/villages/luedenhausen/posts";
        let made = ask("POST", posts.to_owned()).bearer(&token).json(&draft).send().await.expect(201).str("id");
        let publish = ask("POST", format!("{posts}/{made}/publish")).bearer(&token).header("If-Match", "\"1\"");
        publish.send().await.expect(200);
        ask("GET", format!("/v1/villages/luedenhausen/posts/{}", before.id)).send().await.expect(200);
        dorf.mail.wait_for(2).await;
        assert!(bert.subjects().contains(&"Nachher".to_owned()), "mailboxes are told as ever");
        assert!(anna.device().received().is_empty(), "what was bound to the lost keys has ended");
        program.terminate().await;
        let verified = Program::run(folder, &["audit", "verify"], &settings, "").await;
        let said = String::from_utf8_lossy(&verified.stdout).into_owned();
        assert!(verified.status.success() && said.contains("luedenhausen: intact"), "{said}");
        assert!(said.contains("those before were written with keys that are lost"), "{said}");
    }
}
