//! `sealroom contract explain`: a contract in plain words.

use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::typed;
use clap::Args;
use sealroom_protocol::contract::{Explanation, explain};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sealroom contract explain heart.toml --party cleveland
  sealroom contract explain heart.toml                      for every party, one after the other")]
pub(crate) struct Typed {
    /// Contract text or signed file
    contract: PathBuf,
    /// For whom [default: every party]
    #[arg(long, value_name = "NAME")]
    party: Option<String>,
}

/// Explains.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let contract = typed::contract(&typed.contract)?;
    let names: Vec<&str> = match &typed.party {
        Some(name) => vec![name.as_str()],
        None => contract.terms().parties.iter().map(|party| party.name.as_str()).collect(),
    };
    let mut explanations: Vec<Explanation> = Vec::new();
    for name in &names {
        let explanation = explain(&contract, name).ok_or_else(|| {
            let known: Vec<&str> = contract.terms().parties.iter().map(|party| party.name.as_str()).collect();
            Failure::local(format!("\"{name}\" is no party; the contract has: {}", known.join(", ")))
        })?;
        explanations.push(explanation);
    }
    let fields: Vec<_> = names
        .iter()
        .zip(&explanations)
        .map(|(party, explained)| {
            json!({
                "party": party,
                "you": explained.you,
                "gives": explained.gives,
                "results": explained.results,
                "gets": explained.gets,
                "risks": explained.risks,
                "decides": explained.decides,
                "accepts": explained.accepts,
                "places": explained.places,
                "carried_over": explained.carried_over,
            })
        })
        .collect();
    let texts: Vec<String> = explanations.iter().map(ToString::to_string).collect();
    output.answer(json!({ "contract": contract.id(), "explanations": fields }), texts.join("\n"))
}
