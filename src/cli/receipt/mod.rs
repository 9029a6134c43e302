//! `sealroom receipt`: keep, read and verify the enclave's word on a run. All of it offline.

#[cfg(test)]
pub(super) mod samples;
mod save;
mod show;
mod verify;

use super::exit::Failure;
use super::output::Output;
use clap::Subcommand;

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Write the receipt of a run from your memory to a file, with contract and Evidence
    Save(save::Typed),
    /// Say what a receipt says, verified or not
    Show(show::Typed),
    /// Verify a receipt, with nothing but its file
    Verify(verify::Typed),
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Save(_) => "receipt save",
            Self::Show(_) => "receipt show",
            Self::Verify(_) => "receipt verify",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Save(typed) => save::run(typed, output),
            Self::Show(typed) => show::run(typed, output),
            Self::Verify(typed) => verify::run(typed, output),
        }
    }
}
