//! Two who change the same rows at once. On PostgreSQL a rival, a second client in the middle of a transaction, stands exactly
//! where the other one would; SQLite has one writer.

use super::crowd;
use chrono::TimeDelta;
use futures_util::future::join_all;
use sqlx::{Connection, PgConnection};
use std::cell::Cell;
use tests::kit::push_receiver::PushAnswer;
use tests::kit::{Backend, Dorf, news};
use tests::stories;

/// A second client of the database.
struct Rival(PgConnection);

impl Rival {
    async fn of(dorf: &Dorf) -> Self {
        Self(PgConnection::connect(&dorf.database.superuser_url()).await.expect("the database"))
    }

    async fn does(&mut self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.0).await.expect(sql);
    }

    /// Until so many wait for a lock or have come to an end without.
    async fn is_waited_for(&mut self, by: i64, ended: &Cell<i64>) {
        let sql = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let mut waiting: i64 = 0;
        while waiting + ended.get() < by {
            self.does("SELECT pg_stat_clear_snapshot()").await;
            waiting = sqlx::query_scalar(sql).fetch_one(&mut self.0).await.expect(sql);
        }
    }

    /// How often two waited for each other until PostgreSQL refused one of them. Ends everybody's connections: only then is
    /// everything counted.
    async fn deadlocks(mut self) -> i64 {
        let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        while 0i64 < sqlx::query_scalar(others).fetch_one(&mut self.0).await.expect(others) {}
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        sqlx::query_scalar(deadlocks).fetch_one(&mut self.0).await.expect(deadlocks)
    }
}

/// What is planned while the last of the piece before is being settled is not forgotten with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_planned_while_the_rest_is_settled_is_sent() {
    if !Backend::has_postgres() {
        return;
    }
    let dorf = Dorf::start(Backend::Postgres).await;
    let village = dorf.village("luedenhausen").await;
    let anna = village.resident("anna").by_push().await;
    village.editor().publishes(news("Brücke gesperrt")).await;
    let mut rival = Rival::of(&dorf).await;
    // A piece before this one has gone out, and a lane is about to find nothing pending and to remove the work.
    rival
        .does(
            "INSERT INTO due_work (village_id, id, kind, subject_id, urgency, due_at)
             SELECT village_id, gen_random_uuid(), 1, subject_id, urgency, due_at + 60000 FROM due_work WHERE kind = 0",
        )
        .await;
    rival.does("BEGIN; SELECT id FROM due_work WHERE kind = 1 FOR UPDATE").await;
    let ended = Cell::new(0);
    let work = async {
        dorf.work_off().await;
        ended.set(1);
    };
    tokio::join!(work, async {
        rival.is_waited_for(1, &ended).await;
        rival.does("DELETE FROM due_work WHERE kind = 1; COMMIT").await;
    });
    dorf.wait(TimeDelta::hours(1));
    dorf.work_off().await;
    assert_eq!(anna.pushes(), ["Lüdenhausen · Brücke gesperrt"]);
}

/// Two lanes that settle their last at once do not each leave it to the other to say that all is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_of_two_lanes_says_that_it_is_finished() {
    if !Backend::has_postgres() {
        return;
    }
    let dorf = Dorf::start(Backend::Postgres).await;
    let village = dorf.village("luedenhausen").await;
    let anna = village.resident("anna").by_push().await;
    village.resident("bert").by_mail().await;
    anna.device().answer(PushAnswer::Once(Box::new(PushAnswer::Broken)));
    let post = village.editor().publishes(news("Brücke gesperrt")).await;
    dorf.work_off().await;
    let mut rival = Rival::of(&dorf).await;
    // The mail is sent and its lane is about to commit that, having seen that the push is pending.
    rival.does("UPDATE delivery SET state = 0 WHERE channel = 1 AND settled_at IS NOT NULL").await;
    rival
        .does(
            "BEGIN; SELECT id FROM notification WHERE post_id IS NOT NULL FOR NO KEY UPDATE;
             UPDATE delivery SET state = 1 WHERE channel = 1",
        )
        .await;
    dorf.wait(TimeDelta::hours(1));
    let ended = Cell::new(0);
    let work = async {
        dorf.work_off().await;
        ended.set(1);
    };
    tokio::join!(work, async {
        rival.is_waited_for(1, &ended).await;
        rival.does("COMMIT").await;
    });
    assert_eq!(anna.pushes().len(), 1);
    let report = village.editor().report(&post).await;
    assert!(report["finished_at"].is_string() && report["pending"] == 0, "{report}");
}

/// Leaving takes the subscription and then what is pending to it; so does settling that somebody is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaving_and_being_found_gone_do_not_wait_for_each_other() {
    if !Backend::has_postgres() {
        return;
    }
    let dorf = Dorf::start_with(Backend::Postgres, |settings| settings.database.connections = 16).await;
    let village = dorf.village("luedenhausen").await;
    let crowd = crowd(&village, 12).await;
    for resident in &crowd {
        resident.device().answer(PushAnswer::Gone);
    }
    let post = village.editor().publishes(news("Brücke gesperrt")).await;
    let mut rival = Rival::of(&dorf).await;
    // Holds one, so that the worker, who finds all of them gone, stops in the middle.
    rival.does("BEGIN; SELECT id FROM subscription ORDER BY id OFFSET 5 LIMIT 1 FOR NO KEY UPDATE").await;
    let ended = Cell::new(0);
    let work = async {
        dorf.work_off().await;
        ended.set(ended.get() + 1);
    };
    let leaving = async {
        rival.is_waited_for(1, &ended).await;
        let leave = crowd[..5].iter().chain(&crowd[6..]).map(async |resident| {
            let reply = resident.ask("DELETE").send().await;
            ended.set(ended.get() + 1);
            reply
        });
        let release = async {
            rival.is_waited_for(12, &ended).await;
            rival.does("COMMIT").await;
        };
        tokio::join!(join_all(leave), release).0
    };
    let ((), replies) = tokio::join!(work, leaving);
    for reply in replies {
        assert!([204, 404].contains(&reply.status), "{}", reply.text());
    }
    let report = village.editor().report(&post).await;
    assert!(report["finished_at"].is_string() && report["pending"] == 0, "{report}");
    assert_eq!(rival.deadlocks().await, 0, "they waited for each other");
}

stories! {
    async fn everybody_may_leave_while_half_of_them_are_found_gone(on: Backend) {
        let dorf = Dorf::start_with(on, |settings| {
            settings.push.max_in_flight = 8;
            settings.database.connections = 12;
        })
        .await;
        let village = dorf.village("luedenhausen").await;
        let crowd = crowd(&village, 60).await;
        for resident in crowd.iter().step_by(2) {
            resident.device().answer(PushAnswer::Gone);
        }
        let mut posts = Vec::new();
        for title in ["Eins", "Zwei", "Drei"] {
            posts.push(village.editor().publishes(news(title)).await);
        }
        let settings = dorf.running.app.settings.clone();
        let mut workers = Vec::new();
        if on == Backend::Postgres {
            for _ in 0..2 {
                let role = api::Role::Worker;
                workers.push(api::Running::start(settings.clone(), dorf.clock.clone(), role).await.expect("a worker"));
            }
        }
        let leave = join_all(crowd.iter().map(|resident| resident.ask("DELETE").send()));
        let (replies, ()) = tokio::join!(leave, dorf.work_off());
        for worker in workers {
            worker.stop().await;
        }
        for reply in replies {
            assert!([204, 404].contains(&reply.status), "{}", reply.text());
        }
        dorf.wait(TimeDelta::hours(1));
        dorf.work_off().await;
        for post in &posts {
            let report = village.editor().report(post).await;
            assert!(report["finished_at"].is_string() && report["pending"] == 0, "{report}");
        }
        if on == Backend::Postgres {
            assert_eq!(Rival::of(&dorf).await.deadlocks().await, 0, "some waited for each other");
        }
    }
}
