//! A host that takes for ever, and one that shows bad receipts among good ones.

use super::{Host, HostError, HostOptions, RoomPhase, lies, response};
use crate::memory::{GrantState, Memory, MemoryError, NewGrant};
use crate::random;
use crate::testing::{Enclave, Parties, contract_of, grant_of};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::time::Duration;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::SignedReceipt;
use std::io::{Read, Write};
use std::net::TcpListener;
use tokio::runtime::Builder;

/// A host that gives its answer byte by byte and never ends.
fn drips() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            drop(stream.read(&mut [0; 4096]));
            let mut going = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").is_ok();
            while going {
                std::thread::sleep(Duration::from_millis(5));
                going = stream.write_all(b" ").is_ok();
            }
        }
    });
    format!("http://{address}")
}

#[test]
fn an_answer_that_comes_byte_by_byte_is_given_up_as_a_whole() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut options = HostOptions::new(drips());
    // No single byte keeps anyone waiting this long.
    options.timeout = Duration::from_secs(60);
    options.exchange_timeout = Duration::from_millis(200);
    let host = Host::new(&options).unwrap();
    let error = runtime.block_on(host.rooms()).unwrap_err();
    assert!(matches!(error, HostError::TimedOut { .. }), "{error}");
    let error = runtime.block_on(host.manifest(&ObjectId::from_bytes([1; 32]))).unwrap_err();
    assert!(matches!(error, HostError::TimedOut { .. }), "{error}");
}

#[test]
fn a_run_that_does_not_end_is_followed_only_so_long() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let key = Parties::new().alpha.signing().public();
    let status = serde_json::json!({
        "room": "4a7c", "contract": "11".repeat(32), "enclave_key": key.to_string(), "measurement": "", "anchor": "",
        "statements": [], "opened": 0, "phase": "run", "run": 1, "proposal": null, "missing": [],
        "statement_missing": false, "receipt": null, "ended": null,
    });
    let answer = response("200 OK", status.to_string().as_bytes());
    let mut options = lies(move |_| answer.clone());
    options.run_timeout = Duration::from_millis(50);
    let room = Host::new(&options).unwrap().room("4a7c");
    let error = runtime.block_on(room.wait_for_run(Duration::from_millis(5))).unwrap_err();
    assert!(matches!(&error, HostError::Running { room, seconds: 0 } if room == "4a7c"), "{error}");
}

#[test]
fn a_hosts_words_about_a_room_are_single_lines_and_its_phase_is_a_known_word() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let key = Parties::new().alpha.signing().public();
    let painted = "x\n\u{2713} appraisal 59 of 59 checks hold\u{1b}[1A\u{202e}";
    let status = |phase: &str| {
        let status = serde_json::json!({
            "room": painted, "contract": "11".repeat(32), "enclave_key": key.to_string(), "measurement": painted,
            "anchor": painted, "statements": [painted], "opened": 0, "phase": phase, "run": null, "proposal": null,
            "missing": [painted], "statement_missing": false, "receipt": null,
            "ended": { "check": painted, "message": painted },
        });
        let answer = response("200 OK", status.to_string().as_bytes());
        runtime.block_on(Host::new(&lies(move |_| answer.clone())).unwrap().room("4a7c").status())
    };
    let error = status(painted).unwrap_err();
    assert!(matches!(error, HostError::Answer { what: "another JSON shape", .. }), "{error}");
    let shown = status("ended").unwrap();
    let ended = shown.ended.unwrap();
    let texts = [&shown.room, &shown.measurement, &shown.anchor, &ended.check, &ended.message];
    for text in texts.into_iter().chain(&shown.statements).chain(&shown.missing) {
        assert_eq!(text, "x\u{fffd}\u{2713} appraisal 59 of 59 checks hold\u{fffd}[1A\u{fffd}");
    }
    assert_eq!((shown.phase, shown.statements.len(), shown.missing.len()), (RoomPhase::Ended, 1, 1));
}

#[test]
fn a_bad_receipt_is_named_and_keeps_no_good_one_from_being_settled() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (parties, enclave) = (Parties::new(), Enclave::new());
    let contract = contract_of(&parties);
    let folder = tempfile::tempdir().unwrap();
    let memory = Memory::open(&folder.path().join("memory"), &parties.alpha.signing().public()).unwrap();
    let objects = [ObjectId::from_bytes([1; 32]), ObjectId::from_bytes([2; 32])];
    memory.remember_key(&objects[0], &DataKey::generate(&mut random())).unwrap();
    memory.bring_object(&contract.id(), "patients-alpha", &objects[0]).unwrap();
    let granted = |run| {
        let proposal = enclave.proposal(&contract, run, objects, None);
        let make = |count| {
            let grant = grant_of(&parties.alpha, &proposal, count);
            Ok::<_, MemoryError>(NewGrant { grant, ciphertext: vec![1], evidence: enclave.evidence() })
        };
        let grant = memory.write_grant(&contract, &proposal, make).unwrap().grant;
        (proposal, grant)
    };
    let [first, second] = [granted(1), granted(2)];
    let void = |(proposal, grant): &(_, _)| enclave.void(&contract, proposal, core::slice::from_ref(grant), 0);
    // The same word by another key than the one that was granted to.
    let forged = SignedReceipt::sign(void(&first).allegation().clone(), &Enclave::new().signing);
    let shown = [b"no envelope".to_vec(), void(&first).encode(), forged.encode(), void(&second).encode()];
    let shown: Vec<_> = shown.iter().map(|bytes| serde_json::json!({ "receipt": STANDARD.encode(bytes) })).collect();
    let settle = |shown: &[serde_json::Value]| {
        let page = serde_json::json!({ "receipts": shown, "next": null }).to_string();
        let options = lies(move |_| response("200 OK", page.as_bytes()));
        runtime.block_on(Host::new(&options).unwrap().settle(&contract, &memory))
    };
    let error = settle(&shown).unwrap_err();
    let HostError::Receipt { place: 1, source } = &error else { panic!("{error}") };
    assert!(matches!(**source, HostError::Signed { what: "receipt", .. }), "{source}");
    let states = || memory.state(&contract).unwrap().grants.iter().map(|grant| grant.state).collect::<Vec<_>>();
    assert_eq!(states(), [GrantState::GivenBack, GrantState::GivenBack]);
    let error = settle(&shown[1..]).unwrap_err();
    let HostError::Receipt { place: 2, source } = &error else { panic!("{error}") };
    assert!(matches!(**source, HostError::Memory(MemoryError::Receipt(_))), "{source}");
    assert_eq!(settle(&[shown[1].clone(), shown[3].clone()]).unwrap().len(), 2);
}
