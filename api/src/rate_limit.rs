//! Limits per client address, per process. What must hold for all processes together is counted in the database.

use crate::config::Limits;
use crate::problem::Problem;
use entity::PostId;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

/// The limits.
pub struct RateLimits {
    logins: PerClient,
    subscriptions: PerClient,
    questions: PerClient,
    unsubscriptions: PerClient,
    reports: PerClient,
    account_links: PerClient,
    unusual_reads: PerClient,
    reports_of_a_post: Limiter<(IpAddr, PostId)>,
}

/// How much all clients of one neighbourhood may do together, in what one may: whoever rents a server gets an IPv6 /48 or more, and
/// would be 65,536 clients.
const NEIGHBOURS: u32 = 16;

/// A limit for each client, and a wider one for its neighbourhood.
struct PerClient {
    clients: Limiter<IpAddr>,
    neighbourhoods: Limiter<IpAddr>,
}

struct Limiter<K: Clone + Eq + Hash> {
    limiter: DefaultKeyedRateLimiter<K>,
    limit: u32,
}

impl RateLimits {
    /// Takes the limits from the settings.
    pub fn new(settings: &Limits) -> Self {
        Self {
            logins: PerClient::new(settings.logins_per_client, Quota::per_minute),
            subscriptions: PerClient::new(settings.subscriptions_per_client, Quota::per_hour),
            questions: PerClient::new(settings.questions_per_client, Quota::per_hour),
            unsubscriptions: PerClient::new(settings.unsubscriptions_per_client, Quota::per_hour),
            reports: PerClient::new(settings.reports_per_client, Quota::per_hour),
            account_links: PerClient::new(settings.account_links_per_client, Quota::per_hour),
            unusual_reads: PerClient::new(settings.unusual_reads_per_client, Quota::per_minute),
            reports_of_a_post: Limiter::new(settings.reports_per_client_and_post, Quota::per_hour),
        }
    }

    /// Counts a log-in attempt.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn login(&self, client: IpAddr) -> Result<(), Problem> {
        self.logins.check(client)
    }

    /// Counts a request to subscribe or confirm.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn subscription(&self, client: IpAddr) -> Result<(), Problem> {
        self.subscriptions.check(client)
    }

    /// Counts a question that goes to a mailbox, whoever's it is: a mail nobody there has asked for.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn question(&self, client: IpAddr) -> Result<(), Problem> {
        self.questions.check(client)
    }

    /// Counts a request to unsubscribe.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn unsubscription(&self, client: IpAddr) -> Result<(), Problem> {
        self.unsubscriptions.check(client)
    }

    /// Counts a report of a post.
    ///
    /// # Errors
    /// 429 when there were too many, or too many of this post.
    pub fn report(&self, client: IpAddr, post: PostId) -> Result<(), Problem> {
        self.reports.check(client)?;
        self.reports_of_a_post.check_key((network(client), post))
    }

    /// Counts a read of a page that nobody else asks for.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn unusual_read(&self, client: IpAddr) -> Result<(), Problem> {
        self.unusual_reads.check(client)
    }

    /// Counts a request for a link to a new password or address, or a use of one.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub fn account_link(&self, client: IpAddr) -> Result<(), Problem> {
        self.account_links.check(client)
    }

    /// Forgets clients that have not been seen for long enough to start afresh.
    pub fn tidy(&self) {
        let of_clients = [
            &self.logins,
            &self.subscriptions,
            &self.questions,
            &self.unsubscriptions,
            &self.reports,
            &self.account_links,
            &self.unusual_reads,
        ];
        of_clients.into_iter().for_each(PerClient::tidy);
        self.reports_of_a_post.limiter.retain_recent();
    }
}

impl<K: Clone + Eq + Hash> Limiter<K> {
    fn new(limit: u32, quota: impl Fn(NonZeroU32) -> Quota) -> Self {
        let limit = NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN);
        Self { limiter: DefaultKeyedRateLimiter::keyed(quota(limit)), limit: limit.get() }
    }

    fn check_key(&self, key: K) -> Result<(), Problem> {
        self.limiter.check_key(&key).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Problem::too_many_requests(wait.as_secs() + 1, self.limit)
        })
    }
}

impl PerClient {
    fn new(limit: u32, quota: impl Fn(NonZeroU32) -> Quota) -> Self {
        Self {
            clients: Limiter::new(limit, &quota),
            neighbourhoods: Limiter::new(limit.saturating_mul(NEIGHBOURS), quota),
        }
    }

    fn check(&self, client: IpAddr) -> Result<(), Problem> {
        self.clients.check_key(network(client))?;
        neighbourhood(client).map_or(Ok(()), |all| self.neighbourhoods.check_key(all))
    }

    fn tidy(&self) {
        self.clients.limiter.retain_recent();
        self.neighbourhoods.limiter.retain_recent();
    }
}

/// Who counts as one client: an IPv4 address, or an IPv6 /64, which one household gets.
pub fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

/// The IPv6 /48 of a client; an IPv4 address has no neighbours that are had for nothing.
fn neighbourhood(client: IpAddr) -> Option<IpAddr> {
    match client.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            Some(IpAddr::from([a, b, c, 0, 0, 0, 0, 0]))
        }
    }
}
