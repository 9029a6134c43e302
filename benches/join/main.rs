//! A join of two datasets of five million rows each from CSV, in CPU seconds: `cargo bench -p sealroom --bench join`.
//!
//! Four ways take turns, so that the ratios come from one interleaved run, and each run has processes of its own: a room
//! (a real host, and an enclave that reads encrypted objects through its socket), the same native program on plain files
//! (`on_files.rs`, built as the measured image is), and DuckDB with one thread and with two. All must give one answer.
//! Between them the encrypted objects alone are checked and decrypted in memory: what no room can save.
//!
//! Counted is user and system time from the last grant to the receipt; of the others, that of the query alone. A ratio
//! counts the enclave's process; the host's, which moves the ciphertext and is another machine's in other designs, is a
//! row of its own. DuckDB needs a Python with the package `duckdb`: `PYTHON` names it, `benches/run` makes one.
//!
//! `SEALROOM_BENCH_ROWS` and `SEALROOM_BENCH_ROUNDS` change how many rows and how often.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a bench prints, and a panic is its failure report"
)]

mod data;
#[path = "../../tests/support/image.rs"]
mod image;
#[expect(dead_code, reason = "this bench looks at CPU time only")]
#[path = "../support/job.rs"]
mod job;
#[expect(dead_code, reason = "this bench looks at CPU time only")]
#[path = "../support/process.rs"]
mod process;
#[expect(dead_code, reason = "no aim of this bench is a least")]
#[path = "../support/row.rs"]
mod row;
mod terms;

use row::{Aim, Figure};
use sealroom::now;
use sealroom_protocol::contract::Validity;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn main() {
    // `cargo test --benches` has nothing to run here.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse::<u32>().unwrap());
    let rows = number("SEALROOM_BENCH_ROWS", 5_000_000);
    let rounds = number("SEALROOM_BENCH_ROUNDS", 7);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    data::make(folder, rows);
    let platform = folder.join("platform");
    drop(job::enclave_terms(&platform));
    let program = on_files();
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let has_duckdb = Command::new(&python).args(["-c", "import duckdb"]).stderr(Stdio::null()).status();
    let has_duckdb = has_duckdb.is_ok_and(|status| status.success());

    let (mut room, mut host, mut plain, mut objects, mut duckdb) = (vec![], vec![], vec![], vec![], [vec![], vec![]]);
    let mut answers = Vec::new();
    for round in 0..rounds {
        for turn in 0..4 {
            // Each round begins with another way.
            match (turn + round) % 4 {
                0 => {
                    let (enclave_seconds, host_seconds, answer) = in_room(folder, &platform);
                    room.push(enclave_seconds);
                    host.push(host_seconds);
                    answers.push(answer);
                }
                1 => {
                    let (seconds, answer) = run(Command::new(&program).arg(folder));
                    plain.push(seconds);
                    answers.push(answer);
                    objects.push(run(Command::new(&program).arg(folder).arg("objects")).0);
                }
                threads @ (2 | 3) if has_duckdb => {
                    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/join/with_duckdb.py");
                    let mut command = Command::new(&python);
                    command.arg(script).args([folder.join("sales.csv"), folder.join("customers.csv")]);
                    let threads = usize::try_from(threads).unwrap() - 1;
                    let (seconds, answer) = run(command.arg(threads.to_string()));
                    duckdb[threads - 1].push(seconds);
                    answers.push(answer);
                }
                _ => {}
            }
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the ways came to different answers");
    eprintln!(
        "CPU seconds by round: room {room:.3?}, host {host:.3?}, on files {plain:.3?}, objects {objects:.3?}, DuckDB {duckdb:.3?}"
    );

    let with_host: Vec<f64> = room.iter().zip(&host).map(|(enclave, host)| enclave + host).collect();
    let [room, with_host, plain, objects] = [room, with_host, plain, objects].map(median);
    let show = |what: &str, seconds: f64, against: &str, theirs: f64, aim| {
        let figure = Figure(seconds / theirs, format!("{:.3} ({seconds:.3} s)", seconds / theirs));
        row::print(
            &format!("join of {rows} x {rows} rows in a room, {what}"),
            &format!("{against} ({theirs:.3} s)"),
            aim,
            &figure,
            None,
        );
    };
    let files = "CPU time of the same program on plain files";
    show("the enclave's CPU time", room, files, plain, Aim::AtMost(1.05));
    show("the host's CPU time too", with_host, files, plain, Aim::None);
    show("program and objects without a room: the least", plain + objects, files, plain, Aim::None);
    let aim = Aim::AtMost(1.0);
    if !has_duckdb {
        row::not_run(&format!("join of {rows} x {rows} rows in a room"), "CPU time of DuckDB on the same CSV", aim);
        return;
    }
    // The better of DuckDB's two, whichever that is.
    let [one, two] = duckdb.map(median);
    let (threads, best) = if one <= two { ("1 thread", one) } else { ("2 threads", two) };
    let against = format!("CPU time of DuckDB, {threads}, on the same CSV");
    show("the enclave's CPU time", room, &against, best, aim);
    show("the host's CPU time too", with_host, &against, best, Aim::None);
}

/// CPU seconds of enclave and host, and the answer.
fn in_room(tables: &Path, platform: &Path) -> (f64, f64, String) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let sites = ["retailer", "bank"].map(|name| job::site(folder, name));
    let terms = terms::terms([7; 32], Validity { not_before: now() - 60, expires: now() + 86_400 });
    let played = job::play(folder, tables, platform, &sites, terms);
    (played.enclave_seconds, played.host_seconds, played.csv.clone())
}

/// Runs a program that prints its CPU seconds and then its answer.
fn run(command: &mut Command) -> (f64, String) {
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", output.status);
    let text = String::from_utf8(output.stdout).unwrap();
    let (seconds, answer) = text.split_once('\n').unwrap();
    (seconds.parse().unwrap(), answer.to_owned())
}

/// The program on plain files, built with the profile of the measured image.
fn on_files() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--quiet", "--locked", "--package", "sealroom-enclave", "--example", "join_on_files"])
        .args(["--profile", "measured", "--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo built no join_on_files");
    let text = String::from_utf8(output.stdout).unwrap();
    let messages = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut executables = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    executables.next_back().unwrap()
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
