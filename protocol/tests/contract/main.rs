//! Contracts: text to terms and back, and signatures.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests: a panic there is the failure report"
)]

mod amends;
mod round_trip;
mod support;
mod vectors;
mod warnings;
mod words;

use sealroom_protocol::contract::{Contract, ContractError, SignedContract, write};
use sealroom_protocol::dsse::{Envelope, EnvelopeError, PayloadType};
use sealroom_protocol::hash::sha256;
use std::fs;
use support::{good_terms, signing};

fn good() -> Contract {
    Contract::parse(write(&good_terms()).as_bytes()).unwrap()
}

#[test]
fn the_good_vector_is_what_its_terms_write() {
    let text = fs::read_to_string(support::vectors().join("good.toml")).unwrap();
    let contract = Contract::parse(text.as_bytes()).unwrap();
    assert_eq!(contract.terms(), &good_terms());
    assert_eq!(write(contract.terms()), text);
    assert_eq!(contract.text(), text);
    assert_eq!(contract.id().as_bytes(), &sha256(text.as_bytes()));
}

#[test]
fn who_grants_receives_and_owns_can_be_looked_up() {
    let contract = good();
    let names = |parties: Vec<&sealroom_protocol::contract::Party>| -> Vec<String> {
        parties.iter().map(|party| party.name.clone()).collect()
    };
    assert_eq!(names(contract.data_parties().collect()), ["cleveland", "zurich"]);
    assert_eq!(names(contract.granting_parties()), ["cleveland", "zurich", "institute"]);
    let result = contract.result("prevalence").unwrap();
    assert_eq!(names(contract.recipients(result).collect()), ["institute", "zurich"]);
    assert_eq!(contract.party_by_key(&signing(2).public()).unwrap().name, "zurich");
    assert_eq!(contract.party_by_key(&signing(8).public()), None);
    assert_eq!(contract.party("nobody"), None);
    assert_eq!(contract.dataset("zurich-patients").unwrap().owner, "zurich");
    assert_eq!(contract.datasets_of("zurich").count(), 1);
    let mut fixed = good_terms();
    fixed.program.choices.clear();
    let fixed = Contract::parse(write(&fixed).as_bytes()).unwrap();
    assert_eq!(names(fixed.granting_parties()), ["cleveland", "zurich"]);
}

#[test]
fn a_signed_contract_has_every_partys_signature_and_no_other() {
    let contract = good();
    let mut envelope = contract.unsigned_envelope();
    for (number, name) in [(1, "cleveland"), (2, "zurich"), (3, "institute")] {
        let expected = ContractError::SignatureMissing { party: name.into() };
        assert_eq!(SignedContract::verify(&envelope), Err(expected));
        assert_eq!(contract.sign(&mut envelope, &signing(number)).unwrap().name, name);
    }
    let state = contract.signatures(&envelope).unwrap();
    assert_eq!((state.signed.len(), state.missing.len(), state.missing[0].name.as_str()), (3, 1, "overseer"));
    contract.sign(&mut envelope, &signing(4)).unwrap();
    let signed = SignedContract::decode(&envelope.encode()).unwrap();
    assert_eq!((signed.contract(), signed.envelope()), (&contract, &envelope));

    let key_id = hex(signing(5).public().as_bytes());
    let foreign = ContractError::SignatureForeign { key_id };
    assert_eq!(contract.sign(&mut envelope, &signing(5)), Err(foreign.clone()));
    let mut more = envelope.clone();
    more.sign(&signing(5));
    assert_eq!(SignedContract::verify(&more), Err(foreign.clone()));
    assert_eq!(contract.signatures(&more), Err(foreign));
}

#[test]
fn the_signed_vector_is_the_good_one_with_four_signatures() {
    let bytes = fs::read(support::vectors().join("good.envelope.json")).unwrap();
    let signed = SignedContract::decode(&bytes).unwrap();
    assert_eq!(signed.contract(), &good());
    // ed25519 signatures are deterministic, so the envelope is too.
    let mut envelope = good().unsigned_envelope();
    (1..=4).for_each(|number| envelope.sign(&signing(number)));
    assert_eq!(envelope.encode(), bytes);
}

#[test]
fn a_signature_over_another_text_does_not_hold() {
    let contract = good();
    let mut terms = good_terms();
    terms.limits.runs = 4;
    let other = Contract::parse(write(&terms).as_bytes()).unwrap();
    assert_ne!(contract.id(), other.id());
    let mut envelope = contract.unsigned_envelope();
    assert_eq!(other.sign(&mut envelope, &signing(1)), Err(ContractError::OtherText));
    assert_eq!(other.signatures(&envelope), Err(ContractError::OtherText));

    for number in 1..=4 {
        contract.sign(&mut envelope, &signing(number)).unwrap();
    }
    // The signature of party 2 is taken from an envelope of the other text.
    let mut stolen = other.unsigned_envelope();
    other.sign(&mut stolen, &signing(2)).unwrap();
    let signature_of_2 = |envelope: &Envelope| {
        let json = String::from_utf8(envelope.encode()).unwrap();
        let key_id = hex(signing(2).public().as_bytes());
        let start = json.find(&key_id).unwrap();
        json[start..start + json[start..].find('}').unwrap()].to_string()
    };
    let json = String::from_utf8(envelope.encode()).unwrap();
    let swapped = json.replace(&signature_of_2(&envelope), &signature_of_2(&stolen));
    let expected = ContractError::SignatureBad { party: "zurich".into() };
    assert_eq!(SignedContract::decode(swapped.as_bytes()), Err(expected.clone()));
    let envelope = Envelope::decode(swapped.as_bytes(), PayloadType::Contract).unwrap();
    assert_eq!(contract.signatures(&envelope), Err(expected));
}

#[test]
fn an_envelope_of_another_type_is_no_contract_even_with_every_signature() {
    let contract = good();
    let mut envelope = Envelope::unsigned(PayloadType::Statement, contract.text().as_bytes().to_vec());
    (1..=4).for_each(|number| envelope.sign(&signing(number)));
    let expected = EnvelopeError::PayloadType { expected: PayloadType::Contract.media_type() };
    assert_eq!(SignedContract::verify(&envelope), Err(ContractError::Envelope(expected.clone())));
    assert_eq!(contract.signatures(&envelope), Err(ContractError::Envelope(expected)));
}

#[test]
fn one_random_line_makes_another_contract() {
    let mut terms = good_terms();
    terms.random[0] ^= 1;
    assert_ne!(Contract::parse(write(&terms).as_bytes()).unwrap().id(), good().id());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
