//! A Nitro document, which lives for three hours, beside an implementation that reads the clock itself.
//!
//! So the comparison runs in a second process of this program, in which `libfaketime` says that the document was made a second
//! ago. `FAKETIME_LIBRARY` names the library where it is not in its usual place; without it the row says NOT RUN.

use crate::measured::{Item, ratio, take_turns};
use crate::providers;
use crate::recorded::{NITRO_MADE, folder, nitro};
use crate::row::{self, Aim};
use crate::{cold, recorded};
use attestation_doc_validation::validate_and_parse_attestation_doc;
use core::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const COLD: (&str, &str, Aim) = (
    "Nitro document, its chain too",
    "attestation-doc-validation 0.10.1 (ring for the chain, p384 for the document)",
    Aim::AtMost(0.35),
);
/// Asks for the second process's part.
pub(crate) const ARGUMENT: &str = "nitro";

fn library() -> Option<PathBuf> {
    let named = std::env::var_os("FAKETIME_LIBRARY").map(PathBuf::from);
    let usual = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"];
    let usual = usual.iter().map(|folder| Path::new(folder).join("faketime/libfaketime.so.1"));
    named.into_iter().chain(usual).find(|path| path.is_file())
}

/// Starts the second process, which prints the row.
pub(crate) fn run(folder: &Path) {
    let (what, against, aim) = COLD;
    let Some(library) = library() else {
        eprintln!("appraisal: libfaketime is missing; a Nitro document can not be compared");
        return row::not_run(what, against, aim);
    };
    let program = std::env::current_exe().expect("the path of this program");
    let mut command = Command::new(program);
    command.arg(ARGUMENT).env("SEALROOM_VECTORS", folder).env("LD_PRELOAD", library);
    command
        .env("FAKETIME", format!("@{}", at(NITRO_MADE + 1)))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("TZ", "UTC");
    let status = command.status().expect("this program can be started again");
    if !status.success() {
        row::not_run(what, against, aim);
    }
}

/// As libfaketime wants it: `2025-01-31 01:02:03`.
fn at(unix_seconds: u64) -> String {
    let output = Command::new("date").args(["-u", "-d", &format!("@{unix_seconds}"), "+%Y-%m-%d %H:%M:%S"]).output();
    String::from_utf8(output.expect("the program date").stdout).expect("a date").trim().to_owned()
}

/// In the second process.
pub(crate) fn compare() {
    let recorded: recorded::Recorded = nitro(&folder().expect("what the first process had"));
    let mut items = vec![Item::new(|| {
        black_box(validate_and_parse_attestation_doc(&recorded.evidence).expect("a good document"));
    })];
    items.extend(providers().map(|(provider, _)| cold(provider, &recorded)));
    take_turns(&mut items);
    let [theirs, ring, aws] = items.as_slice() else { unreachable!("theirs and one a provider") };
    let (what, against, aim) = COLD;
    row::print(what, against, aim, &ratio(ring, theirs), Some(&ratio(aws, theirs)));
}
