//! What a program is to an enclave: a plan made before any data, and a run that sees granted rows and nothing else.
//!
//! What always holds: a program gets no clock, no network and no randomness (a hash key apart, which no answer depends
//! on); its work and the memory of its own tables are counted and limited by the contract; and when it stops early only
//! a code of a closed list says why, because data could decide every other word. Output rules stand outside it.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;
use rand_core::CryptoRng;
use sealroom_protocol::contract::{Arguments, Limits, Terms};
use sealroom_protocol::table::{Batch, OutputTable};

/// What a program computes: a table for each result of the contract, by the result's name.
pub type Outputs = BTreeMap<String, OutputTable>;

/// One kind of computation, built into the image.
pub trait Program: Sync {
    /// The name by which contracts ask for it.
    fn name(&self) -> &'static str;

    /// Checks everything that can be checked without data: arguments, datasets, columns, results.
    ///
    /// # Errors
    /// [`ProgramRefusal`] names the first argument, column or result that does not fit.
    fn plan(&self, terms: &Terms, arguments: &Arguments) -> Result<Box<dyn Plan>, ProgramRefusal>;
}

/// A program that was checked against its contract. Having one means that only data can still stop it.
pub trait Plan: fmt::Debug + Send {
    /// Computes every result of the contract.
    ///
    /// # Errors
    /// [`ProgramFailure`]; then nothing is released.
    fn run(&self, inputs: &mut dyn Inputs, meter: &mut Meter) -> Result<Outputs, ProgramFailure>;
}

/// The datasets of one run.
pub trait Inputs {
    /// Shows every row of a dataset to `visit`, once, in the order of its owner's file. `columns` are places in the
    /// dataset's columns; the batches have these columns, in this order.
    ///
    /// # Errors
    /// [`ProgramFailure::Input`] when the dataset is not what the contract says, or what `visit` says.
    fn scan(
        &mut self,
        dataset: &str,
        columns: &[usize],
        visit: &mut dyn FnMut(&Batch) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure>;
}

/// As [`Inputs::scan`], with each row counted as one unit of work before it is shown.
///
/// # Errors
/// [`ProgramFailure::Work`] when the contract's limit is reached, and those of [`Inputs::scan`].
pub fn scan(
    inputs: &mut dyn Inputs,
    meter: &mut Meter,
    dataset: &str,
    columns: &[usize],
    mut visit: impl FnMut(&Batch, &mut Meter) -> Result<(), ProgramFailure>,
) -> Result<(), ProgramFailure> {
    inputs.scan(dataset, columns, &mut |batch| {
        meter.work(u64::try_from(batch.rows()).unwrap_or(u64::MAX))?;
        visit(batch, meter)
    })
}

/// Why a program did not come to its end: a code, and never a word that depends on data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "a closed list: what may be said where data decides")]
pub enum ProgramFailure {
    /// A dataset or request was not what the contract says.
    #[error("an input was refused")]
    Input,
    /// Its own tables would have needed more memory than the contract allows.
    #[error("the contract's limit on memory was reached")]
    Memory,
    /// It would have needed more work than the contract allows.
    #[error("the contract's limit on work was reached")]
    Work,
    /// A number left the range in which it is exact.
    #[error("a number became too large to be exact")]
    Overflow,
    /// The room was stopped.
    #[error("the room was stopped")]
    Stopped,
}

/// Counts what a run uses, against the contract's limits.
pub struct Meter {
    work: u64,
    work_limit: u64,
    memory: u64,
    memory_peak: u64,
    memory_limit: u64,
    hash_key: [u64; 4],
}

impl Meter {
    /// A meter for one run. The key of its hash tables comes from `rng`.
    #[must_use]
    pub fn new(limits: &Limits, rng: &mut dyn CryptoRng) -> Self {
        let hash_key = core::array::from_fn(|_| {
            let mut bytes = [0; 8];
            rng.fill_bytes(&mut bytes);
            u64::from_le_bytes(bytes)
        });
        Self {
            work: 0,
            work_limit: limits.work,
            memory: 0,
            memory_peak: 0,
            memory_limit: limits.memory_mib.saturating_mul(1 << 20),
            hash_key,
        }
    }

    /// Counts `units` of work; a row read is one, a row made by a join is one.
    ///
    /// # Errors
    /// [`ProgramFailure::Work`] beyond the limit.
    pub const fn work(&mut self, units: u64) -> Result<(), ProgramFailure> {
        self.work = self.work.saturating_add(units);
        if self.work > self.work_limit { Err(ProgramFailure::Work) } else { Ok(()) }
    }

    /// Counts `bytes` of a table's memory. Ask before you allocate.
    ///
    /// # Errors
    /// [`ProgramFailure::Memory`] beyond the limit; then they are not counted.
    pub fn allocate(&mut self, bytes: usize) -> Result<(), ProgramFailure> {
        let memory = self.memory.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if memory > self.memory_limit {
            return Err(ProgramFailure::Memory);
        }
        self.memory = memory;
        self.memory_peak = self.memory_peak.max(memory);
        Ok(())
    }

    /// Gives back bytes that were counted.
    pub fn free(&mut self, bytes: usize) {
        self.memory = self.memory.saturating_sub(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// Units of work so far.
    #[must_use]
    pub const fn worked(&self) -> u64 {
        self.work
    }

    /// The most bytes that were counted at one time.
    #[must_use]
    pub const fn memory_peak(&self) -> u64 {
        self.memory_peak
    }

    /// Secret of this run's hash tables, so that no owner can choose rows that collide. No answer depends on it.
    #[must_use]
    pub const fn hash_key(&self) -> [u64; 4] {
        self.hash_key
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

/// Why a program does not fit a contract. Only what stands in the contract is named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramRefusal {
    /// An argument that the program does not have.
    #[error("there is no argument \"{name}\"; this program has {known}")]
    UnknownArgument {
        /// The argument.
        name: String,
        /// Those there are.
        known: String,
    },
    /// An argument that the program needs.
    #[error("the argument \"{name}\" is missing, expected {expected}")]
    MissingArgument {
        /// The argument.
        name: String,
        /// What it should be.
        expected: String,
    },
    /// An argument of another form.
    #[error("the argument \"{name}\" is not what it should be, expected {expected}")]
    Argument {
        /// The argument.
        name: String,
        /// What it should be.
        expected: String,
    },
    /// A dataset that the contract does not have.
    #[error("the argument \"{argument}\" names \"{dataset}\", which is no dataset here; expected one of {known}")]
    UnknownDataset {
        /// The argument.
        argument: String,
        /// The name found.
        dataset: String,
        /// Those that may stand here.
        known: String,
    },
    /// A column that a dataset does not have.
    #[error("the argument \"{argument}\" names the column \"{column}\", which the dataset \"{dataset}\" does not have")]
    UnknownColumn {
        /// The argument.
        argument: String,
        /// The dataset.
        dataset: String,
        /// The column found.
        column: String,
    },
    /// A column of a type that cannot stand there.
    #[error("the argument \"{argument}\" names the column \"{column}\", expected {expected}")]
    ColumnType {
        /// The argument.
        argument: String,
        /// The column, with its dataset where there are several.
        column: String,
        /// What type it should have.
        expected: String,
    },
    /// A result that the contract does not have, or that the program does not make.
    #[error("the result \"{result}\": {expected}")]
    Result {
        /// The result.
        result: String,
        /// What was expected of it.
        expected: String,
    },
    /// A column of a result that cannot hold what the program makes.
    #[error("the result \"{result}\", column \"{column}\": expected {expected}")]
    ResultColumn {
        /// The result.
        result: String,
        /// The column.
        column: String,
        /// What it must be to hold the program's values.
        expected: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(work: u64, memory_mib: u64) -> Meter {
        Meter { work: 0, work_limit: work, memory: 0, memory_peak: 0, memory_limit: memory_mib << 20, hash_key: [0; 4] }
    }

    #[test]
    fn work_is_allowed_up_to_its_limit_and_no_further() {
        let mut meter = meter(10, 1);
        assert_eq!(meter.work(10), Ok(()));
        assert_eq!(meter.work(0), Ok(()));
        assert_eq!(meter.work(1), Err(ProgramFailure::Work));
        assert_eq!(meter.work(0), Err(ProgramFailure::Work), "a run that went too far stays so");
    }

    #[test]
    fn memory_is_refused_before_it_is_taken_and_may_be_given_back() {
        let mut meter = meter(1, 1);
        assert_eq!(meter.allocate(1 << 20), Ok(()));
        assert_eq!(meter.allocate(1), Err(ProgramFailure::Memory));
        meter.free(1 << 19);
        assert_eq!(meter.allocate(1 << 19), Ok(()));
        assert_eq!(meter.allocate(usize::MAX), Err(ProgramFailure::Memory));
        assert_eq!(meter.memory_peak(), 1 << 20);
    }
}
