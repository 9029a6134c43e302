//! Step 13, and steps 10 to 12 where they end in a status between good and revoked.

use sealroom_attestation::intel::{TcbAge, TcbStatus};
use sealroom_attestation::{AttestationResult, Rule, Status};
use serde_json::json;

use crate::world::{Kind, World};
use crate::{Case, run};

/// 2025-02-01, the date of the level that is out of date.
const OLD_DATE: u64 = 1_738_368_000;

fn outdated(world: &mut World) {
    world.extension.components[0] = 3;
}

fn grace(world: &mut World, seconds: u64) {
    outdated(world);
    world.rules().tcb_statuses.push(TcbStatus::OutOfDate);
    world.rules().tcb_age = TcbAge::Grace { seconds };
}

pub(crate) const CASES: &[Case] = &[
    ("firmware out of date", outdated, &["dcap.tcb-status"]),
    (
        "quoting enclave out of date",
        |world| {
            world.put_qe(258, &[7]);
            world.rules().rejected_advisories = Rule::skip("not of interest here");
        },
        &["dcap.tcb-status"],
    ),
    ("a setting needed", |world| world.level()["tcbStatus"] = json!("ConfigurationNeeded"), &["dcap.tcb-status"]),
    (
        "software hardening needed",
        |world| world.level()["tcbStatus"] = json!("SWHardeningNeeded"),
        &["dcap.tcb-status"],
    ),
    ("out of date for too long", |world| grace(world, 60), &["dcap.tcb-age"]),
    ("an old evaluation", |world| world.rules().tcb_age = TcbAge::MinimumEvaluation(19), &["dcap.tcb-age"]),
    (
        "a rejected advisory of the platform",
        |world| world.level()["advisoryIDs"] = json!(["INTEL-SA-00001", "INTEL-SA-00615"]),
        &["dcap.advisories"],
    ),
    (
        "a rejected advisory of the quoting enclave",
        |world| world.qe_identity["tcbLevels"][0]["advisoryIDs"] = json!(["INTEL-SA-00615"]),
        &["dcap.advisories"],
    ),
];

#[test]
fn each_status_that_the_policy_does_not_accept_trips_its_check() {
    run(CASES, World::tdx);
    run(CASES, World::sgx);
}

fn status(result: &AttestationResult) -> (Status, String) {
    let check = result.verdict().checks().iter().find(|check| check.id() == "dcap.tcb-status").unwrap();
    (check.status().clone(), check.found().to_owned())
}

#[test]
fn a_status_that_the_policy_accepts_passes_with_a_warning_that_says_all_of_it() {
    let mut world = World::sgx();
    grace(&mut world, crate::world::NOW - OLD_DATE);
    let result = world.appraise().unwrap();
    let (status, found) = status(&result);
    assert_eq!(status, Status::Warn);
    assert_eq!(
        found,
        "OutOfDate (INTEL-SA-01036, INTEL-SA-01099): platform OutOfDate of 2025-02-01T00:00:00Z, \
         quoting enclave UpToDate of 2026-01-15T00:00:00Z"
    );
    assert_eq!(result.valid_until_unix_seconds(), crate::world::NOW, "the end of the grace period");
}

#[test]
fn a_grace_period_ends_to_the_second() {
    let mut world = World::sgx();
    grace(&mut world, crate::world::NOW - OLD_DATE);
    world.now += 1;
    assert_eq!(crate::failed(&world.appraise().unwrap_err()), ["dcap.tcb-age"]);
}

#[test]
fn a_grace_period_is_for_levels_that_are_out_of_date_only() {
    let mut world = World::sgx();
    world.rules().tcb_age = TcbAge::Grace { seconds: 0 };
    assert_eq!(status(&world.appraise().unwrap()).0, Status::Pass);
}

#[test]
fn platform_quoting_enclave_and_module_converge_with_the_advisories_of_all() {
    let mut world = World::new(Kind::Tdx4);
    world.level()["tcbStatus"] = json!("ConfigurationAndSWHardeningNeeded");
    world.level()["advisoryIDs"] = json!(["INTEL-SA-00001"]);
    world.put(0, &[4]); // the module
    world.put_qe(258, &[7]);
    world.rules().tcb_statuses = vec![TcbStatus::OutOfDateConfigurationNeeded];
    world.rules().rejected_advisories = Rule::Require(vec!["INTEL-SA-99999".to_owned()]);
    world.accept_tdx().minimum_module = Rule::skip("an old module in this test");
    let result = world.appraise().unwrap();
    let (status, found) = status(&result);
    assert_eq!(status, Status::Warn);
    assert!(
        found.starts_with(
            "OutOfDateConfigurationNeeded (INTEL-SA-00001, INTEL-SA-01099, INTEL-SA-01111, INTEL-SA-00615): platform \
             ConfigurationAndSWHardeningNeeded"
        ),
        "{found}"
    );
    let hardware = result.hardware();
    assert!(hardware.ends_with("2024-01-15T00:00:00Z"), "the earliest date: {hardware}");
}

/// A TD that was started under a module that is out of date now, while the platform has a good one.
fn relaunch(world: &mut World) {
    world.put(0, &[4]);
}

#[test]
fn a_td_that_was_started_before_an_update_is_advised_to_be_relaunched() {
    let mut world = World::tdx();
    relaunch(&mut world);
    assert_eq!(crate::failed(&world.appraise().unwrap_err()), ["dcap.tcb-status"]);

    let mut world = World::tdx();
    relaunch(&mut world);
    world.rules().tcb_statuses.push(TcbStatus::TdRelaunchAdvised);
    let (status, found) = status(&world.appraise().unwrap());
    assert_eq!(status, Status::Warn);
    assert!(
        found.starts_with("TDRelaunchAdvised (INTEL-SA-01099, INTEL-SA-01111): at launch platform UpToDate"),
        "{found}"
    );

    let mut world = World::tdx();
    relaunch(&mut world);
    world.level()["tcbStatus"] = json!("ConfigurationNeeded");
    world.rules().tcb_statuses = vec![TcbStatus::TdRelaunchAdvisedConfigurationNeeded];
    world.appraise().unwrap();
}

#[test]
fn a_module_that_got_worse_since_the_launch_counts() {
    let mut world = World::tdx();
    world.put(584, &[4]);
    world.accept_tdx().minimum_module = Rule::skip("an old module in this test");
    assert_eq!(crate::failed(&world.appraise().unwrap_err()), ["dcap.tcb-status"]);
}

#[test]
fn a_td_that_was_started_under_a_revoked_module_is_refused_whatever_runs_now() {
    for now in [5, 2] {
        let mut world = World::tdx();
        world.tcb_info["tdxModuleIdentities"][1]["tcbLevels"].as_array_mut().unwrap().push(json!(
            { "tcb": { "isvsvn": 1 }, "tcbDate": "2024-01-01T00:00:00Z", "tcbStatus": "Revoked" }
        ));
        world.put(0, &[1]);
        world.put(584, &[now]);
        world.accept_tdx().minimum_module = Rule::skip("an old module in this test");
        world.rules().tcb_statuses = vec![TcbStatus::UpToDate, TcbStatus::OutOfDate, TcbStatus::TdRelaunchAdvised];
        assert_eq!(crate::failed(&world.appraise().unwrap_err()), ["dcap.tcb-revoked"], "now {now}");
    }
}
