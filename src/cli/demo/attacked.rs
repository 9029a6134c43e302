//! The honest parties under attack: each command of theirs must be refused as it should be.
//!
//! What always holds: a refusal counts only with the expected exit code, and with the failed check or the words that belong
//! to this attack.

use super::cheat::CheatingWire;
use super::child::{Program, text};
use super::hosting::Hosting;
use super::pieces::Pieces;
use super::steps::Steps;
use super::story::{HOSPITALS, INSTITUTE, STATES};
use crate::cli::exit::Failure;
use crate::cli::output::{Output, print};
use crate::cli::refusal::short;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The parties' folders, and what was attacked so far.
#[derive(Debug)]
pub(super) struct Attacked<'a> {
    folder: &'a Path,
    program: Program,
    output: Output,
    /// `hospital=object`.
    objects: Vec<String>,
    refused: Vec<Value>,
}

impl<'a> Attacked<'a> {
    /// Lets everyone draft, sign and encrypt, as in the story.
    pub(super) fn prepare(folder: &'a Path, pieces: Pieces, output: Output) -> Result<Self, Failure> {
        let objects = Steps::new(folder, pieces, Output { json: true, ..output })?.prepare()?;
        Ok(Self { folder, program: Program::this()?, output, objects, refused: Vec::new() })
    }

    /// Every attack that was refused, with the check or the words that it was refused by.
    pub(super) fn every(&self) -> &[Value] {
        &self.refused
    }

    /// A party's folder, or a host's.
    pub(super) fn folder(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes one.
    pub(super) fn make_folder(&self, name: &str) -> Result<(), Failure> {
        let path = self.folder(name);
        std::fs::create_dir(&path).map_err(|source| Failure::local(format!("{}: {source}", path.display())))
    }

    /// A party's file.
    pub(super) fn read(&self, name: &str, file: &str) -> Result<Vec<u8>, Failure> {
        let path = self.folder(name).join(file);
        std::fs::read(&path).map_err(|source| Failure::local(format!("{}: {source}", path.display())))
    }

    /// Gives a party a file.
    pub(super) fn write(&self, name: &str, file: &str, bytes: &[u8]) -> Result<(), Failure> {
        crate::cli::typed::write(&self.folder(name).join(file), bytes)
    }

    /// The key that a party signs with, from its card.
    pub(super) fn signing_key(&self, name: &str) -> Result<String, Failure> {
        let card = sealroom::Card::load(&self.folder(name).join(format!("{name}.card")))?;
        Ok(card.signing_key.to_string())
    }

    /// Starts a host behind a wire.
    pub(super) fn host(&self, name: &str, pieces: &Pieces, wire: &CheatingWire) -> Result<Hosting, Failure> {
        let (hosting, address) = Hosting::start(&self.program, &self.folder(name), pieces, wire.address())?;
        let connected = wire.connect(address);
        connected.map_err(|source| Failure::local(format!("the network of the demo: {source}")))?;
        for (hospital, _) in HOSPITALS {
            let (url, key) = (format!("http://{}", wire.address()), format!("{hospital}.key"));
            self.program.run(&self.folder(hospital), &["upload", hospital, "--host", &url, "--as", &key])?;
        }
        Ok(hosting)
    }

    /// The institute has the host open a room. Gives its address.
    pub(super) fn open_room(&self, wire: &CheatingWire) -> Result<String, Failure> {
        let url = format!("http://{}", wire.address());
        let arguments = ["room", "open", "--host", &url, "--contract", "heart.contract", "--as", "institute.key"];
        let opened = self.program.run(&self.folder(INSTITUTE), &arguments)?;
        text(&opened, "/room").map(str::to_owned)
    }

    /// Every dataset with the object of the hospital that `whose` names.
    pub(super) fn datasets(&self, whose: impl Fn(&str) -> String) -> Vec<String> {
        let object = |name: &str| {
            let pairs = self.objects.iter().filter_map(|pair| pair.split_once('='));
            pairs.filter(|(owner, _)| *owner == name).map(|(_, object)| object.to_owned()).next().unwrap_or_default()
        };
        HOSPITALS.iter().map(|(name, _)| format!("{name}={}", object(&whose(name)))).collect()
    }

    /// A hospital encrypts its table again, as it would after a correction, and uploads it. Gives the new object.
    pub(super) fn encrypt_again(&self, name: &str, wire: &CheatingWire) -> Result<String, Failure> {
        let home = self.folder(name);
        let (key, url) = (format!("{name}.key"), format!("http://{}", wire.address()));
        let arguments = ["encrypt", "patients.csv", "--for", "heart.contract", "--as", &key];
        let encrypted = self.program.run(&home, &arguments)?;
        self.program.run(&home, &["upload", name, "--host", &url, "--as", &key])?;
        text(&encrypted, "/object").map(str::to_owned)
    }

    /// From now on, this is the object of that hospital.
    pub(super) fn bring(&mut self, name: &str, object: &str) {
        self.objects.retain(|pair| pair.split_once('=').is_none_or(|(owner, _)| owner != name));
        self.objects.push(format!("{name}={object}"));
    }

    /// The institute has the enclave propose a run.
    pub(super) fn propose(&self, room: &str, whose: impl Fn(&str) -> String) -> Result<(), Failure> {
        let datasets = self.datasets(whose);
        let mut arguments = vec!["request", "--room", room, "--as", "institute.key", "--contract", "heart.contract"];
        arguments.extend(datasets.iter().flat_map(|dataset| ["--dataset", dataset.as_str()]));
        self.allowed(INSTITUTE, &arguments)
    }

    /// The honest run: proposed, stated, granted by all.
    pub(super) fn grant_and_run(&self, room: &str) -> Result<(), Failure> {
        self.propose(room, str::to_owned)?;
        let (states, region) = STATES;
        let key = format!("{states}.key");
        self.allowed(
            states,
            &["state", "--room", room, "--as", &key, "--contract", "heart.contract", "--region", region],
        )?;
        for (name, _) in HOSPITALS {
            let key = format!("{name}.key");
            self.allowed(name, &["grant", "--room", room, "--as", &key, "--contract", "heart.contract", "--yes"])?;
        }
        Ok(())
    }

    /// A command that must succeed.
    pub(super) fn allowed(&self, name: &str, arguments: &[&str]) -> Result<(), Failure> {
        self.program.run(&self.folder(name), arguments).map(|_| ())
    }

    /// A command that must be refused with this exit code, and with this failed check or these words.
    pub(super) fn refused(
        &mut self,
        what: &str,
        name: &str,
        arguments: &[&str],
        exit: i32,
        expected: &str,
    ) -> Result<(), Failure> {
        let (code, answer) = self.program.attempt(&self.folder(name), arguments)?;
        let message = answer.pointer("/failure/message").and_then(Value::as_str).unwrap_or_default();
        let checks = answer.pointer("/failure/checks").and_then(Value::as_array);
        let failed: Vec<&Value> = checks
            .into_iter()
            .flatten()
            .filter(|check| check.pointer("/status").and_then(Value::as_str) == Some("fail"))
            .collect();
        let id = |check: &Value| check.pointer("/id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let check = failed.iter().find(|check| id(check) == expected);
        if code != exit || (check.is_none() && !message.contains(expected)) {
            let ids: Vec<String> = failed.iter().map(|check| id(check)).collect();
            return Err(Failure::local(format!(
                "a host that {what}: expected exit {exit} with {expected}, found exit {code}: {message} [{}]",
                ids.join(", ")
            )));
        }
        self.refused.push(json!({ "host": what, "by": name, "exit": code, "check": expected }));
        if self.output.json {
            return Ok(());
        }
        let words = |pointer: &str| check.and_then(|check| check.pointer(pointer)?.as_str()).unwrap_or_default();
        let why = match check {
            Some(_) => format!("{expected}: expected {}, found {}", short(words("/expected")), short(words("/found"))),
            None => short(message),
        };
        print(&format!("{:>2} the host {what}\n   {name}: REFUSED, exit {exit}, {why}", self.refused.len()))
    }
}
