//! Where something is to be sent: keys of browsers, endpoints, mail addresses.

use super::{entries, push_with, subscribe};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use tests::kit::{Backend, Dorf};
use tests::stories;

stories! {
    async fn only_real_keys_of_a_browser_are_taken(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let device = dorf.push.new_device().await;
        let point = URL_SAFE_NO_PAD.decode(device.p256dh()).expect("base64url");
        let compressed = [&[2 + (point[64] & 1)], &point[1..33]].concat();
        let mut off_the_curve = point.clone();
        off_the_curve[64] ^= 1;
        let mut hybrid = point.clone();
        hybrid[0] = 6 + (point[64] & 1);
        let zeros = vec![0u8; 65];
        let mut no_point = vec![4u8];
        no_point.extend([0u8; 64]);
        let too_big = [&[4u8][..], &[0xff; 64]].concat();
        let wrong = [vec![], vec![0], point[..64].to_vec(), [&point[..], &[0]].concat(), compressed, off_the_curve, hybrid, zeros, no_point, too_big];
        let mut keys: Vec<String> = wrong.iter().map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).collect();
        keys.extend(["kein base64!", "====", "ä", "\0"].map(str::to_owned));
        for key in keys {
            let body = push_with(&dorf, "/web_push/keys/p256dh", json!(key)).await;
            assert_eq!(subscribe(&village, &body).send().await.problem(422, "unprocessable"), ["/web_push/keys/p256dh"], "{key}");
        }
        let mut secrets: Vec<String> = [0, 1, 15, 17, 32].iter().map(|length| URL_SAFE_NO_PAD.encode(vec![7u8; *length])).collect();
        secrets.extend(["kein base64!", "\0", "+/+/+/+/+/+/+/+/+/+/+w=="].map(str::to_owned));
        for secret in secrets {
            let body = push_with(&dorf, "/web_push/keys/auth", json!(secret)).await;
            assert_eq!(subscribe(&village, &body).send().await.problem(422, "unprocessable"), ["/web_push/keys/auth"], "{secret}");
        }
        let body = push_with(&dorf, "/channel", json!("email")).await;
        let mut faults = subscribe(&village, &body).send().await.problem(422, "unprocessable");
        faults.sort();
        assert_eq!(faults, ["/email", "/web_push"]);
        let body = json!({"channel": "web_push", "email": "anna@example.org"});
        assert_eq!(subscribe(&village, &body).send().await.problem(422, "unprocessable"), ["/web_push", "/email"]);
    }

    async fn nothing_is_sent_to_where_a_stranger_points(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let mut wrong: Vec<String> = [
            "", "kein URL", "fcm.googleapis.com/fcm/send/x", "http://fcm.googleapis.com/fcm/send/x", "ftp://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:8443/x", "https://fcm.googleapis.com:80/x", "https://user@fcm.googleapis.com/x",
            "https://user:secret@fcm.googleapis.com/x", "https://fcm.googleapis.com/x#y", "https://fcm.googleapis.com/x#",
            "https://evilfcm.googleapis.com.evil.example/x", "https://fcm.googleapis.com.evil.example/x", "https://evilfcm.googleapis.com/x",
            "https://xpush.apple.com/x", "https://push.apple.com/x", "https://evil.example/?fcm.googleapis.com", "https://evil.example",
            "https://fcm.googleapis.com@evil.example/x", "https://fcm.googleapis.com%2eevil.example/x", "https://evil.example\\@fcm.googleapis.com/x",
            "https://fcm.googleapis.com./x", "https://.push.apple.com/x", "https:///x", "https://localhost/x", "https://localhost.localdomain/x",
            "https://fcm.googleapis.com/x\r\nHost: evil.example", "https://fcm.googleapis.com/ x", "https://fcm.googleapis.com/\0",
            "file:///etc/passwd", "data:text/plain,x", "javascript:alert(1)", "gopher://127.0.0.1:25/x", "unix:/run/x.sock", "//fcm.googleapis.com/x",
        ].map(str::to_owned).into();
        let hosts = [
            "127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001", "2130706433", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
            "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "8.8.8.8", "[2001:4860:4860::8888]", "①②⑦.0.0.1", "127。0。0。1", "%31%32%37.0.0.1",
        ];
        wrong.extend(hosts.iter().flat_map(|host| [format!("https://{host}/x"), format!("https://{host}:443/x"), format!("http://{host}/x")]));
        wrong.push(format!("https://fcm.googleapis.com/fcm/send/{}", "x".repeat(2048)));
        // The test's own receiver is allowed by its origin, and by nothing that only resembles it.
        let own = dorf.push.origin();
        wrong.extend([own.replace("127.0.0.1", "127.0.0.2"), own.replace("http:", "https:"), own.replacen("://", "://u@", 1), format!("{own}0/x")]);
        for endpoint in &wrong {
            let body = push_with(&dorf, "/web_push/endpoint", json!(endpoint)).await;
            let reply = subscribe(&village, &body).send().await;
            assert_eq!(reply.problem(422, "unprocessable"), ["/web_push/endpoint"], "{endpoint}");
            assert!(endpoint.len() < 8 || !reply.text().contains(endpoint.as_str()), "the answer repeats it: {}", reply.text());
        }
        for endpoint in ["https://fcm.googleapis.com/fcm/send/x", "https://FCM.googleapis.com:443/x", "https://api.push.apple.com/3/x"] {
            let body = push_with(&dorf, "/web_push/endpoint", json!(endpoint)).await;
            subscribe(&village, &body).send().await.expect(201);
        }
    }

    async fn a_mail_address_is_one_and_nothing_else(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let ask = |address: &str| subscribe(&village, &json!({"channel": "email", "email": address}));
        let mut wrong: Vec<String> = [
            "", "anna", "@example.org", "anna@", "anna@example", "anna@@example.org", "anna@example.org\r\nBcc: alle@example.org", "anna@exa mple.org",
            "anna@example.org\nBcc: alle@example.org", "anna%0d%0a@example.org\r", "anna\0@example.org", "anna@example.org,otto@example.org",
            "Anna <anna@example.org>", "\"Anna\"@example.org", "anna@example.org; otto@example.org", "anna@.example.org", "anna@example.org.",
            "a\u{2028}b@example.org", "anna@example..org", "anna@[127.0.0.1].", "(a)anna@example.org", "anna\u{85}@example.org",
        ].map(str::to_owned).into();
        wrong.push(format!("{}@example.org", "a".repeat(65)));
        wrong.push(format!("a@{}.org", "example.".repeat(32)));
        for address in &wrong {
            let reply = ask(address).send().await;
            // White space around an address is taken off, so a line break at its end may be one of those.
            if reply.status != 201 || address.trim() == address {
                assert_eq!(reply.problem(422, "unprocessable"), ["/email"], "{address:?}");
            }
        }
        for case in entries("adressen/email_address_crate.json") {
            let address = case["address"].as_str().unwrap_or_default();
            let reply = ask(address).send().await;
            if reply.status == 201 {
                assert_eq!(case["valid"], true, "{address:?} was accepted");
            } else {
                assert_eq!(reply.problem(422, "unprocessable"), ["/email"], "{address:?}");
            }
        }
        let accepted = ask("  Anna+Dorf@Example.org ").send().await.expect(201);
        let path = format!("/subscriptions/{}", accepted.str("id"));
        let shown = village.ask("GET", &path).bearer(&accepted.str("secret")).send().await.expect(200);
        assert_eq!(shown.str("email"), "Anna+Dorf@example.org");
        dorf.work_off().await;
        assert!(dorf.mail.mails().iter().all(|mail| mail.to.len() == 1), "one recipient a mail");
    }
}
