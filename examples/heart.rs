//! Four hospitals and an institute, in five steps of the SDK: draft, sign, appraise, grant, open.
//!
//! `enclave/build && cargo run --example heart`. The same story with every party a process of its own: `sealroom demo`.

#![expect(clippy::print_stdout, reason = "a story is told")]

#[path = "support/mod.rs"]
#[expect(dead_code, reason = "the other stories use what this one shows step by step")]
mod support;

use anyhow::Context;
use core::time::Duration;
use sealroom::{ContractFile, DatasetSource, GrantTimes, ReceiptBundle, Stricter, WantedRun};
use sealroom::{encrypt_dataset, now, random, state_region};
use std::collections::BTreeMap;
use support::{Party, Platform};

const HOSPITALS: [&str; 4] = ["cleveland", "budapest", "zurich", "long-beach"];

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let platform = Platform::find(folder.path())?;
    let parties: Vec<Party> =
        HOSPITALS.iter().chain(&["institute"]).map(|name| Party::new(folder.path(), name)).collect::<Result<_, _>>()?;
    let (institute, hospitals) = parties.split_last().context("nobody")?;

    println!("1 draft: a text with blanks for keys, times and what the enclave is to be");
    let cards: Vec<_> = parties.iter().map(|party| party.identity.card()).collect();
    let contract = platform.fill(include_str!("contracts/heart.toml"), &cards)?;

    println!("2 sign: one envelope, complete when every party signed");
    let mut file = ContractFile::new(contract);
    for party in &parties {
        file.sign(&party.identity)?;
    }
    let signed = file.complete()?;
    let contract = signed.contract();
    for party in &parties {
        party.memory.remember_contract(&signed)?;
    }

    // At home, each hospital checks and encrypts its patients; the key goes to its memory and stays there.
    let host = platform.host(folder.path(), &parties)?;
    let mut datasets = BTreeMap::new();
    for party in hospitals {
        let csv = support::data(&format!("heart/{}.csv", party.name()), "heart")?;
        let source = DatasetSource { csv: &csv, contract, dataset: party.name(), folder: &party.folder };
        let encrypted = encrypt_dataset(source, &party.identity, &party.memory, &mut random(), &mut |_| {})?;
        host.upload(&encrypted, &party.identity, &mut |_| {})?;
        datasets.insert(party.name().to_owned(), encrypted.object);
    }
    let opened = host.open_room(&signed, &institute.identity)?;
    let room = host.room(&opened.room);
    let wanted = WantedRun { run: None, datasets, request: None, receipts: Vec::new() };
    let proposal = room.propose(&wanted, &institute.identity)?;

    println!("3 appraise, 4 grant: each hospital by itself");
    let zurich = hospitals.iter().find(|party| party.name() == "zurich").context("zurich")?;
    let statement = state_region(contract, &zurich.identity, &proposal.id, "CH", now())?;
    room.send_statement(&statement, &zurich.identity)?;
    for party in hospitals {
        let (identity, memory) = (&party.identity, &party.memory);
        let appraised = room.appraise(contract, identity, support::challenge(), &Stricter::as_signed(), now())?;
        let reviewed = appraised.review(proposal.brought(None), identity, memory, now())?;
        println!("  {}: {} checks hold. {}", party.name(), appraised.checks().len(), reviewed.explain());
        let times = GrantTimes { clock: now(), expires: now() + 3600 };
        // Written to the memory first, then sent.
        let granted = reviewed.grant(identity, memory, times, &mut random())?;
        room.send_grant(&granted, identity)?;
    }

    println!("5 open: only with a verified receipt that names the result");
    room.wait_for_run(Duration::from_millis(100))?;
    let receipts = host.receipts(&contract.id())?;
    let receipt = receipts.last().context("the receipt of the run")?;
    let result = support::open(&host, contract, receipt, institute, "heart-by-age-and-sex")?;
    support::equals_answer(&result, "heart-by-age-and-sex")?;

    host.settle(contract, &zurich.memory)?;
    let record = zurich.memory.grant(&contract.id(), proposal.run)?.context("the grant of zurich")?;
    let report = ReceiptBundle::new(&signed, receipt).with_grant(&record).verify(None);
    anyhow::ensure!(report.holds() && report.appraised, "the receipt does not verify: {report:?}");
    println!(
        "  receipt verified offline, {} checks, the enclave's Evidence among them",
        report.checks.len() + report.appraisal.len()
    );
    Ok(())
}
