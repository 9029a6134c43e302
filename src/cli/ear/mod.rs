//! EAT Attestation Results (draft-ietf-rats-ear): a verdict that goes to other relying parties, out of `sealroom appraise --ear`
//! and in by `sealroom ear verify`.
//!
//! What always holds: what is written says of the Evidence what the verdict says; what is read is believed only under a key that
//! somebody named.

mod key;
mod verify;
mod write;

use super::exit::{Exit, Failure};
use super::output::Output;
use clap::Subcommand;

pub(crate) use write::{EarFlags, WrittenEar};

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Read an attestation result of a Verifier whose key is known, and say what it says
    Verify(verify::Typed),
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Verify(_) => "ear verify",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<Exit, Failure> {
        match self {
            Self::Verify(typed) => verify::run(typed, output),
        }
    }
}
