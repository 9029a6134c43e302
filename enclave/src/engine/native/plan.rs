//! The plan that *statistics* and *join-and-aggregate* share: unite datasets, join others to them, group, measure.
//!
//! What always holds: a plan reads only columns that it names, and every column that it names exists with a type that
//! can do what is asked of it.

use super::arguments::{Reader, missing, wrong};
use super::columns::{JoinKind, Source, Tables, column_of, comparable, dataset};
use super::condition::Condition;
use super::measure::{Builder, ResultPlan};
use super::sources::{How, Sources, place_of};
use sealroom_enclave_core::program::ProgramRefusal;
use sealroom_protocol::contract::{ColumnKind, Dataset, ResultTerms, Terms};
use std::collections::BTreeSet;

/// What is read, how it is joined, and what comes out.
#[derive(Debug)]
pub(super) struct AggregatePlan {
    pub(super) united: Vec<United>,
    /// The united columns that are read, by their places in the first dataset, in the order in which they are read.
    pub(super) united_columns: Vec<usize>,
    /// Rows of the united datasets must fulfil all of these; each with its place among the columns that are read.
    pub(super) filters: Vec<(usize, Condition)>,
    pub(super) joins: Vec<Join>,
    pub(super) sources: Sources,
    pub(super) results: Vec<ResultPlan>,
}

/// One of the united datasets.
#[derive(Debug)]
pub(super) struct United {
    pub(super) dataset: String,
    pub(super) reads: Vec<usize>,
}

/// One joined dataset.
#[derive(Debug)]
pub(super) struct Join {
    pub(super) dataset: String,
    pub(super) kind: JoinKind,
    /// Places of the keys among the united columns that are read.
    pub(super) united_keys: Vec<usize>,
    /// Places of the keys among [`reads`](Self::reads).
    pub(super) keys: Vec<usize>,
    /// Whether there is one key and it is a number or a boolean.
    pub(super) word_key: bool,
    pub(super) reads: Vec<usize>,
    pub(super) filters: Vec<(usize, Condition)>,
}

impl AggregatePlan {
    /// Reads the arguments; `joins` where the program has them.
    pub(super) fn new(terms: &Terms, mut arguments: Reader<'_>, with_joins: bool) -> Result<Self, ProgramRefusal> {
        let names = match arguments.list("datasets")? {
            Some(names) => names,
            None if with_joins => return Err(missing("datasets", "the datasets whose rows are united")),
            None => terms.datasets.iter().map(|dataset| dataset.name.as_str()).collect(),
        };
        let mut tables = Tables::unite(terms, "datasets", &names)?;
        let mut columns = Columns::default();
        let mut joins = Vec::new();
        if with_joins {
            for text in arguments.list("joins")?.unwrap_or_default() {
                joins.push(join(terms, &mut tables, &mut columns, text)?);
            }
        }
        let mut filters = Vec::new();
        for text in arguments.list("where")?.unwrap_or_default() {
            let (found, condition) = Condition::parse_filter(&tables, "where", text)?;
            match found.source {
                Source::United(place) => filters.push((columns.united(place), condition)),
                Source::Joined { join, place } => {
                    let join = joins.get_mut(join).ok_or_else(|| wrong("where", "a column of a joined dataset"))?;
                    join.filters.push((place_of(&mut join.reads, place), condition));
                }
                Source::Matched(_) => {
                    return Err(wrong("where", "no condition on a match; group by it, or join inner"));
                }
            }
        }
        let mut sources = Sources::default();
        let unit = match arguments.text("unit")? {
            None => None,
            Some(name) => Some(sources.code(tables.find("unit", name)?, How::Value)),
        };
        let results = results(terms, &mut arguments, &tables, &mut sources, unit)?;
        nobody_chooses_groups(terms, &joins)?;
        arguments.finish()?;
        for source in sources.columns() {
            match source {
                Source::United(place) => {
                    columns.united(place);
                }
                Source::Joined { join, place } => {
                    if let Some(join) = joins.get_mut(join) {
                        place_of(&mut join.reads, place);
                    }
                }
                Source::Matched(_) => {}
            }
        }
        let united =
            tables.united.iter().map(|dataset| columns.places_in(&tables, dataset)).collect::<Result<_, _>>()?;
        Ok(Self { united, united_columns: columns.united, filters, joins, sources, results })
    }

    /// The place of a source's column among those that are read from its dataset.
    pub(super) fn read_of(&self, source: Source) -> Option<usize> {
        match source {
            Source::United(place) => self.united_columns.iter().position(|there| *there == place),
            Source::Joined { join, place } => self.joins.get(join)?.reads.iter().position(|there| *there == place),
            Source::Matched(_) => None,
        }
    }
}

/// The united columns to read.
#[derive(Debug, Default)]
struct Columns {
    united: Vec<usize>,
}

impl Columns {
    fn united(&mut self, place: usize) -> usize {
        place_of(&mut self.united, place)
    }

    /// Where these columns stand in one of the united datasets.
    fn places_in(&self, tables: &Tables<'_>, dataset: &Dataset) -> Result<United, ProgramRefusal> {
        let first = tables.united.first().map(|first| first.columns.as_slice()).unwrap_or_default();
        let names = self.united.iter().filter_map(|place| first.get(*place)).map(|column| column.name.as_str());
        let reads = names.map(|name| Ok(column_of(dataset, "datasets", name)?.0)).collect::<Result<_, _>>()?;
        Ok(United { dataset: dataset.name.clone(), reads })
    }
}

/// Reads `KIND DATASET on COLUMN[=COLUMN][, …]`: on the left of `=` a united column, on the right one of the dataset.
fn join<'a>(
    terms: &'a Terms,
    tables: &mut Tables<'a>,
    columns: &mut Columns,
    text: &str,
) -> Result<Join, ProgramRefusal> {
    let expected =
        "joins such as \"inner planes on tailnum\": inner, left or flag, a dataset, on, and pairs of key columns";
    let form = || wrong("joins", expected);
    let (kind, rest) = text.split_once(' ').ok_or_else(form)?;
    let (name, keys) = rest.split_once(" on ").ok_or_else(form)?;
    let kind = match kind {
        "inner" => JoinKind::Inner,
        "left" => JoinKind::Left,
        "flag" => JoinKind::Flag,
        _ => return Err(form()),
    };
    let joined = dataset(terms, "joins", name)?;
    let taken = tables.united.iter().chain(tables.joined.iter().map(|(dataset, _)| dataset));
    if taken.into_iter().any(|dataset| dataset.name == name) {
        return Err(wrong("joins", format!("each dataset once; \"{name}\" is there already")));
    }
    let (mut united_keys, mut reads, mut word_key) = (Vec::new(), Vec::new(), false);
    for (index, pair) in keys.split(',').map(str::trim).enumerate() {
        let (left, right) = pair.split_once('=').unwrap_or((pair, pair));
        if left.contains('.') {
            return Err(wrong("joins", "key columns of the united datasets, without a dataset's name"));
        }
        let found = tables.find("joins", left)?;
        let (place, column) = column_of(joined, "joins", right)?;
        if !comparable(&found.kind, &column.kind) {
            return Err(ProgramRefusal::ColumnType {
                argument: "joins".to_owned(),
                column: format!("{name}.{right}"),
                expected: format!("the type (and scale) of {left}"),
            });
        }
        if reads.contains(&place) {
            return Err(wrong("joins", "each key column once"));
        }
        word_key = index == 0 && !matches!(column.kind, ColumnKind::Text { .. });
        if let Source::United(place) = found.source {
            united_keys.push(columns.united(place));
        }
        reads.push(place);
    }
    tables.joined.push((joined, kind));
    let keys = (0..reads.len()).collect();
    Ok(Join { dataset: name.to_owned(), kind, united_keys, keys, word_key, reads, filters: Vec::new() })
}

fn results(
    terms: &Terms,
    arguments: &mut Reader<'_>,
    tables: &Tables<'_>,
    sources: &mut Sources,
    unit: Option<usize>,
) -> Result<Vec<ResultPlan>, ProgramRefusal> {
    let mut results = Vec::new();
    for result in &terms.results {
        let included = arguments.list(&format!("datasets-{}", result.name))?;
        let (group_argument, groups) = arguments.list_for("group_by", &result.name)?;
        let (measure_argument, measures) = arguments.list_for("measures", &result.name)?;
        let measures = measures.ok_or_else(|| missing("measures", "what to count and add up in each group"))?;
        let mut builder = Builder {
            tables,
            sources: &mut *sources,
            terms: result,
            unit,
            plan: ResultPlan {
                name: result.name.clone(),
                owners: None,
                includes: includes(tables, &result.name, included.as_deref())?,
                dimensions: Vec::new(),
                tallies: Vec::new(),
                sums: Vec::new(),
                extremes: Vec::new(),
                lists: Vec::new(),
                outputs: Vec::new(),
                contributors: Vec::new(),
                decimals: Vec::new(),
            },
        };
        if result.rules.minimum_without_each_owner {
            builder.plan.owners = Some(owners(tables, result, &builder.plan.includes)?);
        }
        builder.contributors(None);
        for text in groups.unwrap_or_default() {
            builder.group(&group_argument, text)?;
        }
        for text in measures {
            builder.measure(&measure_argument, text)?;
        }
        results.push(builder.finish()?);
    }
    Ok(results)
}

/// For each united dataset the number of its owner. With one owner no row could ever leave.
fn owners(tables: &Tables<'_>, result: &ResultTerms, includes: &[bool]) -> Result<Vec<usize>, ProgramRefusal> {
    let mut names: Vec<&str> = Vec::new();
    let numbers = tables.united.iter().map(|dataset| place_of(&mut names, dataset.owner.as_str())).collect::<Vec<_>>();
    let included: BTreeSet<&usize> =
        numbers.iter().zip(includes).filter(|(_, included)| **included).map(|(n, _)| n).collect();
    if included.len() < 2 {
        let expected = "expected united datasets of 2 or more owners, since its minimum must hold without each of them";
        return Err(ProgramRefusal::Result { result: result.name.clone(), expected: expected.to_owned() });
    }
    Ok(numbers)
}

/// Whose dataset is joined decides which rows of others a group has, and how often: two groups that differ by one row of
/// another would both be large. So a minimum that must hold without each owner has no joins.
fn nobody_chooses_groups(terms: &Terms, joins: &[Join]) -> Result<(), ProgramRefusal> {
    let asked = terms.results.iter().any(|result| result.rules.minimum_without_each_owner);
    if asked && !joins.is_empty() {
        return Err(wrong(
            "joins",
            "none where a result has minimum_without_each_owner, since who owns a joined dataset chooses the groups",
        ));
    }
    Ok(())
}

/// For each united dataset, whether its rows count in this result: all, or those that `datasets-RESULT` names.
fn includes(tables: &Tables<'_>, result: &str, names: Option<&[&str]>) -> Result<Vec<bool>, ProgramRefusal> {
    let Some(names) = names else {
        return Ok(vec![true; tables.united.len()]);
    };
    let argument = format!("datasets-{result}");
    let known = || tables.united.iter().map(|dataset| dataset.name.as_str());
    if let Some(name) = names.iter().find(|name| !known().any(|known| known == **name)) {
        let dataset = (*name).to_owned();
        let known = known().collect::<Vec<_>>().join(", ");
        return Err(ProgramRefusal::UnknownDataset { argument, dataset, known });
    }
    if names.is_empty() {
        return Err(wrong(&argument, "at least one dataset"));
    }
    Ok(tables.united.iter().map(|dataset| names.contains(&dataset.name.as_str())).collect())
}
