//! *statistics*: counts, means, variances and quantiles over the united rows of several parties, by group.

use super::arguments::Reader;
use super::plan::AggregatePlan;
use sealroom_enclave_core::program::{Plan, Program, ProgramRefusal};
use sealroom_protocol::contract::{Arguments, Terms};

/// Arguments: `datasets` (all, if absent), `group_by`, `measures`, `where`, `unit`.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Statistics;

impl Program for Statistics {
    fn name(&self) -> &'static str {
        "statistics"
    }

    fn plan(&self, terms: &Terms, arguments: &Arguments) -> Result<Box<dyn Plan>, ProgramRefusal> {
        Ok(Box::new(AggregatePlan::new(terms, Reader::new(arguments), false)?))
    }
}
