//! What a kit played, so that a test can say that its schedules reach what they are about.

use core::fmt;
use std::collections::BTreeMap;

/// Sums over all schedules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Schedules.
    pub schedules: u64,
    /// Steps that found something to act on.
    pub steps: u64,
    /// Enclaves that were started.
    pub enclaves: u64,
    /// Enclaves and parties that were killed.
    pub killed: u64,
    /// Proposals, those of fake enclaves among them.
    pub proposals: u64,
    /// Grants of the honest party.
    pub granted: u64,
    /// Runs that released results.
    pub released: u64,
    /// Runs that ended complete and released nothing.
    pub failed: u64,
    /// Proposals that were given back.
    pub void: u64,
    /// Receipts that the thief of the platform's key signed.
    pub forged: u64,
    /// Results that a recipient opened.
    pub opened: u64,
    /// Amendments that all signed.
    pub amended: u64,
    /// Times that the honest party's memory was set back.
    pub restored: u64,
    /// Schedules in which the limit of runs was reached.
    pub exhausted: u64,
    /// Different keys and nonces that the recorder saw.
    pub encryptions: u64,
    /// Refusals by check, by enclaves and by the honest party alike.
    pub refusals: BTreeMap<String, u64>,
}

impl Report {
    pub(crate) fn add(&mut self, other: &Self) {
        let Self { schedules, steps, enclaves, killed, proposals, granted, released, failed, .. } = other;
        let Self { void, forged, opened, amended, restored, exhausted, encryptions, refusals, .. } = other;
        for (sum, more) in [
            (&mut self.schedules, schedules),
            (&mut self.steps, steps),
            (&mut self.enclaves, enclaves),
            (&mut self.killed, killed),
            (&mut self.proposals, proposals),
            (&mut self.granted, granted),
            (&mut self.released, released),
            (&mut self.failed, failed),
            (&mut self.void, void),
            (&mut self.forged, forged),
            (&mut self.opened, opened),
            (&mut self.amended, amended),
            (&mut self.restored, restored),
            (&mut self.exhausted, exhausted),
            (&mut self.encryptions, encryptions),
        ] {
            *sum = sum.saturating_add(*more);
        }
        for (check, count) in refusals {
            let sum = self.refusals.entry(check.clone()).or_default();
            *sum = sum.saturating_add(*count);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} schedules, {} steps", self.schedules, self.steps)?;
        writeln!(
            f,
            "{} enclaves; {} processes killed, {} memories restored",
            self.enclaves, self.killed, self.restored
        )?;
        writeln!(f, "{} proposals, {} grants of the honest party", self.proposals, self.granted)?;
        writeln!(f, "{} runs released, {} failed, {} given back", self.released, self.failed, self.void)?;
        writeln!(f, "{} receipts forged, {} results opened; {} amendments", self.forged, self.opened, self.amended)?;
        writeln!(f, "{} schedules reached the limit; {} encryptions", self.exhausted, self.encryptions)?;
        let refusals: u64 = self.refusals.values().sum();
        writeln!(f, "{refusals} refusals by {} checks:", self.refusals.len())?;
        self.refusals.iter().try_for_each(|(check, count)| writeln!(f, "{count:>9}  {check}"))
    }
}
