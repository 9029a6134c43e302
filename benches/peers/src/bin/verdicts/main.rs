//! Verdicts of other verifiers beside ours, on the same recorded Evidence, in one run. Prints the table that
//! `docs/appraisal-peers.md` holds and explains. `cargo run --bin verdicts FOLDER LIBFAKETIME`: the folder of the recorded Evidence,
//! and the library that sets the clock of the one peer that takes no time.

#![expect(clippy::print_stdout, reason = "this is what the program is for")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "recorded files have the form that they have")]

mod amd;
mod aws;
mod intel;
mod ours;

use std::path::{Path, PathBuf};

/// One line of the table.
pub(crate) struct Row {
    /// The file.
    pub(crate) vector: &'static str,
    /// What was changed, or with what it was appraised.
    pub(crate) how: &'static str,
    /// What the peer answered.
    pub(crate) peer: String,
    /// What we answered: the outcome, and the checks that failed.
    pub(crate) ours: String,
}

pub(crate) fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn print(peer: &str, rows: Vec<Row>) {
    println!("\n| vector | how | {peer} | ours |\n|---|---|---|---|");
    for Row { vector, how, peer, ours } in rows {
        println!("| `{vector}` | {how} | {peer} | {ours} |");
    }
}

fn main() {
    let arguments: Vec<_> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match &arguments[..] {
        [folder, flag, name] if flag.as_os_str() == "--document" => aws::print_theirs(folder, name.to_str().unwrap()),
        [folder, faketime] => {
            print("`sev` 8.0.0", amd::rows(folder));
            print("`dcap-qvl` 0.7.1", intel::rows(folder));
            print("`attestation-doc-validation` 0.10.1", aws::rows(folder, faketime));
        }
        _ => panic!("verdicts FOLDER LIBFAKETIME"),
    }
}
