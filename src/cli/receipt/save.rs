//! `sealroom receipt save`: a receipt out of a party's memory.

use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::typed::{self, PartyFlags};
use clap::Args;
use sealroom::{ReceiptBundle, SignedGrant, SignedReceipt};
use sealroom_protocol::dsse::Envelope;
use sealroom_protocol::run::Outcome;
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The file holds contract, receipt and the Evidence that you appraised before you granted: all that a stranger needs.

Example:
  sealroom receipt save --contract heart.contract --as cleveland.key --output run-1.receipt"
)]
pub(crate) struct Typed {
    /// The contract: its text, or the signed file
    #[arg(long, value_name = "FILE")]
    contract: PathBuf,
    #[command(flatten)]
    party: PartyFlags,
    /// Which run [default: the newest complete one; if there is none, the newest void one, those that you granted first]
    #[arg(long, value_name = "NUMBER")]
    run: Option<u64>,
    /// Where it goes
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Saves.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let id = typed::contract(&typed.contract)?.id();
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    let contract = memory.contract(&id)?;
    let receipts = memory.receipts(&id)?;
    let receipt = choose(&receipts, identity.name(), typed.run).ok_or_else(|| {
        Failure::local("there is no such receipt in your memory").hint("sealroom status fetches what the host shows")
    })?;
    let run = receipt.allegation().proposal.run;
    let bundle = ReceiptBundle::new(&contract, receipt);
    let record = memory.grant(&id, run)?.filter(|record| record.receipt == Some(receipt.allegation().id()));
    let (bundle, evidence) = match &record {
        Some(record) => (bundle.with_grant(record), true),
        None => (bundle, false),
    };
    bundle.save(&typed.output)?;
    let fields = json!({
        "file": typed.output.display().to_string(),
        "run": run,
        "receipt": receipt.allegation().id(),
        "evidence": evidence,
    });
    let with =
        if evidence { "with the Evidence you appraised" } else { "without Evidence: you did not grant this run" };
    output.answer(fields, format!("{}  run {run}, {with}", typed.output.display()))
}

/// The receipt that was asked for: what most parties stand behind, then the newest.
fn choose<'a>(receipts: &'a [SignedReceipt], own: &str, run: Option<u64>) -> Option<&'a SignedReceipt> {
    let number = |receipt: &SignedReceipt| receipt.allegation().proposal.run;
    let asked = receipts.iter().filter(|receipt| run.is_none_or(|run| number(receipt) == run));
    asked.max_by_key(|receipt| (weight(receipt, own), number(receipt)))
}

/// How much stands behind a receipt: all granting parties, this one, another one, nobody. Void ones of the last two kinds can
/// be made up by one party, or by anyone; they must not hide a run that was.
fn weight(receipt: &SignedReceipt, own: &str) -> u8 {
    let said = receipt.allegation();
    let granted = |envelope: &Envelope| {
        SignedGrant::decode(&envelope.encode()).is_ok_and(|grant| grant.allegation().party == own)
    };
    match said.outcome {
        Outcome::Complete => 3,
        Outcome::Void if said.grants.iter().any(granted) => 2,
        Outcome::Void if !said.grants.is_empty() => 1,
        Outcome::Void => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::receipt::samples::{complete, void};

    #[test]
    fn a_made_up_void_receipt_hides_neither_a_complete_one_nor_one_that_this_party_granted() {
        let (complete, own, others, nobodys) =
            (complete(), void(8, &["cleveland"]), void(9, &["zurich"]), void(77, &[]));
        let all = [complete.clone(), own.clone(), others.clone(), nobodys.clone()];
        let chosen = |receipts: &[SignedReceipt], run| choose(receipts, "cleveland", run).cloned();
        assert_eq!(chosen(&all, None), Some(complete.clone()));
        assert_eq!(chosen(&all[1..], None), Some(own.clone()));
        assert_eq!(chosen(&all[2..], None), Some(others));
        assert_eq!(chosen(&all, Some(77)), Some(nobodys.clone()));
        assert_eq!(chosen(&[nobodys, void(78, &[])], None), Some(void(78, &[])));
        assert_eq!(chosen(&all, Some(10)), None);
        // Of one run too: what is complete comes first.
        let forged = void(complete.allegation().proposal.run, &["zurich"]);
        let run = Some(complete.allegation().proposal.run);
        assert_eq!(chosen(&[forged.clone(), complete.clone()], run), Some(complete.clone()));
        assert_eq!(chosen(&[complete.clone(), forged], run), Some(complete));
    }
}
