//! Sorts the many operations of the staff by what they are about, so that generated clients have one class for each subject.

use super::tree::{operations, set};
use serde_yaml_ng::{Mapping, Value};

/// A part of a path, the tag of what is below it, and what that is.
const SUBJECTS: [(&str, &str, &str); 20] = [
    ("/joint-posts", "StaffJointPosts", "For staff: posts in several villages at once."),
    ("/waste", "StaffWaste", "For staff: when waste is collected."),
    ("/posts/{post}/date", "StaffEvents", "For staff: events, their dates, and the calendar of what is planned."),
    ("/events", "StaffEvents", ""),
    ("/dates", "StaffEvents", ""),
    ("/editorial-calendar", "StaffEvents", ""),
    ("/posts", "StaffPosts", "For staff: writing, reviewing and publishing posts."),
    ("/post-templates", "StaffPosts", ""),
    ("/queue", "StaffPosts", ""),
    ("/topics", "StaffTopics", "For staff: topics."),
    ("/clubs", "StaffClubs", "For staff: clubs, their people and their applications."),
    ("/club-", "StaffClubs", ""),
    ("/media", "StaffMedia", "For staff: images and documents, and the village's logo."),
    ("/logo", "StaffMedia", ""),
    ("/calendar-sources", "StaffImports", "For staff: events that come from calendars of others."),
    ("/event-imports", "StaffImports", ""),
    ("/reports", "StaffReports", "For staff: what readers have reported."),
    ("/audit", "StaffAudit", "For staff: the log of who did what."),
    ("/v1/admin/villages/", "StaffPeople", "For staff: who may do what in a village."),
    ("/v1/operator/", "StaffPeople", ""),
];

/// What is about the one who asks.
const ACCOUNT: (&str, &str) = ("StaffAccount", "For staff: logging in, and one's own account.");

/// Gives the operations of the staff the tag of their subject.
pub fn complete(contract: &mut Value) {
    for (path, _, operation) in operations(contract) {
        if operation["tags"][0] == "Staff" {
            let subject = SUBJECTS.iter().find(|(part, ..)| path.contains(part));
            let tag = subject.map_or(ACCOUNT.0, |(_, tag, _)| *tag);
            set(operation, "tags", Value::Sequence(vec![tag.into()]));
        }
    }
    let Some(tags) = contract.get_mut("tags").and_then(Value::as_sequence_mut) else { return };
    tags.retain(|tag| tag["name"] != "Staff");
    let subjects = SUBJECTS.iter().map(|(_, tag, about)| (*tag, *about)).filter(|(_, about)| !about.is_empty());
    tags.extend(subjects.chain([ACCOUNT]).map(|(tag, about)| described(tag, about)));
}

fn described(tag: &str, about: &str) -> Value {
    Mapping::from_iter([("name".into(), tag.into()), ("description".into(), about.into())]).into()
}
