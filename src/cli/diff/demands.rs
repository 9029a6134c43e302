//! The demands of an accept block against what Evidence says of itself, field by field as the policy is written.
//!
//! How: the strictest block that the Evidence could pass is written down beside the policy's block, and the two are compared by
//! the kind of field. What always holds: a field whose kind is not known here counts as one that only an appraisal tells.

use crate::cli::refusal::short;
use sealroom::attestation::{Accept, Evidence, Policy};
use serde_json::{Map, Value};

/// One demand.
pub(super) struct Demand {
    /// Its path in the written block.
    pub(super) field: String,
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) met: Met,
}

/// Whether the Evidence's own words meet a demand.
pub(super) enum Met {
    Yes,
    No,
    /// The policy leaves it out.
    Skipped,
    /// Endorsements, the time or the challenge decide.
    Appraisal,
}

impl Met {
    /// One fixed word.
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Skipped => "skipped",
            Self::Appraisal => "appraisal",
        }
    }
}

/// What the Evidence alone can not answer.
const APPRAISAL: [&str; 12] = [
    "trust_anchor",
    "revocation",
    "tcb_statuses",
    "tcb_age",
    "rejected_advisories",
    "timestamp",
    "challenge_field",
    "event_log",
    "attestation_key",
    "seam_measurements",
    "safe_clock",
    "platform_key",
];

/// Every demand of the block, in its order.
pub(super) fn compare(evidence: &Evidence, block: &Accept) -> Vec<Demand> {
    let strictest = Accept::pinning(evidence, block.trust_anchor().clone(), block.name());
    let mut demands = Vec::new();
    if let (Value::Object(demanded), Value::Object(said)) = (written(block), written(&strictest)) {
        fields(&demanded, &said, "", &mut demands);
    }
    demands
}

/// The block as it is written.
fn written(block: &Accept) -> Value {
    // A block that pins what is always refused (debug mode) is no policy, and says nothing here.
    let policy = Policy::new(vec![block.clone()]).map(|policy| policy.to_json()).unwrap_or_default();
    policy.pointer(&format!("/accept/{}/0", block.platform())).cloned().unwrap_or_default()
}

fn fields(demanded: &Map<String, Value>, said: &Map<String, Value>, path: &str, into: &mut Vec<Demand>) {
    for (key, demand) in demanded.iter().filter(|(key, _)| *key != "name") {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let said = said.get(key).unwrap_or(&Value::Null);
        let is_group = |value: &Value| {
            value.as_object().is_some_and(|fields| fields.values().any(|value| !value.is_number()) && !is_value(fields))
        };
        match (demand, said) {
            (Value::Object(demand), Value::Object(said))
                if !APPRAISAL.contains(&key.as_str()) && is_group(&Value::Object(demand.clone())) =>
            {
                fields(demand, said, &path, into);
            }
            _ => into.push(one(key, path, demand, said)),
        }
    }
}

/// An object that is one value: a skip, or bits.
fn is_value(fields: &Map<String, Value>) -> bool {
    fields.contains_key("skip") || fields.contains_key("set")
}

fn one(key: &str, field: String, demand: &Value, said: &Value) -> Demand {
    let met = if demand.get("skip").is_some() {
        Met::Skipped
    } else if APPRAISAL.contains(&key) {
        Met::Appraisal
    } else {
        meets(key, demand, said)
    };
    Demand { field, expected: expected(key, demand), found: words(said), met }
}

fn meets(key: &str, demand: &Value, said: &Value) -> Met {
    let of = |holds: bool| if holds { Met::Yes } else { Met::No };
    if said.get("skip").is_some() {
        // The Evidence does not say what is demanded of it.
        return Met::No;
    }
    match (demand, said) {
        (demand, said) if key.starts_with("minimum_") => of(at_least(demand, said)),
        (Value::Number(most), Value::Number(said)) if key.starts_with("maximum_") => of(said.as_u64() <= most.as_u64()),
        (Value::Object(demand), Value::Object(said)) if demand.contains_key("set") => of(bits(demand, said)),
        (Value::Array(allowed), Value::Array(said)) if key == "runtime_registers" || are_registers(allowed) => {
            of(registers(allowed, said))
        }
        // Evidence is pinned by its measurement: whether a signer's rule holds is not told by that.
        (Value::Array(allowed), Value::Array(said)) if key == "identities" => {
            let listed = said.iter().all(|value| allowed.contains(value));
            let by_signer = allowed.iter().any(|identity| identity.get("signer").is_some());
            if by_signer && !listed { Met::Appraisal } else { of(listed) }
        }
        (Value::Array(allowed), Value::Array(said)) => of(said.iter().all(|value| allowed.contains(value))),
        (Value::Bool(_) | Value::String(_) | Value::Number(_), _) => of(demand == said),
        _ => Met::Appraisal,
    }
}

/// Numbers, or groups of numbers component by component; where there is a major version, it goes first.
fn at_least(demand: &Value, said: &Value) -> bool {
    match (demand, said) {
        (Value::Object(demand), Value::Object(said)) => {
            let of = |fields: &Map<String, Value>, key: &str| fields.get(key).and_then(Value::as_u64).unwrap_or(0);
            if demand.contains_key("major") {
                let version = |fields| (of(fields, "major"), of(fields, "minor"), of(fields, "svn"));
                return version(said) >= version(demand);
            }
            demand.keys().all(|key| of(said, key) >= of(demand, key))
        }
        _ => said.as_u64().zip(demand.as_u64()).is_some_and(|(said, least)| said >= least),
    }
}

fn bits(demand: &Map<String, Value>, said: &Map<String, Value>) -> bool {
    let names =
        |fields: &Map<String, Value>, key: &str| fields.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    ["set", "clear"].into_iter().all(|key| {
        let said = names(said, key);
        names(demand, key).iter().all(|name| said.contains(name))
    })
}

/// Whether each has values of its own.
fn are_registers(list: &[Value]) -> bool {
    list.iter().any(|register| register.get("values").is_some())
}

/// Lists of registers: each that is demanded has one of its values. One without an index is known by its place.
fn registers(demand: &[Value], said: &[Value]) -> bool {
    demand.iter().enumerate().all(|(place, register)| {
        let name = |register: &Value| register.get("index").or_else(|| register.get("component_type")).cloned();
        let index = name(register);
        let found = match index {
            Some(_) => said.iter().find(|other| name(other) == index),
            None => said.get(place),
        };
        let values = |register: &Value| register.get("values").cloned().unwrap_or_else(|| register.clone());
        let (demanded, found) = (values(register), found.map(values).unwrap_or_default());
        demanded.get("skip").is_some()
            || demanded
                .as_array()
                .zip(found.as_array())
                .is_some_and(|(allowed, said)| !said.is_empty() && said.iter().all(|value| allowed.contains(value)))
    })
}

fn expected(key: &str, demand: &Value) -> String {
    let most = if key.starts_with("minimum_") {
        "at least "
    } else if key.starts_with("maximum_") {
        "at most "
    } else {
        ""
    };
    format!("{most}{}", words(demand))
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => short(text),
        Value::Array(values) => {
            let by_place = values.iter().any(Value::is_array);
            let all: Vec<String> = values.iter().map(words).collect();
            if all.is_empty() { "none".to_owned() } else { all.join(if by_place { "; " } else { " or " }) }
        }
        Value::Object(fields) => match fields.get("skip") {
            Some(reason) => format!("nothing ({})", reason.as_str().unwrap_or_default()),
            None => fields.iter().map(|(key, value)| format!("{key} {}", words(value))).collect::<Vec<_>>().join(", "),
        },
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
