//! Random schedules of proposals, receipts and shown grants, with everyone but alpha on the other side, against a model.

use crate::memory::grant::NewGrant;
use crate::memory::{GrantState, Memory, MemoryError, Settlement};
use crate::random;
use crate::testing::{Enclave, Parties, RUNS, contract_of, grant_of};
use proptest::prelude::*;
use redb::backends::InMemoryBackend;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::{Proposal, SignedGrant, SignedReceipt};
use std::collections::BTreeMap;
use std::sync::OnceLock;

const OBJECT: ObjectId = ObjectId::from_bytes([1; 32]);
/// Run numbers that proposals try.
const NUMBERS: u64 = 6;

/// One move of the other side.
#[derive(Debug, Clone, Copy)]
enum Move {
    /// One of two enclaves proposes this run number, on the head that alpha has or on none.
    Propose { enclave: usize, run: u64, on_head: bool },
    /// It signs a receipt of the proposal that alpha granted with this number.
    Receipt { run: u64, complete: bool },
    /// Alpha is shown its grant of this number again.
    Show { run: u64 },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (0..2_usize, 1..=NUMBERS, any::<bool>()).prop_map(|(enclave, run, on_head)| Move::Propose { enclave, run, on_head }),
        3 => (1..=NUMBERS, any::<bool>()).prop_map(|(run, complete)| Move::Receipt { run, complete }),
        1 => (1..=NUMBERS).prop_map(|run| Move::Show { run }),
    ];
    proptest::collection::vec(one, 1..40)
}

/// Keys are made once: they are what takes time.
struct Cast {
    parties: Parties,
    contract: Contract,
    enclaves: [Enclave; 2],
}

fn cast() -> &'static Cast {
    static CAST: OnceLock<Cast> = OnceLock::new();
    CAST.get_or_init(|| {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        Cast { parties, contract, enclaves: [Enclave::new(), Enclave::new()] }
    })
}

/// What alpha must know, by the rules alone.
#[derive(Default)]
struct Model {
    grants: BTreeMap<u64, (usize, Proposal, SignedGrant, GrantState)>,
    head: Option<(u64, SignedReceipt)>,
}

impl Model {
    fn count(&self) -> u64 {
        let spent = self.grants.values().filter(|(.., state)| *state != GrantState::GivenBack);
        u64::try_from(spent.count()).unwrap()
    }
}

fn propose(cast: &Cast, memory: &Memory, model: &mut Model, enclave: usize, run: u64, on_head: bool) {
    let mut proposal = cast.enclaves[enclave].proposal(&cast.contract, run, [OBJECT, OBJECT], None);
    if let Some((head_run, receipt)) = model.head.as_ref().filter(|_| on_head) {
        proposal.head_run = *head_run;
        proposal.head = Some(receipt.allegation().id());
    }
    let make = |count| {
        let grant = grant_of(&cast.parties.alpha, &proposal, count);
        Ok::<_, MemoryError>(NewGrant { grant, ciphertext: Vec::new(), evidence: cast.enclaves[enclave].evidence() })
    };
    let granted = memory.write_grant(&cast.contract, &proposal, make);
    let highest = model.grants.keys().next_back().copied().unwrap_or(0);
    let fits = run > highest && (on_head || model.head.is_none()) && model.count() < RUNS;
    assert_eq!(granted.is_ok(), fits, "{granted:?}");
    if let Ok(record) = granted {
        assert_eq!(record.grant.allegation().count, model.count() + 1);
        model.grants.insert(run, (enclave, proposal, record.grant, GrantState::Open));
    }
}

fn settle(cast: &Cast, memory: &Memory, model: &mut Model, run: u64, complete: bool) {
    let Some((enclave, proposal, own, state)) = model.grants.get_mut(&run) else { return };
    let enclave = &cast.enclaves[*enclave];
    let others = [&cast.parties.beta, &cast.parties.institute].map(|party| grant_of(party, proposal, 1));
    let grants: Vec<SignedGrant> = core::iter::once(own.clone()).chain(others).collect();
    let receipt = if complete {
        enclave.complete(&cast.contract, proposal, &grants, 0)
    } else {
        enclave.void(&cast.contract, proposal, &grants[..1], 0)
    };
    let settled = memory.settle(&cast.contract, &receipt);
    match (*state, complete) {
        (GrantState::Open, false) => {
            assert_eq!(settled.unwrap().settlement, Settlement::GivenBack);
            *state = GrantState::GivenBack;
        }
        (GrantState::Open | GrantState::GivenBack, true) => {
            assert_eq!(settled.unwrap().settlement, Settlement::Confirmed);
            *state = GrantState::Confirmed;
            if model.head.as_ref().is_none_or(|(head, _)| *head < run) {
                model.head = Some((run, receipt));
            }
        }
        // Grants of the others are drawn afresh, so a second complete receipt is another one: the enclave cheats.
        (GrantState::Confirmed, _) => {
            assert!(matches!(settled, Err(MemoryError::Contradiction { proof: Some(_), .. })));
            assert!(
                memory
                    .forking(&cast.contract)
                    .unwrap()
                    .iter()
                    .any(|found| found.enclave_key() == &enclave.signing.public())
            );
        }
        (GrantState::GivenBack, false) => assert_eq!(settled.unwrap().settlement, Settlement::Recorded),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_schedule_makes_grants_exceed_the_limit_or_a_number_serve_twice(moves in moves()) {
        let cast = cast();
        let memory = Memory::open_backend(InMemoryBackend::new(), &cast.parties.alpha.signing().public()).unwrap();
        memory.remember_key(&OBJECT, &DataKey::generate(&mut random())).unwrap();
        memory.bring_object(&cast.contract.id(), "patients-alpha", &OBJECT).unwrap();
        let mut model = Model::default();
        for step in moves {
            match step {
                Move::Propose { enclave, run, on_head } => propose(cast, &memory, &mut model, enclave, run, on_head),
                Move::Receipt { run, complete } => settle(cast, &memory, &mut model, run, complete),
                Move::Show { run } => {
                    if let Some((_, _, grant, _)) = model.grants.get(&run) {
                        memory.recognise(&cast.contract, grant).unwrap();
                    }
                }
            }
            let state = memory.state(&cast.contract).unwrap();
            prop_assert_eq!(state.count, model.count());
            prop_assert_eq!(state.head.map(|head| head.run), model.head.as_ref().map(|(run, _)| *run));
            prop_assert!(!state.restored);
            let known: Vec<(u64, GrantState)> = state.grants.iter().map(|record| (record.run, record.state)).collect();
            let expected: Vec<(u64, GrantState)> = model.grants.iter().map(|(run, (.., state))| (*run, *state)).collect();
            prop_assert_eq!(known, expected);
        }
    }
}
