//! The contract: every operation there is, and the `openapi.yaml` that says so. This is the site's table of contents.

mod documents;
mod exact;
mod examples;
mod headers;
mod problems;
mod queries;
mod subjects;
mod tree;
mod words;
mod yaml;

use crate::accounts;
use crate::app::App;
use crate::audit::AuditRoutes;
use crate::clubs;
use crate::health::HealthRoutes;
use crate::http::{Asked, Html, Json, Offers, PublicDocument, PublicPage, Yaml, edge};
use crate::media::MediaRoutes;
use crate::moderation::ModerationRoutes;
use crate::notifications::NotificationRoutes;
use crate::occurrences::OccurrenceRoutes;
use crate::posts::{
    CalendarRoutes, DeskRoutes, EventCalendarRoutes, EventRoutes, FeedRoutes, JointRoutes, MemoryRoutes,
    PlanningRoutes, PostRoutes, RevisionRoutes,
};
use crate::problem::Problem;
use crate::roles;
use crate::school_holidays::SchoolHolidayRoutes;
use crate::stream::StreamRoutes;
use crate::subscriptions::SubscriptionRoutes;
use crate::topics::TopicRoutes;
use crate::villages::VillageRoutes;
use crate::waste;
pub use examples::at;
use poem::{Endpoint, EndpointExt, Response, Route};
use poem_openapi::{LicenseObject, OpenApi, OpenApiService, Tags};
use serde_yaml_ng::Value;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Who an operation is for.
#[derive(Tags)]
pub enum Group {
    /// Reading, for everybody.
    Public,
    /// Subscribing, for residents.
    Resident,
    /// Writing and publishing, for town halls.
    Staff,
    /// Villages and their admins, for the data centre.
    Operator,
    /// Health and documentation, for whoever runs the program.
    Operations,
}

const DESCRIPTION: &str = "Municipalities publish news, events and club notices to their villages; residents get them as a \
feed, as push and as e-mail.\n\n\
Errors are `application/problem+json` (RFC 9457), German or English by `Accept-Language`. Lists go on with `cursor`. Public \
reads carry an `ETag`; staff changes need it in `If-Match`. Where an operation takes an `Idempotency-Key`, \
a request with one is done once, however often it is sent.\n\n\
Instants are always written as `2026-11-28T07:20:28.374Z`; any RFC 3339 is read. Local times name their IANA zone. Addresses that \
begin with `/` are relative to this server.\n\n\
What grows: answers may get more members, and a text with `x-extensible-enum` more values than are listed; take an unknown value \
for an unknown kind, and show what you understand. What does not: a body with a member, or a query with a parameter, that is not \
declared is refused with 400. In a body, null means the same as leaving out, unless the field says what it does: in a change \
(PATCH), what is left out stays, and null takes away where the field says so.";

type Operations = (
    (VillageRoutes, SchoolHolidayRoutes),
    TopicRoutes,
    (PostRoutes, FeedRoutes, CalendarRoutes, StreamRoutes),
    (DeskRoutes, JointRoutes),
    (MemoryRoutes, RevisionRoutes),
    (PlanningRoutes, EventRoutes, EventCalendarRoutes, OccurrenceRoutes),
    MediaRoutes,
    SubscriptionRoutes,
    NotificationRoutes,
    accounts::Routes,
    roles::Routes,
    clubs::Routes,
    AuditRoutes,
    ModerationRoutes,
    waste::Routes,
    (HealthRoutes, Docs),
);

fn service(app: &App) -> OpenApiService<Operations, ()> {
    let operations = (
        (VillageRoutes(app.clone()), SchoolHolidayRoutes(app.clone())),
        TopicRoutes(app.clone()),
        (PostRoutes(app.clone()), FeedRoutes(app.clone()), CalendarRoutes(app.clone()), StreamRoutes(app.clone())),
        (DeskRoutes(app.clone()), JointRoutes(app.clone())),
        (MemoryRoutes(app.clone()), RevisionRoutes(app.clone())),
        (
            PlanningRoutes(app.clone()),
            EventRoutes(app.clone()),
            EventCalendarRoutes(app.clone()),
            OccurrenceRoutes(app.clone()),
        ),
        MediaRoutes(app.clone()),
        SubscriptionRoutes::new(app.clone()),
        NotificationRoutes(app.clone()),
        accounts::routes(app),
        roles::routes(app),
        clubs::routes(app),
        AuditRoutes(app.clone()),
        ModerationRoutes(app.clone()),
        waste::routes(app),
        (HealthRoutes(app.clone()), Docs { app: app.clone(), pages: Arc::default() }),
    );
    OpenApiService::new(operations, "Dorf-App", env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new("EUPL-1.2").url("https://eupl.eu/1.2/en/"))
        .server("/")
}

/// Health alone, for a process that does due work and answers nothing else.
pub fn health_endpoint(app: &App) -> impl Endpoint<Output = Response> + use<> {
    let service = OpenApiService::new(HealthRoutes(app.clone()), "Dorf-App", env!("CARGO_PKG_VERSION"));
    let mut contract = serde_json::from_str(&service.spec()).unwrap_or_default();
    examples::complete(&mut contract);
    queries::complete(&mut contract);
    let offers = Offers::of(&serde_json::to_value(&contract).unwrap_or_default());
    edge(app.clone(), offers, Route::new().nest("/", service).map_to_response())
}

/// The contract as YAML.
pub fn yaml(app: &App) -> String {
    in_yaml(&contract(&service(app).spec()))
}

fn in_yaml(contract: &Value) -> String {
    format!("# Generated by `dorf openapi`; do not edit.\n{}", yaml::written(contract))
}

/// What the types say, completed with what can be said for all of them in one place. `spec` is JSON, which is read in a tenth of
/// the time that YAML takes.
fn contract(spec: &str) -> Value {
    // poem has a name of its own for the format that OpenAPI calls `date`.
    let spec = spec.replace("\"format\": \"naive-date\"", "\"format\": \"date\"");
    let mut contract = serde_json::from_str(&spec).unwrap_or_default();
    documents::complete(&mut contract);
    examples::complete(&mut contract);
    queries::complete(&mut contract);
    problems::complete(&mut contract);
    exact::complete(&mut contract);
    headers::complete(&mut contract);
    subjects::complete(&mut contract);
    contract
}

/// Everything that answers requests.
pub fn endpoint(app: &App) -> impl Endpoint<Output = Response> + use<> {
    let service = service(app);
    let offers = Offers::of(&serde_json::to_value(contract(&service.spec())).unwrap_or_default());
    edge(app.clone(), offers, Route::new().nest("/", service).map_to_response())
}

/// The documentation, served by the program itself, and written when somebody asks for it: few ever do.
struct Docs {
    app: App,
    pages: Arc<OnceCell<Pages>>,
}

/// The documentation as a page, and the contract in two spellings.
struct Pages {
    html: Arc<PublicPage>,
    yaml: Arc<PublicPage>,
    json: Arc<PublicPage>,
}

impl Docs {
    async fn pages(&self) -> Result<&Pages, Problem> {
        let written = || async {
            let app = self.app.clone();
            tokio::task::spawn_blocking(move || Pages::of(&app))
                .await
                .map_err(|error| Problem::from(anyhow::Error::from(error)))
        };
        self.pages.get_or_try_init(written).await
    }
}

impl Pages {
    fn of(app: &App) -> Self {
        let service = service(app);
        let spec = service.spec();
        let contract = contract(&spec);
        let json = serde_json::to_string(&contract).unwrap_or_default();
        let html = service.swagger_ui_html().replace(&spec, &json);
        Self {
            html: PublicPage::page_with_own_scripts(html),
            yaml: PublicPage::document("application/yaml", in_yaml(&contract), None),
            json: PublicPage::document("application/json", json, None),
        }
    }
}

#[OpenApi(tag = "Group::Operations")]
impl Docs {
    /// This documentation, to read and try
    #[oai(path = "/docs", method = "get", operation_id = "get_docs")]
    async fn get_docs(&self, asked: Asked) -> Result<PublicDocument<Html>, Problem> {
        Ok(PublicDocument::page(&self.pages().await?.html, &asked).await)
    }

    /// The contract, for machines
    #[oai(path = "/openapi.yaml", method = "get", operation_id = "get_contract")]
    async fn get_contract(&self, asked: Asked) -> Result<PublicDocument<Yaml>, Problem> {
        Ok(PublicDocument::page(&self.pages().await?.yaml, &asked).await)
    }

    /// The contract, for machines that read JSON
    #[oai(path = "/openapi.json", method = "get", operation_id = "get_contract_as_json")]
    async fn get_contract_as_json(&self, asked: Asked) -> Result<PublicDocument<Json>, Problem> {
        Ok(PublicDocument::page(&self.pages().await?.json, &asked).await)
    }
}
