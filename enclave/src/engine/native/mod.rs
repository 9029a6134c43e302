//! The native programs: *overlap*, *statistics*, *join-and-aggregate*. `docs/programs.md` says what each does.
//!
//! What always holds: no floating point, no clock, no randomness but the key of the hash tables; equal data gives equal
//! answers in any order; each table's memory is counted before it is taken.

mod aggregate;
mod arguments;
mod build;
mod coder;
mod columns;
mod condition;
mod finish;
mod groups;
mod hash;
mod join_and_aggregate;
mod measure;
mod memory;
mod overlap;
mod plan;
mod rational;
mod select;
mod shares;
mod sources;
mod statistics;
mod texts;
mod words;

pub(super) use join_and_aggregate::JoinAndAggregate;
pub(super) use overlap::Overlap;
pub(super) use statistics::Statistics;
