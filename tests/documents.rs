//! Holds what is written about the code against the code: attacks and invariants name their tests, labels stand in the
//! specification once, links lead somewhere, README's commands are those that CI runs. Std only.

#[path = "support/repository.rs"]
mod repository;

use repository::{files, root, text};
use std::collections::{BTreeMap, BTreeSet};

/// What a row says where nothing is promised.
const NOT_DEFENDED: &str = "not defended";

#[test]
fn every_attack_of_the_threat_model_names_its_test_or_is_not_defended() {
    let rows = last_cells("docs/threat-model.md", "test");
    assert!(rows.len() >= 30, "expected a table of attacks, found {} rows", rows.len());
    hold("docs/threat-model.md", rows);
}

#[test]
fn every_invariant_of_the_architecture_names_its_test() {
    let rows = last_cells("ARCHITECTURE.md", "held by");
    assert!(rows.len() >= 10, "expected a table of invariants, found {} rows", rows.len());
    assert!(rows.iter().all(|row| !row.contains(NOT_DEFENDED)), "an invariant that nothing holds is none");
    hold("ARCHITECTURE.md", rows);
}

#[test]
fn every_label_stands_in_the_specification_and_serves_one_purpose() {
    let specified = specified_labels();
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in files(".rs").into_iter().filter(|(path, _)| is_code(path)) {
        for label in labels_of(&text) {
            used.entry(label).or_default().insert(path.clone());
        }
    }
    for (label, places) in &used {
        assert!(
            specified.contains(label),
            "\"{label}\" of {places:?} is not in the table of protocol/SPEC.md, section 9"
        );
        assert_eq!(places.len(), 1, "\"{label}\" is written in {places:?}: one purpose, one place, one constant");
    }
    let unused: Vec<_> = specified.iter().filter(|label| !used.contains_key(*label)).collect();
    assert!(unused.is_empty(), "protocol/SPEC.md has labels that no code uses: {unused:?}");
}

#[test]
fn every_relative_link_leads_to_a_file() {
    let mut dead = String::new();
    for (path, text) in files(".md") {
        let folder = root().join(&path);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let outside = target.contains("://") || file.is_empty() || file.contains(' ');
            if !outside && !folder.with_file_name("").join(file).exists() {
                dead.push_str(&format!("  {path}: {target}\n"));
            }
        }
    }
    assert!(dead.is_empty(), "links that lead nowhere:\n{dead}");
}

#[test]
fn ci_runs_the_commands_that_readme_shows() {
    let (readme, ci) = (text("README.md"), text(".ci/run"));
    let shown: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("$ ")).take(2).collect();
    assert_eq!(shown.len(), 2, "README begins with the command of the demo and that of the tests");
    for command in shown {
        assert!(ci.contains(command), ".ci/run does not run README's `{command}`");
    }
}

#[test]
fn readme_and_the_specification_are_reached_from_where_people_begin() {
    let readme = text("README.md");
    for document in ["ARCHITECTURE.md", "docs/threat-model.md", "docs/glossary.md", "protocol/SPEC.md", "SECURITY.md"] {
        assert!(readme.contains(&format!("]({document})")), "README.md does not lead to {document}");
    }
    let index = text("protocol/SPEC.md");
    for (page, _) in files(".md").into_iter().filter(|(path, _)| path.starts_with("protocol/spec/")) {
        let page = page.trim_start_matches("protocol/").to_string();
        assert!(index.contains(&format!("]({page})")), "protocol/SPEC.md does not lead to {page}");
    }
}

#[test]
fn public_names_are_the_words_of_the_glossary() {
    // Each is a word that the glossary says not to use, and what to say instead.
    let banned = [
        ("Quote", "Evidence"),
        ("Prover", "Attester"),
        ("Collateral", "Endorsements"),
        ("Golden", "ReferenceValue"),
        ("Whitelist", "ReferenceValue"),
        ("Validator", "Verifier"),
        ("Checker", "Verifier"),
        ("Mock", "Simulated"),
        ("Tenant", "owner"),
        ("Nonce", "Challenge"),
        ("Mrenclave", "Measurement"),
        ("LaunchDigest", "Measurement"),
        ("Whitelisted", "ReferenceValue"),
    ];
    for (path, text) in files(".rs").into_iter().filter(|(path, _)| is_code(path) && !path.contains("/platform/")) {
        for line in text.lines().map(str::trim) {
            let Some(name) =
                ["pub struct ", "pub enum ", "pub trait ", "pub type "].iter().find_map(|kind| line.strip_prefix(kind))
            else {
                continue;
            };
            let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
            for (word, instead) in banned {
                assert!(!name.contains(word), "{path}: {name} says {word}, the glossary says {instead}");
            }
        }
    }
}

/// Fails unless each cell names tests that exist, or says that nothing is defended.
fn hold(document: &str, cells: Vec<String>) {
    let tests = names_of_tests();
    let mut wrong = String::new();
    for cell in cells.iter().filter(|cell| !cell.starts_with(NOT_DEFENDED)) {
        let names: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        if names.is_empty() {
            wrong.push_str(&format!("  names no test: {cell}\n"));
        }
        for name in names {
            // A ban on what must not compile is a doc-test, which has no name but its file's.
            let holds = match name.strip_suffix(".rs") {
                Some(_) => root().join(name).exists() && text(name).contains("compile_fail"),
                None => tests.contains(name),
            };
            if !holds {
                wrong.push_str(&format!("  no such test: {name}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{document} names what is not there:\n{wrong}");
}

/// The last cell of each row of every table whose last column is called so.
fn last_cells(document: &str, column: &str) -> Vec<String> {
    let (mut cells, mut inside) = (Vec::new(), false);
    for line in text(document).lines() {
        let last = line.strip_suffix('|').and_then(|line| line.rsplit('|').next()).map(str::trim);
        match last {
            Some(last) if last == column => inside = true,
            Some(last) if inside && !last.starts_with("---") => cells.push(last.to_string()),
            Some(_) => {}
            None => inside = false,
        }
    }
    cells
}

/// Every function under `#[test]` or an attribute like it.
fn names_of_tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in files(".rs") {
        let mut marked = false;
        for line in text.lines().map(str::trim) {
            let name = line.trim_start_matches("async ").strip_prefix("fn ").and_then(|rest| rest.split('(').next());
            match name {
                Some(name) if marked => {
                    names.insert(name.to_string());
                    marked = false;
                }
                Some(_) => marked = false,
                None => marked |= line == "#[test]" || line.starts_with("#[tokio::test"),
            }
        }
    }
    names
}

/// The labels in the table of section 9: the code spans of its first column.
fn specified_labels() -> BTreeSet<String> {
    let spec = text("protocol/SPEC.md");
    let spec = spec.split("\n## ").find(|section| section.starts_with("9. ")).expect("SPEC.md has section 9");
    let rows = spec.lines().filter_map(|line| line.strip_prefix("| `sealroom/1 ")).collect::<Vec<_>>();
    let labels = rows.iter().filter_map(|row| row.split('`').next()).map(|rest| format!("sealroom/1 {rest}"));
    let labels: Vec<String> = labels.collect();
    let distinct: BTreeSet<String> = labels.iter().cloned().collect();
    assert_eq!(labels.len(), distinct.len(), "protocol/SPEC.md lists a label twice");
    distinct
}

/// The labels in a file's code: its tests and comments do not count.
fn labels_of(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    literals.filter(|literal| literal.starts_with("sealroom/1 ")).map(str::to_string).collect()
}

/// Whether a file is part of a package's code, not of its tests, fuzz targets or benches.
fn is_code(path: &str) -> bool {
    let tests = path.ends_with("/tests.rs") || path.starts_with("fuzz/") || path.starts_with("benches/");
    (path.starts_with("src/") || path.contains("/src/")) && !tests
}
