//! Peak memory of party, host and enclave while one large dataset is encrypted, uploaded and read in a room:
//! `cargo bench -p sealroom --bench memory`, for 4 GiB, or `SEALROOM_BENCH_MIB=256` for less.
//!
//! The party is this process; the host is the program `sealroom`, the enclave the measured image. Peaks are `VmHWM` of
//! /proc, in MiB. Needs twice the dataset's size, and some more, in the folder for temporary files.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench prints, and a panic is its failure report"
)]

#[path = "../tests/support/image.rs"]
mod image;

use core::time::Duration;
use image::built;
use sealroom::blocking::Host;
use sealroom::{
    Contract, ContractFile, DatasetSource, GrantTimes, HostOptions, Identity, Memory, Stricter, WantedRun,
    draw_challenge, encrypt_dataset, now, open_result, random,
};
use sealroom_protocol::contract::{
    ArgumentValue, Column, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms, ResultTerms,
    Role, Terms, Validity, write,
};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

fn main() {
    let mib: usize = std::env::var("SEALROOM_BENCH_MIB").map_or(4_096, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let identity = Identity::generate("owner", &mut random()).unwrap();
    let memory = Memory::open(&folder.join("memory"), &identity.signing().public()).unwrap();
    let platform = folder.join("platform");
    let contract = contract(&identity, &platform);
    let csv = folder.join("rows.csv");
    let rows = table(&csv, mib);
    let (mut host, url) = host(folder, &identity, &platform);

    let client = Host::new(&HostOptions::new(url)).unwrap();
    let begun = Instant::now();
    let source = DatasetSource { csv: &csv, contract: &contract, dataset: "rows", folder };
    let dataset = encrypt_dataset(source, &identity, &memory, &mut random(), &mut |_| {}).unwrap();
    std::fs::remove_file(&csv).unwrap();
    let encrypted = begun.elapsed();
    client.upload(&dataset, &identity, &mut |_| {}).unwrap();
    let uploaded = begun.elapsed();
    let mut file = ContractFile::new(contract.clone());
    file.sign(&identity).unwrap();
    let room = client.open_room(&file.complete().unwrap(), &identity).unwrap().room;
    let room = client.room(&room);
    let appraised =
        room.appraise(&contract, &identity, draw_challenge(&mut random()), &Stricter::as_signed(), now()).unwrap();
    let datasets = [("rows".to_owned(), dataset.object)].into();
    let proposal =
        room.propose(&WantedRun { run: None, datasets, request: None, receipts: vec![] }, &identity).unwrap();
    let reviewed = appraised.review(proposal.brought(None), &identity, &memory, now()).unwrap();
    let times = GrantTimes { clock: now(), expires: now() + 3_600 };
    room.send_grant(&reviewed.grant(&identity, &memory, times, &mut random()).unwrap(), &identity).unwrap();
    room.wait_for_run(Duration::from_millis(50)).unwrap();
    let ran = begun.elapsed();
    let receipt = client.receipts(&contract.id()).unwrap().pop().unwrap();
    let result = folder.join("result");
    let manifest = client.download(&receipt.allegation().outputs[0].object, &result, &mut |_| {}).unwrap();
    let body = std::fs::File::open(&result).unwrap();
    let opened = open_result(&contract, &identity, &receipt, &manifest.encode(), body).unwrap();
    assert_eq!(opened.plaintext.csv, format!("kind,n\na,{rows}\n"), "every row was counted");

    let launcher = children(host.id())[0];
    let enclave = children(launcher)[0];
    println!("{mib} MiB of CSV, {rows} rows: peak memory in MiB");
    for (who, pid) in [("party", std::process::id()), ("host", host.id()), ("enclave", enclave)] {
        println!("{who:<8} {:>6}", peak_mib(pid));
    }
    let seconds = [encrypted, uploaded - encrypted, ran - uploaded].map(|time| time.as_secs_f64());
    println!(
        "encrypting {:.1} s, uploading {:.1} s, room and run {:.1} s (wall time)",
        seconds[0], seconds[1], seconds[2]
    );
    host.kill().unwrap();
    host.wait().unwrap();
}

/// One kind, a number, and a long text, until the file has this size.
fn table(path: &Path, mib: usize) -> usize {
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).unwrap());
    out.write_all(b"kind,value,note\n").unwrap();
    let note = "n".repeat(200);
    let (mut rows, mut bytes) = (0, 0);
    while bytes < mib << 20 {
        let row = format!("a,{rows},{note}\n");
        out.write_all(row.as_bytes()).unwrap();
        bytes += row.len();
        rows += 1;
    }
    out.flush().unwrap();
    rows
}

fn contract(identity: &Identity, platform: &Path) -> Contract {
    let ask = |arguments: &[&str]| {
        let output = Command::new(&built().0).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().rsplit(':').next().unwrap().to_owned()
    };
    let (mut anchor, mut measurement) = ([0; 32], [0; 48]);
    hex::decode_to_slice(ask(&["anchor", "--state", platform.to_str().unwrap()]), &mut anchor).unwrap();
    hex::decode_to_slice(ask(&["measure", built().1.to_str().unwrap()]), &mut measurement).unwrap();
    let program = ProgramTerms::native("statistics")
        .with("measures", ArgumentValue::from(["count"].as_slice()))
        .with("group_by", ArgumentValue::from(["kind"].as_slice()));
    let validity = Validity { not_before: now() - 60, expires: now() + 86_400 };
    let limits = Limits::new(1, 64, 1 << 40);
    let mut terms = Terms::new("memory", "to measure", validity, [7; 32], program, limits);
    let card = identity.card();
    let roles = [Role::Data, Role::Result];
    terms.parties.push(Party::new("owner", &roles, card.signing_key, card.encryption_key));
    let columns =
        vec![Column::one_of("kind", &["a", "b"]), Column::integer("value", 0, 1 << 40), Column::text("note", 256)];
    terms.datasets.push(Dataset::new("rows", "owner", 1 << 36, columns));
    let columns = vec![Column::one_of("kind", &["a", "b"]), Column::integer("n", 0, 1 << 40)];
    terms.results.push(ResultTerms::new("counts", &["owner"], columns, OutputRules::new(10, 10, 1_000)));
    terms.enclaves.push(EnclaveTerms::amd_sev_snp(anchor, measurement, FirmwareLevel::new(0, 0, 0, 0)).simulated());
    Contract::parse(write(&terms).as_bytes()).unwrap()
}

fn host(folder: &Path, identity: &Identity, platform: &Path) -> (Child, String) {
    let config = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"file://{}\"\nstate = \"state\"\n\
         [platform]\nlauncher = \"{}\"\nimage = \"{}\"\nstate = \"{}\"\n\
         [[allowed]]\nname = \"owner\"\nsigning_key = \"{}\"\nquota = {{ stored_mib = 16384, rooms = 4, requests_per_minute = 100000 }}\n",
        folder.join("store").display(),
        built().0.display(),
        built().1.display(),
        platform.display(),
        identity.signing().public()
    );
    std::fs::write(folder.join("host.toml"), config).unwrap();
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

/// Processes that any thread of this one started.
fn children(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let texts = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("children")).unwrap());
    texts.flat_map(|text| text.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<u32>>()).collect()
}

fn peak_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib.div_ceil(1024)
}
