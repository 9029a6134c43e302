//! `sealroom policy`: begin a policy from Evidence, warn of what it gives up, read it, give it its hash; take Reference Values of
//! others into it, and give its own to others.

mod export;
pub(in crate::cli) mod file;
mod hash;
mod import;
mod lint;
mod new;
mod show;

use super::exit::{Exit, Failure};
use super::output::Output;
use clap::{Args, Subcommand};

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Write the strictest policy that some Evidence could pass; nothing is verified
    New(new::Typed),
    /// Warn of what a policy accepts and its reader may not have meant
    Lint(lint::Typed),
    /// Print the hash by which contracts and verdicts name a policy
    Hash(hash::Typed),
    /// Say in plain words what a policy demands and what it leaves out
    Show(show::Typed),
    /// Take Reference Values of others into a policy
    Import(Manifest<import::Flags>),
    /// Give a policy's Reference Values to others
    Export(Manifest<export::Flags>),
}

/// The form of the manifest that values come from or go to.
#[derive(Debug, Args)]
pub(crate) struct Manifest<F: Args> {
    #[command(subcommand)]
    form: Form<F>,
}

/// There is one.
#[derive(Debug, Subcommand)]
enum Form<F: Args> {
    Corim(F),
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::New(_) => "policy new",
            Self::Lint(_) => "policy lint",
            Self::Hash(_) => "policy hash",
            Self::Show(_) => "policy show",
            Self::Import(Manifest { form: Form::Corim(_) }) => "policy import corim",
            Self::Export(Manifest { form: Form::Corim(_) }) => "policy export corim",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<Exit, Failure> {
        match self {
            Self::New(typed) => new::run(typed, output)?,
            Self::Lint(typed) => return lint::run(typed, output),
            Self::Hash(typed) => hash::run(typed, output)?,
            Self::Show(typed) => show::run(typed, output)?,
            Self::Import(Manifest { form: Form::Corim(flags) }) => import::run(flags, output)?,
            Self::Export(Manifest { form: Form::Corim(flags) }) => export::run(flags, output)?,
        }
        Ok(Exit::Done)
    }
}
