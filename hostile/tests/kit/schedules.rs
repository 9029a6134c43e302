//! Every schedule holds, and the schedules reach what they are about. Two tests share them, so that two cores can.
//!
//! `SEALROOM_SCHEDULES` says how many there are in all; `.ci/run` plays 10,000.

use crate::material::{kit, terms, with_requests};
use sealroom_hostile::{Amending, Chain, Delivery, Evidence, Number, Objects, Report, Signing, Step};

/// Schedules where nothing else is said: some forty seconds of one core, unoptimised.
const SCHEDULES: u64 = 4_000;

/// This test's part of all schedules, in tenths.
fn schedules(tenths: u64) -> u64 {
    let asked = std::env::var("SEALROOM_SCHEDULES").map(|text| text.parse().expect("a number of schedules"));
    asked.unwrap_or(SCHEDULES) * tenths / 10
}

/// Asserts that each of these checks refused something.
#[track_caller]
fn reaches(report: &Report, checks: &[&str]) {
    let missing: Vec<&&str> = checks.iter().filter(|check| !report.refusals.contains_key(**check)).collect();
    assert!(missing.is_empty(), "no schedule is refused by {missing:?}\n{report}");
    let seen = [
        ("killed", report.killed),
        ("released", report.released),
        ("failed", report.failed),
        ("void", report.void),
        ("forged", report.forged),
        ("opened", report.opened),
        ("restored", report.restored),
        ("exhausted", report.exhausted),
    ];
    for (what, times) in seen {
        assert!(times >= report.schedules / 200, "{what}: {times} times\n{report}");
    }
}

#[test]
fn no_schedule_of_a_conspiring_host_exceeds_an_honest_partys_limit() {
    let report = kit(terms()).run(schedules(6), 1);
    assert_eq!(report.schedules, schedules(6));
    let enclaves = [
        "grant.count",
        "grant.keys",
        "grant.proposal",
        "grant.signature",
        "grant.twice",
        "message.phase",
        "proposal.dataset",
        "receipt.chain",
        "receipt.void",
        "run.limit",
        "run.number",
        "stop.signature",
        "time.expiry",
        "time.not-before",
    ];
    let parties = [
        "common.freshness",
        "memory.amended",
        "memory.amendment-count",
        "memory.amendment-head",
        "memory.amendment-head-unknown",
        "memory.amendment-predecessor",
        "memory.amendment-runs",
        "memory.amendment-second",
        "memory.granted",
        "memory.object",
        "memory.older-head",
        "memory.receipt",
        "memory.restored",
        "memory.run-limit",
        "memory.run-number",
        "memory.unknown-head",
        "open.named",
        "review.enclave",
        "room.challenge",
        "snp.measurement",
        "snp.signature",
    ];
    reaches(&report, &enclaves);
    reaches(&report, &parties);
    assert!(report.amended > report.schedules / 20, "{report}");
}

#[test]
fn no_schedule_exceeds_it_where_a_requester_chooses_and_a_region_is_stated() {
    let report = kit(with_requests()).run(schedules(4), 1_000_000);
    reaches(&report, &["memory.request-used", "memory.restored", "memory.run-limit", "request.used", "run.limit"]);
}

#[test]
fn the_schedules_reach_released_results_so_the_property_says_something() {
    let run = |steps: &mut Vec<Step>| {
        let (chain, objects, delivery) = (Chain::To(0), Objects::Current, Delivery::Whole);
        steps.extend([
            Step::Propose { enclave: 0, run: Number::Next(0), chain, objects, request: 0 },
            Step::Show { proposal: 0, evidence: Evidence::Genuine, killed_after: None },
            Step::Conspire { party: 0, proposal: 0, signing: Signing::Honestly },
            Step::Deliver { enclave: 0, grant: 1, delivery },
            Step::Deliver { enclave: 0, grant: 0, delivery },
            Step::Settle { receipt: 0, killed_after: None },
        ]);
    };
    let mut steps = vec![Step::Start];
    (0..3).for_each(|_| run(&mut steps));
    steps.push(Step::Open { result: 0, receipt: 0 });
    let report = kit(terms()).replay(&steps, 1).unwrap();
    assert_eq!((report.released, report.granted, report.opened), (2, 2, 1), "{report}");
    assert_eq!(report.refusals.get("run.limit"), Some(&1), "the enclave refuses a third run");
}

#[test]
fn a_party_killed_at_any_write_of_its_memory_keeps_every_promise() {
    let (chain, objects, delivery) = (Chain::To(0), Objects::Current, Delivery::Whole);
    let propose = Step::Propose { enclave: 0, run: Number::Next(0), chain, objects, request: 0 };
    let show = Step::Show { proposal: 0, evidence: Evidence::Genuine, killed_after: None };
    let settle = Step::Settle { receipt: 0, killed_after: None };
    let conspire = Step::Conspire { party: 0, proposal: 0, signing: Signing::Honestly };
    let deliver = [Step::Deliver { enclave: 0, grant: 1, delivery }, Step::Deliver { enclave: 0, grant: 0, delivery }];
    // A run, one that is given back, and as many more as the limit lets through; what died is sent again.
    let given_back = [propose, show, Step::Abandon { enclave: 0 }, settle];
    let run = [propose, show, Step::Resend, conspire, deliver[0], deliver[1], settle];
    let steps = [&[Step::Start][..], &run, &given_back, &run, &run].concat();
    let writes = kit(terms()).honest("north").unwrap().kill_at_every_write(&steps, 7).unwrap();
    assert!(writes > 50, "{writes} writes");
}

#[test]
fn two_amendments_of_one_version_and_an_absurd_number_shut_nobody_out_for_ever() {
    let amend = |of, change| Step::Amend { of, change };
    let take = |version| Step::Take { version, killed_after: None };
    let show = Step::Show { proposal: 0, evidence: Evidence::Genuine, killed_after: None };
    let (chain, objects) = (Chain::To(0), Objects::Current);
    let propose = Step::Propose { enclave: 0, run: Number::Next(0), chain, objects, request: 0 };
    // All sign two amendments of the first version. The party holds the older one, and an enclave runs under the newer.
    let two = [amend(0, Amending::FarNumbers), amend(1, Amending::Honestly), take(1), take(0)];
    let steps = [&two[..], &[Step::Start, propose, show], &[amend(0, Amending::NoNumberLeft)]].concat();
    // After the steps of such a seed the kit plays an honest amendment of what the party holds, and a run under it.
    let kit = kit(terms());
    let seed = (0..).find(|seed| kit.amends(*seed)).unwrap();
    let report = kit.replay(&steps, seed).unwrap();
    assert_eq!((report.amended, report.granted), (2, 0), "{report}");
    assert_eq!(report.refusals.get("memory.amendment-second"), Some(&1), "{report}");
    // Amending the line that it does not hold is a way on as well.
    let steps = [&two[..], &[amend(0, Amending::Honestly), take(0), Step::Start, propose, show]].concat();
    let report = kit.replay(&steps, seed).unwrap();
    assert_eq!((report.amended, report.granted), (3, 1), "{report}");
}
