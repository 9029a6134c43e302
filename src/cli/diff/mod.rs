//! `sealroom diff`: what two Evidences say differently, or which demands of a policy some Evidence does not meet by its own words.
//!
//! What always holds: nothing is verified, and it says so; no word of it is a verdict.

mod demands;

use super::evidence_file;
use super::exit::{Exit, Failure};
use super::output::Output;
use super::policy;
use clap::Args;
use demands::{Demand, Met};
use sealroom::attestation::{Accept, Claim, Evidence};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is verified: both sides are what the Evidence says of itself. With --policy the block that is closest is shown, with each
demand that the Evidence's own words do not meet; what only an appraisal with Endorsements can tell (chain, dates, revocation,
Intel's word on the firmware) is named and not compared.
Exits with 0 where nothing differs or every demand is met, with 5 where something differs, with 2 where a file is no Evidence.

Examples:
  sealroom diff before.bin after.bin
  sealroom diff report.bin --policy production.toml"
)]
pub(crate) struct Typed {
    /// Evidence
    one: PathBuf,
    /// Evidence to compare it with
    #[arg(required_unless_present = "policy", conflicts_with = "policy")]
    other: Option<PathBuf>,
    /// Policy to compare it with, TOML or JSON
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// Compares.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<Exit, Failure> {
    let (_, one) = evidence_file::decode_evidence(&typed.one)?;
    match (&typed.other, &typed.policy) {
        (_, Some(policy)) => with_policy(&one, policy, output),
        (Some(other), None) => {
            let (_, other) = evidence_file::decode_evidence(other)?;
            with_other(&one, &other, output)
        }
        (None, None) => Err(Failure::local("nothing to compare it with was named").hint("see sealroom diff --help")),
    }
}

fn with_other(one: &Evidence, other: &Evidence, output: Output) -> Result<Exit, Failure> {
    let (left, right) = (one.unverified_claims(), other.unverified_claims());
    let value = |claims: &[Claim], name: &str, nth: usize| {
        claims.iter().filter(|claim| claim.name == name).nth(nth).map(|claim| claim.value.clone())
    };
    // A name can stand several times (components, registers): each is compared with the one in the same place.
    let numbered = |claims: &[Claim]| -> Vec<(&'static str, usize)> {
        let nth = |place: usize, name: &str| claims.iter().take(place).filter(|claim| claim.name == name).count();
        claims.iter().enumerate().map(|(place, claim)| (claim.name, nth(place, claim.name))).collect()
    };
    let mut names = numbered(&left);
    names.extend(numbered(&right).into_iter().filter(|name| !numbered(&left).contains(name)));
    let mut differing = Vec::new();
    let mut text = format!("NOT VERIFIED  {} and {}\n", one.platform(), other.platform());
    for (name, nth) in names {
        let (left, right) = (value(&left, name, nth), value(&right, name, nth));
        if left != right {
            let word = |value: &Option<String>| value.clone().unwrap_or_else(|| "does not say".to_owned());
            text.push_str(&format!("  {name}\n    - {}\n    + {}\n", word(&left), word(&right)));
            differing.push(json!({ "claim": name, "one": left, "other": right }));
        }
    }
    let same = differing.is_empty();
    text.push_str(&if same { "nothing differs".to_owned() } else { format!("{} claims differ", differing.len()) });
    output.answer(json!({ "verified": false, "same": same, "differences": differing }), text)?;
    Ok(if same { Exit::Done } else { Exit::Refused })
}

fn with_policy(evidence: &Evidence, path: &Path, output: Output) -> Result<Exit, Failure> {
    let policy = policy::file::read(path)?;
    let candidates = policy.blocks().iter().filter(|block| block.platform() == evidence.platform());
    let compared = candidates.map(|block| (block, demands::compare(evidence, block)));
    let unmet = |demands: &[Demand]| demands.iter().filter(|demand| matches!(demand.met, Met::No)).count();
    let Some((block, demands)) = compared.min_by_key(|(_, demands)| unmet(demands)) else {
        let names: Vec<_> = policy.blocks().iter().map(|block| block.platform().as_str()).collect();
        let message = format!("the policy accepts {}, and this is {}", names.join(" or "), evidence.platform());
        return Err(Failure::new(Exit::Refused, message).hint("bring Evidence of a platform that the policy names"));
    };
    let text = shown(block, &demands);
    let listed: Vec<Value> = demands.iter().map(json_of).collect();
    let count = unmet(&demands);
    let fields = json!({ "verified": false, "accept_block": block.name(), "unmet": count, "demands": listed });
    output.answer(fields, text)?;
    Ok(if count == 0 { Exit::Done } else { Exit::Refused })
}

fn shown(block: &Accept, demands: &[Demand]) -> String {
    let of = |word: &'static str| demands.iter().filter(move |demand| demand.met.as_str() == word);
    let mut text = format!("NOT VERIFIED  closest block \"{}\" ({})\n", block.name(), block.platform());
    for demand in of("no") {
        let Demand { field, expected, found, .. } = demand;
        text.push_str(&format!("  DIFFERS {field}\n    expected {expected}\n    found    {found}\n"));
    }
    let untold: Vec<&str> = of("appraisal").map(|demand| demand.field.as_str()).collect();
    if !untold.is_empty() {
        text.push_str(&format!("  only an appraisal tells: {}\n", untold.join(", ")));
    }
    let skipped = of("skipped").count();
    let (met, unmet) = (of("yes").count(), of("no").count());
    text.push_str(&format!("{unmet} demands not met by its own words, {met} met, {skipped} left out by the policy"));
    text
}

fn json_of(demand: &Demand) -> Value {
    let Demand { field, expected, found, met } = demand;
    json!({ "field": field, "met": met.as_str(), "expected": expected, "found": found })
}
