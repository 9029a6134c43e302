//! The JSON shapes of the API. `docs/http-api.md` says what each field means.
//!
//! What always holds: unknown fields of a request are refused; binary values are standard base64.

use super::parse::{from_base64, to_base64};
use crate::log::LogState;
use crate::refusal::Refusal;
use crate::room::{Accepted, EvidenceAnswer, Phase, Proposed, Room, Status};
use crate::store::{UploadState, UploadStatus};
use sealroom_protocol::id::{ObjectId, ReceiptId};
use sealroom_protocol::log::{LogError, NoteSignature, VerifierKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// How far an object is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ObjectView {
    /// The object's id.
    object: String,
    /// `partial`, `storing` or `stored`.
    state: &'static str,
    /// Bytes of the body that are here; go on at this offset.
    received: u64,
    /// Bytes of the whole body.
    length: u64,
}

impl ObjectView {
    pub(super) fn new(object: &ObjectId, status: UploadStatus) -> Self {
        let state = match status.state {
            UploadState::Partial => "partial",
            UploadState::Storing => "storing",
            UploadState::Stored => "stored",
        };
        Self { object: object.to_string(), state, received: status.received, length: status.length }
    }
}

/// A room that was opened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoomOpened {
    room: String,
    contract: String,
    enclave_key: String,
    /// The launcher's claim.
    measurement: String,
    /// The launcher's claim.
    anchor: String,
    /// What the enclave wrote to its log.
    statements: Vec<String>,
}

impl RoomOpened {
    pub(super) fn new(room: String, status: &Status) -> Self {
        Self {
            room,
            contract: status.contract.to_string(),
            enclave_key: status.enclave_key.to_string(),
            measurement: status.started.measurement.clone(),
            anchor: status.started.anchor.clone(),
            statements: status.log.lines(),
        }
    }
}

/// What the host knows of a room.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoomView {
    room: String,
    contract: String,
    enclave_key: String,
    measurement: String,
    anchor: String,
    statements: Vec<String>,
    /// Unix seconds.
    opened: u64,
    /// `attest`, `grant`, `run` or `ended`.
    phase: &'static str,
    /// Run number of the current proposal.
    run: Option<u64>,
    /// Id of the current proposal.
    proposal: Option<String>,
    /// Parties whose grant is missing.
    missing: Vec<String>,
    /// Whether the statement about the host's region is missing.
    statement_missing: bool,
    /// Id of the room's last receipt.
    receipt: Option<String>,
    /// Why it ended.
    ended: Option<EndedView>,
}

/// Why a room ended.
#[derive(Debug, Serialize, ToSchema)]
struct EndedView {
    check: String,
    message: String,
}

impl RoomView {
    pub(super) fn new(room: String, status: Status) -> Self {
        let phase = match status.phase {
            Phase::Attest => "attest",
            Phase::Grant => "grant",
            Phase::Run => "run",
            Phase::Ended => "ended",
        };
        Self {
            room,
            contract: status.contract.to_string(),
            enclave_key: status.enclave_key.to_string(),
            statements: status.log.lines(),
            measurement: status.started.measurement,
            anchor: status.started.anchor,
            opened: status.opened,
            phase,
            run: status.proposal.as_ref().map(|proposal| proposal.run),
            proposal: status.proposal.map(|proposal| proposal.id.to_string()),
            missing: status.missing,
            statement_missing: status.statement_missing,
            receipt: status.receipt.map(|receipt| receipt.to_string()),
            ended: status.ended.map(|ended| EndedView { check: ended.check().into(), message: ended.to_string() }),
        }
    }
}

/// Rooms.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoomList {
    /// Newest last.
    rooms: Vec<RoomView>,
}

impl RoomList {
    pub(super) fn new(rooms: impl Iterator<Item = (String, Arc<Room>)>) -> Self {
        Self { rooms: rooms.map(|(name, room)| RoomView::new(name, room.status())).collect() }
    }
}

/// Asks for Evidence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Challenge {
    /// 32 random bytes as 64 hexadecimal digits.
    pub(super) challenge: String,
}

/// Evidence and what endorses it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EvidenceView {
    /// Base64.
    evidence: String,
    /// Base64 of DER certificates.
    endorsements: Vec<String>,
    /// The sorted list that the Evidence answers, hexadecimal digits.
    challenges: Vec<String>,
    enclave_key: String,
    /// Base64 of the operator's statement, where one was brought.
    operator_statement: Option<String>,
}

impl EvidenceView {
    pub(super) fn new(answer: &EvidenceAnswer) -> Self {
        Self {
            evidence: to_base64(&answer.evidence),
            endorsements: answer.endorsements.iter().map(|bytes| to_base64(bytes)).collect(),
            challenges: answer.challenges.iter().map(hex::encode).collect(),
            enclave_key: answer.enclave_key.to_string(),
            operator_statement: answer.operator_statement.as_deref().map(to_base64),
        }
    }
}

/// Asks for a proposal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProposalWanted {
    /// The run number; null for the one after the highest that this host has a receipt of.
    pub(super) run: Option<u64>,
    /// Every dataset of the contract and its object.
    pub(super) datasets: BTreeMap<String, String>,
    /// Base64 of the announcement's envelope, where the contract leaves a choice.
    pub(super) request: Option<String>,
    /// Base64 envelopes of receipts that the client wants to be counted.
    #[serde(default)]
    pub(super) receipts: Vec<String>,
}

/// The current proposal.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProposalView {
    /// Base64 of its envelope.
    proposal: String,
    id: String,
    run: u64,
    /// Base64 of the announcement's envelope.
    request: Option<String>,
}

impl ProposalView {
    pub(super) fn new(proposed: &Proposed) -> Self {
        Self {
            proposal: to_base64(&proposed.proposal),
            id: proposed.id.to_string(),
            run: proposed.run,
            request: proposed.request.as_deref().map(to_base64),
        }
    }
}

/// A grant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantBrought {
    /// Base64 of its envelope.
    grant: String,
    /// Base64 of the encrypted keys.
    ciphertext: String,
}

impl GrantBrought {
    pub(super) fn decode(&self) -> Result<(Vec<u8>, Vec<u8>), Refusal> {
        Ok((from_base64(&self.grant, "grant")?, from_base64(&self.ciphertext, "ciphertext")?))
    }
}

/// A statement or grant was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AcceptedView {
    /// Parties whose grant is missing.
    missing: Vec<String>,
    statement_missing: bool,
    /// Whether the run has begun.
    running: bool,
    /// Base64 of a void receipt, where the contract or a grant had expired and the proposal is over.
    receipt: Option<String>,
}

impl AcceptedView {
    pub(super) fn new(accepted: Accepted) -> Self {
        Self {
            missing: accepted.missing,
            statement_missing: accepted.statement_missing,
            running: accepted.running,
            receipt: accepted.receipt.as_deref().map(to_base64),
        }
    }
}

/// The receipt of a proposal that is over.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SettledView {
    /// Base64 of its envelope; null where there was no proposal.
    pub(super) receipt: Option<String>,
}

/// A page of receipts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiptPage {
    /// By run number, newest last.
    pub(super) receipts: Vec<ReceiptView>,
    /// The run that the next page begins with.
    pub(super) next: Option<u64>,
    /// How many receipts of that run this page, or one before it, had.
    pub(super) skip: usize,
}

/// One receipt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiptView {
    pub(super) run: u64,
    pub(super) id: String,
    /// `complete` or `void`.
    pub(super) outcome: &'static str,
    /// Base64 of its envelope.
    pub(super) receipt: String,
}

/// A receipt was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReceiptKept {
    pub(super) run: u64,
    pub(super) id: String,
}

/// The log of a contract's receipts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LogView {
    /// Its verifier key (C2SP signed-note).
    log_key: String,
    /// The newest checkpoint: a signed note, with cosignatures.
    checkpoint: String,
    /// Ids of its receipts, in their order.
    receipts: Vec<String>,
    /// Ids of receipts that do not go on from it: their heads are not here, or they are of another history.
    waiting: Vec<String>,
}

impl LogView {
    pub(super) fn new(log: &LogState) -> Self {
        let texts = |ids: &[ReceiptId]| ids.iter().map(ToString::to_string).collect();
        Self {
            log_key: log.key.to_string(),
            checkpoint: log.checkpoint.encode(),
            receipts: texts(&log.receipts),
            waiting: texts(&log.waiting),
        }
    }
}

/// A cosignature.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CosignatureBrought {
    /// The witness's verifier key.
    witness: String,
    /// Its signature line over the newest checkpoint.
    line: String,
}

impl CosignatureBrought {
    pub(super) fn decode(&self) -> Result<(VerifierKey, NoteSignature), Refusal> {
        let refuse = |error: LogError| Refusal::Cosignature { what: error.to_string() };
        let lines = NoteSignature::decode_all(&format!("{}\n", self.line.trim_end_matches('\n'))).map_err(refuse)?;
        let one: [NoteSignature; 1] =
            lines.try_into().map_err(|_| Refusal::Cosignature { what: "more than one line".into() })?;
        let [line] = one;
        Ok((self.witness.parse().map_err(refuse)?, line))
    }
}

/// The host is up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    pub(super) status: &'static str,
    pub(super) version: &'static str,
}
