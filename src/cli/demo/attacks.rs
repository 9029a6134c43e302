//! `sealroom demo --attack`: the same story with a host that cheats, and parties that conspire with it; each time an honest
//! party refuses, and says why.
//!
//! What always holds: it ends with 0 only if every attack was refused with the exit code and the check that belong to it.

use super::attacked::Attacked;
use super::cheat::CheatingWire;
use super::pieces::Pieces;
use super::story::{INSTITUTE, RESULT};
use crate::cli::exit::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::Path;

/// Where the measurement begins in a report (AMD 56860, ATTESTATION_REPORT).
const MEASUREMENT_OFFSET: usize = 0x90;

/// All attacks, one after the other.
pub(super) fn run(attacked: &mut Attacked<'_>, pieces: &Pieces) -> Result<(), Failure> {
    contract(attacked)?;
    let wire = open_wire()?;
    let hosting = attacked.host("host", pieces, &wire)?;
    let room = attacked.open_room(&wire)?;
    evidence(attacked, &wire, &room)?;
    other_enclaves(attacked, pieces)?;
    swapped(attacked, &wire)?;
    let old = attacked.folder("cleveland").join("old.memory");
    copy(&attacked.folder("cleveland").join("cleveland.memory"), &old)?;
    attacked.grant_and_run(&room)?;
    results(attacked, &wire, &room)?;
    after(attacked, &room)?;
    hosting.stop()
}

/// The contract, changed or not signed by all.
fn contract(attacked: &mut Attacked<'_>) -> Result<(), Failure> {
    let signed = attacked.read("cleveland", "heart.contract")?;
    let looser = edit_payload(signed.clone(), "minimum_group_size = 10", "minimum_group_size = 1");
    attacked.write("cleveland", "looser.contract", &looser)?;
    let what = "hands on the contract with groups of 1 instead of 10, and the old signatures";
    attacked.refused(
        what,
        "cleveland",
        &["contract", "verify", "looser.contract"],
        4,
        "does not hold over this text",
    )?;
    let fewer = edit_json(signed, |value| {
        let signatures = value.pointer_mut("/signatures").and_then(Value::as_array_mut);
        drop(signatures.and_then(Vec::pop));
    });
    attacked.write("cleveland", "fewer.contract", &fewer)?;
    let what = "hands on the contract without one of the signatures";
    attacked.refused(what, "cleveland", &["contract", "verify", "fewer.contract"], 4, "has not signed")
}

/// Evidence that answers something else, or is not what the platform signed.
fn evidence(attacked: &mut Attacked<'_>, wire: &CheatingWire, room: &str) -> Result<(), Failure> {
    let appraise = ["appraise", "--room", room, "--as", "cleveland.key", "--contract", "heart.contract"];
    attacked.allowed("cleveland", &appraise)?;
    let earlier = wire.answer("/evidence").unwrap_or_default();
    wire.cheat("/evidence", move |_| earlier.clone());
    attacked.refused(
        "shows Evidence that answered an earlier question",
        "cleveland",
        &appraise,
        4,
        "room.challenge",
    )?;
    wire.cheat("/evidence", |answer| {
        edit_json(answer, |value| {
            let Some(Value::String(evidence)) = value.pointer_mut("/evidence") else { return };
            let mut bytes = STANDARD.decode(&*evidence).unwrap_or_default();
            if let Some(byte) = bytes.get_mut(MEASUREMENT_OFFSET) {
                *byte ^= 1;
            }
            *evidence = STANDARD.encode(bytes);
        })
    });
    attacked.refused("flips one bit of the measurement in the Evidence", "cleveland", &appraise, 4, "snp.signature")?;
    let own = attacked.signing_key("budapest")?;
    wire.cheat("/evidence", move |answer| {
        let own = own.clone();
        edit_json(answer, |value| {
            if let Some(key) = value.pointer_mut("/enclave_key") {
                *key = json!(own);
            }
        })
    });
    attacked.refused(
        "says that another key is the enclave's, to be the enclave",
        "cleveland",
        &appraise,
        4,
        "common.freshness",
    )?;
    wire.cheat("/evidence", |answer| {
        edit_json(answer, |value| {
            let endorsements = value.pointer_mut("/endorsements").and_then(Value::as_array_mut);
            drop(endorsements.and_then(Vec::pop));
        })
    });
    attacked.refused("keeps the revocation list to itself", "cleveland", &appraise, 4, "common.revocation")?;
    wire.behave();
    Ok(())
}

/// Enclaves that are genuine, or look like it, and are not the one of the contract.
fn other_enclaves(attacked: &mut Attacked<'_>, pieces: &Pieces) -> Result<(), Failure> {
    for (name, what, exit, check) in [
        ("host-image", "runs another image: one byte longer", 5, "snp.measurement"),
        ("host-root", "runs the right image on a platform of its own making", 4, "common.trust-anchor"),
    ] {
        let wire = open_wire()?;
        attacked.make_folder(name)?;
        let mut other = pieces.clone();
        if name == "host-image" {
            copy_folder(&attacked.folder("host").join("platform"), &attacked.folder(name).join("platform"))?;
            let image = std::fs::read(&pieces.image).map_err(|source| of(&pieces.image, source))?;
            other.image = attacked.folder(name).join("image");
            let longer: Vec<u8> = image.into_iter().chain([0]).collect();
            std::fs::write(&other.image, longer).map_err(|source| of(&other.image, source))?;
        }
        let hosting = attacked.host(name, &other, &wire)?;
        let room = attacked.open_room(&wire)?;
        let arguments = ["grant", "--room", &room, "--as", "cleveland.key", "--contract", "heart.contract", "--yes"];
        attacked.refused(what, "cleveland", &arguments, exit, check)?;
        hosting.stop()?;
    }
    Ok(())
}

/// The institute conspires: it asks for a run in which datasets are exchanged, or older than their owner wants.
fn swapped(attacked: &mut Attacked<'_>, wire: &CheatingWire) -> Result<(), Failure> {
    let room = attacked.open_room(wire)?;
    let datasets = attacked.datasets(|name| match name {
        "budapest" => "zurich".to_owned(),
        "zurich" => "budapest".to_owned(),
        other => other.to_owned(),
    });
    let mut request = vec!["request", "--room", &room, "--as", "institute.key", "--contract", "heart.contract"];
    request.extend(datasets.iter().flat_map(|dataset| ["--dataset", dataset.as_str()]));
    let what = "and the institute want a run with two hospitals' datasets exchanged: the enclave proposes none";
    attacked.refused(what, INSTITUTE, &request, 3, "proposal.dataset")?;
    let newer = attacked.encrypt_again("cleveland", wire)?;
    attacked.propose(&room, str::to_owned)?;
    let grant = ["grant", "--room", &room, "--as", "cleveland.key", "--contract", "heart.contract", "--yes"];
    let what = "and the institute propose a run over data that cleveland has replaced";
    attacked.refused(what, "cleveland", &grant, 5, "ask for a proposal of the dataset that you encrypted last")?;
    attacked.bring("cleveland", &newer);
    Ok(())
}

/// After an honest run: the receipt withheld, another object as the result, a receipt that was changed.
fn results(attacked: &mut Attacked<'_>, wire: &CheatingWire, room: &str) -> Result<(), Failure> {
    let open = ["open", "--room", room, "--as", "institute.key", "--contract", "heart.contract", "--wait"];
    wire.cheat("/receipts", |_| b"{\"receipts\":[],\"next\":null}".to_vec());
    attacked.refused(
        "keeps the receipt to itself, and hands out a result",
        INSTITUTE,
        &open,
        3,
        "shows no complete receipt",
    )?;
    wire.cheat("/body", |mut body| {
        if let Some(byte) = body.last_mut() {
            *byte ^= 1;
        }
        body
    });
    attacked.refused("flips one bit of the result", INSTITUTE, &open, 4, "is not what its owner encrypted")?;
    wire.behave();
    attacked.allowed(INSTITUTE, &open)?;
    let file = format!("{RESULT}.receipt");
    let bundle = attacked.read(INSTITUTE, &file)?;
    let forged = edit_json(bundle, |value| {
        if let Some(receipt) = value.pointer_mut("/receipt") {
            let bytes = edit_payload(receipt.to_string().into_bytes(), "\"gap\":[]", "\"gap\":[9]");
            *receipt = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        }
    });
    attacked.write(INSTITUTE, "forged.receipt", &forged)?;
    let what = "changes what the receipt says";
    attacked.refused(what, INSTITUTE, &["receipt", "verify", "forged.receipt"], 4, "receipt.signature")
}

/// More than was agreed: a second run where the contract has one, and a memory that was set back.
fn after(attacked: &mut Attacked<'_>, room: &str) -> Result<(), Failure> {
    let datasets = attacked.datasets(str::to_owned);
    let mut request = vec!["request", "--room", room, "--as", "institute.key", "--contract", "heart.contract"];
    request.extend(datasets.iter().flat_map(|dataset| ["--dataset", dataset.as_str()]));
    attacked.refused(
        "and the institute ask for a second run, where one was agreed",
        INSTITUTE,
        &request,
        3,
        "run.limit",
    )?;
    let status =
        ["status", "--room", room, "--as", "cleveland.key", "--contract", "heart.contract", "--memory", "old.memory"];
    attacked.refused(
        "set cleveland's memory back to before its grant, to get another",
        "cleveland",
        &status,
        5,
        "restored from an older copy",
    )
}

fn open_wire() -> Result<CheatingWire, Failure> {
    CheatingWire::open().map_err(|source| Failure::local(format!("the network of the demo: {source}")))
}

/// JSON with something changed in it.
fn edit_json(bytes: Vec<u8>, edit: impl Fn(&mut Value)) -> Vec<u8> {
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(mut value) => {
            edit(&mut value);
            value.to_string().into_bytes()
        }
        Err(_) => bytes,
    }
}

/// An envelope whose payload says something else.
fn edit_payload(envelope: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    edit_json(envelope, |value| {
        let Some(Value::String(payload)) = value.pointer_mut("/payload") else { return };
        let text = String::from_utf8(STANDARD.decode(&*payload).unwrap_or_default()).unwrap_or_default();
        *payload = STANDARD.encode(text.replacen(from, to, 1));
    })
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::copy(from, to).map(|_| ()).map_err(|source| of(from, source))
}

/// A folder with its files and their modes.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::create_dir(to).map_err(|source| of(to, source))?;
    let mode = std::fs::metadata(from).map_err(|source| of(from, source))?.permissions();
    std::fs::set_permissions(to, mode).map_err(|source| of(to, source))?;
    for entry in std::fs::read_dir(from).map_err(|source| of(from, source))?.flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy_folder(&from, &to)? } else { copy(&from, &to)? }
    }
    Ok(())
}

fn of(path: &Path, source: std::io::Error) -> Failure {
    Failure::local(format!("{}: {source}", path.display()))
}
