//! Holds the arrows of ARCHITECTURE.md and the list of crates in the enclave binary, as Cargo resolves them. Std only.
//!
//! What always holds where this passes: no operator's binary contains trusted code, nor the reverse; the Verifier and the
//! formats know nothing of each other; the decisions of the enclave have no operating system to ask.

#[path = "support/cargo.rs"]
mod cargo;
#[path = "support/not_run.rs"]
mod not_run;

use cargo::cargo;
use not_run::not_run;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

/// Every package of ours with all of its features, and which packages of ours it may reach.
const ARROWS: &[(&str, &[&str])] = &[
    ("sealroom", &["sealroom-attestation", "sealroom-endorsements", "sealroom-host", "sealroom-protocol"]),
    ("sealroom-attestation", &[]),
    ("sealroom-enclave", &["sealroom-enclave-core", "sealroom-protocol"]),
    ("sealroom-enclave-core", &["sealroom-protocol"]),
    ("sealroom-endorsements", &["sealroom-attestation"]),
    ("sealroom-host", &["sealroom-attestation", "sealroom-protocol"]),
    (
        "sealroom-hostile",
        &[
            "sealroom",
            "sealroom-attestation",
            "sealroom-enclave-core",
            "sealroom-protocol",
            "sealroom-simulated-platform",
        ],
    ),
    ("sealroom-protocol", &[]),
    ("sealroom-simulated-platform", &[]),
    ("sealroom-verify-page", &["sealroom-attestation"]),
];

const LIST: &str = include_str!("../trusted-computing-base.txt");

const NO_OPERATING_SYSTEM: &str = "riscv64gc-unknown-none-elf";
/// A browser, and whatever else runs WebAssembly without a system below it.
const BROWSER: &str = "wasm32-unknown-unknown";

#[test]
fn every_arrow_is_one_that_the_architecture_draws() {
    for (package, allowed) in ARROWS {
        let reached = ours(&["-p", package, "--all-features"], package);
        let foreign: Vec<_> = reached.iter().filter(|name| !allowed.contains(&name.as_str())).collect();
        assert!(foreign.is_empty(), "{package} may reach {allowed:?}, and reaches {foreign:?} as well");
    }
}

#[test]
fn every_package_has_its_arrows() {
    let members: BTreeSet<String> = ours(&["--workspace", "--depth", "0"], "");
    let drawn: BTreeSet<String> = ARROWS.iter().map(|(package, _)| (*package).to_string()).collect();
    assert_eq!(members, drawn);
}

#[test]
fn the_host_never_links_the_enclave() {
    let reached = ours(&["-p", "sealroom-host", "--all-features"], "sealroom-host");
    for trusted in ["sealroom-enclave", "sealroom-enclave-core"] {
        assert!(!reached.contains(trusted), "sealroom-host reaches {trusted}");
    }
}

#[test]
fn the_sdk_links_a_host_only_where_its_feature_asks_for_one() {
    let reached = ours(&["-p", "sealroom", "--no-default-features"], "sealroom");
    assert!(!reached.contains("sealroom-host"), "sealroom reaches sealroom-host without the feature host");
}

#[test]
fn attestation_and_protocol_know_nothing_of_each_other() {
    for (one, other) in [("sealroom-attestation", "sealroom-protocol"), ("sealroom-protocol", "sealroom-attestation")] {
        // Tests may not join them either: what needs both belongs to tests/.
        let edges = ["-p", one, "--all-features", "-e", "normal,build,dev"];
        assert!(!ours(&edges, one).contains(other), "{one} reaches {other}");
    }
}

#[test]
fn enclave_core_and_the_verifier_build_without_an_operating_system() {
    if !library_of(NO_OPERATING_SYSTEM).exists() {
        let missing = format!("`rustup target add {NO_OPERATING_SYSTEM}` brings the target");
        return not_run("enclave_core_and_the_verifier_build_without_an_operating_system", &missing);
    }
    let target = ["--target", NO_OPERATING_SYSTEM, "--locked", "--quiet"];
    cargo(&[&["build", "-p", "sealroom-enclave-core"], target.as_slice()].concat());
    let verifier = ["build", "-p", "sealroom-attestation", "--no-default-features", "--features", "rustcrypto"];
    cargo(&[verifier.as_slice(), target.as_slice()].concat());
}

#[test]
fn the_verifier_builds_for_browsers() {
    if !library_of(BROWSER).exists() {
        return not_run(
            "the_verifier_builds_for_browsers",
            &format!("`rustup target add {BROWSER}` brings the target"),
        );
    }
    let verifier = ["build", "-p", "sealroom-attestation", "--no-default-features", "--features", "rustcrypto"];
    cargo(&[verifier.as_slice(), &["--target", BROWSER, "--locked", "--quiet"]].concat());
}

#[test]
fn the_enclave_links_exactly_the_crates_that_are_listed() {
    let (found, listed) = (crates_of_the_enclave(), listed_crates());
    let mut differences = String::new();
    for (name, kind) in &found {
        match listed.get(name) {
            Some(listed_kind) if listed_kind == kind => {}
            Some(listed_kind) => differences.push_str(&format!("  {name} is listed as {listed_kind} and is {kind}\n")),
            None => differences.push_str(&format!("+ {kind:<6} {name:<34} (why)\n")),
        }
    }
    for name in listed.keys().filter(|name| !found.contains_key(*name)) {
        differences.push_str(&format!("- {name}\n"));
    }
    assert!(
        differences.is_empty(),
        "trusted-computing-base.txt differs from what Cargo resolves for the enclave binary.\n\
         A change to what must be trusted is a commit of its own, with a reason for each crate:\n{differences}"
    );
}

#[test]
fn the_number_of_trusted_crates_is_the_one_that_is_written() {
    let crates = crates_of_the_enclave();
    let count = |kind: &str| crates.values().filter(|found| **found == kind).count();
    let (core, shell, build) = (count("core"), count("shell"), count("build"));
    let linked = core + shell;
    let listed = format!("# Linked: {linked} crates, {core} of them under enclave-core. Building: {build}.");
    assert!(LIST.contains(&listed), "trusted-computing-base.txt does not say: {listed}");
    let shown = format!("{linked} crates are linked into the enclave, {core} of them under its decisions");
    assert!(include_str!("../README.md").contains(&shown), "README.md does not say: {shown}");
}

#[test]
fn the_verifiers_commands_alone_link_the_number_of_crates_that_is_written() {
    let linked = |features: &[&str]| tree(&[&["-p", "sealroom", "-e", "normal,no-proc-macro"], features].concat());
    let (verifier, all) = (linked(&["--no-default-features", "--features", "verify"]), linked(&[]));
    let host = |crates: &BTreeSet<String>| crates.iter().any(|name| name.starts_with("sealroom-host "));
    assert!(!host(&verifier) && host(&all), "the Verifier's commands need no host");
    let written = format!("link {} crates, all of the program {}", verifier.len(), all.len());
    assert!(include_str!("../docs/cli.md").contains(&written), "docs/cli.md does not say: {written}");
}

/// Which crates get into the image, and how.
fn crates_of_the_enclave() -> BTreeMap<String, &'static str> {
    let linked = "normal,no-proc-macro";
    let core = tree(&["-p", "sealroom-enclave-core", "-e", linked]);
    let image = tree(&["-p", "sealroom-enclave", "-e", linked]);
    let building = tree(&["-p", "sealroom-enclave", "-e", "normal,build"]);
    let mut crates: BTreeMap<String, &str> = building.into_iter().map(|name| (name, "build")).collect();
    crates.extend(image.iter().map(|name| (name.clone(), "shell")));
    crates.extend(image.intersection(&core).map(|name| (name.clone(), "core")));
    crates
}

/// The lines of `trusted-computing-base.txt`: how, name and version, reason.
fn listed_crates() -> BTreeMap<String, String> {
    let mut crates = BTreeMap::new();
    for line in LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let (kind, name, version) = (words.next(), words.next(), words.next());
        let reason: Vec<&str> = words.collect();
        assert!(reason.len() >= 2, "expected how, name, version and the reason in words: {line}");
        let name = format!("{} {}", name.unwrap_or_default(), version.unwrap_or_default());
        assert_eq!(crates.insert(name, kind.unwrap_or_default().to_string()), None, "listed twice: {line}");
    }
    crates
}

/// The packages of ours that Cargo reaches, but for the one it begins with.
fn ours(arguments: &[&str], start: &str) -> BTreeSet<String> {
    let edges: &[&str] = if arguments.contains(&"-e") { &[] } else { &["-e", "normal,build"] };
    tree(&[arguments, edges].concat())
        .iter()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| *name != start && (*name == "sealroom" || name.starts_with("sealroom-")))
        .map(str::to_string)
        .collect()
}

/// Name and version of every package in a tree.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let format = ["tree", "--locked", "--prefix", "none", "--format", "{p}"];
    let lines = cargo(&[format.as_slice(), arguments].concat());
    lines
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            let (name, version) = (words.next()?, words.next()?);
            Some(format!("{name} {}", version.trim_start_matches('v')))
        })
        .collect()
}

/// Where rustc keeps the library of a target, installed or not.
fn library_of(target: &str) -> PathBuf {
    let arguments = ["--print", "target-libdir", "--target", target];
    let output = Command::new("rustc").args(arguments).output().expect("rustc can be started");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
}
