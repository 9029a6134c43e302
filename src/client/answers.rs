//! The JSON shapes of the host's answers, and of what is asked.
//!
//! What always holds: unknown fields of answers are passed over, so that a newer host can say more; everything here is the
//! host's claim until a type of the protocol verified it; every text is one line that can be shown.

use super::words;
use crate::evidence::{EvidenceBundle, OperatorEnvelope, base64_text, base64_texts, hex_texts};
use core::fmt;
use sealroom_protocol::id::{ContractId, ObjectId, ProposalId, ReceiptId};
use sealroom_protocol::identity::SigningPublicKey;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A room that the host opened. All of it is the host's claim.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct OpenedRoom {
    /// The room's name.
    #[serde(deserialize_with = "words::one")]
    pub room: String,
    /// Its contract.
    pub contract: ContractId,
    /// The enclave's signing key; an appraisal says whether it is.
    pub enclave_key: SigningPublicKey,
    /// What the launcher measured, in hexadecimal digits.
    #[serde(deserialize_with = "words::one")]
    pub measurement: String,
    /// The platform's trust anchor.
    #[serde(deserialize_with = "words::one")]
    pub anchor: String,
    /// What the enclave wrote to its log at start.
    #[serde(deserialize_with = "words::many")]
    pub statements: Vec<String>,
}

/// How a room stands. All of it is the host's claim.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct RoomStatus {
    /// The room's name.
    #[serde(deserialize_with = "words::one")]
    pub room: String,
    /// Its contract.
    pub contract: ContractId,
    /// The enclave's signing key.
    pub enclave_key: SigningPublicKey,
    /// What the launcher measured, in hexadecimal digits.
    #[serde(deserialize_with = "words::one")]
    pub measurement: String,
    /// The platform's trust anchor.
    #[serde(deserialize_with = "words::one")]
    pub anchor: String,
    /// What the enclave wrote to its log at start.
    #[serde(deserialize_with = "words::many")]
    pub statements: Vec<String>,
    /// When it was opened (Unix seconds).
    pub opened: u64,
    /// What it waits for or does.
    pub phase: RoomPhase,
    /// Run number of the current proposal.
    pub run: Option<u64>,
    /// The current proposal.
    pub proposal: Option<ProposalId>,
    /// Parties whose grant is missing.
    #[serde(deserialize_with = "words::many")]
    pub missing: Vec<String>,
    /// Whether the statement about the host's region is missing.
    pub statement_missing: bool,
    /// The room's last receipt.
    pub receipt: Option<ReceiptId>,
    /// Why it ended.
    pub ended: Option<EndedView>,
}

/// What a room waits for or does, by the host's word. Another word is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RoomPhase {
    /// There is no proposal: challenges and proposals are welcome.
    Attest,
    /// A proposal waits for grants.
    Grant,
    /// A run is going on.
    Run,
    /// It is over.
    Ended,
}

impl RoomPhase {
    /// Its word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attest => "attest",
            Self::Grant => "grant",
            Self::Run => "run",
            Self::Ended => "ended",
        }
    }
}

impl fmt::Display for RoomPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<&str> for RoomPhase {
    fn eq(&self, word: &&str) -> bool {
        self.as_str() == *word
    }
}

/// Why a room ended, in the host's words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct EndedView {
    /// Stable id.
    #[serde(deserialize_with = "words::one")]
    pub check: String,
    /// In words.
    #[serde(deserialize_with = "words::one")]
    pub message: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Rooms {
    pub(super) rooms: Vec<RoomStatus>,
}

#[derive(Debug, Serialize)]
pub(super) struct ChallengeWanted {
    pub(super) challenge: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct EvidenceAnswer {
    #[serde(with = "base64_text")]
    evidence: Vec<u8>,
    #[serde(with = "base64_texts")]
    endorsements: Vec<Vec<u8>>,
    #[serde(with = "hex_texts")]
    challenges: Vec<[u8; 32]>,
    enclave_key: SigningPublicKey,
    operator_statement: Option<OperatorEnvelope>,
}

impl EvidenceAnswer {
    pub(super) fn into_bundle(self) -> EvidenceBundle {
        let Self { evidence, endorsements, challenges, enclave_key, operator_statement } = self;
        EvidenceBundle { enclave_key, evidence, endorsements, challenges, operator_statement, appraised: 0 }
    }
}

/// The run that a party asks the enclave to propose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "exactly what the API takes")]
pub struct WantedRun {
    /// The run number wished for; none lets the host take the next.
    pub run: Option<u64>,
    /// Every dataset of the contract and its object.
    pub datasets: BTreeMap<String, ObjectId>,
    /// The announcement of a request, where the contract leaves a choice.
    #[serde(with = "optional_base64")]
    pub request: Option<Vec<u8>>,
    /// Receipts that shall be counted: at most 64 envelopes.
    #[serde(with = "base64_texts")]
    pub receipts: Vec<Vec<u8>>,
}

/// A proposal as the host hands it over. What it really says, a review shows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct HostProposal {
    /// The proposal's envelope.
    #[serde(with = "base64_text")]
    pub proposal: Vec<u8>,
    /// Its id, by the host's word.
    pub id: ProposalId,
    /// Its run number, by the host's word.
    pub run: u64,
    /// The announcement of its request.
    #[serde(with = "optional_base64")]
    pub request: Option<Vec<u8>>,
}

#[derive(Debug, Serialize)]
pub(super) struct GrantSent {
    #[serde(with = "base64_text")]
    pub(super) grant: Vec<u8>,
    #[serde(with = "base64_text")]
    pub(super) ciphertext: Vec<u8>,
}

/// What is still missing after a grant or statement, by the host's word.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Accepted {
    /// Parties whose grant is missing.
    #[serde(deserialize_with = "words::many")]
    pub missing: Vec<String>,
    /// Whether the statement about the host's region is missing.
    pub statement_missing: bool,
    /// Whether the run has begun.
    pub running: bool,
    /// A void receipt, where the contract or a grant had expired: nothing runs then.
    #[serde(default, with = "optional_base64")]
    pub receipt: Option<Vec<u8>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReceiptAnswer {
    #[serde(with = "optional_base64")]
    pub(super) receipt: Option<Vec<u8>>,
}

/// A page of a contract's receipts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct ReceiptPage {
    /// The receipts, newest last.
    pub(super) receipts: Vec<ListedReceipt>,
    /// The run that the next page begins with.
    pub(super) next: Option<u64>,
    /// How many receipts of that run were shown.
    #[serde(default)]
    pub(super) skip: u64,
}

/// Where a page of a contract's receipts begins: at a run number, mostly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_structs, reason = "complete: what the host's API says")]
pub struct PagePlace {
    /// The first run of the page.
    pub run: u64,
    /// Receipts of that run that earlier pages had.
    pub skip: u64,
}

impl From<u64> for PagePlace {
    fn from(run: u64) -> Self {
        Self { run, skip: 0 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct ListedReceipt {
    #[serde(with = "base64_text")]
    pub(super) receipt: Vec<u8>,
}

/// How far an object is at the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum UploadState {
    /// Parts are missing.
    Partial,
    /// The host is storing it.
    Storing,
    /// It is there.
    Stored,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct ObjectStatus {
    pub(super) state: UploadState,
    pub(super) received: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct ProblemAnswer {
    #[serde(deserialize_with = "words::one")]
    pub(super) check: String,
    #[serde(deserialize_with = "words::one")]
    pub(super) message: String,
    #[serde(deserialize_with = "words::one")]
    pub(super) hint: String,
    pub(super) now: Option<u64>,
}

mod optional_base64 {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    #[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
    pub(super) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(|bytes| STANDARD.encode(bytes)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| STANDARD.decode(text).map_err(|_| de::Error::custom("expected base64"))).transpose()
    }
}
