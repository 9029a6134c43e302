//! JSON of the common tools. Their objects are open: keys that are not known here are skipped unread, and of those that are,
//! exactly one may hold Evidence.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::bundle::Bundle;
use super::error::EnvelopeError;
use super::{EvidenceFile, text};
use crate::error::DecodeError;
use crate::platform::{azure, tdx};
use crate::text::printable;

/// Keys that hold Evidence, or an object that does.
const EVIDENCE: &[&str] = &[
    // Trustee (TDX, SGX), dstack, Intel Trust Authority, Azure Attestation.
    "quote",
    // dstack's cloud interface.
    "intel_quote",
    // AWS Nitro: the usual names in examples of the SDKs.
    "attestation_document",
    "attestation_doc",
    // AWS Nitro: what the security module's driver answers, written by serde: {"Attestation": {"document": [ … ]}}.
    "Attestation",
    "document",
    // Azure Attestation, SEV-SNP: {"report": base64url of {"SnpReport": …, "VcekCertChain": …}}.
    "report",
    "SnpReport",
    // Trustee, SEV-SNP.
    "attestation_report",
    // Trustee, Arm CCA.
    "token",
    // Intel Trust Authority: one object a platform.
    "tdx",
    "sgx",
    "sevsnp",
    // What `sealroom appraise --room … --save` writes.
    "evidence",
];

/// Keys that hold Endorsements.
const ENDORSEMENTS: &[&str] = &["endorsements", "VcekCertChain", "cert_chain"];
/// Keys that hold the event log of the trust domain whose quote stands beside them: Trustee (TDX). dstack's "event_log" is another
/// form, by events of its own.
const EVENT_LOGS: &[&str] = &["cc_eventlog"];
/// Keys of objects in a list of Endorsements: Trustee's {"cert_type": …, "data": [ … ]}.
const INNER: &[&str] = &["data"];
/// Keys of Evidence in fields: go-tdx-guest's JSON form of its protocol buffers.
const TAKEN_APART: &[&str] = &["tdQuoteBody", "signedData"];
/// Keys of an Azure VM's attester; its oldest form has "quote" and "report" instead.
const AZURE: &[&str] = &["hcl_report", "tpm_quote"];
/// The time in what a room's appraisal saved, in seconds since 1970.
const APPRAISED: &str = "appraised";

const MAX_ITEMS: usize = 64;
/// Values of all lists and under all known keys: short lists within lists would take many times the memory of their text.
const MAX_VALUES: usize = 1024;
const MAX_NAMED: usize = 6;

pub(super) fn take_off(text: &str, file: &mut EvidenceFile) -> Result<Vec<u8>, EnvelopeError> {
    if Bundle::sniff(text.as_bytes()) {
        let bundle = Bundle::read(text.as_bytes())?;
        file.forms.push(String::from(super::bundle::FORMAT));
        file.endorsements.extend(bundle.endorsements);
        file.appraised_at = bundle.appraised_at;
        file.challenge = bundle.challenge;
        return Ok(bundle.evidence);
    }
    let not_json = |error: serde_json::Error| EnvelopeError::Json { problem: printable(&error.to_string()) };
    let budget = Cell::new(MAX_VALUES);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Within(&budget).deserialize(&mut deserializer).map_err(not_json)?;
    deserializer.end().map_err(not_json)?;
    match value {
        Value::Object(object) if object.is_azure() => azure_vm(text, file),
        Value::Object(object) => object.take_off(file, &mut String::new()),
        Value::Bytes(bytes) => {
            file.forms.push(String::from("JSON array of bytes"));
            Ok(bytes)
        }
        Value::List(items) => message_wrapper(items, file),
        Value::Null | Value::Number(_) | Value::Text(_) | Value::Other => {
            Err(EnvelopeError::NoEvidenceKey { found: String::from("a single value") })
        }
    }
}

/// A VM's parts, put together in the one file that is appraised.
fn azure_vm(text: &str, file: &mut EvidenceFile) -> Result<Vec<u8>, EnvelopeError> {
    let wrong = |error: DecodeError| EnvelopeError::Azure { problem: printable(&error.to_string()) };
    let import = azure::import(text.as_bytes()).map_err(wrong)?;
    file.forms.push(String::from("JSON of an Azure VM's attester"));
    file.endorsements.extend(import.endorsements);
    Ok(import.evidence)
}

/// RATS conceptual message wrapper, record form: [media type, base64url, indicator].
fn message_wrapper(items: Vec<Value>, file: &mut EvidenceFile) -> Result<Vec<u8>, EnvelopeError> {
    let mut items = items.into_iter();
    match (items.next(), items.next()) {
        (Some(Value::Text(_)), Some(value @ Value::Text(_))) => {
            file.forms.push(String::from("conceptual message wrapper"));
            value.bytes("wrapper value")
        }
        _ => Err(EnvelopeError::NoEvidenceKey { found: String::from("an array") }),
    }
}

/// A value under a key that is known.
#[derive(Debug)]
enum Value {
    Null,
    Number(Option<u64>),
    Text(String),
    /// An array of numbers.
    Bytes(Vec<u8>),
    List(Vec<Self>),
    Object(Object),
    Other,
}

#[derive(Debug, Default)]
struct Object {
    known: Vec<(&'static str, Value)>,
    /// The first few of the others, to name them.
    others: Vec<String>,
}

impl Object {
    fn is_azure(&self) -> bool {
        let of = |name: &str| self.known.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        let oldest = matches!(of("quote"), Some(Value::Object(_))) && of("report").is_some();
        oldest || self.known.iter().any(|(key, _)| AZURE.contains(key))
    }

    fn take_off(self, file: &mut EvidenceFile, path: &mut String) -> Result<Vec<u8>, EnvelopeError> {
        let mut evidence: Option<(&'static str, Value)> = None;
        let mut log: Option<(&'static str, Value)> = None;
        let mut names = self.others;
        for (key, value) in self.known {
            if let Some(key) = TAKEN_APART.iter().find(|taken| **taken == key) {
                return Err(EnvelopeError::TakenApart { key });
            }
            match value {
                Value::Null => {}
                Value::Number(seconds) if key == APPRAISED => {
                    file.appraised_at = seconds.filter(|seconds| *seconds != 0);
                }
                value if ENDORSEMENTS.contains(&key) => endorsements(key, value, file)?,
                // Trustee writes an empty one where the guest has none.
                Value::Text(text) if EVENT_LOGS.contains(&key) && text.is_empty() => {}
                value if EVENT_LOGS.contains(&key) => log = Some((key, value)),
                value if EVIDENCE.contains(&key) => match evidence {
                    Some((one, _)) => return Err(EnvelopeError::TwoEvidenceKeys { one, other: key }),
                    None => evidence = Some((key, value)),
                },
                _ => names.push(key.to_owned()),
            }
        }
        let Some((key, value)) = evidence else {
            let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            let found = if names.is_empty() { String::from("no keys") } else { names.join(", ") };
            return Err(EnvelopeError::NoEvidenceKey { found });
        };
        path.push_str(if path.is_empty() { "" } else { "." });
        path.push_str(key);
        match value {
            // Trustee's SEV-SNP evidence: the report's fields as numbers.
            Value::Object(object) if key == "attestation_report" || object.known.is_empty() => {
                drop(object);
                Err(EnvelopeError::TakenApart { key })
            }
            Value::Object(object) => match log {
                None => object.take_off(file, path),
                Some((key, _)) => Err(EnvelopeError::LogOfNothing { key }),
            },
            value => {
                file.forms.push(format!("JSON \"{path}\""));
                let evidence = value.bytes(key)?;
                match log {
                    None => Ok(evidence),
                    Some((key, log)) => with_log(&evidence, key, log, file),
                }
            }
        }
    }
}

/// The quote of a trust domain and its log, put together in the one file that is appraised.
fn with_log(evidence: &[u8], key: &'static str, log: Value, file: &mut EvidenceFile) -> Result<Vec<u8>, EnvelopeError> {
    if !tdx::is_quote(evidence) {
        return Err(EnvelopeError::LogOfNothing { key });
    }
    let log = log.bytes(key)?;
    file.forms.push(format!("JSON \"{key}\""));
    Ok(tdx::container(evidence, &log))
}

fn endorsements(key: &'static str, value: Value, file: &mut EvidenceFile) -> Result<(), EnvelopeError> {
    match value {
        Value::List(items) => items.into_iter().try_for_each(|item| endorsements(key, item, file)),
        Value::Object(object) => {
            let inner = object.known.into_iter().filter(|(key, _)| INNER.contains(key));
            inner.map(|(_, value)| value).try_for_each(|value| endorsements(key, value, file))
        }
        Value::Null => Ok(()),
        value => {
            file.endorsements.push(value.bytes(key)?);
            Ok(())
        }
    }
}

impl Value {
    /// The bytes that it writes.
    fn bytes(self, key: &'static str) -> Result<Vec<u8>, EnvelopeError> {
        let found = match self {
            Self::Bytes(bytes) => return Ok(bytes),
            // Text inside text is for the next turn: PEM and JSON are kept as they are.
            Self::Text(text) if is_wrapped(&text) => return Ok(text.into_bytes()),
            Self::Text(text) if text.is_empty() => "empty",
            Self::Text(text) => return text::digits(text.trim_ascii()).map(|(bytes, _)| bytes),
            Self::Null => "null",
            Self::Number(_) => "a number",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
            Self::Other => "true or false",
        };
        Err(EnvelopeError::Value { key, found })
    }
}

/// A dash alone also begins base64url.
fn is_wrapped(text: &str) -> bool {
    let text = text.trim_ascii_start();
    text.starts_with('{') || text.starts_with("-----BEGIN ")
}

/// Reads one value, where so many more may follow in the file.
#[derive(Clone, Copy)]
struct Within<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for Within<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let left = self.0.get().checked_sub(1);
        self.0.set(left.ok_or_else(|| D::Error::custom(format!("more than {MAX_VALUES} values")))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Within<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, an array or an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(Some(value)))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Number(None))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Number(None))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let first = match items.next_element_seed(self)? {
            None => return Ok(Value::List(Vec::new())),
            Some(Value::Number(number)) => {
                let byte = number.and_then(|number| u8::try_from(number).ok());
                byte.ok_or_else(|| A::Error::custom("a byte is a number from 0 to 255"))?
            }
            Some(first) => {
                let mut list = alloc::vec![first];
                while let Some(item) = items.next_element_seed(self)? {
                    if list.len() == MAX_ITEMS {
                        return Err(A::Error::custom(format!("a list of more than {MAX_ITEMS} items")));
                    }
                    list.push(item);
                }
                return Ok(Value::List(list));
            }
        };
        let mut bytes = alloc::vec![first];
        while let Some(byte) = items.next_element::<u8>()? {
            bytes.push(byte);
        }
        Ok(Value::Bytes(bytes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Object::default();
        while let Some(key) = map.next_key::<String>()? {
            let lists = [EVIDENCE, ENDORSEMENTS, EVENT_LOGS, INNER, TAKEN_APART, AZURE, &[APPRAISED]];
            let known = lists.into_iter().flatten().find(|known| **known == key);
            let Some(known) = known else {
                map.next_value::<IgnoredAny>()?;
                if object.others.len() < MAX_NAMED {
                    object.others.push(key.chars().filter(|character| !character.is_control()).take(40).collect());
                }
                continue;
            };
            if object.known.iter().any(|(other, _)| other == known) {
                return Err(A::Error::custom(format!("key \"{known}\" occurs twice")));
            }
            object.known.push((known, map.next_value_seed(self)?));
        }
        Ok(Value::Object(object))
    }
}
