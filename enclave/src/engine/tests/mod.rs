//! Tests of the native programs, each run as in a room: plan, run under limits, output rules.

mod naive;
mod owners;
mod refusals;
mod small;
mod stories;

use core::convert::Infallible;
use rand_core::{TryCryptoRng, TryRng};
use sealroom_enclave_core::output_rules;
use sealroom_enclave_core::program::{Inputs, Meter, Plan, ProgramFailure, ProgramRefusal};
use sealroom_protocol::contract::{Column, Dataset, Limits, OutputRules, ProgramTerms, ResultTerms, Terms, Validity};
use sealroom_protocol::table::result::ResultPlaintext;
use sealroom_protocol::table::{Batch, CsvDecoder, CsvError};
use std::collections::BTreeMap;

/// Datasets in memory, as text.
struct Texts<'a> {
    terms: &'a Terms,
    texts: BTreeMap<String, String>,
}

struct Stop(ProgramFailure);

impl From<CsvError> for Stop {
    fn from(_: CsvError) -> Self {
        Self(ProgramFailure::Input)
    }
}

impl Inputs for Texts<'_> {
    fn scan(
        &mut self,
        dataset: &str,
        columns: &[usize],
        visit: &mut dyn FnMut(&Batch) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let terms = self.terms.datasets.iter().find(|terms| terms.name == dataset).ok_or(ProgramFailure::Input)?;
        let text = self.texts.get(dataset).ok_or(ProgramFailure::Input)?;
        let mut decoder = CsvDecoder::with_projection(&terms.columns, terms.maximum_rows, columns);
        // An awkward size, so that most pieces end inside a row.
        for piece in text.as_bytes().chunks(10_007) {
            decoder.decode(piece, |batch| visit(batch).map_err(Stop)).map_err(|Stop(failure)| failure)?;
        }
        decoder.finish(|batch| visit(batch).map_err(Stop)).map_err(|Stop(failure)| failure).map(|_| ())
    }
}

/// A generator for the key of hash tables: no answer may depend on it.
struct Sequence(u64);

impl TryRng for Sequence {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::try_from(self.try_next_u64()? >> 32).unwrap())
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Ok(self.0 ^ self.0 >> 29)
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let value = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&value[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Sequence {}

fn terms(program: ProgramTerms, datasets: Vec<Dataset>, results: Vec<ResultTerms>) -> Terms {
    let validity = Validity { not_before: 0, expires: 1 };
    let mut terms = Terms::new("test", "A test.", validity, [0; 32], program, Limits::new(1, 256, 1 << 40));
    terms.datasets = datasets;
    terms.results = results;
    terms
}

fn result(name: &str, columns: Vec<Column>, minimum_group_size: u64) -> ResultTerms {
    ResultTerms::new(name, &["institute"], columns, OutputRules::new(minimum_group_size, 1 << 40, 1 << 30))
}

fn plan(terms: &Terms) -> Result<Box<dyn Plan>, ProgramRefusal> {
    super::program(&terms.program.name).unwrap().plan(terms, &terms.program.arguments)
}

/// What each result comes to, with a hash key made from `seed`.
fn run_seeded(
    terms: &Terms,
    texts: &[(&str, &str)],
    seed: u64,
) -> Result<BTreeMap<String, ResultPlaintext>, ProgramFailure> {
    let plan = plan(terms).unwrap();
    let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let mut meter = Meter::new(&terms.limits, &mut Sequence(seed));
    let mut outputs = plan.run(&mut Texts { terms, texts }, &mut meter)?;
    assert_eq!(outputs.len(), terms.results.len(), "one table for each result");
    let rules = |result: &ResultTerms| {
        (result.name.clone(), output_rules::decide(result, outputs.remove(&result.name).unwrap()))
    };
    Ok(terms.results.iter().map(rules).collect())
}

fn run(terms: &Terms, texts: &[(&str, &str)]) -> Result<BTreeMap<String, ResultPlaintext>, ProgramFailure> {
    run_seeded(terms, texts, 1)
}

/// The text of one result, none of which was suppressed or withheld.
fn csv(terms: &Terms, texts: &[(&str, &str)], result: &str) -> String {
    let released = run(terms, texts).unwrap().remove(result).unwrap();
    assert_eq!((released.outcome.suppressed, released.outcome.withheld), (0, None));
    released.csv
}
