//! What freshness of sealed storage costs beside a bare durable write: `cargo bench -p sealroom --bench sealed`.
//!
//! One row each, medians in wall time, of one run on one disk: one small file written, synchronised, renamed and its folder
//! synchronised; then the counter of `examples/counter` counting one at level none, at level session, and at level witness with
//! two of three witnesses, each a process of its own on this machine (`sealroom witness serve`) with its own durable write.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench prints, and a panic is its failure report"
)]

#[expect(dead_code, reason = "no disk is put back here")]
#[path = "../examples/counter/disk.rs"]
mod disk;
#[expect(dead_code, reason = "the example reports what it has as well")]
#[path = "../examples/counter/life.rs"]
mod life;
#[path = "../examples/counter/platform.rs"]
mod platform;
#[expect(dead_code, reason = "witnesses are given as keys here")]
#[path = "../examples/counter/remote.rs"]
mod remote;
#[expect(dead_code, reason = "nothing of this bench may be missing")]
#[path = "support/row.rs"]
mod row;

use core::time::Duration;
use disk::{Cosigners, Disk};
use life::{COUNTER, Life, log_key};
use platform::Platform;
use remote::Remote;
use row::{Aim, Figure};
use sealroom::{NoteKey, random};
use sealroom_enclave_core::sealed::{FreshnessLevel, WitnessRegister};
use sealroom_protocol::log::{KeyUse, VerifierKey};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Instant;

/// Bytes of the bare file: about what a leaf or a small object with its manifest has.
const BYTES: usize = 700;

/// A witness's process. Ends with the bench.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

const LEVELS: [FreshnessLevel; 3] = [FreshnessLevel::None, FreshnessLevel::Session, FreshnessLevel::Witness];

fn main() {
    let rounds = std::env::var("SEALROOM_BENCH_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(101_u32);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let program = folder.join("program");
    std::fs::write(&program, b"a program that counts").unwrap();
    let mut platforms = LEVELS.map(|_| Platform::open(&folder.join("platform"), &program).unwrap());
    let (mut served, mut lives) = (Vec::new(), Vec::new());
    for (level, platform) in LEVELS.into_iter().zip(&mut platforms) {
        let at = folder.join(level.as_str());
        let (own, remote) = witnesses(&at, platform, level);
        served.extend(own);
        let remote: Rc<dyn Cosigners> = Rc::new(remote);
        let disk = Disk::open(&at, Rc::clone(&remote), Rc::new(|| ())).unwrap();
        let mut life = Life::begin(disk, platform, level, &*remote).unwrap();
        life.create().unwrap();
        let _ = life.count().unwrap();
        lives.push(life);
    }
    // In turn, so that whatever else the disk does meets all of them alike.
    let (mut bare, mut counted) = (Vec::new(), LEVELS.map(|_| Vec::new()));
    for number in 0..rounds {
        bare.push(timed(|| disk::replace(&folder.join("bare"), "file", &[0; BYTES], number).unwrap()));
        for (life, times) in lives.iter_mut().zip(&mut counted) {
            times.push(timed(|| {
                let _ = life.count().unwrap();
            }));
        }
    }
    drop((lives, served));
    let bare = median(&mut bare);
    let figure = Figure(bare, format!("{bare:.2} ms"));
    let what = "one file of 700 bytes made durable: write, fsync, rename, fsync of the folder";
    row::print(what, "nothing", Aim::None, &figure, None);
    for (level, times) in LEVELS.into_iter().zip(&mut counted) {
        let what = match level {
            FreshnessLevel::None => "a change of a sealed store at level none: object, manifest, pointer",
            FreshnessLevel::Session => "the same at level session",
            FreshnessLevel::Witness => {
                "the same at level witness: object, manifest, leaf, two of three witnesses over loopback"
            }
        };
        let counted = median(times);
        let figure = Figure(counted, format!("{counted:.2} ms, {:.1} times", counted / bare));
        row::print(what, "the file above", Aim::None, &figure, None);
    }
}

/// Three witnesses that know the log of the counter in this folder, where the level asks for them.
fn witnesses(folder: &Path, platform: &mut Platform, level: FreshnessLevel) -> (Vec<Served>, Remote) {
    let nobody = Remote::new(Vec::new(), 0, 0).unwrap();
    if level != FreshnessLevel::Witness {
        return (Vec::new(), nobody);
    }
    let nobody = Rc::new(nobody);
    let disk = Disk::open(folder, nobody.clone(), Rc::new(|| ())).unwrap();
    let key = log_key(platform, &disk, &*nobody).unwrap().public();
    let log = VerifierKey::new(&WitnessRegister::<Disk>::origin(&COUNTER), KeyUse::Log, key).unwrap().to_string();
    let (mut all, mut others) = (Vec::new(), Vec::new());
    for number in 1..=3 {
        let key = NoteKey::for_witness(&format!("w{number}.example"), &mut random()).unwrap();
        let (file, state) = (folder.join(format!("w{number}.key")), folder.join(format!("w{number}.state")));
        key.save(&file).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
        command.args(["--json", "witness", "serve", "--listen", "127.0.0.1:0", "--log", &log]);
        let mut child =
            command.arg("--key").arg(file).arg("--state").arg(state).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        all.push(Served(child));
        let said: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        others.push((said["url"].as_str().unwrap().to_owned(), key.witness().unwrap().verifier().clone()));
    }
    (all, Remote::new(others, 2, 0).unwrap())
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// In milliseconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}
