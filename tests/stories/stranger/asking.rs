//! What each operation is asked with so that it can succeed.

use super::Operation;
use super::things::Things;
use serde_json::{Value, json};
use tests::kit::{Ask, File, PASSWORD, ics, vevent, waste_calendar};

/// A body that the operation accepts.
pub fn body(operation: &str, things: &Things, n: usize) -> Option<Value> {
    let push = json!({"channel": "email", "email": format!("neu{n}@example.org")});
    Some(match operation {
        "add_editor" | "add_village_admin" | "add_village_editor" | "add_municipality_editor" => {
            json!({"email": format!("neu{n}@rathaus.example"), "name": "Neu", "password": PASSWORD})
        }
        "create_topic" => json!({"slug": format!("neu-{n}"), "name": "Neu"}),
        "create_calendar_source" => json!({"name": "Neu"}),
        "change_calendar_source" => json!({"name": format!("Anders {n}")}),
        "create_waste_district" => json!({"slug": format!("neu-{n}"), "name": "Neu"}),
        "set_waste_source" => json!({"url": "https://localhost/ahornweg.ics"}),
        "rename_waste_district" => json!({"name": "Anders"}),
        "change_waste_kind" => json!({"name": format!("Anders {n}")}),
        "rename_topic" => json!({"name": "Anders"}),
        "create_club" => json!({"slug": format!("neu-{n}"), "name": "Neu", "category": "other"}),
        "change_club" => json!({"contact_name": "Doris"}),
        "set_club_trust" => json!({"trust": "trusted"}),
        "switch_club_off" | "decline_club" => json!({"reason": "Aufgelöst."}),
        "invite_to_club" => json!({"email": format!("gast{n}@verein.example"), "role": "club_author"}),
        "accept_club_invitation" => {
            json!({"token": things.clubs.invitation_link, "name": "Neu", "password": PASSWORD})
        }
        "apply_for_club" => json!({
            "name": "Neu", "category": "other", "contact_name": "Neu", "contact_email": format!("neu{n}@verein.example"),
        }),
        "confirm_club_application" => json!({"token": things.clubs.application_link}),
        "create_post" => json!({"kind": "news", "title": "Neu"}),
        "change_post" => json!({"title": "Anders"}),
        "preview_event" => json!({"event": {"starts_local": "2027-01-05T15:00"}}),
        "change_event_date" => json!({"date": "2027-01-05T15:00", "state": "cancelled"}),
        "create_post_comment" => json!({"text": "Wann denn?"}),
        "create_post_template" => json!({"name": "Vorlage", "post": things.draft.id}),
        "create_joint_post" => json!({"kind": "news", "title": "Neu", "villages": ["here"]}),
        "change_joint_post" => json!({"title": "Anders"}),
        "hand_in_revision" => json!({"title": "Anders"}),
        "return_post" | "return_revision" => json!({"comment": "Wann denn?"}),
        "schedule_post" => json!({"publish_at_local": "2026-12-23T09:00"}),
        "report_post" => json!({"reason": "wrong"}),
        "decide_report" => json!({"decision": "keep", "reasons": "Stimmt."}),
        "change_media" => json!({"alt": "Anders"}),
        "set_village_logo" => json!({"media": things.image}),
        "subscribe" => push,
        "change_subscription" => json!({"follows": [{"kind": "alert"}]}),
        "confirm_subscription" => json!({"token": things.confirm}),
        "set_school_holidays" => json!({"periods": [{"name": "summer", "first": "2027-07-19", "last": "2027-08-31"}]}),
        "create_municipality" => json!({"name": "Neu", "ags": format!("{n:08}")}),
        "create_village" => json!({
            "municipality": uuid::Uuid::nil(), "slug": format!("neu-{n}"), "name": "Neu",
            "sender_name": "Neu", "sender_address": "neu@kalletal.example",
        }),
        _ => return account_body(operation, things, n),
    })
}

/// The same, of operations on accounts and log-ins.
fn account_body(operation: &str, things: &Things, n: usize) -> Option<Value> {
    Some(match operation {
        "log_in" => json!({"email": "admin@here.example", "password": PASSWORD}),
        "make_api_key" => json!({"name": "Website", "scopes": ["posts:read"], "expires_at": "2027-01-01T00:00:00Z"}),
        "begin_second_factor" => json!({"password": PASSWORD}),
        "confirm_second_factor" => json!({"code": "kein0"}),
        "remove_second_factor" | "renew_recovery_codes" => json!({"password": PASSWORD, "code": "kein0"}),
        "set_second_factor_rule" => json!({"required": true}),
        "request_password_reset" => json!({"email": "editor@here.example"}),
        "confirm_password_reset" => json!({"token": things.staff.reset, "password": "ein anderes langes Wort"}),
        "confirm_email_change" => json!({"token": things.staff.email_change}),
        "change_password" => json!({"password": PASSWORD, "new_password": PASSWORD}),
        "request_email_change" => json!({"password": PASSWORD, "email": format!("umzug-{n}@example.org")}),
        _ => return None,
    })
}

/// What a path can name beside the village.
pub const ITEMS: [&str; 19] = [
    "{club}",
    "{district}",
    "{waste_kind}",
    "{import}",
    "{calendar}",
    "{event_import}",
    "{post}",
    "{joint_post}",
    "{report}",
    "{topic}",
    "{land}",
    "{account}",
    "{subscription}",
    "{session}",
    "{key}",
    "{token}",
    "{media}",
    "{file}",
    "{template}",
];

/// The query that the operation cannot do without.
pub fn needed_query(operation: &str) -> &'static str {
    match operation {
        "get_post_difference" => "?old=1&new=1",
        "get_editorial_calendar" => "?from=2026-12-01T00:00:00Z&until=2027-01-01T00:00:00Z",
        "list_planned_dates" => "?from=2026-12-01T00:00:00Z&to=2027-01-01T00:00:00Z",
        _ => "",
    }
}

/// The second path parameter.
pub fn item<'a>(operation: &Operation, things: &'a Things) -> &'a str {
    match operation.id.as_str() {
        "get_post" | "get_event_calendar" | "get_linked_event" => &things.public.id,
        "withdraw_post" | "get_deliveries" | "report_post" | "announce_post" => &things.public.id,
        "hand_in_revision" => &things.club_public.id,
        "get_revision" | "take_back_revision" | "approve_revision" | "return_revision" => &things.revised.id,
        "give_all_clear" => &things.alert.id,
        "give_joint_all_clear" => &things.joint_alert.id,
        "approve_post" | "return_post" | "recall_post" => &things.in_review.id,
        "hide_post" => &things.joint_copy.id,
        "show_post" => &things.joint_hidden.id,
        "withdraw_joint_post" => &things.joint_public.id,
        _ if operation.path.contains("{joint_post}") => &things.joint.id,
        "unschedule_post" => &things.planned.id,
        "approve_club" | "decline_club" => &things.clubs.applied,
        "switch_club_on" => &things.clubs.off,
        _ if operation.path.contains("{club}") => &things.clubs.active,
        _ if operation.path.contains("/club-invitations/") => &things.clubs.invitation_link,
        _ if operation.path.contains("/club-applications/") => &things.clubs.application_link,
        _ if operation.path.contains("{post}") => &things.draft.id,
        _ if operation.path.contains("{district}") => &things.waste.district,
        _ if operation.path.contains("{waste_kind}") => &things.waste.kind.id,
        _ if operation.path.contains("{import}") => &things.waste.import,
        _ if operation.path.contains("{calendar}") => &things.calendar.0,
        _ if operation.path.contains("{event_import}") => &things.calendar.1,
        _ if operation.path.contains("{template}") => &things.template,
        _ if operation.path.contains("{report}") => &things.report,
        _ if operation.path.contains("{topic}") => &things.topic,
        _ if operation.path.contains("{land}") => "DE-NW",
        _ if operation.path.contains("{media}") => &things.image,
        _ if operation.path.contains("/media/{file}") => &things.image_name,
        "remove_village_admin" => &things.staff.admin,
        "remove_municipality_editor" => &things.staff.municipality_editor,
        _ if operation.path.contains("{account}") => &things.staff.account,
        _ if operation.path.contains("{subscription}") => &things.subscription,
        _ if operation.path.contains("{key}") => &things.api_key,
        _ if operation.path.contains("{session}") => &things.session,
        _ if operation.path.contains("password-reset") => &things.staff.reset,
        _ if operation.path.contains("email-change") => &things.staff.email_change,
        _ if operation.path.contains("unsubscribe") => &things.unsubscribe,
        _ => &things.confirm,
    }
}

/// The version that the operation needs in `If-Match`.
pub fn version<'a>(operation: &Operation, things: &'a Things) -> Option<&'a str> {
    let is_step = operation.method == "POST" && operation.path.contains("/posts/{post}/");
    let is_step = is_step || (operation.method == "POST" && operation.path.contains("/{joint_post}/"));
    let needs = [
        "change_post",
        "delete_post",
        "change_joint_post",
        "delete_joint_post",
        "hand_in_revision",
        "take_back_revision",
    ];
    let needs = needs.contains(&operation.id.as_str()) || is_step;
    let item = item(operation, things);
    if operation.path.contains("{waste_kind}") {
        return Some(&things.waste.kind.etag);
    }
    let posts = [
        &things.draft,
        &things.in_review,
        &things.planned,
        &things.public,
        &things.joint,
        &things.joint_public,
        &things.joint_alert,
        &things.alert,
        &things.club_public,
        &things.revised,
        &things.joint_copy,
        &things.joint_hidden,
    ];
    posts.into_iter().find(|post| needs && post.id == item).map(|post| post.etag.as_str())
}

/// The version of the club that the operation needs in `If-Match`.
pub fn club_version(operation: &Operation) -> Option<&'static str> {
    match operation.id.as_str() {
        "approve_club" | "decline_club" => Some("\"1\""),
        "change_club" | "set_club_trust" | "switch_club_off" => Some("\"2\""),
        "switch_club_on" => Some("\"3\""),
        _ => None,
    }
}

/// What the operation needs that is no JSON: a key, a version that is always the same, a file, or a form.
pub fn in_form(ask: Ask, operation: &Operation) -> Ask {
    let form =
        |ask: Ask, body: &'static str| ask.header("content-type", "application/x-www-form-urlencoded").bytes(body);
    match operation.id.as_str() {
        "announce_post" => ask.header("idempotency-key", &uuid::Uuid::now_v7().to_string()),
        "change_media" | "delete_media" | "rename_waste_district" | "delete_waste_district" => {
            ask.header("if-match", "\"1\"")
        }
        "change_calendar_source" | "delete_calendar_source" => ask.header("if-match", "\"1\""),
        "set_school_holidays" => ask.header("if-match", "\"0\""),
        "import_events" => {
            let event = vevent("UID:neu|SUMMARY:Neu|DTSTART:20261213T100000");
            ask.header("content-type", "text/calendar").bytes(ics(&[event]))
        }
        "import_waste_dates" => {
            ask.header("content-type", "text/calendar").bytes(waste_calendar(&[("20261202", "Papier")]))
        }
        "upload_media" => {
            ask.header("content-type", "image/png").query("alt", "Bild").bytes(File::png(2, 2, 255).bytes)
        }
        "accept_club_invitation_on_page" => form(ask, "name=Neu&password=ein+anderes+langes+Wort"),
        "reset_password_on_page" => form(ask, "password=ein+anderes+langes+Wort"),
        _ => ask,
    }
}
