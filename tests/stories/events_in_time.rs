//! events_in_time
