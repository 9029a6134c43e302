//! Proofs that a party cheats and that an enclave was forked: from a party's memory into a file, and checked by a stranger who has
//! nothing else.

use crate::{sealroom, world};
use sealroom::{Contract, ContractFile, Identity, Memory, SignedContract, random};
use sealroom_protocol::contract::write;
use sealroom_protocol::run::{
    Ending, Outcome, Proposal, Receipt, SignedGrant, SignedReceipt, SignedStatement, Statement,
};
use serde_json::Value;
use std::path::Path;

/// The contract of the vectors between parties with keys of their own, and the memory of the one that grants nothing.
struct World {
    identities: Vec<Identity>,
    signed: SignedContract,
}

impl World {
    fn new(folder: &Path) -> Self {
        let identity = |(name, _): &(&str, u8)| Identity::generate(name, &mut random()).unwrap();
        let identities: Vec<Identity> = world::PARTIES.iter().map(identity).collect();
        let mut terms = world::contract().terms().clone();
        for (party, identity) in terms.parties.iter_mut().zip(&identities) {
            (party.signing_key, party.encryption_key) = (identity.signing().public(), identity.encryption().public());
        }
        let mut file = ContractFile::new(Contract::parse(write(&terms).as_bytes()).unwrap());
        identities.iter().for_each(|identity| file.sign(identity).unwrap());
        file.save(&folder.join("study.contract")).unwrap();
        let signed = file.complete().unwrap();
        let made = Self { identities, signed };
        made.of("overseer").save(&folder.join("overseer.key"), None, &mut random()).unwrap();
        made.memory(folder).remember_contract(&made.signed).unwrap();
        made
    }

    fn of(&self, name: &str) -> &Identity {
        self.identities.iter().find(|identity| identity.name() == name).unwrap()
    }

    fn memory(&self, folder: &Path) -> Memory {
        Memory::open(&folder.join("overseer.memory"), &self.of("overseer").signing().public()).unwrap()
    }

    fn proposal(&self) -> Proposal {
        Proposal { contract: self.signed.contract().id(), ..world::proposal() }
    }

    fn grant(&self, name: &str, proposal: &Proposal) -> SignedGrant {
        SignedGrant::sign(world::grant(name, proposal), self.of(name).signing())
    }

    fn complete(&self, proposal: &Proposal) -> Receipt {
        let mut receipt = world::complete();
        receipt.contract = proposal.contract;
        receipt.proposal = proposal.clone();
        let grants = ["cleveland", "zurich", "institute"].map(|name| self.grant(name, proposal));
        receipt.grants = grants.iter().map(|grant| grant.envelope().clone()).collect();
        let statement: Statement = world::statement(proposal);
        let statement = SignedStatement::sign(statement, self.of("overseer").signing());
        receipt.statement = Some(statement.envelope().clone());
        receipt
    }

    /// The same proposal, given back.
    fn void(&self, proposal: &Proposal) -> Receipt {
        let mut receipt = self.complete(proposal);
        (receipt.outcome, receipt.ending) = (Outcome::Void, Ending::Abandoned);
        receipt.outputs.clear();
        receipt.counts.iter_mut().for_each(|count| count.after = count.before);
        receipt
    }
}

/// Exports with these flags. Gives the exit code and what was said.
fn export(folder: &Path, which: [&str; 2], output: &str) -> (i32, Value) {
    let file = ["cheating", "export", "--contract", "study.contract", "--as", "overseer.key", "--output", output];
    sealroom(folder, &[file.as_slice(), &which].concat())
}

/// What a stranger who has nothing but the file says of it.
fn verify(folder: &Path, file: &str) -> (i32, Value) {
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(folder.join(file), elsewhere.path().join("proof")).unwrap();
    sealroom(elsewhere.path(), &["cheating", "verify", "proof"])
}

/// Changes one thing in a file, and writes it beside.
fn changed(folder: &Path, file: &str, change: impl FnOnce(&mut Value)) -> &'static str {
    let mut value: Value = serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(folder.join("changed"), value.to_string()).unwrap();
    "changed"
}

#[test]
fn two_receipts_of_a_forked_enclave_are_exported_and_a_stranger_verifies_them_offline() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = World::new(folder);
    let (contract, proposal) = (world.signed.contract(), world.proposal());
    let nothing = export(folder, ["--run", "2"], "x");
    assert_eq!(nothing.0, 1, "{}", nothing.1);
    let receipts = [world::sign(world.void(&proposal)), world::sign(world.complete(&proposal))];
    for receipt in &receipts {
        drop(world.memory(folder).settle(contract, receipt).unwrap());
    }
    let (code, said) = export(folder, ["--run", "2"], "run-2.forking");
    assert_eq!((code, &said["run"], &said["file"]), (0, &2.into(), &"run-2.forking".into()), "{said}");
    let (code, said) = verify(folder, "run-2.forking");
    let ids = receipts.each_ref().map(|receipt: &SignedReceipt| receipt.allegation().id());
    assert_eq!((code, &said["contract"]), (0, &serde_json::json!(contract.id())), "{said}");
    assert_eq!(said["receipts"], serde_json::json!(ids));
    assert_eq!(said["enclave_key"], serde_json::json!(world::enclave().public()));
    // The same receipt twice, one of its grants taken out, and a signature of the contract: it proves nothing then.
    let same = changed(folder, "run-2.forking", |file| file["receipts"][0] = file["receipts"][1].clone());
    let (code, said) = verify(folder, same);
    assert_eq!(
        (code, said["failure"]["message"].as_str().unwrap().contains("two receipts of one run")),
        (4, true),
        "{said}"
    );
    let unsigned =
        changed(folder, "run-2.forking", |file| drop(file["contract"]["signatures"].as_array_mut().unwrap().pop()));
    assert_eq!(verify(folder, unsigned).0, 4);
    let other_form = changed(folder, "run-2.forking", |file| file["format"] = "sealroom/1 cheating".into());
    assert_eq!(verify(folder, other_form).0, 2);
}

#[test]
fn two_grants_of_a_party_that_cheats_are_exported_and_a_stranger_verifies_them_offline() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let world = World::new(folder);
    let (contract, proposal) = (world.signed.contract(), world.proposal());
    let nothing = export(folder, ["--party", "zurich"], "x");
    assert_eq!(nothing.0, 1, "{}", nothing.1);
    let other =
        Proposal { head: None, head_run: 0, run_key: world.of("zurich").encryption().public(), ..proposal.clone() };
    let memory = world.memory(folder);
    memory.recognise(contract, &world.grant("zurich", &proposal)).unwrap();
    let found = memory.recognise(contract, &world.grant("zurich", &other)).unwrap_err();
    assert_eq!(found.check(), "memory.cheating", "{found}");
    drop(memory);
    let said = export(folder, ["--party", "zurich"], "zurich.cheating");
    assert_eq!((said.0, &said.1["run"]), (0, &2.into()), "{}", said.1);
    assert_eq!(export(folder, ["--party", "cleveland"], "x").0, 1, "nobody else is accused");
    let (code, said) = verify(folder, "zurich.cheating");
    assert_eq!((code, &said["party"]), (0, &"zurich".into()), "{said}");
    let same = changed(folder, "zurich.cheating", |file| file["grants"][0] = file["grants"][1].clone());
    let (code, said) = verify(folder, same);
    assert_eq!(
        (code, said["failure"]["message"].as_str().unwrap().contains("two grants of one party")),
        (4, true),
        "{said}"
    );
    std::fs::write(folder.join("changed"), "no proof").unwrap();
    assert_eq!(verify(folder, "changed").0, 2);
}
