//! The fields of an accept block as its written form has them: taken out value by value, and put back. An accept block that is
//! made goes through the same strict reader as one that somebody wrote.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use crate::platform::Platform;
use crate::policy::Accept;

/// One value for each field: a whole field, or one register of several as `runtime_registers/2`.
pub(super) type Fields = BTreeMap<String, Value>;
/// The values that each field accepts.
pub(super) type Alternatives = BTreeMap<String, Vec<Value>>;

/// How a field holds its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A list of values, any of which is accepted.
    List,
    /// One value.
    One,
    /// Four lists, by place.
    Four,
    /// Lists by `index`, in objects with `values`.
    Numbered,
    /// Lists by `component_type`; a manifest that names one names all.
    Components,
}

/// By the field's name; a name means one shape on every platform.
pub(super) fn shape(field: &str) -> Shape {
    match field {
        "guest_policy" | "platform_info" | "maximum_vmpl" | "mitigations" | "attributes" | "xfam" | "xfrm"
        | "misc_select" => Shape::One,
        _ if field.starts_with("minimum_") => Shape::One,
        "runtime_registers" => Shape::Four,
        "registers" | "extensible_measurements" => Shape::Numbered,
        "components" => Shape::Components,
        _ => Shape::List,
    }
}

/// The field that a slot is of.
pub(super) fn field_of(slot: &str) -> &str {
    slot.split_once('/').map_or(slot, |(field, _)| field)
}

/// What decides on whom to trust, and on what else than values of Evidence: no manifest says it.
pub(super) fn is_decision(platform: Platform, field: &str) -> bool {
    let own: &[&str] = match platform {
        Platform::AmdSevSnp => {
            &["report_versions", "signing_keys", "revocation", "visible_chip_id", "machines", "committed_firmware"]
        }
        Platform::IntelTdx | Platform::IntelSgx => &["platform"],
        Platform::AwsNitro => &["timestamp", "machines", "challenge_field"],
        Platform::ArmCca => &["platform_key", "instance_id", "profiles"],
        Platform::NvidiaGpu | Platform::Tpm | Platform::AzureSnp | Platform::AzureTdx => &[],
    };
    ["name", "trust_anchor"].contains(&field) || own.contains(&field)
}

/// Slots put together into fields.
pub(super) fn compose(slots: Vec<(String, Value)>) -> Fields {
    let mut fields = Fields::new();
    for (slot, value) in slots {
        let field = field_of(&slot);
        match (shape(field), slot.split_once('/')) {
            (Shape::List | Shape::One, Some((_, part))) => {
                let object = fields.entry(field.to_string()).or_insert_with(|| json!({}));
                put(object, part, value);
            }
            _ => drop(fields.insert(slot, value)),
        }
    }
    fields
}

/// Puts a value at a place within objects.
fn put(object: &mut Value, place: &str, value: Value) {
    let Value::Object(map) = object else { return };
    match place.split_once('/') {
        None => drop(map.insert(place.to_string(), value)),
        Some((first, rest)) => put(map.entry(first).or_insert_with(|| json!({})), rest, value),
    }
}

/// The values of every field of a block that has some, a skipped one aside.
pub(super) fn take(block: &Map<String, Value>) -> Alternatives {
    let mut all = Alternatives::new();
    for (field, value) in block {
        if is_skipped(value) {
            continue;
        }
        match (shape(field), value) {
            (Shape::List, Value::Array(values)) => drop(all.insert(field.clone(), values.clone())),
            (Shape::Four, Value::Array(rules)) => {
                for (index, rule) in rules.iter().enumerate() {
                    if let Value::Array(values) = rule {
                        all.insert(format!("{field}/{index}"), values.clone());
                    }
                }
            }
            (Shape::Numbered | Shape::Components, Value::Array(entries)) => {
                for entry in entries {
                    if let Some((name, values)) = named(entry) {
                        all.insert(format!("{field}/{name}"), values.clone());
                    }
                }
            }
            (_, value) => drop(all.insert(field.clone(), Vec::from([value.clone()]))),
        }
    }
    all
}

fn named(entry: &Value) -> Option<(String, &Vec<Value>)> {
    let name = match (entry.get("index"), entry.get("component_type")) {
        (Some(index), _) => index.to_string(),
        (None, Some(Value::String(name))) => name.clone(),
        (None, _) => return None,
    };
    Some((name, entry.get("values")?.as_array()?))
}

fn is_skipped(value: &Value) -> bool {
    value.as_object().is_some_and(|object| object.contains_key("skip"))
}

/// Puts values into a block, in place of those that it had.
pub(super) fn give(block: &mut Map<String, Value>, all: &Alternatives) {
    if all.keys().any(|key| shape(field_of(key)) == Shape::Components) {
        block.insert("components".into(), json!([]));
    }
    for (key, values) in all {
        let field = field_of(key);
        let part = key.split_once('/').map(|(_, part)| part).unwrap_or_default();
        let place = block.entry(field).or_insert(Value::Null);
        match shape(field) {
            Shape::List => *place = Value::Array(values.clone()),
            Shape::One => *place = values.first().cloned().unwrap_or_default(),
            Shape::Four => {
                let rule = part.parse().ok().and_then(|index: usize| place.get_mut(index));
                if let Some(rule) = rule {
                    *rule = Value::Array(values.clone());
                }
            }
            Shape::Numbered => give_numbered(place, part, values),
            Shape::Components => {
                if let Value::Array(entries) = place {
                    entries.push(json!({ "component_type": part, "values": values }));
                }
            }
        }
    }
}

fn give_numbered(place: &mut Value, part: &str, values: &[Value]) {
    if is_skipped(place) {
        *place = json!([]);
    }
    let (Value::Array(entries), Ok(index)) = (place, part.parse::<u64>()) else { return };
    let number = |entry: &Value| entry.get("index").and_then(Value::as_u64);
    let new = json!({ "index": index, "values": values });
    match entries.iter_mut().find(|entry| number(entry) == Some(index)) {
        Some(entry) => *entry = new,
        None => {
            let at = entries.iter().position(|entry| number(entry) > Some(index)).unwrap_or(entries.len());
            entries.insert(at, new);
        }
    }
}

/// A block as it is written; `None` on platforms that no vocabulary speaks of.
pub(super) fn written(block: &Accept) -> Option<Map<String, Value>> {
    let value = match block {
        Accept::Snp(block) => serde_json::to_value(block),
        Accept::Tdx(block) => serde_json::to_value(block),
        Accept::Sgx(block) => serde_json::to_value(block),
        Accept::Nitro(block) => serde_json::to_value(block),
        Accept::Cca(block) => serde_json::to_value(block),
        Accept::Tpm(_) | Accept::Azure(_) | Accept::Gpu(_) => return None,
    };
    match value {
        Ok(Value::Object(map)) => Some(map),
        // Only maps with keys that are no text could fail, and there are none.
        _ => None,
    }
}

/// The block that is written so, on the platform of `like`.
pub(super) fn read(like: &Accept, block: Map<String, Value>) -> Result<Accept, String> {
    let value = Value::Object(block);
    let read = match like {
        Accept::Snp(_) => serde_json::from_value(value).map(Accept::Snp),
        Accept::Tdx(_) => serde_json::from_value(value).map(Accept::Tdx),
        Accept::Sgx(_) => serde_json::from_value(value).map(Accept::Sgx),
        Accept::Nitro(_) => serde_json::from_value(value).map(Accept::Nitro),
        Accept::Cca(_) => serde_json::from_value(value).map(Accept::Cca),
        Accept::Tpm(_) | Accept::Azure(_) | Accept::Gpu(_) => {
            return Err(format!("{} is not imported", like.platform()));
        }
    };
    read.map_err(|error| error.to_string())
}
