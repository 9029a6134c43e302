//! What the host shows the honest party, and what that party does: by its client's code, on its own memory.
//!
//! What always holds: the party appraises an enclave before it reviews its proposal, and a lie about Evidence that is accepted
//! is a finding. A process that is killed leaves what its disk had synced, and of the rest anything.

use crate::game::{Game, Held, Proposed, pick};
use crate::host::Acted;
use crate::ledger::{Played, Violation};
use crate::party::Brought;
use crate::platform::{Measured, Platform};
use crate::refused::Refused;
use crate::step::Evidence;
use rand_core::Rng;
use sealroom::{BroughtProposal, BroughtRequest, EvidenceBundle, GrantTimes, Granted, SignedGrant};
use sealroom_protocol::message::HostMessage;

/// How long grants of the kit hold, in seconds.
const GRANTED_FOR: u64 = 600;

/// What the party draws as challenges: two, so that one can be stale. Equal ones are appraised once for all schedules.
const CHALLENGES: [[u8; 32]; 2] = [[0x51; 32], [0x52; 32]];

impl Game<'_> {
    pub(crate) fn show(&mut self, proposal: u8, evidence: Evidence, killed_after: Option<u8>) -> Acted {
        let Some(proposed) = pick(&self.proposals, proposal).cloned() else { return Ok(false) };
        let Some(key) = self.appraised(&proposed, evidence)? else { return Ok(true) };
        let Some(appraised) = self.rooms.get(&key).map(std::sync::Arc::clone) else { return Ok(true) };
        let Ok(room) = appraised.as_ref() else { return Ok(true) };
        self.under_proposal(&proposed.proposal);
        let named = proposed.proposal.request.as_ref().map(|request| request.request);
        let prepared = self.world.requests.iter().find(|prepared| Some(prepared.request) == named);
        let request = prepared.map(|prepared| BroughtRequest {
            announcement: &prepared.announcement,
            manifest: &prepared.manifest,
            body: &prepared.body,
        });
        let (clock, proposal) = (self.now(), BroughtProposal { proposal: &proposed.bytes, request });
        let brought = Brought::new(room, proposal, GrantTimes { clock, expires: clock.saturating_add(GRANTED_FOR) });
        self.kill_after(killed_after);
        let granted = self.client.grant(&mut self.site, &brought);
        if self.survived(killed_after) {
            match granted {
                Ok(granted) => self.handed_out(&granted, false)?,
                Err(refused) => self.refused(&refused)?,
            }
        }
        Ok(true)
    }

    /// Lets the party appraise; gives the key of the room that it then takes the proposal to be of.
    fn appraised(&mut self, proposed: &Proposed, evidence: Evidence) -> Result<Option<[u8; 32]>, Violation> {
        let own = *proposed.proposal.enclave_key.as_bytes();
        let others = self.rooms.keys().find(|key| **key != own).copied();
        match evidence {
            Evidence::OtherRoom => return Ok(others),
            Evidence::Genuine if self.rooms.contains_key(&own) => return Ok(Some(own)),
            _ => {}
        }
        let [challenge, other_time] = CHALLENGES;
        let bundle = match evidence {
            Evidence::Genuine | Evidence::OtherRoom => self.evidence(proposed, challenge)?,
            // An enclave that is gone answers nothing; what was recorded of it may answer this very challenge.
            Evidence::Stale => {
                let old = self.evidence(proposed, other_time)?;
                old.filter(|bundle| !bundle.challenges.contains(&challenge))
            }
            Evidence::Relayed => {
                let other = self.recorded.values().find(|bundle| bundle.enclave_key != proposed.proposal.enclave_key);
                other.cloned().map(|bundle| EvidenceBundle { enclave_key: proposed.proposal.enclave_key, ..bundle })
            }
            Evidence::OtherImage => {
                let (contract, key) = (proposed.proposal.contract, &proposed.proposal.enclave_key);
                Some(Platform::shared().forged(&contract, key, Measured::Other, challenge))
            }
            Evidence::Changed => self.evidence(proposed, challenge)?.map(|mut bundle| {
                // The debug bit of GUEST_POLICY (AMD 56860, bit 19).
                bundle.evidence.iter_mut().skip(0x0a).take(1).for_each(|byte| *byte ^= 1 << 3);
                bundle
            }),
        };
        let Some(bundle) = bundle else { return Ok(None) };
        let contract = self.contract_of(&proposed.proposal.contract);
        let verdict = self.world.appraisals.appraise(&contract, bundle, challenge, self.world.now);
        match (evidence, verdict.as_ref()) {
            (Evidence::Genuine, Ok(_)) => {
                self.rooms.insert(own, verdict);
                Ok(Some(own))
            }
            (_, Ok(_)) => Err(Violation(format!("an enclave is accepted by {evidence}"))),
            (_, Err(refusals)) => {
                refusals.iter().try_for_each(|refused| self.refused(refused))?;
                Ok(None)
            }
        }
    }

    /// Evidence of the enclave that made a proposal, as long as it runs; after that what the host recorded.
    fn evidence(&mut self, proposed: &Proposed, challenge: [u8; 32]) -> Result<Option<EvidenceBundle>, Violation> {
        let key = proposed.proposal.enclave_key;
        if proposed.fake {
            let contract = proposed.proposal.contract;
            return Ok(Some(Platform::shared().forged(&contract, &key, Measured::Accepted, challenge)));
        }
        if let Some(enclave) = self.slots.iter().position(|slot| slot.key == Some(key) && !slot.ended) {
            self.send(enclave, HostMessage::Attest { challenges: vec![challenge] })?;
        }
        Ok(self.recorded.get(key.as_bytes()).cloned())
    }

    pub(crate) fn resend(&mut self) -> Acted {
        let in_force = self.in_force()?.id();
        self.under(&in_force);
        let Some(granted) = self.client.resend(&mut self.site) else { return Ok(false) };
        self.handed_out(&granted, true)?;
        Ok(true)
    }

    /// A grant is at the host.
    fn handed_out(&mut self, granted: &Granted, again: bool) -> Played {
        let in_force = self.in_force()?.id();
        self.ledger.granted(granted.grant(), in_force, again)?;
        self.recorder.hpke(granted.ciphertext());
        self.grants.push(Held { grant: granted.grant().clone(), ciphertext: granted.ciphertext().to_vec() });
        self.report.granted = self.report.granted.saturating_add(1);
        Ok(())
    }

    pub(crate) fn settle(&mut self, receipt: u8, killed_after: Option<u8>) -> Acted {
        let Some(receipt) = pick(&self.receipts, receipt).cloned() else { return Ok(false) };
        self.kill_after(killed_after);
        self.under(&receipt.allegation().contract);
        let settled = self.client.settle(&mut self.site, &receipt);
        if self.survived(killed_after) {
            // By its check it says itself whether the receipt holds; one that does not shows it nothing.
            if !settled.as_ref().is_err_and(|refused| refused.check == "memory.receipt") {
                let grants = receipt.allegation().grants.iter();
                let grants = grants.filter_map(|grant| SignedGrant::decode(&grant.encode()).ok());
                let grants: Vec<SignedGrant> = grants.collect();
                self.shown(&grants)?;
            }
            self.answer(settled)?;
        }
        Ok(true)
    }

    pub(crate) fn recognise(&mut self, grant: u8) -> Acted {
        let Some(held) = pick(&self.grants, grant).cloned() else { return Ok(false) };
        self.under(&held.grant.allegation().contract);
        let recognised = self.client.recognise(&mut self.site, &held.grant);
        if self.survived(None) {
            self.shown(core::slice::from_ref(&held.grant))?;
            self.answer(recognised)?;
        }
        Ok(true)
    }

    /// Grants that a version in force counts as well tell the party nothing that it has to mind.
    fn shown(&mut self, grants: &[SignedGrant]) -> Played {
        let mut minded = Vec::new();
        for grant in grants {
            let said = grant.allegation();
            if !self.covered(&said.contract, said.run, said.count)? {
                minded.push(grant);
            }
        }
        self.ledger.shown(minded);
        Ok(())
    }

    fn answer(&mut self, answer: Result<(), Refused>) -> Played {
        answer.map_or_else(|refused| self.refused(&refused), Ok)
    }

    pub(crate) fn kill_party(&mut self) -> Acted {
        self.crash();
        Ok(true)
    }

    pub(crate) fn save(&mut self) -> Acted {
        let durable = self.site.disk().durable();
        self.saves.push(durable);
        Ok(true)
    }

    pub(crate) fn restore(&mut self, save: u8, declared: bool) -> Acted {
        let Some(save) = pick(&self.saves, save).cloned() else { return Ok(false) };
        self.report.restored = self.report.restored.saturating_add(1);
        self.client.killed();
        self.rooms.clear();
        self.site.put(save);
        if declared {
            let said = self.client.declare_restored(&mut self.site);
            self.answer(said)?;
        }
        let state = self.stand()?;
        self.ledger.rolled_back(&state, declared);
        Ok(true)
    }

    pub(crate) fn kill_after(&self, writes: Option<u8>) {
        if let Some(writes) = writes {
            self.site.disk().kill_after(Some(writes.into()));
        }
    }

    /// Whether the process lived through what it did; if not, it is started again.
    pub(crate) fn survived(&mut self, killed_after: Option<u8>) -> bool {
        let died = self.site.disk().is_dead();
        if died {
            self.crash();
        } else if killed_after.is_some() {
            self.site.disk().kill_after(None);
        }
        !died
    }

    /// Kills the party's process, and starts it on what its disk has.
    fn crash(&mut self) {
        self.report.killed = self.report.killed.saturating_add(1);
        let rng = &mut self.rng;
        let bytes = self.site.disk().after_crash(|| rng.next_u32());
        self.client.killed();
        self.rooms.clear();
        self.site.put(bytes);
    }
}
