//! `sealroom cheating`: proofs that a party granted one run number twice, as files that anybody checks offline.

use super::exit::{Exit, Failure};
use super::output::Output;
use super::typed::{self, PartyFlags};
use clap::{Args, Subcommand};
use sealroom::{Cheating, CheatingError};
use serde_json::json;
use std::path::PathBuf;

/// Largest file that is read, in bytes.
const LIMIT: u64 = 16 << 20;

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Write the proof that your memory has of a party that cheats to a file
    Export(Export),
    /// Check such a file: contract, both grants, and that they contradict each other
    Verify(Verify),
}

/// What is typed to export.
#[derive(Debug, Args)]
#[command(
    after_help = "`sealroom status` says who was found to cheat. The file holds the contract and the two grants, no data and no key.

Example:
  sealroom cheating export --contract heart.contract --as cleveland.key --party zurich --output zurich.cheating"
)]
pub(crate) struct Export {
    /// The contract: its text, or the signed file
    #[arg(long, value_name = "FILE")]
    contract: PathBuf,
    #[command(flatten)]
    party: PartyFlags,
    /// Who cheats
    #[arg(long = "party", value_name = "NAME")]
    cheat: String,
    /// Where it goes
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// What is typed to verify.
#[derive(Debug, Args)]
#[command(
    after_help = "Needs no network, no key and no trust in who made the file. Exits with 4 where it proves nothing.

Example:
  sealroom cheating verify zurich.cheating"
)]
pub(crate) struct Verify {
    /// The proof's file
    file: PathBuf,
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Export(_) => "cheating export",
            Self::Verify(_) => "cheating verify",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Export(typed) => export(typed, output),
            Self::Verify(typed) => verify(typed, output),
        }
    }
}

fn export(typed: &Export, output: Output) -> Result<(), Failure> {
    let id = typed::contract(&typed.contract)?.id();
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    let signed = memory.contract(&id)?;
    let found = memory.cheating(signed.contract())?;
    let Some(cheating) = found.iter().find(|found| found.party() == typed.cheat) else {
        let message = format!("your memory has no proof that \"{}\" cheats under this contract", typed.cheat);
        return Err(Failure::local(message).hint("sealroom status says who was found to"));
    };
    typed::write(&typed.output, &cheating.encode(&signed))?;
    let fields = json!({ "file": typed.output, "contract": id, "party": cheating.party(), "run": cheating.run() });
    output.answer(fields, format!("{}  {cheating}", typed.output.display()))
}

fn verify(typed: &Verify, output: Output) -> Result<(), Failure> {
    let decoded = Cheating::decode(&typed::read(&typed.file, LIMIT)?);
    let (signed, cheating) = decoded.map_err(|error| {
        let exit = match &error {
            CheatingError::Form => Exit::Malformed,
            _ => Exit::NotAuthentic,
        };
        Failure::new(exit, error)
    })?;
    let contract = signed.contract();
    let fields = json!({ "contract": contract.id(), "party": cheating.party(), "run": cheating.run() });
    let text = format!("PROVEN  offline, under contract \"{}\" {}: {cheating}", contract.terms().name, contract.id());
    output.answer(fields, text)
}
