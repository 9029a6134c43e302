//! `sealroom receipt verify`: every signature and binding of a receipt, and the enclave's Evidence where it is there.

use crate::cli::exit::{Exit, Failure};
use crate::cli::log::{WitnessFlags, proof};
use crate::cli::output::Output;
use crate::cli::refusal;
use clap::Args;
use sealroom::{BundleReport, ReceiptBundle};
use sealroom_protocol::contract::{parse_time, time_text};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Needs no network, no key and no trust in who made the file. Exits with 4 where a signature or binding does not hold, with 5
where everything holds but the Evidence is of no enclave that the contract accepts, with 3 for a void receipt that carries no
party's grant where no Evidence is in the file: anyone can make up one, so it decides nothing. examples/verify_receipt.py does the same in
Python, but for the Evidence and what a statement or a stop says.

Example:
  sealroom receipt verify run-1.receipt
  sealroom receipt verify run-1.receipt --proof run-1.tlog-proof --witness \"$W1\"
  sealroom receipt verify run-1.receipt --at 2026-06-01T00:00:00Z     judges certificates at that time"
)]
pub(crate) struct Typed {
    /// The receipt's file
    receipt: PathBuf,
    /// The proof that it is in the contract's log (log prove)
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    #[command(flatten)]
    witnesses: WitnessFlags,
    /// When certificates are judged [default: at the receipt's time, which its enclave signed]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

/// Verifies.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let now = match &typed.at {
        None => None,
        Some(text) => {
            let time = parse_time(text);
            Some(time.ok_or_else(|| {
                Failure::local(format!("--at \"{text}\": expected a time such as 2026-06-01T00:00:00Z"))
            })?)
        }
    };
    let demand = typed.witnesses.demand()?;
    let bundle = ReceiptBundle::load(&typed.receipt)?;
    let bundle = match &typed.proof {
        Some(path) => bundle.with_log_proof(proof(path)?),
        None => bundle,
    };
    let report = bundle.verify(now);
    if !report.holds() {
        return Err(refused(report));
    }
    if !report.vouched() {
        return Err(Failure::new(
            Exit::Undecided,
            "this void receipt holds, and nobody vouches for the key that signed it: it carries no party's grant, and the file no Evidence",
        )
        .hint("anyone can make up such a receipt; ask a party that granted the run, whose memory has the Evidence"));
    }
    let cosigned = match bundle.log_proof() {
        Some(proof) => Some(demand.verify_proof(bundle.contract()?.contract(), &bundle.receipt()?, proof)?),
        None if demand.quorum.needed() > 0 => {
            return Err(Failure::new(Exit::Undecided, "cosignatures are asked for, and --proof with them is missing")
                .hint("sealroom log prove writes it; who keeps the contract's log has it"));
        }
        None => None,
    };
    let receipt = report.receipt.as_ref().ok_or_else(|| Failure::local("a report without its receipt"))?;
    let checks: Vec<_> =
        report.checks.iter().map(|check| json!({ "id": check.id, "meaning": check.meaning })).collect();
    let fields = json!({
        "receipt": receipt.id(),
        "run": receipt.proposal.run,
        "enclave_key": receipt.proposal.enclave_key.to_string(),
        "grants": receipt.grants.len(),
        "inputs": receipt.proposal.datasets.len(),
        "outputs": receipt.outputs.len(),
        "checks": checks,
        "cosigned": cosigned.as_ref().map(|all| all.iter().map(|one| one.name.as_str()).collect::<Vec<_>>()),
        "appraised": report.appraised,
        "appraisal": refusal::json(&report.appraisal),
    });
    let mut text = String::from("VERIFIED  offline\n");
    for check in &report.checks {
        text.push_str(&format!("  ✓ {:<22} {}\n", check.id, refusal::short(&check.meaning)));
    }
    text.push_str(&if report.appraised {
        let held = report.appraisal.len();
        format!(
            "  ✓ {:<22} {held} of {held} checks hold: the key is of an enclave that the contract accepts\n",
            "appraisal"
        )
    } else {
        format!(
            "  – {:<22} no Evidence in the file: whether an enclave holds the key is not known from it\n",
            "appraisal"
        )
    });
    for witness in cosigned.iter().flatten() {
        text.push_str(&format!(
            "  ✓ {:<22} by {} at {} by its clock\n",
            "log.cosigned",
            witness.name,
            time_text(witness.time)
        ));
    }
    output.answer(fields, text)
}

fn refused(report: BundleReport) -> Failure {
    let failed = report.checks.iter().find_map(|check| Some((check.id, check.failure.as_ref()?)));
    match failed {
        Some((id, why)) => Failure::new(Exit::NotAuthentic, format!("{id}: {why}")),
        None => {
            let mut failure =
                Failure::new(Exit::Refused, "the receipt holds, and its enclave is not one that the contract accepts");
            failure.checks = report.appraisal;
            failure
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::receipt::samples;
    use clap::Parser;
    use sealroom::{SignedContract, SignedReceipt};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        typed: Typed,
    }

    #[test]
    fn a_void_receipt_that_anyone_can_make_up_decides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.receipt");
        let contract = SignedContract::decode(samples::envelope("contract").as_bytes()).unwrap();
        let verify = |receipt: SignedReceipt| {
            ReceiptBundle::new(&contract, &receipt).save(&path).unwrap();
            let line = Line::try_parse_from(["verify", path.to_str().unwrap()]).unwrap();
            run(&line.typed, Output { json: true, command: "receipt verify" })
        };
        assert!(verify(samples::complete()).is_ok());
        let failure = verify(samples::void(77, &[])).unwrap_err();
        assert_eq!((failure.exit, failure.hint.is_some()), (Exit::Undecided, true));
        assert!(failure.message.starts_with("this void receipt holds, and nobody vouches"), "{}", failure.message);
    }
}
