//! Native programs, on rows of two owners who may mean harm.

use super::rng::Counter;
use core::iter;
use sealroom_enclave::engine::program;
use sealroom_enclave_core::program::{Inputs, Meter, Plan, ProgramFailure};
use sealroom_protocol::contract::{
    ArgumentValue, Arguments, Column, Dataset, Limits, OutputRules, ProgramTerms, ResultTerms, Terms, Validity,
};
use sealroom_protocol::table::{Batch, CsvDecoder, CsvError};

/// Two datasets, cut at the first empty line: every program gives what it promises, or says by a code why not.
pub(crate) fn programs(bytes: &[u8]) -> bool {
    let cut = bytes.windows(2).position(|pair| pair == b"\n\n").map_or(bytes.len(), |line| line + 1);
    let (first, second) = bytes.split_at(cut);
    let rows = [first, second.get(1..).unwrap_or_default()];
    PLANS.with(|plans| plans.iter().fold(false, |any, planned| run(planned, rows) | any))
}

fn run((terms, plan): &Planned, rows: [&[u8]; 2]) -> bool {
    let mut meter = Meter::new(&terms.limits, &mut Counter::new());
    let Ok(outputs) = plan.run(&mut Rows { terms, rows }, &mut meter) else { return false };
    assert!(outputs.keys().eq(iter::once("result")), "one table for each result");
    let columns = terms.results.iter().map(|result| result.columns.len()).sum::<usize>();
    assert!(outputs.values().flat_map(|table| &table.rows).all(|row| row.cells.len() == columns));
    true
}

type Planned = (Terms, Box<dyn Plan>);

thread_local!(static PLANS: [Planned; 3] = plans());

fn plans() -> [Planned; 3] {
    let list = |values: &[&str]| ArgumentValue::from(values);
    let overlap = [("key", list(&["city"])), ("list_result", "result".into())];
    let statistics = [
        ("group_by", list(&["city"])),
        (
            "measures",
            list(&["count", "mean:age", "variance:weight", "quantile:50:age", "sum:weight", "maximum:weight"]),
        ),
    ];
    let join = [
        ("datasets", list(&["first"])),
        ("joins", list(&["left second on city"])),
        ("group_by", list(&["city"])),
        ("measures", list(&["count", "sum:second.age"])),
    ];
    let city = || Column::text("city", 20).or_null();
    let integer = |name| Column::integer(name, i64::MIN, i64::MAX).or_null();
    let decimal = |name, scale| Column::decimal(name, scale, i64::MIN, i64::MAX).or_null();
    let measured =
        vec![city(), integer("n"), decimal("m", 4), decimal("v", 4), integer("q"), decimal("s", 2), decimal("x", 2)];
    [
        planned("overlap", &overlap, vec![city()]),
        planned("statistics", &statistics, measured),
        planned("join-and-aggregate", &join, vec![city(), integer("n"), integer("s")]),
    ]
}

fn planned(name: &'static str, arguments: &[(&str, ArgumentValue)], columns: Vec<Column>) -> Planned {
    let arguments: Arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let validity = Validity { not_before: 0, expires: 1 };
    let terms = ProgramTerms::native(name);
    let mut terms = Terms::new("programs", "to test programs", validity, [0; 32], terms, Limits::new(1, 64, 10_000));
    for (name, owner) in [("first", "owner"), ("second", "other")] {
        let weight = Column::decimal("weight", 2, i64::MIN, i64::MAX).or_null();
        let columns = vec![Column::text("city", 20).or_null(), Column::integer("age", i64::MIN, i64::MAX), weight];
        terms.datasets.push(Dataset::new(name, owner, 1_000, columns));
    }
    terms.results.push(ResultTerms::new("result", &["owner"], columns, OutputRules::new(1, 1_000, 65_536)));
    let program = program(name).expect("a program of the image");
    let plan = program.plan(&terms, &arguments).unwrap_or_else(|refusal| unreachable!("{name}: {refusal}"));
    (terms, plan)
}

struct Rows<'a> {
    terms: &'a Terms,
    rows: [&'a [u8]; 2],
}

struct Failure(ProgramFailure);

impl From<CsvError> for Failure {
    fn from(_: CsvError) -> Self {
        Self(ProgramFailure::Input)
    }
}

impl Inputs for Rows<'_> {
    fn scan(
        &mut self,
        dataset: &str,
        columns: &[usize],
        visit: &mut dyn FnMut(&Batch) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let found = self.terms.datasets.iter().zip(self.rows).find(|(terms, _)| terms.name == dataset);
        let (terms, rows) = found.expect("a program scans datasets of its plan");
        let mut decoder = CsvDecoder::with_projection(&terms.columns, terms.maximum_rows, columns);
        let mut visit = |batch: &Batch| visit(batch).map_err(Failure);
        decoder.decode(rows, &mut visit).map_err(|Failure(failure)| failure)?;
        decoder.finish(&mut visit).map_err(|Failure(failure)| failure)?;
        Ok(())
    }
}
