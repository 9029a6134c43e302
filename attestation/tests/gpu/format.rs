//! Reports that are not as the standard writes them: refused before anything is verified.

use sealroom_attestation::{CryptoProvider, Evidence, Rejection};

use crate::world::World;
use crate::{Case, failed, run_with};

const REQUEST: &[&str] = &["gpu.request"];
const RESPONSE: &[&str] = &["gpu.response"];

pub(crate) const CASES: &[Case] = &[
    ("a report that is too long", |w| w.tamper = |r| r.resize(200_000, 0), &["common.evidence-size"]),
    ("a request without a signature", |w| w.request[2] = 0, REQUEST),
    ("a request for one measurement", |w| w.request[3] = 1, REQUEST),
    ("a slot that there is not", |w| w.request[36] = 0x10, REQUEST),
    ("a request that ends too early", |w| w.tamper = |r| r.truncate(36), REQUEST),
    ("a response of another slot", |w| w.request[36] = 1, RESPONSE),
    ("a response of another version", |w| w.alter = |r| r[37] = 0x12, RESPONSE),
    ("an error instead of a response", |w| w.alter = |r| r[38] = 0x7f, RESPONSE),
    ("a response with a parameter", |w| w.alter = |r| r[39] = 1, RESPONSE),
    ("no measurements", |w| w.measurements.clear(), RESPONSE),
    ("fewer measurements than it says", |w| w.alter = |r| r[41] = 5, RESPONSE),
    ("more measurements than it says", |w| w.alter = |r| r[41] = 3, RESPONSE),
    ("another length than it says", |w| w.alter = |r| r[42] += 1, RESPONSE),
    ("a measurement twice", |w| w.measurements[1].0 = 1, RESPONSE),
    ("a measurement of index 0", |w| w.measurements[0].0 = 0, RESPONSE),
    ("a measurement of another size", |w| w.measurements[0].1 = vec![0x51; 32], RESPONSE),
    ("a measurement of another layout", |w| w.alter = |r| r[46] = 2, RESPONSE),
    ("an opaque field twice", |w| w.opaque.push((3, b"1\0".to_vec())), RESPONSE),
    ("an opaque field longer than its data", |w| w.alter = |r| lengthen_last_field(r), RESPONSE),
    ("no driver version", |w| drop(w.opaque.remove(1)), RESPONSE),
    ("no vbios version", |w| drop(w.opaque.remove(0)), RESPONSE),
    ("no firmware id", |w| drop(w.opaque.remove(2)), RESPONSE),
    ("a short firmware id", |w| w.opaque[2].1 = vec![0xf1; 32], RESPONSE),
    ("a driver version that steers a terminal", |w| w.opaque[1].1 = b"\x1b[2J\0".to_vec(), RESPONSE),
    ("a driver version with something behind its end", |w| w.opaque[1].1 = b"550\0x".to_vec(), RESPONSE),
    ("a vbios version of another form", |w| w.opaque[0].1 = vec![1; 8], RESPONSE),
    ("a signature that is too short", |w| w.tamper = |r| r.truncate(r.len() - 1), RESPONSE),
    ("bytes after the signature", |w| w.tamper = |r| r.push(0), RESPONSE),
    ("more opaque fields than anyone has", |w| w.opaque.extend((100..200).map(|kind| (kind, vec![]))), RESPONSE),
];

/// The last field has three bytes and says four.
fn lengthen_last_field(report: &mut [u8]) {
    let length = report.len();
    assert_eq!(report[length - 5..], [3, 0, 1, 2, 3]);
    report[length - 5] = 4;
}

#[test]
fn what_is_not_as_the_standard_writes_it_does_not_decode() {
    run_with(CryptoProvider::ring(), CASES);
}

#[test]
fn every_beginning_of_a_report_is_refused_by_name() {
    let report = World::good().report();
    for length in 2..report.len() {
        let rejection = Rejection::from(Evidence::decode(&report[..length]).unwrap_err());
        let expected = if length < 37 { "gpu.request" } else { "gpu.response" };
        assert_eq!(failed(&rejection), [expected], "{length}");
    }
}
