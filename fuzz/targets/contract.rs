//! Contracts: their text, the file that parties sign in turn, and the draft before it.

use super::shown::{plain, shown};
use sealroom::{ContractFile, Draft};
use sealroom_enclave::engine::program;
use sealroom_protocol::contract::{Contract, explain, lint, write};

/// A text that was accepted is kept to the byte, can be written again, and has words for everyone. Each program of the
/// image makes a plan for it or says why not.
pub(crate) fn contract(bytes: &[u8]) -> bool {
    let Some(contract) = shown(Contract::parse(bytes)) else { return false };
    assert_eq!(contract.text().as_bytes(), bytes);
    let text = write(contract.terms());
    let again = Contract::parse(text.as_bytes()).expect("terms that were accepted can be written");
    assert_eq!(again.terms(), contract.terms());
    assert_eq!(write(again.terms()), text);
    lint(&contract).iter().for_each(|warning| plain(&warning.to_string()));
    for party in &contract.terms().parties {
        assert!(explain(&contract, &party.name).is_some());
    }
    for program in ["overlap", "statistics", "join-and-aggregate"].iter().filter_map(|name| program(name)) {
        drop(shown(program.plan(contract.terms(), &contract.terms().program.arguments)));
    }
    true
}

/// Only what every party signed is complete, and nothing that was decoded is written in another way.
pub(crate) fn contract_file(bytes: &[u8]) -> bool {
    let Some(file) = shown(ContractFile::decode(bytes)) else { return false };
    assert_eq!(file.encode(), bytes);
    let (signed, missing) = (file.signed_by().len(), file.missing().len());
    assert_eq!(signed + missing, file.contract().terms().parties.len());
    assert_eq!(file.complete().is_ok(), missing == 0);
    true
}

/// Filling blanks ends, leaves every line where it was, and leaves no blank.
pub(crate) fn draft(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let mut draft = Draft::new(text);
    let blanks = draft.blanks();
    for blank in &blanks {
        draft.fill(blank, "value").expect("a blank that is there takes a value that may stand in it");
        assert!(draft.fill(blank, "a \"value\"").is_err());
    }
    assert_eq!(draft.text().lines().count(), text.lines().count());
    if blanks.is_empty() {
        assert_eq!(draft.contract().is_ok(), Contract::parse(bytes).is_ok());
    }
    !blanks.is_empty()
}
