//! The join on plain files, in one process: the same native program, output rules and decoder of CSV as in a room, and no
//! encryption, no socket, no host. `on_files FOLDER` prints its CPU seconds, user and system, and its result.
//!
//! An example of the enclave's package, so that Cargo builds it with the profile of the measured image.

#![expect(clippy::indexing_slicing, reason = "a benchmark: a panic stops it, and nothing else depends on it")]

mod terms;

use anyhow::{Context, Result};
use getrandom::SysRng;
use rand_core::UnwrapErr;
use rustix::time::{ClockId, clock_gettime};
use sealroom_enclave_core::output_rules;
use sealroom_enclave_core::program::{Inputs, Meter, ProgramFailure};
use sealroom_protocol::contract::{Terms, Validity};
use sealroom_protocol::table::{Batch, CsvDecoder, CsvError};
use std::fs::File;
use std::io::{Read, Write};
use std::path::PathBuf;

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("usage: on_files FOLDER")?);
    let terms = terms::terms([0; 32], Validity { not_before: 0, expires: 1 });
    let program = sealroom_enclave::engine::program(&terms.program.name).context("no such program")?;
    let plan = program.plan(&terms, &terms.program.arguments)?;
    let mut inputs = Files { terms: &terms, folder };
    let mut rng = UnwrapErr(SysRng);
    let mut meter = Meter::new(&terms.limits, &mut rng);
    let before = processor_seconds();
    let mut outputs = plan.run(&mut inputs, &mut meter)?;
    let result = output_rules::decide(&terms.results[0], outputs.remove("totals").context("no result")?);
    let spent = processor_seconds() - before;
    write!(std::io::stdout(), "{spent}\n{}", result.csv)?;
    Ok(())
}

fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::as_conversions, reason = "seconds of a benchmark fit a float")]
    let seconds = time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9;
    seconds
}

/// Datasets in plain files.
struct Files<'a> {
    terms: &'a Terms,
    folder: PathBuf,
}

struct Stop(ProgramFailure);

impl From<CsvError> for Stop {
    fn from(_: CsvError) -> Self {
        Self(ProgramFailure::Input)
    }
}

impl Inputs for Files<'_> {
    fn scan(
        &mut self,
        dataset: &str,
        columns: &[usize],
        visit: &mut dyn FnMut(&Batch) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let terms = self.terms.datasets.iter().find(|terms| terms.name == dataset).ok_or(ProgramFailure::Input)?;
        let mut decoder = CsvDecoder::with_projection(&terms.columns, terms.maximum_rows, columns);
        let lost = |_| ProgramFailure::Input;
        let mut file = File::open(self.folder.join(format!("{dataset}.csv"))).map_err(lost)?;
        let mut buffer = vec![0; 1 << 20];
        loop {
            let length = file.read(&mut buffer).map_err(lost)?;
            if length == 0 {
                break;
            }
            let taken = decoder.decode(&buffer[..length], |batch| visit(batch).map_err(Stop));
            taken.map_err(|Stop(failure)| failure)?;
        }
        decoder.finish(|batch| visit(batch).map_err(Stop)).map_err(|Stop(failure)| failure).map(|_| ())
    }
}
