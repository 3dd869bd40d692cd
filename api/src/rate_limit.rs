//! Limits per client address, per process. What must hold for all processes together is counted in the database.

use crate::config::Limits;
use crate::problem::Problem;
use entity::PostId;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

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

/// After how many checks the clients are forgotten that start afresh anyway.
const TIDIES_EVERY: u32 = 4096;

/// A limit for each client, and a wider one for its neighbourhood.
struct PerClient {
    clients: Limiter<IpAddr>,
    neighbourhoods: Limiter<IpAddr>,
}

struct Limiter<K: Clone + Eq + Hash> {
    limiter: DefaultKeyedRateLimiter<K>,
    limit: u32,
    checks: AtomicU32,
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
}

impl<K: Clone + Eq + Hash> Limiter<K> {
    fn new(limit: u32, quota: impl Fn(NonZeroU32) -> Quota) -> Self {
        let limit = NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN);
        Self { limiter: DefaultKeyedRateLimiter::keyed(quota(limit)), limit: limit.get(), checks: AtomicU32::new(0) }
    }

    /// Counts one more. Now and then it forgets who may do everything again: a process that only answers has no housekeeping.
    fn check_key(&self, key: K) -> Result<(), Problem> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(TIDIES_EVERY) {
            self.limiter.retain_recent();
        }
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

#[cfg(test)]
mod tests {
    use super::{Limiter, PerClient, TIDIES_EVERY};
    use governor::Quota;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    #[test]
    fn clients_that_may_do_everything_again_are_not_kept() {
        // So much in a minute that everybody starts afresh before the next one comes.
        let limiter = Limiter::new(u32::MAX, Quota::per_minute);
        for n in 0..TIDIES_EVERY * 5 {
            assert!(limiter.check_key(IpAddr::from(Ipv4Addr::from(n))).is_ok());
        }
        assert!(limiter.limiter.len() <= TIDIES_EVERY as usize + 1, "{}", limiter.limiter.len());
    }

    #[test]
    fn a_network_is_sixteen_clients_at_most() {
        let limit = PerClient::new(2, Quota::per_hour);
        let client = |n: u16| IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 1, n, 0, 0, 0, n));
        let allowed = (0..1000).filter(|n| limit.check(client(*n)).is_ok()).count();
        assert_eq!(allowed, 32);
        assert!(limit.check(IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 2, 0, 0, 0, 0, 1))).is_ok());
        let mapped = |n: u8| IpAddr::from(Ipv4Addr::new(192, 0, 2, n).to_ipv6_mapped());
        assert!((0..100).all(|n| limit.check(mapped(n)).is_ok()), "an IPv4 address in IPv6 is no neighbour of others");
    }
}
