//! TRUSTED. The measured image: a process that holds one room.
//!
//! It confines itself before it reads a byte from outside, then serves the host's messages until the room ends or the
//! host closes the connection. Exit code 0 in both cases, 1 on any error.

#![forbid(unsafe_code)]

use sealroom_enclave::serve;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match serve(&mut say) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// To the log. If that is gone there is nobody to tell.
fn say(line: &str) {
    drop(writeln!(io::stderr().lock(), "sealroom-enclave: {line}"));
}
