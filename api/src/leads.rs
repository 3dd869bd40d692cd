//! How long before the date of an event one can be reminded of it, and when that is.

use crate::local_time::resolved;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::{EventReminder, Occurrence};

/// The leads that there are to choose from, in minutes: from a quarter of an hour to a week. They are few, so that what is due is
/// few too, however many residents are reminded.
pub const LEADS: [i32; 10] = [15, 30, 60, 120, 180, 360, 720, DAY, 2 * DAY, 7 * DAY];

/// Most leads that one subscription can have.
pub const MOST: usize = 3;

/// No lead is longer than this, whatever the clocks do.
pub const LONGEST: TimeDelta = TimeDelta::days(8);

const DAY: i32 = 24 * 60;

/// Of whole days one is reminded at this hour of the village's clocks, the evening before.
const EVENING: NaiveTime = NaiveTime::from_hms_opt(18, 0, 0).expect("an hour");

/// All reminders that there can be of a date. Of a time they are as many minutes before as was chosen. Of whole days they are in
/// the evening: the evening before for every lead up to a day, and the second or seventh for two days or a week.
pub fn reminders(date: &Occurrence, all_day: bool, zone: Tz) -> Vec<EventReminder> {
    let starts_at = date.is.starts_at;
    if !all_day {
        let before = |lead: i32| starts_at - TimeDelta::minutes(lead.into());
        return LEADS
            .iter()
            .map(|lead| EventReminder { starts_at, least_lead: *lead, most_lead: *lead, due_at: before(*lead) })
            .collect();
    }
    let mut days: Vec<i32> = LEADS.iter().map(|lead| (lead + DAY - 1) / DAY).collect();
    days.dedup();
    let evening = |days: i32| -> DateTime<Utc> {
        let day = date.is.starts_local.date() - TimeDelta::days(days.into());
        resolved(day.and_time(EVENING), zone).1
    };
    days.into_iter()
        .map(|days| EventReminder {
            starts_at,
            least_lead: (days - 1) * DAY + 1,
            most_lead: days * DAY,
            due_at: evening(days),
        })
        .collect()
}
