//! How this party stands under one contract, kept beside its memory so that a look at it costs nothing.
//!
//! What always holds: it is read from the memory at first and again at every whole settling, and follows it in between; no
//! decision rests on it. It reads and holds the newest lines alone, so it does not grow.

use crate::memory::{GrantRecord, GrantState, Memory, MemoryError, Tally};
use sealroom_protocol::contract::Contract;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Grants that are shown.
const SHOWN: usize = 100;
/// Newest grants among which one without a receipt is looked for at start.
const LOOKED_AT: usize = 16;

/// One grant.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    state: GrantState,
    clock: u64,
    proposal: String,
    receipt: Option<String>,
}

impl Line {
    fn of(record: &GrantRecord) -> Self {
        Self {
            state: record.state,
            clock: record.grant.allegation().clock,
            proposal: record.proposal().to_string(),
            receipt: record.receipt.as_ref().map(ToString::to_string),
        }
    }
}

/// Counts of one contract, and its newest grants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    /// Runs that count: granted and not given back.
    pub(super) counted: u64,
    /// The contract's limit.
    pub(super) limit: u64,
    /// Run of the newest complete receipt.
    pub(super) head: u64,
    /// Whether the memory has forgotten grants.
    pub(super) restored: bool,
    /// Whether the memory took a newer version in this one's place.
    pub(super) amended: bool,
    /// Grants by how they stand.
    pub(super) grants: Tally,
    /// The lowest run without a receipt among the newest ones, when the memory was read.
    pub(super) oldest_open: Option<u64>,
    lines: BTreeMap<u64, Line>,
}

impl Ledger {
    /// As the memory says.
    pub(super) fn of(memory: &Memory, contract: &Contract) -> Result<Self, MemoryError> {
        let mut ledger = Self::default();
        let (state, grants) = memory.standing(contract)?;
        memory.newest_grants(&contract.id(), SHOWN, &mut |record| {
            if record.state == GrantState::Open && ledger.lines.len() < LOOKED_AT {
                ledger.oldest_open = Some(record.run);
            }
            drop(ledger.lines.insert(record.run, Line::of(record)));
        })?;
        ledger.grants = grants;
        // Of an amendment, counts begin where its text says.
        ledger.counted = state.count;
        ledger.limit = state.limit;
        ledger.head = state.head.map_or(0, |head| head.run);
        ledger.restored = state.restored;
        ledger.amended = state.amended_by.is_some();
        Ok(ledger)
    }

    /// A grant that was just written down.
    pub(super) fn add(&mut self, record: &GrantRecord) {
        self.grants.moved(None, record.state);
        self.counted = self.counted.saturating_add(counts(record.state));
        drop(self.lines.insert(record.run, Line::of(record)));
        while self.lines.len() > SHOWN {
            drop(self.lines.pop_first());
        }
    }

    /// A grant that a receipt settled, with the state that it had before.
    pub(super) fn settle(&mut self, before: GrantState, record: &GrantRecord) {
        self.grants.moved(Some(before), record.state);
        self.counted = self.counted.saturating_sub(counts(before)).saturating_add(counts(record.state));
        if record.state == GrantState::Confirmed {
            self.head = self.head.max(record.run);
        }
        if let Some(line) = self.lines.get_mut(&record.run) {
            *line = Line::of(record);
        }
    }

    /// For the page: counts, and the newest grants first.
    pub(super) fn json(&self) -> Value {
        let line = |(run, line): (&u64, &Line)| {
            let state = word(line.state);
            json!({ "run": run, "state": state, "clock": line.clock, "proposal": line.proposal, "receipt": line.receipt })
        };
        json!({
            "counted": self.counted,
            "limit": self.limit,
            "open": self.grants.open,
            "confirmed": self.grants.confirmed,
            "given_back": self.grants.given_back,
            "grants": self.lines.iter().rev().map(line).collect::<Vec<_>>(),
        })
    }
}

/// What a grant counts.
const fn counts(state: GrantState) -> u64 {
    match state {
        GrantState::Open | GrantState::Confirmed => 1,
        GrantState::GivenBack => 0,
    }
}

const fn word(state: GrantState) -> &'static str {
    match state {
        GrantState::Open => "open",
        GrantState::Confirmed => "confirmed",
        GrantState::GivenBack => "given back",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::NewGrant;
    use crate::testing::{Enclave, Parties, contract_of, grant_of, sign};
    use sealroom_protocol::id::ObjectId;
    use sealroom_protocol::object::DataKey;

    /// What the memory says, but for what is told of its reading alone.
    fn again(memory: &Memory, contract: &Contract) -> Ledger {
        Ledger { oldest_open: None, ..Ledger::of(memory, contract).unwrap() }
    }

    #[test]
    fn it_follows_the_memory_through_grants_and_receipts() {
        let folder = tempfile::tempdir().unwrap();
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let memory = Memory::open(&folder.path().join("memory"), &parties.alpha.signing().public()).unwrap();
        memory.remember_contract(&sign(&contract, &parties)).unwrap();
        let objects = [ObjectId::from_bytes([1; 32]), ObjectId::from_bytes([2; 32])];
        memory.remember_key(&objects[0], &DataKey::generate(&mut crate::random())).unwrap();
        memory.bring_object(&contract.id(), "patients-alpha", &objects[0]).unwrap();
        let enclave = Enclave::new();
        let mut ledger = Ledger::of(&memory, &contract).unwrap();
        let mut head = (None, 0);
        for run in 1..=3 {
            let mut proposal = enclave.proposal(&contract, run, objects, None);
            (proposal.head, proposal.head_run) = head;
            let record = memory
                .write_grant(&contract, &proposal, |count| {
                    let grant = grant_of(&parties.alpha, &proposal, count);
                    Ok::<_, MemoryError>(NewGrant { grant, ciphertext: vec![1], evidence: enclave.evidence() })
                })
                .unwrap();
            ledger.add(&record);
            assert_eq!(ledger, again(&memory, &contract));
            let count = ledger.counted;
            let grants = [record.grant.clone(), grant_of(&parties.beta, &proposal, 1)];
            let receipt = match run {
                1 => enclave.complete(
                    &contract,
                    &proposal,
                    &[grants[0].clone(), grants[1].clone(), grant_of(&parties.institute, &proposal, 1)],
                    0,
                ),
                2 => enclave.void(&contract, &proposal, &grants[..1], 1),
                // Never settled.
                _ => break,
            };
            drop(memory.settle(&contract, &receipt).unwrap());
            let settled = memory.grant(&contract.id(), run).unwrap().unwrap();
            ledger.settle(GrantState::Open, &settled);
            assert_eq!(ledger, again(&memory, &contract), "run {run}");
            assert!(ledger.counted <= count);
            if run == 1 {
                head = (Some(crate::testing::id_of(&receipt)), 1);
            }
        }
        assert_eq!(Ledger::of(&memory, &contract).unwrap().oldest_open, Some(3));
        assert_eq!((ledger.grants, ledger.counted), (Tally { open: 1, confirmed: 1, given_back: 1 }, 2));
        let shown = ledger.json();
        assert_eq!(shown["grants"][0]["run"], 3);
        assert_eq!(shown["grants"][1]["state"], "given back");
    }
}
