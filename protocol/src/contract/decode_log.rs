//! From checked text to terms: witnesses of the log of receipts.

use super::decode::Parties;
use super::error::ContractError;
use super::reader::Value;
use super::terms::{LogTerms, WitnessTerms};
use alloc::string::ToString;
use alloc::vec::Vec;

/// Most witnesses: a note holds their signatures beside the log's.
const WITNESSES: usize = 32;

/// The witnesses, and how many of them.
pub(super) fn log(value: &Value<'_>, parties: &Parties) -> Result<LogTerms, ContractError> {
    let table = value.table("log", &["cosigned", "witness"])?;
    let mut witnesses: Vec<WitnessTerms> = Vec::new();
    for value in table.required("witness")?.list(1, WITNESSES)? {
        let table = value.table("log.witness", &["name", "key"])?;
        let (name_value, key_value) = (table.required("name")?, table.required("key")?);
        let name = name_value.text()?;
        // What a signature line and a verifier key of C2SP signed-note can hold, and nothing that looks like something else.
        let belongs = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'/' | b'_');
        if name.is_empty() || name.len() > 128 || !name.bytes().all(belongs) {
            return Err(name_value.form("1 to 128 of a-z 0-9 - . / _", name));
        }
        if witnesses.iter().any(|known| known.name == name) {
            return Err(name_value.repeated(name));
        }
        let witness = WitnessTerms { name: name.to_string(), key: key_value.key()? };
        let other = witnesses.iter().find(|known| known.key == witness.key).map(|known| known.name.clone());
        // One key is for one use, and counts once.
        if let Some(first) = other.or_else(|| parties.who_signs_with(&witness.key)) {
            return Err(ContractError::SharedKey { at: key_value.at(), key: "key", first, second: witness.name });
        }
        witnesses.push(witness);
    }
    // More than half, so that two histories that both have enough share a witness.
    let least = witnesses.len().wrapping_div(2).saturating_add(1);
    let (least, most) = (u32::try_from(least).unwrap_or(u32::MAX), i64::try_from(witnesses.len()).unwrap_or(i64::MAX));
    Ok(LogTerms { cosigned: table.required("cosigned")?.count(least, most)?, witnesses })
}
