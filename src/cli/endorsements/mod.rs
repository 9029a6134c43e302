//! `sealroom endorsements`: fetch what an appraisal needs from the makers' services; say what a folder holds.

mod date;
mod fetch;
mod show;

use super::exit::{Exit, Failure};
use super::output::Output;
use clap::Subcommand;

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Fetch what the appraisal of some Evidence needs, from the makers' services or the cache
    Fetch(fetch::Typed),
    /// Say what a folder of Endorsements holds, and what of it has expired
    Show(show::Typed),
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Fetch(_) => "endorsements fetch",
            Self::Show(_) => "endorsements show",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<Exit, Failure> {
        match self {
            Self::Fetch(typed) => fetch::run(typed, output),
            Self::Show(typed) => show::run(typed, output),
        }
    }
}
