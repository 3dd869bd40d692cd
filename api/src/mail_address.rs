//! Mail addresses: which are taken, and how they are written.
//!
//! A domain may be written with umlauts; it is kept in ASCII (IDNA, UTS 46) and lower case, so that every mail server
//! understands it. What no mailbox of a person has is refused, although RFC 5321 allows it: numbers and literals in place of a
//! domain, quotes, and what mail servers take for a command, a route or an encoded word.

use crate::text::Text;
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// Characters of a local part (RFC 5321, section 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// Characters of an address: a path of 256 without its brackets (RFC 5321, section 4.5.3.1.3).
const LONGEST: usize = 254;

/// The address of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAddress(String);

impl MailAddress {
    /// Reads an address. White space around it is taken off.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Text> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or_else(none)?;
        if text.len() > LONGEST {
            return Err(none());
        }
        check_local(local)?;
        let address = format!("{local}@{}", ascii_domain(domain)?);
        // The last word has whoever makes the mail.
        let fits = address.len() <= LONGEST && address.parse::<lettre::Address>().is_ok();
        if fits { Ok(Self(address)) } else { Err(none()) }
    }

    /// As it is written in mails: the domain in ASCII.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// An address with its domain in ASCII, if it is one; otherwise the text as it is. For what was taken long ago, or is only
/// looked up.
pub fn in_ascii(text: &str) -> String {
    MailAddress::parse(text).map_or_else(|_| text.trim().to_owned(), MailAddress::into_text)
}

/// How the address of an account is stored and found, however it is spelt.
pub fn of_account(text: &str) -> String {
    in_ascii(text).to_lowercase()
}

/// Whose mailbox it is, to count by: `anna+dorf@…` is Anna's as `anna@…` is. Large providers take `a.n-n_a@…` for hers too, and one
/// of them has two domains, so that only letters and digits count, and that domain as the other.
pub fn person(address: &str) -> String {
    let address = of_account(address);
    let Some((local, domain)) = address.rsplit_once('@') else { return address };
    let name = local.split('+').next().unwrap_or(local);
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let domain = if domain == "googlemail.com" { "gmail.com" } else { domain };
    format!("{}@{domain}", if plain.is_empty() { name } else { &plain })
}

/// Letters, digits and what stands between them in the addresses of people.
fn check_local(local: &str) -> Result<(), Text> {
    if !local.is_ascii() && local.chars().all(|c| c.is_alphanumeric() || "._+-".contains(c)) {
        return Err(Text::new(
            "hat vor dem @ Umlaute oder andere Zeichen, die viele Mailserver nicht annehmen",
            "has letters before the @ that many mail servers do not take",
        ));
    }
    let fits = (1..=LONGEST_LOCAL).contains(&local.len())
        && local.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
        && local.chars().all(|c| c.is_ascii_alphanumeric() || "._+-'&=~#".contains(c))
        && !local.ends_with('.')
        && !local.contains("..");
    if fits { Ok(()) } else { Err(none()) }
}

/// A domain of names in ASCII and lower case, the last of them a top-level domain of letters.
fn ascii_domain(domain: &str) -> Result<String, Text> {
    if domain.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(none());
    }
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if domain.starts_with('[') || is_number(domain) {
        return Err(Text::new(
            "nennt eine IP-Adresse, wo der Name einer Domain stehen muss",
            "has an IP address where the name of a domain must be",
        ));
    }
    let ascii =
        Uts46::new().to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify);
    let ascii = ascii.map_err(|_| none())?.into_owned();
    let top = ascii.rsplit_once('.').map_or("", |(_, top)| top);
    let is_top = top.starts_with("xn--") || (top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_lowercase()));
    if is_top { Ok(ascii) } else { Err(none()) }
}

fn none() -> Text {
    Text::new("ist keine E-Mail-Adresse", "is not a mail address")
}

#[cfg(test)]
mod tests {
    use super::person;

    #[test]
    fn a_person_is_one_in_each_spelling() {
        for spelling in [
            "anna.maria@gmail.com",
            "annamaria+dorf+2@GoogleMail.com",
            " Anna-Maria@gmail.com ",
            "a.n.n.a.m.a.r.i.a@gmail.com",
        ] {
            assert_eq!(person(spelling), "annamaria@gmail.com", "{spelling}");
        }
        assert_eq!(person("Anna+dorf@Müller.example"), "anna@xn--mller-kva.example");
        assert_eq!(person("_@example.org"), "_@example.org");
        assert_ne!(person("anna@example.org"), person("anna2@example.org"));
        assert_ne!(person("anna@example.org"), person("anna@example.net"));
    }

    #[test]
    fn what_is_no_address_is_somebody_too() {
        assert_eq!(person("Kein Postfach"), "kein postfach");
        assert_eq!(person("a+b@[10.0.0.5]"), "a@[10.0.0.5]");
    }
}
