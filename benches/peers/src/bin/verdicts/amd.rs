//! The crate `sev`: chain and report, as its documentation shows it. The caller brings the root, as snpguest does.

use std::path::Path;

use sealroom_attestation::{Accept, Requirement};
use sev::certs::snp::{Certificate, Chain, Verifiable, ca};
use sev::firmware::guest::AttestationReport;
use sev::parser::ByteParser;

use crate::{Row, ours, read};

/// 2023-06-01, 2025-06-01, 2040-01-01.
const IN_2023: u64 = 1_685_577_600;
const IN_2025: u64 = 1_748_736_000;
const IN_2040: u64 = 2_208_988_800;

fn from_hex(text: &[u8]) -> Vec<u8> {
    let text = core::str::from_utf8(text).unwrap().trim();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn certificate(file: &[u8]) -> std::io::Result<Certificate> {
    if file.starts_with(b"-----") { Certificate::from_pem(file) } else { Certificate::from_der(file) }
}

fn theirs(report: &[u8], files: &[Vec<u8>; 3]) -> String {
    let [leaf, authority, root] = files;
    let verify = || {
        let report = AttestationReport::from_bytes(report)?;
        let ca = ca::Chain { ark: certificate(root)?, ask: certificate(authority)? };
        let chain = Chain { ca, vek: certificate(leaf)? };
        (&chain, &report).verify()
    };
    match verify() {
        Ok(()) => "accepted".to_owned(),
        Err(error) => format!("refused: {error}"),
    }
}

pub(crate) fn rows(folder: &Path) -> Vec<Row> {
    let file = |name: &str| read(folder, name);
    let [ask, ark] = ["snp/roots/milan/ask.pem", "snp/roots/milan/ark.pem"].map(file);
    let [genoa_ask, genoa_ark] = ["snp/roots/genoa/ask.pem", "snp/roots/genoa/ark.pem"].map(file);
    let two = String::from_utf8(file("snp/go-sev-guest/milanvlek.pem")).unwrap();
    let end = two.find("-----END CERTIFICATE-----").unwrap() + 26;
    let (asvk, vlek_ark) = (two[..end].as_bytes().to_vec(), two[end..].trim().as_bytes().to_vec());
    let trustee = file("snp/trustee/test-report.bin");
    let virtee = from_hex(&file("snp/virtee/report_milan.hex"));
    let debug = file("snp/go-sev-guest/attestation.bin");
    let vlek = file("snp/trustee/test-vlek-report.bin");
    let leaf = file("snp/virtee/vcek_milan.der");
    let with = |report: &[u8], change: fn(&mut Vec<u8>)| {
        let mut changed = report.to_vec();
        change(&mut changed);
        changed
    };
    let milan = |leaf: &[u8]| [leaf.to_vec(), ask.clone(), ark.clone()];
    let row = |vector, how, recorded: &[u8], report: &[u8], files: [Vec<u8>; 3], now| {
        let Accept::Snp(mut accept) = ours::pinning(recorded, "ARK-Milan") else { panic!("{vector}") };
        accept.revocation = Requirement::skip("no revocation list was recorded with it");
        Row { vector, how, peer: theirs(report, &files), ours: ours::verdict(accept.into(), report, &files, now) }
    };
    let trustee_leaf = file("snp/trustee/test-vcek.der");
    let of_virtee = "snp/virtee/report_milan.hex";
    vec![
        row("snp/trustee/test-report.bin", "as recorded", &trustee, &trustee, milan(&trustee_leaf), IN_2023),
        row(of_virtee, "as recorded", &virtee, &virtee, milan(&leaf), IN_2023),
        row(
            "snp/trustee/test-vlek-report.bin",
            "as recorded",
            &vlek,
            &vlek,
            [file("snp/trustee/test-vlek.der"), asvk, vlek_ark],
            IN_2025,
        ),
        row(
            "snp/go-sev-guest/attestation.bin",
            "as recorded; its guest policy allows debugging",
            &debug,
            &debug,
            milan(&file("snp/go-sev-guest/vcek.der")),
            IN_2023,
        ),
        row(of_virtee, "when its certificates have expired", &virtee, &virtee, milan(&leaf), IN_2040),
        row(
            of_virtee,
            "a bit of its measurement changed",
            &virtee,
            &with(&virtee, |r| r[0x90] ^= 1),
            milan(&leaf),
            IN_2023,
        ),
        row(of_virtee, "a reserved byte changed", &virtee, &with(&virtee, |r| r[0x29f] ^= 1), milan(&leaf), IN_2023),
        row(
            of_virtee,
            "a byte changed that pads its signature",
            &virtee,
            &with(&virtee, |r| r[0x49f] ^= 1),
            milan(&leaf),
            IN_2023,
        ),
        row(of_virtee, "with the VCEK of another chip", &virtee, &virtee, milan(&trustee_leaf), IN_2023),
        row(
            of_virtee,
            "with the authorities of another product line",
            &virtee,
            &virtee,
            [leaf.clone(), genoa_ask, genoa_ark],
            IN_2023,
        ),
    ]
}
