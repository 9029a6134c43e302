//! `sealroom contract sign`: a party's yes to the whole text.

use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::typed::{self, PartyFlags};
use clap::Args;
use sealroom::{ContractFile, MemoryError};
use sealroom_protocol::contract::{explain, lint};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Shows what you agree to, and asks. The signed file collects the signatures: hand it on, or sign copies and let
`contract verify --merge` put them together.

Examples:
  sealroom contract sign heart.toml --as cleveland.key          writes heart.contract, or adds to it
  sealroom contract sign heart.contract --as zurich.key --yes   does not ask
  sealroom contract sign heart-2.toml --as zurich.key --before heart.contract
      an amendment, and your memory does not have the version that you signed before"
)]
pub(crate) struct Typed {
    /// Contract text or signed file
    contract: PathBuf,
    #[command(flatten)]
    party: PartyFlags,
    /// Where the signed file goes [default: the contract's name with the extension contract]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The version that it amends, or the first one, signed by all: where your memory does not have it
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    /// Of an amendment: your memory is new, or lost all that came before, so the counts in the text are yours
    #[arg(long, conflicts_with = "before")]
    on_its_word: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// Signs.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let mut file = typed::contract_file(&typed.contract)?;
    let identity = typed.party.identity()?;
    let target = typed.output.clone().unwrap_or_else(|| typed.contract.with_extension("contract"));
    if target.exists() && target != typed.contract {
        // What others signed already stays.
        let older = ContractFile::load(&target)?;
        file.merge(&older).map_err(|error| {
            Failure::from(error).hint(format!("{} holds another contract; choose another --output", target.display()))
        })?;
    }
    let contract = file.contract().clone();
    if contract.amends().is_some() {
        // Who would lose a run by it learns that before signing, not when all have signed.
        let memory = typed.party.memory(&identity)?;
        if let Some(path) = &typed.before {
            memory.remember_contract(&typed::contract_file(path)?.complete()?)?;
        }
        match memory.check_amendment(&contract) {
            Err(MemoryError::UnknownPredecessor { .. } | MemoryError::AmendmentHeadUnknown { .. })
                if typed.on_its_word =>
            {
                output.note("Your memory knows nothing of the versions before: what you granted under them is what the text says.");
            }
            checked => checked?,
        }
    }
    if !typed.yes {
        if let Some(explanation) = explain(&contract, identity.name()) {
            output.note(&explanation);
        }
        for warning in lint(&contract) {
            output.note(format!("Warning: {warning}"));
        }
        if !Output::ask(&format!(
            "Sign contract \"{}\" {} as {}?",
            contract.terms().name,
            typed::brief(&contract.id()),
            identity.name()
        ))? {
            return Err(Failure::local("nothing was signed"));
        }
    }
    typed.party.agree(&identity, &contract.id(), output)?;
    if typed.on_its_word && contract.amends().is_some() {
        typed.party.memory(&identity)?.go_on_by_its_word(&contract.id())?;
    }
    file.sign(&identity)?;
    file.save(&target)?;
    if let Ok(complete) = file.complete() {
        typed.party.memory(&identity)?.remember_contract(&complete)?;
    }
    let (signed, missing) = (file.signed_by(), file.missing());
    let fields = json!({ "contract": contract.id(), "file": target, "signed_by": signed, "missing": missing });
    let text = format!("{}  {}", target.display(), signatures(&file));
    output.answer(fields, text)
}

/// Who has signed and who has not, in the order of the contract.
pub(super) fn signatures(file: &ContractFile) -> String {
    let signed = file.signed_by();
    let parties = file.contract().terms().parties.iter();
    let mark = |name: &str| format!("{name} {}", if signed.contains(&name) { "✓" } else { "–" });
    parties.map(|party| mark(&party.name)).collect::<Vec<_>>().join("  ")
}
