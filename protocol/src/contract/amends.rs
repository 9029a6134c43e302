//! What an amendment carries over from its predecessor, and where a contract begins.
//!
//! What always holds: nothing by these values alone. Inside a [`Contract`] the counts are of exactly its granting parties, in
//! its order, and the highest run number is not below the head's and not above the last one of the version before
//! (`spec/contract.md`, `[amends]`).

use super::Contract;
use super::terms::{Party, Role, Terms};
use crate::id::{ContractId, ReceiptId};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The predecessor of an amendment, and how it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Amends {
    /// The predecessor.
    pub contract: ContractId,
    /// The first version of all: the predecessor, or what that says.
    pub first: ContractId,
    /// The number of this version: the predecessor's and one, so 2 or more.
    pub version: u64,
    /// The newest complete receipt, if there is one.
    pub head: Option<CarriedHead>,
    /// The highest run number that any party granted, 0 for none; at least the head's, at most the last one of the version before.
    pub highest_run: u64,
    /// Runs that count already.
    pub counts: CarriedCounts,
    /// The predecessor's log of receipts, where it has one.
    pub log: Option<CarriedLog>,
}

/// A receipt and its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a run and its receipt, as proposals name them")]
pub struct CarriedHead {
    /// Its run number: 1 to 2^53 - 1.
    pub run: u64,
    /// Its id.
    pub receipt: ReceiptId,
}

/// Run numbers of one version: those of version n end at n times as many, so an amendment leaves at least so many above its
/// `highest_run`, whatever that says, and a million versions stay below the highest number there can be. 2^33.
pub const RUN_NUMBERS_OF_A_VERSION: u64 = 1 << 33;

/// Runs that count already under an amendment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; another way to count is a new contract version")]
pub enum CarriedCounts {
    /// These, one for each granting party in the contract's order.
    On(Vec<CarriedCount>),
    /// None, whatever ran before: the text says so in so many words.
    Anew,
}

/// One party's count.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a name and a number")]
pub struct CarriedCount {
    /// The party's name in the amendment.
    pub party: String,
    /// Its runs under all versions before: 0 to 1,000,000.
    pub runs: u64,
}

/// Size and root of a log of receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a tree head, as checkpoints have it")]
pub struct CarriedLog {
    /// How many receipts.
    pub size: u64,
    /// The Merkle tree's root over them.
    pub root: [u8; 32],
}

impl Amends {
    /// An amendment of this contract that counts on from these numbers (a party's name and its runs), without a head and a log.
    #[must_use]
    pub fn new(predecessor: &Contract, highest_run: u64, counts: &[(&str, u64)]) -> Self {
        let count = |(party, runs): &(&str, u64)| CarriedCount { party: (*party).to_string(), runs: *runs };
        Self {
            contract: predecessor.id(),
            first: predecessor.first_version(),
            version: predecessor.version().saturating_add(1),
            head: None,
            highest_run,
            counts: CarriedCounts::On(counts.iter().map(count).collect()),
            log: None,
        }
    }
}

impl Terms {
    /// Everyone who must grant a run: the data parties, then, where the contract leaves choices, the requesters that
    /// are no data parties; each part in the order of the contract.
    #[must_use]
    pub fn granting_parties(&self) -> Vec<&Party> {
        let chosen = !self.program.choices.is_empty();
        let requests = |party: &&Party| chosen && party.has(Role::Request) && !party.has(Role::Data);
        let data_parties = self.parties.iter().filter(|party| party.has(Role::Data));
        data_parties.chain(self.parties.iter().filter(requests)).collect()
    }
}

impl Contract {
    /// What it amends; nothing where it is a first version.
    #[must_use]
    pub const fn amends(&self) -> Option<&Amends> {
        self.terms.amends.as_ref()
    }

    /// The id of its first version: its own, where it amends nothing.
    #[must_use]
    pub const fn first_version(&self) -> ContractId {
        match &self.terms.amends {
            Some(amends) => amends.first,
            None => self.id,
        }
    }

    /// Its number among the versions: 1 where it amends nothing.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.amends().map_or(1, |amends| amends.version)
    }

    /// The receipt that its first run goes on from, if there is one.
    #[must_use]
    pub fn carried_head(&self) -> Option<CarriedHead> {
        self.amends().and_then(|amends| amends.head)
    }

    /// The highest run number of earlier versions: those of this one are above it.
    #[must_use]
    pub fn carried_run(&self) -> u64 {
        self.amends().map_or(0, |amends| amends.highest_run)
    }

    /// The last run number of this version: [`RUN_NUMBERS_OF_A_VERSION`] times its own number. No party grants a higher one, and no
    /// amendment of this version goes on above a higher one.
    #[must_use]
    pub fn last_run(&self) -> u64 {
        self.version().saturating_mul(RUN_NUMBERS_OF_A_VERSION)
    }

    /// A party's count before the first run.
    #[must_use]
    pub fn carried_count(&self, party: &str) -> u64 {
        match self.amends().map(|amends| &amends.counts) {
            Some(CarriedCounts::On(counts)) => {
                counts.iter().find(|count| count.party == party).map_or(0, |count| count.runs)
            }
            Some(CarriedCounts::Anew) | None => 0,
        }
    }
}
