//! Files of version 1 of the format: they open for ever, and the same randomness writes the same bytes.

use crate::host::Disk;
use crate::not_run;
use crate::platform::TestPlatform;
use crate::recorder::Recorder;
use crate::world::{ID, World};
use core::fmt::Write;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sealroom_enclave_core::sealed::{Change, FreshnessLevel, SealTo, seal, unseal};
use sealroom_protocol::hash::sha256;
use std::process::Command;

/// Lines of `kind name bytes`, the last two in hexadecimal digits.
const VERSION_1: &str = include_str!("../../../tests/vectors/sealed/version-1.txt");
const SIGNER: SealTo = SealTo::Signer { minimum_version: 1 };

fn made() -> String {
    let mut world = World::new(FreshnessLevel::None);
    let mut store = world.create().unwrap();
    let first = Change::new().write("count", b"1").unwrap().write("key", &[7; 40_000]).unwrap();
    store.commit(&mut world.means(), first).unwrap();
    let second = Change::new().write("count", b"2").unwrap().seal_to(&[SealTo::Measurement, SIGNER]);
    store.commit(&mut world.means(), second).unwrap();
    let mut rng = ChaCha20Rng::from_seed([4; 32]);
    let single = seal(&mut TestPlatform::new(1, 1), &Recorder::default(), &mut rng, SIGNER, "purpose", b"secret");
    let disk = world.host.disk();
    let mut text = String::new();
    writeln!(text, "single purpose {}", hex(&single.unwrap())).unwrap();
    disk.pointers.iter().for_each(|(id, record)| writeln!(text, "pointer {id} {}", hex(record)).unwrap());
    disk.blobs.iter().for_each(|(id, bytes)| writeln!(text, "blob {id} {}", hex(bytes)).unwrap());
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap()).collect()
}

/// What the file of version 1 has: a disk, and a single.
fn version_1() -> (Disk, Vec<u8>) {
    let (mut disk, mut single) = (Disk::default(), Vec::new());
    for line in VERSION_1.lines() {
        let [kind, name, content]: [&str; 3] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        match kind {
            "single" => single = bytes(content),
            "pointer" => drop(disk.pointers.insert(name.parse().unwrap(), bytes(content))),
            _ => drop(disk.blobs.insert(name.parse().unwrap(), bytes(content))),
        }
    }
    (disk, single)
}

#[test]
fn files_of_version_1_open() {
    let (disk, single) = version_1();
    let mut newer = TestPlatform::new(2, 3);
    let level = FreshnessLevel::None;
    let opened = unseal(&mut newer, &Recorder::default(), "purpose", &single, level).unwrap();
    assert_eq!((opened.plaintext.as_slice(), opened.seal_to), (b"secret".as_slice(), SIGNER));
    let mut world = World::new(FreshnessLevel::None);
    world.host.restore_disk(disk);
    world.platform = newer;
    let store = world.open().unwrap();
    let report = store.report().unwrap();
    assert_eq!((report.store, report.version, report.epoch, report.behind), (ID, 3, 3, 1));
    assert_eq!(
        (world.read(&store, "count").unwrap(), world.read(&store, "key").unwrap()),
        (b"2".to_vec(), vec![7; 40_000])
    );
}

#[test]
fn the_same_randomness_writes_the_same_bytes_as_version_1() {
    let made = made();
    // To make the file of a new version: print this, under another name than the old one's.
    if let Ok(path) = std::env::var("SEALROOM_WRITE_SEALED_VECTORS") {
        std::fs::write(path, &made).unwrap();
    }
    assert_eq!(made.lines().count(), VERSION_1.lines().count());
    for (made, golden) in made.lines().zip(VERSION_1.lines()) {
        assert!(made == golden, "another encoding than version 1:\n{made}\n{golden}");
    }
}

#[test]
fn another_implementation_reads_the_same_headers_digests_and_contents() {
    let python = std::env::var_os("SEALROOM_PYTHON").unwrap_or_else(|| "python3".into());
    let probe = Command::new(&python).args(["-c", "import cryptography"]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        let name = "another_implementation_reads_the_same_headers_digests_and_contents";
        not_run::not_run(name, "no python3 with the package cryptography (SEALROOM_PYTHON names one)");
        return;
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/sealed");
    let output = Command::new(&python).current_dir(folder).args(["-B", "read.py", "version-1.txt"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    // What Rust reads, in the script's words.
    let mut world = World::new(FreshnessLevel::None);
    world.host.restore_disk(version_1().0);
    let store = world.open().unwrap();
    let report = store.report().unwrap();
    let entries: Vec<_> = store.entries().unwrap().map(|(name, entry)| (name.to_owned(), *entry)).collect();
    let mut expected = format!(
        "single purpose level none to signer from version 1 holds {}\nstore {ID} version {} epoch {} manifest {} level {}\n",
        hex(b"secret"),
        report.version,
        report.epoch,
        report.digest,
        report.level
    );
    for (name, entry) in entries {
        let content = world.read(&store, &name).unwrap();
        let (length, digest) = (content.len(), hex(&sha256(&content)));
        let (object, version, epoch, level) = (entry.object, entry.version, entry.epoch, entry.level);
        writeln!(
            expected,
            "object {name} {object} version {version} epoch {epoch} level {level} bytes {length} {digest}"
        )
        .unwrap();
    }
    let about = |line: &&str| ["single", "store", "object"].iter().any(|word| line.starts_with(word));
    assert_eq!(said.lines().filter(about).collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>());
    assert!(said.contains("\nsealed to measurement, signer from version 1\n"), "{said}");
}
