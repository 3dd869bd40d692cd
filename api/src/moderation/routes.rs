//! Moderation over HTTP.

use super::view::{
    DecisionBody, ReportBody, ReportDecision, ReportDecisions, ReportList, ReportQueue, ReportView, Reported,
};
use crate::app::App;
use crate::authority::{Author, Editor, InVillage, Reporter};
use crate::contract::Group;
use crate::http::{Answer, Body, ClientAddress, Item, Limit};
use crate::problem::Problem;
use entity::{PostId, ReportId};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// The operations on reports.
pub struct ModerationRoutes(pub App);

#[OpenApi]
impl ModerationRoutes {
    /// Report a post
    ///
    /// The town hall reads it and decides. The answer brings a secret with which the decision can be read later; who reports
    /// stays unknown. Of one post, twenty open reports are read by the desk; further ones are counted without their explanation,
    /// and decided with the others.
    #[oai(
        path = "/v1/villages/:village/posts/:post/reports",
        method = "post",
        operation_id = "report_post",
        tag = "Group::Resident"
    )]
    async fn report_post(
        &self,
        #[oai(name = "village")] here: InVillage,
        post: Item<PostId>,
        client: ClientAddress,
        body: Body<ReportBody>,
    ) -> Result<Answer<201, Reported>, Problem> {
        self.0.limits.report(client.0, post.0)?;
        let (id, secret) = super::report(&self.0, &here, post.0, body.value.checked()?).await?;
        let location = format!("/v1/villages/{}/reports/{id}", here.village.slug);
        Ok(Answer::of(&Reported { id: id.0, secret: secret.text }).at(location))
    }

    /// Read what became of a report
    #[oai(
        path = "/v1/villages/:village/reports/:report",
        method = "get",
        operation_id = "get_report",
        tag = "Group::Resident"
    )]
    async fn get_report(
        &self,
        #[oai(name = "village")] reporter: Reporter,
        #[oai(name = "report")] _id: Item<String>,
    ) -> Result<Answer<200, ReportDecision>, Problem> {
        Ok(Answer::of(&(&reporter.report).into()))
    }

    /// List reports
    ///
    /// The open ones unless told otherwise, the oldest first.
    #[oai(
        path = "/v1/admin/villages/:village/reports",
        method = "get",
        operation_id = "list_reports",
        tag = "Group::Staff"
    )]
    async fn list_reports(
        &self,
        #[oai(name = "village")] editor: Editor,
        /// Only reports in this state; `open` unless given.
        state: Query<Option<ReportQueue>>,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, ReportList>, Problem> {
        let state = state.0.unwrap_or(ReportQueue::Open).into();
        let limit = Limit::of(limit.0)?;
        let (reports, next_cursor) = super::queue(&self.0, &editor, state, limit, cursor.0.as_deref()).await?;
        Ok(Answer::of(&ReportList { items: reports.iter().map(Into::into).collect(), next_cursor }))
    }

    /// Decide a report
    ///
    /// The post stays, or is withdrawn; then every open report of it is decided alike. Reports that were only counted are decided
    /// with any of their post. The reasons can be read by the reporter
    /// and by the author.
    #[oai(
        path = "/v1/admin/villages/:village/reports/:report/decision",
        method = "post",
        operation_id = "decide_report",
        tag = "Group::Staff"
    )]
    async fn decide_report(
        &self,
        #[oai(name = "village")] editor: Editor,
        report: Item<ReportId>,
        body: Body<DecisionBody>,
    ) -> Result<Answer<200, ReportView>, Problem> {
        let decided = super::decide(&self.0, &editor, report.0, body.value.checked()?).await?;
        Ok(Answer::of(&(&decided).into()))
    }

    /// Read what was decided about a post after reports
    ///
    /// For its author and the desk; nothing in it tells who reported.
    #[oai(
        path = "/v1/admin/villages/:village/posts/:post/reports",
        method = "get",
        operation_id = "list_report_decisions",
        tag = "Group::Staff"
    )]
    async fn list_report_decisions(
        &self,
        #[oai(name = "village")] author: Author,
        post: Item<PostId>,
    ) -> Result<Answer<200, ReportDecisions>, Problem> {
        let reader = author.here.scope.read().await?;
        let found = reader.posts().find(post.0).await?;
        found.filter(|post| author.sees(post)).ok_or_else(Problem::not_found)?;
        let decided = reader.reports().decided_of(post.0).await?;
        Ok(Answer::of(&ReportDecisions { items: decided.iter().map(Into::into).collect() }))
    }
}
