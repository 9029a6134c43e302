//! From checked text to terms: what an amendment carries over.

use super::amends::{Amends, CarriedCount, CarriedCounts, CarriedHead, CarriedLog, RUN_NUMBERS_OF_A_VERSION};
use super::error::ContractError;
use super::reader::{Table, Value};
use super::terms::Terms;
use crate::id::{ContractId, ReceiptId};
use alloc::string::ToString;
use alloc::vec::Vec;

/// The largest log: 2^53 - 1.
const HIGHEST: i64 = (1 << 53) - 1;
/// Most runs that a contract can allow, and most versions.
const RUNS: i64 = 1_000_000;
const DIGITS: &str = "64 lowercase hexadecimal digits";

/// The predecessor, and how it stood. The terms are all others.
pub(super) fn amends(value: &Value<'_>, terms: &Terms) -> Result<Amends, ContractError> {
    let known = ["contract", "first", "version", "head", "highest_run", "counts", "counts_begin_anew", "log"];
    let table = value.table("amends", &known)?;
    let contract = ContractId::from_bytes(table.required("contract")?.hex("", DIGITS)?);
    let first = ContractId::from_bytes(table.required("first")?.hex("", DIGITS)?);
    let version = table.required("version")?.count(2, RUNS)?;
    // No run of an earlier version has a higher number, so a text that names one would only leave fewer for the runs to come.
    let last = version.saturating_sub(1).saturating_mul(RUN_NUMBERS_OF_A_VERSION);
    let last = i64::try_from(last).unwrap_or(HIGHEST);
    let head = table.optional("head").map(|value| head(&value, last)).transpose()?;
    let lowest = head.map_or(0, |head| i64::try_from(head.run).unwrap_or(last));
    let highest_run = table.required("highest_run")?.integer(lowest, last)?.unsigned_abs();
    let counts = counts(&table, terms)?;
    let log = table.optional("log").map(|value| log(&value)).transpose()?;
    Ok(Amends { contract, first, version, head, highest_run, counts, log })
}

fn head(value: &Value<'_>, last: i64) -> Result<CarriedHead, ContractError> {
    let table = value.table("amends.head", &["run", "receipt"])?;
    let run = table.required("run")?.count(1, last)?;
    Ok(CarriedHead { run, receipt: ReceiptId::from_bytes(table.required("receipt")?.hex("", DIGITS)?) })
}

fn log(value: &Value<'_>) -> Result<CarriedLog, ContractError> {
    let table = value.table("amends.log", &["size", "root"])?;
    Ok(CarriedLog { size: table.required("size")?.count(0, HIGHEST)?, root: table.required("root")?.hex("", DIGITS)? })
}

/// One count for each granting party in the contract's order, or the words that there is none.
fn counts(table: &Table<'_>, terms: &Terms) -> Result<CarriedCounts, ContractError> {
    let listed = table.optional("counts");
    if let Some(anew) = table.optional("counts_begin_anew") {
        if !anew.boolean()? {
            return Err(anew.form("true, or no such key", "false"));
        }
        return match listed {
            Some(listed) => Err(ContractError::CountsAndAnew { at: listed.at() }),
            None => Ok(CarriedCounts::Anew),
        };
    }
    let granting = terms.granting_parties();
    let listed = match listed {
        Some(listed) => listed,
        None if granting.is_empty() => return Ok(CarriedCounts::On(Vec::new())),
        None => return Err(table.missing("counts")),
    };
    let mut expected = granting.iter();
    let mut counts = Vec::new();
    for value in listed.list(1, 64)? {
        let table = value.table("amends.counts", &["party", "runs"])?;
        let party = table.required("party")?;
        let name = party.name()?;
        if expected.next().is_none_or(|granting| granting.name != name) {
            return Err(ContractError::CarriedCounts { at: party.at(), party: name.to_string() });
        }
        counts.push(CarriedCount { party: name.to_string(), runs: table.required("runs")?.count(0, RUNS)? });
    }
    match expected.next() {
        Some(missing) => Err(ContractError::CarriedCounts { at: listed.at(), party: missing.name.clone() }),
        None => Ok(CarriedCounts::On(counts)),
    }
}
