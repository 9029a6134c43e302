//! The join on plain files, in one process: the same native program, output rules and decoder of CSV as in a room, and no
//! encryption, no socket, no host. `on_files FOLDER` prints its CPU seconds, user and system, and its result.
//! `on_files FOLDER objects` prints what no room can save: the CPU seconds of checking and decrypting, in memory, both
//! tables as encrypted objects.
//!
//! An example of the enclave's package, so that Cargo builds it with the profile of the measured image.

#![expect(clippy::indexing_slicing, reason = "a benchmark: a panic stops it, and nothing else depends on it")]

mod terms;

use anyhow::{Context, Result};
use core::convert::Infallible;
use core::hint::black_box;
use getrandom::SysRng;
use rand_core::UnwrapErr;
use rustix::time::{ClockId, clock_gettime};
use sealroom_enclave_core::output_rules;
use sealroom_enclave_core::program::{Inputs, Meter, ProgramFailure};
use sealroom_protocol::contract::{Terms, Validity};
use sealroom_protocol::object::{DataKey, GROUP_LENGTH, ObjectError, PREFIX_LENGTH, Reader, Writer};
use sealroom_protocol::provider::Ring;
use sealroom_protocol::table::{Batch, CsvDecoder, CsvError};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("usage: on_files FOLDER [objects]")?);
    let terms = terms::terms([0; 32], Validity { not_before: 0, expires: 1 });
    let program = sealroom_enclave::engine::program(&terms.program.name).context("no such program")?;
    let plan = program.plan(&terms, &terms.program.arguments)?;
    if std::env::args_os().nth(2).is_some() {
        let spent = terms.datasets.iter().map(|dataset| decrypting(&folder.join(format!("{}.csv", dataset.name))));
        let spent: f64 = spent.sum::<Result<f64>>()?;
        writeln!(std::io::stdout(), "{spent}")?;
        return Ok(());
    }
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

/// CPU seconds of reading this file once as an encrypted object that lies in memory, as the enclave reads it: the digest
/// of each group, and each chunk decrypted where it lies.
fn decrypting(file: &Path) -> Result<f64> {
    let (key, mut body, mut rng) = (DataKey::generate(&mut UnwrapErr(SysRng)), Vec::new(), UnwrapErr(SysRng));
    let mut writer = Writer::new(&Ring, &key, b"bench", &mut rng)?;
    let mut sink = |bytes: &[u8]| -> Result<(), Infallible> {
        body.extend_from_slice(bytes);
        Ok(())
    };
    writer.write(&std::fs::read(file)?, &mut sink)?;
    let manifest = writer.finish(&mut sink)?;
    let mut reader = Reader::new(&Ring, &key, &manifest.id(), manifest)?;
    let groups = body.get_mut(PREFIX_LENGTH..).context("no body")?;
    let before = processor_seconds();
    for (index, group) in (0..).zip(groups.chunks_mut(GROUP_LENGTH)) {
        reader.decrypt_group_by_chunks(index, group, |chunk| {
            black_box(chunk);
            Ok::<(), ObjectError>(())
        })?;
    }
    Ok(processor_seconds() - before)
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
