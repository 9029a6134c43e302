//! `sealroom contract amend`: the next version of a contract, from what this party's memory knows and the receipts it is given.

use super::carried::words;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::typed::{self, PartyFlags};
use clap::Args;
use rand_core::Rng;
use sealroom::{LogDemand, Memory, MemoryError, ReceiptBundle, ReceiptLog, SignedReceipt, now, random};
use sealroom_protocol::contract::{Amends, CarriedCounts, CarriedLog, Contract, Terms, time_text, write};
use sealroom_protocol::log::Quorum;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Seconds of a day.
const DAY: u64 = 86_400;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The draft is the contract's text with a fresh random line and the table [amends]: where the next version goes on, and which runs
count already. Change in it what is to change, then as with any contract: lint, explain, sign by all. Whoever would lose a
run by it is told by `contract sign` which number to correct. The old version ends for a party once it holds the new one complete.

Examples:
  sealroom contract amend heart.contract --as cleveland.key --runs 10 --output heart-2.toml
  sealroom contract amend heart.contract --as cleveland.key --count zurich=4 --highest-run 4 --days 30 --output heart-2.toml
      zurich says that it lost a run which nobody else knows of
  sealroom contract amend heart.contract --as zurich.key --receipt run-2.receipt --receipt run-3.receipt --output heart-2.toml
      zurich restored its disk, and others gave it what it forgot"
)]
pub(crate) struct Typed {
    /// The signed contract that is amended
    contract: PathBuf,
    #[command(flatten)]
    party: PartyFlags,
    /// Runs over the whole life, those behind you among them [default: as before]
    #[arg(long, value_name = "NUMBER")]
    runs: Option<u64>,
    /// For how many days from now on runs may be granted [default: until the contract expires]
    #[arg(long, value_name = "DAYS")]
    days: Option<u64>,
    /// A party's count of runs, where it is higher than your memory knows
    #[arg(long, value_name = "PARTY=RUNS")]
    count: Vec<String>,
    /// The highest run number that any party granted, where it is higher than your memory knows
    #[arg(long, value_name = "NUMBER")]
    highest_run: Option<u64>,
    /// Forget the runs of earlier versions: the text then says so
    #[arg(long, conflicts_with = "count")]
    counts_begin_anew: bool,
    /// A receipt that your memory may not have: it is verified, settled, and counted
    #[arg(long, value_name = "FILE")]
    receipt: Vec<PathBuf>,
    /// The contract's log of receipts, to be named: it is verified first, and its receipts count too
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Where the text goes
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Drafts.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let signed = typed::contract_file(&typed.contract)?.complete()?;
    let before = signed.contract();
    if typed.output.exists() {
        return Err(Failure::local(format!("{} exists, and a draft never replaces a file", typed.output.display())));
    }
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    match memory.remember_contract(&signed) {
        // It came too late for this party, which granted a run in between, or this party took another one. The next version counts that.
        Err(
            error @ (MemoryError::AmendmentHead { .. }
            | MemoryError::AmendmentRuns { .. }
            | MemoryError::AmendmentCount { .. }
            | MemoryError::SecondAmendment { .. }),
        ) => {
            output.note(format!("You did not take this version: {error}"));
        }
        taken => taken?,
    }
    if let Some(newer) = memory.in_force(before)?.filter(|newest| *newest != before.id())
        && memory.contract(&newer)?.contract().version() > before.version()
    {
        let message = format!("contract {} has ended for you: {newer} amends it", before.id());
        return Err(Failure::new(Exit::Refused, message).hint("amend the newer one"));
    }
    let mut brought = typed.receipt.iter().map(|path| receipt(path)).collect::<Result<Vec<_>, _>>()?;
    let log = typed.log.as_ref().map(|path| named_log(path, before, &mut brought)).transpose()?;
    settle(&memory, before, &brought, output)?;
    let mut amends = memory.draft_amendment_with(before, &brought)?;
    raise(typed, &mut amends)?;
    amends.log = log;
    let mut terms: Terms = before.terms().clone();
    random().fill_bytes(&mut terms.random);
    terms.limits.runs = typed.runs.unwrap_or(terms.limits.runs);
    if let Some(days) = typed.days {
        terms.expires = now().saturating_add(days.saturating_mul(DAY));
    }
    terms.amends = Some(amends);
    // What breaks a rule says so here, with its place.
    let contract = Contract::parse(write(&terms).as_bytes())?;
    memory.check_amendment(&contract)?;
    typed::write(&typed.output, contract.text().as_bytes())?;
    let (fields, mut text) = words(&contract);
    if contract.terms().expires <= now() {
        text.push_str(&format!("\nit expired at {}: give it --days", time_text(contract.terms().expires)));
    }
    let answer = json!({ "file": typed.output, "contract": contract.id(), "amends": fields });
    output.answer(answer, format!("{}  {text}", typed.output.display()))
}

/// What others know better.
fn raise(typed: &Typed, amends: &mut Amends) -> Result<(), Failure> {
    if typed.counts_begin_anew {
        amends.counts = CarriedCounts::Anew;
    }
    for pair in &typed.count {
        let form = || Failure::local(format!("--count \"{pair}\": expected PARTY=RUNS"));
        let (party, runs) = pair.split_once('=').ok_or_else(form)?;
        let runs: u64 = runs.parse().map_err(|_| form())?;
        let CarriedCounts::On(counts) = &mut amends.counts else { return Err(form()) };
        let Some(count) = counts.iter_mut().find(|count| count.party == party) else {
            let known: Vec<&str> = counts.iter().map(|count| count.party.as_str()).collect();
            let message = format!("--count: \"{party}\" grants nothing; expected one of {}", known.join(", "));
            return Err(Failure::local(message));
        };
        if runs < count.runs {
            let message = format!("--count {party}: your memory knows of {} runs, and {runs} are fewer", count.runs);
            return Err(Failure::new(Exit::Refused, message));
        }
        count.runs = runs;
    }
    if let Some(highest) = typed.highest_run {
        if highest < amends.highest_run {
            let message =
                format!("--highest-run: your memory knows of run {}, and {highest} is lower", amends.highest_run);
            return Err(Failure::new(Exit::Refused, message));
        }
        amends.highest_run = highest;
    }
    Ok(())
}

/// A receipt of a file, not verified.
fn receipt(path: &Path) -> Result<SignedReceipt, Failure> {
    Ok(ReceiptBundle::load(path)?.receipt()?)
}

/// Lets the memory have what it is shown. One that learns by it that it was restored goes on under the amendment.
fn settle(memory: &Memory, before: &Contract, brought: &[SignedReceipt], output: Output) -> Result<(), Failure> {
    for receipt in brought.iter().filter(|receipt| receipt.allegation().contract == before.id()) {
        match memory.settle(before, receipt) {
            Err(error @ MemoryError::Restored { .. }) => {
                output.note(format!("Run {}: {error}", receipt.allegation().proposal.run));
            }
            settled => drop(settled?),
        }
    }
    Ok(())
}

/// Size and root of a log that holds; its receipts are added to those that were brought.
fn named_log(path: &Path, before: &Contract, brought: &mut Vec<SignedReceipt>) -> Result<CarriedLog, Failure> {
    let log = ReceiptLog::load(path)?;
    if log.contract_id() != before.id() {
        let message =
            format!("{} is the log of contract {}, expected {}", path.display(), log.contract_id(), before.id());
        return Err(Failure::local(message));
    }
    // Its parties sign size and root, which is more than witnesses can say.
    let verified = log.verify(&LogDemand::new(Quorum::none()), None)?;
    brought.extend(log.decoded()?);
    Ok(CarriedLog { size: verified.head.size, root: *verified.head.root.as_bytes() })
}
