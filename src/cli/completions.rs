//! `sealroom completions`: a script for a shell.

use super::exit::Failure;
use super::output;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sealroom completions bash > ~/.local/share/bash-completion/completions/sealroom")]
pub(crate) struct Typed {
    /// Which shell
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(typed: &Typed) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(typed.shell, &mut super::Typed::command(), "sealroom", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}
