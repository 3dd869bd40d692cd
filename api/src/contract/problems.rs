//! Says of every operation which problems it can answer.
//!
//! Derived from what the operation takes, as the contract says it, by [`RULES`]; nothing is written per operation. The stories
//! check every refusal they meet against it. A new kind of problem gets its rule here.

use super::tree::reference;
use super::words;
use crate::problem::{PROBLEMS, Problem, ProblemKind};
use crate::text::{Language, Text};
use poem_openapi::types::ToJSON;
use serde_yaml_ng::{Mapping, Value};
use std::collections::BTreeMap;

/// Whether an operation can answer a problem.
type Rule = fn(&Operation) -> bool;

/// Which operations answer which problems. Whoever changes something without a log-in is counted, and who asks for public pages
/// that nobody else asks for, and who writes to others, so 429 is theirs.
const RULES: &[(ProblemKind, Rule)] = &[
    (ProblemKind::InvalidBody, |it| it.takes_body("application/json") || it.takes_body("application/x-www-form")),
    (ProblemKind::InvalidParameter, |it| it.reads_the_query() || it.takes_any("header")),
    (ProblemKind::InvalidCursor, |it| it.takes("cursor")),
    (ProblemKind::Unauthenticated, |it| it.needs_secret()),
    (ProblemKind::WrongCredentials, |it| !it.needs_secret() && it.body_has("email") && it.body_has("password")),
    (ProblemKind::SecondFactorCodeRequired, |it| !it.needs_secret() && it.body_has("code")),
    (ProblemKind::SecondFactorRequired, |it| it.is_for_staff() && !it.serves_to_enrol()),
    (ProblemKind::NeedsReview, |it| it.is_for_roles() && it.changes() && it.path.contains("/posts")),
    (ProblemKind::ClubInactive, |it| it.is_for_roles() && it.path.starts_with("/v1/admin/villages/")),
    (ProblemKind::Forbidden, |it| it.is_for_roles()),
    (ProblemKind::NotFound, |it| it.takes_any("path") || it.body_has("token")),
    (ProblemKind::RequestTimeout, |it| it.takes_body("")),
    (ProblemKind::Conflict, |it| it.changes() && (it.is_for_roles() || it.asks_again())),
    (ProblemKind::Gone, |it| it.reads_a_public_post()),
    (ProblemKind::PreconditionFailed, |it| it.takes("If-Match")),
    (ProblemKind::PayloadTooLarge, |it| it.takes_body("")),
    (ProblemKind::UnsupportedMediaType, |it| it.takes_body("")),
    (ProblemKind::RangeNotSatisfiable, |it| it.gives_parts()),
    (ProblemKind::Unprocessable, |it| {
        it.takes_body("application/json") || it.takes_body("image/") || it.takes_body("text/calendar")
    }),
    (ProblemKind::IdempotencyKeyReused, |it| it.takes("Idempotency-Key")),
    (ProblemKind::PreconditionRequired, |it| it.needs("If-Match")),
    (ProblemKind::TooManyRequests, |it| {
        it.gives_events()
            || it.gives_page()
            || it.invites()
            || it.changes() && (!it.needs_secret() || it.asks_again() || it.tells_others())
    }),
    (ProblemKind::Internal, |_| true),
    (ProblemKind::Unavailable, |_| true),
    (ProblemKind::InsufficientStorage, |it| it.changes()),
];

/// What every address can answer, whatever the operation: the rest of the 4XX.
const ANYWHERE: &[ProblemKind] = &[ProblemKind::BadRequest, ProblemKind::MethodNotAllowed];

/// Headers that come with some problems.
const HEADERS: [&str; 5] = ["Allow", "Content-Range", "RateLimit", "Retry-After", "WWW-Authenticate"];

/// An operation as the contract has it.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    is: &'a Value,
    schemas: &'a Value,
}

impl Operation<'_> {
    fn parameters(&self) -> impl Iterator<Item = &Value> {
        self.is["parameters"].as_sequence().into_iter().flatten()
    }

    fn takes(&self, name: &str) -> bool {
        self.parameters().any(|parameter| parameter["name"] == name)
    }

    fn needs(&self, name: &str) -> bool {
        self.parameters().any(|parameter| parameter["name"] == name && parameter["required"] == true)
    }

    fn takes_any(&self, place: &str) -> bool {
        self.parameters().any(|parameter| parameter["in"] == place)
    }

    fn reads_the_query(&self) -> bool {
        self.is["x-ignores-other-parameters"].is_null() || self.takes_any("query")
    }

    /// Whether it takes a body of a media type that begins so.
    fn takes_body(&self, media_type: &str) -> bool {
        let bodies = self.is["requestBody"]["content"].as_mapping().into_iter().flatten();
        bodies.into_iter().any(|(name, _)| name.as_str().unwrap_or_default().starts_with(media_type))
    }

    fn body_has(&self, field: &str) -> bool {
        let schema = self.is["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
        let name = schema.and_then(|schema| schema.rsplit('/').next()).unwrap_or_default();
        !self.schemas[name]["properties"][field].is_null()
    }

    fn gives_events(&self) -> bool {
        !self.is["responses"]["200"]["content"]["text/event-stream"].is_null()
    }

    fn gives_page(&self) -> bool {
        !self.needs_secret() && !self.is["responses"]["304"].is_null()
    }

    fn needs_secret(&self) -> bool {
        self.is["security"].as_sequence().is_some_and(|schemes| !schemes.is_empty())
    }

    /// Whether it tells everybody of a post, or invites somebody into a club.
    fn tells_others(&self) -> bool {
        let steps = ["/publish", "/announce", "/dates"];
        let of_post = ["/posts/{post}", "/joint-posts/{joint_post}"].iter().any(|post| self.path.contains(post));
        of_post
            && self.needs_secret()
            // What is handed in is told when it is approved.
            && !self.path.ends_with("/revision")
            && (self.body_has("notify") || steps.iter().any(|step| self.path.ends_with(step)))
            || self.body_has("instead_of_me")
    }

    /// Whether it asks for the password of a log-in once more, or for a code.
    fn asks_again(&self) -> bool {
        self.needs_secret()
            && self.path.starts_with("/v1/admin/me/")
            && (self.body_has("password") || self.body_has("code"))
    }

    /// Whether it needs a log-in of staff.
    fn is_for_staff(&self) -> bool {
        self.is["security"].as_sequence().into_iter().flatten().any(|scheme| !scheme["StaffToken"].is_null())
    }

    /// Whether an operator who has yet to set up a second factor may do it.
    fn serves_to_enrol(&self) -> bool {
        let paths = [
            "/v1/admin/me",
            "/v1/admin/logout",
            "/v1/admin/me/second-factor",
            "/v1/admin/me/second-factor/confirm",
            "/v1/admin/me/second-factor/link",
        ];
        paths.contains(&self.path)
    }

    /// Whether it sends an invitation to the staff, of which there are only so many.
    fn invites(&self) -> bool {
        let made = self.is["responses"]["201"]["content"].as_mapping().into_iter().flatten();
        let schemas = made.into_iter().filter_map(|(_, content)| content["schema"]["$ref"].as_str());
        schemas.into_iter().any(|schema| schema.ends_with("/StaffAdded"))
    }

    /// Whether it depends on the role of a log-in.
    fn is_for_roles(&self) -> bool {
        self.is_for_staff() && (self.takes_any("path") || self.path.starts_with("/v1/operator/"))
    }

    fn reads_a_public_post(&self) -> bool {
        self.method == "get" && self.path.starts_with("/v1/villages/{village}/posts/{post}")
    }

    fn gives_parts(&self) -> bool {
        !self.is["responses"]["206"].is_null()
    }

    fn changes(&self) -> bool {
        self.method != "get"
    }

    /// Its problems, by status.
    fn problems(&self) -> BTreeMap<String, Vec<ProblemKind>> {
        let mut problems = BTreeMap::from([("4XX".to_owned(), ANYWHERE.to_vec())]);
        for (kind, applies) in RULES {
            if applies(self) {
                problems.entry(kind.status().as_str().to_owned()).or_default().push(*kind);
            }
        }
        problems
    }
}

/// Adds the problems: to each operation which ones, to the components what they look like, and to `Problem` their list.
pub fn complete(contract: &mut Value) {
    let schemas = contract["components"]["schemas"].clone();
    let mut responses = BTreeMap::new();
    for (path, operations) in contract["paths"].as_mapping_mut().into_iter().flatten() {
        for (method, operation) in operations.as_mapping_mut().into_iter().flatten() {
            let (method, path) = (method.as_str().unwrap_or_default(), path.as_str().unwrap_or_default());
            let problems = Operation { method, path, is: operation, schemas: &schemas }.problems();
            if let Some(said) = operation["responses"].as_mapping_mut() {
                said.remove("4XX");
            }
            for (status, kinds) in problems {
                let name = kinds.iter().map(|kind| name(*kind)).collect::<Vec<_>>().join("Or");
                operation["responses"][status.as_str()] = reference("responses", &name);
                responses.entry(name).or_insert_with(|| response(&kinds));
            }
        }
    }
    contract["components"]["responses"] = components(responses);
    let examples = PROBLEMS.iter().map(|(kind, ..)| (name(*kind), described_example(*kind)));
    contract["components"]["examples"] = components(examples);
    list_kinds(&mut contract["components"]["schemas"]["Problem"]["properties"]["type"]);
}

/// An open list: new kinds may come, so that an `enum` would break clients.
fn list_kinds(field: &mut Value) {
    let lines =
        PROBLEMS.iter().map(|(_, slug, status, _, title)| format!("- `urn:dorf:problem:{slug}` ({status}): {title}"));
    let lines: Vec<String> = lines.collect();
    let description = field["description"].as_str().unwrap_or_default();
    field["description"] = format!("{description}\n\n{}", lines.join("\n")).into();
    field["x-extensible-enum"] =
        PROBLEMS.iter().map(|(_, slug, ..)| Value::from(format!("urn:dorf:problem:{slug}"))).collect();
}

fn response(kinds: &[ProblemKind]) -> Value {
    let titles: Vec<&str> = kinds.iter().map(|kind| row(*kind).4).collect();
    let mut response = Value::Null;
    response["description"] = format!("{}.", titles.join(", or: ")).into();
    let content = &mut response["content"]["application/problem+json"];
    content["schema"] = reference("schemas", "Problem");
    for kind in kinds {
        content["examples"][row(*kind).1] = reference("examples", &name(*kind));
    }
    for kind in kinds {
        let sent = example(*kind).render(Language::default(), INSTANCE);
        for header in HEADERS.into_iter().filter(|header| sent.headers().contains_key(*header)) {
            let about = &mut response["headers"][header];
            about["description"] = words::description(header).unwrap_or_default().into();
            about["schema"]["type"] = "string".into();
            about["example"] = words::example(header).unwrap_or_default();
        }
    }
    response
}

fn described_example(kind: ProblemKind) -> Value {
    let mut described = Value::Null;
    described["summary"] = row(kind).4.into();
    let body = example(kind).body(Language::default(), INSTANCE).to_json();
    described["value"] = serde_yaml_ng::to_value(body).unwrap_or_default();
    described
}

/// The request of all examples.
const INSTANCE: uuid::Uuid = uuid::uuid!("01a20565-141b-7555-8fb8-c400675143fd");

/// A problem of this kind as it may happen.
fn example(kind: ProblemKind) -> Problem {
    let fault = |pointer, de: &'static str, en: &'static str| Problem::with_fault(kind, pointer, Text::new(de, en));
    match kind {
        ProblemKind::InvalidBody => fault("/title", "fehlt", "is missing"),
        ProblemKind::InvalidParameter => fault("limit", "muss zwischen 1 und 100 liegen", "must be between 1 and 100"),
        ProblemKind::InvalidCursor => fault("cursor", "stammt nicht aus dieser Liste", "is not one this list gave out"),
        ProblemKind::Unprocessable => {
            fault("/title", "ist zu lang: höchstens 200 Zeichen", "is too long: at most 200 characters")
        }
        ProblemKind::Conflict => {
            Problem::conflict(Text::new("Der Beitrag ist schon öffentlich.", "The post is public already."))
        }
        ProblemKind::NeedsReview => Problem::explained(
            kind,
            Text::new(
                "Wird geprüft: Was öffentlich ist, ändert sich erst, wenn die Verwaltung es freigibt. Reichen Sie die Änderung ein.",
                "Under review: what is public changes when the town hall approves it. Hand the change in.",
            ),
        ),
        ProblemKind::ClubInactive => Problem::explained(
            kind,
            Text::new(
                "Ihr Verein ruht. Bestätigen Sie, dass es ihn noch gibt.",
                "Your club rests. Confirm that it is still there.",
            ),
        ),
        ProblemKind::Forbidden => {
            Problem::explained(kind, Text::new("Dafür ist die Verwaltung zuständig.", "This is for the town hall."))
        }
        ProblemKind::Gone => {
            Problem::explained(kind, Text::new("Die Brücke ist doch befahrbar.", "Die Brücke ist doch befahrbar."))
        }
        ProblemKind::RangeNotSatisfiable => {
            fault("Range", "die Datei hat 412806 Bytes", "the file has 412806 bytes").of_length(412_806)
        }
        ProblemKind::TooManyRequests => Problem::too_many_requests(42, 10),
        ProblemKind::Unavailable | ProblemKind::InsufficientStorage => Problem::again_after(kind, 42),
        ProblemKind::MethodNotAllowed => Problem::method_not_allowed(Some("GET, POST".to_owned())),
        _ => Problem::new(kind),
    }
}

fn row(kind: ProblemKind) -> &'static (ProblemKind, &'static str, u16, &'static str, &'static str) {
    PROBLEMS.iter().find(|row| row.0 == kind).unwrap_or(&PROBLEMS[0])
}

/// `invalid-body` as components are named: `InvalidBody`.
fn name(kind: ProblemKind) -> String {
    format!("{kind:?}")
}

fn components(named: impl IntoIterator<Item = (String, Value)>) -> Value {
    named.into_iter().map(|(name, component)| (Value::from(name), component)).collect::<Mapping>().into()
}
