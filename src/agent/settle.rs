//! Receipts: what the host shows is settled, and what it has lost is brought.
//!
//! What always holds: a receipt that does not hold is a warning and keeps no other from being settled; no more than a page of
//! those that the host shows, or of this party's own where it has lost some, is in memory at once.

use super::error::LookError;
use super::ledger::Ledger;
use super::site::Site;
use super::worker::Worker;
use crate::client::PagePlace;
use crate::memory::{GrantRecord, GrantState, MemoryError, Settlement};
use core::time::Duration;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ReceiptId;
use sealroom_protocol::run::{Outcome, SignedReceipt};
use std::collections::BTreeSet;
use std::time::Instant;

/// How often every receipt is settled again, not those from the head on alone.
const WHOLE: Duration = Duration::from_secs(3600);
/// Warnings that are shown.
const WARNINGS: usize = 20;
/// Pages of receipts that are read at most.
const PAGES: u32 = 131_072;
/// Receipts of this party that are read at once to bring them.
const BROUGHT: usize = 16;

/// What the receipts of one look came to.
#[derive(Debug, Default)]
struct Taken {
    shown: BTreeSet<ReceiptId>,
    warnings: Vec<String>,
    restored: Option<MemoryError>,
}

impl Taken {
    fn warn(&mut self, warning: String) {
        if self.warnings.len() < WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

impl Worker {
    /// Settles the receipts that the host shows, from this party's head on; at first, from the oldest without a receipt of its newest
    /// grants on; at times, all of them. Brings its own where the host has lost them.
    pub(super) fn settle(&mut self, site: &Site) -> Result<(), LookError> {
        let Some((head, oldest)) = self.ledger.as_ref().map(|ledger| (ledger.head, ledger.oldest_open)) else {
            return Ok(());
        };
        let contract = self.planned.signed.contract().clone();
        let whole = self.whole.is_some_and(|whole| whole.elapsed() >= WHOLE);
        let mut taken = Taken::default();
        let mut from = PagePlace::from(match self.whole {
            Some(_) if whole => 0,
            Some(_) => head,
            None => oldest.map_or(head, |oldest| oldest.min(head)),
        });
        for _ in 0..PAGES {
            let (page, next) = match self.host.receipt_page(&contract.id(), from) {
                Ok(page) => page,
                Err(error) => {
                    // What is known without the host is shown all the same.
                    self.warn(site, &contract, taken.warnings)?;
                    return Err(error.into());
                }
            };
            for bytes in &page {
                self.take(site, &contract, bytes, &mut taken)?;
            }
            match next {
                Some(next) => from = next,
                None => break,
            }
        }
        if whole {
            self.ledger = Some(Ledger::of(&site.memory, &contract)?);
            self.whole = None;
        }
        let _ = self.whole.get_or_insert_with(Instant::now);
        let Taken { shown, warnings, restored } = taken;
        self.warn(site, &contract, warnings)?;
        if let Some(error) = restored {
            return Err(error.into());
        }
        let known = if head == 0 { None } else { site.memory.grant(&contract.id(), head)? };
        match known.and_then(|record| record.receipt) {
            Some(receipt) if !shown.contains(&receipt) => self.bring_receipts(site, &contract, &shown),
            Some(_) | None => Ok(()),
        }
    }

    /// Shows warnings beside those that need no host, and logs what is new.
    fn warn(&self, site: &Site, contract: &Contract, mut warnings: Vec<String>) -> Result<(), LookError> {
        warnings.extend(self.file_warning.clone());
        warnings.extend(self.evaluations.warnings());
        warnings.extend(site.memory.cheating(contract)?.iter().map(ToString::to_string));
        warnings.extend(site.memory.forking(contract)?.iter().map(ToString::to_string));
        warnings.truncate(WARNINGS);
        for warning in &warnings {
            let known = self.desk.shown().warnings.contains(warning);
            if !known {
                site.log(contract, &format!("WARNING {warning}"));
            }
        }
        self.desk.shown().warnings = warnings;
        Ok(())
    }

    /// Takes one receipt. One that does not hold keeps no other from being settled.
    fn take(&mut self, site: &Site, contract: &Contract, bytes: &[u8], taken: &mut Taken) -> Result<(), LookError> {
        let Ok(receipt) = SignedReceipt::decode(bytes) else {
            taken.warn("the host shows a receipt that does not decode".into());
            return Ok(());
        };
        let (id, run) = (receipt.allegation().id(), receipt.allegation().proposal.run);
        let before = site.memory.grant(&contract.id(), run)?;
        if before.as_ref().is_some_and(|grant| grant.receipt == Some(id)) {
            // It was verified when it was settled, and the memory knows it by its id.
            let _ = taken.shown.insert(id);
            return Ok(());
        }
        let settled = match site.memory.settle(contract, &receipt) {
            Ok(settled) => settled,
            Err(error @ MemoryError::Restored { .. }) => {
                if let Some(ledger) = &mut self.ledger {
                    ledger.restored = true;
                }
                taken.restored = Some(error);
                return Ok(());
            }
            Err(
                error @ (MemoryError::Receipt(_)
                | MemoryError::Contradiction { .. }
                | MemoryError::Record { what: "grant" }),
            ) => {
                taken.warn(format!("the host shows a receipt of run {run}: {error}"));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let _ = taken.shown.insert(id);
        if settled.settlement != Settlement::Recorded
            && let (Some(before), Some(after), Some(ledger)) =
                (before, site.memory.grant(&contract.id(), run)?, &mut self.ledger)
        {
            ledger.settle(before.state, &after);
            site.log(contract, &told(&after));
        }
        Ok(())
    }

    /// A host that lost receipts, or a new one, gets this party's complete ones.
    fn bring_receipts(&self, site: &Site, contract: &Contract, shown: &BTreeSet<ReceiptId>) -> Result<(), LookError> {
        let mut last = None;
        loop {
            let page = site.memory.receipts_after(&contract.id(), last, BROUGHT)?;
            for receipt in &page {
                let said = receipt.allegation();
                last = Some((said.proposal.run, said.id()));
                if said.outcome == Outcome::Complete && !shown.contains(&said.id()) {
                    match self.host.bring_receipt(&contract.id(), receipt, &site.identity) {
                        // It has no room of this contract yet.
                        Err(error) if error.is_problem("contract.unknown") => return Ok(()),
                        brought => brought?,
                    }
                }
            }
            if page.len() < BROUGHT {
                return Ok(());
            }
        }
    }
}

/// What a receipt did, for the log.
fn told(record: &GrantRecord) -> String {
    let how = match record.state {
        GrantState::Open => "is open",
        GrantState::Confirmed => "is confirmed by its receipt",
        GrantState::GivenBack => "is given back by a void receipt",
    };
    format!("run {} {how}", record.run)
}
