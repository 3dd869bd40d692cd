//! The waste calendar over HTTP, for the town hall.

use super::view::{
    DistrictBody, DistrictChangeBody, DistrictView, ImportList, ImportView, KindChangeBody, KindList, KindView,
};
use crate::app::App;
use crate::authority::Editor;
use crate::contract::Group;
use crate::http::{Answer, Body, CalendarBody, Conditional, Empty, Idempotent, Item};
use crate::problem::Problem;
use entity::{WasteImportId, WasteKindId};
use poem_openapi::OpenApi;

/// The town hall's operations on the waste calendar.
pub struct WasteDeskRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl WasteDeskRoutes {
    /// Add a waste district
    #[oai(
        path = "/v1/admin/villages/:village/waste/districts",
        method = "post",
        operation_id = "create_waste_district"
    )]
    async fn create_waste_district(
        &self,
        #[oai(name = "village")] editor: Editor,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<DistrictBody>,
    ) -> Result<Answer<201, DistrictView>, Problem> {
        let request = key.request(editor.session.account, &body.hash)?;
        let district = body.value.checked()?;
        Ok(Answer::kept(super::create(&self.0, &editor, district, request).await?))
    }

    /// Rename a waste district
    ///
    /// Needs `If-Match` with the version, as the lists show it.
    #[oai(
        path = "/v1/admin/villages/:village/waste/districts/:district",
        method = "patch",
        operation_id = "rename_waste_district"
    )]
    async fn rename_waste_district(
        &self,
        #[oai(name = "village")] editor: Editor,
        district: Item<String>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<DistrictChangeBody>,
    ) -> Result<Answer<200, DistrictView>, Problem> {
        let name = body.value.checked()?;
        let district = super::rename(&self.0, &editor, &district.0, &condition, name).await?;
        Ok(Answer::of(&(&district).into()).version(district.version))
    }

    /// Remove a waste district
    ///
    /// With its dates; nobody is reminded of them any more. Needs `If-Match`.
    #[oai(
        path = "/v1/admin/villages/:village/waste/districts/:district",
        method = "delete",
        operation_id = "delete_waste_district"
    )]
    async fn delete_waste_district(
        &self,
        #[oai(name = "village")] editor: Editor,
        district: Item<String>,
        #[oai(name = "If-Match")] condition: Conditional,
    ) -> Result<Empty, Problem> {
        super::delete(&self.0, &editor, &district.0, &condition).await?;
        Ok(Empty)
    }

    /// Import the dates of a waste district
    ///
    /// The body is the municipality's calendar (iCalendar). A date is known by its day and label, so importing a calendar again
    /// changes nothing. What it says of a kind of waste for a year holds for that year: dates from today on that it does not have
    /// any more are removed. An empty calendar removes nothing. The answer tells what came of each component.
    #[oai(
        path = "/v1/admin/villages/:village/waste/districts/:district/imports",
        method = "post",
        operation_id = "import_waste_dates"
    )]
    async fn import_waste_dates(
        &self,
        #[oai(name = "village")] editor: Editor,
        district: Item<String>,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: CalendarBody,
    ) -> Result<Answer<201, ImportView>, Problem> {
        let request = key.request(editor.session.account, &body.hash)?;
        Ok(Answer::kept(super::import(&self.0, &editor, &district.0, body, request).await?))
    }

    /// List the imports of a waste district
    ///
    /// The latest 20, the last first.
    #[oai(
        path = "/v1/admin/villages/:village/waste/districts/:district/imports",
        method = "get",
        operation_id = "list_waste_imports"
    )]
    async fn list_waste_imports(
        &self,
        #[oai(name = "village")] editor: Editor,
        district: Item<String>,
    ) -> Result<Answer<200, ImportList>, Problem> {
        let imports = super::imports(&editor, &district.0).await?;
        let items = imports.into_iter().map(|(import, report)| ImportView::without_lines(&import, report)).collect();
        Ok(Answer::of(&ImportList { items }))
    }

    /// Read what came of an import of waste dates
    #[oai(
        path = "/v1/admin/villages/:village/waste/imports/:import",
        method = "get",
        operation_id = "get_waste_import"
    )]
    async fn get_waste_import(
        &self,
        #[oai(name = "village")] editor: Editor,
        import: Item<WasteImportId>,
    ) -> Result<Answer<200, ImportView>, Problem> {
        let (import, report) = super::find_import(&editor, import.0).await?;
        Ok(Answer::of(&ImportView::new(&import, report)))
    }

    /// List the kinds of waste
    ///
    /// They are added by imports, called like their labels.
    #[oai(path = "/v1/admin/villages/:village/waste/kinds", method = "get", operation_id = "list_waste_kinds")]
    async fn list_waste_kinds(
        &self,
        #[oai(name = "village")] editor: Editor,
    ) -> Result<Answer<200, KindList>, Problem> {
        let kinds = editor.here.scope.read().await?.waste_kinds().list().await?;
        Ok(Answer::of(&KindList { items: kinds.iter().map(Into::into).collect() }))
    }

    /// Change how a kind of waste is shown
    ///
    /// Needs `If-Match` with the version, as the list shows it.
    #[oai(
        path = "/v1/admin/villages/:village/waste/kinds/:waste_kind",
        method = "patch",
        operation_id = "change_waste_kind"
    )]
    async fn change_waste_kind(
        &self,
        #[oai(name = "village")] editor: Editor,
        waste_kind: Item<WasteKindId>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<KindChangeBody>,
    ) -> Result<Answer<200, KindView>, Problem> {
        let change = body.value.checked()?;
        let kind = super::change_kind(&self.0, &editor, waste_kind.0, &condition, change).await?;
        Ok(Answer::of(&(&kind).into()).version(kind.version))
    }

    /// Remove a kind of waste
    ///
    /// With its dates in all districts. Needs `If-Match`.
    #[oai(
        path = "/v1/admin/villages/:village/waste/kinds/:waste_kind",
        method = "delete",
        operation_id = "delete_waste_kind"
    )]
    async fn delete_waste_kind(
        &self,
        #[oai(name = "village")] editor: Editor,
        waste_kind: Item<WasteKindId>,
        #[oai(name = "If-Match")] condition: Conditional,
    ) -> Result<Empty, Problem> {
        super::delete_kind(&self.0, &editor, waste_kind.0, &condition).await?;
        Ok(Empty)
    }
}
