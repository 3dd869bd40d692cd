//! Mail addresses: umlauts in the domain are taken, and what reaches no mailbox of a person is refused wherever one is given.

use serde_json::{Value, json};
use tests::kit::smtp_sink::Mail;
use tests::kit::{Backend, Dorf, PASSWORD, Reply, VillageKit, club, news};
use tests::stories;

/// Addresses that no resident has, or that are none.
const WRONG: [&str; 31] = [
    "a@127.0.0.1",
    "a@1.2.3.4",
    "a@[127.0.0.1]",
    "a@[10.0.0.5]",
    "a@[IPv6:::1]",
    "a@１２７.0.0.1",
    "a@example.123",
    "a@example.0x7f",
    "a@localhost",
    "a@example",
    "a@example.c",
    "a@example.org.",
    "a@-example.org",
    "a@exam_ple.org",
    "a@example.org%0d",
    "a@exa%6dple.org",
    "|/bin/sh@example.org",
    "/etc/passwd@example.org",
    "-oX/tmp/x@example.org",
    "=?utf-8?q?a?=@example.org",
    "a%b@example.org",
    "a!b@example.org",
    "\"a b\"@example.org",
    "a b@example.org",
    "a..b@example.org",
    ".a@example.org",
    "a.@example.org",
    "a`id`@example.org",
    "$(id)@example.org",
    "a@xn--a.example",
    "müller@post.example",
];

fn subscribe(village: &VillageKit<'_>, address: &str) -> impl Future<Output = Reply> {
    village.ask("POST", "/subscriptions").json(&json!({"channel": "email", "email": address})).send()
}

/// The path of the link in the latest question to a mailbox.
fn confirmation_link(dorf: &Dorf, address: &str) -> String {
    let text = dorf.mail.mails_to(address).pop().expect("a question").text();
    let link = text.split_whitespace().find(|word| word.contains("/confirm/")).expect("a link in the mail");
    link.strip_prefix(&dorf.base).expect("a link to this server").to_owned()
}

async fn found(dorf: &Dorf, slug: &str, sender: &str) -> Reply {
    let body = json!({
        "municipality": dorf.municipality().await, "slug": slug, "name": "Osterhagen",
        "sender_name": "Gemeinde Kalletal", "sender_address": sender,
    });
    dorf.ask("POST", "/v1/operator/villages").bearer(dorf.operator().await).json(&body).send().await
}

fn person(address: &str) -> Value {
    json!({"email": address, "name": "Frau Beispiel", "password": PASSWORD})
}

stories! {
    async fn a_mailbox_is_one_however_its_domain_is_spelt(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let ascii = "info@xn--mller-kva.example";
        for address in ["info@müller.example", "info@MÜLLER.example", "Info@XN--Mller-Kva.Example"] {
            subscribe(&village, address).await.expect(201);
            dorf.work_off().await;
            dorf.ask("POST", &confirmation_link(&dorf, ascii)).send().await.expect(200);
        }
        let keys = dorf.database.column("SELECT mailbox_key FROM subscription WHERE state = 1").await;
        assert_eq!(keys, [ascii], "one subscription");
        village.editor().publishes(news("Brücke gesperrt")).await;
        dorf.work_off().await;
        let subjects: Vec<String> = dorf.mail.mails_to(ascii).iter().map(Mail::subject).collect();
        assert_eq!(subjects.iter().filter(|subject| *subject == "Brücke gesperrt").count(), 1, "{subjects:?}");
        assert_eq!(dorf.mail.mails().len(), 4, "three questions and the news, all to the one mailbox");
    }

    async fn a_village_writes_from_a_domain_with_umlauts(on: Backend) {
        let dorf = Dorf::start(on).await;
        found(&dorf, "osterhagen", "rathaus@lüdenhausen.example").await.expect(201);
        let body = json!({"channel": "email", "email": "anna@example.org"});
        dorf.ask("POST", "/v1/villages/osterhagen/subscriptions").json(&body).send().await.expect(201);
        dorf.work_off().await;
        let mail = dorf.mail.mails_to("anna@example.org").pop().expect("the question");
        let from = mail.raw_header("From").expect("a sender");
        assert!(from.contains("<rathaus@xn--ldenhausen-9db.example>"), "{from}");
    }

    async fn staff_log_in_with_either_spelling_of_their_domain(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let admins = format!("/v1/operator/villages/{}/admins", village.slug);
        let make = |address: &str| dorf.ask("POST", &admins).json(&person(address));
        make("verwaltung@bürgerhaus.example").bearer(dorf.operator().await).send().await.expect(201);
        for spelling in ["verwaltung@bürgerhaus.example", "Verwaltung@Bürgerhaus.Example", "verwaltung@xn--brgerhaus-q9a.example"] {
            dorf.log_in(spelling).await;
            let asked = dorf.ask("POST", "/v1/admin/password-reset").json(&json!({"email": spelling})).send().await;
            assert_eq!(asked.status / 100, 2, "{}", asked.text());
        }
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails_to("verwaltung@xn--brgerhaus-q9a.example").len(), 3, "a link for each");
    }

    async fn what_no_resident_has_is_refused_wherever_an_address_is_given(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        club(&village, "chor", "reviewed").await;
        for address in WRONG {
            assert_eq!(subscribe(&village, address).await.problem(422, "unprocessable"), ["/email"], "{address}");
        }
        for address in ["rathaus@[127.0.0.1]", "a@1.2.3.4", "=?utf-8?q?a?=@example.org"] {
            found(&dorf, "osterhagen", address).await.fault(422, "/sender_address");
            let admins = format!("/v1/operator/villages/{}/admins", village.slug);
            let made = dorf.ask("POST", &admins).bearer(dorf.operator().await).json(&person(address)).send().await;
            made.fault(422, "/email");
            village.staff("POST", "/editors").bearer(&village.admin).json(&json!({"email": address})).send().await.fault(422, "/email");
            let invited = json!({"email": address, "role": "club_author"});
            let invite = village.staff("POST", "/clubs/chor/invitations").bearer(&village.editor).json(&invited);
            invite.send().await.fault(422, "/email");
            let applied = json!({
                "name": "Heimatverein", "category": "heritage", "description_markdown": "Wir pflegen die Wege.",
                "contact_name": "Dieter", "contact_email": address,
            });
            village.ask("POST", "/club-applications").json(&applied).send().await.fault(422, "/contact_email");
        }
        let why = subscribe(&village, "müller@post.example").await.json();
        assert_eq!(why["errors"][0]["detail"], "hat vor dem @ Umlaute oder andere Zeichen, die viele Mailserver nicht annehmen");
        let why = subscribe(&village, "a@[10.0.0.5]").await.json();
        assert_eq!(why["errors"][0]["detail"], "nennt eine IP-Adresse, wo der Name einer Domain stehen muss");
        dorf.work_off().await;
        let strangers = dorf.mail.mails().iter().filter(|mail| !mail.is_to("chor@luedenhausen.example")).count();
        assert_eq!(strangers, 0, "nobody was written to");
    }

    async fn the_addresses_of_people_are_taken(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let taken = [
            "anna.maria@example.org", "anna+dorf@example.org", "o'brien@example.org", "hans-peter@example.org", "a_b@example.org",
            "_post@example.org", "hof&garten@example.org", "0@example.org", "x@a.b.example-1.org", "x@straße.example", "x@例え.example",
        ];
        for address in taken {
            subscribe(&village, address).await.expect(201);
        }
        dorf.work_off().await;
        assert_eq!(dorf.mail.mails().len(), taken.len(), "each gets its question");
        assert_eq!(dorf.mail.mails_to("x@xn--strae-oqa.example").len(), 1, "ß stays ß (IDNA 2008)");
    }
}
