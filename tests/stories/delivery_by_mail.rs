//! delivery_by_mail
