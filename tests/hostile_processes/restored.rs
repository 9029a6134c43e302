//! Folders set back to what they were after some run of a contract that allows three: never a fourth result.

use crate::host::until;
use crate::job::{InForce, Job, OWNERS, Said};
use crate::seen;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sealroom::{DatasetSource, encrypt_dataset};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Everything at one time: the host's folder and each party's.
struct Copies {
    folder: TempDir,
}

const EVERYONE: [&str; 4] = ["host", "left", "right", "institute"];

impl Copies {
    fn of(job: &mut Job) -> Self {
        let folder = tempfile::tempdir().unwrap();
        job.host.kill();
        for name in EVERYONE {
            copy(&place(job, name), &folder.path().join(name));
        }
        job.host.start_again();
        Self { folder }
    }

    /// Puts these folders in the place of what is there.
    fn restore(&self, job: &mut Job, names: &[&str]) {
        job.host.kill();
        // What was made since the last time is looked at before it is gone.
        job.look();
        for name in names {
            let place = place(job, name);
            std::fs::remove_dir_all(&place).unwrap();
            copy(&self.folder.path().join(name), &place);
        }
        job.host.start_again();
    }
}

fn place(job: &Job, name: &str) -> PathBuf {
    if name == "host" { job.host.folder().to_owned() } else { job.site(name) }
}

/// A folder with all that is in it; modes are kept, since a memory that others can read is refused.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// One run as far as it comes; gives what each owner's process said.
fn run(job: &mut Job, contract: &mut InForce, number: Option<u64>) -> Result<Vec<Said>, sealroom::HostError> {
    let room = job.open_room(contract);
    job.propose(contract, &room, number)?;
    let said = OWNERS.iter().map(|name| job.grant(name, &room)).collect();
    let waiting = job.client().room(&room);
    until("the room ends its run", || waiting.status().map_or(true, |status| status.phase != "run"));
    if let Ok(receipts) = job.client().receipts(&contract.contract.id()) {
        let complete = receipts.into_iter().filter(|receipt| !receipt.allegation().outputs.is_empty());
        contract.complete.extend(complete.map(|receipt| (receipt.allegation().id(), receipt)));
    }
    Ok(said)
}

/// Plays a contract of three runs to its end, with copies of everything before and after each.
fn finished() -> (Job, InForce, Vec<Copies>) {
    let mut job = Job::new();
    let mut contract = job.contract(3);
    let mut copies = vec![Copies::of(&mut job)];
    for number in 1..=3 {
        let said = run(&mut job, &mut contract, Some(number)).unwrap();
        assert!(said.iter().all(|said| said.exit == Some(0)), "{said:?}");
        job.settle(&mut contract);
        copies.push(Copies::of(&mut job));
    }
    assert_eq!((contract.complete.len(), job.results(&contract)), (3, 3));
    (job, contract, copies)
}

/// Asks for a fourth run in every way; gives how it was refused.
#[track_caller]
fn asks_for_a_fourth(job: &mut Job, contract: &mut InForce) -> Vec<String> {
    let mut refusals = Vec::new();
    for number in [None, Some(1), Some(4), Some(5)] {
        match run(job, contract, number) {
            Err(refused) => refusals.push(refused.check().to_owned()),
            Ok(said) => {
                // Of both owners at least one refuses by its own memory, genuine as all of it is.
                let refused = said.iter().filter(|said| said.exit == Some(5));
                let words = refused.map(|said| said.json.pointer("/failure/message").unwrap().to_string());
                let words: Vec<String> = words.collect();
                assert!(!words.is_empty(), "run {number:?}: nobody refuses: {said:?}");
                refusals.extend(words);
            }
        }
        assert_eq!(contract.complete.len(), 3, "run {number:?} is a fourth");
    }
    refusals
}

#[test]
fn restoring_the_whole_directory_of_a_finished_three_run_contract_never_yields_a_fourth_result() {
    let (mut job, mut contract, copies) = finished();
    // The host's whole directory as it was at any time; the parties' own are theirs.
    for (runs, copy) in copies.iter().enumerate() {
        copy.restore(&mut job, &["host"]);
        let refusals = asks_for_a_fourth(&mut job, &mut contract);
        assert!(!refusals.is_empty(), "after {runs} runs");
        job.assert_limits(&contract, &format!("the host's directory after {runs} runs"));
    }
    // Everything, as it was at the end.
    copies.last().unwrap().restore(&mut job, &EVERYONE);
    let refusals = asks_for_a_fourth(&mut job, &mut contract);
    assert!(refusals.iter().any(|refusal| refusal == "run.limit"), "{refusals:?}");
    job.settle(&mut contract);
    job.assert_limits(&contract, "everything as it was at the end");
    for name in OWNERS {
        let state = job.memory(name).state(&contract.contract).unwrap();
        assert_eq!((state.count, state.limit), (3, 3), "a budget spent stays spent");
    }
    // Everything as it was before the first run, and then whoever kept a receipt shows it: both know that they forgot.
    copies[0].restore(&mut job, &EVERYONE);
    for name in OWNERS {
        let receipt = contract.complete.values().next().unwrap();
        let refused = job.memory(name).settle(&contract.contract, receipt).unwrap_err();
        assert_eq!(refused.check(), "memory.restored", "{refused}");
    }
    asks_for_a_fourth(&mut job, &mut contract);
    job.look();
    // Of three runs before; and whoever forgot its grants granted anew.
    assert!(job.recorder.objects() >= 5 && job.recorder.pairs() >= 9, "{} grants", job.recorder.pairs());
}

#[test]
fn restoring_the_directory_of_every_party_but_one_never_yields_a_fourth_result() {
    let (mut job, mut contract, copies) = finished();
    for honest in OWNERS {
        let others: Vec<&str> = EVERYONE.into_iter().filter(|name| *name != honest).collect();
        for (runs, copy) in copies.iter().enumerate() {
            copies.last().unwrap().restore(&mut job, &EVERYONE);
            copy.restore(&mut job, &others);
            asks_for_a_fourth(&mut job, &mut contract);
            let state = job.memory(honest).state(&contract.contract).unwrap();
            let spent = (state.count, state.limit, state.restored);
            assert_eq!(spent, (3, 3, false), "{honest} spent its budget, the others as after {runs} runs");
        }
    }
    job.look();
}

#[test]
fn a_party_whose_generator_repeats_itself_is_found_in_what_it_uploaded() {
    let job = Job::new();
    let contract = job.contract(1);
    job.look();
    assert_eq!(job.recorder.objects(), 2);
    let (owner, memory, site) = (job.identity("left"), job.memory("left"), job.site("left"));
    for list in ["domain\na.example\n", "domain\nb.example\n"] {
        let csv = site.join("list.csv");
        std::fs::write(&csv, list).unwrap();
        let source = DatasetSource { csv: &csv, contract: &contract.contract, dataset: "left-list", folder: &site };
        // As after a machine was set back together with its generator.
        let rng = &mut ChaCha20Rng::from_seed([7; 32]);
        let encrypted = encrypt_dataset(source, owner, &memory, rng, &mut |_| {}).unwrap();
        job.client().upload(&encrypted, owner, &mut |_| {}).unwrap();
    }
    seen::look(job.host.folder(), &job.recorder);
    assert_eq!(job.recorder.repeated(), Some("one key and salt encrypted two objects"));
}
