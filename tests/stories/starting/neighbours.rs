//! Beside others: their variables, their secrets, their relays, their signals, their logs.

use super::refused;
use serde_json::{Value, json};
use tests::kit::smtp_sink::SmtpSink;
use tests::kit::{Ask, Program};

#[tokio::test]
async fn variables_of_kubernetes_and_docker_are_not_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let foreign = [
        ("DORF_SERVICE_HOST", "10.0.0.7"),
        ("DORF_SERVICE_PORT", "80"),
        ("DORF_SERVICE_PORT_HTTP", "80"),
        ("DORF_PORT", "tcp://10.0.0.7:80"),
        ("DORF_PORT_80_TCP", "tcp://10.0.0.7:80"),
        ("DORF_PORT_80_TCP_ADDR", "10.0.0.7"),
        ("DORF_PORT_80_TCP_PORT", "80"),
        ("DORF_PORT_80_TCP_PROTO", "tcp"),
        ("DORF_DB_SERVICE_HOST", "10.0.0.8"),
        ("DORF_DB_PORT_5432_TCP_ADDR", "10.0.0.8"),
        ("DORF_NAME", "/web/dorf"),
        ("DORF_ENV_PATH", "/usr/bin"),
        ("DORF_ENV_DORF_HTTP__LISTEN", "0.0.0.0:1"),
    ];
    let foreign = foreign.map(|(key, value)| (key, value.to_owned()));
    Program::serve(folder.path(), &foreign).await.kill().await;
    for (typo, value, named) in [
        ("DORF_HTTP_PORT", "8080", "http_port"),
        ("DORF_PORT", "8080", "port"),
        ("DORF_DATABASE_URL", "sqlite:x", "database_url"),
        ("DORF_MAIL_SENDER_NAME", "Kalletal", "mail_sender_name"),
        ("DORF_HTTP__LISTEN_FILE", "/dev/null", "listen_file"),
    ] {
        let said = refused(folder.path(), &["serve"], &[(typo, value.to_owned())]).await;
        assert_eq!(said.matches(named).count(), 1, "once: {said}");
        assert_eq!(said.matches("unknown field").count(), 1, "once: {said}");
    }
}

#[tokio::test]
async fn secrets_come_from_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("database_url"));
    std::fs::create_dir(&data).expect("a folder");
    std::fs::write(&file, format!("sqlite:{}\n", folder.path().join("anders.db").display())).expect("written");
    let settings = [("DORF_DATABASE__URL_FILE", file.display().to_string())];
    Program::serve(&data, &settings).await.kill().await;
    assert!(folder.path().join("anders.db").exists() && !data.join("dorf.db").exists());
    let twice = [settings[0].clone(), ("DORF_DATABASE__URL", "sqlite:x".to_owned())];
    let said = refused(&data, &["serve"], &twice).await;
    assert!(said.contains("DORF_DATABASE__URL: is set, and so is its file"), "{said}");
    for secret in ["DORF_MAIL__SMTP_URL", "DORF_MEDIA__S3_SECRET_ACCESS_KEY"] {
        let key = format!("{secret}_FILE");
        let said = refused(&data, &["serve"], &[(&key, "/fehlt/hier".to_owned())]).await;
        assert!(said.contains(secret) && said.contains("/fehlt/hier"), "{said}");
    }
}

#[tokio::test]
async fn a_log_in_json_is_json_from_the_first_line_to_the_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = ("DORF_LOG__FORMAT", "json".to_owned());
    // Who runs the stories with nohup would have it stay.
    let program = Program::serve_minding("HUP", folder.path(), std::slice::from_ref(&json)).await;
    let mut lines = program.said.clone();
    let (rest, ended_well) = program.end_by("HUP").await;
    assert!(ended_well, "SIGHUP ends it as SIGTERM does");
    lines.extend(rest.lines().map(str::to_owned));
    for wrong in [("DORF_HTTP__LISTEN", "here"), ("DORF_DATABASE__URL", "postgres://dorf@127.0.0.1:1/dorf")] {
        lines.push(refused(folder.path(), &["serve"], &[json.clone(), (wrong.0, wrong.1.to_owned())]).await);
    }
    let mut messages = Vec::new();
    for line in &lines {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for member in ["timestamp", "level", "target"] {
            assert!(line[member].is_string(), "{member}: {line}");
        }
        messages.push(line["fields"]["message"].as_str().expect("a message").to_owned());
    }
    for said in ["dorf serves on http://", "stopped", "listen", "connection refused"] {
        assert!(messages.iter().any(|message| message.contains(said)), "{said}: {messages:?}");
    }
}

#[tokio::test]
async fn a_relay_in_the_clear_is_used_if_that_is_said_and_never_with_a_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let with = |url: &str| [("DORF_MAIL__SMTP_URL", url.to_owned())];
    Program::serve(folder.path(), &with("smtp://relay.internal:1025?tls=none")).await.kill().await;
    for (url, why) in [
        ("smtp://relay.internal:1025", "?tls=none if that is meant"),
        ("smtp://dorf:geheim@relay.internal:1025?tls=none", "a password in the clear"),
        ("smtp://relay.internal:1025?tls=maybe", "neither ?tls=required nor ?tls=none"),
    ] {
        let said = refused(folder.path(), &["serve"], &with(url)).await;
        assert!(said.contains(why) && !said.contains("geheim"), "{said}");
    }
}

#[tokio::test]
async fn it_calls_itself_as_its_public_host_or_as_it_is_told() {
    let sink = SmtpSink::start().await;
    let public = ("DORF_HTTP__PUBLIC_URL", "https://dorf.example.org".to_owned());
    let told = ("DORF_MAIL__EHLO_NAME", "mail.kalletal.example".to_owned());
    for (n, (settings, name)) in
        [(vec![public.clone()], "dorf.example.org"), (vec![public, told], "mail.kalletal.example")]
            .into_iter()
            .enumerate()
    {
        let folder = tempfile::tempdir().expect("a folder");
        let settings: Vec<_> = settings.into_iter().chain([("DORF_MAIL__SMTP_URL", sink.url())]).collect();
        super::make_operator(folder.path(), &settings).await;
        let program = Program::serve(folder.path(), &settings).await;
        let forgotten = json!({"email": tests::kit::OPERATOR});
        let path = format!("{}/v1/admin/password-reset", program.base);
        Ask::new(&tests::kit::client(), "POST", &path).json(&forgotten).send().await.expect(202);
        sink.wait_for(n + 1).await;
        assert_eq!(sink.names_heard().last().map(String::as_str), Some(name));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let said = refused(folder.path(), &["serve"], &[("DORF_MAIL__EHLO_NAME", "nicht so".to_owned())]).await;
    assert!(said.contains("mail.ehlo_name"), "{said}");
}

#[tokio::test]
async fn whoever_is_started_with_nohup_stays_when_the_terminal_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Program::serve_ignoring("HUP", folder.path(), &[]).await;
    program.signal("HUP").await;
    let client = tests::kit::client();
    Ask::new(&client, "GET", &format!("{}/health/ready", program.base)).send().await.expect(200);
    let (log, ended_well) = program.terminate().await;
    assert!(ended_well, "{log}");
}
