//! What holds of a room, and the planted faults that the search must find in it.

use crate::room::{Fault, Room, State, Step};
use crate::search::{Model, Outcome, breaks, holds, search};

const ONE: Room = Room { limit: 1, starts: 2, proposals: 2, both_honest: true, fault: Fault::None };
const ALONE: Room = Room { limit: 1, starts: 2, proposals: 2, both_honest: false, fault: Fault::None };
const TOO_MANY: &str = "more runs than an honest party allows";

#[test]
fn no_limit_of_an_honest_party_is_passed_and_nobody_with_runs_left_is_locked_out() {
    holds(&ONE, 5_000);
}

#[test]
fn no_limit_is_passed_where_the_other_party_helps_the_host() {
    holds(&ALONE, 1_000);
    holds(&Room { limit: 2, starts: 1, proposals: 3, ..ALONE }, 1_000);
}

#[test]
fn an_enclave_that_keeps_a_consumed_runs_key_is_found() {
    breaks(&Room { fault: Fault::KeepsKey, ..ONE }, TOO_MANY);
    breaks(&Room { fault: Fault::KeepsKey, ..ALONE }, TOO_MANY);
}

#[test]
fn a_void_after_data_was_decrypted_is_found() {
    breaks(&Room { fault: Fault::VoidAfterDecryption, ..ONE }, TOO_MANY);
    breaks(&Room { fault: Fault::VoidAfterDecryption, ..ALONE }, TOO_MANY);
}

#[test]
fn a_party_that_writes_a_grant_after_sending_it_is_found() {
    breaks(&Room { fault: Fault::SendsFirst, ..ONE }, TOO_MANY);
    breaks(&Room { fault: Fault::SendsFirst, ..ALONE }, TOO_MANY);
}

#[test]
fn a_party_that_grants_a_run_number_twice_is_found() {
    let fault = Fault::GrantsAnyRun;
    breaks(&Room { limit: 2, fault, ..ALONE }, "an honest party granted one run number twice");
}

#[test]
fn the_price_is_one_run_where_the_enclave_dies_between_the_last_grant_and_the_receipt() {
    /// A room that calls it broken when a party has no run left, though none gave a receipt.
    #[derive(Debug, Clone, Copy)]
    struct Price(Room);

    impl Model for Price {
        type State = State;
        type Step = Step;

        fn start(&self) -> State {
            self.0.start()
        }

        fn steps(&self, state: &State) -> Vec<(Step, State)> {
            self.0.steps(state)
        }

        fn broken(&self, state: &State) -> Option<&'static str> {
            let spent = state.memories.iter().all(|memory| memory.count == self.0.limit);
            let gone = state.started == self.0.starts && state.enclaves.iter().all(Option::is_none);
            (spent && gone && state.complete == 0 && state.void == 0)
                .then_some("a run is lost, and an amendment is needed")
        }
    }

    let Outcome::Broken { property, .. } = search(&Price(ONE)) else { panic!("a crash costs nothing?") };
    assert_eq!(property, "a run is lost, and an amendment is needed");
}
