//! Event logs: recorded ones against the quotes that were made with them, and built ones that differ in one thing.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

mod build;
mod decoding;
mod display;
mod real;
mod replay;
mod vectors;
