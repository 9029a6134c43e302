//! The crate `attestation-doc-validation`: `validate_attestation_doc`. It asks the system's clock and takes no time, so it is asked
//! in a process of its own, whose clock libfaketime sets to a minute after the document was made; we are asked for that moment.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use sealroom_attestation::{Accept, Evidence, Measurement};

use crate::{Row, ours, read};

type Change = (&'static str, fn(&mut Vec<u8>));

const CHANGES: [Change; 3] = [
    ("as recorded", |_| {}),
    ("the last bit of its signature changed", |document| *document.last_mut().unwrap() ^= 1),
    ("a byte after it", |document| document.push(0)),
];

/// The document inside a file of dstack's: after two numbers of its own and a length in the compact form of SCALE.
fn document(folder: &Path, name: &str) -> Vec<u8> {
    let file = read(folder, name);
    let length = usize::from(u16::from_le_bytes([file[2], file[3]]) >> 2);
    file[4..4 + length].to_vec()
}

/// One line of the peer's for each change, by the clock of this process.
pub(crate) fn print_theirs(folder: &Path, name: &str) {
    for (_, change) in CHANGES {
        let mut document = document(folder, name);
        change(&mut document);
        match attestation_doc_validation::validate_attestation_doc(&document) {
            Ok(()) => println!("accepted"),
            Err(error) => println!("refused: {error}"),
        }
    }
}

pub(crate) fn rows(folder: &Path, faketime: &Path) -> Vec<Row> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let mut rows = Vec::new();
    for vector in [
        "nitro/dstack/nitro_attestation.bin",
        "nitro/dstack/nitro_attestation_app.bin",
        "nitro/dstack/nitro_attestation_dbg.bin",
    ] {
        let recorded = document(folder, vector);
        let made = Evidence::decode(&recorded).unwrap().unverified_nitro_claims().unwrap().timestamp_ms / 1000;
        let Accept::Nitro(mut accept) = ours::pinning(&recorded, "aws.nitro-enclaves") else { panic!("{vector}") };
        if accept.measurements == [Measurement::sha384([0; 48])] {
            accept.measurements = vec![Measurement::sha384([1; 48])]; // zero is what no policy may name
        }
        let output = Command::new(std::env::current_exe().unwrap())
            .arg(folder)
            .args(["--document", vector])
            .env("LD_PRELOAD", faketime)
            .env("FAKETIME", format!("-{}", now - made - 60))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let theirs = String::from_utf8(output.stdout).unwrap();
        for ((how, change), peer) in CHANGES.into_iter().zip(theirs.lines()) {
            let mut changed = recorded.clone();
            change(&mut changed);
            let ours = ours::verdict(accept.clone().into(), &changed, &[], made + 60);
            rows.push(Row { vector, how, peer: peer.to_owned(), ours });
        }
    }
    rows
}
