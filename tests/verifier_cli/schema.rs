//! The shape of `appraise --json`, held by the tables of docs/appraisal.md: every field that stands there, and no other.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../docs/appraisal.md");

/// Words in code of a text.
fn code(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The rows of the section's first table: code in the first cell, and the rest.
fn rows(section: &str) -> Vec<(BTreeSet<&'static str>, &'static str)> {
    let (_, after) = PAGE.split_once(&format!("\n## {section}\n")).unwrap();
    let table = after.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |line: &'static str| line.trim_matches('|').split_once('|').unwrap();
    table.skip(2).map(cells).map(|(first, rest)| (code(first), rest)).collect()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap_or_else(|| panic!("no object: {value}")).keys().map(String::as_str).collect()
}

/// The exit codes that the page names, each with its verdicts.
pub(crate) fn documented_exits() -> BTreeMap<i64, BTreeSet<&'static str>> {
    let (_, after) = PAGE.split_once("\n## Exit codes\n").unwrap();
    let table = after.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let row = |line: &'static str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').collect();
        (cells[0].trim().parse().unwrap(), code(cells[1]))
    };
    table.skip(2).map(row).collect()
}

/// A verdict has every documented field, each of its type, and no other; its exit code is one of its verdict.
#[track_caller]
pub(crate) fn hold(value: &Value) {
    let documented: BTreeSet<&str> = rows("JSON").into_iter().flat_map(|(fields, _)| fields).collect();
    let always: BTreeSet<&str> =
        documented.iter().copied().filter(|field| !["result", "ear"].contains(field)).collect();
    let found = keys(value);
    assert!(found.is_subset(&documented), "not documented: {:?}", found.difference(&documented));
    assert!(always.is_subset(&found), "missing: {:?}", always.difference(&found));
    let inside = |field: &str| {
        rows("JSON").into_iter().find(|(fields, _)| fields.contains(field)).map(|(_, rest)| code(rest)).unwrap()
    };

    let text = |field: &str| value[field].as_str().unwrap_or_else(|| panic!("{field} of {value}"));
    let number = |field: &str| value[field].as_u64().unwrap_or_else(|| panic!("{field} of {value}"));
    assert_eq!((number("sealroom"), number("appraisal"), text("command")), (1, 1, "appraise"));
    let exit = i64::try_from(number("exit_code")).unwrap();
    assert!(documented_exits()[&exit].contains(text("verdict")), "{exit} with {}", text("verdict"));
    assert!(value["platform"].is_string() || value["platform"].is_null());
    let hash = text("policy_sha256");
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");
    for field in ["policy", "accept_block", "appraised_at"] {
        text(field);
    }
    for list in ["forms", "needed", "missing"] {
        assert!(value[list].as_array().unwrap().iter().all(Value::is_string), "{list}");
    }
    for list in ["fetched", "other_blocks"] {
        for item in value[list].as_array().unwrap() {
            assert!(keys(item).is_subset(&inside(list)), "{list}: {item}");
        }
    }
    let (known, checks) = (inside("checks"), value["checks"].as_array().unwrap());
    assert!(!checks.is_empty());
    for check in checks {
        assert!(keys(check).is_subset(&known), "{check}");
        for field in ["id", "status", "expected", "actual", "hint"] {
            assert!(check[field].is_string(), "{field} of {check}");
        }
        let status = check["status"].as_str().unwrap();
        assert!(["pass", "warn", "fail", "not-judged", "skipped"].contains(&status), "{check}");
        assert_eq!(check["reason"].is_string(), ["not-judged", "skipped"].contains(&status), "{check}");
    }
    let accepted = text("verdict").starts_with("accepted");
    assert_eq!(found.contains("result"), accepted);
    if accepted {
        assert!(keys(&value["result"]).is_subset(&inside("result")), "{}", value["result"]);
    }
}
