//! Receipts in the orders that a log may and may not have them.

use sealroom_protocol::id::{ContractId, ReceiptId};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::log::{HistoryError, Place, history, leaf_of, origin_of};
use sealroom_protocol::run::{Ending, Outcome, Proposal, Receipt};

const CONTRACT: ContractId = ContractId::from_bytes([7; 32]);

fn receipt(outcome: Outcome, run: u64, head: Option<&Receipt>) -> Receipt {
    let proposal = Proposal {
        contract: CONTRACT,
        run,
        head: head.map(Receipt::id),
        head_run: head.map_or(0, |head| head.proposal.run),
        datasets: Vec::new(),
        request: None,
        enclave_key: SigningSecret::from_seed(&[1; 32]).public(),
        run_key: EncryptionSecret::from_seed(&[2; 32]).public(),
    };
    Receipt {
        contract: CONTRACT,
        outcome,
        ending: Ending::Failed,
        proposal,
        grants: Vec::new(),
        statement: None,
        stop: None,
        outputs: Vec::new(),
        counts: Vec::new(),
        gap: Vec::new(),
        time: 1,
    }
}

fn complete(run: u64, head: Option<&Receipt>) -> Receipt {
    receipt(Outcome::Complete, run, head)
}

fn void(run: u64, head: Option<&Receipt>) -> Receipt {
    let mut void = receipt(Outcome::Void, run, head);
    void.proposal.run_key = EncryptionSecret::from_seed(&[3; 32]).public();
    void
}

#[test]
fn receipts_that_go_on_from_each_other_are_a_history() {
    let first = complete(1, None);
    let given_up = void(2, Some(&first));
    let third = complete(3, Some(&first));
    let fourth = complete(4, Some(&third));
    let places = history(&[&first, &given_up, &third, &fourth]);
    assert_eq!(places, Ok(vec![Place::Next, Place::Void, Place::Next, Place::Next]));
    assert_eq!(history(&[]), Ok(Vec::new()));
    // Nobody granted the first proposal for run 1, so the number was free for the second.
    assert_eq!(history(&[&void(1, None), &first]), Ok(vec![Place::Void, Place::Next]));
}

#[test]
fn a_receipt_that_was_held_back_is_late_and_says_so() {
    let first = complete(1, None);
    let fifth = complete(5, Some(&first));
    let second = complete(2, Some(&first));
    let third = complete(3, Some(&second));
    let sixth = complete(6, Some(&fifth));
    let places = history(&[&first, &fifth, &second, &sixth, &third]);
    assert_eq!(places, Ok(vec![Place::Next, Place::Next, Place::Late, Place::Next, Place::Late]));
    // The first run of all can be late too.
    let second = complete(2, None);
    assert_eq!(history(&[&second, &first]), Ok(vec![Place::Next, Place::Late]));
}

#[test]
fn two_histories_are_a_fork() {
    let first = complete(1, None);
    let second = complete(2, Some(&first));
    // The host has shown run 2, and the enclave of run 3 was not told of it.
    let unaware = complete(3, Some(&first));
    let forked = HistoryError::Forked { index: 2, run: 3, other: 1 };
    assert_eq!(history(&[&first, &second, &unaware]), Err(forked));
    // One run number, two proposals.
    let mut another = complete(2, Some(&first));
    another.time = 2;
    assert_eq!(history(&[&first, &second, &another]), Err(HistoryError::Forked { index: 2, run: 2, other: 1 }));
    // One proposal, two receipts: what was given back to its granters counted after all.
    let mut given_back = first.clone();
    given_back.outcome = Outcome::Void;
    assert_eq!(history(&[&given_back, &first]), Err(HistoryError::Forked { index: 1, run: 1, other: 0 }));
    // A second history in a gap does not go on from a run after it.
    let fifth = complete(5, Some(&second));
    let fourth = complete(4, Some(&first));
    let forked = HistoryError::Forked { index: 3, run: 4, other: 2 };
    assert_eq!(history(&[&first, &second, &fifth, &fourth]), Err(forked));
}

#[test]
fn a_receipt_stands_after_its_head_and_once() {
    let first = complete(1, None);
    let second = complete(2, Some(&first));
    assert_eq!(history(&[&second, &first]), Err(HistoryError::Reordered { index: 0, head: 1 }));
    let incomplete = HistoryError::Incomplete { index: 0, head: first.id(), run: 1 };
    assert_eq!(history(&[&second]), Err(incomplete));
    assert_eq!(history(&[&first, &first]), Err(HistoryError::Repeated { index: 1, first: 0 }));
    let mut lying = second;
    lying.proposal.head_run = 0;
    let incomplete = HistoryError::Incomplete { index: 1, head: first.id(), run: 0 };
    assert_eq!(history(&[&first, &lying]), Err(incomplete));
    // A void receipt is nobody's head.
    let given_up = void(1, None);
    let after = complete(2, Some(&given_up));
    let incomplete = HistoryError::Incomplete { index: 1, head: given_up.id(), run: 1 };
    assert_eq!(history(&[&given_up, &after]), Err(incomplete));
}

#[test]
fn origin_and_leaf_follow_from_contract_and_payload_alone() {
    assert_eq!(origin_of(&CONTRACT), ["sealroom/1/log/", &"07".repeat(32)].concat());
    let one = complete(1, None);
    let mut other = one.clone();
    other.time = 2;
    assert_ne!(leaf_of(&one), leaf_of(&other));
    assert_ne!(leaf_of(&one).as_bytes(), ReceiptId::as_bytes(&one.id()));
}
