//! *overlap*: which keys do at least so many of the parties share; how many, or which, as the contract says.
//!
//! What always holds: a key counts once for a party, in however many of its datasets and however often it stands, and a null
//! matches nothing; nothing of a key that too few share comes out; the list stands in the order of the keys, not of anybody's file.

use super::arguments::{Reader, wrong};
use super::build::key_text;
use super::columns::{column_of, comparable, dataset, must_hold};
use super::memory::{push, to_usize};
use super::select::has_null;
use super::texts::TextTable;
use sealroom_enclave_core::program::{Inputs, Meter, Outputs, Plan, Program, ProgramFailure, ProgramRefusal, scan};
use sealroom_protocol::contract::{Arguments, Column, ColumnKind, ResultTerms, Terms};
use sealroom_protocol::table::{Cell, OutputRow, OutputTable};

/// Arguments: `datasets` (all, if absent), `key` (and `key-DATASET`), `minimum_parties` (all owners, if absent),
/// `count_result`, `list_result`.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Overlap;

#[derive(Debug)]
struct OverlapPlan {
    datasets: Vec<Keys>,
    kinds: Vec<ColumnKind>,
    minimum: usize,
    count_result: Option<String>,
    list_result: Option<String>,
}

/// A dataset and the places of its key.
#[derive(Debug)]
struct Keys {
    dataset: String,
    /// The owner's bit: a contract has at most 64 parties.
    owner: u64,
    places: Vec<usize>,
}

/// Who has a key, as one bit a party: with one a dataset, a party that brings two would count as two.
#[derive(Debug, Clone, Copy)]
struct Holders {
    owners: u64,
}

impl Program for Overlap {
    fn name(&self) -> &'static str {
        "overlap"
    }

    fn plan(&self, terms: &Terms, arguments: &Arguments) -> Result<Box<dyn Plan>, ProgramRefusal> {
        let mut arguments = Reader::new(arguments);
        let names = arguments.list("datasets")?;
        let names = names.unwrap_or_else(|| terms.datasets.iter().map(|dataset| dataset.name.as_str()).collect());
        if !(2..=64).contains(&names.len()) {
            return Err(wrong("datasets", "2 to 64 datasets"));
        }
        let mut datasets = Vec::new();
        let mut owners: Vec<&str> = Vec::new();
        let mut key: Vec<Column> = Vec::new();
        for name in names {
            let dataset = dataset(terms, "datasets", name)?;
            let (argument, columns) = arguments.list_for("key", name)?;
            let columns = columns.filter(|columns| !columns.is_empty());
            let columns = columns.ok_or_else(|| wrong(&argument, "the names of the key's columns"))?;
            let found = columns.iter().map(|column| column_of(dataset, &argument, column));
            let found = found.collect::<Result<Vec<_>, _>>()?;
            if datasets.is_empty() {
                key.extend(found.iter().map(|(_, column)| (*column).clone()));
            }
            let alike = found.iter().zip(&key).all(|((_, column), first)| comparable(&column.kind, &first.kind));
            if found.len() != key.len() || !alike {
                return Err(wrong(&argument, "as many key columns as in the first dataset, of the same types"));
            }
            let number = owners.iter().position(|owner| *owner == dataset.owner).unwrap_or_else(|| {
                owners.push(&dataset.owner);
                owners.len().saturating_sub(1)
            });
            datasets.push(Keys {
                dataset: name.to_owned(),
                owner: 1_u64.unbounded_shl(u32::try_from(number).unwrap_or(u32::MAX)),
                places: found.into_iter().map(|(place, _)| place).collect(),
            });
        }
        let all = owners.len();
        if all < 2 {
            return Err(wrong("datasets", "datasets of 2 or more parties"));
        }
        let minimum = match arguments.integer("minimum_parties")? {
            None => all,
            Some(minimum) => usize::try_from(minimum)
                .ok()
                .filter(|minimum| (2..=all).contains(minimum))
                .ok_or_else(|| wrong("minimum_parties", format!("2 to {all}, the number of their owners")))?,
        };
        let count_result = arguments.text("count_result")?;
        let list_result = arguments.text("list_result")?;
        arguments.finish()?;
        if count_result == list_result {
            return Err(wrong(
                "count_result",
                "the name of a result, other than that of list_result; or list_result alone",
            ));
        }
        for result in &terms.results {
            if Some(result.name.as_str()) == count_result {
                check_count(result)?;
                count_can_leave(result, all, minimum)?;
            } else if Some(result.name.as_str()) == list_result {
                check_list(result, &key)?;
                list_can_leave(result, all)?;
            } else {
                return Err(refuse(result, "expected it to be named by count_result or list_result"));
            }
        }
        for (argument, name) in [("count_result", count_result), ("list_result", list_result)] {
            if name.is_some_and(|name| terms.results.iter().all(|result| result.name != name)) {
                return Err(wrong(argument, "the name of a result of the contract"));
            }
        }
        Ok(Box::new(OverlapPlan {
            datasets,
            kinds: key.into_iter().map(|column| column.kind).collect(),
            minimum,
            count_result: count_result.map(str::to_owned),
            list_result: list_result.map(str::to_owned),
        }))
    }
}

fn check_count(result: &ResultTerms) -> Result<(), ProgramRefusal> {
    match result.columns.as_slice() {
        [Column { kind: ColumnKind::Integer { .. }, .. }] => Ok(()),
        _ => Err(refuse(result, "expected one integer column, for the count")),
    }
}

fn check_list(result: &ResultTerms, key: &[Column]) -> Result<(), ProgramRefusal> {
    if result.columns.len() != key.len() {
        return Err(refuse(result, "expected the columns of the key"));
    }
    for (column, key) in result.columns.iter().zip(key) {
        must_hold(&column.kind, &key.kind).map_err(|expected| ProgramRefusal::ResultColumn {
            result: result.name.clone(),
            column: column.name.clone(),
            expected,
        })?;
    }
    Ok(())
}

/// Without any one of them, the owners that are left must be enough to share a key, or no number ever leaves.
fn count_can_leave(result: &ResultTerms, owners: usize, minimum: usize) -> Result<(), ProgramRefusal> {
    if !result.rules.minimum_without_each_owner || minimum < owners {
        return Ok(());
    }
    let left = owners.saturating_sub(1);
    refuse_without_each(
        result,
        if left < 2 {
            "expected datasets of 3 or more owners, and minimum_parties below their number".to_owned()
        } else {
            format!("expected minimum_parties of at most {left}")
        },
    )
}

/// The contributors of a key are the owners that have it: with fewer than the minimum no key ever leaves.
fn list_can_leave(result: &ResultTerms, owners: usize) -> Result<(), ProgramRefusal> {
    let most = owners.saturating_sub(usize::from(result.rules.minimum_without_each_owner));
    let minimum = result.rules.minimum_group_size;
    if u64::try_from(most).is_ok_and(|most| most >= minimum) {
        return Ok(());
    }
    let expected = format!(
        "expected a minimum_group_size of at most {most}, since its contributors are the owners that have a key"
    );
    if result.rules.minimum_without_each_owner {
        return refuse_without_each(result, expected);
    }
    Err(refuse(result, &expected))
}

fn refuse_without_each(result: &ResultTerms, expected: String) -> Result<(), ProgramRefusal> {
    Err(refuse(
        result,
        &format!("{expected}, since with minimum_without_each_owner one owner is left out and nothing would leave"),
    ))
}

fn refuse(result: &ResultTerms, expected: &str) -> ProgramRefusal {
    ProgramRefusal::Result { result: result.name.clone(), expected: expected.to_owned() }
}

impl Plan for OverlapPlan {
    fn run(&self, inputs: &mut dyn Inputs, meter: &mut Meter) -> Result<Outputs, ProgramFailure> {
        let mut keys = TextTable::new(meter.hash_key());
        let mut holders: Vec<Holders> = Vec::new();
        let mut buffer = Vec::new();
        for Keys { dataset, owner, places: columns } in &self.datasets {
            let places: Vec<usize> = (0..columns.len()).collect();
            scan(inputs, meter, dataset, columns, |batch, meter| {
                for row in (0..batch.rows()).filter(|row| !has_null(batch, &places, *row)) {
                    let (id, new) = keys.insert(key_text(batch, &places, row, &mut buffer), meter)?;
                    if new {
                        push(&mut holders, Holders { owners: 0 }, meter)?;
                    }
                    if let Some(holders) = holders.get_mut(to_usize(id)) {
                        holders.owners |= owner;
                    }
                }
                Ok(())
            })?;
        }
        let enough =
            |holders: &Holders| usize::try_from(holders.owners.count_ones()).is_ok_and(|count| count >= self.minimum);
        let shared = holders.iter().enumerate().filter(|(_, holders)| enough(holders));
        let mut outputs = Outputs::new();
        if let Some(name) = &self.count_result {
            let count = shared.clone().count();
            let cells = vec![Cell::Integer(i64::try_from(count).map_err(|_| ProgramFailure::Overflow)?)];
            let contributors = u64::try_from(count).map_err(|_| ProgramFailure::Overflow)?;
            let without_any_owner = self.shared_without_any_owner(&holders);
            outputs
                .insert(name.clone(), OutputTable { rows: vec![OutputRow { cells, contributors, without_any_owner }] });
        }
        if let Some(name) = &self.list_result {
            let mut rows = Vec::new();
            for (id, holders) in shared {
                let id = u32::try_from(id).map_err(|_| ProgramFailure::Overflow)?;
                let cells = self.cells(keys.text(id));
                meter.allocate(size_of::<OutputRow>().saturating_add(cells.capacity().saturating_mul(64)))?;
                // Not the rows: an owner that repeats a key must not lift it over the minimum.
                let contributors = u64::from(holders.owners.count_ones());
                rows.push(OutputRow { cells, contributors, without_any_owner: contributors.saturating_sub(1) });
            }
            rows.sort_unstable_by(|left, right| left.cells.cmp(&right.cells));
            outputs.insert(name.clone(), OutputTable { rows });
        }
        Ok(outputs)
    }
}

impl OverlapPlan {
    /// How many keys enough parties share when one of them is left out, whichever leaves fewest.
    fn shared_without_any_owner(&self, holders: &[Holders]) -> u64 {
        let owners = self.datasets.iter().map(|keys| keys.owner);
        let shared = |owner: u64| {
            let left = holders.iter().map(|holders| (holders.owners & !owner).count_ones());
            left.filter(|count| usize::try_from(*count).is_ok_and(|count| count >= self.minimum)).count()
        };
        owners.map(shared).min().and_then(|count| u64::try_from(count).ok()).unwrap_or(0)
    }

    /// The key's values from the bytes that stand for them; see [`key_text`].
    fn cells(&self, mut bytes: &[u8]) -> Vec<Cell> {
        let text = |bytes: &[u8]| Cell::Text(String::from_utf8_lossy(bytes).into_owned());
        if let [ColumnKind::Text { .. }] = self.kinds.as_slice() {
            return vec![text(bytes)];
        }
        let mut cells = Vec::with_capacity(self.kinds.len());
        for kind in &self.kinds {
            let length = match kind {
                ColumnKind::Integer { .. } | ColumnKind::Decimal { .. } => 8,
                ColumnKind::Boolean => 1,
                ColumnKind::Text { .. } => match bytes.split_first_chunk::<4>() {
                    Some((length, rest)) => {
                        bytes = rest;
                        to_usize(u32::from_le_bytes(*length))
                    }
                    None => 0,
                },
            };
            let (value, rest) = bytes.split_at_checked(length).unwrap_or((bytes, &[]));
            bytes = rest;
            let number = || i64::from_le_bytes(value.first_chunk().copied().unwrap_or_default());
            cells.push(match kind {
                ColumnKind::Integer { .. } => Cell::Integer(number()),
                ColumnKind::Decimal { .. } => Cell::Decimal(number()),
                ColumnKind::Boolean => Cell::Boolean(value == [1]),
                ColumnKind::Text { .. } => text(value),
            });
        }
        cells
    }
}
