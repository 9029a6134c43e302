//! From checked text to terms: the program and its arguments. Whether the program knows them, its own check says.

use super::decode::Parties;
use super::error::ContractError;
use super::reader::Value;
use super::terms::{ArgumentValue, Arguments, ProgramKind, ProgramTerms, Role};
use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::mem::discriminant;
use toml::de::DeValue;

const ARGUMENT_LIMIT: usize = 64;
const LIST_LIMIT: usize = 256;

pub(super) fn program(value: &Value<'_>, parties: &Parties) -> Result<ProgramTerms, ContractError> {
    let table = value.table("program", &["kind", "name", "arguments", "choices"])?;
    let kind = table.required("kind")?.word(&[("native", ProgramKind::Native)], "native")?;
    let name = table.required("name")?.name()?.to_string();
    let mut arguments = Arguments::new();
    if let Some(value) = table.optional("arguments") {
        for (name, entry) in value.free_table("program.arguments")?.entries() {
            check_name(name, &entry)?;
            arguments.insert(name.to_string(), argument(&entry)?);
        }
        check_count(arguments.len(), &value)?;
    }
    let mut choices = BTreeMap::new();
    if let Some(value) = table.optional("choices") {
        for (name, entry) in value.free_table("program.choices")?.entries() {
            check_name(name, &entry)?;
            if arguments.contains_key(name) {
                return Err(ContractError::FixedAndChosen { at: entry.at(), found: name.to_string() });
            }
            choices.insert(name.to_string(), choice(&entry)?);
        }
        check_count(choices.len(), &value)?;
        if !parties.any(Role::Request) {
            return Err(ContractError::NobodyChooses { at: value.at() });
        }
    }
    Ok(ProgramTerms { kind, name, arguments, choices })
}

fn check_name(name: &str, value: &Value<'_>) -> Result<(), ContractError> {
    let belongs = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    let valid = name.len() <= 64 && name.bytes().all(belongs) && name.starts_with(|c: char| c.is_ascii_lowercase());
    if valid { Ok(()) } else { Err(value.form("a key of 1 to 64 of a-z 0-9 _ -, beginning with a letter", name)) }
}

fn check_count(found: usize, value: &Value<'_>) -> Result<(), ContractError> {
    if (1..=ARGUMENT_LIMIT).contains(&found) {
        return Ok(());
    }
    Err(ContractError::Count { at: value.at(), field: value.field(), minimum: 1, maximum: ARGUMENT_LIMIT, found })
}

/// The closed list from which a requester takes one.
fn choice(value: &Value<'_>) -> Result<Vec<ArgumentValue>, ContractError> {
    let mut values = Vec::new();
    for entry in value.list(1, LIST_LIMIT)? {
        let chosen = argument(&entry)?;
        if values.contains(&chosen) {
            return Err(entry.repeated(entry.kind().as_str().unwrap_or("this value")));
        }
        values.push(chosen);
    }
    refuse_mixed(&values, value)?;
    Ok(values)
}

fn argument(value: &Value<'_>) -> Result<ArgumentValue, ContractError> {
    if !value.kind().is_array() {
        return single(value);
    }
    let values = value.list(0, LIST_LIMIT)?.iter().map(single).collect::<Result<Vec<_>, _>>()?;
    refuse_mixed(&values, value)?;
    Ok(ArgumentValue::List(values))
}

fn single(value: &Value<'_>) -> Result<ArgumentValue, ContractError> {
    match value.kind() {
        DeValue::String(text) => {
            value.check_length("bytes", text.len(), 0, 4096)?;
            Ok(ArgumentValue::Text(text.to_string()))
        }
        DeValue::Integer(_) => value.integer(i64::MIN, i64::MAX).map(ArgumentValue::Integer),
        DeValue::Boolean(boolean) => Ok(ArgumentValue::Boolean(*boolean)),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
            Err(value.wrong_type("string, integer or boolean"))
        }
    }
}

fn refuse_mixed(values: &[ArgumentValue], value: &Value<'_>) -> Result<(), ContractError> {
    let first = values.first().map(discriminant);
    if values.iter().all(|other| Some(discriminant(other)) == first) {
        return Ok(());
    }
    Err(ContractError::MixedTypes { at: value.at(), field: value.field() })
}
