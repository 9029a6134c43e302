//! `sealroom request`: ask for a run.

use super::exit::Failure;
use super::output::Output;
use super::remote::{RoomFlags, block_on};
use super::typed::{self, PartyFlags};
use clap::Args;
use core::cmp::Reverse;
use sealroom::{Memory, WantedRun, make_request, random};
use sealroom_protocol::contract::{ArgumentValue, Arguments, Contract};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::run::{Outcome, SignedReceipt};
use serde_json::json;
use std::collections::BTreeMap;

/// Receipts that a proposal takes.
const BROUGHT_LIMIT: usize = 64;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Where the contract leaves arguments open, they are encrypted to the data parties, who see them before they grant; the host does
not. Datasets are those that the contract pins, your own from your memory, and those that you name. The enclave then proposes the
run, and `sealroom grant` shows it to every party that grants.

Examples:
  sealroom request --room … --as institute.key --argument question=mean --dataset cleveland=77b0…
  sealroom request --room … --as institute.key --run 3"
)]
pub(crate) struct Typed {
    #[command(flatten)]
    room: RoomFlags,
    #[command(flatten)]
    party: PartyFlags,
    /// An argument that the contract leaves open: text, a whole number, true or false
    #[arg(long, value_name = "NAME=VALUE")]
    argument: Vec<String>,
    /// The object of a dataset
    #[arg(long, value_name = "NAME=OBJECT")]
    dataset: Vec<String>,
    /// The run number [default: the next]
    #[arg(long, value_name = "NUMBER")]
    run: Option<u64>,
}

/// Asks.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    let (remote, proposal) = block_on(async {
        let remote = typed.room.remote(Some(&identity)).await?;
        let contract = remote.contract();
        let datasets = datasets(contract, &memory, &typed.dataset)?;
        let request = if contract.leaves_choices() {
            let arguments = arguments(contract, &typed.argument)?;
            let prepared = make_request(contract, &identity, &arguments, &memory, &mut random())?;
            remote.host.upload_request(&prepared, &identity).await?;
            Some(prepared.announcement)
        } else if let Some(first) = typed.argument.first() {
            return Err(Failure::local(format!(
                "--argument \"{first}\": contract \"{}\" leaves no argument open",
                contract.terms().name
            )));
        } else {
            None
        };
        remote.settle(&memory).await?;
        let receipts = newest_complete(&memory.receipts(&contract.id())?);
        let wanted = WantedRun { run: typed.run, datasets, request, receipts };
        let proposal = remote.room.propose(&wanted, &identity).await?;
        Ok((remote, proposal))
    })?;
    let granting: Vec<&str> = remote.contract().granting_parties().iter().map(|party| party.name.as_str()).collect();
    let fields = json!({ "room": remote.url(), "proposal": proposal.id, "run": proposal.run, "to_grant": granting });
    let text = format!(
        "run {} is proposed: {}\nto grant: {} (sealroom grant --room {})",
        proposal.run,
        typed::brief(&proposal.id),
        granting.join(", "),
        remote.url()
    );
    output.answer(fields, text)
}

/// The newest complete receipts, as many as a proposal takes, newest first. A void one counts nothing, and anyone may have
/// made it up.
fn newest_complete(receipts: &[SignedReceipt]) -> Vec<Vec<u8>> {
    let mut complete: Vec<&SignedReceipt> =
        receipts.iter().filter(|receipt| receipt.allegation().outcome == Outcome::Complete).collect();
    complete.sort_by_key(|receipt| Reverse(receipt.allegation().proposal.run));
    complete.into_iter().take(BROUGHT_LIMIT).map(SignedReceipt::encode).collect()
}

/// Every dataset's object: as named, else as pinned, else as this party brings it.
fn datasets(contract: &Contract, memory: &Memory, named: &[String]) -> Result<BTreeMap<String, ObjectId>, Failure> {
    let mut objects = BTreeMap::new();
    for text in named {
        let form = || {
            Failure::local(format!("--dataset \"{text}\": expected NAME=OBJECT, the object as 64 hexadecimal digits"))
        };
        let (name, object) = text.split_once('=').ok_or_else(form)?;
        objects.insert(name.to_owned(), object.parse().map_err(|_| form())?);
    }
    for dataset in &contract.terms().datasets {
        if objects.contains_key(&dataset.name) {
            continue;
        }
        let own = contract.party_by_key(memory.owner()).is_some_and(|party| party.name == dataset.owner);
        let brought = if own { memory.object(contract, &dataset.name)? } else { None };
        let object = dataset.object.or(brought).ok_or_else(|| {
            Failure::local(format!("which object is dataset \"{}\" of {}?", dataset.name, dataset.owner))
                .hint(format!("ask its owner, and give --dataset {}=OBJECT", dataset.name))
        })?;
        objects.insert(dataset.name.clone(), object);
    }
    Ok(objects)
}

/// The chosen arguments: the contract's values say of which type each is.
fn arguments(contract: &Contract, named: &[String]) -> Result<Arguments, Failure> {
    let mut arguments = Arguments::new();
    for text in named {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Failure::local(format!("--argument \"{text}\": expected NAME=VALUE")))?;
        let allowed = contract.terms().program.choices.get(name).map(Vec::as_slice).unwrap_or_default();
        let chosen = allowed.iter().find(|allowed| words(allowed) == value).cloned();
        // One that is not allowed goes on as text, for the SDK to say what is.
        arguments.insert(name.to_owned(), chosen.unwrap_or_else(|| ArgumentValue::Text(value.to_owned())));
    }
    Ok(arguments)
}

/// A value as it is typed.
fn words(value: &ArgumentValue) -> String {
    match value {
        ArgumentValue::Text(text) => text.clone(),
        ArgumentValue::Integer(number) => number.to_string(),
        ArgumentValue::Boolean(boolean) => boolean.to_string(),
        ArgumentValue::List(values) => values.iter().map(words).collect::<Vec<_>>().join(","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealroom_protocol::id::ContractId;
    use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
    use sealroom_protocol::run::{Ending, Proposal, Receipt};

    fn receipt(run: u64, outcome: Outcome) -> SignedReceipt {
        let enclave = SigningSecret::from_seed(&[9; 32]);
        let contract = ContractId::from_bytes([7; 32]);
        let proposal = Proposal {
            contract,
            run,
            head: None,
            head_run: 0,
            datasets: Vec::new(),
            request: None,
            enclave_key: enclave.public(),
            run_key: EncryptionSecret::from_seed(&[3; 32]).public(),
        };
        let receipt = Receipt {
            contract,
            outcome,
            ending: Ending::Stopped,
            proposal,
            grants: Vec::new(),
            statement: None,
            stop: None,
            outputs: Vec::new(),
            counts: Vec::new(),
            gap: Vec::new(),
            time: 0,
        };
        SignedReceipt::sign(receipt, &enclave)
    }

    #[test]
    fn a_proposal_is_brought_the_newest_complete_receipts_whatever_void_ones_there_are() {
        let complete: Vec<_> = (1..=70).map(|run| receipt(run, Outcome::Complete)).collect();
        let void = (1..=70).map(|run| receipt((1 << 53) - run, Outcome::Void));
        let brought = newest_complete(&complete.iter().cloned().chain(void).collect::<Vec<_>>());
        let expected: Vec<_> = complete.iter().rev().take(64).map(SignedReceipt::encode).collect();
        assert_eq!(brought, expected);
    }
}
