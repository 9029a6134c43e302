//! The one program of these tests: counts the rows of every dataset.

use sealroom_enclave_core::program::{Inputs, Meter, Plan, Program, ProgramFailure, ProgramRefusal};
use sealroom_protocol::contract::{Arguments, Terms};
use sealroom_protocol::table::{Cell, OutputRow, OutputTable};
use std::collections::BTreeMap;

/// See the top of this file.
#[derive(Debug)]
pub(crate) struct CountRows;

#[derive(Debug)]
struct CountRowsPlan {
    datasets: Vec<String>,
    results: Vec<String>,
}

impl Program for CountRows {
    fn name(&self) -> &'static str {
        "count-rows"
    }

    fn plan(&self, terms: &Terms, _: &Arguments) -> Result<Box<dyn Plan>, ProgramRefusal> {
        let datasets = terms.datasets.iter().map(|dataset| dataset.name.clone()).collect();
        let results = terms.results.iter().map(|result| result.name.clone()).collect();
        Ok(Box::new(CountRowsPlan { datasets, results }))
    }
}

impl Plan for CountRowsPlan {
    fn run(&self, inputs: &mut dyn Inputs, meter: &mut Meter) -> Result<BTreeMap<String, OutputTable>, ProgramFailure> {
        let mut rows = 0_u64;
        for dataset in &self.datasets {
            inputs.scan(dataset, &[0], &mut |batch| {
                let count = u64::try_from(batch.rows()).unwrap();
                meter.work(count)?;
                rows += count;
                Ok(())
            })?;
        }
        let cells = vec![Cell::Integer(i64::try_from(rows).unwrap())];
        let table = OutputTable { rows: vec![OutputRow { cells, contributors: rows, without_any_owner: 0 }] };
        Ok(self.results.iter().map(|name| (name.clone(), table.clone())).collect())
    }
}
