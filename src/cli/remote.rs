//! Flags that reach a host, and what they mean: a host, a room, its contract.
//!
//! What always holds: a contract that a host brings is used only where every party's signature holds, this party's among them.

use super::exit::{Exit, Failure};
use super::output;
pub(crate) use super::runtime::block_on;
use super::typed;
use clap::Args;
use core::time::Duration;
use rand_core::Rng;
use sealroom::{AppraisedRoom, Host, HostOptions, Identity, Memory, Room, Stricter, now, random};
use sealroom_attestation::Challenge;
use sealroom_protocol::contract::{Contract, SignedContract};
use std::path::PathBuf;

/// What to do about a party that cheats, and about a forked enclave.
const CHEATING_HINT: &str = "         both grants are in your memory: show them to the others (sealroom cheating export), and grant it no more runs";
const FORKING_HINT: &str = "         both receipts are in your memory: show them to the others (sealroom cheating export --run), and stop the contract";

/// Largest certificate file that is read, in bytes.
const CERTIFICATES_LIMIT: u64 = 1 << 20;

/// How to reach a host.
#[derive(Debug, Clone, Args)]
pub(crate) struct NetworkFlags {
    /// Root certificates (PEM) that alone are trusted for TLS [default: the operating system's]
    #[arg(long, value_name = "FILE")]
    root_certificates: Option<PathBuf>,
    /// Seconds to wait for a connection, and for each next piece of an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

impl NetworkFlags {
    /// The host at this URL.
    pub(crate) fn host(&self, url: &str) -> Result<Host, Failure> {
        let mut options = HostOptions::new(url.trim_end_matches('/'));
        options.timeout = Duration::from_secs(self.timeout);
        if let Some(path) = &self.root_certificates {
            options.root_certificates = vec![typed::read(path, CERTIFICATES_LIMIT)?];
        }
        Ok(Host::new(&options)?)
    }
}

/// Which room.
#[derive(Debug, Clone, Args)]
pub(crate) struct RoomFlags {
    /// The room: https://host.example/rooms/NAME
    #[arg(long, value_name = "URL")]
    room: String,
    /// The signed contract [default: the one that the host brings, where all signatures hold, yours too]
    #[arg(long, value_name = "FILE")]
    contract: Option<PathBuf>,
    #[command(flatten)]
    network: NetworkFlags,
}

/// A room and what it runs.
#[derive(Debug)]
pub(crate) struct Remote {
    pub(crate) host: Host,
    pub(crate) room: Room,
    pub(crate) signed: SignedContract,
}

impl Remote {
    /// The contract.
    pub(crate) const fn contract(&self) -> &Contract {
        self.signed.contract()
    }

    /// What people type to come back here.
    pub(crate) fn url(&self) -> String {
        room_url(self.host.url(), self.room.name())
    }

    /// Sends a fresh challenge and appraises the answer.
    pub(crate) async fn appraise(&self, identity: &Identity, stricter: &Stricter) -> Result<AppraisedRoom, Failure> {
        let mut bytes = [0; 32];
        random().fill_bytes(&mut bytes);
        let challenge = Challenge::from_random(bytes);
        Ok(self.room.appraise(self.contract(), identity, challenge, stricter, now()).await?)
    }

    /// Puts the contract and every receipt that the host shows into the memory, and says on standard error who was found to
    /// cheat. That is no failure: one party could shut out all others by it, also from a run that holds.
    pub(crate) async fn settle(&self, memory: &Memory) -> Result<(), Failure> {
        memory.remember_contract(&self.signed)?;
        self.host.settle(self.contract(), memory).await?;
        for cheating in memory.cheating(self.contract())? {
            output::say(format!("WARNING  {cheating}\n{CHEATING_HINT}"));
        }
        for forking in memory.forking(self.contract())? {
            output::say(format!("WARNING  {forking}\n{FORKING_HINT}"));
        }
        Ok(())
    }
}

impl RoomFlags {
    /// As if they had been typed.
    pub(crate) const fn new(room: String, contract: Option<PathBuf>, network: NetworkFlags) -> Self {
        Self { room, contract, network }
    }

    /// The contract that was given, complete.
    pub(crate) fn given(&self) -> Result<Option<SignedContract>, Failure> {
        self.contract.as_deref().map(|path| Ok(typed::contract_file(path)?.complete()?)).transpose()
    }

    /// The room and its contract. A contract that is not given must be signed by `identity` as well, if there is one.
    pub(crate) async fn remote(&self, identity: Option<&Identity>) -> Result<Remote, Failure> {
        let (url, name) = split_room(&self.room)?;
        let host = self.network.host(url)?;
        let room = host.room(name);
        let signed = match self.given()? {
            Some(signed) => signed,
            None => room.contract().await?,
        };
        if let Some(identity) = identity {
            let contract = signed.contract();
            if contract.party_by_key(&identity.signing().public()).is_none() {
                let message = format!("\"{}\" is no party of contract \"{}\"", identity.name(), contract.terms().name);
                return Err(Failure::local(message).hint("use the key file whose card is in the contract"));
            }
        }
        let status = room.status().await?;
        if status.contract != signed.contract().id() {
            let message = format!("the room runs contract {}, expected {}", status.contract, signed.contract().id());
            return Err(Failure::new(Exit::Refused, message)
                .hint("this is the room of another contract")
                .before_any_key());
        }
        Ok(Remote { host, room, signed })
    }
}

/// The URL that people see of a room.
pub(crate) fn room_url(host: &str, room: &str) -> String {
    format!("{}/rooms/{room}", host.trim_end_matches('/'))
}

fn split_room(text: &str) -> Result<(&str, &str), Failure> {
    let (url, name) = text.trim_end_matches('/').rsplit_once("/rooms/").ok_or_else(|| {
        Failure::local(format!("--room \"{text}\": expected an address such as https://host.example/rooms/NAME"))
            .hint("sealroom room open prints it, sealroom room list lists them")
    })?;
    Ok((url.strip_suffix("/v1").unwrap_or(url), name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::receipt::samples::{complete, envelope, key, void_by};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use std::io::{Read, Write};
    use std::net::TcpListener;

    #[test]
    fn two_void_receipts_that_a_party_made_up_shut_nobody_out_of_a_run_that_holds() {
        let shown = [void_by(0x5e, 77, &["zurich"]), void_by(0x5f, 77, &["zurich"]), complete()];
        let shown = shown.map(|receipt| serde_json::json!({ "receipt": STANDARD.encode(receipt.encode()) }));
        let page = serde_json::json!({ "receipts": shown, "next": null }).to_string();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                drop(stream.read(&mut [0; 4096]));
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", page.len());
                drop(stream.write_all(&[head.as_bytes(), page.as_bytes()].concat()));
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::open(&folder.path().join("memory"), &key("overseer").public()).unwrap();
        let host = Host::new(&HostOptions::new(url)).unwrap();
        let signed = SignedContract::decode(envelope("contract").as_bytes()).unwrap();
        let remote = Remote { room: host.room("4a7c"), host, signed };
        for _ in 0..2 {
            block_on(remote.settle(&memory)).map_err(|failure| failure.message).unwrap();
        }
        assert!(memory.receipts(&remote.contract().id()).unwrap().contains(&complete()));
        let cheating = memory.cheating(remote.contract()).unwrap();
        assert_eq!(cheating.iter().map(|found| (found.party(), found.run())).collect::<Vec<_>>(), [("zurich", 77)]);
    }

    #[test]
    fn a_room_is_an_address_with_or_without_the_version() {
        for text in ["https://h.example/rooms/4a7c", "https://h.example/v1/rooms/4a7c/"] {
            assert_eq!(split_room(text).unwrap(), ("https://h.example", "4a7c"));
        }
        let failure = split_room("https://h.example").unwrap_err();
        assert_eq!((failure.exit, failure.hint.is_some()), (Exit::Local, true));
    }
}
