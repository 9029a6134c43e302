//! One look at a host for one contract: settle, find proposals, appraise, review, ask, grant.
//!
//! What always holds: a grant is made only for a proposal that the appraised enclave signed, that keeps the contract, this
//! party's memory and its own limits, and that a person approved by its digest where one is to be asked; the write that grants
//! looks for a stop, and who refuses waits for it, so neither is passed by; a grant is sent, and sent again, only to an enclave
//! that was appraised for it. What the host says decides only where to look.

use super::config::Approve;
use super::desk::Pending;
use super::error::LookError;
use super::ledger::Ledger;
use super::site::Site;
use super::worker::Worker;
use crate::blocking::Room;
use crate::client::{HostProposal, RoomPhase, RoomStatus};
use crate::grant::{GrantError, GrantTimes, Granted};
use crate::memory::{GrantRecord, GrantState, MemoryError};
use crate::review::{ReviewError, ReviewedProposal};
use crate::{now, random, state_region};
use sealroom_protocol::contract::explain;
use sealroom_protocol::id::ProposalId;
use sealroom_protocol::run::{SignedReceipt, SignedStop};
use std::collections::BTreeSet;

/// Rooms of one contract that are looked at, newest first: as many as a host has at most by its default, since a stop is promised to
/// every open one.
const ROOMS: usize = 64;
impl Worker {
    /// Looks once.
    pub(super) fn turn(&mut self, site: &Site) -> Result<(), LookError> {
        self.renew(site);
        if self.ledger.is_none() {
            self.ledger = Some(Ledger::of(&site.memory, self.planned.signed.contract())?);
            self.show(site);
        }
        let stopped = self.stopped(site)?;
        let settled = self.settle(site);
        self.show(site);
        let rooms = self.rooms()?;
        if let Some(stop) = stopped {
            return self.bring(site, &stop, &rooms);
        }
        if let Some(stop) = self.evaluate(site, &rooms)? {
            return self.bring(site, &stop, &rooms);
        }
        settled?;
        // Another party's stop: nothing is looked at, shown or granted any more.
        if site.memory.is_stopped(&self.planned.signed.contract().id())? {
            self.desk.shown().pending.clear();
            return Ok(());
        }
        let (clock, terms) = (now(), self.planned.signed.contract().terms());
        if clock < terms.not_before || clock >= terms.expires {
            return Ok(());
        }
        let mut first = None;
        let mut offered = BTreeSet::new();
        for status in &rooms {
            let looked = match self.evaluations.overdue(&status.room) {
                Some(overdue) => Err(overdue),
                None => self.room(site, status, &mut offered),
            };
            match looked {
                Ok(()) => {}
                Err(error) => drop(first.get_or_insert(error)),
            }
        }
        self.desk.shown().pending.retain(|pending| offered.contains(&pending.proposal));
        self.show(site);
        first.map_or(Ok(()), Err)
    }

    /// Open rooms of this contract by the host's word, newest first.
    fn rooms(&self) -> Result<Vec<RoomStatus>, LookError> {
        let contract = self.planned.signed.contract().id();
        Ok(self.host.open_rooms(&contract)?.into_iter().rev().take(ROOMS).collect())
    }

    /// This party's own stop of the contract, from whichever process and when. Another party's is not this one's to bring.
    fn stopped(&self, site: &Site) -> Result<Option<SignedStop>, LookError> {
        let contract = self.planned.signed.contract();
        match site.memory.stop_of(&contract.id()) {
            // One that does not read back stops as well, and cannot be brought.
            Err(MemoryError::Record { .. }) => {
                let again = crate::stop(contract, &site.identity, "", now())?;
                Ok(Some(site.memory.write_stop(contract, &again)?))
            }
            stop => Ok(stop?),
        }
    }

    /// Brings a stop to every open room. It never wears out, so it is brought for as long as there is one.
    fn bring(&mut self, site: &Site, stop: &SignedStop, rooms: &[RoomStatus]) -> Result<(), LookError> {
        let contract = self.planned.signed.contract();
        self.desk.shown().pending.clear();
        let mut first = None;
        for status in rooms {
            match self.host.room(&status.room).stop(stop, &site.identity) {
                Ok(Some(receipt)) => {
                    drop(site.memory.settle(contract, &receipt));
                    self.ledger = None;
                }
                Ok(None) => {}
                Err(error) => drop(first.get_or_insert(error)),
            }
        }
        first.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Looks at one room.
    fn room(&mut self, site: &Site, status: &RoomStatus, offered: &mut BTreeSet<ProposalId>) -> Result<(), LookError> {
        if status.phase != RoomPhase::Grant {
            return Ok(());
        }
        let room = self.host.room(&status.room);
        let Some(proposal) = room.proposal()? else { return Ok(()) };
        let _ = offered.insert(proposal.id);
        let contract = self.planned.signed.contract().id();
        if let Some(record) = site.memory.grant(&contract, proposal.run)?
            && record.proposal() == proposal.id
        {
            return self.send_again(site, &room, status, &record);
        }
        // Both are judged again below, by the digest of what the enclave signed.
        if site.decisions.is_refused(&proposal.id) {
            return self.give_up(site, &room);
        }
        if self.desk.waits(&proposal.id) {
            return Ok(());
        }
        if status.statement_missing && self.planned.settings.host_region.is_none() {
            // A grant would be refused now, and counts all the same.
            return Ok(());
        }
        self.consider(site, &room, status, &proposal, offered)
    }

    /// Gives a refused proposal up, so that the others get back what they granted.
    fn give_up(&mut self, site: &Site, room: &Room) -> Result<(), LookError> {
        if let Some(receipt) = room.abandon(&site.identity)? {
            drop(site.memory.settle(self.planned.signed.contract(), &receipt)?);
            self.ledger = None;
        }
        Ok(())
    }

    /// A grant that was written down and perhaps never arrived. The room is appraised again: a grant may wait for long, and a
    /// platform be revoked meanwhile, or another enclave be in its place.
    fn send_again(
        &mut self,
        site: &Site,
        room: &Room,
        status: &RoomStatus,
        record: &GrantRecord,
    ) -> Result<(), LookError> {
        let missing = status.missing.iter().any(|name| name == site.identity.name());
        let expired = now() >= record.grant.allegation().expires;
        if record.state != GrantState::Open || !missing || expired {
            return Ok(());
        }
        if status.statement_missing && self.planned.settings.host_region.is_none() {
            return Ok(());
        }
        let appraised = self.appraise(site, room)?;
        let (expected, found) = (record.evidence.enclave_key, *appraised.enclave_key());
        if found != expected {
            return Err(LookError::OtherEnclave { run: record.run, expected, found });
        }
        if status.statement_missing {
            self.state(site, room, &record.proposal())?;
        }
        self.send(site, room, &Granted::of(record))
    }

    /// Appraises, reviews, asks, grants.
    fn consider(
        &mut self,
        site: &Site,
        room: &Room,
        status: &RoomStatus,
        proposal: &HostProposal,
        offered: &mut BTreeSet<ProposalId>,
    ) -> Result<(), LookError> {
        let appraised = self.appraise(site, room)?;
        let request = room.fetch_request(proposal)?;
        let reviewed = appraised.review(proposal.brought(request.as_ref()), &site.identity, &site.memory, now());
        let reviewed = match reviewed {
            // The host named it differently before: next time it is sent again.
            Err(ReviewError::Memory(MemoryError::Granted { .. })) => return Ok(()),
            reviewed => reviewed?,
        };
        let (id, count) = (reviewed.proposal().id(), reviewed.count_after());
        if let Some(maximum) = self.planned.settings.maximum_runs.filter(|maximum| count > *maximum) {
            return Err(LookError::OwnLimit { maximum, count });
        }
        let _ = offered.insert(id);
        if site.decisions.is_refused(&id) {
            return Ok(());
        }
        let asks = match self.planned.settings.approve {
            Approve::EveryRun => true,
            Approve::Requests => reviewed.proposal().request.is_some(),
            Approve::Never => false,
        };
        if asks && !self.desk.is_approved(&id) {
            self.ask(site, &reviewed);
            return Ok(());
        }
        if status.statement_missing {
            self.state(site, room, &id)?;
        }
        let clock = now();
        let holds = self.planned.settings.grant_minutes.saturating_mul(60);
        let times = GrantTimes { clock, expires: clock.saturating_add(holds) };
        let granted = {
            // The exchanges above took time, in which a person may have said no; from here on who refuses waits.
            let _deciding = site.deciding();
            if site.decisions.is_refused(&id) {
                return Ok(());
            }
            let granted = match reviewed.grant(&site.identity, &site.memory, times, &mut random()) {
                // Said in that time: the next look brings it.
                Err(GrantError::Memory(MemoryError::Stopped { .. })) => return Ok(()),
                granted => granted?,
            };
            // It counts, whatever happens.
            let _ = self.desk.take(&id);
            granted
        };
        let contract = self.planned.signed.contract();
        if let (Some(ledger), Some(record)) = (&mut self.ledger, site.memory.grant(&contract.id(), granted.run())?) {
            ledger.add(&record);
            site.log(contract, &format!("run {} granted, {count} of {}", record.run, self.planned.most()));
        }
        self.send(site, room, &granted)
    }

    /// Shows a proposal to a person.
    fn ask(&self, site: &Site, reviewed: &ReviewedProposal<'_>) {
        let contract = self.planned.signed.contract();
        let reveals =
            explain(contract, site.identity.name()).map(|explanation| explanation.results).unwrap_or_default();
        let (proposal, run) = (reviewed.proposal().id(), reviewed.proposal().run);
        let mut explained = reviewed.explain();
        if let Some(maximum) = self.planned.settings.maximum_runs {
            explained.push_str(&format!(" This agent grants at most {maximum}."));
        }
        self.desk.ask(Pending { proposal, run, explained, reveals, since: now(), approved: false });
        site.log(contract, &format!("run {run} waits for a person"));
    }

    /// States where the host stands, where that is for this party to say.
    fn state(&self, site: &Site, room: &Room, proposal: &ProposalId) -> Result<(), LookError> {
        let Some(region) = &self.planned.settings.host_region else { return Ok(()) };
        let statement = state_region(self.planned.signed.contract(), &site.identity, proposal, region, now())?;
        drop(room.send_statement(&statement, &site.identity)?);
        Ok(())
    }

    fn send(&mut self, site: &Site, room: &Room, granted: &Granted) -> Result<(), LookError> {
        if site.memory.is_stopped(&self.planned.signed.contract().id())? {
            return Ok(());
        }
        let accepted = room.send_grant(granted, &site.identity);
        {
            let mut shown = self.desk.shown();
            shown.sent = shown.sent.saturating_add(1);
        }
        let accepted = accepted?;
        // Nothing runs: the contract or a grant had expired.
        if let Some(Ok(receipt)) = accepted.receipt.as_deref().map(SignedReceipt::decode) {
            drop(site.memory.settle(self.planned.signed.contract(), &receipt)?);
            self.ledger = None;
        }
        Ok(())
    }

    /// Puts what the page shows up to date.
    pub(super) fn show(&self, site: &Site) {
        let Some(ledger) = &self.ledger else { return };
        let contract = self.planned.signed.contract();
        let (clock, terms) = (now(), contract.terms());
        let standing = if !matches!(site.memory.is_stopped(&contract.id()), Ok(false)) {
            "stopped"
        } else if ledger.amended {
            "amended"
        } else if ledger.restored {
            "memory restored"
        } else if clock >= terms.expires {
            "expired"
        } else if clock < terms.not_before {
            "not begun"
        } else if ledger.counted >= self.planned.most() {
            "no run left"
        } else {
            "open"
        };
        let mut shown = self.desk.shown();
        shown.ledger = ledger.clone();
        shown.standing = standing;
    }
}
