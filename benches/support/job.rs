//! One job of one run with every process of it: the parties' SDK in this process, the program `sealroom` as host, and the
//! measured image as enclave.

use crate::image::built;
use crate::process;
use core::fmt::Write as _;
use core::time::Duration;
use sealroom::blocking::Host;
use sealroom::{
    Contract, ContractFile, DatasetSource, GrantTimes, HostOptions, Identity, Memory, Stricter, WantedRun,
    draw_challenge, encrypt_dataset, now, open_result, random,
};
use sealroom_protocol::contract::{EnclaveTerms, FirmwareLevel, Party, Role, Terms, write};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// A data party that also receives, at its site.
pub(crate) struct Site {
    identity: Identity,
    memory: Memory,
}

/// What came of a job.
pub(crate) struct Played {
    /// The result, as its recipient opened it.
    pub(crate) csv: String,
    pub(crate) host: Child,
    pub(crate) enclave: u32,
    /// CPU seconds of the enclave and of the host from before the last grant until the receipt was there.
    pub(crate) enclave_seconds: f64,
    pub(crate) host_seconds: f64,
    /// Wall time of encrypting, uploading, and all that followed.
    pub(crate) took: [Duration; 3],
}

impl Drop for Played {
    fn drop(&mut self) {
        drop(self.host.kill());
        drop(self.host.wait());
    }
}

/// The party of this name, with new keys and an empty memory.
pub(crate) fn site(folder: &Path, name: &str) -> Site {
    let identity = Identity::generate(name, &mut random()).unwrap();
    let memory = Memory::open(&folder.join(format!("{name}.memory")), &identity.signing().public()).unwrap();
    Site { identity, memory }
}

/// A platform of this folder: its root's two RSA-4096 keys take seconds to make.
pub(crate) fn enclave_terms(platform: &Path) -> EnclaveTerms {
    let ask = |arguments: &[&str]| {
        let output = Command::new(&built().0).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().rsplit(':').next().unwrap().to_owned()
    };
    let (mut anchor, mut measurement) = ([0; 32], [0; 48]);
    hex::decode_to_slice(ask(&["anchor", "--state", platform.to_str().unwrap()]), &mut anchor).unwrap();
    hex::decode_to_slice(ask(&["measure", built().1.to_str().unwrap()]), &mut measurement).unwrap();
    EnclaveTerms::amd_sev_snp(anchor, measurement, FirmwareLevel::new(0, 0, 0, 0)).simulated()
}

/// Encrypts each dataset of the terms from `DATASET.csv` in `tables`, uploads, opens a room, grants, waits and opens.
pub(crate) fn play(folder: &Path, tables: &Path, platform: &Path, sites: &[Site], mut terms: Terms) -> Played {
    for Site { identity, .. } in sites {
        let card = identity.card();
        let roles = [Role::Data, Role::Result];
        terms.parties.push(Party::new(&card.name, &roles, card.signing_key, card.encryption_key));
    }
    terms.enclaves.push(enclave_terms(platform));
    let contract = Contract::parse(write(&terms).as_bytes()).unwrap();
    let owner = |name: &str| sites.iter().find(|site| site.identity.name() == name).unwrap();

    let begun = Instant::now();
    let encrypted = terms.datasets.iter().map(|dataset| {
        let Site { identity, memory } = owner(&dataset.owner);
        let csv: PathBuf = tables.join(format!("{}.csv", dataset.name));
        let source = DatasetSource { csv: &csv, contract: &contract, dataset: &dataset.name, folder };
        (identity, dataset.name.clone(), encrypt_dataset(source, identity, memory, &mut random(), &mut |_| {}).unwrap())
    });
    let encrypted: Vec<_> = encrypted.collect();
    let encrypting = begun.elapsed();

    let (host, url) = host(folder, platform, sites);
    let client = Host::new(&HostOptions::new(url)).unwrap();
    for (identity, _, dataset) in &encrypted {
        client.upload(dataset, identity, &mut |_| {}).unwrap();
    }
    let uploading = begun.elapsed() - encrypting;

    let mut file = ContractFile::new(contract.clone());
    sites.iter().for_each(|site| file.sign(&site.identity).unwrap());
    let first = &sites[0].identity;
    let room = client.open_room(&file.complete().unwrap(), first).unwrap().room;
    let room = client.room(&room);
    let datasets = encrypted.iter().map(|(_, name, dataset)| (name.clone(), dataset.object)).collect();
    let proposal = room.propose(&WantedRun { run: None, datasets, request: None, receipts: vec![] }, first).unwrap();
    let enclave = process::children(process::children(host.id())[0])[0];
    let (mut enclave_seconds, mut host_seconds) = (0.0, 0.0);
    for Site { identity, memory } in sites {
        let challenge = draw_challenge(&mut random());
        let appraised = room.appraise(&contract, identity, challenge, &Stricter::as_signed(), now()).unwrap();
        let reviewed = appraised.review(proposal.brought(None), identity, memory, now()).unwrap();
        let times = GrantTimes { clock: now(), expires: now() + 3_600 };
        let granted = reviewed.grant(identity, memory, times, &mut random()).unwrap();
        (enclave_seconds, host_seconds) = (process::cpu_seconds(enclave), process::cpu_seconds(host.id()));
        room.send_grant(&granted, identity).unwrap();
    }
    room.wait_for_run(Duration::from_millis(50)).unwrap();
    let enclave_seconds = process::cpu_seconds(enclave) - enclave_seconds;
    let host_seconds = process::cpu_seconds(host.id()) - host_seconds;
    let running = begun.elapsed() - encrypting - uploading;

    let receipt = client.receipts(&contract.id()).unwrap().pop().unwrap();
    let path = folder.join("result");
    let manifest = client.download(&receipt.allegation().outputs[0].object, &path, &mut |_| {}).unwrap();
    let recipient = &owner(&terms.results[0].recipients[0]).identity;
    let body = fs::File::open(&path).unwrap();
    let opened = open_result(&contract, recipient, &receipt, &manifest.encode(), body).unwrap();
    let took = [encrypting, uploading, running];
    Played { csv: opened.plaintext.csv, host, enclave, enclave_seconds, host_seconds, took }
}

fn host(folder: &Path, platform: &Path, sites: &[Site]) -> (Child, String) {
    let mut config = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"file://{}\"\nstate = \"state\"\n\
         [platform]\nlauncher = \"{}\"\nimage = \"{}\"\nstate = \"{}\"\n",
        folder.join("store").display(),
        built().0.display(),
        built().1.display(),
        platform.display(),
    );
    for Site { identity, .. } in sites {
        let (name, key) = (identity.name(), identity.signing().public());
        let quota = "{ stored_mib = 16384, rooms = 4, requests_per_minute = 100000 }";
        write!(config, "[[allowed]]\nname = \"{name}\"\nsigning_key = \"{key}\"\nquota = {quota}\n").unwrap();
    }
    fs::write(folder.join("host.toml"), config).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sealroom"))
        .current_dir(folder)
        .args(["host", "serve", "--config", "host.toml", "--log", "warn", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    (child, said["url"].as_str().unwrap().to_owned())
}
