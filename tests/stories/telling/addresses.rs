//! Addresses and tables in texts.

use super::{FORMS, newest, text};
use serde_json::Value;
use tests::kit::{Backend, Dorf, news};
use tests::stories;

stories! {
    async fn a_bare_address_is_a_link_and_nothing_else_is(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let rel = "rel=\"noopener noreferrer nofollow\"";
        let web = |target: &str, words: &str| format!("<a href=\"{target}\" {rel}>{words}</a>");
        let said = [
            ("Mehr auf https://www.beispiel.example/bauen?a=1&b=2, oder an info@beispiel.example.", format!("<p>Mehr auf {}, oder an {}.</p>\n",
                web("https://www.beispiel.example/bauen?a=1&amp;b=2", "https://www.beispiel.example/bauen?a=1&amp;b=2"),
                web("mailto:info@beispiel.example", "info@beispiel.example"))),
            ("(siehe http://beispiel.example/a_(b))", format!("<p>(siehe {})</p>\n", web("http://beispiel.example/a_(b)", "http://beispiel.example/a_(b)"))),
            ("„https://müller.example/straße“!", format!("<p>„{}“!</p>\n", web("https://xn--mller-kva.example/stra%C3%9Fe", "https://müller.example/straße"))),
            ("WWW.kalletal.example/rathaus.", format!("<p>{}.</p>\n", web("https://WWW.kalletal.example/rathaus", "WWW.kalletal.example/rathaus"))),
            ("**https://a.example/x_y_z**", format!("<p><strong>{}</strong></p>\n", web("https://a.example/x_y_z", "https://a.example/x_y_z"))),
            ("z.B. Plan.pdf um 19.30 Uhr, bzw.ca.", "<p>z.B. Plan.pdf um 19.30 Uhr, bzw.ca.</p>\n".to_owned()),
            ("javascript:alert(1) data:text/html,x ftp://a.example", "<p>javascript:alert(1) data:text/html,x ftp://a.example</p>\n".to_owned()),
            ("`https://a.example` [https://b.example](https://c.example)", format!("<p><code>https://a.example</code> {}</p>\n", web("https://c.example", "https://b.example"))),
            ("https://a.example/\"onclick=alert(1)", format!("<p>{}\"onclick=alert(1)</p>\n", web("https://a.example/", "https://a.example/"))),
            ("<a href=https://a.example>", format!("&lt;a href={}&gt;", web("https://a.example", "https://a.example"))),
        ];
        for (written, html) in said {
            let post = village.editor().drafts(news("Bauen").saying(written)).await;
            let shown = village.editor().ask("GET", &format!("/posts/{}", post.id)).send().await.expect(200);
            assert_eq!(shown.str("body_html"), html, "{written}");
        }
    }

    async fn links_and_tables_are_there_in_feeds_and_mails(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let anna = village.resident("anna").by_mail().await;
        let written = "Mehr auf https://www.beispiel.example/bauen.\n\n| Tag | Uhr |\n|---|--:|\n| Mo | 8 |\n| Di | <b>9</b> \\| 10 |\n";
        village.editor().publishes(news("Bauen").saying(written)).await;
        dorf.work_off().await;
        let link = "<a href=\"https://www.beispiel.example/bauen\"";
        let table = "<table><thead><tr><th>Tag</th><th>Uhr</th></tr></thead><tbody>\n<tr><td>Mo</td><td>8</td></tr>\n\
                     <tr><td>Di</td><td>&lt;b&gt;9&lt;/b&gt; | 10</td></tr>\n</tbody></table>";
        for form in FORMS {
            let (_, html) = newest(&village, form).await;
            assert!(html.contains(link) && html.contains(table), "{form}: {html}");
        }
        let html = anna.mails().pop().expect("a mail").html();
        assert!(html.contains(link) && html.contains("<table style=\"border-collapse: collapse\">"), "{html}");
        assert_eq!(html.matches("<td style=\"border: 1px solid").count(), 4, "{html}");
        assert!(text(&anna).contains("https://www.beispiel.example/bauen.\n\nTag | Uhr\nMo | 8\nDi | <b>9</b> | 10\n"), "{}", text(&anna));
    }

    async fn a_table_that_grows_while_it_is_rendered_is_refused(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let wide = format!("{}\n{}\n{}", "|a".repeat(1_000), "|-".repeat(1_000), "|x|\n".repeat(400));
        let reply = village.editor().ask("POST", "/posts").json(&news("Plan").saying(&wide).0).send().await;
        assert_eq!(reply.problem(422, "unprocessable"), ["/body_markdown"]);
        let row = "|a|b|c|d|\n".repeat(400);
        let shown: Value = village.editor().ask("POST", "/posts").json(&news("Plan").saying(&format!("|1|2|3|4|\n|-|-|-|-|\n{row}")).0).send().await.expect(201).json();
        assert_eq!(shown["body_html"].as_str().map(|html| html.matches("<td>").count()), Some(1_600));
    }
}
