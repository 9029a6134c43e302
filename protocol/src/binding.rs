//! Why the enclave's signing key belongs to its Evidence: the digest that stands in the hardware's report data.
//!
//! What always holds: report data is filled by [`room_report_data`] alone; no caller chooses its bytes. `SPEC.md`,
//! section 4.

use crate::hash::{labelled_sha256, labelled_sha512};
use crate::id::ContractId;
use crate::identity::SigningPublicKey;
use alloc::vec::Vec;

/// Length of a challenge in bytes.
pub const CHALLENGE_LENGTH: usize = 32;

/// At most this many challenges are answered by one Evidence.
pub const CHALLENGE_LIMIT: usize = 256;

/// A list of challenges that Evidence can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeList(Vec<[u8; CHALLENGE_LENGTH]>);

/// Why a list of challenges is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to {CHALLENGE_LIMIT} different challenges in ascending order, found {found} that are not")]
#[non_exhaustive]
pub struct ChallengeListError {
    /// How many challenges the refused list has.
    pub found: usize,
}

impl ChallengeList {
    /// The challenges, sorted and each once.
    ///
    /// # Errors
    /// [`ChallengeListError`] when there are none or more than [`CHALLENGE_LIMIT`].
    pub fn new(mut challenges: Vec<[u8; CHALLENGE_LENGTH]>) -> Result<Self, ChallengeListError> {
        challenges.sort_unstable();
        challenges.dedup();
        Self::from_sorted(challenges)
    }

    /// A list as it was received: it must be in order already.
    ///
    /// # Errors
    /// [`ChallengeListError`] when it is empty, too long, out of order or repeats one.
    pub fn from_sorted(challenges: Vec<[u8; CHALLENGE_LENGTH]>) -> Result<Self, ChallengeListError> {
        let found = challenges.len();
        if found == 0 || found > CHALLENGE_LIMIT || !challenges.is_sorted_by(|a, b| a < b) {
            return Err(ChallengeListError { found });
        }
        Ok(Self(challenges))
    }

    /// The challenges in ascending order.
    #[must_use]
    pub fn as_slice(&self) -> &[[u8; CHALLENGE_LENGTH]] {
        &self.0
    }

    /// Whether this challenge is answered.
    #[must_use]
    pub fn contains(&self, challenge: &[u8; CHALLENGE_LENGTH]) -> bool {
        self.0.binary_search(challenge).is_ok()
    }
}

/// The 64 bytes of report data of a room's Evidence.
#[must_use]
pub fn room_report_data(contract: &ContractId, enclave_key: &SigningPublicKey, challenges: &ChallengeList) -> [u8; 64] {
    let fields: Vec<&[u8]> = challenges.0.iter().map(<[u8; CHALLENGE_LENGTH]>::as_slice).collect();
    let digest = labelled_sha256("sealroom/1 challenges", &fields);
    labelled_sha512("sealroom/1 report data of a room", &[contract.as_bytes(), enclave_key.as_bytes(), &digest])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::SigningSecret;

    #[test]
    fn report_data_changes_with_contract_key_and_each_challenge() {
        let key = SigningSecret::from_seed(&[1; 32]).public();
        let other = SigningSecret::from_seed(&[2; 32]).public();
        let contract = ContractId::from_bytes([3; 32]);
        let list = ChallengeList::new(alloc::vec![[5; 32], [4; 32], [5; 32]]).unwrap();
        assert_eq!(list.as_slice(), [[4; 32], [5; 32]]);
        let base = room_report_data(&contract, &key, &list);
        assert_ne!(base, room_report_data(&contract, &other, &list));
        assert_ne!(base, room_report_data(&ContractId::from_bytes([4; 32]), &key, &list));
        assert_ne!(base, room_report_data(&contract, &key, &ChallengeList::new(alloc::vec![[4; 32]]).unwrap()));
        assert_eq!(ChallengeList::from_sorted(alloc::vec![[5; 32], [4; 32]]), Err(ChallengeListError { found: 2 }));
        assert_eq!(ChallengeList::new(Vec::new()), Err(ChallengeListError { found: 0 }));
    }
}
