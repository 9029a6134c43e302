//! PARTY. The program `sealroom`: every command reads what was typed, then what it means, then acts through the SDK.
//!
//! What always holds: a secret is never an argument and never printed; what a command answers goes to standard output,
//! everything else to standard error; the exit code says which kind of answer it was ([`cli::exit`]).
#![forbid(unsafe_code)]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
