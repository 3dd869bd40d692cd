//! The audit log over HTTP.

use super::view::{AuditEntryView, AuditList};
use crate::app::App;
use crate::authority::VillageAdmin;
use crate::contract::Group;
use crate::http::{Answer, Download, Limit};
use crate::problem::Problem;
use chrono::{DateTime, Utc};
use entity::AuditQuery;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use uuid::Uuid;

/// The operations on the audit log.
pub struct AuditRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl AuditRoutes {
    /// Read the audit log
    ///
    /// Every action of staff and operators on this village, the latest first.
    #[oai(path = "/v1/admin/villages/:village/audit", method = "get", operation_id = "list_audit_entries")]
    #[allow(clippy::too_many_arguments, reason = "each is a parameter of the operation")]
    async fn list_audit_entries(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        /// Only what this account did.
        account: Query<Option<Uuid>>,
        /// Only what was done to the thing with this identifier.
        subject: Query<Option<Uuid>>,
        /// Only actions that begin so, such as `post.` or `role.granted`.
        action: Query<Option<String>>,
        /// Only what was done at or after this instant.
        from: Query<Option<DateTime<Utc>>>,
        /// Only what was done before this instant.
        until: Query<Option<DateTime<Utc>>>,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, AuditList>, Problem> {
        let query = AuditQuery {
            account: account.0.map(Into::into),
            subject: subject.0,
            action: super::view::action(action.0)?,
            from: from.0,
            until: until.0,
            before: None,
            limit: Limit::of(limit.0)?,
        };
        let (entries, next_cursor) = super::page(&self.0, &admin, query, cursor.0.as_deref()).await?;
        let items: Vec<AuditEntryView> = entries.iter().map(Into::into).collect();
        Ok(Answer::of(&AuditList { items, next_cursor }))
    }

    /// Take the audit log out as CSV
    ///
    /// The latest 10,000 lines; older ones with `until`. Cells that a spreadsheet would take for a formula are made text.
    #[oai(path = "/v1/admin/villages/:village/audit.csv", method = "get", operation_id = "export_audit")]
    async fn export_audit(
        &self,
        #[oai(name = "village")] admin: VillageAdmin,
        /// Only what was done at or after this instant.
        from: Query<Option<DateTime<Utc>>>,
        /// Only what was done before this instant.
        until: Query<Option<DateTime<Utc>>>,
    ) -> Result<Download, Problem> {
        let query = AuditQuery { from: from.0, until: until.0, ..AuditQuery::default() };
        let text = super::export(&self.0, &admin, query).await?;
        Ok(Download::csv("audit.csv", text))
    }
}
