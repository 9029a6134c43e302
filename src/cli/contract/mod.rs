//! `sealroom contract`: draft, check, understand, sign.

mod amend;
mod carried;
mod explain;
mod lint;
mod new;
mod show;
mod sign;
mod verify;

use super::exit::{Exit, Failure};
use super::output::Output;
use clap::Subcommand;

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Begin a contract from cards, or fill the blanks of a draft
    New(new::Typed),
    /// Draft the next version of a contract, which counts on
    Amend(Box<amend::Typed>),
    /// Check every rule, and warn of what is often a mistake
    Lint(lint::Typed),
    /// Say in plain words what a party gives, gets and risks
    Explain(explain::Typed),
    /// Sign as a party
    Sign(sign::Typed),
    /// Print the text and who has signed it
    Show(show::Typed),
    /// Verify that every party signed
    Verify(verify::Typed),
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::New(_) => "contract new",
            Self::Amend(_) => "contract amend",
            Self::Lint(_) => "contract lint",
            Self::Explain(_) => "contract explain",
            Self::Sign(_) => "contract sign",
            Self::Show(_) => "contract show",
            Self::Verify(_) => "contract verify",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<Exit, Failure> {
        match self {
            Self::New(typed) => new::run(typed, output)?,
            Self::Amend(typed) => amend::run(typed, output)?,
            Self::Lint(typed) => return lint::run(typed, output),
            Self::Explain(typed) => explain::run(typed, output)?,
            Self::Sign(typed) => sign::run(typed, output)?,
            Self::Show(typed) => show::run(typed, output)?,
            Self::Verify(typed) => verify::run(typed, output)?,
        }
        Ok(Exit::Done)
    }
}
