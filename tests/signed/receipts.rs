//! Receipts with one thing changed and signed again by the enclave's key: each trips its check and no other.

use crate::script;
use crate::world::{
    complete, contract, enclave, party, proposal, sign, signed_grant, signed_statement, signed_stop, void,
};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::dsse::EnvelopeError;
use sealroom_protocol::id::{ContractId, ObjectId, ReceiptId};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::run::{
    Ending, Outcome, Receipt, ReceiptError, SignedGrant, SignedReceipt, SignedStatement, SignedStop, Statement,
};

/// The error of a receipt after one change, signed by the enclave. The script refuses it too.
fn after(mut receipt: Receipt, change: impl FnOnce(&mut Receipt)) -> ReceiptError {
    change(&mut receipt);
    let signed = sign(receipt);
    let error = signed.verify(&contract()).expect_err("the change trips a check");
    // Statements and stops it does not look at, and says so.
    if !matches!(error, ReceiptError::Attachment { .. })
        && let Some(verdict) = script::verdict(&signed, &["-O"])
    {
        assert!(verdict.is_err(), "{error}, and the script accepts it: {verdict:?}");
    }
    error
}

fn grant_of_another(what: &'static str) -> ReceiptError {
    ReceiptError::GrantOfAnother { party: "zurich".into(), what }
}

fn proposal_does_not_fit(what: &'static str) -> ReceiptError {
    ReceiptError::Proposal { what }
}

#[test]
fn a_receipt_under_another_key_is_refused() {
    let thief = SigningSecret::from_seed(&[66; 32]);
    let forged = SignedReceipt::sign(complete(), &thief);
    let missing = EnvelopeError::Missing { key: enclave().public() };
    assert_eq!(forged.verify(&contract()), Err(ReceiptError::Signature(missing)));
}

#[test]
fn a_thief_of_a_platform_key_forges_no_complete_receipt() {
    // The thief's enclave proposes, has an enclave key of its own, and every grant but one honest party's.
    let thief = SigningSecret::from_seed(&[66; 32]);
    let mut receipt = complete();
    receipt.proposal.enclave_key = thief.public();
    let stolen = receipt.grants[1].clone();
    receipt.grants = ["cleveland", "zurich", "institute"].map(|name| signed_grant(name, &receipt.proposal)).to_vec();
    receipt.statement = Some(signed_statement(&receipt.proposal));
    let verify = |receipt: &Receipt| SignedReceipt::sign(receipt.clone(), &thief).verify(&contract()).map(|_| ());
    assert_eq!(verify(&receipt), Ok(()), "with that party's grant it would hold");
    receipt.grants[1] = stolen;
    assert_eq!(verify(&receipt), Err(grant_of_another("proposal")));
    let mut forged = crate::world::grant("zurich", &receipt.proposal);
    forged.count = 1;
    receipt.grants[1] = SignedGrant::sign(forged, &thief).envelope().clone();
    let missing = EnvelopeError::Missing { key: party("zurich").public() };
    assert_eq!(verify(&receipt), Err(ReceiptError::Grant { party: "zurich".into(), source: missing.into() }));
    receipt.grants.remove(1);
    assert_eq!(verify(&receipt), Err(ReceiptError::Grants { party: "zurich".into() }));
}

#[test]
fn a_receipt_of_another_contract_is_refused() {
    let text = contract().text().replace("name = \"heart-study\"", "name = \"other-study\"");
    let other = Contract::parse(text.as_bytes()).unwrap();
    let expected = ReceiptError::Contract { expected: other.id(), found: contract().id() };
    assert_eq!(sign(complete()).verify(&other), Err(expected));
}

#[test]
fn a_proposal_that_contradicts_its_receipt_is_refused() {
    let other = ContractId::from_bytes([1; 32]);
    assert_eq!(after(complete(), |r| r.proposal.contract = other), proposal_does_not_fit("its contract"));
    assert_eq!(after(complete(), |r| r.proposal.run = 0), proposal_does_not_fit("its run number"));
    assert_eq!(after(complete(), |r| r.proposal.head_run = 2), proposal_does_not_fit("its run number"));
    assert_eq!(after(complete(), |r| r.proposal.head_run = 1), proposal_does_not_fit("its head"));
    let head = Some(ReceiptId::from_bytes([4; 32]));
    assert_eq!(after(complete(), |r| r.proposal.head = head), proposal_does_not_fit("its head"));
    assert_eq!(after(complete(), |r| r.proposal.datasets.reverse()), proposal_does_not_fit("its datasets"));
    assert_eq!(after(complete(), |r| r.proposal.datasets.truncate(1)), proposal_does_not_fit("its datasets"));
    assert_eq!(after(complete(), |r| r.gap.clear()), proposal_does_not_fit("the gap before its run number"));
    assert_eq!(after(void(), |r| r.gap.push(3)), proposal_does_not_fit("the gap before its run number"));
}

#[test]
fn a_dataset_swapped_after_the_grants_is_refused() {
    let swap = |receipt: &mut Receipt| receipt.proposal.datasets[0].object = ObjectId::from_bytes([0xdd; 32]);
    let expected = ReceiptError::GrantOfAnother { party: "cleveland".into(), what: "proposal" };
    assert_eq!(after(complete(), swap), expected);
}

#[test]
fn each_missing_swapped_or_foreign_grant_is_refused() {
    let missing = |party: &str| ReceiptError::Grants { party: party.into() };
    assert_eq!(after(complete(), |r| drop(r.grants.remove(0))), missing("cleveland"));
    assert_eq!(after(complete(), |r| drop(r.grants.pop())), missing("institute"));
    assert_eq!(after(complete(), |r| r.grants.swap(0, 1)), missing("cleveland"));
    assert_eq!(after(void(), |r| r.grants.swap(0, 1)), missing("cleveland"));
    let again = |receipt: &mut Receipt| receipt.grants.push(receipt.grants[2].clone());
    assert_eq!(after(complete(), again), missing("institute"));
    let auditor = |receipt: &mut Receipt| receipt.grants.push(signed_grant("overseer", &receipt.proposal));
    assert_eq!(after(complete(), auditor), missing("overseer"));
}

#[test]
fn a_grant_of_another_contract_or_run_is_refused() {
    let with = |change: fn(&mut sealroom_protocol::run::Grant)| {
        after(complete(), |receipt| {
            let mut grant = crate::world::grant("zurich", &receipt.proposal);
            change(&mut grant);
            receipt.grants[1] = SignedGrant::sign(grant, &party("zurich")).envelope().clone();
        })
    };
    assert_eq!(with(|grant| grant.contract = ContractId::from_bytes([1; 32])), grant_of_another("contract"));
    assert_eq!(with(|grant| grant.run = 3), grant_of_another("run number"));
    // A count above the contract's runs does not fit into its limit.
    assert_eq!(with(|grant| grant.count = 4), ReceiptError::Counts { party: "zurich".into() });
}

#[test]
fn results_are_those_of_the_contract_and_only_of_a_run_that_released() {
    let changes: [fn(&mut Receipt); 6] = [
        |receipt| receipt.outputs.clear(),
        |receipt| receipt.outputs.push(receipt.outputs[0].clone()),
        |receipt| receipt.outputs[0].name = "other".into(),
        |receipt| drop(receipt.outputs[0].recipients.pop()),
        |receipt| receipt.outputs[0].recipients.reverse(),
        |receipt| receipt.ending = Ending::Failed,
    ];
    for change in changes {
        assert_eq!(after(complete(), change), ReceiptError::Outputs);
    }
    let outputs = complete().outputs;
    assert_eq!(after(void(), |receipt| receipt.outputs = outputs), ReceiptError::Outputs);
}

#[test]
fn an_outcome_has_only_the_endings_that_it_can_have() {
    for ending in [Ending::Expired, Ending::Abandoned] {
        let change = |receipt: &mut Receipt| {
            receipt.ending = ending;
            receipt.outputs.clear();
        };
        assert_eq!(after(complete(), change), ReceiptError::Outputs, "{ending:?}");
    }
    for ending in [Ending::Released, Ending::Failed] {
        assert_eq!(after(void(), |receipt| receipt.ending = ending), ReceiptError::Outputs, "{ending:?}");
    }
}

#[test]
fn counts_add_up_for_every_granting_party() {
    let counts = |party: &str| ReceiptError::Counts { party: party.into() };
    assert_eq!(after(complete(), |r| r.counts[0].after = 1), counts("cleveland"));
    assert_eq!(after(complete(), |r| r.counts[1].before = 2), counts("zurich"));
    assert_eq!(after(complete(), |r| r.counts.swap(0, 1)), counts("cleveland"));
    assert_eq!(after(complete(), |r| drop(r.counts.pop())), counts("institute"));
    let extra = |receipt: &mut Receipt| receipt.counts.push(receipt.counts[2].clone());
    assert_eq!(after(complete(), extra), counts("institute"));
    assert_eq!(after(void(), |r| r.counts[0].after = 1), counts("cleveland"));
}

#[test]
fn statements_and_stops_are_signed_by_whom_the_contract_says() {
    let statement = ReceiptError::Attachment { what: "statement" };
    let stop = ReceiptError::Attachment { what: "stop" };
    assert_eq!(after(complete(), |r| r.statement = None), statement);
    let by = |name: &'static str, region: &'static str| {
        move |receipt: &mut Receipt| {
            let (contract, proposal) = (receipt.contract, receipt.proposal.id());
            let said = Statement::HostRegion { contract, proposal, region: region.into(), clock: 1 };
            receipt.statement = Some(SignedStatement::sign(said, &party(name)).envelope().clone());
        }
    };
    assert_eq!(after(complete(), by("zurich", "CH")), statement, "another party's word");
    assert_eq!(after(complete(), by("overseer", "US")), statement, "a region that was not agreed");
    let mut other = proposal();
    other.run = 3;
    assert_eq!(after(complete(), |r| r.statement = Some(signed_statement(&other))), statement, "of another run");
    assert_eq!(after(complete(), |r| r.stop = Some(signed_stop())), stop, "a run that released was not stopped");
    assert_eq!(after(void(), |r| r.stop = None), stop);
    let stranger = SignedStop::sign(crate::world::stop(), &SigningSecret::from_seed(&[66; 32])).envelope().clone();
    assert_eq!(after(void(), |r| r.stop = Some(stranger)), stop);
    let mut elsewhere = crate::world::stop();
    elsewhere.contract = ContractId::from_bytes([1; 32]);
    let elsewhere = SignedStop::sign(elsewhere, &party("zurich")).envelope().clone();
    assert_eq!(after(void(), |r| r.stop = Some(elsewhere)), stop);
}

#[test]
fn a_void_receipt_needs_no_grant_at_all() {
    let mut receipt = void();
    receipt.outcome = Outcome::Void;
    receipt.ending = Ending::Abandoned;
    receipt.stop = None;
    receipt.grants.clear();
    assert_eq!(sign(receipt.clone()).verify(&contract()), Ok(&receipt));
}
