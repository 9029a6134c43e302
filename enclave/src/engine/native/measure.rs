//! What a result is made of: its groups and its measures, checked against its columns.
//!
//! What always holds: every column of the result can hold every value that may come, sums and counts apart, whose size
//! only data knows; and each row's contributors are counted for every cell, nulls left out.

use super::arguments::wrong;
use super::columns::{Found, Tables, must_hold};
use super::condition::Condition;
use super::sources::{How, Sources, place_of};
use sealroom_enclave_core::program::ProgramRefusal;
use sealroom_protocol::contract::{Column, ColumnKind, ResultTerms};

/// Counts rows whose code is at least so much; or the different codes of another kind among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) filter: Option<(usize, u32)>,
    pub(super) distinct: Option<usize>,
}

/// Adds up a number, and its square where a variance is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) number: usize,
    pub(super) squares: bool,
}

/// How one column of the result is made; places are those in [`ResultPlan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// The value of the group.
    Group {
        dimension: usize,
        label: bool,
    },
    Count {
        tally: usize,
    },
    Sum {
        sum: usize,
    },
    /// Sum by count, of a number with `from` digits, written with `to`.
    Mean {
        sum: usize,
        tally: usize,
        from: u8,
        to: u8,
    },
    Variance {
        sum: usize,
        tally: usize,
        from: u8,
        to: u8,
    },
    /// `factor` times one count by another.
    Share {
        part: usize,
        whole: usize,
        factor: i128,
        to: u8,
    },
    Minimum {
        extreme: usize,
    },
    Maximum {
        extreme: usize,
    },
    /// The least value that at least so many percent of the values do not exceed.
    Quantile {
        list: usize,
        percent: u8,
    },
}

/// How one result is made.
#[derive(Debug)]
pub(super) struct ResultPlan {
    pub(super) name: String,
    /// For each united dataset, whether its rows count here.
    pub(super) includes: Vec<bool>,
    /// For each united dataset, the number of its owner, where the minimum must hold without each of them.
    pub(super) owners: Option<Vec<usize>>,
    /// Codes by which rows are grouped.
    pub(super) dimensions: Vec<usize>,
    pub(super) tallies: Vec<Tally>,
    pub(super) sums: Vec<Sum>,
    pub(super) extremes: Vec<usize>,
    pub(super) lists: Vec<usize>,
    pub(super) outputs: Vec<Output>,
    /// A row's contributors are the least of these tallies.
    pub(super) contributors: Vec<usize>,
    /// Whether each output that is a number of the data is a decimal.
    pub(super) decimals: Vec<bool>,
}

/// Reads what one result's arguments say.
pub(super) struct Builder<'a> {
    pub(super) tables: &'a Tables<'a>,
    pub(super) sources: &'a mut Sources,
    pub(super) terms: &'a ResultTerms,
    /// The code whose different values contribute, where rows do not.
    pub(super) unit: Option<usize>,
    pub(super) plan: ResultPlan,
}

impl<'a> Builder<'a> {
    /// The next column of the result that has none yet.
    fn column(&self) -> Result<&'a Column, ProgramRefusal> {
        self.terms.columns.get(self.plan.outputs.len()).ok_or_else(|| self.wrong_count())
    }

    /// Refuses a result with more columns than were made.
    pub(super) fn finish(self) -> Result<ResultPlan, ProgramRefusal> {
        if self.plan.outputs.len() == self.terms.columns.len() { Ok(self.plan) } else { Err(self.wrong_count()) }
    }

    fn wrong_count(&self) -> ProgramRefusal {
        ProgramRefusal::Result {
            result: self.terms.name.clone(),
            expected: format!(
                "expected one column for each of group_by and measures, in this order; it has {}",
                self.terms.columns.len()
            ),
        }
    }

    /// A column by which rows are grouped: `column`, or `column:WIDTH` for bands.
    pub(super) fn group(&mut self, argument: &str, text: &str) -> Result<(), ProgramRefusal> {
        let (name, band) = text.split_once(':').map_or((text, None), |(name, band)| (name, Some(band)));
        let found = self.tables.find(argument, name)?;
        let column = self.column()?;
        let mut label = false;
        let how = match band {
            None => {
                self.must(column, must_hold(&column.kind, &found.kind))?;
                How::Value
            }
            Some(band) => {
                let width = band.parse::<i64>().ok().filter(|width| *width >= 2);
                let width =
                    width.ok_or_else(|| wrong(argument, "after the colon a width of at least 2, such as age:10"))?;
                let ColumnKind::Integer { minimum, maximum } = found.kind else {
                    return Err(type_refusal(argument, name, "an integer column, since only these have bands"));
                };
                let (low, high) = (band_start(minimum, width), band_start(maximum, width));
                label = matches!(column.kind, ColumnKind::Text { .. });
                let holder = if label {
                    let longest = band_label(low, width).len().max(band_label(high, width).len());
                    ColumnKind::Text { maximum_length: u32::try_from(longest).unwrap_or(u32::MAX), values: Vec::new() }
                } else {
                    ColumnKind::Integer { minimum: low, maximum: high }
                };
                self.must(column, must_hold(&column.kind, &holder))?;
                How::Band(width)
            }
        };
        if found.null && !column.null {
            return Err(self.refuse(column, "a column that may be null, since its source may be"));
        }
        let code = self.sources.code(found, how);
        let dimension = self.plan.dimensions.len();
        self.plan.dimensions.push(code);
        self.output(Output::Group { dimension, label }, false);
        Ok(())
    }

    /// A measure: `count`, `units`, or `KIND:…` as docs/programs.md lists them.
    pub(super) fn measure(&mut self, argument: &str, text: &str) -> Result<(), ProgramRefusal> {
        let (kind, rest) = text.split_once(':').map_or((text, None), |(kind, rest)| (kind, Some(rest)));
        match (kind, rest) {
            ("count", None) => self.count(None, None),
            ("units", None) => {
                let unit = self.needs_unit(argument)?;
                self.count(None, Some(unit))
            }
            ("known", Some(name)) => {
                let known = self.known_filter(argument, name)?;
                self.count(Some(known), None)
            }
            ("units", Some(name)) => {
                let unit = self.needs_unit(argument)?;
                let known = self.known_filter(argument, name)?;
                self.count(Some(known), Some(unit))
            }
            ("distinct", Some(name)) => {
                let found = self.tables.find(argument, name)?;
                let code = self.sources.code(found, How::Value);
                self.count(Some((code, 1)), Some(code))
            }
            ("matching", Some(condition)) => {
                let (found, holds) = self.condition(argument, condition)?;
                self.contributes(&found);
                self.count(Some((holds, 2)), None)
            }
            ("share", Some(condition)) => self.share(argument, condition, 1),
            ("percent", Some(condition)) => self.share(argument, condition, 100),
            ("sum" | "mean" | "variance" | "mean_per_unit" | "minimum" | "maximum", Some(name)) => {
                self.number_measure(argument, kind, name)
            }
            ("quantile", Some(rest)) => self.quantile(argument, rest),
            _ => Err(wrong(
                argument,
                "measures such as count, units, known:c, units:c, distinct:c, matching:c>0, share:c>0, percent:c>0, sum:c, \
                 mean:c, variance:c, mean_per_unit:c, minimum:c, maximum:c, quantile:50:c",
            )),
        }
    }

    /// A count, into an integer column.
    fn count(&mut self, filter: Option<(usize, u32)>, distinct: Option<usize>) -> Result<(), ProgramRefusal> {
        let column = self.column()?;
        if !matches!(column.kind, ColumnKind::Integer { .. }) {
            return Err(self.refuse(column, "an integer, for a count"));
        }
        let tally = self.tally(filter, distinct);
        self.output(Output::Count { tally }, false);
        Ok(())
    }

    fn share(&mut self, argument: &str, condition: &str, factor: i128) -> Result<(), ProgramRefusal> {
        let (found, holds) = self.condition(argument, condition)?;
        let to = self.digits()?;
        self.contributes(&found);
        let part = self.tally(Some((holds, 2)), None);
        let whole = self.tally(Some((holds, 1)), None);
        self.output(Output::Share { part, whole, factor, to }, to > 0);
        Ok(())
    }

    fn number_measure(&mut self, argument: &str, kind: &str, name: &str) -> Result<(), ProgramRefusal> {
        let found = self.number(argument, name)?;
        let from = scale(&found.kind);
        let known = self.known(&found);
        self.contributes(&found);
        let number = self.sources.number(found.clone());
        match kind {
            "sum" => {
                let column = self.column()?;
                if !super::columns::comparable(&column.kind, &found.kind) {
                    return Err(self.refuse(column, "the type (and scale) of the column that is added up"));
                }
                let sum = place_of(&mut self.plan.sums, Sum { number, squares: false });
                self.output(Output::Sum { sum }, from > 0);
            }
            "minimum" | "maximum" => {
                let column = self.column()?;
                self.must(column, must_hold(&column.kind, &found.kind))?;
                let extreme = place_of(&mut self.plan.extremes, number);
                let output = if kind == "minimum" { Output::Minimum { extreme } } else { Output::Maximum { extreme } };
                self.output(output, from > 0);
            }
            _ => {
                let to = self.digits()?;
                let squares = kind == "variance";
                let column = self.column()?;
                if squares && !column.null && self.terms.rules.minimum_group_size < 2 {
                    return Err(
                        self.refuse(column, "a column that may be null (one value has no variance), or groups of 2")
                    );
                }
                let sum = place_of(&mut self.plan.sums, Sum { number, squares });
                let tally = if kind == "mean_per_unit" {
                    let unit = self.needs_unit(argument)?;
                    self.tally(None, Some(unit))
                } else {
                    self.tally(known, None)
                };
                let output = if squares {
                    Output::Variance { sum, tally, from, to }
                } else {
                    Output::Mean { sum, tally, from, to }
                };
                self.output(output, to > 0);
            }
        }
        Ok(())
    }

    fn quantile(&mut self, argument: &str, rest: &str) -> Result<(), ProgramRefusal> {
        let parts = rest.split_once(':').and_then(|(percent, name)| Some((percent.parse::<u8>().ok()?, name)));
        let parts = parts.filter(|(percent, _)| (1..100).contains(percent));
        let (percent, name) = parts.ok_or_else(|| wrong(argument, "quantile:PERCENT:column with 1 to 99 percent"))?;
        let found = self.number(argument, name)?;
        let column = self.column()?;
        self.must(column, must_hold(&column.kind, &found.kind))?;
        self.contributes(&found);
        let decimal = scale(&found.kind) > 0;
        let number = self.sources.number(found);
        let list = place_of(&mut self.plan.lists, number);
        self.output(Output::Quantile { list, percent }, decimal);
        Ok(())
    }

    fn output(&mut self, output: Output, decimal: bool) {
        self.plan.outputs.push(output);
        self.plan.decimals.push(decimal);
    }

    fn tally(&mut self, filter: Option<(usize, u32)>, distinct: Option<usize>) -> usize {
        place_of(&mut self.plan.tallies, Tally { filter, distinct })
    }

    /// Counts the row's contributors over the rows where this column is known, where it may be null.
    fn contributes(&mut self, found: &Found) {
        let known = self.known(found);
        self.contributors(known);
    }

    /// Counts the row's contributors over these rows too.
    pub(super) fn contributors(&mut self, filter: Option<(usize, u32)>) {
        let tally = self.tally(filter, self.unit);
        place_of(&mut self.plan.contributors, tally);
    }

    /// The rows where this column is known; none where it always is.
    fn known(&mut self, found: &Found) -> Option<(usize, u32)> {
        found.null.then(|| (self.sources.code(found.clone(), How::Known), 1))
    }

    fn known_filter(&mut self, argument: &str, name: &str) -> Result<(usize, u32), ProgramRefusal> {
        let found = self.tables.find(argument, name)?;
        Ok((self.sources.code(found, How::Known), 1))
    }

    fn condition(&mut self, argument: &str, text: &str) -> Result<(Found, usize), ProgramRefusal> {
        let (found, condition) = Condition::parse(self.tables, argument, text)?;
        let code = self.sources.code(found.clone(), How::Holds(condition));
        Ok((found, code))
    }

    fn number(&self, argument: &str, name: &str) -> Result<Found, ProgramRefusal> {
        let found = self.tables.find(argument, name)?;
        match found.kind {
            ColumnKind::Integer { .. } | ColumnKind::Decimal { .. } => Ok(found),
            ColumnKind::Text { .. } | ColumnKind::Boolean => {
                Err(type_refusal(argument, name, "an integer or decimal column"))
            }
        }
    }

    /// Digits after the point of the next column, which holds a quotient.
    fn digits(&self) -> Result<u8, ProgramRefusal> {
        let column = self.column()?;
        match column.kind {
            ColumnKind::Integer { .. } | ColumnKind::Decimal { .. } => Ok(scale(&column.kind)),
            ColumnKind::Text { .. } | ColumnKind::Boolean => Err(self.refuse(column, "a decimal or an integer")),
        }
    }

    fn needs_unit(&self, argument: &str) -> Result<usize, ProgramRefusal> {
        self.unit.ok_or_else(|| wrong(argument, "the argument unit, where a measure is by units"))
    }

    fn must(&self, column: &Column, holds: Result<(), String>) -> Result<(), ProgramRefusal> {
        holds.map_err(|expected| self.refuse(column, expected))
    }

    fn refuse(&self, column: &Column, expected: impl Into<String>) -> ProgramRefusal {
        ProgramRefusal::ResultColumn {
            result: self.terms.name.clone(),
            column: column.name.clone(),
            expected: expected.into(),
        }
    }
}

/// The first value of the band in which `value` is.
pub(super) const fn band_start(value: i64, width: i64) -> i64 {
    value.saturating_sub(value.rem_euclid(width))
}

/// `40-49`.
pub(super) fn band_label(start: i64, width: i64) -> String {
    format!("{start}-{}", start.saturating_add(width).saturating_sub(1))
}

/// Digits after the point.
pub(super) const fn scale(kind: &ColumnKind) -> u8 {
    match kind {
        ColumnKind::Decimal { scale, .. } => *scale,
        ColumnKind::Integer { .. } | ColumnKind::Text { .. } | ColumnKind::Boolean => 0,
    }
}

fn type_refusal(argument: &str, column: &str, expected: &str) -> ProgramRefusal {
    ProgramRefusal::ColumnType {
        argument: argument.to_owned(),
        column: column.to_owned(),
        expected: expected.to_owned(),
    }
}
