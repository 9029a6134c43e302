//! The Verifier's commands as people and scripts run them: the real program on recorded Evidence, every exit code, what stands in
//! the JSON, and what is said to people.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a panic is a test's failure report")]

mod accepted;
mod assembled;
mod bounded;
mod bundles;
mod ear;
mod exits;
mod forms;
mod json;
mod logged;
#[path = "../support/not_run.rs"]
mod not_run;
mod online;
mod quoted;
mod recorded;
mod schema;
#[path = "../support/service.rs"]
mod service;
mod world;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How a command ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) answer: String,
    /// Standard error.
    pub(crate) notes: String,
}

impl Ended {
    /// The one JSON value on standard output.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.answer).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// After a look at the exit code.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.answer, self.notes);
        self
    }
}

/// What a command line is made of.
pub(crate) type Argument<'a> = &'a dyn AsRef<OsStr>;

/// A flag and its value, as often as there are values.
pub(crate) fn flags<'a>(flag: &'a &'a str, values: &'a [PathBuf]) -> impl Iterator<Item = Argument<'a>> {
    values.iter().flat_map(move |value| {
        let pair: [Argument<'a>; 2] = [flag, value];
        pair
    })
}

/// A strict PEM file (RFC 7468): 64 characters a line.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: String = text.as_bytes().chunks(64).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

/// Runs `sealroom` with these arguments and nothing on standard input.
pub(crate) fn sealroom(arguments: &[&dyn AsRef<OsStr>]) -> Ended {
    sealroom_reading(arguments, &[])
}

/// The same with these bytes on standard input.
pub(crate) fn sealroom_reading(arguments: &[&dyn AsRef<OsStr>], input: &[u8]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
    for argument in arguments {
        command.arg(argument.as_ref());
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end before it has read all of it.
    drop(child.stdin.take().unwrap().write_all(input));
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        answer: String::from_utf8(output.stdout).unwrap(),
        notes: String::from_utf8(output.stderr).unwrap(),
    }
}
