//! delivery_by_push
