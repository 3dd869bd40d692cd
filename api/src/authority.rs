//! Who may call: types that cannot be had without the check.
//!
//! The village is the first path parameter of every tenant operation and is resolved here and nowhere else. The answers:
//! 401 we do not know you; 403 we know you here and your role may not; 404 there is no such thing here, which is also what a
//! foreign village looks like. What an account may do is read anew for every request, so that what is taken away is gone at
//! once.

mod absent;
mod api_key;
mod log_in;
mod municipality_editor;
mod refusals;
mod role_name;

pub use absent::absent;
pub use api_key::PREFIX as API_KEY_PREFIX;
pub use municipality_editor::MunicipalityEditor;
pub use refusals::without_second_factor;
pub use role_name::RoleName;

use crate::app::App;
use crate::http::ClientAddress;
use crate::problem::{Problem, ProblemKind};
use crate::secrets::{same, sha256};
use crate::text::Text;
use entity::{
    AccountId, Club, ClubId, ClubState, Municipality, Post, Report, RoleKind, Session, Standing, Subscription,
    SubscriptionId, VillageRecord, VillageScope,
};
use log_in::{any_session, session};
use municipality_editor::{municipality_editor, strong_enough_for};
use poem::http::header;
use poem::{Request, RequestBody, Result};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef, MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::net::IpAddr;
use std::sync::Arc;

/// Anybody, in a village.
pub struct InVillage {
    /// The village.
    pub village: Arc<VillageRecord>,
    /// The way to its rows.
    pub scope: VillageScope,
    /// From where.
    pub client: IpAddr,
}

/// Somebody of the staff, of whatever village.
pub struct Staff {
    /// The log-in.
    pub session: Session,
}

/// Somebody of the staff, also an operator who has yet to set up a second factor, and can do nothing but that.
pub struct Enrolling {
    /// The log-in.
    pub session: Session,
}

/// An operator of the installation.
pub struct Operator {
    /// The log-in.
    pub session: Session,
}

/// Somebody who may review, publish and withdraw in the village: an editor or admin of it, or an editor of its municipality.
pub struct Editor {
    /// The log-in.
    pub session: Session,
    /// The village.
    pub here: InVillage,
}

/// Somebody who may write in the village: an editor, a contributor, or a manager or author of a club that takes part.
pub struct Author {
    /// The log-in.
    pub session: Session,
    /// The village.
    pub here: InVillage,
    /// All that the account may do here.
    pub standing: Standing,
}

/// Somebody who may do everything in the village.
pub struct VillageAdmin {
    /// The log-in.
    pub session: Session,
    /// The village.
    pub here: InVillage,
}

/// Somebody who decides for the town hall: an editor or admin of the village, or an editor of its municipality, and no program.
pub struct TownHall {
    /// The log-in.
    pub session: Session,
    /// The village.
    pub here: InVillage,
}

/// Somebody who keeps a club, which is the second path parameter then: a manager of it, or the town hall.
pub struct ClubManager {
    /// The log-in.
    pub session: Session,
    /// The village.
    pub here: InVillage,
    /// The club.
    pub club: Club,
    /// Whether it is the town hall that acts.
    pub for_town_hall: bool,
}

/// An operator, acting on one village.
pub struct VillageOperator {
    /// The log-in.
    pub session: Session,
    /// The village.
    pub here: InVillage,
}

/// An operator, acting on one municipality, which is the first path parameter then.
pub struct MunicipalityOperator {
    /// The log-in.
    pub session: Session,
    /// The municipality.
    pub municipality: Municipality,
}

/// Whoever holds the secret of a subscription.
pub struct SubscriptionHolder {
    /// The subscription.
    pub subscription: Subscription,
    /// The village.
    pub here: InVillage,
}

impl Author {
    /// Whether a post that is not public is theirs to see: editors see all, others what they or their club wrote.
    pub fn sees(&self, post: &Post) -> bool {
        self.sees_what(post.club, post.author) && (post.joint.is_none() || self.standing.is_editor())
    }

    /// The same of what somebody wrote for a club, or for the town hall.
    pub fn sees_what(&self, club: Option<ClubId>, author: AccountId) -> bool {
        let standing = &self.standing;
        let is_clubs = club.is_some_and(|club| standing.in_club(club).is_some());
        let is_theirs = author == self.session.account && club.is_none() && standing.writes_for_town_hall();
        standing.is_editor() || is_clubs || is_theirs
    }
}

/// Whoever holds the secret of a report.
pub struct Reporter {
    /// The report.
    pub report: Report,
}

fn app(request: &Request) -> Result<&App, Problem> {
    request.data::<App>().ok_or_else(|| Problem::new(ProblemKind::Internal))
}

async fn in_village(request: &Request) -> Result<InVillage, Problem> {
    let app = app(request)?;
    let slug = request.raw_path_param("param0").unwrap_or_default();
    let village = app.village(slug).await?.ok_or_else(Problem::not_found)?;
    let scope = app.database.village(village.id);
    Ok(InVillage { village, scope, client: ClientAddress::of(request).0 })
}

/// The token of `Authorization: Bearer`; `None` without the header.
fn bearer(request: &Request) -> Result<Option<&str>, Problem> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(Some(token.trim()))
    } else {
        Err(Problem::explained(
            ProblemKind::Unauthenticated,
            Text::new("Authorization ist kein Bearer-Token.", "Authorization is not a bearer token."),
        ))
    }
}

/// The log-in, the village, and what the account may do there, which is something.
async fn standing(request: &Request) -> Result<(Session, InVillage, Standing), Problem> {
    let session = session(request).await?;
    let here = in_village(request).await?;
    let now = app(request)?.clock.now();
    let standing = here.scope.read().await?.roles().standing(session.account, now).await?;
    if standing.is_none() {
        return Err(Problem::not_found());
    }
    if standing.second_factor_required && !session.second_factor {
        return Err(refusals::without_second_factor());
    }
    Ok((session, here, standing))
}

fn allowed_if(allowed: bool, refusal: impl FnOnce() -> Problem) -> Result<(), Problem> {
    if allowed { Ok(()) } else { Err(refusal()) }
}

/// As [`standing`], for what a program may do with an API key too.
async fn standing_or_key(request: &Request) -> Result<(Session, InVillage, Standing), Problem> {
    if api_key::is_sent(request) { api_key::standing(request).await } else { standing(request).await }
}

async fn editor(request: &Request) -> Result<Editor, Problem> {
    let (session, here, standing) = standing_or_key(request).await?;
    allowed_if(standing.is_editor(), || refusals::for_the_town_hall(&standing))?;
    Ok(Editor { session, here })
}

async fn author(request: &Request) -> Result<Author, Problem> {
    let (session, here, standing) = standing_or_key(request).await?;
    let writes = standing.writes_for_town_hall() || standing.clubs.iter().any(|role| role.state == ClubState::Active);
    allowed_if(writes, || refusals::for_writers(&standing))?;
    Ok(Author { session, here, standing })
}

async fn village_admin(request: &Request) -> Result<VillageAdmin, Problem> {
    let (session, here, standing) = standing(request).await?;
    allowed_if(standing.is_admin(), refusals::for_admins)?;
    Ok(VillageAdmin { session, here })
}

async fn town_hall(request: &Request) -> Result<TownHall, Problem> {
    let (session, here, standing) = standing(request).await?;
    allowed_if(standing.is_editor(), || refusals::for_the_town_hall(&standing))?;
    Ok(TownHall { session, here })
}

/// Managers of other clubs are told that there is no such club to keep, as strangers are.
async fn club_manager(request: &Request) -> Result<ClubManager, Problem> {
    let (session, here, standing) = standing(request).await?;
    let is_manager = |role: &&entity::ClubRole| role.kind == RoleKind::ClubManager;
    let for_town_hall = standing.is_editor();
    let manages = for_town_hall || standing.clubs.iter().any(|role| is_manager(&role));
    allowed_if(manages, refusals::for_club_managers)?;
    let slug = request.raw_path_param("param1").filter(|slug| !slug.contains('\0')).ok_or_else(Problem::not_found)?;
    let club = here.scope.read().await?.clubs().by_slug(slug).await?.ok_or_else(Problem::not_found)?;
    let keeps =
        |role: &entity::ClubRole| role.club == club.id && matches!(role.state, ClubState::Active | ClubState::Paused);
    if !for_town_hall && !standing.clubs.iter().filter(is_manager).any(keeps) {
        return Err(Problem::not_found());
    }
    Ok(ClubManager { session, here, club, for_town_hall })
}

async fn staff(request: &Request) -> Result<Staff, Problem> {
    Ok(Staff { session: session(request).await? })
}

async fn enrolling(request: &Request) -> Result<Enrolling, Problem> {
    Ok(Enrolling { session: any_session(request).await? })
}

async fn operator(request: &Request) -> Result<Operator, Problem> {
    let session = session(request).await?;
    allowed_if(session.operator, refusals::for_operators)?;
    Ok(Operator { session })
}

async fn village_operator(request: &Request) -> Result<VillageOperator, Problem> {
    let Operator { session } = operator(request).await?;
    let here = in_village(request).await?;
    // Whoever gives out roles in a village must not come by a weaker door than those who get them.
    if !session.second_factor && here.scope.read().await?.second_factor_rule().holds().await? {
        return Err(refusals::without_second_factor());
    }
    Ok(VillageOperator { session, here })
}

async fn municipality_operator(request: &Request) -> Result<MunicipalityOperator, Problem> {
    let Operator { session } = operator(request).await?;
    let id = request.raw_path_param("param0").and_then(|text| text.parse().ok()).ok_or_else(Problem::not_found)?;
    let app = app(request)?;
    let registry = app.database.registry().await?;
    let municipality = registry.municipalities().find(id).await?.ok_or_else(Problem::not_found)?;
    let villages = registry.municipality_roles().villages(id).await?;
    drop(registry);
    strong_enough_for(app, &session, &villages).await?;
    Ok(MunicipalityOperator { session, municipality })
}

/// A wrong secret and a subscription that does not exist look alike.
async fn subscription_holder(request: &Request) -> Result<SubscriptionHolder, Problem> {
    let secret = bearer(request)?.ok_or_else(|| Problem::new(ProblemKind::Unauthenticated))?;
    let here = in_village(request).await?;
    let id: SubscriptionId =
        request.raw_path_param("param1").and_then(|text| text.parse().ok()).ok_or_else(Problem::not_found)?;
    let found = here.scope.read().await?.subscriptions().find(id).await?;
    let held = found.filter(|subscription| same(&subscription.secret_hash, &sha256(secret.as_bytes())));
    Ok(SubscriptionHolder { subscription: held.ok_or_else(Problem::not_found)?, here })
}

/// A wrong secret and a report that does not exist look alike.
async fn reporter(request: &Request) -> Result<Reporter, Problem> {
    let secret = bearer(request)?.ok_or_else(|| Problem::new(ProblemKind::Unauthenticated))?;
    let here = in_village(request).await?;
    let id = request.raw_path_param("param1").and_then(|text| text.parse().ok()).ok_or_else(Problem::not_found)?;
    let found = here.scope.read().await?.reports().find(id).await?;
    let held = found.filter(|report| same(&report.secret_hash, &sha256(secret.as_bytes())));
    Ok(Reporter { report: held.ok_or_else(Problem::not_found)? })
}

const STAFF_TOKEN: MetaSecurityScheme = MetaSecurityScheme {
    ty: "http",
    description: Some("The token that log_in gave out. It ends with log_out, by itself, or when it is taken away."),
    name: None,
    key_in: None,
    scheme: Some("bearer"),
    bearer_format: None,
    flows: None,
    openid_connect_url: None,
};

const SUBSCRIPTION_SECRET: MetaSecurityScheme =
    MetaSecurityScheme { description: Some("The secret of one subscription, shown once by subscribe."), ..STAFF_TOKEN };

const REPORT_SECRET: MetaSecurityScheme =
    MetaSecurityScheme { description: Some("The secret of one report, shown once by report_post."), ..STAFF_TOKEN };

/// Declares an extractor: what it documents and how it is had.
macro_rules! authority {
    ($authority:ident, [$($types:ident),+], $scheme:expr, $get:ident) => {
        impl<'a> ApiExtractor<'a> for $authority {
            const TYPES: &'static [ApiExtractorType] = &[$(ApiExtractorType::$types),+];
            const PARAM_IS_REQUIRED: bool = true;

            type ParamType = String;
            type ParamRawType = String;

            fn register(registry: &mut Registry) {
                let scheme: Option<(&'static str, MetaSecurityScheme)> = $scheme;
                if let Some((name, scheme)) = scheme {
                    registry.create_security_scheme(name, scheme);
                }
            }

            fn security_schemes() -> Vec<&'static str> {
                let scheme: Option<(&'static str, MetaSecurityScheme)> = $scheme;
                scheme.into_iter().map(|(name, _)| name).collect()
            }

            fn param_in() -> Option<MetaParamIn> {
                Some(MetaParamIn::Path)
            }

            fn param_schema_ref() -> Option<MetaSchemaRef> {
                Some(MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))))
            }

            async fn from_request(
                request: &'a Request,
                _body: &mut RequestBody,
                _options: ExtractParamOptions<String>,
            ) -> Result<Self> {
                Ok($get(request).await?)
            }
        }
    };
}

authority!(InVillage, [Parameter], None, in_village);
authority!(Staff, [SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), staff);
authority!(Enrolling, [SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), enrolling);
authority!(Operator, [SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), operator);
authority!(Editor, [Parameter, SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), editor);
authority!(TownHall, [Parameter, SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), town_hall);
authority!(ClubManager, [Parameter, SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), club_manager);
authority!(Author, [Parameter, SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), author);
authority!(VillageAdmin, [Parameter, SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), village_admin);
authority!(VillageOperator, [Parameter, SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), village_operator);
authority!(MunicipalityOperator, [Parameter, SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), municipality_operator);
authority!(MunicipalityEditor, [Parameter, SecurityScheme], Some(("StaffToken", STAFF_TOKEN)), municipality_editor);
authority!(Reporter, [Parameter, SecurityScheme], Some(("ReportSecret", REPORT_SECRET)), reporter);
authority!(
    SubscriptionHolder,
    [Parameter, SecurityScheme],
    Some(("SubscriptionSecret", SUBSCRIPTION_SECRET)),
    subscription_holder
);
