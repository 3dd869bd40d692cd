//! Withdrawals and all-clears of the municipality: in each village those who were told there, each person once.

use super::works_it_all_off;
use crate::joint_posts::Mayor;
use serde_json::json;
use tests::kit::{Backend, Dorf, Draft, Post, alert, news};
use tests::stories;

/// Publishes in all villages and tells; gives the post as it is then.
async fn told(dorf: &Dorf, mayor: &Mayor<'_>, draft: Draft) -> Post {
    let post = mayor.publishes(draft).await;
    dorf.work_off().await;
    // Who waits for another village's attempt waits for the end of its lease.
    dorf.wait(chrono::TimeDelta::hours(1));
    dorf.work_off().await;
    post
}

stories! {
    async fn a_joint_withdrawal_is_told_in_each_village_to_those_who_were_told_once(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let both = dorf.push.new_device().await;
        let anna_here = here.resident("anna").by_push_with(both.clone()).await;
        there.resident("anna").by_push_with(both.clone()).await;
        let bert = here.resident("bert").by_mail().await;
        let otto = there.resident("otto").by_push().await;
        let mayor = Mayor::of(&dorf).await;
        let post = told(&dorf, &mayor, news("Wasser abgestellt")).await;
        let body = json!({"reason": "Das Wasser bleibt an."});
        let ask = dorf.ask("POST", &format!("{}/{}/withdraw", mayor.base, post.id)).bearer(&mayor.token);
        ask.header("if-match", &post.etag).json(&body).send().await.expect(200);
        works_it_all_off(&dorf).await;
        dorf.wait(chrono::TimeDelta::hours(1));
        dorf.work_off().await;
        assert_eq!(anna_here.pushes().len(), 2, "{:?}", anna_here.pushes());
        assert!(anna_here.pushes()[1].ends_with(" · Zurückgenommen: Wasser abgestellt"));
        assert_eq!(bert.subjects(), ["Wasser abgestellt", "Zurückgenommen: Wasser abgestellt"]);
        assert_eq!(otto.pushes(), ["Stemmen · Wasser abgestellt", "Stemmen · Zurückgenommen: Wasser abgestellt"]);
        for village in [&here, &there] {
            let copy = mayor.copy(&post, village).await;
            let gone = village.ask("GET", &format!("/posts/{}", copy.id)).send().await;
            gone.problem(410, "gone");
            assert_eq!(gone.str("detail"), "Das Wasser bleibt an.");
        }
    }

    async fn a_joint_all_clear_reaches_who_was_warned_by_a_village_that_was_left_since(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let both = dorf.push.new_device().await;
        let residents = [
            here.resident("anna").by_push_with(both.clone()).await,
            there.resident("anna").by_push_with(both.clone()).await,
        ];
        let otto = there.resident("otto").by_push().await;
        let mayor = Mayor::of(&dorf).await;
        let account = dorf.ask("GET", "/v1/admin/me").bearer(&mayor.token).send().await.expect(200).str("account");
        for village in [&here, &there] {
            village.may_alert(&account).await;
        }
        let post = told(&dorf, &mayor, alert("Trinkwasser abkochen")).await;
        assert_eq!(both.titles().len(), 1);
        let warned_by = usize::from(both.titles()[0].starts_with("Stemmen"));
        residents[warned_by].ask("DELETE").send().await.expect(204);
        let clear = || dorf.ask("POST", &format!("{}/{}/all-clear", mayor.base, post.id)).bearer(&mayor.token);
        let cleared = clear().header("if-match", &post.etag).send().await.expect(200);
        clear().header("if-match", &cleared.header("etag")).send().await.problem(409, "conflict");
        works_it_all_off(&dorf).await;
        dorf.wait(chrono::TimeDelta::hours(1));
        dorf.work_off().await;
        assert_eq!(both.titles().len(), 2, "{:?}", both.titles());
        assert!(both.titles()[1].ends_with(" · Entwarnung: Trinkwasser abkochen"));
        assert_eq!(otto.pushes().len(), 2);
        for village in [&here, &there] {
            let copy = mayor.copy(&post, village).await;
            let shown = village.ask("GET", &format!("/posts/{}", copy.id)).send().await.expect(200);
            assert!(shown.get("all_clear")["at"].is_string());
        }
    }

    async fn a_joint_all_clear_reaches_who_was_warned_where_the_alert_is_hidden(on: Backend) {
        let dorf = Dorf::start(on).await;
        let (here, there) = (dorf.village("luedenhausen").await, dorf.village("stemmen").await);
        let anna = here.resident("anna").by_push().await;
        let mayor = Mayor::of(&dorf).await;
        let account = dorf.ask("GET", "/v1/admin/me").bearer(&mayor.token).send().await.expect(200).str("account");
        for village in [&here, &there] {
            village.may_alert(&account).await;
        }
        let post = told(&dorf, &mayor, alert("Trinkwasser abkochen")).await;
        here.editor().step(&mayor.copy(&post, &here).await, "hide").await.expect(200);
        let late = here.resident("bert").by_push().await;
        let clear = dorf.ask("POST", &format!("{}/{}/all-clear", mayor.base, post.id)).bearer(&mayor.token);
        clear.header("if-match", &post.etag).send().await.expect(200);
        works_it_all_off(&dorf).await;
        assert_eq!(anna.pushes().last().map(String::as_str), Some("Lüdenhausen · Entwarnung: Trinkwasser abkochen"));
        assert_eq!((anna.pushes().len(), late.pushes().len()), (2, 0));
        let hidden = mayor.copy(&post, &here).await;
        here.ask("GET", &format!("/posts/{}", hidden.id)).send().await.problem(404, "not-found");
        here.editor().step(&hidden, "show").await.expect(200);
        let shown = here.ask("GET", &format!("/posts/{}", hidden.id)).send().await.expect(200);
        assert!(shown.get("all_clear")["at"].is_string(), "it warns of nothing any more");
    }
}
