//! Every file of the recorded Evidence: none is unlisted, and each ends as its entry says. Evidence is appraised at a stated time
//! under the strictest policy that it could pass, loosened where the entry says why; then with one thing changed.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

mod changed;
mod entry;
mod evidence;
mod flipped;
#[path = "../support/folder.rs"]
mod folder;
mod inside;
mod kinds;
mod others;
mod page;
mod run;

use std::collections::BTreeSet;
use std::path::Path;

use sealroom_attestation::event_log::{Digest, EventLog};
use sealroom_attestation::{CryptoProvider, Endorsements, Evidence, Outcome, vendor_roots};

use crate::entry::{Kind, Log};
use crate::folder::{folder, read};

/// All files, as paths below the folder.
fn walk(folder: &Path, below: &str, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type().unwrap().is_dir() {
            walk(folder, &path, found);
        } else {
            assert!(found.insert(path));
        }
    }
}

#[test]
fn every_recorded_file_has_an_entry_and_every_entry_a_file() {
    let Some(folder) = folder("every_recorded_file_has_an_entry_and_every_entry_a_file") else { return };
    let mut files = BTreeSet::new();
    walk(&folder, "", &mut files);
    let entries: Vec<_> = entry::all().map(|entry| entry.file.to_owned()).collect();
    let listed: BTreeSet<_> = entries.iter().cloned().collect();
    assert_eq!(listed.len(), entries.len(), "each file is listed once");
    assert_eq!(files.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new(), "files without an entry");
    assert_eq!(listed.difference(&files).collect::<Vec<_>>(), Vec::<&String>::new(), "entries without a file");
}

#[test]
fn every_recorded_evidence_ends_as_its_entry_says() {
    let Some(folder) = folder("every_recorded_evidence_ends_as_its_entry_says") else { return };
    let mut wrong = Vec::new();
    for (entry, case) in entry::cases() {
        let end = run::End::of(&run::appraise(&folder, entry, case));
        if end != run::End::expected(case) {
            wrong.push(format!("{} ({}): {end:?}", entry.file, case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_accepted_is_of_real_hardware_and_warns_of_what_its_maker_says() {
    let Some(folder) = folder("what_is_accepted_is_of_real_hardware_and_warns_of_what_its_maker_says") else { return };
    let mut accepted = 0;
    for (entry, case) in entry::cases() {
        let Ok(result) = run::appraise(&folder, entry, case) else { continue };
        assert!(!result.simulated(), "{}", entry.file);
        assert!(result.attested_key().is_none(), "{}: nobody asked for a key of ours", entry.file);
        accepted += 1;
    }
    let expected = entry::cases()
        .filter(|(_, case)| matches!(case.outcome, Outcome::Accepted | Outcome::AcceptedWithWarnings))
        .count();
    assert_eq!(accepted, expected);
}

#[test]
fn endorsements_and_roots_decode_to_what_their_entry_says() {
    let Some(folder) = folder("endorsements_and_roots_decode_to_what_their_entry_says") else { return };
    for entry in entry::all() {
        let bytes = || read(&folder, entry.file);
        let decoded = || Endorsements::decode(&bytes()).unwrap_or_else(|error| panic!("{}: {error}", entry.file));
        match &entry.kind {
            Kind::Endorsement { holds, .. } => {
                let found = decoded();
                let counts = [
                    found.certificates().len(),
                    found.revocation_lists().len(),
                    found.tcb_infos().len(),
                    found.qe_identities().len(),
                ];
                assert_eq!(counts, *holds, "{}", entry.file);
            }
            Kind::Root { built_in } => {
                let found = decoded();
                let [certificate] = found.certificates() else { panic!("{}: one certificate", entry.file) };
                let known = vendor_roots().find(|root| root.der == certificate.der()).map(|root| root.name);
                assert_eq!(known, *built_in, "{}", entry.file);
            }
            Kind::Evidence { .. } | Kind::EventLog(_) | Kind::Other { .. } => {}
        }
    }
}

#[test]
fn what_is_neither_evidence_nor_endorsement_is_taken_for_neither() {
    let Some(folder) = folder("what_is_neither_evidence_nor_endorsement_is_taken_for_neither") else { return };
    for entry in entry::all().filter(|entry| matches!(entry.kind, Kind::Other { .. } | Kind::EventLog(_))) {
        let bytes = read(&folder, entry.file);
        assert_eq!(Evidence::sniff(&bytes), None, "{}", entry.file);
        assert!(Evidence::decode(&bytes).is_err() && Endorsements::decode(&bytes).is_err(), "{}", entry.file);
    }
}

#[test]
fn every_recorded_event_log_replays_to_what_its_entry_says() {
    let Some(folder) = folder("every_recorded_event_log_replays_to_what_its_entry_says") else { return };
    for entry in entry::all() {
        let Kind::EventLog(Log { events, algorithm, registers }) = &entry.kind else { continue };
        let log =
            EventLog::decode(&read(&folder, entry.file)).unwrap_or_else(|error| panic!("{}: {error}", entry.file));
        assert_eq!(log.unverified_events().count(), *events, "{}", entry.file);
        for (register, value) in *registers {
            let value = Digest::new(*algorithm, &inside::from_hex(value)).unwrap();
            assert_eq!(
                log.replay(CryptoProvider::ring(), *algorithm, *register),
                Ok(value),
                "{} {register:?}",
                entry.file
            );
        }
    }
}
