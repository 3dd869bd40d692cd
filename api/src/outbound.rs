//! The guard on outbound requests: push endpoints come from strangers, and this is what stands between them and the data
//! centre's own network.
//!
//! An endpoint must be https on port 443 of a host that the settings list; its addresses are resolved once, those that are
//! not globally routable are refused, and the connection goes to an address that was checked. Origins of one's own (for tests
//! and the demo) are allowed only by naming them with their scheme in the settings.

mod address;
mod fetch;

pub use address::CalendarAddress;
pub use fetch::{Fetch, FetchError, Fetched, Seen, next_look};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The longest endpoint that is stored, in bytes.
const LONGEST: usize = 1024;

/// Where endpoints may point to.
#[derive(Clone, Default)]
pub struct PushHosts {
    hosts: Arc<[String]>,
    suffixes: Arc<[String]>,
    origins: Arc<[String]>,
}

/// An endpoint that may not be sent to.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the address may not be sent to")]
pub struct NotAllowed;

impl PushHosts {
    /// Takes the list from the settings.
    pub fn new(allowed: &[String]) -> Self {
        let (origins, names): (Vec<_>, Vec<_>) = allowed.iter().cloned().partition(|entry| entry.contains("://"));
        let (suffixes, hosts): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| name.starts_with("*."));
        let origins: Vec<String> = origins.iter().map(|origin| origin.trim_end_matches('/').to_owned()).collect();
        let suffixes: Vec<String> = suffixes.iter().map(|suffix| suffix[1..].to_owned()).collect();
        Self { hosts: hosts.into(), suffixes: suffixes.into(), origins: origins.into() }
    }

    /// Checks an endpoint; gives its origin: scheme, host and, if unusual, port.
    ///
    /// # Errors
    /// When it may not be sent to.
    pub fn check(&self, endpoint: &str) -> Result<String, NotAllowed> {
        if endpoint.len() > LONGEST || endpoint.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(NotAllowed);
        }
        let url = Url::parse(endpoint).map_err(|_| NotAllowed)?;
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(NotAllowed);
        }
        let origin = url.origin().ascii_serialization();
        if self.is_own(&origin) {
            return Ok(origin);
        }
        let host = url.domain().ok_or(NotAllowed)?;
        let listed = self.hosts.iter().any(|allowed| allowed == host)
            || self.suffixes.iter().any(|suffix| host.len() > suffix.len() && host.ends_with(suffix.as_str()));
        let usual = url.scheme() == "https" && url.port_or_known_default() == Some(443);
        if listed && usual { Ok(origin) } else { Err(NotAllowed) }
    }

    fn is_own(&self, origin: &str) -> bool {
        is_listed_origin(&self.origins, origin)
    }

    fn is_own_host(&self, host: &str) -> bool {
        self.origins.iter().any(|own| Url::parse(own).is_ok_and(|own| own.host_str() == Some(host)))
    }
}

/// Resolves names to globally routable addresses only; for origins of one's own, to any.
impl Resolve for PushHosts {
    fn resolve(&self, name: Name) -> Resolving {
        let own = self.is_own_host(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| own || is_global(address.ip())).collect();
            if allowed.is_empty() {
                return Err(NotAllowed.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an origin is one of a list of one's own.
fn is_listed_origin(own: &[String], origin: &str) -> bool {
    own.iter().any(|own| own.trim_end_matches('/') == origin)
}

/// Whether an address is globally routable, by the IANA special-purpose registries (RFC 6890). Addresses that carry an IPv4
/// address are judged by it.
pub fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240)
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_global_v4(inner);
    }
    let s = address.segments();
    let inner = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_global_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // 64:ff9b::/96, NAT64
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        // 2002::/16, 6to4
        [0x2002, high, low, ..] => inner(high, low),
        // Global unicast is 2000::/3, less documentation, Teredo and the other special blocks of 2001::/23.
        _ => {
            (0x2000..0x4000).contains(&s[0])
                && !(s[0] == 0x2001 && s[1] < 0x200)
                && s[..2] != [0x2001, 0xdb8]
                && s[0] != 0x3fff
        }
    }
}
