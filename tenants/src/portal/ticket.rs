//! Small sealed notes that a browser carries for us between two pages. It can neither read nor change them, and they end by themselves.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use platform::crypto::{KeyRing, Place};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Longest ticket that is looked at, in characters.
pub const TICKET_MAX_CHARACTERS: usize = 4_000;
/// Tickets belong to no tenant.
const NO_TENANT: i64 = 0;

#[derive(Serialize, Deserialize)]
struct Dated<T> {
    until: DateTime<Utc>,
    content: T,
}

/// What a ticket is good for; one made for another purpose or another thing does not open.
#[derive(Clone, Copy)]
pub struct Purpose<'p> {
    /// `ticket.sign_in`
    pub name: &'static str,
    /// What it belongs to, in bytes; empty when it stands for itself.
    pub of: &'p [u8],
}

pub fn write<T: Serialize>(
    keys: &KeyRing,
    purpose: Purpose<'_>,
    content: &T,
    now: DateTime<Utc>,
    life: Duration,
) -> Result<String, serde_json::Error> {
    let plain = serde_json::to_vec(&Dated { until: now + life, content })?;
    Ok(URL_SAFE_NO_PAD.encode(keys.seal(&place_of(purpose), &plain)))
}

/// Nothing when it is not ours, for something else, changed, or over.
pub fn read<T: DeserializeOwned>(keys: &KeyRing, purpose: Purpose<'_>, ticket: &str, now: DateTime<Utc>) -> Option<T> {
    if ticket.len() > TICKET_MAX_CHARACTERS {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(ticket).ok()?;
    let plain = keys.open(&place_of(purpose), &sealed).ok()?;
    let dated: Dated<T> = serde_json::from_slice(&plain).ok()?;
    (now < dated.until).then_some(dated.content)
}

fn place_of(purpose: Purpose<'_>) -> Place<'_> {
    Place { tenant_id: NO_TENANT, column: purpose.name, row: purpose.of }
}

#[cfg(test)]
mod tests {
    use platform::config::Secrets;

    use super::*;

    #[test]
    fn a_ticket_opens_once_it_is_ours_and_in_time() {
        let keys = KeyRing::new(&Secrets { data_key: [3; 32] });
        let now: DateTime<Utc> = "2026-09-21T00:50:00Z".parse().expect("a time");
        let purpose = Purpose { name: "ticket.sign_in", of: b"" };
        let ticket = write(&keys, purpose, &"37059919360101001X", now, Duration::minutes(15)).expect("a ticket");
        assert!(!ticket.contains("37059"));
        let open = |purpose, ticket: &str, at| read::<String>(&keys, purpose, ticket, at);
        assert_eq!(open(purpose, &ticket, now).as_deref(), Some("37059919360101001X"));
        assert_eq!(open(purpose, &ticket, now + Duration::minutes(15)), None);
        assert_eq!(open(Purpose { of: b"x", ..purpose }, &ticket, now), None);
        assert_eq!(open(Purpose { name: "ticket.receipt", ..purpose }, &ticket, now), None);
        assert_eq!(open(purpose, &ticket[1..], now), None);
        assert_eq!(open(purpose, "不是票", now), None);
    }
}
