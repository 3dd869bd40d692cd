//! API and worker as processes of their own, on PostgreSQL.

use api::{Role, Running};
use tests::kit::{Ask, Backend, Dorf, Program, news};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_alone_works_and_tells_its_health_and_nothing_else() {
    if !Backend::has_postgres() {
        return;
    }
    let dorf = Dorf::start(Backend::Postgres).await;
    let mut settings = dorf.running.app.settings.clone();
    settings.worker.health_listen = Some(([127, 0, 0, 1], 0).into());
    settings.http.public_url = "https://dorf.example.org".to_owned();
    let worker = Running::start(settings, dorf.clock.clone(), Role::Worker).await.expect("the worker starts");
    let base = format!("http://{}", worker.address.expect("it listens"));
    let ask = |path: &str| Ask::new(&dorf.client, "GET", &format!("{base}{path}"));
    assert_eq!(ask("/health/live").send().await.expect(200).str("status"), "live");
    assert_eq!(ask("/health/ready").send().await.expect(200).str("status"), "ready");
    for path in ["/v1/villages", "/docs", "/openapi.yaml", "/health"] {
        // The contract tells of another server: this one has none of it.
        let reply = dorf.client.get(format!("{base}{path}")).send().await.expect("an answer");
        assert_eq!(reply.status(), 404, "{path}");
    }
    let village = dorf.village("luedenhausen").await;
    village.resident("anna").by_push().await;
    village.editor().publishes(news("Brücke gesperrt")).await;
    dorf.push.wait_for(1).await;
    worker.stop().await;
}

#[tokio::test]
async fn a_worker_alone_must_know_where_its_links_lead() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("DORF_DATABASE__URL", "postgres://dorf@127.0.0.1:1/dorf".to_owned())];
    let output = Program::run(folder.path(), &["serve", "--role", "worker"], &settings, "").await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("http.public_url") && said.lines().count() == 1, "{said}");
}
