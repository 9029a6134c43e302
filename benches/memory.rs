//! Peak memory of party, host and enclave while one large dataset is encrypted, uploaded and read in a room:
//! `cargo bench -p sealroom --bench memory`, for 4 GiB, or `SEALROOM_BENCH_MIB=256` for less.
//!
//! The party is this process; the host is the program `sealroom`, the enclave the measured image. Peaks are `VmHWM` of
//! /proc. Needs three times the dataset's size, and some more, in the folder for temporary files.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stderr,
    reason = "a bench prints, and a panic is its failure report"
)]

#[path = "../tests/support/image.rs"]
mod image;
#[expect(dead_code, reason = "this bench looks at memory only")]
#[path = "support/job.rs"]
mod job;
#[path = "support/process.rs"]
mod process;
#[expect(dead_code, reason = "nothing of this bench may be missing")]
#[path = "support/row.rs"]
mod row;

use row::{Aim, Figure};
use sealroom::now;
use sealroom_protocol::contract::{
    ArgumentValue, Column, Dataset, Limits, OutputRules, ProgramTerms, ResultTerms, Terms, Validity,
};
use std::io::{BufWriter, Write};
use std::path::Path;

fn main() {
    let mib: usize = std::env::var("SEALROOM_BENCH_MIB").map_or(4_096, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rows = table(&folder.join("rows.csv"), mib);
    let sites = [job::site(folder, "owner")];
    let played = job::play(folder, folder, &folder.join("platform"), &sites, terms());
    assert_eq!(played.csv, format!("kind,n\na,{rows}\n"), "every row was counted");

    let [encrypting, uploading, running] = played.took.map(|time| time.as_secs_f64());
    eprintln!(
        "{mib} MiB, {rows} rows: encrypting {encrypting:.1} s, uploading {uploading:.1} s, room and run {running:.1} s (wall)"
    );
    for (who, pid) in [("party", std::process::id()), ("host", played.host.id()), ("enclave", played.enclave)] {
        let peak = process::peak_mib(pid);
        let figure = Figure(peak as f64, format!("{peak} MiB"));
        let what = format!("peak memory of the {who} while a dataset of {mib} MiB passes");
        row::print(&what, "nothing", Aim::AtMost(256.0), &figure, None);
    }
}

/// One kind, a number, and a long text, until the file has this size.
fn table(path: &Path, mib: usize) -> usize {
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).unwrap());
    out.write_all(b"kind,value,note\n").unwrap();
    let note = "n".repeat(200);
    let (mut rows, mut bytes) = (0, 0);
    while bytes < mib << 20 {
        let row = format!("a,{rows},{note}\n");
        out.write_all(row.as_bytes()).unwrap();
        bytes += row.len();
        rows += 1;
    }
    out.flush().unwrap();
    rows
}

fn terms() -> Terms {
    let program = ProgramTerms::native("statistics")
        .with("measures", ArgumentValue::from(["count"].as_slice()))
        .with("group_by", ArgumentValue::from(["kind"].as_slice()));
    let validity = Validity { not_before: now() - 60, expires: now() + 86_400 };
    let mut terms = Terms::new("memory", "to measure", validity, [7; 32], program, Limits::new(1, 64, 1 << 40));
    let columns =
        vec![Column::one_of("kind", &["a", "b"]), Column::integer("value", 0, 1 << 40), Column::text("note", 256)];
    terms.datasets.push(Dataset::new("rows", "owner", 1 << 36, columns));
    let columns = vec![Column::one_of("kind", &["a", "b"]), Column::integer("n", 0, 1 << 40)];
    terms.results.push(ResultTerms::new("counts", &["owner"], columns, OutputRules::new(10, 10, 1_000)));
    terms
}
