//! Recorded logs: from `SEALROOM_VECTORS` (default `../shared/vectors` beside the repository).

use std::io::Write as _;
use std::path::{Path, PathBuf};

use sealroom_attestation::event_log::{Algorithm, Digest, Register, ReportedRegister};

/// The folder, or `None` after saying by name that the test did not run.
pub(crate) fn folder(test: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    let folder = std::env::var_os("SEALROOM_VECTORS").map_or_else(beside, PathBuf::from);
    if folder.join("eventlog").is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("SEALROOM_REQUIRE_ALL").is_none(),
        "{test} needs recorded event logs in {}: set SEALROOM_VECTORS",
        folder.display()
    );
    // Past the test harness, which keeps what a passing test prints to itself.
    let line = format!("NOT RUN: {test}: no recorded event logs in {} (set SEALROOM_VECTORS)\n", folder.display());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

pub(crate) fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The log of a trust domain at Google, without the unused bytes after it, and what the quote made there says.
pub(crate) fn google(folder: &Path) -> (Vec<u8>, Vec<ReportedRegister>) {
    let log = read(folder, "tdx/go-tdx-guest/ccel/ccel_data.dat");
    let quote = read(folder, "tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat");
    // Intel TDX DCAP quoting library: header of 48 bytes, then the body, with RTMR 0 to 3 from its byte 328 on.
    let registers = (0..4_u8).zip(quote[48 + 328..].chunks(48));
    let quoted = registers.map(|(index, value)| ReportedRegister {
        register: Register::Rtmr(index),
        value: Digest::new(Algorithm::Sha384, value).unwrap(),
    });
    let used = log.iter().rposition(|byte| *byte != 0xff).unwrap() + 1;
    (log[..used].to_vec(), quoted.collect())
}
