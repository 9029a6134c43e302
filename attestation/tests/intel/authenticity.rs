//! Steps 1 and 4 to 12 with one thing wrong: collateral, quoting enclave, signatures, levels.

use serde_json::json;

use crate::certificates::Key;
use crate::world::{Kind, TEE_TCB_SVN, World, sha256};
use crate::{Case, run};

pub(crate) const CASES: &[Case] = &[
    ("another quoting enclave's vendor", |world| world.header[12] ^= 1, &["dcap.qe-vendor"]),
    ("no tcb info", |world| world.brought.tcb_info = false, &["common.endorsements"]),
    ("no qe identity", |world| world.brought.qe_identity = false, &["common.endorsements"]),
    ("no certificate of the tcb signer", |world| world.brought.signer = false, &["common.endorsements"]),
    ("a tcb signer of another name", |world| world.signer.subject.push('s'), &["common.endorsements"]),
    ("tcb info signed by another", |world| world.tcb_info_signer = Key::Pck, &["dcap.tcb-info-signature"]),
    ("qe identity signed by another", |world| world.qe_identity_signer = Key::Pck, &["dcap.qe-identity-signature"]),
    ("stale tcb info", |world| world.tcb_info["nextUpdate"] = json!("2026-05-28T00:00:00Z"), &["dcap.collateral-time"]),
    (
        "tcb info of the future",
        |world| world.tcb_info["issueDate"] = json!("2026-06-01T00:00:00Z"),
        &["dcap.collateral-time"],
    ),
    (
        "stale qe identity",
        |world| world.qe_identity["nextUpdate"] = json!("2026-05-28T00:00:00Z"),
        &["dcap.collateral-time"],
    ),
    (
        "qe identity of the future",
        |world| world.qe_identity["issueDate"] = json!("2026-06-01T00:00:00Z"),
        &["dcap.collateral-time"],
    ),
    (
        "qe identity of another evaluation",
        |world| world.qe_identity["tcbEvaluationDataNumber"] = json!(19),
        &["dcap.collateral-issue"],
    ),
    ("tcb info of another line", |world| world.tcb_info["fmspc"] = json!("00906EA10000"), &["dcap.fmspc"]),
    ("tcb info of another pce", |world| world.tcb_info["pceId"] = json!("0001"), &["dcap.pce-id"]),
    ("the quoting enclave's report signed by another", |world| world.qe_signer = Key::Other, &["dcap.qe-signature"]),
    (
        "the quoting enclave vouches for another key",
        |world| world.put_qe(320, &sha256(b"another key")),
        &["dcap.qe-report-data"],
    ),
    ("a byte after the digest of the key", |world| world.put_qe(352, &[1]), &["dcap.qe-report-data"]),
    ("another signer of the quoting enclave", |world| world.put_qe(128, &[0]), &["dcap.qe-identity"]),
    ("another product of its signer", |world| world.put_qe(256, &[9]), &["dcap.qe-identity"]),
    ("another miscselect of it", |world| world.put_qe(16, &[1]), &["dcap.qe-identity"]),
    ("other attributes of it", |world| world.put_qe(48, &[0x95]), &["dcap.qe-identity"]),
    (
        "a quoting enclave in debug mode, even where the mask leaves it out",
        |world| {
            world.put_qe(48, &[0x17]);
            world.qe_identity["attributesMask"] = json!("F9FFFFFFFFFFFFFF0000000000000000");
        },
        &["dcap.qe-identity"],
    ),
    ("the quote signed by another", |world| world.quote_signer = Key::Other, &["dcap.signature"]),
    ("firmware below every level", |world| world.extension.components[4] = 2, &["dcap.tcb-level"]),
    ("pce below every level", |world| world.extension.pce_svn = 10, &["dcap.tcb-level"]),
    ("quoting enclave below every level", |world| world.put_qe(258, &[5]), &["dcap.tcb-level"]),
    ("a level that is revoked", |world| world.level()["tcbStatus"] = json!("Revoked"), &["dcap.tcb-revoked"]),
    (
        "a quoting enclave that is revoked, on a good platform",
        |world| world.qe_identity["tcbLevels"][0]["tcbStatus"] = json!("Revoked"),
        &["dcap.tcb-revoked"],
    ),
];

pub(crate) const TDX_CASES: &[Case] = &[
    ("a tdx module of another signer", |world| world.put(64, &[1]), &["tdx.module"]),
    ("a tdx module with attributes", |world| world.put(112, &[1]), &["tdx.module"]),
    (
        "a tdx module with attributes that the mask leaves out",
        |world| {
            world.put(112, &[1]);
            world.tcb_info["tdxModuleIdentities"][1]["attributesMask"] = json!("FEFFFFFFFFFFFFFF");
        },
        &["tdx.module"],
    ),
    (
        "a tdx module without an identity",
        |world| world.tcb_info["tdxModuleIdentities"] = json!([]),
        &["tdx.module", "dcap.tcb-level"],
    ),
    (
        "a tdx module that is below every level",
        |world| {
            world.put(0, &[1]);
            world.put(584, &[1]);
        },
        &["dcap.tcb-level"],
    ),
    (
        "a tdx component from index 2 on that is below every level",
        |world| {
            world.tcb_info["tcbLevels"][1]["tcb"]["tdxtcbcomponents"][2]["svn"] = json!(7);
            world.put(2, &[6]);
        },
        &["dcap.tcb-level"],
    ),
    (
        "a tdx module that is revoked, on a good platform",
        |world| world.tcb_info["tdxModuleIdentities"][1]["tcbLevels"][0]["tcbStatus"] = json!("Revoked"),
        &["dcap.tcb-revoked"],
    ),
    (
        "a level now that is revoked, where the level at launch was not",
        |world| {
            world.put(584, &[4]);
            world.tcb_info["tdxModuleIdentities"][1]["tcbLevels"][1]["tcbStatus"] = json!("Revoked");
        },
        &["dcap.tcb-revoked"],
    ),
];

#[test]
fn each_document_signature_and_level_with_one_thing_wrong_trips_its_check() {
    run(CASES, World::tdx);
    run(CASES, World::sgx);
    run(TDX_CASES, World::tdx);
}

#[test]
fn without_a_major_version_every_component_of_the_module_counts() {
    let cases: &[Case] =
        &[("module component 0 below every level", |world| world.put(0, &[0, 0]), &["dcap.tcb-level"])];
    let new = || {
        let mut world = World::new(Kind::Tdx5);
        world.put(0, &[9, 0]);
        world.accept_tdx().minimum_module = sealroom_attestation::Rule::skip("major version 0 in this test");
        let components = &mut world.tcb_info["tcbLevels"];
        for level in 0..2 {
            components[level]["tcb"]["tdxtcbcomponents"][0]["svn"] = json!(1);
            components[level]["tcb"]["tdxtcbcomponents"][1]["svn"] = json!(0);
        }
        world
    };
    new().appraise().unwrap();
    run(cases, new);
}

#[test]
fn from_a_major_version_on_the_first_two_components_say_nothing_of_the_platform() {
    let mut world = World::tdx();
    assert!(world.tcb_info["tcbLevels"][0]["tcb"]["tdxtcbcomponents"][0]["svn"].as_u64() > Some(TEE_TCB_SVN[0].into()));
    world.put(584 + 3, &[0]);
    world.appraise().unwrap();
}
