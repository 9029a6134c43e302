//! `sealroom policy show`: a policy in plain words, block by block.

use super::file;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::refusal::short;
use clap::Args;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Evidence passes where one block holds in full. Long digests are cut; --json has them whole.
Exits with 1 where the file is no policy.

Example:
  sealroom policy show production.toml")]
pub(crate) struct Typed {
    /// The policy, TOML or JSON
    policy: PathBuf,
}

/// Prints it.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let policy = file::read(&typed.policy)?;
    let written = policy.to_json();
    let mut text = format!("policy \"{}\"  sha256:{}\n", policy.name(), file::sha256(&policy));
    let many = policy.blocks().len() > 1;
    text.push_str(if many {
        "Evidence passes where one of these holds in full.\n"
    } else {
        "Evidence passes where this holds in full.\n"
    });
    for block in policy.blocks() {
        text.push_str(&format!("\n{} \"{}\"\n  root      {}\n", block.platform(), block.name(), block.trust_anchor()));
        let mut seen = Vec::new();
        let blocks = written.pointer(&format!("/accept/{}", block.platform())).and_then(Value::as_array);
        let fields = blocks.into_iter().flatten().filter_map(Value::as_object);
        let fields = fields.filter(|fields| fields.get("name").and_then(Value::as_str) == Some(block.name()));
        for fields in fields {
            flatten(fields, "", &mut seen);
        }
        let own = ["name", "trust_anchor.fingerprint", "trust_anchor.simulated", "trust_anchor.vouched"];
        seen.retain(|(field, _)| !own.contains(&field.as_str()));
        let (skipped, demanded): (Vec<_>, Vec<_>) = seen.iter().partition(|(_, value)| value.get("skip").is_some());
        for (field, value) in demanded {
            text.push_str(&format!("  demands   {field}: {}\n", words(value)));
        }
        for (field, value) in skipped {
            let reason = value.get("skip").and_then(Value::as_str).unwrap_or_default();
            text.push_str(&format!("  SKIPS     {field}: {reason}\n"));
        }
    }
    output.answer(json!({ "policy_sha256": file::sha256(&policy), "policy": written }), text)
}

/// Fields with their path; groups of fields are entered, values are not.
fn flatten(fields: &Map<String, Value>, path: &str, into: &mut Vec<(String, Value)>) {
    for (key, value) in fields {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let is_group = |fields: &Map<String, Value>| !fields.contains_key("skip") && !fields.contains_key("set");
        match value {
            Value::Object(inner) if is_group(inner) && inner.values().any(|value| !value.is_number()) => {
                flatten(inner, &path, into);
            }
            other => into.push((path, other.clone())),
        }
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => short(text),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        // Rules by their place: registers.
        Value::Array(values) if values.iter().any(|value| value.is_array()) => {
            let rule = |(place, value): (usize, &Value)| match value.get("skip").and_then(Value::as_str) {
                Some(reason) => format!("{place} SKIPPED ({reason})"),
                None => format!("{place} {}", words(value)),
            };
            values.iter().enumerate().map(rule).collect::<Vec<_>>().join("; ")
        }
        Value::Array(values) => values.iter().map(words).collect::<Vec<_>>().join(" or "),
        Value::Object(fields) => {
            let word = |(key, value): (&String, &Value)| match (key.as_str(), value) {
                ("set" | "clear", Value::Array(bits)) => {
                    let names = bits.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
                    format!("{key} [{names}]")
                }
                _ => format!("{key} {}", words(value)),
            };
            fields.iter().map(word).collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
