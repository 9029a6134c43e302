//! The process is killed at every write, and what the disk had not synced survives whole, in part or not at all.

use crate::memory::grant::NewGrant;
use crate::memory::{GrantState, Memory, MemoryError};
use crate::random;
use crate::testing::disk::Disk;
use crate::testing::{Enclave, Parties, contract_of, grant_of};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::{Proposal, SignedGrant, SignedReceipt};

/// Two runs: granted, confirmed; granted, given back; and a third that stays open.
struct Story {
    contract: Contract,
    parties: Parties,
    enclave: Enclave,
    proposals: Vec<Proposal>,
    grants: Vec<SignedGrant>,
    receipts: [SignedReceipt; 2],
}

const OBJECT: ObjectId = ObjectId::from_bytes([1; 32]);

impl Story {
    fn new() -> Self {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let enclave = Enclave::new();
        let first = enclave.proposal(&contract, 1, [OBJECT, OBJECT], None);
        let all = [&parties.alpha, &parties.beta, &parties.institute].map(|party| grant_of(party, &first, 1));
        let complete = enclave.complete(&contract, &first, &all, 0);
        let head = Some(complete.allegation().id());
        let second = Proposal { run: 2, head, head_run: 1, ..first.clone() };
        let void = enclave.void(&contract, &second, &[], 1);
        let third = Proposal { run: 3, head, head_run: 1, ..first.clone() };
        let grants = vec![all[0].clone(), grant_of(&parties.alpha, &second, 2), grant_of(&parties.alpha, &third, 2)];
        Self { contract, parties, enclave, proposals: vec![first, second, third], grants, receipts: [complete, void] }
    }

    /// Plays the story and says which grants were handed out, until the disk dies.
    fn play(&self, disk: &Disk, handed_out: &mut Vec<SignedGrant>) -> Result<(), MemoryError> {
        let memory = Memory::open_backend(disk.clone(), &self.parties.alpha.signing().public())?;
        memory.remember_key(&OBJECT, &DataKey::generate(&mut random()))?;
        memory.bring_object(&self.contract.id(), "patients-alpha", &OBJECT)?;
        for (step, proposal) in self.proposals.iter().enumerate() {
            let grant = self.grants[step].clone();
            let make =
                |_| Ok::<_, MemoryError>(NewGrant { grant, ciphertext: vec![1], evidence: self.enclave.evidence() });
            handed_out.push(memory.write_grant(&self.contract, proposal, make)?.grant);
            if let Some(receipt) = self.receipts.get(step) {
                memory.settle(&self.contract, receipt)?;
            }
        }
        Ok(())
    }

    /// What must hold of whatever the disk has after a crash.
    fn check(&self, bytes: Vec<u8>, handed_out: &[SignedGrant]) {
        let disk = Disk::new(bytes, usize::MAX);
        let memory = Memory::open_backend(disk, &self.parties.alpha.signing().public()).unwrap();
        let state = memory.state(&self.contract).unwrap();
        let known: Vec<&SignedGrant> = state.grants.iter().map(|record| &record.grant).collect();
        assert!(
            known.len() >= handed_out.len() && known.len() <= handed_out.len() + 1,
            "a grant was handed out and is not known"
        );
        for grant in handed_out {
            assert!(known.contains(&grant), "a grant was handed out and is not known");
            memory.recognise(&self.contract, grant).unwrap();
        }
        let counted = state.grants.iter().filter(|record| record.state != GrantState::GivenBack).count();
        assert_eq!(state.count, u64::try_from(counted).unwrap());
        // A number that was granted is never granted to another proposal.
        for record in &state.grants {
            let other = Proposal {
                run_key: self.enclave.run_secret.public(),
                head: state.head.map(|head| head.receipt),
                ..self.proposals[0].clone()
            };
            let other = Proposal {
                run: record.run,
                head_run: state.head.map_or(0, |head| head.run),
                enclave_key: self.parties.beta.signing().public(),
                ..other
            };
            let error = memory.check_proposal(&self.contract, &other).unwrap_err();
            assert!(matches!(error, MemoryError::RunUsed { .. }), "{error}");
        }
        assert!(!state.restored);
    }
}

#[test]
fn whatever_survives_a_kill_at_any_write_knows_every_grant_that_was_handed_out() {
    let story = Story::new();
    // A new file is made whole before it gets its name (`Memory::open`), so the story begins with one.
    let whole = Disk::new(Vec::new(), usize::MAX);
    drop(Memory::open_backend(whole.clone(), &story.parties.alpha.signing().public()).unwrap());
    let begun = whole.durable();
    let whole = Disk::new(begun.clone(), usize::MAX);
    story.play(&whole, &mut Vec::new()).unwrap();
    let operations = whole.operations();
    assert!(operations > 50, "{operations} operations");
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut fate = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for killed_at in 0..operations {
        let disk = Disk::new(begun.clone(), killed_at);
        let mut handed_out = Vec::new();
        let ended = story.play(&disk, &mut handed_out);
        assert!(ended.is_err() || handed_out.len() == 3);
        story.check(disk.after_crash(|| 0), &handed_out);
        story.check(disk.after_crash(|| 2), &handed_out);
        for _ in 0..4 {
            story.check(disk.after_crash(&mut fate), &handed_out);
        }
    }
}
