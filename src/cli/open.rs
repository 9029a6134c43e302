//! `sealroom open`: fetch and open the results of a run.
//!
//! What always holds: nothing is decrypted before a verified receipt names it for this party; the file is there whole or not
//! at all.

use super::exit::{Exit, Failure};
use super::log::WitnessFlags;
use super::output::Output;
use super::progress::Bar;
use super::remote::{Remote, RoomFlags, block_on};
use super::typed::{self, PartyFlags};
use clap::Args;
use core::time::Duration;
use sealroom::{Identity, OpenedResult, ReceiptBundle, Stricter, open_result, open_witnessed_result};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::log::LogProof;
use sealroom_protocol::run::{Ending, Outcome, SignedReceipt};
use sealroom_protocol::table::result::Withheld;
use serde_json::json;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

/// How often a run is looked at.
const POLL: Duration = Duration::from_millis(200);

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sealroom open --room https://host.example/rooms/4a7c --as institute.key --folder results --wait
  sealroom open --room https://host.example/rooms/4a7c --as institute.key --witness \"$W1\" --witness \"$W2\" --cosigned 1")]
pub(crate) struct Typed {
    #[command(flatten)]
    room: RoomFlags,
    #[command(flatten)]
    party: PartyFlags,
    /// Which run [default: the newest with results]
    #[arg(long, value_name = "NUMBER")]
    run: Option<u64>,
    /// Where NAME.csv and NAME.receipt go, one a result
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Wait until no run is going on
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    witnesses: WitnessFlags,
}

/// Opens.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    let demand = typed.witnesses.demand()?;
    let opened = block_on(async {
        let remote = typed.room.remote(Some(&identity)).await?;
        if typed.wait {
            remote.room.wait_for_run(POLL).await?;
        }
        remote.settle(&memory).await?;
        let receipt = find(remote.contract(), &remote.host.receipts(&remote.contract().id()).await?, typed.run)?;
        // What the contract asks for, and what this party asks for beside.
        let asked = demand.quorum.needed() > 0 || remote.contract().terms().log.is_some();
        let proof = if asked {
            let log = remote.host.log(&remote.signed).await?;
            let proof = log.prove(log.place_of(receipt.allegation())?)?;
            drop(demand.verify_proof(remote.contract(), &receipt, &proof)?);
            Some(proof)
        } else {
            None
        };
        fetch(typed, &remote, &identity, &receipt, proof.as_ref()).await
    })?;
    let mut fields = Vec::new();
    let mut text = String::new();
    for (result, path) in &opened {
        let OpenedResult { name, run, object, receipt, plaintext, .. } = result;
        let outcome = &plaintext.outcome;
        let withheld = outcome.withheld.as_ref().map(word);
        fields.push(json!({
            "result": name,
            "run": run,
            "object": object,
            "receipt": receipt,
            "file": path.display().to_string(),
            "rows": outcome.rows,
            "suppressed": outcome.suppressed,
            "withheld": withheld,
        }));
        let held = withheld.map(|why| format!("; WITHHELD: {why}")).unwrap_or_default();
        let (rows, suppressed) = (outcome.rows, outcome.suppressed);
        text.push_str(&format!("{}  run {run}: {rows} rows, {suppressed} suppressed by rule{held}\n", path.display()));
    }
    output.answer(json!({ "results": fields }), text)
}

/// The receipt of the run that was asked for, else of the newest that released something. One that does not hold hides none.
fn find(contract: &Contract, receipts: &[SignedReceipt], run: Option<u64>) -> Result<SignedReceipt, Failure> {
    let released = |receipt: &&SignedReceipt| {
        let said = receipt.allegation();
        said.outcome == Outcome::Complete && (said.ending == Ending::Released || run.is_some())
    };
    let asked = |receipt: &&SignedReceipt| run.is_none_or(|run| receipt.allegation().proposal.run == run);
    let asked = receipts.iter().filter(released).filter(asked).filter(|receipt| receipt.verify(contract).is_ok());
    let found = asked.max_by_key(|receipt| receipt.allegation().proposal.run);
    found.cloned().ok_or_else(|| {
        let what = run.map_or_else(|| "of a run that released results".to_owned(), |run| format!("of run {run}"));
        Failure::new(Exit::Undecided, format!("the host shows no complete receipt {what}"))
            .hint("sealroom status says what is missing; without a receipt nothing is opened")
    })
}

async fn fetch(
    typed: &Typed,
    remote: &Remote,
    identity: &Identity,
    receipt: &SignedReceipt,
    proof: Option<&LogProof>,
) -> Result<Vec<(OpenedResult, PathBuf)>, Failure> {
    let outputs = receipt.allegation().outputs.iter();
    let own: Vec<_> = outputs.filter(|output| output.recipients.iter().any(|name| name == identity.name())).collect();
    if own.is_empty() {
        return Err(Failure::new(Exit::Refused, format!("no result of this run is for \"{}\"", identity.name())));
    }
    let bundle = bundle(remote, identity, receipt).await;
    let bundle = match proof {
        Some(proof) => bundle.with_log_proof(proof.clone()),
        None => bundle,
    };
    let mut opened = Vec::new();
    for output in own {
        let ciphertext = typed.folder.join(format!("{}.body", output.name));
        let bar = Bar::new(&output.name);
        let manifest = remote.host.download(&output.object, &ciphertext, &mut |progress| bar.update(progress)).await?;
        drop(bar);
        let of = |source: std::io::Error| Failure::local(format!("{}: {source}", ciphertext.display()));
        let body = BufReader::new(File::open(&ciphertext).map_err(of)?);
        let manifest = manifest.encode();
        let result = match proof {
            Some(proof) => open_witnessed_result(remote.contract(), identity, receipt, proof, &manifest, body)?,
            None => open_result(remote.contract(), identity, receipt, &manifest, body)?,
        };
        std::fs::remove_file(&ciphertext).map_err(of)?;
        let path = typed.folder.join(format!("{}.csv", output.name));
        typed::write_private(&path, result.plaintext.csv.as_bytes())?;
        bundle.save(&typed.folder.join(format!("{}.receipt", output.name)))?;
        opened.push((result, path));
    }
    Ok(opened)
}

/// The receipt with the contract and, as long as the room is there to be asked, its enclave's Evidence.
async fn bundle(remote: &Remote, identity: &Identity, receipt: &SignedReceipt) -> ReceiptBundle {
    let bundle = ReceiptBundle::new(&remote.signed, receipt);
    match remote.appraise(identity, &Stricter::as_signed()).await {
        Ok(room) if *room.enclave_key() == receipt.allegation().proposal.enclave_key => {
            bundle.with_evidence(room.evidence().clone())
        }
        // Another room, or one that has ended: the receipt holds without, and its file says that nothing was appraised.
        Ok(_) | Err(_) => bundle,
    }
}

/// Why a whole result stayed inside.
const fn word(withheld: &Withheld) -> &'static str {
    match withheld {
        Withheld::Rows => "more rows than the contract allows",
        Withheld::Bytes => "more bytes than the contract allows",
        Withheld::Schema => "a row that the contract's columns do not allow",
        Withheld::Limit => "the program reached a limit of the contract, or a number became too large to be exact",
    }
}
