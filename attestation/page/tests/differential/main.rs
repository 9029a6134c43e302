//! The same documents, read by native code with *ring* and by the page's WebAssembly with RustCrypto: every answer is the same to
//! the last byte, and none is a trap.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

#[path = "../support/built.rs"]
#[expect(dead_code, reason = "what the tests in a browser use besides")]
mod built;
#[path = "../../../tests/recorded/entry.rs"]
#[expect(dead_code, reason = "what the entries say besides")]
mod entry;
#[path = "../../../tests/recorded/evidence.rs"]
mod evidence;
#[path = "../../../tests/support/folder.rs"]
mod folder;
mod hostile;
#[path = "../../../tests/recorded/inside.rs"]
mod inside;
#[path = "../../../../tests/support/not_run.rs"]
mod not_run;
#[path = "../../../tests/recorded/others.rs"]
mod others;
#[path = "../../../tests/recorded/run.rs"]
#[expect(dead_code, reason = "what the Verifier's own tests of these entries use besides")]
mod run;
mod wasm;
#[path = "../support/worlds.rs"]
mod worlds;

use sealroom_attestation::{CryptoProvider, Policy};
use sealroom_verify_page::{Asked, FileKind, Request, appraise, inspect};
use serde_json::Value;

use crate::wasm::Wasm;
use crate::worlds::{WORLDS, world};

/// Most memory that any request here may take.
const MEMORY_LIMIT: usize = 256 * 1024 * 1024;

/// What both say.
#[track_caller]
fn appraised_alike(wasm: &mut Wasm, request: &Request, what: &str) -> Value {
    let request = request.encode();
    let native = appraise(&request, CryptoProvider::ring());
    assert_eq!(wasm.call("sealroom_appraise", &request), native.to_string(), "{what}");
    native
}

#[track_caller]
fn inspected_alike(wasm: &mut Wasm, file: &[u8], what: &str) -> Value {
    let native = inspect(file);
    assert_eq!(wasm.call("sealroom_inspect", file), native.to_string(), "{what}");
    assert_eq!(wasm.call("sealroom_sniff", file), FileKind::of(file).as_str(), "{what}");
    native
}

/// attestation-rs pull request 83: numbers were read in as many bits as the machine's addresses have, so that native code and
/// WebAssembly saw two documents in one.
#[test]
fn fault_40_same_document_read_differently_by_native_code_and_wasm() {
    let Some(page) = built::page("fault_40_same_document_read_differently_by_native_code_and_wasm") else { return };
    let mut wasm = Wasm::of(page);
    for name in WORLDS {
        let good = world(name);
        let answer = appraised_alike(&mut wasm, &good, name);
        let verdict = answer["report"]["verdict"].as_str().unwrap_or_else(|| panic!("{name}: {answer}"));
        assert!(verdict.starts_with("accepted"), "{name}: {answer}");
        assert_eq!(answer["report"]["exit_code"], 0, "{name}");
        inspected_alike(&mut wasm, &good.evidence, name);
        let pinned = Request { policy: None, ..good.clone() };
        appraised_alike(&mut wasm, &pinned, name);
        for (index, evidence) in hostile::changed(&good.evidence, 89).into_iter().enumerate() {
            inspected_alike(&mut wasm, &evidence, &format!("{name}, change {index}"));
        }
        for (index, evidence) in hostile::changed(&good.evidence, good.evidence.len() / 4 + 1).into_iter().enumerate() {
            let answer =
                appraised_alike(&mut wasm, &Request { evidence, ..good.clone() }, &format!("{name}, change {index}"));
            assert_ne!(answer["report"]["exit_code"], 0, "{name}, change {index}");
        }
    }
    assert!(wasm.memory() < MEMORY_LIMIT, "{} bytes", wasm.memory());
}

#[test]
fn hostile_documents_have_the_same_answer_in_both_and_trap_in_neither() {
    let Some(page) = built::page("hostile_documents_have_the_same_answer_in_both_and_trap_in_neither") else { return };
    let mut wasm = Wasm::of(page);
    let good = world("nitro");
    for (index, evidence) in hostile::evidence().into_iter().enumerate() {
        let what = format!("evidence {index}");
        assert!(inspected_alike(&mut wasm, &evidence, &what).get("failure").is_some(), "{what}");
        let answer = appraised_alike(&mut wasm, &Request { evidence, ..good.clone() }, &what);
        assert_eq!(answer["report"]["verdict"], "malformed", "{what}");
    }
    for (index, policy) in hostile::policies().into_iter().enumerate() {
        let (what, policy) = (format!("policy {index}"), Some(policy));
        let answer = appraised_alike(&mut wasm, &Request { policy, ..good.clone() }, &what);
        assert_eq!(answer["failure"]["about"], "policy", "{what}: {answer}");
    }
    for (index, file) in hostile::endorsements().into_iter().enumerate() {
        let what = format!("endorsement {index}");
        let endorsements = vec![file];
        let answer = appraised_alike(&mut wasm, &Request { endorsements, ..good.clone() }, &what);
        assert_eq!(answer["failure"]["about"], "endorsements", "{what}: {answer}");
    }
    for (index, asked) in ["", "0", "zz", "00".repeat(1025).as_str(), "0x00", "é"].into_iter().enumerate() {
        let asked = Some(Asked::Challenge(asked.to_owned()));
        let answer = appraised_alike(&mut wasm, &Request { asked, ..good.clone() }, &format!("challenge {index}"));
        assert_eq!(answer["failure"]["about"], "challenge", "challenge {index}: {answer}");
    }
    for at in [0, u64::from(u32::MAX), u64::from(u32::MAX) + 1, i64::MAX.cast_unsigned(), u64::MAX] {
        let answer = appraised_alike(&mut wasm, &Request { at, ..good.clone() }, &format!("at {at}"));
        assert_ne!(answer["report"]["exit_code"], 0, "at {at}: {answer}");
    }
    assert!(wasm.memory() < MEMORY_LIMIT, "{} bytes", wasm.memory());
}

#[test]
fn bytes_that_are_no_request_have_an_answer_too() {
    let Some(page) = built::page("bytes_that_are_no_request_have_an_answer_too") else { return };
    let mut wasm = Wasm::of(page);
    let good = world("cca").encode();
    let cut = (0..good.len()).step_by(101).map(|length| good[..length].to_vec());
    for request in cut.chain([b"e\xff\xff\xff\xff".to_vec(), b"x\0\0\0\0".to_vec(), vec![b'e'; 1000]]) {
        let native = appraise(&request, CryptoProvider::ring());
        assert_eq!(native["failure"]["about"], "page", "{native}");
        assert_eq!(wasm.call("sealroom_appraise", &request), native.to_string());
    }
    assert_eq!(wasm.place_of(Request::LIMIT + 1), 0, "what is too long is not taken in at all");
    assert_eq!(wasm.call("sealroom_sniff", b"still there"), "unknown");
}

#[test]
fn every_recorded_appraisal_ends_alike_in_both() {
    const NAME: &str = "every_recorded_appraisal_ends_alike_in_both";
    let (Some(page), Some(folder)) = (built::page(NAME), folder::folder(NAME)) else { return };
    let mut wasm = Wasm::of(page);
    let mut appraised = 0;
    for (entry, case) in entry::cases() {
        let what = format!("{} ({})", entry.file, case.name);
        let run::Appraisal { evidence, endorsements, accept, binding, unasked, now } =
            run::appraisal(&folder, entry, case);
        let asked = match unasked {
            Some(reason) => Asked::Nothing(reason.to_owned()),
            None => Asked::Challenge(hex::encode(binding)),
        };
        let policy = accept.map(|accept| Policy::new(vec![accept]).unwrap().to_toml());
        let request = Request { evidence, policy, endorsements, asked: Some(asked), at: now };
        let answer = appraised_alike(&mut wasm, &request, &what);
        if request.policy.is_some() {
            assert_eq!(answer["report"]["verdict"], case.outcome.as_str(), "{what}: {answer}");
            let checks = answer["report"]["checks"].as_array().unwrap();
            let failed: Vec<_> = checks
                .iter()
                .filter(|check| check["status"] == "fail")
                .map(|check| check["id"].as_str().unwrap())
                .collect();
            assert_eq!(failed, case.failed, "{what}");
        } else {
            assert_eq!(answer["failure"]["exit"], 2, "{what}: {answer}");
        }
        appraised += 1;
    }
    assert!(appraised > 30, "{appraised} appraisals");
}

#[test]
fn every_recorded_file_is_read_alike_in_both() {
    const NAME: &str = "every_recorded_file_is_read_alike_in_both";
    let (Some(page), Some(folder)) = (built::page(NAME), folder::folder(NAME)) else { return };
    let mut wasm = Wasm::of(page);
    let good = world("nitro");
    for entry in entry::all() {
        let file = folder::read(&folder, entry.file);
        inspected_alike(&mut wasm, &file, entry.file);
        // As an Endorsement, too; what is none is refused by name before anything is verified.
        let endorsements = vec![file];
        appraised_alike(&mut wasm, &Request { endorsements, policy: None, ..good.clone() }, entry.file);
    }
}
