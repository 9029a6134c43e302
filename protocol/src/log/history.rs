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
struct Complete {
    run: u64,
    head: Option<ReceiptId>,
    head_run: u64,
    late: bool,
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
    let ids: Vec<ReceiptId> = receipts.iter().map(|receipt| receipt.id()).collect();
    let mut first: BTreeMap<ReceiptId, usize> = BTreeMap::new();
    let mut complete: BTreeMap<ReceiptId, Complete> = BTreeMap::new();
    let mut proposals: BTreeMap<ProposalId, usize> = BTreeMap::new();
    let mut runs: BTreeMap<u64, usize> = BTreeMap::new();
    let mut end: Option<(ReceiptId, Option<usize>)> = None;
    if let Some(CarriedHead { run, receipt }) = begin {
        // Of the runs before it this log says nothing, so it closes no gap.
        let _ = complete.insert(receipt, Complete { run, head: None, head_run: run, late: false });
        end = Some((receipt, None));
    }
    let mut places = Vec::new();
    for (index, (receipt, id)) in receipts.iter().zip(&ids).enumerate() {
        if let Some(first) = first.insert(*id, index) {
            return Err(HistoryError::Repeated { index, first });
        }
        let (run, head_run) = (receipt.proposal.run, receipt.proposal.head_run);
        if let Some(head) = receipt.proposal.head
            && complete.get(&head).is_none_or(|known| known.run != head_run)
        {
            let place = ids.iter().position(|id| *id == head).filter(|place| *place > index);
            return Err(match place {
                Some(head) => HistoryError::Reordered { index, head },
                None => HistoryError::Incomplete { index, head, run: head_run },
            });
        }
        if let Some(other) = proposals.insert(receipt.proposal.id(), index) {
            return Err(HistoryError::Forked { index, run, other });
        }
        match receipt.outcome {
            Outcome::Void => {
                places.push(Place::Void);
                continue;
            }
            Outcome::Complete => {}
        }
        if let Some(other) = runs.insert(run, index) {
            return Err(HistoryError::Forked { index, run, other });
        }
        let head = receipt.proposal.head;
        let next = head == end.map(|(id, _)| id);
        if !next && !is_late(receipt, &complete) {
            let other = end.and_then(|(_, place)| place).unwrap_or(index);
            return Err(HistoryError::Forked { index, run, other });
        }
        if next {
            end = Some((*id, Some(index)));
        }
        let _ = complete.insert(*id, Complete { run, head, head_run, late: !next });
        places.push(if next { Place::Next } else { Place::Late });
    }
    Ok(places)
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
