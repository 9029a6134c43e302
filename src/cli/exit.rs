//! How a command ends: an exit code that scripts can rely on, and for people what happened, what was expected and what to do.
//!
//! What always holds: 0 is said only when the command did all that it was asked to do.

use sealroom::RoomCheck;
use std::fmt;
use std::process::ExitCode;

/// The exit codes, as `docs/cli.md` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Wrong usage, or something on this machine failed.
    Local,
    /// A file or message is not what its format says.
    Malformed,
    /// It could not be decided: the host does not answer, or something that is needed is missing.
    Undecided,
    /// Not authentic: a signature does not hold, or Evidence is not genuine.
    NotAuthentic,
    /// Genuine, and refused by the contract, by an output rule or by this party's own memory.
    Refused,
    /// Accepted, with warnings that `--fail-on warning` counts.
    Warnings,
}

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Local => 1,
            Self::Malformed => 2,
            Self::Undecided => 3,
            Self::NotAuthentic => 4,
            Self::Refused => 5,
            Self::Warnings => 6,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: Option<String>,
    /// The checks of an appraisal, where one was refused.
    pub(crate) checks: Vec<RoomCheck>,
    /// Whether a key might have left this machine. Only commands that send keys say anything about it.
    pub(crate) no_key_left: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self { exit, message: message.to_string(), hint: None, checks: Vec::new(), no_key_left: false }
    }

    /// Wrong usage, or something on this machine.
    pub(crate) fn local(message: impl fmt::Display) -> Self {
        Self::new(Exit::Local, message)
    }

    /// The same, with what to do.
    pub(crate) fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// The same, where the command would have sent keys and did not.
    #[cfg(any(feature = "cli", test))]
    pub(crate) const fn before_any_key(mut self) -> Self {
        self.no_key_left = true;
        self
    }
}
