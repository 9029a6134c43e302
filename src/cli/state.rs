//! `sealroom state`: say where the host stands, for one run, where the contract asks for it.
//!
//! What always holds: it is this party's word and is recorded as that; nobody measured it.

use super::exit::{Exit, Failure};
use super::output::Output;
use super::remote::{RoomFlags, block_on};
use super::typed::PartyFlags;
use clap::Args;
use sealroom::{now, state_region};
use sealroom_protocol::run::SignedProposal;
use serde_json::json;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sealroom state --room https://host.example/rooms/4a7c --as zurich.key --region CH")]
pub(crate) struct Typed {
    #[command(flatten)]
    room: RoomFlags,
    #[command(flatten)]
    party: PartyFlags,
    /// ISO 3166-1 code of the country in which the host stands
    #[arg(long, value_name = "CODE")]
    region: String,
}

/// States.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let identity = typed.party.identity()?;
    let (proposal, accepted) = block_on(async {
        let remote = typed.room.remote(Some(&identity)).await?;
        let contract = remote.contract();
        let proposed = remote
            .room
            .proposal()
            .await?
            .ok_or_else(|| Failure::local("there is no proposal to state anything about"))?;
        let signed =
            SignedProposal::decode(&proposed.proposal).map_err(|error| Failure::new(Exit::Malformed, error))?;
        let proposal = signed.allegation();
        if proposal.contract != contract.id() {
            let message = format!("the proposal is of contract {}, expected {}", proposal.contract, contract.id());
            return Err(Failure::new(Exit::Refused, message));
        }
        let statement = state_region(contract, &identity, &proposal.id(), &typed.region, now())?;
        let accepted = remote.room.send_statement(&statement, &identity).await?;
        Ok((proposal.id(), accepted))
    })?;
    let fields = json!({ "proposal": proposal, "region": typed.region, "missing": accepted.missing, "running": accepted.running });
    let text = format!("stated for this run: the host stands in {} (your word, recorded in the receipt)", typed.region);
    output.answer(fields, text)
}
