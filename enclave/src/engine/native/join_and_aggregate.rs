//! *join-and-aggregate*: united rows joined to other datasets on keys, then counts, sums and means by group.

use super::arguments::Reader;
use super::plan::AggregatePlan;
use sealroom_enclave_core::program::{Plan, Program, ProgramRefusal};
use sealroom_protocol::contract::{Arguments, Terms};

/// Arguments: those of *statistics*, `datasets` always, and `joins`.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct JoinAndAggregate;

impl Program for JoinAndAggregate {
    fn name(&self) -> &'static str {
        "join-and-aggregate"
    }

    fn plan(&self, terms: &Terms, arguments: &Arguments) -> Result<Box<dyn Plan>, ProgramRefusal> {
        Ok(Box::new(AggregatePlan::new(terms, Reader::new(arguments), true)?))
    }
}
