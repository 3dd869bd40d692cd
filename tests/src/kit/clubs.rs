//! Clubs as they are once they take part.

use super::actors::VillageKit;
use serde_json::json;

/// A club that takes part and is `reviewed` or `trusted`; gives the token of its author.
pub async fn club(village: &VillageKit<'_>, slug: &str, trust: &str) -> String {
    let (_, token) = village.staffed(slug, json!({"role": "contributor"})).await;
    let author = format!("SELECT id FROM account WHERE email = '{slug}@{}.example'", village.slug);
    let trust = i32::from(trust == "trusted");
    for sql in [
        format!(
            "INSERT INTO club (village_id, id, slug, name, state, trust, category, description_markdown, description_html,
               meeting_times, contact_name, contact_email, contact_phone, website, decision, version, created_at)
             SELECT v.id, a.id, '{slug}', '{slug}', 1, {trust}, 8, '', '', '', '', '', '', '', '', 1, 0
             FROM village v CROSS JOIN ({author}) a WHERE v.slug = '{}'",
            village.slug
        ),
        format!("UPDATE role SET kind = 4, club_id = account_id WHERE account_id = ({author})"),
    ] {
        village.dorf.database.change(&sql).await.expect("the club is there");
    }
    token
}
