//! Which receipts make one history, in the order of a log. `spec/log.md`, section 2.
//!
//! What always holds: this judges order alone; that each receipt holds is for [`SignedReceipt::verify`].

use super::TreeHash;
use crate::canonical;
use crate::contract::CarriedHead;
use crate::id::{ContractId, ProposalId, ReceiptId};
use crate::run::{Outcome, Receipt};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

#[cfg(doc)]
use crate::run::SignedReceipt;

/// The origin of the log of a contract: its first version's id says which.
#[must_use]
pub fn origin_of(first: &ContractId) -> String {
    format!("sealroom/1/log/{first}")
}

/// The leaf of a receipt: the hash of its payload, never of its envelope.
#[must_use]
pub fn leaf_of(receipt: &Receipt) -> TreeHash {
    TreeHash::of_entry(&canonical::encode(receipt))
}

/// What a receipt is in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the closed list of SPEC.md")]
pub enum Place {
    /// Complete, and goes on from the one before.
    Next,
    /// Complete, and was held back: the runs after it were made without it.
    Late,
    /// Void: nobody's head.
    Void,
}

/// Why receipts in this order make no history. Entries count from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// One receipt twice.
    #[error("entry {index} is the receipt of entry {first} again")]
    Repeated {
        /// The second.
        index: usize,
        /// The first.
        first: usize,
    },
    /// Its head comes later.
    #[error("entry {index} goes on from the receipt of entry {head}, which comes later")]
    Reordered {
        /// The entry.
        index: usize,
        /// Where its head stands.
        head: usize,
    },
    /// Its head is not in the log.
    #[error("entry {index} goes on from receipt {head} of run {run}, which is not in the log")]
    Incomplete {
        /// The entry.
        index: usize,
        /// The head that it names.
        head: ReceiptId,
        /// The head's run by its word.
        run: u64,
    },
    /// Two histories: two receipts of one proposal, one run number twice, or two runs that go on from one head and do not know
    /// of each other.
    #[error("entry {index} (run {run}) and entry {other} are of two histories")]
    Forked {
        /// The entry.
        index: usize,
        /// Its run.
        run: u64,
        /// An earlier entry that it contradicts.
        other: usize,
    },
}

/// What is kept of each complete receipt.
#[derive(Debug, Clone)]
struct Complete {
    run: u64,
    head: Option<ReceiptId>,
    head_run: u64,
    late: bool,
}

/// Receipts in the order of a log. Of each only what later ones are judged by is kept, some hundred bytes.
#[derive(Debug, Clone, Default)]
pub struct History {
    entries: BTreeMap<ReceiptId, usize>,
    complete: BTreeMap<ReceiptId, Complete>,
    proposals: BTreeMap<ProposalId, usize>,
    runs: BTreeMap<u64, usize>,
    end: Option<(ReceiptId, Option<usize>)>,
}

impl History {
    /// An empty one, of which the first run goes on from a receipt that is not in the log: the head that an amendment carries over.
    #[must_use]
    pub fn after(begin: Option<CarriedHead>) -> Self {
        let mut history = Self::default();
        if let Some(CarriedHead { run, receipt }) = begin {
            // Of the runs before it this log says nothing, so it closes no gap.
            let _ = history.complete.insert(receipt, Complete { run, head: None, head_run: run, late: false });
            history.end = Some((receipt, None));
        }
        history
    }

    /// How many receipts it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it has this receipt.
    #[must_use]
    pub fn has(&self, receipt: &ReceiptId) -> bool {
        self.entries.contains_key(receipt)
    }

    /// What a receipt would be as the next one.
    ///
    /// # Errors
    /// [`HistoryError`], but never `Reordered`: the first rule that it would break.
    pub fn check(&self, receipt: &Receipt) -> Result<Place, HistoryError> {
        self.judge(receipt, &receipt.id())
    }

    /// Takes a receipt as the next one, and says what it is.
    ///
    /// # Errors
    /// As [`check`](Self::check); nothing has changed then.
    pub fn add(&mut self, receipt: &Receipt) -> Result<Place, HistoryError> {
        let id = receipt.id();
        let place = self.judge(receipt, &id)?;
        let (index, run) = (self.entries.len(), receipt.proposal.run);
        let _ = self.entries.insert(id, index);
        let _ = self.proposals.insert(receipt.proposal.id(), index);
        if place == Place::Void {
            return Ok(place);
        }
        let _ = self.runs.insert(run, index);
        if place == Place::Next {
            self.end = Some((id, Some(index)));
        }
        let (head, head_run) = (receipt.proposal.head, receipt.proposal.head_run);
        let _ = self.complete.insert(id, Complete { run, head, head_run, late: place == Place::Late });
        Ok(place)
    }

    fn judge(&self, receipt: &Receipt, id: &ReceiptId) -> Result<Place, HistoryError> {
        let index = self.entries.len();
        if let Some(first) = self.entries.get(id) {
            return Err(HistoryError::Repeated { index, first: *first });
        }
        let (run, head_run) = (receipt.proposal.run, receipt.proposal.head_run);
        if let Some(head) = receipt.proposal.head
            && self.complete.get(&head).is_none_or(|known| known.run != head_run)
        {
            return Err(HistoryError::Incomplete { index, head, run: head_run });
        }
        if let Some(other) = self.proposals.get(&receipt.proposal.id()) {
            return Err(HistoryError::Forked { index, run, other: *other });
        }
        match receipt.outcome {
            Outcome::Void => return Ok(Place::Void),
            Outcome::Complete => {}
        }
        if let Some(other) = self.runs.get(&run) {
            return Err(HistoryError::Forked { index, run, other: *other });
        }
        if receipt.proposal.head == self.end.map(|(id, _)| id) {
            return Ok(Place::Next);
        }
        if is_late(receipt, &self.complete) {
            return Ok(Place::Late);
        }
        let other = self.end.and_then(|(_, place)| place).unwrap_or(index);
        Err(HistoryError::Forked { index, run, other })
    }
}

/// What each receipt of a first version is in this order.
///
/// # Errors
/// [`HistoryError`]: the first entry that breaks a rule, and the first rule that it breaks.
pub fn history(receipts: &[&Receipt]) -> Result<Vec<Place>, HistoryError> {
    history_after(None, receipts)
}

/// The same where the first run goes on from a receipt that is not in the log: the head that an amendment carries over.
///
/// # Errors
/// [`HistoryError`]: the first entry that breaks a rule, and the first rule that it breaks.
pub fn history_after(begin: Option<CarriedHead>, receipts: &[&Receipt]) -> Result<Vec<Place>, HistoryError> {
    let mut history = History::after(begin);
    let place = |receipt: &&Receipt| match history.add(receipt) {
        Err(HistoryError::Incomplete { index, head, run }) => {
            let later = receipts.iter().skip(index.saturating_add(1)).position(|later| later.id() == head);
            Err(match later {
                Some(later) => HistoryError::Reordered { index, head: later.saturating_add(index).saturating_add(1) },
                None => HistoryError::Incomplete { index, head, run },
            })
        }
        place => place,
    };
    receipts.iter().map(place).collect()
}

/// Whether a complete receipt's run lies in a gap of the chain and goes on from where that gap begins.
fn is_late(receipt: &Receipt, complete: &BTreeMap<ReceiptId, Complete>) -> bool {
    let proposal = &receipt.proposal;
    let gap = complete.values().find(|link| !link.late && link.head_run < proposal.run && proposal.run < link.run);
    let Some(gap) = gap else { return false };
    let of_late = || {
        let head = proposal.head.and_then(|head| complete.get(&head));
        head.is_some_and(|head| head.late && gap.head_run < head.run && head.run < proposal.run)
    };
    proposal.head == gap.head || of_late()
}
