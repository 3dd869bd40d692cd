//! The kinds of problems, as `docs/problems.md` describes them.

use poem::http::StatusCode;

/// Why a request was refused. A closed list; `docs/problems.md` describes each for those who write clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table in `PROBLEMS` says what each is")]
pub enum ProblemKind {
    BadRequest,
    InvalidBody,
    InvalidParameter,
    InvalidCursor,
    Unauthenticated,
    WrongCredentials,
    SecondFactorCodeRequired,
    Forbidden,
    SecondFactorRequired,
    NeedsReview,
    ClubInactive,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    Conflict,
    Gone,
    PreconditionFailed,
    PayloadTooLarge,
    UnsupportedMediaType,
    RangeNotSatisfiable,
    Unprocessable,
    IdempotencyKeyReused,
    PreconditionRequired,
    TooManyRequests,
    Internal,
    Unavailable,
    InsufficientStorage,
}

/// One row per kind: slug, status, German title, English title.
pub const PROBLEMS: &[(ProblemKind, &str, u16, &str, &str)] = &[
    (ProblemKind::BadRequest, "bad-request", 400, "Die Anfrage ist fehlerhaft", "The request is malformed"),
    (ProblemKind::InvalidBody, "invalid-body", 400, "Der Inhalt der Anfrage ist fehlerhaft", "The body is malformed"),
    (ProblemKind::InvalidParameter, "invalid-parameter", 400, "Ein Parameter ist ungültig", "A parameter is invalid"),
    (ProblemKind::InvalidCursor, "invalid-cursor", 400, "Die Blättermarke ist ungültig", "The cursor is invalid"),
    (ProblemKind::Unauthenticated, "unauthenticated", 401, "Anmeldung erforderlich", "Log in first"),
    (
        ProblemKind::WrongCredentials,
        "wrong-credentials",
        401,
        "E-Mail-Adresse, Passwort oder Code ist falsch",
        "The e-mail address, password or code is wrong",
    ),
    (
        ProblemKind::SecondFactorCodeRequired,
        "second-factor-code-required",
        401,
        "Der Code des zweiten Faktors fehlt",
        "The code of the second factor is missing",
    ),
    (
        ProblemKind::SecondFactorRequired,
        "second-factor-required",
        403,
        "Hier ist ein zweiter Faktor nötig",
        "A second factor is needed here",
    ),
    (ProblemKind::NeedsReview, "needs-review", 403, "Das wird erst geprüft", "This is reviewed first"),
    (
        ProblemKind::ClubInactive,
        "club-inactive",
        403,
        "Der Verein nimmt zurzeit nicht teil",
        "The club does not take part at present",
    ),
    (ProblemKind::Forbidden, "forbidden", 403, "Dazu fehlt Ihnen die Berechtigung", "Your role may not do this"),
    (ProblemKind::NotFound, "not-found", 404, "Das gibt es hier nicht", "There is no such thing here"),
    (
        ProblemKind::MethodNotAllowed,
        "method-not-allowed",
        405,
        "Das geht mit dieser Adresse nicht",
        "This method is not offered here",
    ),
    (ProblemKind::RequestTimeout, "request-timeout", 408, "Die Anfrage kam zu langsam", "The request came too slowly"),
    (ProblemKind::Conflict, "conflict", 409, "Das geht im jetzigen Zustand nicht", "The present state forbids this"),
    (ProblemKind::Gone, "gone", 410, "Das wurde zurückgenommen", "This was taken back"),
    (
        ProblemKind::PreconditionFailed,
        "precondition-failed",
        412,
        "Inzwischen hat es jemand anders geändert",
        "Somebody else changed it meanwhile",
    ),
    (ProblemKind::PayloadTooLarge, "payload-too-large", 413, "Die Anfrage ist zu groß", "The request is too large"),
    (
        ProblemKind::UnsupportedMediaType,
        "unsupported-media-type",
        415,
        "Dieses Format wird nicht angenommen",
        "This media type is not accepted",
    ),
    (
        ProblemKind::RangeNotSatisfiable,
        "range-not-satisfiable",
        416,
        "Diesen Teil hat die Datei nicht",
        "The file has no such part",
    ),
    (ProblemKind::Unprocessable, "unprocessable", 422, "Angaben sind ungültig", "Some values are invalid"),
    (
        ProblemKind::IdempotencyKeyReused,
        "idempotency-key-reused",
        422,
        "Der Idempotency-Key gehört zu einer anderen Anfrage",
        "The Idempotency-Key belongs to another request",
    ),
    (
        ProblemKind::PreconditionRequired,
        "precondition-required",
        428,
        "Die Anfrage braucht If-Match",
        "The request needs If-Match",
    ),
    (ProblemKind::TooManyRequests, "too-many-requests", 429, "Zu viele Anfragen", "Too many requests"),
    (ProblemKind::Internal, "internal", 500, "Unerwarteter Fehler", "Unexpected error"),
    (ProblemKind::Unavailable, "unavailable", 503, "Vorübergehend nicht verfügbar", "Temporarily unavailable"),
    (ProblemKind::InsufficientStorage, "insufficient-storage", 507, "Der Speicher ist voll", "Storage is full"),
];

impl ProblemKind {
    pub(super) fn row(self) -> &'static (ProblemKind, &'static str, u16, &'static str, &'static str) {
        PROBLEMS.iter().find(|row| row.0 == self).unwrap_or(&PROBLEMS[0])
    }

    /// Its HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().2).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
