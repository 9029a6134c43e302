//! Faults of verifiers of Intel TDX and SGX.

use sealroom_attestation::intel::{CollateralError, TcbStatus};
use sealroom_attestation::{DecodeError, Endorsements, Outcome, Policy, PolicyTextError, Rejection};
use serde_json::{Value, json};

use crate::documents::answer;
use crate::world::{World, sha256};
use crate::{caught, certificates::Key};

/// On both, since the code that reads their quotes is shared.
fn both(change: fn(&mut World)) -> Vec<&'static str> {
    let failed = caught(World::tdx, change);
    assert_eq!(caught(World::sgx, change), failed);
    failed
}

/// Refused before it comes to checks of a chain: what stands in the signed JSON.
fn problem(change: fn(&mut World)) -> String {
    let mut world = World::tdx();
    change(&mut world);
    let file = answer("tcbInfo", &world.tcb_info, Key::Signer);
    let error = Endorsements::decode(&file).unwrap_err();
    assert_eq!(crate::failed(&Rejection::from(error.clone())), ["common.endorsements"]);
    assert_eq!(both(change), ["common.endorsements"]);
    match error {
        DecodeError::Collateral(CollateralError::Json { problem, .. }) => problem,
        other => panic!("{other}"),
    }
}

/// CVE-2026-22696 (dcap-qvl before 0.3.9): any enclave of the machine was as good as Intel's quoting enclave.
#[test]
fn fault_15_qe_identity_of_another_enclave() {
    // Signed by the machine's own PCK, vouching for the very key that signs the quote.
    assert_eq!(both(|world| world.put_qe(128, &[0xbd; 32])), ["dcap.qe-identity"], "another signer");
    assert_eq!(both(|world| world.put_qe(256, &[9])), ["dcap.qe-identity"], "another product");
    assert_eq!(both(|world| world.put_qe(48, &[0x17])), ["dcap.qe-identity"], "in debug mode");
    // The identity of the other TEE's quoting enclave, as Intel signs it.
    let swapped = |world: &mut World| world.qe_identity = World::sgx().qe_identity;
    assert_eq!(caught(World::tdx, swapped), ["common.endorsements"]);
}

/// Step 7 of Intel's library: only the first half of the field was compared.
#[test]
fn fault_16_qe_report_data_with_a_tail() {
    for at in [352, 383] {
        let tail = move |world: &mut World| world.put_qe(at, &[1]);
        assert_eq!(caught(World::tdx, tail), ["dcap.qe-report-data"], "{at}");
        assert_eq!(caught(World::sgx, tail), ["dcap.qe-report-data"], "{at}");
    }
    assert_eq!(both(|world| world.put_qe(320, &sha256(b"another key"))), ["dcap.qe-report-data"]);
}

/// dcap-qvl issue 124: the list of module identities was dropped while the JSON was read, and none was compared.
#[test]
fn fault_17_tdx_module_identity_missing() {
    let failed = caught(World::tdx, |world| world.tcb_info["tdxModuleIdentities"] = json!([]));
    assert_eq!(failed, ["tdx.module", "dcap.tcb-level"]);
    let remove = |world: &mut World| drop(world.tcb_info.as_object_mut().unwrap().remove("tdxModuleIdentities"));
    assert_eq!(caught(World::tdx, remove), ["tdx.module", "dcap.tcb-level"]);
    assert_eq!(caught(World::tdx, |world| world.put(64, &[1])), ["tdx.module"], "a module of another signer");
}

/// dcap-qvl issue 127: any vendor of a quoting enclave would do.
#[test]
fn fault_18_qe_vendor() {
    assert_eq!(both(|world| world.header[12] ^= 1), ["dcap.qe-vendor"]);
    assert_eq!(both(|world| world.header[12..28].fill(0)), ["dcap.qe-vendor"]);
}

/// dcap-qvl pull request 164: two lists were compared as far as the shorter one went.
#[test]
fn fault_19_short_list_of_components() {
    fn level(world: &mut World, at: usize) -> &mut Vec<Value> {
        world.tcb_info["tcbLevels"][at]["tcb"]["sgxtcbcomponents"].as_array_mut().unwrap()
    }
    let cut = problem(|world| drop(level(world, 0).pop()));
    assert!(cut.contains("invalid length 15"), "{cut}");
    let empty = problem(|world| level(world, 1).clear());
    assert!(empty.contains("invalid length 0"), "{empty}");
    let long = problem(|world| level(world, 0).push(json!({ "svn": 0 })));
    assert!(long.contains("trailing characters"), "{long}");
}

/// automata-dcap-attestation pull request 144: a revoked quoting enclave ended the appraisal, as a success.
#[test]
fn fault_20_revoked_qe_on_a_good_platform() {
    let revoked = |world: &mut World| world.qe_identity["tcbLevels"][0]["tcbStatus"] = json!("Revoked");
    assert_eq!(both(revoked), ["dcap.tcb-revoked"]);
    // Nor does any policy accept it.
    let accepting = |world: &mut World| {
        world.qe_identity["tcbLevels"][0]["tcbStatus"] = json!("Revoked");
        world.rules().tcb_statuses = vec![
            TcbStatus::UpToDate,
            TcbStatus::SwHardeningNeeded,
            TcbStatus::ConfigurationNeeded,
            TcbStatus::ConfigurationAndSwHardeningNeeded,
            TcbStatus::OutOfDate,
            TcbStatus::OutOfDateConfigurationNeeded,
        ];
    };
    assert_eq!(both(accepting), ["dcap.tcb-revoked"]);
}

/// attestation-rs: a TCB info past its next update was a warning, and so was a date that could not be read.
#[test]
fn fault_21_expired_tcb_info_and_unreadable_next_update() {
    assert_eq!(both(|world| world.tcb_info["nextUpdate"] = json!("2026-05-28T00:00:00Z")), ["dcap.collateral-time"]);
    for date in ["tomorrow", "", "2026-13-01T00:00:00Z", "2026-06-20 00:00:00", "2026-06-20T00:00:00+01:00"] {
        let mut world = World::tdx();
        world.tcb_info["nextUpdate"] = json!(date);
        let error = Endorsements::decode(&answer("tcbInfo", &world.tcb_info, Key::Signer)).unwrap_err();
        let DecodeError::Collateral(CollateralError::Json { problem, .. }) = error else { panic!("{date}: {error}") };
        assert!(problem.contains("expected a date"), "{date}: {problem}");
    }
    let missing = problem(|world| drop(world.tcb_info.as_object_mut().unwrap().remove("nextUpdate")));
    assert!(missing.contains("missing field `nextUpdate`"), "{missing}");
}

/// attestation-rs: without the chain of the signer, the signature was not verified, and that was a warning.
#[test]
fn fault_22_no_chain_of_the_tcb_signer() {
    assert_eq!(both(|world| world.brought.signer = false), ["common.endorsements"]);
    assert_eq!(both(|world| world.signer.subject = "Intel SGX PCK Certificate".to_owned()), ["common.endorsements"]);
    assert_eq!(both(|world| world.tcb_info_signer = Key::Other), ["dcap.tcb-info-signature"]);
}

/// attestation-rs, Oak: whatever TCB info came was taken for this machine's; dcap-qvl, attestation-rs: PCEID was not compared.
#[test]
fn fault_23_wrong_fmspc_and_pceid() {
    assert_eq!(both(|world| world.tcb_info["fmspc"] = json!("00906EA10000")), ["dcap.fmspc"]);
    assert_eq!(both(|world| world.tcb_info["pceId"] = json!("0001")), ["dcap.pce-id"]);
}

/// Intel's sample policies for its appraisal library say `allow_dynamic_plaform`; the rules read `allow_dynamic_platform`.
#[test]
fn fault_24_misspelt_key_in_a_policy() {
    for accept in [World::tdx().accept, World::sgx().accept] {
        let text = Policy::new(vec![accept]).unwrap().to_toml();
        assert!(Policy::from_toml(&text).is_ok());
        let misspelt = text.replacen("dynamic_platform", "dynamic_plaform", 1);
        assert_ne!(misspelt, text);
        let PolicyTextError::Text { line, column, message } = Policy::from_toml(&misspelt).unwrap_err() else {
            panic!("{misspelt}")
        };
        assert!(message.contains("unknown field `dynamic_plaform`"), "{message}");
        let written = misspelt.lines().nth(line - 1).unwrap();
        assert!(written.chars().skip(column - 1).collect::<String>().starts_with("dynamic_plaform"), "{written}");
    }
}

/// The command line tool of dcap-qvl, and teep issue 153: a level out of date, and yet exit code 0.
#[test]
fn fault_25_out_of_date_is_no_success() {
    let outdated = |world: &mut World| world.extension.components[0] = 3;
    assert_eq!(both(outdated), ["dcap.tcb-status"]);
    for new in [World::tdx, World::sgx] {
        let mut world = new();
        outdated(&mut world);
        assert_eq!(Outcome::of(&world.appraise()), Outcome::Refused);
        // Who accepts it in writing is told each time.
        let mut world = new();
        outdated(&mut world);
        world.rules().tcb_statuses.push(TcbStatus::OutOfDate);
        assert_eq!(Outcome::of(&world.appraise()), Outcome::AcceptedWithWarnings);
    }
}
