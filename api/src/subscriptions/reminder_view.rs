//! What travels about the reminders of events that a subscription wants.

use crate::leads::{LEADS, MOST};
use crate::validate::Faults;
use poem_openapi::Object;
use poem_openapi::types::Example;
use serde::Deserialize;

/// A reminder before each date of the events that are followed.
#[derive(Clone, Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "EventReminder", example)]
pub struct EventReminderView {
    /// How many minutes before the start: 15, 30, 60, 120, 180, 360, 720, 1440 (a day), 2880 (two days) or 10080 (a week). Of events of
    /// whole days one is reminded at 18:00 of the village's clocks: the evening before, or two or seven days before.
    lead_minutes: i32,
}

/// Checks what is wanted; the leads.
pub fn checked(faults: &mut Faults, reminders: &[EventReminderView]) -> Vec<i32> {
    if reminders.len() > MOST {
        let (de, en) = (format!("hat mehr als {MOST} Einträge"), format!("has more than {MOST} entries"));
        faults.add("/event_reminders", de, en);
    }
    let leads: Vec<i32> = reminders.iter().map(|reminder| reminder.lead_minutes).collect();
    for (n, lead) in leads.iter().enumerate() {
        let pointer = format!("/event_reminders/{n}/lead_minutes");
        if !LEADS.contains(lead) {
            let choices = LEADS.map(|lead| lead.to_string()).join(", ");
            faults.add(pointer, format!("muss eines sein von: {choices}"), format!("must be one of: {choices}"));
        } else if leads.iter().take(n).any(|before| before == lead) {
            faults.add(pointer, "kommt schon vor", "is there already");
        }
    }
    leads
}

/// The reminders with these leads.
pub fn shown(leads: &[i32]) -> Vec<EventReminderView> {
    leads.iter().map(|lead| EventReminderView { lead_minutes: *lead }).collect()
}

impl Example for EventReminderView {
    fn example() -> Self {
        Self { lead_minutes: 120 }
    }
}
