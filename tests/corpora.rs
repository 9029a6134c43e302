//! Replays what fuzzing found: every committed input goes through the same functions that the fuzzer drives.
//!
//! `SEALROOM_WRITE_SEEDS=1 cargo test --test corpora accepts` writes the seeds into `fuzz/corpus/`; `docs/fuzzing.md` says more.

use sealroom_simulated_platform::{Image, Root};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

#[path = "../fuzz/targets.rs"]
mod targets;

use targets::TARGETS;

/// All corpora together, in bytes: they are part of every clone.
const CORPORA_LIMIT: u64 = 3 << 20;
/// Files a target.
const FILES_LIMIT: usize = 300;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

/// What is in a folder, by name; nothing where there is no folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry of a folder").path()).collect();
    paths.sort();
    paths
}

fn names(paths: &[PathBuf]) -> BTreeSet<String> {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
    paths.iter().filter_map(name).collect()
}

fn targets() -> BTreeSet<String> {
    TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

#[test]
fn every_committed_input_still_keeps_its_targets_property() {
    for (name, target) in TARGETS {
        for file in [folder("corpus"), folder("regressions")].iter().flat_map(|kind| entries(&kind.join(name))) {
            let bytes = fs::read(&file).expect("a committed input can be read");
            let outcome = std::panic::catch_unwind(|| target(&bytes));
            assert!(outcome.is_ok(), "{} breaks the property of {name}, see above", file.display());
        }
    }
}

#[test]
fn every_target_has_a_corpus_and_a_program_and_nothing_else_has() {
    assert_eq!(names(&entries(&folder("corpus"))), targets());
    let programs = names(&entries(&folder("fuzz_targets")));
    assert_eq!(programs, targets().iter().map(|name| format!("{name}.rs")).collect());
    assert!(names(&entries(&folder("regressions"))).is_subset(&targets()));
    let manifest = fs::read_to_string(folder("Cargo.toml")).expect("the manifest of fuzz");
    for name in targets() {
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")),
            "{name} is no program in fuzz/Cargo.toml"
        );
        let source = fs::read_to_string(folder("fuzz_targets").join(format!("{name}.rs"))).expect("a program");
        assert!(source.contains(&format!("::{name}(bytes);")), "{name}.rs fuzzes another target");
    }
}

#[test]
fn the_corpora_stay_small() {
    let mut bytes = 0;
    for (name, _) in TARGETS {
        let files = entries(&folder("corpus").join(name));
        assert!((1..=FILES_LIMIT).contains(&files.len()), "{name}: {} files, expected 1 to {FILES_LIMIT}", files.len());
        bytes += files.iter().map(|file| fs::metadata(file).expect("a committed input").len()).sum::<u64>();
    }
    assert!(bytes <= CORPORA_LIMIT, "{bytes} bytes of corpora, expected at most {CORPORA_LIMIT}");
}

/// A target that refuses whatever comes would hold any property.
#[test]
fn every_target_accepts_its_seeds() {
    let write = std::env::var_os("SEALROOM_WRITE_SEEDS").is_some();
    for (name, _) in TARGETS {
        let seeds = targets::seeds::of(name);
        assert!(!seeds.is_empty(), "{name} has no seed");
        for (number, seed) in seeds.iter().enumerate() {
            if write {
                let corpus = folder("corpus").join(name);
                fs::create_dir_all(&corpus).expect("a folder of the corpus");
                fs::write(corpus.join(format!("seed-{number}")), seed).expect("a seed");
            }
            assert!(targets::run(name, seed), "{name} refuses its seed {number}");
        }
    }
}

#[test]
#[ignore = "writes fuzz/fixture anew, which all seeds of Evidence depend on"]
fn a_new_root_signs_a_new_fixture() {
    let scratch = tempfile::tempdir().expect("a folder");
    let now = SystemTime::now();
    let root = Root::open(&scratch.path().join("state"), now).expect("a root of its own");
    let image = scratch.path().join("image");
    fs::write(&image, b"an image that was never built").expect("a file");
    let measurement = Image::measure(&image).expect("a measurement");
    let report = root.report(measurement, [0xD7; 64], [1; 32]);
    let list = root.revocation_list(now).expect("a list");
    let chain = root.certificates();
    for (name, bytes) in [
        ("report.bin", &report),
        ("vcek.der", &chain.vcek),
        ("ask.der", &chain.ask),
        ("ark.der", &chain.ark),
        ("crl.der", &list),
    ] {
        fs::write(folder("fixture").join(name), bytes).expect("a file of the fixture");
    }
    assert_eq!(report.len(), sealroom_simulated_platform::REPORT_LENGTH);
}
