//! From checked text to terms: datasets, results and their columns.

use super::decimal::parse_decimal;
use super::decode::{LARGE, Parties};
use super::error::{ContractError, shown};
use super::reader::{Table, Value};
use super::terms::{Column, ColumnKind, Dataset, OutputRules, ResultTerms, Role};
use crate::id::ObjectId;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const COLUMN_LIMIT: usize = 256;

pub(super) fn datasets(top: &Table<'_>, parties: &Parties) -> Result<Vec<Dataset>, ContractError> {
    let mut datasets: Vec<Dataset> = Vec::new();
    let values = top.optional("dataset").map(|value| value.list(1, 64)).transpose()?;
    for value in values.unwrap_or_default() {
        let table = value.table("dataset", &["name", "owner", "maximum_rows", "object", "column"])?;
        let name_value = table.required("name")?;
        let name = name_value.name()?;
        if datasets.iter().any(|dataset| dataset.name == name) {
            return Err(name_value.repeated(name));
        }
        let object =
            table.optional("object").map(|value| value.hex("", "64 lowercase hexadecimal digits")).transpose()?;
        datasets.push(Dataset {
            name: name.to_string(),
            owner: parties.named(&table.required("owner")?, Some(Role::Data))?.to_string(),
            maximum_rows: table.required("maximum_rows")?.count(1, LARGE)?,
            object: object.map(ObjectId::from_bytes),
            columns: columns(&table.required("column")?, "dataset.column")?,
        });
    }
    Ok(datasets)
}

pub(super) fn results(value: &Value<'_>, parties: &Parties) -> Result<Vec<ResultTerms>, ContractError> {
    let mut results: Vec<ResultTerms> = Vec::new();
    for value in value.list(1, 64)? {
        let table = value.table("result", &["name", "recipients", "column", "rules"])?;
        let name_value = table.required("name")?;
        let name = name_value.name()?;
        if results.iter().any(|result| result.name == name) {
            return Err(name_value.repeated(name));
        }
        let recipient = |value: &Value<'_>| parties.named(value, Some(Role::Result)).map(ToString::to_string);
        results.push(ResultTerms {
            name: name.to_string(),
            recipients: distinct_recipients(&table.required("recipients")?, recipient)?,
            columns: columns(&table.required("column")?, "result.column")?,
            rules: rules(&table.required("rules")?)?,
        });
    }
    Ok(results)
}

/// A result's header carries its key for each recipient, and a header has at most 64 KiB.
const RECIPIENT_LIMIT: usize = 32;

fn distinct_recipients(
    value: &Value<'_>,
    read: impl Fn(&Value<'_>) -> Result<String, ContractError>,
) -> Result<Vec<String>, ContractError> {
    let mut recipients = Vec::new();
    for entry in value.list(1, RECIPIENT_LIMIT)? {
        let recipient = read(&entry)?;
        if recipients.contains(&recipient) {
            return Err(entry.repeated(&recipient));
        }
        recipients.push(recipient);
    }
    Ok(recipients)
}

fn rules(value: &Value<'_>) -> Result<OutputRules, ContractError> {
    let known =
        ["minimum_group_size", "minimum_without_each_owner", "maximum_rows", "maximum_bytes", "round_integers_to"];
    let table = value.table("result.rules", &known)?;
    Ok(OutputRules {
        minimum_group_size: table.required("minimum_group_size")?.count(1, LARGE)?,
        minimum_without_each_owner: table
            .optional("minimum_without_each_owner")
            .map_or(Ok(false), |value| value.boolean())?,
        maximum_rows: table.required("maximum_rows")?.count(1, LARGE)?,
        maximum_bytes: table.required("maximum_bytes")?.count(1, LARGE)?,
        round_integers_to: table.required("round_integers_to")?.count(1, 1_000_000_000)?,
    })
}

#[derive(Clone, Copy)]
enum Kind {
    Integer,
    Decimal,
    Text,
    Boolean,
}

const KINDS: [(&str, Kind); 4] =
    [("integer", Kind::Integer), ("decimal", Kind::Decimal), ("text", Kind::Text), ("boolean", Kind::Boolean)];

fn columns(value: &Value<'_>, table_name: &'static str) -> Result<Vec<Column>, ContractError> {
    let mut columns: Vec<Column> = Vec::new();
    for value in value.list(1, COLUMN_LIMIT)? {
        let kind = value.free_table(table_name)?.required("type")?.word(&KINDS, "integer, decimal, text or boolean")?;
        let known: &[&str] = match kind {
            Kind::Integer => &["name", "type", "null", "min", "max"],
            Kind::Decimal => &["name", "type", "null", "scale", "min", "max"],
            Kind::Text => &["name", "type", "null", "maximum_length", "values"],
            Kind::Boolean => &["name", "type", "null"],
        };
        let table = value.table(table_name, known)?;
        let name_value = table.required("name")?;
        let name = column_name(&name_value)?;
        if columns.iter().any(|column| column.name == name) {
            return Err(name_value.repeated(name));
        }
        let kind = match kind {
            Kind::Integer => integer(&table, name)?,
            Kind::Decimal => decimal(&table, name)?,
            Kind::Text => text(&table)?,
            Kind::Boolean => ColumnKind::Boolean,
        };
        let null = table.optional("null").map(|value| value.boolean()).transpose()?.unwrap_or(false);
        columns.push(Column { name: name.to_string(), kind, null });
    }
    Ok(columns)
}

fn column_name<'a>(value: &Value<'a>) -> Result<&'a str, ContractError> {
    let text = value.text()?;
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let valid = (1..=64).contains(&text.len()) && text.bytes().all(belongs);
    if valid { Ok(text) } else { Err(value.form("1 to 64 of a-z A-Z 0-9 _ -", text)) }
}

fn integer(table: &Table<'_>, column: &str) -> Result<ColumnKind, ContractError> {
    let minimum = table.required("min")?.integer(i64::MIN, i64::MAX)?;
    let maximum_value = table.required("max")?;
    let maximum = maximum_value.integer(i64::MIN, i64::MAX)?;
    refuse_empty(minimum, maximum, &maximum_value, column)?;
    Ok(ColumnKind::Integer { minimum, maximum })
}

fn decimal(table: &Table<'_>, column: &str) -> Result<ColumnKind, ContractError> {
    let scale = u8::try_from(table.required("scale")?.count(1, 9)?).unwrap_or(9);
    let units = |value: &Value<'_>| {
        let text = value.text()?;
        let expected = "a number such as \"6.2\" with at most `scale` digits after the point, within 64 bits";
        parse_decimal(text, scale).ok_or_else(|| value.form(expected, text))
    };
    let minimum = units(&table.required("min")?)?;
    let maximum_value = table.required("max")?;
    let maximum = units(&maximum_value)?;
    refuse_empty(minimum, maximum, &maximum_value, column)?;
    Ok(ColumnKind::Decimal { scale, minimum, maximum })
}

fn refuse_empty(minimum: i64, maximum: i64, value: &Value<'_>, column: &str) -> Result<(), ContractError> {
    if minimum <= maximum {
        return Ok(());
    }
    Err(ContractError::EmptyRange { at: value.at(), column: column.to_string() })
}

/// Without `maximum_length`, the longest of `values` is as long as it may be.
fn text(table: &Table<'_>) -> Result<ColumnKind, ContractError> {
    let stated = table.optional("maximum_length").map(|value| value.count(1, 65_536)).transpose()?;
    let stated = stated.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    let list = match table.optional("values") {
        Some(list) => list.list(1, 4096)?,
        None if stated.is_none() => return Err(table.missing("maximum_length")),
        None => Vec::new(),
    };
    let mut values: Vec<String> = Vec::new();
    for entry in list {
        let value = entry.text()?;
        entry.check_length("bytes", value.len(), 1, stated.unwrap_or(65_536))?;
        if values.last().is_some_and(|last| last.as_str() >= value) {
            return Err(ContractError::NotSorted { at: entry.at(), field: entry.field(), found: shown(value) });
        }
        values.push(value.to_string());
    }
    let longest = values.iter().map(String::len).max().unwrap_or(1);
    let maximum_length = u32::try_from(stated.unwrap_or(longest)).unwrap_or(65_536);
    Ok(ColumnKind::Text { maximum_length, values })
}
