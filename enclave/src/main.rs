//! TRUSTED. The measured image: a process that holds one room.

#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::process::ExitCode;

use sealroom_enclave::{Connections, Platform, Simulated};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn core::error::Error>> {
    let statement = sealroom_enclave::enter()?;
    for line in statement.to_string().lines() {
        say(line);
    }
    let Connections { mut host, platform, .. } = Connections::take(&statement)?;
    let mut platform = Simulated::new(platform);
    let mut report_data = [0; 64];
    while host.read_exact(&mut report_data).is_ok() {
        let answer = platform.evidence(&report_data)?;
        host.write_all(&answer.evidence)?;
    }
    Ok(())
}

/// To the log. If that is gone there is nobody to tell.
fn say(line: &str) {
    drop(writeln!(io::stderr().lock(), "sealroom-enclave: {line}"));
}
