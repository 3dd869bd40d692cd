//! The forms in which a village's feed can be had by feed readers, and where.

/// A form of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeedForm {
    /// RSS 2.0.
    Rss,
    /// Atom (RFC 4287).
    Atom,
    /// JSON Feed 1.1.
    Json,
}

impl FeedForm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Atom, Self::Rss, Self::Json];

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml",
            Self::Atom => "application/atom+xml",
            Self::Json => "application/feed+json",
        }
    }

    /// Its path in a village. `filters` is what narrows the feed, as in `&kind=news`.
    pub fn path(self, village: &str, filters: &str) -> String {
        let word = match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Json => "json",
        };
        let query = filters.strip_prefix('&').map_or(String::new(), |filters| format!("?{filters}"));
        format!("/v1/villages/{village}/feed.{word}{query}")
    }
}

/// The values of `Link` (RFC 8288) that name the feed in all its forms.
pub fn alternates(village: &str, filters: &str) -> Vec<String> {
    let link = |form: FeedForm| {
        format!("<{}>; rel=\"alternate\"; type=\"{}\"", form.path(village, filters), form.media_type())
    };
    FeedForm::ALL.into_iter().map(link).collect()
}
