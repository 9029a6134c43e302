//! `sealroom log`: the receipts of a contract as one log, for who was not there. All of it offline but for asking a witness.

mod cosign;
mod export;
mod prove;
mod show;
mod verify;

pub(super) use verify::proof;

use super::exit::{Exit, Failure};
use super::output::Output;
use clap::{Args, Subcommand};
use sealroom::{AskError, LogDemand, LogFailure, LogFileError, NoteKey, NoteKeyError};
use sealroom_protocol::log::{LogError, Quorum, QuorumError, SignedCheckpoint, VerifierKey};
use serde_json::json;
use std::path::{Path, PathBuf};

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Make the key that signs your logs
    Keygen(Keygen),
    /// Put receipts, with contract and Evidence, into one log file
    Export(export::Typed),
    /// Verify a log, or that one receipt is in one, with nothing but files
    Verify(verify::Typed),
    /// Say what a log says, NOT VERIFIED
    Show(show::Typed),
    /// Write the proof that one receipt is in a log
    Prove(prove::Typed),
    /// Ask a witness to cosign a log
    Cosign(cosign::Typed),
}

/// What is typed for `keygen`.
#[derive(Debug, Args)]
#[command(
    after_help = "The key keeps strangers from filling witnesses with noise; nobody believes a receipt for it. It is no party's key.

Example:
  sealroom log keygen study.logkey"
)]
pub(crate) struct Keygen {
    /// Where it goes
    file: PathBuf,
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Keygen(_) => "log keygen",
            Self::Export(_) => "log export",
            Self::Verify(_) => "log verify",
            Self::Show(_) => "log show",
            Self::Prove(_) => "log prove",
            Self::Cosign(_) => "log cosign",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Keygen(typed) => {
                NoteKey::for_logs(&mut sealroom::random()).save(&typed.file)?;
                let file = typed.file.display().to_string();
                output.answer(json!({ "file": file }), format!("{file}  signs logs; keep it secret"))
            }
            Self::Export(typed) => export::run(typed, output),
            Self::Verify(typed) => verify::run(typed, output),
            Self::Show(typed) => show::run(typed, output),
            Self::Prove(typed) => prove::run(typed, output),
            Self::Cosign(typed) => cosign::run(typed, output),
        }
    }
}

/// A checkpoint that was kept.
fn checkpoint(path: &Path) -> Result<SignedCheckpoint, Failure> {
    let bytes = super::typed::read(path, 1 << 20)?;
    Ok(SignedCheckpoint::decode(&bytes)?)
}

/// Which witnesses must have cosigned.
#[derive(Debug, Clone, Args)]
pub(crate) struct WitnessFlags {
    /// A witness that may count: its verifier key. Again for each
    #[arg(long, value_name = "KEY")]
    witness: Vec<String>,
    /// How many of them must have cosigned [default: all]
    #[arg(long, value_name = "NUMBER")]
    cosigned: Option<usize>,
}

impl WitnessFlags {
    /// What is asked of a log.
    pub(crate) fn demand(&self) -> Result<LogDemand, Failure> {
        let witnesses = self.witness.iter().map(|text| verifier_key(text)).collect::<Result<Vec<_>, _>>()?;
        let needed = self.cosigned.unwrap_or(witnesses.len());
        Ok(LogDemand::new(Quorum::new(witnesses, needed).map_err(|error: QuorumError| Failure::local(error))?))
    }
}

/// A verifier key as it is typed.
pub(super) fn verifier_key(text: &str) -> Result<VerifierKey, Failure> {
    text.parse().map_err(|error: LogError| {
        Failure::local(error).hint("a verifier key is NAME+8 DIGITS+BASE64, as witness keygen and log show print it")
    })
}

impl From<LogError> for Failure {
    fn from(error: LogError) -> Self {
        let exit = match &error {
            LogError::Missing { .. } | LogError::Bad { .. } => Exit::NotAuthentic,
            _ => Exit::Malformed,
        };
        Self::new(exit, error)
    }
}

impl From<LogFileError> for Failure {
    fn from(error: LogFileError) -> Self {
        match error {
            LogFileError::Io { .. } | LogFileError::Key | LogFileError::Origin { .. } | LogFileError::Tree(_) => {
                Self::local(error)
            }
            LogFileError::Contract(error) => error.into(),
            LogFileError::Receipt(_) | LogFileError::History(_) => Self::new(Exit::NotAuthentic, error),
            LogFileError::Absent { .. } => {
                Self::new(Exit::Undecided, error).hint("sealroom log show lists what is in it")
            }
            error => Self::new(Exit::Malformed, error),
        }
    }
}

impl From<NoteKeyError> for Failure {
    fn from(error: NoteKeyError) -> Self {
        let exit = match &error {
            NoteKeyError::Form { .. } => Exit::Malformed,
            _ => Exit::Local,
        };
        Self::new(exit, error)
    }
}

impl From<LogFailure> for Failure {
    fn from(error: LogFailure) -> Self {
        // Genuine, and not what was asked for.
        let exit = match &error {
            LogFailure::Witnesses(QuorumError::UnderCosigned { .. }) => Exit::Refused,
            _ => Exit::NotAuthentic,
        };
        Self::new(exit, format!("{}: {error}", error.check()))
    }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Host(error) => error.into(),
            AskError::Refused { .. } => Self::new(Exit::Undecided, error),
            error => Self::new(Exit::NotAuthentic, error),
        }
    }
}
