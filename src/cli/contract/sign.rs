//! `sealroom contract sign`: a party's yes to the whole text.

use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::typed::{self, PartyFlags};
use clap::Args;
use sealroom::ContractFile;
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
  sealroom contract sign heart.contract --as zurich.key --yes   does not ask"
)]
pub(crate) struct Typed {
    /// Contract text or signed file
    contract: PathBuf,
    #[command(flatten)]
    party: PartyFlags,
    /// Where the signed file goes [default: the contract's name with the extension contract]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
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
        typed.party.memory(&identity)?.check_amendment(&contract)?;
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
