//! One whole job over HTTP, with parties here, the host as a process of its own and the measured image as another: in
//! the clear and over TLS, with files and with an S3-compatible store; with a stop and with host and enclave killed in each
//! phase; and a scan of everything that the host had for what it must not have.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic here is the test's failure report"
)]

mod amendments;
#[path = "../../src/cli/demo/canary.rs"]
mod canary;
mod endings;
mod evaluation;
mod host;
#[path = "../support/image.rs"]
mod image;
#[path = "../support/not_run.rs"]
mod not_run;
mod parties;
mod process;
#[path = "../support/s3.rs"]
mod s3;
mod versions;
#[path = "../../src/cli/demo/wire.rs"]
mod wire;
mod witnessed;

use canary::Canaries;
use host::{HostProcess, PLANTED, Setup};
use parties::{At, Parties, SHARED};
use s3::S3;
use sealroom::ReceiptBundle;
use sealroom_protocol::run::{Ending, Outcome};

/// Everything secret in the job: rows of both datasets, the request, the result.
fn secrets(parties: &Parties) -> Vec<String> {
    let mut secrets = parties.rows.clone();
    secrets.push(parties::REQUEST.to_owned());
    secrets.push(SHARED.to_owned());
    secrets
}

fn whole_job(setup: Setup<'_>) -> (Parties, HostProcess) {
    let parties = Parties::new();
    let host = HostProcess::start(&parties, setup);
    let told = parties.play(&host, At::End);
    let receipt = told.receipt.as_ref().unwrap().verify(&parties.contract).unwrap();
    assert_eq!((receipt.outcome, receipt.ending), (Outcome::Complete, Ending::Released));
    for party in ["left", "right"] {
        let opened = parties.open(&host, &told, party, "shared").unwrap();
        assert_eq!(opened.plaintext.csv, format!("domain\n{SHARED}\n"));
    }
    let counted = parties.open(&host, &told, "institute", "size").unwrap();
    assert_eq!(counted.plaintext.csv, "size\n1\n");
    assert!(parties.open(&host, &told, "institute", "shared").is_err(), "the list is for the two owners alone");
    (parties, host)
}

#[test]
fn the_host_has_no_plaintext_in_memory_files_or_traffic_and_the_scan_finds_what_was_planted() {
    let (parties, host) = whole_job(Setup::default());
    let secrets = secrets(&parties);
    let canaries = Canaries::new(secrets.iter().map(String::as_str));
    assert_eq!(canaries.texts(), secrets.len());
    let memory = canaries.scan_memory(host.pid()).unwrap_or_else(|error| {
        panic!(
            "the_host_has_no_plaintext_in_memory_files_or_traffic_and_the_scan_finds_what_was_planted: the host's \
             memory cannot be read ({error}); allow it with kernel.yama.ptrace_scope = 0 or run as root"
        )
    });
    assert!(memory.bytes > 1 << 20, "{memory:?}");
    assert_eq!(memory.canaries, 0, "plaintext in the host's memory");
    let files = canaries.scan_files(host.folder()).unwrap();
    assert!(files.bytes > 0);
    assert_eq!(files.canaries, 0, "plaintext in the host's files");
    let traffic = host.wire.as_ref().unwrap().kept();
    assert!(traffic.iter().map(Vec::len).sum::<usize>() > 10_000, "the tap saw the job");
    assert_eq!(traffic.iter().map(|stream| canaries.scan(stream)).sum::<u64>(), 0, "plaintext in the traffic");

    // The same scan finds a canary that was planted in the host: in its environment, a file of its, and its traffic.
    let planted = Canaries::new([PLANTED].into_iter());
    assert!(planted.scan_memory(host.pid()).unwrap().canaries > 0);
    std::fs::write(host.folder().join("planted"), format!("…{PLANTED}…")).unwrap();
    assert!(planted.scan_files(host.folder()).unwrap().canaries > 0);
    assert_eq!(traffic.iter().map(|stream| planted.scan(stream)).sum::<u64>(), 0);
    drop(sealroom::blocking::Host::new(&host.options()).unwrap().room(PLANTED).status());
    let traffic = host.wire.as_ref().unwrap().kept();
    assert!(traffic.iter().map(|stream| planted.scan(stream)).sum::<u64>() > 0);
}

#[test]
fn a_stranger_verifies_the_receipt_offline_and_forty_lines_of_python_do() {
    let parties = Parties::new();
    let host = HostProcess::start(&parties, Setup::default());
    let told = parties.play(&host, At::End);
    drop(host);
    let good = parties.bundle(&told);
    let report = ReceiptBundle::decode(&good).unwrap().verify(Some(sealroom::now()));
    assert!(report.holds(), "{report:?}");
    let script = include_str!("../../examples/verify_receipt.py");
    assert!(script.lines().count() <= 40);
    let python = std::env::var_os("SEALROOM_PYTHON").unwrap_or_else(|| "python3".into());
    let probe = std::process::Command::new(&python).args(["-c", "import cryptography, tomllib"]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        let name = "a_stranger_verifies_the_receipt_offline_and_forty_lines_of_python_do";
        not_run::not_run(name, "there is no Python 3.11 with the package cryptography");
        return;
    }
    let verify = |bundle: &[u8]| {
        let file = parties.file("receipt");
        std::fs::write(&file, bundle).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/verify_receipt.py");
        std::process::Command::new(&python).arg(script).arg(&file).output().unwrap()
    };
    let output = verify(&good);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("NOT appraised"));
    // Each signature in it, changed: neither accepts it.
    let text = String::from_utf8(good).unwrap();
    let places: Vec<usize> = text.match_indices("\"sig\": \"").map(|(place, _)| place + 8).collect();
    assert!(places.len() > 3, "contract and receipt have signatures");
    for place in places {
        let mut changed = text.clone().into_bytes();
        changed[place + 4] = if changed[place + 4] == b'A' { b'B' } else { b'A' };
        assert!(!verify(&changed).status.success(), "Python accepts a changed signature at {place}");
        let refused = ReceiptBundle::decode(&changed).map(|bundle| bundle.verify(None).holds());
        assert!(!refused.unwrap_or(false), "a changed signature at {place}");
    }
}

#[test]
fn the_job_runs_over_tls() {
    let (_, host) = whole_job(Setup { tls: true, ..Setup::default() });
    let cleartext = host.wire.as_ref().unwrap().kept();
    let seen = Canaries::new(["/v1/rooms"].into_iter());
    assert_eq!(cleartext.iter().map(|stream| seen.scan(stream)).sum::<u64>(), 0, "even the paths are encrypted");
}

#[test]
fn the_job_runs_on_an_s3_compatible_store() {
    let Some(s3) = S3::start() else {
        not_run::not_run(
            "the_job_runs_on_an_s3_compatible_store",
            "there is no moto_server (pip install moto[server])",
        );
        return;
    };
    whole_job(Setup { s3: Some(&s3), ..Setup::default() });
}

#[test]
fn a_host_that_dies_and_comes_back_has_every_object_and_receipt_and_a_new_room_goes_on() {
    let parties = Parties::new();
    let host = HostProcess::start(&parties, Setup::default());
    let told = parties.play(&host, At::End);
    let first = told.receipt.unwrap();
    let host = host.kill_and_start_again(&parties);
    let again = parties.play_again(&host, At::End);
    let second = again.receipt.as_ref().unwrap().verify(&parties.contract).unwrap();
    assert_eq!((second.proposal.run, second.proposal.head), (2, Some(first.allegation().id())));
    // In the middle of a run's grants: what was granted counts, and the next run says so.
    let told = parties.play_again(&host, At::OneGrant);
    drop(told);
    let host = host.kill_and_start_again(&parties);
    let last = parties.play_again(&host, At::End);
    let last = last.receipt.as_ref().unwrap().verify(&parties.contract).unwrap();
    assert_eq!((last.proposal.run, last.gap.as_slice()), (4, [3].as_slice()));
    assert_eq!(last.count("left").unwrap().after, 4);
    assert_eq!(last.count("right").unwrap().after, 3);
}
