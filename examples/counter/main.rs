//! A counter that only grows, kept in sealed storage on a disk that its owner may put back; what each freshness level makes of
//! that, and what it costs beside a bare fsync.
//!
//! `cargo run --release --example counter [FOLDER]`. What is an enclave and what is its host are one process here, with the
//! simulated platform's sealing keys for the measurement of this very program: another build opens nothing of it.
//!
//! `counter FOLDER URL=VERIFIER-KEY …` counts one at level `witness`, with witnesses that others run (`sealroom witness serve`);
//! it says which key of its log they must know.

#![expect(clippy::print_stdout, reason = "a story is told")]

mod disk;
mod life;
mod platform;
mod remote;
mod witnesses;

use anyhow::ensure;
use core::time::Duration;
use disk::Disk;
use life::{COUNTER, Life, log_key};
use platform::Platform;
use remote::Remote;
use sealroom_enclave_core::sealed::{FreshnessLevel, SealedError, WitnessRegister};
use sealroom_protocol::log::{KeyUse, VerifierKey};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;
use witnesses::Witnesses;

const LEVELS: [FreshnessLevel; 3] = [FreshnessLevel::None, FreshnessLevel::Session, FreshnessLevel::Witness];
/// How often each level counts while it is measured.
const MEASURED: u32 = 40;

fn main() -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let folder = std::env::args_os().nth(1).map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let mut platform = Platform::open(&folder.join("platform"), &std::env::current_exe()?)?;
    let others: Vec<String> = std::env::args().skip(2).collect();
    if !others.is_empty() {
        return count_with_others(&folder.join("others"), &mut platform, &others);
    }
    println!("Everything runs on this machine; the platform is SIMULATED.");
    for level in LEVELS {
        story(&folder.join(level.as_str()), &mut platform, level)?;
    }
    cost(&folder.join("cost"), &mut platform)
}

/// Counts one, with witnesses that others run.
fn count_with_others(folder: &Path, platform: &mut Platform, others: &[String]) -> anyhow::Result<()> {
    let remote = Rc::new(Remote::parse(others)?);
    let disk = Disk::open(folder, remote.clone(), Rc::new(|| ()))?;
    let key = log_key(platform, &disk, &*remote)?.public();
    let key = VerifierKey::new(&WitnessRegister::<Disk>::origin(&COUNTER), KeyUse::Log, key)?;
    println!("the witnesses must know its log: {key}");
    let mut life = Life::begin(disk, platform, FreshnessLevel::Witness, &*remote)?;
    match life.open() {
        Ok(()) => {}
        Err(SealedError::NoStore { .. }) => life.create()?,
        Err(error) => return Err(error.into()),
    }
    println!("the counter is at {}\n{}", life.count()?, life.report()?);
    Ok(())
}

/// Counts to three, then the owner of the disk puts it back to where it was at two.
fn story(folder: &Path, platform: &mut Platform, level: FreshnessLevel) -> anyhow::Result<()> {
    println!("\nfreshness level {level}");
    let witnesses = Rc::new(Witnesses::new(COUNTER)?);
    let begin = || Disk::open(&folder.join("disk"), witnesses.clone(), Rc::new(|| ()));
    let mut life = Life::begin(begin()?, platform, level, &*witnesses)?;
    life.create()?;
    for expected in 1..=2_u64 {
        ensure!(life.count()? == expected, "the counter counts by ones");
    }
    println!("  {}", life.report()?);
    disk::copy(&folder.join("disk"), &folder.join("copy"))?;
    ensure!(life.count()? == 3, "the counter counts by ones");
    println!("  the counter is at 3; its owner puts the disk of 2 back");
    disk::copy(&folder.join("copy"), &folder.join("disk"))?;
    let same = life.open().map_err(|error| error.to_string());
    let mut next = Life::begin(begin()?, platform, level, &*witnesses)?;
    let after = next.open().map_err(|error| error.to_string());
    let goes_back = match level {
        FreshnessLevel::None => [true, true],
        FreshnessLevel::Session => [false, true],
        FreshnessLevel::Witness => [false, false],
    };
    for (life, opened, goes_back) in [("same", same, goes_back[0]), ("next", after, goes_back[1])] {
        ensure!(opened.is_ok() == goes_back, "level {level} does not keep what it promises: {opened:?}");
        println!(
            "  the {life} life {}",
            opened.map_or_else(|error| format!("refuses: {error}"), |()| "goes back to 2".into())
        );
    }
    if goes_back[1] {
        ensure!(next.value()? == 2, "the disk of 2 says 2");
    }
    Ok(())
}

/// What one step of the counter takes at each level, beside what it cannot do without.
fn cost(folder: &Path, platform: &mut Platform) -> anyhow::Result<()> {
    println!("\nmedian of {MEASURED}, in microseconds");
    let mut bare = Vec::new();
    for number in 0..MEASURED {
        bare.push(timed(|| disk::replace(&folder.join("bare"), "file", &[0; 700], number))?);
    }
    let line = |what: &str, median: u128| println!("  {what:<76} {median:>7}");
    line("one small file, written, synchronised, renamed, folder synchronised", median(&mut bare));
    for level in LEVELS {
        let witnesses = Rc::new(Witnesses::new(COUNTER)?);
        let disk = Disk::open(&folder.join(level.as_str()), witnesses.clone(), Rc::new(|| ()))?;
        let mut life = Life::begin(disk, platform, level, &*witnesses)?;
        life.create()?;
        let mut counted = Vec::new();
        for _ in 0..MEASURED {
            counted.push(timed(|| life.count())?);
        }
        let files = match level {
            FreshnessLevel::None | FreshnessLevel::Session => "object, manifest, pointer",
            FreshnessLevel::Witness => "object, manifest, leaf; witnesses in memory",
        };
        line(&format!("counting one at level {level} ({files})"), median(&mut counted));
    }
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

fn median(times: &mut [Duration]) -> u128 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0, Duration::as_micros)
}
