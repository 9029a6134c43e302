//! One vector a check: `good.toml` with one thing changed, the error that this trips, and its message.

use super::support::vectors;
use sealroom_protocol::contract::{Contract, ContractError};
use std::collections::BTreeSet;
use std::fs;

struct Vector {
    name: String,
    expect: String,
    message: String,
    text: Vec<u8>,
}

/// The vectors: lines `key: value`, where `find` and `with` are JSON strings (`with-hex`: bytes); the first place
/// where `find` stands in `good.toml` is replaced.
fn all() -> Vec<Vector> {
    let good = fs::read(vectors().join("good.toml")).unwrap();
    let mut all = Vec::new();
    for entry in fs::read_dir(vectors()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "vector") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_string();
        let file = fs::read_to_string(&path).unwrap();
        let field = |key: &str| {
            let line = file.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
            line.map(ToString::to_string)
        };
        let required = |key: &str| field(key).unwrap_or_else(|| panic!("{name}: no line `{key}: …`"));
        let find: String = serde_json::from_str(&required("find")).unwrap();
        let with = match field("with-hex") {
            Some(digits) => hex::decode(digits).unwrap(),
            None => serde_json::from_str::<String>(&required("with")).unwrap().into_bytes(),
        };
        let at = good.windows(find.len()).position(|window| window == find.as_bytes());
        let at = at.unwrap_or_else(|| panic!("{name}: `find` does not stand in good.toml"));
        let text = [&good[..at], &with, &good[at + find.len()..]].concat();
        all.push(Vector { expect: required("expect"), message: required("message"), name, text });
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// The variant's name, and for what is outside the subset the construct's too.
fn variant(error: &ContractError) -> String {
    let name: String = format!("{error:?}").chars().take_while(char::is_ascii_alphanumeric).collect();
    match error {
        ContractError::OutsideSubset { construct, .. } => format!("{name}.{construct:?}"),
        _ => name,
    }
}

#[test]
fn each_vector_trips_its_check_and_says_so() {
    for vector in all() {
        let error = Contract::parse(&vector.text).expect_err(&vector.name);
        assert_eq!(variant(&error), vector.expect, "{}: {error}", vector.name);
        assert_eq!(error.to_string(), vector.message, "{}", vector.name);
        let place = vector.message.starts_with("line ").then(|| vector.message.split(": ").next().unwrap().to_string());
        assert_eq!(error.position().map(|at| at.to_string()), place, "{}", vector.name);
    }
}

/// Variants of an enum in a source file, by their indentation.
fn variants_of(source: &str, name: &str) -> BTreeSet<String> {
    let body = source.split_once(&format!("pub enum {name} {{")).unwrap().1;
    let body = body.split_once("\n}").unwrap().0;
    let variant = |line: &str| {
        let line = line.strip_prefix("    ")?;
        let name: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
        name.starts_with(|c: char| c.is_ascii_uppercase()).then_some(name)
    };
    body.lines().filter_map(variant).collect()
}

#[test]
fn every_check_has_a_vector() {
    let expected: BTreeSet<String> = all().into_iter().map(|vector| vector.expect).collect();
    let mut missing = Vec::new();
    for name in variants_of(include_str!("../../src/contract/error.rs"), "ContractError") {
        // Those of envelopes are tested in main.rs, a text over the limit in position.rs.
        let elsewhere = ["Envelope", "OtherText", "SignatureMissing", "SignatureBad", "SignatureForeign", "TooLong"]
            .contains(&&*name);
        if !elsewhere && name != "OutsideSubset" && !expected.contains(&name) {
            missing.push(name);
        }
    }
    for name in variants_of(include_str!("../../src/contract/subset.rs"), "Construct") {
        let name = format!("OutsideSubset.{name}");
        if !expected.contains(&name) {
            missing.push(name);
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}
