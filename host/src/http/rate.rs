//! Requests per minute of each allowed party.
//!
//! What always holds: only allowed parties are counted, so the table is as long as the operator's list.

use crate::refusal::Refusal;
use core::time::Duration;
use sealroom_protocol::identity::SigningPublicKey;
use std::collections::HashMap;
use std::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// What is left of each party's minute: allowance grows evenly up to the quota, each request takes one.
#[derive(Debug, Default)]
pub(crate) struct Rates(HashMap<SigningPublicKey, Allowance>);

#[derive(Debug)]
struct Allowance {
    left: f64,
    at: Instant,
}

impl Rates {
    /// Counts one request.
    pub(crate) fn take(&mut self, party: &SigningPublicKey, limit: u32, now: Instant) -> Result<(), Refusal> {
        let full = f64::from(limit);
        let allowance = self.0.entry(*party).or_insert(Allowance { left: full, at: now });
        let grown = full * now.saturating_duration_since(allowance.at).as_secs_f64() / MINUTE.as_secs_f64();
        *allowance = Allowance { left: full.min(allowance.left + grown), at: now };
        if allowance.left < 1.0 {
            let retry_after = u64::from(60 / limit.max(1)).saturating_add(1);
            return Err(Refusal::Quota { limit, retry_after });
        }
        allowance.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealroom_protocol::identity::SigningSecret;

    #[test]
    fn a_party_has_its_requests_back_after_a_while_and_others_are_not_touched() {
        let (one, two) = (SigningSecret::from_seed(&[1; 32]).public(), SigningSecret::from_seed(&[2; 32]).public());
        let (mut rates, start) = (Rates::default(), Instant::now());
        let refused = Err(Refusal::Quota { limit: 2, retry_after: 31 });
        assert_eq!(rates.take(&one, 2, start), Ok(()));
        assert_eq!(rates.take(&one, 2, start), Ok(()));
        assert_eq!(rates.take(&one, 2, start), refused);
        assert_eq!(rates.take(&two, 2, start), Ok(()));
        assert_eq!(rates.take(&one, 2, start + Duration::from_secs(29)), refused);
        assert_eq!(rates.take(&one, 2, start + Duration::from_secs(31)), Ok(()));
        assert_eq!(rates.take(&one, 0, start), Err(Refusal::Quota { limit: 0, retry_after: 61 }));
    }
}
