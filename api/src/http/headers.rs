//! Headers that decide: preconditions, idempotency, and who is asking.
//!
//! A proxy that packs an answer on the way marks its tag as weak: nginx makes `W/"3"` of `"3"` (RFC 9110, section 8.8.1). Our tags are
//! numbers of versions, which packing does not change; so a client behind such a proxy, which knows only the weak tag, is understood.

use crate::app::App;
use crate::problem::{Problem, ProblemKind};
use crate::secrets::sha256;
use crate::text::Text;
use entity::AccountId;
use poem::http::{HeaderValue, Method};
use poem::web::headers::{ETag, Header, IfMatch};
use poem::{FromRequest, Request, RequestBody, Result};
use poem_openapi::registry::{MetaParamIn, MetaSchemaRef};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use std::net::{IpAddr, SocketAddr};

/// The `If-Match` of a change: which version it was made from.
pub struct Conditional(Option<IfMatch>);

/// The `If-Match` of a change that is welcome without one.
pub struct ConditionalIfGiven(Conditional);

/// The `Idempotency-Key` of a request, and what was asked.
pub struct Idempotent {
    key: Option<String>,
    method: Method,
    path: String,
    if_match: Vec<u8>,
}

/// The `Idempotency-Key` of a request that is not done without one.
pub struct IdempotentAlways(pub Idempotent);

/// The address of the client: the peer's, or what a trusted proxy says it is.
pub struct ClientAddress(pub IpAddr);

impl Conditional {
    /// Refuses a change that was made from another version.
    ///
    /// # Errors
    /// 428 without `If-Match`; 412 when it names another version.
    pub fn check(&self, version: i32) -> Result<(), Problem> {
        let condition = self.0.as_ref().ok_or_else(|| {
            Problem::explained(
                ProblemKind::PreconditionRequired,
                Text::new(
                    "Senden Sie in If-Match den ETag der Fassung, die Sie ändern.",
                    "Send in If-Match the ETag of the version you change.",
                ),
            )
        })?;
        let current = format!("\"{version}\"").parse::<ETag>().map_err(|_| Problem::new(ProblemKind::Internal))?;
        if condition.precondition_passes(&current) {
            return Ok(());
        }
        Err(Problem::explained(
            ProblemKind::PreconditionFailed,
            Text::new(
                format!("Die jetzige Fassung ist \"{version}\". Laden Sie sie und wiederholen Sie Ihre Änderung."),
                format!("The current version is \"{version}\". Load it and make your change again."),
            ),
        ))
    }
}

impl Conditional {
    /// The version it names, when it names one.
    pub fn version(&self) -> Option<i32> {
        let mut values = Vec::new();
        self.0.as_ref()?.encode(&mut values);
        values.first()?.to_str().ok()?.trim_matches('"').parse().ok()
    }
}

impl ConditionalIfGiven {
    /// Refuses a change that says that it was made from another version.
    ///
    /// # Errors
    /// 412 when it names another version.
    pub fn check(&self, version: i32) -> Result<(), Problem> {
        if self.0.0.is_some() { self.0.check(version) } else { Ok(()) }
    }
}

impl Idempotent {
    /// What is to be remembered of this request; nothing without a key. `body` is the SHA-256 of its body.
    ///
    /// # Errors
    /// 400 when the key is empty or longer than 255 bytes.
    pub fn request(&self, account: AccountId, body: &[u8]) -> Result<Option<entity::Request>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        if key.is_empty() || key.len() > 255 {
            return Err(Problem::with_fault(
                ProblemKind::InvalidParameter,
                "Idempotency-Key",
                Text::new("muss 1 bis 255 Zeichen haben", "must have 1 to 255 characters"),
            ));
        }
        let asked = [self.method.as_str().as_bytes(), self.path.as_bytes(), &self.if_match, body];
        let digests: Vec<u8> = asked.iter().flat_map(|part| sha256(part)).collect();
        Ok(Some(entity::Request { account, key_hash: sha256(key.as_bytes()), request_hash: sha256(&digests) }))
    }
}

macro_rules! header_parameter {
    ($name:ident, required: $required:literal, $request:ident => $read:expr) => {
        impl<'a> ApiExtractor<'a> for $name {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
            const PARAM_IS_REQUIRED: bool = $required;

            type ParamType = String;
            type ParamRawType = String;

            fn param_in() -> Option<MetaParamIn> {
                Some(MetaParamIn::Header)
            }

            fn param_schema_ref() -> Option<MetaSchemaRef> {
                Some(String::schema_ref())
            }

            async fn from_request(
                $request: &'a Request,
                _body: &mut RequestBody,
                _options: ExtractParamOptions<String>,
            ) -> Result<Self> {
                $read
            }
        }
    };
}

/// Whether this is `*` or entity tags in quotes with commas between them (RFC 9110, section 13.1.1).
fn is_list_of_etags(text: &str) -> bool {
    // Every other part is inside quotes.
    let parts: Vec<&str> = text.split('"').map(str::trim).collect();
    let between = |part: &str| matches!(part.strip_prefix(',').map(str::trim), Some("" | "W/"));
    text.trim() == "*"
        || match parts[..] {
            [first, .., last] if parts.len() % 2 == 1 => {
                matches!(first, "" | "W/")
                    && last.is_empty()
                    && parts.iter().step_by(2).skip(1).rev().skip(1).all(|part| between(part))
            }
            _ => false,
        }
}

header_parameter!(Conditional, required: true, request => Ok(if_match(request)?));

header_parameter!(ConditionalIfGiven, required: false, request => Ok(Self(if_match(request)?)));

fn if_match(request: &Request) -> Result<Conditional, Problem> {
    let given: Option<Vec<HeaderValue>> = request.headers().get_all("if-match").iter().map(strong).collect();
    let Some(given) = given else {
        return Err(Problem::with_fault(
            ProblemKind::InvalidParameter,
            "If-Match",
            Text::new("ist kein ETag in Anführungszeichen", "is not an ETag in quotes"),
        ));
    };
    let condition = if given.is_empty() { None } else { IfMatch::decode(&mut given.iter()).ok() };
    Ok(Conditional(condition))
}

/// The tags as we gave them out; none when this is no list of tags.
fn strong(given: &HeaderValue) -> Option<HeaderValue> {
    let text = given.to_str().ok().filter(|text| is_list_of_etags(text))?;
    HeaderValue::from_str(&text.replace("W/\"", "\"")).ok()
}

header_parameter!(Idempotent, required: false, request => Ok(idempotent(request)));

header_parameter!(IdempotentAlways, required: true, request => {
    let given = idempotent(request);
    if given.key.is_none() {
        let detail = Text::new("fehlt: damit es nur einmal geschieht", "is missing: so that it happens once only");
        return Err(Problem::with_fault(ProblemKind::InvalidParameter, "Idempotency-Key", detail).into());
    }
    Ok(Self(given))
});

fn idempotent(request: &Request) -> Idempotent {
    let key =
        request.headers().get("idempotency-key").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let if_match = request.headers().get("if-match").map(|value| value.as_bytes().to_vec()).unwrap_or_default();
    Idempotent { key, method: request.method().clone(), path: target(request), if_match }
}

/// Path and query: what is said of an upload is in its query.
fn target(request: &Request) -> String {
    request.original_uri().path_and_query().map_or_else(String::new, ToString::to_string)
}

impl ClientAddress {
    /// Who sent a request.
    pub fn of(request: &Request) -> Self {
        let peer = request.remote_addr().as_socket_addr().map(|address| address.ip().to_canonical());
        let peer = peer.unwrap_or(IpAddr::from([0, 0, 0, 0]));
        let Some(app) = request.data::<App>() else { return Self(peer) };
        let trusted = &app.settings.http.trusted_proxies;
        if !trusted.contains(&peer) {
            return Self(peer);
        }
        // From the nearest proxy outward: the first that is not one of ours is the client. What cannot be read was not written by
        // a proxy that we can believe; then the nearest one stands for everybody behind it.
        let lines: Vec<&str> =
            request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
        let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        for hop in hops {
            let hop = hop.trim();
            let address = hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|hop| hop.ip()));
            match address.map(|address: IpAddr| address.to_canonical()) {
                Ok(address) if trusted.contains(&address) => {}
                Ok(address) => return Self(address),
                Err(_) => break,
            }
        }
        Self(peer)
    }
}

impl<'a> FromRequest<'a> for ClientAddress {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> Result<Self> {
        Ok(Self::of(request))
    }
}
