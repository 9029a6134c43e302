//! The signed objects of a run as vectors (`tests/vectors/signed`), and each of them with one thing changed.
//!
//! `SEALROOM_WRITE_VECTORS=1` writes the vectors anew; without it they are compared. A Python script checks the same files with
//! another implementation of everything in them.

#[path = "../support/not_run.rs"]
mod not_run;
mod receipts;
mod refused;
mod script;
mod world;

use sealroom_protocol::binding::{ChallengeList, room_report_data};
use sealroom_protocol::dsse::PayloadType;
use sealroom_protocol::encryption::decrypt;
use sealroom_protocol::hash::{labelled_sha256, labelled_sha512};
use sealroom_protocol::identity::EncryptionSecret;
use sealroom_protocol::run::{
    RequestKey, SignedAnnouncement, SignedGrant, SignedProposal, SignedReceipt, SignedStatement, SignedStop,
};
use serde_json::{Value, json};
use std::process::Command;

#[test]
fn hashes_and_report_data_are_those_of_the_vectors() {
    let inputs: [(&str, Vec<&[u8]>); 4] =
        [("", vec![]), ("label", vec![]), ("label", vec![b"ab", b"c"]), ("label", vec![b"a", b"bc", b""])];
    let hashes = inputs.iter().map(|(label, fields)| {
        json!({
            "label": label,
            "fields": fields.iter().map(hex::encode).collect::<Vec<_>>(),
            "sha256": hex::encode(labelled_sha256(label, fields)),
            "sha512": hex::encode(labelled_sha512(label, fields)),
        })
    });
    let (contract, key) = (world::contract().id(), world::enclave().public());
    let lists = [vec![[7; 32]], vec![[9; 32], [8; 32], [255; 32]]];
    let report_data = lists.into_iter().map(|challenges| {
        let list = ChallengeList::new(challenges).expect("a short list");
        json!({
            "contract": contract.to_string(),
            "enclave_key": hex::encode(key.as_bytes()),
            "challenges": list.as_slice().iter().map(hex::encode).collect::<Vec<_>>(),
            "report_data": hex::encode(room_report_data(&contract, &key, &list)),
        })
    });
    let (hashes, report_data) = (hashes.collect::<Vec<_>>(), report_data.collect::<Vec<_>>());
    compare("hash.json", &json!({ "hashes": hashes, "report_data": report_data }));
}

#[test]
fn the_signed_objects_of_a_run_are_those_of_the_vectors() {
    let (proposal, announcement) = (world::proposal(), world::announcement());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("envelopes are JSON");
    let parties = world::PARTIES.map(|(name, _)| (name, hex::encode(world::party(name).public().as_bytes())));
    let grant = |name| text(world::signed_grant(name, &proposal).encode());
    compare(
        "run.json",
        &json!({
            "contract_id": world::contract().id().to_string(),
            "parties": parties.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            "proposal_id": proposal.id().to_string(),
            "receipt_id": world::complete().id().to_string(),
            "envelopes": {
                "contract": text(world::signed_contract().encode()),
                "request": text(SignedAnnouncement::sign(announcement, &world::party("institute")).encode()),
                "proposal": text(SignedProposal::sign(proposal.clone(), &world::enclave()).encode()),
                "grant of cleveland": grant("cleveland"),
                "grant of zurich": grant("zurich"),
                "grant of institute": grant("institute"),
                "statement": text(world::signed_statement(&proposal).encode()),
                "stop": text(world::signed_stop().encode()),
                "receipt, complete": text(world::sign(world::complete()).encode()),
                "receipt, void": text(world::sign(world::void()).encode()),
            },
        }),
    );
}

#[test]
fn every_signed_object_decodes_to_what_was_signed() {
    let vectors = read("run.json");
    let envelope = |name: &str| vectors["envelopes"][name].as_str().expect("an envelope").as_bytes().to_vec();
    let (proposal, contract) = (world::proposal(), world::contract());
    let key = |name| world::party(name).public();
    let request = SignedAnnouncement::decode(&envelope("request")).unwrap();
    assert_eq!(request.verify(&key("institute")), Ok(&world::announcement()));
    let proposed = SignedProposal::decode(&envelope("proposal")).unwrap();
    assert_eq!(proposed.verify(&world::enclave().public()), Ok(&proposal));
    let grant = SignedGrant::decode(&envelope("grant of zurich")).unwrap();
    assert_eq!(grant.verify(&key("zurich")), Ok(&world::grant("zurich", &proposal)));
    let statement = SignedStatement::decode(&envelope("statement")).unwrap();
    assert_eq!(statement.verify(&key("overseer")), Ok(&world::statement(&proposal)));
    let stop = SignedStop::decode(&envelope("stop")).unwrap();
    assert_eq!(stop.verify(&key("zurich")), Ok(&world::stop()));
    for (name, receipt) in [("receipt, complete", world::complete()), ("receipt, void", world::void())] {
        assert_eq!(SignedReceipt::decode(&envelope(name)).unwrap().verify(&contract), Ok(&receipt), "{name}");
    }
}

#[test]
fn what_is_encrypted_to_a_key_opens_for_that_key_and_purpose_only() {
    let announcement = world::announcement();
    let first = announcement.keys.first().expect("two data parties");
    let (contract, request, object) = (announcement.contract, announcement.request, announcement.object);
    let associated_data = RequestKey::associated_data(&contract, &request, &object, &first.party);
    let vector = json!({
        "label": RequestKey::LABEL,
        "secret": hex::encode([1; 32]),
        "associated_data": hex::encode(&associated_data),
        "ciphertext": hex::encode(&first.key),
        "plaintext": hex::encode([0x6b; 32]),
    });
    compare("hpke.json", &vector);
    let open = |seed: u8, label: &str, associated_data: &[u8]| {
        let secret = EncryptionSecret::from_seed(&[seed; 32]);
        decrypt(&secret, label, associated_data, &first.key).map(|plaintext| plaintext.to_vec()).ok()
    };
    assert_eq!(open(1, RequestKey::LABEL, &associated_data), Some(vec![0x6b; 32]));
    assert_eq!(open(2, RequestKey::LABEL, &associated_data), None);
    assert_eq!(open(1, "sealroom/1 grant", &associated_data), None);
    let zurich = RequestKey::associated_data(&contract, &request, &object, "zurich");
    assert_eq!(open(1, RequestKey::LABEL, &zurich), None);
}

#[test]
fn another_implementation_agrees_with_every_vector() {
    let python = std::env::var_os("SEALROOM_PYTHON").unwrap_or_else(|| "python3".into());
    let found = Command::new(&python).args(["-c", "import cryptography"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        let missing = "no python3 with the package cryptography (SEALROOM_PYTHON names one; tests/requirements.txt)";
        return not_run::not_run("another_implementation_agrees_with_every_vector", missing);
    }
    let output = Command::new(&python).arg("-B").arg(world::folder().join("signed/check.py")).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("10 envelopes hold, 14 are refused"), "{said}");
}

#[test]
fn every_payload_type_has_a_vector() {
    let vectors = read("run.json").to_string();
    let all = [
        PayloadType::Contract,
        PayloadType::Proposal,
        PayloadType::Grant,
        PayloadType::Request,
        PayloadType::Receipt,
        PayloadType::Stop,
        PayloadType::Statement,
    ];
    for payload_type in all {
        assert!(vectors.contains(payload_type.media_type()), "{payload_type:?}");
    }
}

pub(crate) fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(world::folder().join("signed").join(name)).expect("the vectors are there");
    serde_json::from_str(&text).expect("vectors are JSON")
}

pub(crate) fn compare(name: &str, made: &Value) {
    if std::env::var_os("SEALROOM_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(made).expect("JSON") + "\n";
        std::fs::write(world::folder().join("signed").join(name), text).expect("the vectors can be written");
    }
    assert_eq!(&read(name), made, "{name}");
}
