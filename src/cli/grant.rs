//! `sealroom grant`: appraise, see what is asked, say yes.
//!
//! What always holds: no key leaves this machine before every check held, the proposal was shown and the answer was yes; the
//! grant is in the party's memory before it is sent.

use super::appraise::StricterFlags;
use super::exit::Failure;
use super::output::Output;
use super::refusal;
use super::remote::{Remote, RoomFlags, block_on};
use super::typed::{self, PartyFlags};
use clap::Args;
use sealroom::{Accepted, GrantTimes, Granted, Identity, Memory, MemoryError, ReviewError, now, random};
use serde_json::json;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sealroom grant --room https://host.example/rooms/4a7c --as cleveland.key
  sealroom grant --room … --as cleveland.key --yes --json       for a script, which then decides what to grant")]
pub(crate) struct Typed {
    #[command(flatten)]
    room: RoomFlags,
    #[command(flatten)]
    party: PartyFlags,
    #[command(flatten)]
    stricter: StricterFlags,
    /// For how many minutes the grant holds
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    valid: u64,
    /// List every check of the appraisal
    #[arg(long)]
    all: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// How it went.
struct Outcome {
    run: u64,
    proposal: String,
    grant: String,
    explained: String,
    checks: usize,
    again: bool,
    accepted: Accepted,
}

/// Grants.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    let outcome = block_on(async {
        let remote = typed.room.remote(Some(&identity)).await?;
        grant(typed, output, &identity, &memory, &remote).await
    })?;
    let Outcome { run, proposal, grant, explained, checks, again, accepted } = outcome;
    let fields = json!({
        "run": run,
        "proposal": proposal,
        "grant": grant,
        "explained": explained,
        "checks_held": checks,
        "sent_again": again,
        "missing": accepted.missing,
        "statement_missing": accepted.statement_missing,
        "running": accepted.running,
    });
    let what =
        if again { "sent again: the same grant, it counts once" } else { "granted (written to your memory first)" };
    let next = if accepted.running {
        "the run has begun".to_owned()
    } else if accepted.receipt.is_some() {
        "the contract or a grant had expired, so nothing runs; a void receipt gives the grant back".to_owned()
    } else if accepted.statement_missing {
        "the statement about the host's region is missing (sealroom state)".to_owned()
    } else {
        format!("still to grant: {}", accepted.missing.join(", "))
    };
    output.answer(fields, format!("{what}; {next}. The receipt will come with: sealroom status --as …"))
}

async fn grant(
    typed: &Typed,
    output: Output,
    identity: &Identity,
    memory: &Memory,
    remote: &Remote,
) -> Result<Outcome, Failure> {
    let appraised = remote.appraise(identity, &typed.stricter.meaning()).await?;
    let checks = appraised.checks();
    let what = if appraised.simulated() { ", SIMULATED platform" } else { "" };
    let held = checks.iter().filter(|check| check.status == "pass").count();
    output.note(format!("{held} checks hold, {} are skipped by the contract{what}", checks.len().saturating_sub(held)));
    if typed.all {
        output.note(refusal::every(&checks));
    }
    remote.settle(memory).await?;
    let proposal = remote.room.proposal().await?.ok_or_else(|| {
        Failure::local("there is no proposal to grant")
            .hint("a run is asked for with: sealroom request")
            .before_any_key()
    })?;
    let request = remote.room.fetch_request(&proposal).await?;
    let reviewed = match appraised.review(proposal.brought(request.as_ref()), identity, memory, now()) {
        Ok(reviewed) => reviewed,
        Err(ReviewError::Memory(MemoryError::Granted { proposal })) => {
            // It was written down and perhaps never arrived.
            let grants = memory.state(remote.contract())?.grants;
            let record = grants.iter().find(|grant| grant.proposal() == proposal);
            let record = record.ok_or_else(|| Failure::from(MemoryError::Granted { proposal }))?;
            let accepted = remote.room.send_grant(&Granted::of(record), identity).await?;
            return Ok(Outcome {
                run: record.run,
                proposal: proposal.to_string(),
                grant: record.id().to_string(),
                explained: String::new(),
                checks: held,
                again: true,
                accepted,
            });
        }
        Err(error) => return Err(error.into()),
    };
    let explained = reviewed.explain();
    output.note(&explained);
    if !typed.yes && !Output::ask("Grant?")? {
        return Err(Failure::local("nothing was granted").before_any_key());
    }
    let (run, id) = (reviewed.proposal().run, reviewed.proposal().id().to_string());
    let clock = now();
    let times = GrantTimes { clock, expires: clock.saturating_add(typed.valid.saturating_mul(60)) };
    let granted = reviewed.grant(identity, memory, times, &mut random())?;
    let accepted = remote.room.send_grant(&granted, identity).await.map_err(|error| {
        Failure::from(error)
            .hint("the grant is in your memory and counts; give the same command again to send it again")
    })?;
    let grant = typed::brief(&granted.grant().allegation().grant);
    Ok(Outcome { run, proposal: id, grant, explained, checks: held, again: false, accepted })
}
