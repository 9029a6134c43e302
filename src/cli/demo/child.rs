//! The parties of the demo: each a process of this same program, in a folder of its own.
//!
//! What always holds: a party's process gets a folder and arguments, nothing else of this process; what it answers is the
//! JSON that any script would get.

use crate::cli::exit::{Exit, Failure};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// This program, to be started again.
#[derive(Debug)]
pub(super) struct Program(PathBuf);

impl Program {
    /// The file that runs.
    pub(super) fn this() -> Result<Self, Failure> {
        std::env::current_exe().map(Self).map_err(|source| Failure::local(format!("this program's own file: {source}")))
    }

    /// A command of this program in `folder`, that answers in JSON.
    pub(super) fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.0);
        command.current_dir(folder).arg("--json").args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs one and gives its answer.
    pub(super) fn run(&self, folder: &Path, arguments: &[&str]) -> Result<Value, Failure> {
        let (code, answer) = self.attempt(folder, arguments)?;
        if code == 0 {
            return Ok(answer);
        }
        let said = answer.pointer("/failure/message").and_then(Value::as_str).unwrap_or("it did not say why");
        let who = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let exit = match code {
            2 => Exit::Malformed,
            3 => Exit::Undecided,
            4 => Exit::NotAuthentic,
            5 => Exit::Refused,
            _ => Exit::Local,
        };
        let mut failure = Failure::new(exit, format!("{who}: sealroom {}: {said}", arguments.join(" ")));
        failure.hint = answer.pointer("/failure/hint").and_then(Value::as_str).map(str::to_owned);
        Err(failure)
    }

    /// Runs one and gives its exit code and answer, whatever they are.
    pub(super) fn attempt(&self, folder: &Path, arguments: &[&str]) -> Result<(i32, Value), Failure> {
        let output = self.command(folder, arguments).output();
        let output = output.map_err(|source| Failure::local(format!("{}: {source}", self.0.display())))?;
        let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        if answer.is_null() && !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Failure::local(format!("sealroom {}: {}: {said}", arguments.join(" "), output.status)));
        }
        Ok((output.status.code().unwrap_or(-1), answer))
    }
}

/// A text of an answer.
pub(super) fn text<'a>(answer: &'a Value, pointer: &str) -> Result<&'a str, Failure> {
    answer.pointer(pointer).and_then(Value::as_str).ok_or_else(|| missing(pointer))
}

/// A number of an answer.
pub(super) fn number(answer: &Value, pointer: &str) -> Result<u64, Failure> {
    answer.pointer(pointer).and_then(Value::as_u64).ok_or_else(|| missing(pointer))
}

fn missing(pointer: &str) -> Failure {
    Failure::new(Exit::Malformed, format!("a command's answer has no {pointer}: this program and its child differ"))
}
