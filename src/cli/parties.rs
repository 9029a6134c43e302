//! The commands of parties and of hosts: contracts, datasets, rooms, runs.

use super::exit::{Exit, Failure};
use super::output::Output;
use super::{
    agent, contract, demo, encrypt, grant, host, keygen, log, open, receipt, recovery, request, room, state, status,
    stop, upload,
};
use super::{cheating, watch, witness};
use clap::Subcommand;

/// One of them, as typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch four hospitals and an institute, on real data
    Demo(demo::Typed),
    /// Make keys for a party
    Keygen(keygen::Typed),
    /// Draft, check, explain and sign contracts
    #[command(subcommand)]
    Contract(contract::Typed),
    /// Check a dataset against the contract and encrypt it
    Encrypt(encrypt::Typed),
    /// Hand an encrypted dataset to a host
    Upload(upload::Typed),
    /// Have a host open a room; list rooms
    #[command(subcommand)]
    Room(room::Typed),
    /// Ask for a run
    Request(request::Typed),
    /// See what a run would do, and allow it
    Grant(grant::Typed),
    /// Say where the host stands, for one run
    State(state::Typed),
    /// Run the client as a service that appraises and grants unattended
    #[command(subcommand)]
    Agent(agent::Typed),
    /// Appraise a room again and again, and stop where it is no longer what you agreed to
    Watch(watch::Typed),
    /// Proofs that a party granted one run twice
    #[command(subcommand)]
    Cheating(cheating::Typed),
    /// Show how a room stands, and how you stand
    Status(status::Typed),
    /// End a room
    Stop(stop::Typed),
    /// Fetch and open the results of a run
    Open(open::Typed),
    /// Keep, read and verify receipts
    #[command(subcommand)]
    Receipt(receipt::Typed),
    /// Split your keys among helpers who can give them back
    #[command(subcommand)]
    Recovery(recovery::Typed),
    /// The receipts of a contract as one log: make, verify, prove, have cosigned
    #[command(subcommand)]
    Log(log::Typed),
    /// Cosign logs that only grow
    #[command(subcommand)]
    Witness(witness::Typed),
    /// Run a host
    #[command(subcommand)]
    Host(host::Typed),
}

impl Command {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Demo(_) => "demo",
            Self::Keygen(_) => "keygen",
            Self::Contract(typed) => typed.name(),
            Self::Encrypt(_) => "encrypt",
            Self::Upload(_) => "upload",
            Self::Room(typed) => typed.name(),
            Self::Request(_) => "request",
            Self::Grant(_) => "grant",
            Self::State(_) => "state",
            Self::Agent(typed) => typed.name(),
            Self::Watch(_) => "watch",
            Self::Cheating(typed) => typed.name(),
            Self::Status(_) => "status",
            Self::Stop(_) => "stop",
            Self::Open(_) => "open",
            Self::Receipt(typed) => typed.name(),
            Self::Recovery(typed) => typed.name(),
            Self::Log(typed) => typed.name(),
            Self::Witness(typed) => typed.name(),
            Self::Host(typed) => typed.name(),
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<Exit, Failure> {
        match self {
            Self::Demo(typed) => demo::run(typed, output)?,
            Self::Keygen(typed) => keygen::run(typed, output)?,
            Self::Contract(typed) => return typed.run(output),
            Self::Encrypt(typed) => encrypt::run(typed, output)?,
            Self::Upload(typed) => upload::run(typed, output)?,
            Self::Room(typed) => typed.run(output)?,
            Self::Request(typed) => request::run(typed, output)?,
            Self::Grant(typed) => grant::run(typed, output)?,
            Self::State(typed) => state::run(typed, output)?,
            Self::Agent(typed) => typed.run(output)?,
            Self::Watch(typed) => watch::run(typed, output)?,
            Self::Cheating(typed) => typed.run(output)?,
            Self::Status(typed) => status::run(typed, output)?,
            Self::Stop(typed) => stop::run(typed, output)?,
            Self::Open(typed) => open::run(typed, output)?,
            Self::Receipt(typed) => typed.run(output)?,
            Self::Recovery(typed) => typed.run(output)?,
            Self::Log(typed) => typed.run(output)?,
            Self::Witness(typed) => typed.run(output)?,
            Self::Host(typed) => typed.run(output)?,
        }
        Ok(Exit::Done)
    }
}
