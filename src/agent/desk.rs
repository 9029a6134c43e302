//! What the worker of one contract, the page and the metrics share.
//!
//! What always holds: an approval names the proposal that was shown, by its digest, and is good for that one alone; what was
//! shown and is gone cannot be approved; nothing here is data of a party.

use super::ledger::Ledger;
use crate::now;
use core::time::Duration;
use sealroom_protocol::id::ProposalId;
use serde_json::{Value, json};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A proposal that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    /// Its digest: what is approved.
    pub(super) proposal: ProposalId,
    /// Its run number.
    pub(super) run: u64,
    /// Who asks what over which data, in plain words.
    pub(super) explained: String,
    /// Who would learn what.
    pub(super) reveals: Vec<String>,
    /// Since when (Unix seconds).
    pub(super) since: u64,
    /// Whether a person said yes.
    pub(super) approved: bool,
}

/// How the last look at the host ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Look {
    /// There was none yet.
    #[default]
    Never,
    /// It went as it should.
    Well,
    /// The host is away, slow, or answers what it should not.
    Host,
    /// Something was refused by a check, the contract, this party's limits or its memory.
    Refused,
    /// This machine failed.
    Failed,
}

impl Look {
    pub(super) const ALL: [Self; 4] = [Self::Well, Self::Host, Self::Refused, Self::Failed];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Well => "well",
            Self::Host => "host",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    const fn place(self) -> usize {
        match self {
            Self::Never | Self::Well => 0,
            Self::Host => 1,
            Self::Refused => 2,
            Self::Failed => 3,
        }
    }
}

/// How the evaluation of a room ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evaluated {
    /// It holds.
    Holds,
    /// It is refused, and evaluated again.
    Refused,
    /// The contract was stopped.
    Stopped,
    /// There was no answer to evaluate.
    Unanswered,
}

impl Evaluated {
    pub(super) const ALL: [Self; 4] = [Self::Holds, Self::Refused, Self::Stopped, Self::Unanswered];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Refused => "refused",
            Self::Stopped => "stopped",
            Self::Unanswered => "unanswered",
        }
    }
}

/// What is shown of one contract.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) ledger: Ledger,
    /// Proposals that wait for a person.
    pub(super) pending: Vec<Pending>,
    /// How it stands, in a word or two.
    pub(super) standing: &'static str,
    /// How the last look ended.
    pub(super) look: Look,
    /// What went wrong in it.
    pub(super) trouble: Option<String>,
    /// What an eye should be kept on: bad receipts, parties that cheat.
    pub(super) warnings: Vec<String>,
    /// When the last look began (Unix seconds).
    pub(super) looked: u64,
    /// Looks by how they ended.
    pub(super) looks: [u64; 4],
    /// Appraisals that held, and that did not.
    pub(super) appraised: [u64; 2],
    /// Evaluations on the contract's timer by how they ended, in the order of [`Evaluated::ALL`].
    pub(super) evaluations: [u64; 4],
    /// Grants handed to the host, again ones among them.
    pub(super) sent: u64,
    woken: bool,
}

/// The shared part.
#[derive(Debug, Default)]
pub(super) struct Desk {
    shown: Mutex<Shown>,
    waker: Condvar,
}

impl Desk {
    /// What is shown, to read or change.
    pub(super) fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits so long, or until somebody wakes.
    pub(super) fn wait(&self, longest: Duration) {
        let begun = Instant::now();
        let mut shown = self.shown();
        while !shown.woken {
            let left = longest.saturating_sub(begun.elapsed());
            if left.is_zero() {
                break;
            }
            shown = self.waker.wait_timeout(shown, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        shown.woken = false;
    }

    /// Ends a wait, or the next one.
    pub(super) fn wake(&self) {
        self.shown().woken = true;
        self.waker.notify_all();
    }

    /// A person says yes to exactly this proposal. False where it is not one that waits.
    pub(super) fn approve(&self, proposal: &ProposalId) -> bool {
        let mut shown = self.shown();
        let Some(pending) = shown.pending.iter_mut().find(|pending| pending.proposal == *proposal) else {
            return false;
        };
        pending.approved = true;
        drop(shown);
        self.wake();
        true
    }

    /// Takes a proposal away that waits. False where it is none.
    pub(super) fn take(&self, proposal: &ProposalId) -> bool {
        let mut shown = self.shown();
        let before = shown.pending.len();
        shown.pending.retain(|pending| pending.proposal != *proposal);
        shown.pending.len() < before
    }

    /// Whether a proposal is shown: it waits, or a person said yes and it is not granted yet.
    pub(super) fn has(&self, proposal: &ProposalId) -> bool {
        self.shown().pending.iter().any(|pending| pending.proposal == *proposal)
    }

    /// Whether a proposal waits for a person who has said nothing yet.
    pub(super) fn waits(&self, proposal: &ProposalId) -> bool {
        self.shown().pending.iter().any(|pending| pending.proposal == *proposal && !pending.approved)
    }

    /// Whether a person said yes to this proposal.
    pub(super) fn is_approved(&self, proposal: &ProposalId) -> bool {
        self.shown().pending.iter().any(|pending| pending.proposal == *proposal && pending.approved)
    }

    /// Shows a proposal to a person, in place of what was said of it before.
    pub(super) fn ask(&self, asked: Pending) {
        let mut shown = self.shown();
        shown.pending.retain(|pending| pending.proposal != asked.proposal);
        shown.pending.push(asked);
    }

    /// Counts a look and says how it ended. True where that is news.
    pub(super) fn looked(&self, look: Look, trouble: Option<String>) -> bool {
        let mut shown = self.shown();
        if let Some(count) = shown.looks.get_mut(look.place()) {
            *count = count.saturating_add(1);
        }
        let news = (shown.look, &shown.trouble) != (look, &trouble);
        shown.looked = now();
        (shown.look, shown.trouble) = (look, trouble);
        news
    }
}

impl Shown {
    /// Counts an evaluation.
    pub(super) fn evaluated(&mut self, how: Evaluated) {
        for (known, count) in Evaluated::ALL.into_iter().zip(&mut self.evaluations) {
            if known == how {
                *count = count.saturating_add(1);
            }
        }
    }

    /// For the page.
    pub(super) fn json(&self) -> Value {
        let pending = |pending: &Pending| {
            json!({
                "proposal": pending.proposal,
                "run": pending.run,
                "explained": pending.explained,
                "reveals": pending.reveals,
                "since": pending.since,
                "approved": pending.approved,
            })
        };
        json!({
            "standing": self.standing,
            "look": self.look.word(),
            "looked": self.looked,
            "trouble": self.trouble,
            "warnings": self.warnings,
            "pending": self.pending.iter().map(pending).collect::<Vec<_>>(),
            "runs": self.ledger.json(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(byte: u8) -> Pending {
        let explained = format!("proposal {byte}");
        let proposal = ProposalId::from_bytes([byte; 32]);
        Pending { proposal, run: 1, explained, reveals: Vec::new(), since: 1, approved: false }
    }

    #[test]
    fn an_approval_is_good_for_the_proposal_that_was_shown_and_no_other() {
        let desk = Desk::default();
        let (shown, other) = (pending(1).proposal, pending(2).proposal);
        assert!(!desk.approve(&shown), "nothing was shown");
        desk.ask(pending(1));
        assert!(desk.waits(&shown) && !desk.approve(&other));
        assert!(desk.approve(&shown));
        desk.ask(pending(2));
        assert!(desk.is_approved(&shown) && !desk.is_approved(&other) && desk.waits(&other));
        assert!(desk.take(&shown) && !desk.take(&shown) && !desk.approve(&shown));
    }

    #[test]
    fn a_wait_ends_when_somebody_wakes_also_before_it_began() {
        let desk = Desk::default();
        desk.wake();
        let begun = Instant::now();
        desk.wait(Duration::from_secs(600));
        assert!(begun.elapsed() < Duration::from_secs(60));
        desk.wait(Duration::from_millis(1));
    }

    #[test]
    fn the_same_trouble_again_is_no_news() {
        let desk = Desk::default();
        let away = || Some("away".to_owned());
        assert!(desk.looked(Look::Host, away()));
        assert!(!desk.looked(Look::Host, away()));
        assert!(desk.looked(Look::Well, None));
        assert!(!desk.looked(Look::Well, None));
        assert_eq!(desk.shown().looks, [2, 2, 0, 0]);
    }
}
