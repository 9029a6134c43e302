//! The course that the other stories share; `heart.rs` shows it step by step.

use super::{Party, Platform};
use anyhow::Context;
use core::time::Duration;
use sealroom::blocking::Host;
use sealroom::{Contract, ContractFile, DatasetSource, WantedRun, encrypt_dataset, make_request, random};
use sealroom_protocol::contract::{ArgumentValue, Arguments};
use sealroom_protocol::run::SignedReceipt;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A story: its contract and who brings what.
pub(crate) struct Story<'a> {
    /// The contract, with blanks.
    pub(crate) draft: &'a str,
    /// Every party; the last one opens the room and asks for the run.
    pub(crate) parties: &'a [&'a str],
    /// Dataset, owner and table.
    pub(crate) data: &'a [(&'a str, &'a str, PathBuf)],
    /// What the asking party chooses, where the contract leaves a choice.
    pub(crate) choices: &'a [(&'a str, &'a str)],
}

/// A story after its run.
pub(crate) struct Told {
    /// The parties, in the order in which they were named.
    pub(crate) parties: Vec<Party>,
    /// The host.
    pub(crate) host: Host,
    /// What all signed.
    pub(crate) contract: Contract,
    /// The run's receipt.
    pub(crate) receipt: SignedReceipt,
}

impl Told {
    /// The party of this name.
    pub(crate) fn party(&self, name: &str) -> anyhow::Result<&Party> {
        self.parties.iter().find(|party| party.name() == name).context("no such party")
    }
}

impl Story<'_> {
    /// Tells it: draft, sign, encrypt, appraise, grant, run.
    pub(crate) fn tell(&self, folder: &Path) -> anyhow::Result<Told> {
        let platform = Platform::find(folder)?;
        let parties = self.parties.iter().map(|name| Party::new(folder, name)).collect::<Result<Vec<_>, _>>()?;
        let cards: Vec<_> = parties.iter().map(|party| party.identity.card()).collect();
        let mut file = ContractFile::new(platform.fill(self.draft, &cards)?);
        for party in &parties {
            file.sign(&party.identity)?;
        }
        let signed = file.complete()?;
        let contract = signed.contract().clone();
        for warning in sealroom_protocol::contract::lint(&contract) {
            println!("  lint warns: {warning}");
        }
        let host = platform.host(folder, &parties)?;
        let mut datasets = BTreeMap::new();
        for (dataset, owner, csv) in self.data {
            let party = parties.iter().find(|party| party.name() == *owner).context("an owner who is no party")?;
            let source = DatasetSource { csv, contract: &contract, dataset, folder: &party.folder };
            let encrypted = encrypt_dataset(source, &party.identity, &party.memory, &mut random(), &mut |_| {})?;
            host.upload(&encrypted, &party.identity, &mut |_| {})?;
            println!("  {owner} encrypts {dataset}: {} rows, {} bytes", encrypted.rows, encrypted.body_length);
            datasets.insert((*dataset).to_owned(), encrypted.object);
        }
        for party in &parties {
            party.memory.remember_contract(&signed)?;
        }
        let asking = parties.last().context("no party")?;
        let opened = host.open_room(&signed, &asking.identity)?;
        let room = host.room(&opened.room);
        let request = if self.choices.is_empty() {
            None
        } else {
            let chosen = self.choices.iter().map(|(name, value)| ((*name).to_owned(), ArgumentValue::from(*value)));
            let arguments: Arguments = chosen.collect();
            let prepared = make_request(&contract, &asking.identity, &arguments, &asking.memory, &mut random())?;
            host.upload_request(&prepared, &asking.identity)?;
            Some(prepared.announcement)
        };
        room.propose(&WantedRun { run: None, datasets, request, receipts: Vec::new() }, &asking.identity)?;
        for granting in contract.granting_parties() {
            let party = parties.iter().find(|party| party.name() == granting.name).context("a granting party")?;
            super::grant(&host, &room, &contract, party)?;
        }
        room.wait_for_run(Duration::from_millis(100))?;
        let receipt = host.receipts(&contract.id())?.pop().context("the receipt of the run")?;
        receipt.verify(&contract)?;
        Ok(Told { parties, host, contract, receipt })
    }
}
