//! A counter that only grows, kept in sealed storage on a disk that its owner may put back; what each freshness level makes of
//! that, and what it costs beside a bare fsync.
//!
//! `cargo run --release --example counter [FOLDER]`. What is an enclave and what is its host are one process here, with the
//! simulated platform's sealing keys for the measurement of this very program: another build opens nothing of it.

#![expect(clippy::print_stdout, reason = "a story is told")]

mod disk;
mod platform;
mod witnesses;

use anyhow::{Context, ensure};
use core::time::Duration;
use disk::Disk;
use platform::Platform;
use sealroom::random;
use sealroom_enclave_core::sealed::{
    Change, FreshnessLevel, HostRegister, Means, Owners, Quorum, Register, SealTo, SealedError, SessionRegister, Store,
    StoreTerms, WitnessRegister, seal, unseal,
};
use sealroom_protocol::id::StoreId;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::provider::RustCrypto;
use std::path::{Path, PathBuf};
use std::time::Instant;
use witnesses::Witnesses;

/// Which store: a constant of the program, since a host that chooses it serves one store for another.
const COUNTER: StoreId = StoreId::from_bytes(*b"the counter of examples/counter!");
const NAME: &str = "count";
const LEVELS: [FreshnessLevel; 3] = [FreshnessLevel::None, FreshnessLevel::Session, FreshnessLevel::Witness];
/// How often each level counts while it is measured.
const MEASURED: u32 = 40;

fn main() -> anyhow::Result<()> {
    let temporary = tempfile::tempdir()?;
    let folder = std::env::args_os().nth(1).map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let mut platform = Platform::open(&folder.join("platform"))?;
    println!("Everything runs on this machine; the platform is SIMULATED.");
    for level in LEVELS {
        story(&folder.join(level.as_str()), &mut platform, level)?;
    }
    cost(&folder.join("cost"), &mut platform)
}

/// Counts to three, then the owner of the disk puts it back to where it was at two.
fn story(folder: &Path, platform: &mut Platform, level: FreshnessLevel) -> anyhow::Result<()> {
    println!("\nfreshness level {level}");
    let witnesses = Witnesses::new(COUNTER)?;
    let mut life = Life::begin(&folder.join("disk"), platform, level, &witnesses)?;
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
    let mut next = Life::begin(&folder.join("disk"), platform, level, &witnesses)?;
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
        let witnesses = Witnesses::new(COUNTER)?;
        let mut life = Life::begin(&folder.join(level.as_str()), platform, level, &witnesses)?;
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

/// One life of the enclave: a register that has seen nothing yet, and a store once it is open.
struct Life<'l> {
    platform: &'l mut Platform,
    disk: Disk,
    level: FreshnessLevel,
    register: Box<dyn Register>,
    store: Option<Store>,
}

impl<'l> Life<'l> {
    fn begin(
        folder: &Path,
        platform: &'l mut Platform,
        level: FreshnessLevel,
        witnesses: &Witnesses,
    ) -> anyhow::Result<Self> {
        let disk = Disk::open(folder, witnesses.clone())?;
        let register: Box<dyn Register> = match level {
            FreshnessLevel::None => Box::new(HostRegister::new(disk.clone())),
            FreshnessLevel::Session => Box::new(SessionRegister::new(disk.clone())),
            FreshnessLevel::Witness => {
                // Two of three witnesses, none of which lies: 2·2 > 3.
                let quorum = Quorum::new(witnesses.keys(), 2, 0)?;
                Box::new(WitnessRegister::new(quorum, log_key(platform, &disk, witnesses)?, disk.clone()))
            }
        };
        Ok(Self { platform, disk, level, register, store: None })
    }

    fn means<'m>(
        platform: &'m mut Platform,
        disk: &'m mut Disk,
        register: &'m mut dyn Register,
        rng: &'m mut dyn rand_core::CryptoRng,
    ) -> Means<'m> {
        Means { platform, blobs: disk, register, provider: &RustCrypto, rng }
    }

    /// Begins the counter, once.
    fn create(&mut self) -> anyhow::Result<()> {
        let (seal_to, owners) = (vec![SealTo::Measurement], Owners::nobody());
        let terms = StoreTerms { id: COUNTER, seal_to, owners, demand: self.level };
        let mut rng = random();
        let mut means = Self::means(self.platform, &mut self.disk, self.register.as_mut(), &mut rng);
        let mut store = Store::create(&mut means, &terms)?;
        store.commit(&mut means, Change::new().write(NAME, &0_u64.to_le_bytes())?)?;
        self.store = Some(store);
        Ok(())
    }

    /// Opens the newest state that the register knows.
    fn open(&mut self) -> Result<(), SealedError> {
        let mut rng = random();
        let mut means = Self::means(self.platform, &mut self.disk, self.register.as_mut(), &mut rng);
        self.store = Some(Store::open(&mut means, COUNTER, self.level)?);
        Ok(())
    }

    fn value(&mut self) -> anyhow::Result<u64> {
        let store = self.store.as_ref().context("not open")?;
        let mut rng = random();
        let mut means = Self::means(self.platform, &mut self.disk, self.register.as_mut(), &mut rng);
        let opened = store.read(&mut means, NAME, self.level)?;
        Ok(u64::from_le_bytes(opened.plaintext.as_slice().try_into()?))
    }

    /// One more. When this returns the register has it.
    fn count(&mut self) -> anyhow::Result<u64> {
        let next = self.value()?.checked_add(1).context("the counter is full")?;
        let store = self.store.as_mut().context("not open")?;
        let mut rng = random();
        let mut means = Self::means(self.platform, &mut self.disk, self.register.as_mut(), &mut rng);
        store.commit(&mut means, Change::new().write(NAME, &next.to_le_bytes())?)?;
        Ok(next)
    }

    fn report(&self) -> anyhow::Result<String> {
        Ok(self.store.as_ref().context("not open")?.report()?.to_string())
    }
}

/// The key of the store's log: drawn once, sealed, unsealed in every life. It never changes, so an old copy of it is no
/// rollback.
fn log_key(platform: &mut Platform, disk: &Disk, witnesses: &Witnesses) -> anyhow::Result<SigningSecret> {
    const PURPOSE: &str = "log key of the counter";
    if let Some(sealed) = disk.sealed_key()? {
        let seed = unseal(platform, &RustCrypto, PURPOSE, &sealed, FreshnessLevel::None)?.plaintext;
        let seed: &[u8; 32] = seed.as_slice().try_into().context("a key of 32 bytes")?;
        return Ok(SigningSecret::from_seed(seed));
    }
    let key = SigningSecret::generate(&mut random());
    let sealed = seal(platform, &RustCrypto, &mut random(), SealTo::Measurement, PURPOSE, key.expose_seed())?;
    disk.keep_sealed_key(&sealed)?;
    witnesses.trust(key.public())?;
    Ok(key)
}
