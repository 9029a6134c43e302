//! What the tests share: parties, a signed contract, encrypted objects, a host on a free port.

use crate::config::Config;
use core::convert::Infallible;
use sealroom_protocol::contract::{
    Column, Contract, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms, ResultTerms,
    Role, Terms, Validity, write,
};
use sealroom_protocol::id::{GrantId, ObjectId};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::object::{DataKey, Manifest, Writer};
use sealroom_protocol::provider::fastest;
use sealroom_protocol::run::{
    Count, Ending, Grant, Outcome, Output, Proposal, ProposedDataset, Receipt, SignedGrant, SignedReceipt,
};
use std::path::Path;

pub(crate) fn key(number: u8) -> SigningSecret {
    SigningSecret::from_seed(&[number; 32])
}

/// A contract of one data party (key 1) with one dataset, signed; and its envelope.
pub(crate) fn contract() -> (Contract, Vec<u8>) {
    contract_with(|_| {})
}

/// The same with a change, signed by party 1 alone.
pub(crate) fn contract_with(change: impl FnOnce(&mut Terms)) -> (Contract, Vec<u8>) {
    let validity = Validity { not_before: 1_700_000_000, expires: 4_000_000_000 };
    let program = ProgramTerms::native("statistics");
    let mut terms = Terms::new("test", "a test", validity, [7; 32], program, Limits::new(3, 64, 1_000));
    let encryption = EncryptionSecret::from_seed(&[1; 32]).public();
    terms.parties = vec![Party::new("one", &[Role::Data, Role::Result], key(1).public(), encryption)];
    let columns = || vec![Column::integer("age", 0, 120)];
    terms.datasets = vec![Dataset::new("patients", "one", 1_000, columns())];
    terms.results = vec![ResultTerms::new("means", &["one"], columns(), OutputRules::new(10, 100, 65_536))];
    terms.enclaves = vec![EnclaveTerms::amd_sev_snp([1; 32], [2; 48], FirmwareLevel::new(0, 0, 0, 0)).simulated()];
    change(&mut terms);
    let contract = Contract::parse(write(&terms).as_bytes()).unwrap();
    let mut envelope = contract.unsigned_envelope();
    let _ = contract.sign(&mut envelope, &key(1)).unwrap();
    let bytes = envelope.encode();
    (contract, bytes)
}

/// An encrypted object of so many bytes of plaintext, and its body.
pub(crate) fn object(plaintext: usize) -> (Manifest, Vec<u8>) {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let data_key = DataKey::generate(&mut rng);
    let mut writer = Writer::new(fastest(), &data_key, b"{}", &mut rng).unwrap();
    let mut body = Vec::new();
    let mut sink = |bytes: &[u8]| {
        body.extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    };
    writer.write(&vec![b'x'; plaintext], &mut sink).unwrap();
    let manifest = writer.finish(&mut sink).unwrap();
    (manifest, body)
}

/// Sets the mode of a file or folder.
pub(crate) fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

/// A host that allows party 1, on a free port, in this folder. `launcher` stands for the platform's.
pub(crate) fn config(folder: &Path, launcher: &str, more: &str) -> Config {
    let folder = folder.display();
    Config::parse(&format!(
        "listen = \"127.0.0.1:0\"\nstore = \"file://{folder}/store\"\nstate = \"{folder}/state\"\n\
         platform = {{ launcher = \"{launcher}\", image = \"/nowhere\", state = \"/nowhere\" }}\n\
         [[allowed]]\nname = \"one\"\nsigning_key = \"{}\"\nquota = {{ stored_mib = 8, rooms = 1, requests_per_minute = 200 }}\n{more}",
        key(1).public()
    ))
    .unwrap()
}

/// The complete receipt of a run, signed by everyone.
pub(crate) fn receipt(contract: &Contract, run: u64, head: Option<&SignedReceipt>) -> SignedReceipt {
    let head_run = head.map_or(0, |head| head.allegation().proposal.run);
    let proposal = Proposal {
        contract: contract.id(),
        run,
        head: head.map(|head| head.allegation().id()),
        head_run,
        datasets: vec![ProposedDataset { name: "patients".into(), object: ObjectId::from_bytes([3; 32]) }],
        request: None,
        enclave_key: key(9).public(),
        run_key: EncryptionSecret::from_seed(&[8; 32]).public(),
    };
    let grant = Grant {
        contract: contract.id(),
        proposal: proposal.id(),
        party: "one".into(),
        grant: GrantId::from_bytes([5; 32]),
        run,
        count: run,
        clock: 1_750_000_000,
        expires: 1_750_000_600,
        ciphertext: hex::encode([0; 32]),
    };
    let output = Output { name: "means".into(), recipients: vec!["one".into()], object: ObjectId::from_bytes([4; 32]) };
    let receipt = Receipt {
        contract: contract.id(),
        outcome: Outcome::Complete,
        ending: Ending::Released,
        proposal,
        grants: vec![SignedGrant::sign(grant, &key(1)).envelope().clone()],
        statement: None,
        stop: None,
        outputs: vec![output],
        counts: vec![Count { party: "one".into(), before: head_run, after: run }],
        gap: (head_run + 1..run).collect(),
        time: 1_750_000_001,
    };
    let signed = SignedReceipt::sign(receipt, &key(9));
    let _ = signed.verify(contract).unwrap();
    signed
}
