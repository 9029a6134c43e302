//! `sealroom encrypt`: a dataset, at home.

use super::exit::Failure;
use super::output::Output;
use super::progress::Bar;
use super::typed::{self, PartyFlags};
use clap::Args;
use sealroom::{DatasetSource, encrypt_dataset, random};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Checks every cell against the contract's schema. If one does not fit, its row and column are named, not its value,
and nothing is written. The key goes to the party's memory and stays there.

Examples:
  sealroom encrypt patients.csv --for heart.toml --as cleveland.key
  sealroom encrypt lab.csv --for heart.contract --as cleveland.key --dataset laboratory --folder encrypted"
)]
pub(crate) struct Typed {
    /// The CSV file
    csv: PathBuf,
    /// The contract: its text, or the signed file
    #[arg(long = "for", value_name = "CONTRACT")]
    contract: PathBuf,
    #[command(flatten)]
    party: PartyFlags,
    /// Name of the dataset in the contract [default: the party's only one]
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// Where the encrypted files go
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
}

/// Encrypts.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let contract = typed::contract(&typed.contract)?;
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    let own: Vec<&str> = contract.datasets_of(identity.name()).map(|dataset| dataset.name.as_str()).collect();
    let dataset = match (&typed.dataset, own.as_slice()) {
        (Some(name), _) => name.as_str(),
        (None, [only]) => only,
        (None, []) => {
            return Err(Failure::local(format!(
                "\"{}\" brings no dataset to contract \"{}\"",
                identity.name(),
                contract.terms().name
            )));
        }
        (None, several) => {
            let message = format!("\"{}\" brings several datasets: {}", identity.name(), several.join(", "));
            return Err(Failure::local(message).hint("say which with --dataset NAME"));
        }
    };
    let bar = Bar::new(dataset);
    let source = DatasetSource { csv: &typed.csv, contract: &contract, dataset, folder: &typed.folder };
    let encrypted = encrypt_dataset(source, &identity, &memory, &mut random(), &mut |progress| bar.update(progress))?;
    drop(bar);
    let fields = json!({
        "contract": contract.id(),
        "dataset": dataset,
        "object": encrypted.object,
        "rows": encrypted.rows,
        "body": encrypted.body,
        "manifest": encrypted.manifest,
        "body_length": encrypted.body_length,
    });
    let text = format!(
        "{dataset} {} rows, {} → object {}  (key stays with {})",
        typed::grouped(encrypted.rows),
        typed::size(encrypted.body_length),
        typed::brief(&encrypted.object),
        identity.name()
    );
    output.answer(fields, text)
}
