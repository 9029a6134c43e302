//! How a job ends that is stopped, or whose host or enclave is killed, in every phase; all through the host's HTTP API.
//!
//! What always holds: whoever asks gets a refusal or a status within a deadline; what was granted stays counted until a
//! receipt settles it; no run has two results, and a new room goes on behind the old one, but that nobody
//! grants in it who saw that a party stopped the contract.

use crate::host::{HostProcess, Setup};
use crate::parties::{At, Parties, SHARED, Told};
use crate::process::{Signal, is_gone, signal, until};
use sealroom::{MemoryError, ReviewError, now};
use sealroom_protocol::run::{Ending, Outcome, SignedProposal};

const PHASES: [At; 5] = [At::Open, At::Proposed, At::OneGrant, At::Running, At::End];

/// Rows of each owner that take the enclave long enough to be held while it reads them.
const MANY: usize = 200_000;

/// A job as far as `at`, with its host and the process of its enclave.
fn played(at: At) -> (Parties, HostProcess, Told, u32) {
    let parties = if at == At::Running { Parties::with_rows(MANY) } else { Parties::new() };
    let host = HostProcess::start(&parties, Setup::default());
    let told = parties.play(&host, at);
    let enclave = host.enclave_pid();
    assert!(!is_gone(enclave));
    (parties, host, told, enclave)
}

/// After a kill in this phase: what was granted counts, nothing came out but what had, and the next room goes on.
#[track_caller]
fn assert_goes_on(parties: &Parties, host: &HostProcess, told: &Told, at: At) {
    let (counts, gap, run): ([u64; 3], &[u64], u64) = match at {
        At::Open | At::Proposed => ([0, 0, 0], &[], 1),
        At::OneGrant => ([1, 0, 0], &[1], 2),
        At::Running => ([1, 1, 1], &[1], 2),
        At::End => ([1, 1, 1], &[], 2),
    };
    parties.settle(host);
    assert_eq!(parties.counts(), counts, "{at:?}");
    let runs = || parties.receipts(host).iter().map(|receipt| receipt.allegation().proposal.run).collect::<Vec<_>>();
    let before: &[u64] = if at == At::End { &[1] } else { &[] };
    assert_eq!(runs(), before, "{at:?}");

    let mut next = parties.play_again(host, At::Proposed);
    for refused in parties.deliver_again(host, told, &next) {
        assert!(refused.is_problem("grant.proposal"), "{at:?}: {refused}");
    }
    parties.go_on(host, &mut next, At::End);
    let receipt = next.receipt.as_ref().unwrap().verify(&parties.contract).unwrap();
    assert_eq!((receipt.outcome, receipt.ending), (Outcome::Complete, Ending::Released), "{at:?}");
    assert_eq!((receipt.proposal.run, receipt.gap.as_slice()), (run, gap), "{at:?}");
    let head = told.receipt.as_ref().map(|receipt| receipt.allegation().id());
    assert_eq!(receipt.proposal.head, head, "{at:?}");
    assert_eq!(parties.counts(), counts.map(|count| count + 1), "{at:?}");
    assert_eq!(runs(), [before, &[run]].concat(), "{at:?}");
    let opened = parties.open(host, &next, "left", "shared").unwrap();
    assert_eq!(opened.plaintext.csv, format!("domain\n{SHARED}\n"));
}

/// Two datasets, the request, and the two results of a run that had ended; nothing else.
#[track_caller]
fn assert_objects(host: &HostProcess, at: At) {
    let expected = 2 + usize::from(at != At::Open) + if at == At::End { 2 } else { 0 };
    assert_eq!(host.objects(), expected, "{at:?}");
}

#[test]
fn a_host_killed_in_any_phase_and_started_again_knows_no_room_and_a_new_one_goes_on() {
    for at in PHASES {
        let (parties, host, told, enclave) = played(at);
        let host = host.kill_and_start_again(&parties);
        if at == At::Running {
            // Held until now. It finds its host gone.
            signal(enclave, Signal::CONT);
        }
        until("the enclave dies with its host", || is_gone(enclave));
        assert_objects(&host, at);
        let unknown = parties.room(&host, &told).status().unwrap_err();
        assert!(unknown.is_problem("room.unknown"), "{at:?}: {unknown}");
        let refused = parties.propose(&host, &told).unwrap_err();
        assert!(refused.is_problem("room.unknown"), "{at:?}: {refused}");
        let refused = parties.stop(&host, &told, "right").unwrap_err();
        assert!(refused.is_problem("room.unknown"), "{at:?}: {refused}");
        for refused in parties.deliver_again(&host, &told, &told) {
            assert!(refused.is_problem("room.unknown"), "{at:?}: {refused}");
        }
        assert_goes_on(&parties, &host, &told, at);
    }
}

#[test]
fn an_enclave_killed_in_any_phase_ends_its_room_with_a_reason_and_a_new_one_goes_on() {
    for at in PHASES {
        let (parties, host, told, enclave) = played(at);
        signal(enclave, Signal::KILL);
        let room = parties.room(&host, &told);
        until("the host notices", || room.status().unwrap().phase == "ended");
        let ended = room.status().unwrap().ended.unwrap();
        assert_eq!(ended.check, "room.enclave", "{at:?}: {}", ended.message);
        assert_objects(&host, at);
        let refused = parties.propose(&host, &told).unwrap_err();
        assert!(refused.is_problem("room.ended"), "{at:?}: {refused}");
        let refused = parties.stop(&host, &told, "right").unwrap_err();
        assert!(refused.is_problem("room.ended"), "{at:?}: {refused}");
        for refused in parties.deliver_again(&host, &told, &told) {
            assert!(refused.is_problem("room.ended"), "{at:?}: {refused}");
        }
        assert_goes_on(&parties, &host, &told, at);
    }
}

#[test]
fn a_stop_before_the_run_ends_the_room_and_a_grant_that_was_made_is_given_back() {
    for at in [At::Open, At::Proposed, At::OneGrant] {
        let (parties, host, told, enclave) = played(at);
        let receipt = parties.stop(&host, &told, "right").unwrap();
        match (at, receipt) {
            (At::Open, receipt) => assert!(receipt.is_none()),
            (_, receipt) => {
                let receipt = receipt.unwrap();
                let void = receipt.verify(&parties.contract).unwrap();
                assert_eq!((void.outcome, void.ending), (Outcome::Void, Ending::Stopped));
                parties.settle(&host);
                assert_eq!(parties.counts(), [0, 0, 0], "{at:?}");
            }
        }
        assert_stopped(&parties, &host, &told, enclave);
    }
}

#[test]
fn a_stop_while_the_program_runs_ends_the_run_and_releases_nothing() {
    let (parties, host, told, enclave) = played(At::Running);
    let taken = host.signed_requests("right");
    let receipt = std::thread::scope(|scope| {
        let stopping = scope.spawn(|| parties.stop(&host, &told, "right"));
        until("the stop is at the host", || host.signed_requests("right") > taken);
        signal(enclave, Signal::CONT);
        stopping.join().unwrap()
    });
    let receipt = receipt.unwrap().unwrap();
    assert_eq!(host.objects(), 3, "no result is there");
    let said = receipt.verify(&parties.contract).unwrap();
    // All had granted, so the run is spent; it ended by the stop, and nothing left.
    assert_eq!((said.outcome, said.ending), (Outcome::Complete, Ending::Stopped));
    assert_eq!((said.outputs.len(), said.proposal.run), (0, 1));
    assert_stopped(&parties, &host, &told, enclave);
    parties.settle(&host);
    assert_eq!(parties.counts(), [1, 1, 1]);
    // The host opens a new room that goes on behind the old one. Who saw the receipt grants nothing there.
    let next = parties.play_again(&host, At::Proposed);
    let room = parties.room(&host, &next);
    let proposal = room.proposal().unwrap().unwrap();
    let second = SignedProposal::decode(&proposal.proposal).unwrap();
    assert_eq!((second.allegation().run, second.allegation().head), (2, Some(receipt.allegation().id())));
    let request = room.fetch_request(&proposal).unwrap();
    for name in ["left", "right", "institute"] {
        let (identity, memory) = parties.site(name);
        let appraised = parties.appraise(&host, &next, name, &parties.contract).unwrap();
        let refused = appraised.review(proposal.brought(request.as_ref()), identity, memory, now()).unwrap_err();
        assert!(
            matches!(&refused, ReviewError::Memory(MemoryError::Stopped { party, .. }) if party == "right"),
            "{name}: {refused}"
        );
    }
    assert_eq!(parties.counts(), [1, 1, 1]);
}

#[test]
fn a_stop_after_the_run_ends_the_room_and_takes_nothing_back() {
    let (parties, host, told, enclave) = played(At::End);
    assert!(parties.stop(&host, &told, "right").unwrap().is_none(), "there was nothing to settle");
    assert_stopped(&parties, &host, &told, enclave);
    parties.settle(&host);
    assert_eq!((parties.counts(), parties.receipts(&host).len()), ([1, 1, 1], 1));
    let opened = parties.open(&host, &told, "left", "shared").unwrap();
    assert_eq!(opened.plaintext.csv, format!("domain\n{SHARED}\n"));
}

/// The room has ended by a stop, and says so; its process too.
#[track_caller]
fn assert_stopped(parties: &Parties, host: &HostProcess, told: &Told, enclave: u32) {
    until("the enclave ends with its room", || is_gone(enclave));
    let status = parties.room(host, told).status().unwrap();
    assert_eq!((status.phase.as_str(), status.ended.unwrap().check.as_str()), ("ended", "room.stopped"));
    let refused = parties.propose(host, told).unwrap_err();
    assert!(refused.is_problem("room.ended"), "{refused}");
    let refused = parties.stop(host, told, "left").unwrap_err();
    assert!(refused.is_problem("room.ended"), "{refused}");
}
