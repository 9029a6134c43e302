//! Holds the shape of the code that reviewers rely on: one subject a file, a trust label a crate, exceptions with reasons,
//! unsafe code behind a fence. Std only.

#[path = "support/repository.rs"]
mod repository;

use repository::{files, text};

/// Longest file, in lines, tests included.
const LINE_LIMIT: usize = 400;

/// The crate roots, the trust label that each begins with, and what it says of unsafe code.
const ROOTS: &[(&str, &str, Unsafe)] = &[
    ("attestation/page/src/lib.rs", "PURE", Unsafe::Fenced),
    ("attestation/src/lib.rs", "PURE", Unsafe::Forbidden),
    ("enclave-core/src/lib.rs", "TRUSTED", Unsafe::Forbidden),
    ("enclave/simulated/src/lib.rs", "UNTRUSTED", Unsafe::Fenced),
    ("enclave/simulated/src/main.rs", "UNTRUSTED", Unsafe::Forbidden),
    ("enclave/src/lib.rs", "TRUSTED", Unsafe::Fenced),
    ("enclave/src/main.rs", "TRUSTED", Unsafe::Forbidden),
    ("endorsements/src/lib.rs", "UNTRUSTED", Unsafe::Forbidden),
    ("host/src/lib.rs", "UNTRUSTED", Unsafe::Forbidden),
    ("hostile/src/lib.rs", "UNTRUSTED", Unsafe::Forbidden),
    ("protocol/src/lib.rs", "BOTH", Unsafe::Forbidden),
    ("src/lib.rs", "PARTY", Unsafe::Forbidden),
];

/// The files that may hold unsafe code: where the enclave meets the operating system, and what starts it or plays it; and the
/// names by which a page calls the Verifier.
const FENCED: &[&str] = &[
    "attestation/page/src/exports.rs",
    "enclave/src/platform",
    "enclave/src/sandbox",
    "enclave/simulated/src/launch.rs",
    "enclave/simulated/tests/",
];

#[derive(PartialEq)]
enum Unsafe {
    Forbidden,
    Fenced,
}

#[test]
fn a_file_has_one_subject_and_says_which() {
    let mut wrong = String::new();
    for (path, text) in files(".rs") {
        let lines = text.lines().count();
        if lines >= LINE_LIMIT {
            wrong.push_str(&format!(
                "  {path} has {lines} lines, expected fewer than {LINE_LIMIT}: split it by subject\n"
            ));
        }
        let first = text.lines().find(|line| !line.starts_with("#!")).unwrap_or_default();
        if !first.starts_with("//! ") {
            wrong.push_str(&format!("  {path} does not begin with what it is for: {first}\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_crate_begins_with_who_trusts_it() {
    for (path, label, _) in ROOTS {
        let text = text(path);
        let first = text.lines().find_map(|line| line.strip_prefix("//! ")).unwrap_or_default();
        let word: String = first.chars().take_while(char::is_ascii_uppercase).collect();
        assert_eq!(&word, label, "the first word of {path}");
    }
    let paths = files(".rs").into_iter().map(|(path, _)| path);
    let roots = paths.filter(|path| path.ends_with("src/lib.rs") && !path.starts_with("fuzz/"));
    let unlisted: Vec<String> = roots.filter(|path| !ROOTS.iter().any(|(listed, ..)| listed == path)).collect();
    assert!(unlisted.is_empty(), "crates without a label in this test: {unlisted:?}");
}

#[test]
fn a_library_root_holds_names_only() {
    for (path, _, _) in ROOTS.iter().filter(|(path, ..)| path.ends_with("lib.rs")) {
        let text = text(path);
        let code: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
        for statement in code.join(" ").split_inclusive([';', ']']).map(str::trim).filter(|part| !part.is_empty()) {
            let starts = ["mod ", "pub mod ", "pub use ", "use ", "extern crate ", "#[", "#!["];
            assert!(
                starts.iter().any(|start| statement.starts_with(start)),
                "{path} holds more than names: {statement}"
            );
        }
    }
}

#[test]
fn every_exception_to_a_lint_gives_its_reason() {
    for (path, text) in files(".rs").into_iter().filter(|(path, _)| path != "tests/style.rs") {
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim_start();
            let found = line.starts_with("#[allow(") || line.starts_with("#![allow(") || line.contains(", allow(");
            assert!(!found, "{path}:{number}: expected #[expect(lint, reason = \"…\")], found {line}");
        }
    }
}

#[test]
fn unsafe_code_stays_behind_its_fence() {
    for (path, _, rule) in ROOTS {
        let wanted = if *rule == Unsafe::Forbidden { "#![forbid(unsafe_code)]" } else { "#![deny(unsafe_code)]" };
        assert!(text(path).contains(wanted), "{path} does not say {wanted}");
    }
    for (path, text) in files(".rs").into_iter().filter(|(path, _)| path != "tests/style.rs") {
        let uses = text.lines().any(|line| {
            let code = line.split("//").next().unwrap_or_default();
            code.contains("unsafe {")
                || code.contains("unsafe fn")
                || code.contains("unsafe impl")
                || code.contains("expect(unsafe_code")
        });
        let fenced = FENCED.iter().any(|fence| path.starts_with(fence));
        assert!(!uses || fenced, "{path} has unsafe code and is not one of {FENCED:?}");
    }
}

#[test]
fn bincode_is_spoken_in_one_module() {
    // Ids travel inside of messages, so they derive its traits; nothing else names the crate.
    let allowed = ["protocol/src/message.rs", "protocol/src/id.rs", "tests/style.rs"];
    for (path, text) in files(".rs").into_iter().filter(|(path, _)| !allowed.contains(&path.as_str())) {
        assert!(!text.contains("bincode::"), "{path} names bincode, which only {} may", allowed[0]);
    }
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let mut silent = String::new();
    for (path, text) in files("Cargo.toml") {
        let (mut inside, mut workspace, mut reason) = (false, false, false);
        for line in text.lines() {
            if let Some(section) = line.strip_prefix('[') {
                inside = section.contains("dependencies");
                workspace = section.starts_with("workspace.dependencies");
                reason = false;
            } else if line.starts_with('#') {
                reason = true;
            } else if line.is_empty() {
                reason = false;
            } else if inside {
                let names = line.starts_with(|first: char| first.is_ascii_alphabetic());
                if names && !reason && !line.contains(" # ") {
                    silent.push_str(&format!("  {path}: {line}\n"));
                }
                // In the workspace's table a comment stands for its group; elsewhere for the line under it.
                reason &= workspace || !names;
            }
        }
    }
    assert!(silent.is_empty(), "dependencies without a comment of their own:\n{silent}");
}
