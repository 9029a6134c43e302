//! Holds `deny.toml` with Cargo alone: licences, bans and sources of every crate that is built, tests included. Std only.
//!
//! What always holds: an entry of that file that this test cannot read fails it, so nothing there is silently without
//! effect. Advisories need a database and are left to `cargo deny check advisories`.

#[path = "support/cargo.rs"]
mod cargo;

use cargo::cargo;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_crate_has_a_licence_that_is_allowed() {
    let (allowed, exceptions) = (list("allow"), entries("exceptions"));
    let format = ["--prefix", "none", "--format", "{p}|{l}", "-e", "normal,build,dev"];
    let tree = cargo(&[["tree", "--workspace", "--locked"].as_slice(), format.as_slice()].concat());
    let mut refused = BTreeSet::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let (package, licence) = line.split_once('|').expect("package and licence");
        let name = package.split(' ').next().unwrap_or_default();
        let own = exceptions.iter().find(|entry| entry.contains(&quoted("crate", name)));
        let is_allowed =
            |part: &str| allowed.contains(part) || own.is_some_and(|entry| entry.contains(&format!("\"{part}\"")));
        if !holds(licence.trim_end_matches(" (*)"), &is_allowed) {
            refused.insert(format!("{name}: \"{licence}\""));
        }
    }
    assert!(refused.is_empty(), "licences that deny.toml does not allow: {refused:#?}");
}

#[test]
fn no_banned_crate_is_in_the_lock_file() {
    let lock = locked();
    let bans = entries("deny");
    assert!(bans.len() > 5, "the bans of deny.toml can be read: {bans:?}");
    for ban in bans {
        let name = between(&ban, "crate = \"", "\"").expect("a ban names its crate");
        let wrappers = between(&ban, "wrappers = [", "]").unwrap_or_default();
        let dependents =
            lock.iter().filter(|(_, package)| package.dependencies.contains(name)).map(|(dependent, _)| dependent);
        let unasked: Vec<_> = dependents.filter(|dependent| !wrappers.contains(&format!("\"{dependent}\""))).collect();
        assert!(unasked.is_empty(), "deny.toml bans {name}, and these depend on it: {unasked:?}");
    }
}

#[test]
fn every_crate_is_ours_or_comes_from_crates_io() {
    for (name, package) in locked() {
        match package.source.as_str() {
            "" => assert!(name == "sealroom" || name.starts_with("sealroom-"), "{name} has no source"),
            source => assert_eq!(source, "registry+https://github.com/rust-lang/crates.io-index", "source of {name}"),
        }
    }
}

#[test]
fn licence_expressions_are_read_as_they_are_meant() {
    let allowed = |part: &str| matches!(part, "MIT" | "ISC");
    for good in ["MIT", "GPL-3.0 OR MIT", "MIT/GPL-3.0", "(MIT OR GPL-3.0) AND ISC", "GPL-3.0 AND X OR MIT"] {
        assert!(holds(good, &allowed), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "GPL-3.0 AND (MIT OR ISC)", "MIT WITH X", "(MIT OR ISC) AND GPL-3.0"]
    {
        assert!(!holds(bad, &allowed), "{bad}");
    }
}

/// Whether an SPDX expression (or its older form with `/`) can be satisfied. AND binds closer than OR.
fn holds(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let expression = expression.trim();
    if let Some((left, right)) = split_outside(expression, " OR ").or_else(|| expression.split_once('/')) {
        return holds(left, allowed) || holds(right, allowed);
    }
    if let Some((left, right)) = split_outside(expression, " AND ") {
        return holds(left, allowed) && holds(right, allowed);
    }
    match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => holds(inner, allowed),
        None => allowed(expression),
    }
}

/// The two sides of the first `word` that stands outside of brackets.
fn split_outside<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    text.match_indices(word).map(|(at, _)| text.split_at(at)).find_map(|(left, right)| {
        let outside = left.matches('(').count() == left.matches(')').count();
        outside.then(|| (left, right.trim_start_matches(word)))
    })
}

#[derive(Default)]
struct Package {
    source: String,
    dependencies: BTreeSet<String>,
}

/// Cargo.lock: every crate of every feature and every platform. Two versions of one crate are joined.
fn locked() -> BTreeMap<String, Package> {
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    for block in include_str!("../Cargo.lock").split("[[package]]").skip(1) {
        let name = between(block, "name = \"", "\"").expect("a package has a name").to_string();
        let package = packages.entry(name).or_default();
        package.source = between(block, "source = \"", "\"").unwrap_or_default().to_string();
        let dependencies = between(block, "dependencies = [", "]").unwrap_or_default();
        let names = dependencies.lines().filter_map(|line| line.trim().strip_prefix('"'));
        package.dependencies.extend(names.filter_map(|line| line.split([' ', '"']).next()).map(str::to_string));
    }
    packages
}

/// The strings of a list of `deny.toml` that has one a line.
fn list(name: &str) -> BTreeSet<String> {
    lines_of(name).iter().filter_map(|line| between(line, "\"", "\"")).map(str::to_string).collect()
}

/// The inline tables of a list of `deny.toml` that has one a line.
fn entries(name: &str) -> Vec<String> {
    let entries = lines_of(name);
    for entry in &entries {
        assert!(entry.starts_with("{ crate = \"") && entry.ends_with("},"), "deny.toml: one table a line: {entry}");
    }
    entries
}

fn lines_of(name: &str) -> Vec<String> {
    let text = include_str!("../deny.toml");
    let start = format!("\n{name} = [\n");
    let lines = between(text, &start, "\n]").expect("deny.toml has this list");
    lines.lines().map(str::trim).filter(|line| !line.starts_with('#')).map(str::to_string).collect()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(inner, _)| inner)
}

fn quoted(key: &str, value: &str) -> String {
    format!("{key} = \"{value}\"")
}
