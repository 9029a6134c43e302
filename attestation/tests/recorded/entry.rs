//! What an entry of the list says of a recorded file.

use sealroom_attestation::Outcome;
use sealroom_attestation::event_log::{Algorithm, Register};
use sealroom_attestation::intel::TcbStatus;

use crate::{evidence, others};

/// 2023-06-01, 2023-06-25, 2025-06-01, 2025-06-25 and 2026-03-01: when what was recorded with the Evidence is valid.
pub(crate) const JUNE_2023: u64 = 1_685_577_600;
pub(crate) const LATE_JUNE_2023: u64 = 1_687_651_200;
pub(crate) const JUNE_2025: u64 = 1_748_736_000;
pub(crate) const LATE_JUNE_2025: u64 = 1_750_809_600;
pub(crate) const MARCH_2026: u64 = 1_772_323_200;

/// One recorded file.
pub(crate) struct Entry {
    /// Path below the folder.
    pub(crate) file: &'static str,
    pub(crate) kind: Kind,
}

/// What it is.
pub(crate) enum Kind {
    Evidence {
        inside: Inside,
        cases: &'static [Case],
    },
    Endorsement {
        what: &'static str,
        /// Certificates, revocation lists, TCB infos, QE identities.
        holds: [usize; 4],
    },
    Root {
        /// The name that it has here, where it is a vendor's root built in.
        built_in: Option<&'static str>,
    },
    EventLog(Log),
    Other {
        why: &'static str,
    },
}

pub(crate) struct Log {
    pub(crate) events: usize,
    pub(crate) algorithm: Algorithm,
    /// What it replays to, from the quote made with it or by another implementation.
    pub(crate) registers: &'static [(Register, &'static str)],
}

/// Where in the file the Evidence stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inside {
    /// It is the file.
    Whole,
    /// The file is its hexadecimal digits.
    Hex,
    /// The SEV-SNP report in a report of Azure's paravisor, after a header of 32 bytes.
    Paravisor,
    /// The JSON of Trustee's attesters: report of the paravisor, quote of the virtual TPM, on TDX a TD quote.
    AzureJson,
    /// The quote of the virtual TPM as `az-cvm-vtpm` keeps it; the rest stands beside it.
    AzureKeptQuote,
    /// The quote of the virtual TPM as JSON; the rest stands beside it.
    AzureJsonQuote,
    /// The quote of a trust domain; this file is its event log.
    WithLog(&'static str),
    /// After two numbers of dstack's and a length in the compact form of SCALE.
    Scale,
}

/// One appraisal of it.
pub(crate) struct Case {
    /// What is brought along and when, for people.
    pub(crate) name: &'static str,
    /// Files, or `file#member` of a JSON object.
    pub(crate) endorsements: &'static [&'static str],
    pub(crate) anchor: Anchor,
    pub(crate) at: At,
    pub(crate) challenge: Asked,
    /// What the policy that pins the Evidence leaves out, and why.
    pub(crate) loosened: &'static [(Loosened, &'static str)],
    pub(crate) outcome: Outcome,
    /// Exactly the checks that must fail.
    pub(crate) failed: &'static [&'static str],
}

/// What the policy trusts.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    /// A vendor's root, by its name.
    Vendor(&'static str),
    /// The public key in a file (JWK), vouched for in these words.
    Key(&'static str, &'static str),
}

/// The time of the appraisal.
#[derive(Clone, Copy)]
pub(crate) enum At {
    /// Unix seconds.
    Seconds(u64),
    /// So many seconds after the time that the Evidence says of itself.
    AfterMade(u64),
    /// There is nothing in it that time could end.
    Any,
}

/// The challenge that it must answer.
#[derive(Clone, Copy)]
pub(crate) enum Asked {
    /// What its own field says: the comparison is made, and says nothing of freshness.
    AsRecorded,
    /// The bytes of this file.
    File(&'static str),
    /// This text.
    Text(&'static str),
    /// None, and why.
    Nothing(&'static str),
}

/// How the strictest policy is loosened.
#[derive(Clone, Copy)]
pub(crate) enum Loosened {
    /// No revocation list is demanded.
    Revocation,
    /// This word of Intel's is accepted too.
    Status(TcbStatus),
    /// A level of any age is accepted.
    Age,
    /// Another measurement is named than the Evidence has.
    OtherMeasurement,
}

pub(crate) fn all() -> impl Iterator<Item = &'static Entry> {
    evidence::ENTRIES.iter().chain(others::ENTRIES)
}

/// Every appraisal, with the entry that it is of.
pub(crate) fn cases() -> impl Iterator<Item = (&'static Entry, &'static Case)> {
    all().flat_map(|entry| {
        let cases: &'static [Case] = match entry.kind {
            Kind::Evidence { cases, .. } => cases,
            _ => &[],
        };
        cases.iter().map(move |case| (entry, case))
    })
}
