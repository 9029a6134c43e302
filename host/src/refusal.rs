//! Why the host refuses: one variant a check, each with its stable id, status and hint.
//!
//! What always holds: each says what was expected and what was found; nothing here repeats a peer's bytes, and the ids
//! are those of `docs/http-api.md`.

use sealroom_protocol::http_signature::HttpSignatureError;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::ObjectError;
use sealroom_protocol::run::ReceiptError;

use crate::room::Ended;

/// A refusal of the host, or of an enclave through it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// One of the three headers is not there.
    #[error("expected the header {header} once and as text, found it missing, twice there or not text")]
    SignatureMissing {
        /// Which header.
        header: &'static str,
    },
    /// The signature is not in the one form or does not hold.
    #[error("expected a signature in the one form over this request, found: {0}")]
    Signature(HttpSignatureError),
    /// Signed for another host.
    #[error("expected a request signed for this host ({expected}), found one for another")]
    Authority {
        /// This host's names.
        expected: String,
    },
    /// A key that the operator did not allow.
    #[error("expected a signing key that the operator of this host has allowed, found another")]
    Key,
    /// Signed too long ago, or in the future.
    #[error("expected a request signed at most {window} seconds from this host's clock, found {found}")]
    Clock {
        /// The window.
        window: u64,
        /// The difference.
        found: u64,
    },
    /// A nonce that was seen.
    #[error("expected a request that was never here, found one that was here before")]
    Replay,
    /// Too many requests.
    #[error("expected at most {limit} signed requests in a minute, found more")]
    Quota {
        /// The party's limit.
        limit: u32,
        /// Seconds until more are taken.
        retry_after: u64,
    },
    /// No length.
    #[error("expected a Content-Length, found none")]
    LengthMissing,
    /// Too long.
    #[error("expected a body of at most {limit} bytes on this path, found {found}")]
    Size {
        /// The path's limit.
        limit: u64,
        /// The announced length.
        found: u64,
    },
    /// The body was slow, or the connection broke.
    #[error("expected the whole body within {seconds} seconds, found less")]
    BodyTimeout {
        /// The limit.
        seconds: u64,
    },
    /// Not the signed body.
    #[error("expected the body that was signed, found: {0}")]
    Body(HttpSignatureError),
    /// No such path.
    #[error("expected a path of the API, found another")]
    Path,
    /// Not with this method.
    #[error("expected a method that this path takes, found another")]
    Method,
    /// Not the expected shape.
    #[error("expected {expected}, found another form")]
    Form {
        /// What belongs there.
        expected: String,
    },
    /// Out of room for now.
    #[error("expected fewer {what} at once, found too many")]
    Busy {
        /// Of what.
        what: &'static str,
    },
    /// A manifest under another object's path.
    #[error("expected the manifest of object {expected}, found that of {found}")]
    ObjectId {
        /// The id in the path.
        expected: ObjectId,
        /// The manifest's id.
        found: ObjectId,
    },
    /// The manifest does not decode.
    #[error("expected the manifest of an object, found: {0}")]
    ObjectForm(ObjectError),
    /// The object is too large for this host.
    #[error("expected an object of at most {limit} bytes, found {found}")]
    ObjectSize {
        /// The limit.
        limit: u64,
        /// The body's length.
        found: u64,
    },
    /// The party's bytes are used up.
    #[error("expected at most {limit} bytes kept for a party, found {used} with the {needed} of this object")]
    ObjectQuota {
        /// The quota.
        limit: u64,
        /// The object's bytes.
        needed: u64,
        /// The sum.
        used: u64,
    },
    /// No such object.
    #[error("expected an object that is here, found none of this id")]
    ObjectUnknown,
    /// Not yet complete.
    #[error("expected a complete object of {length} bytes, found {received}")]
    ObjectPartial {
        /// Bytes that are there.
        received: u64,
        /// Bytes of the body.
        length: u64,
    },
    /// Out of order.
    #[error("expected offset {expected}, found {found}")]
    Offset {
        /// Bytes received so far.
        expected: u64,
        /// The offset in the request.
        found: u64,
    },
    /// Beyond the end.
    #[error("expected a part that ends at {expected} or before, found one that ends at {found}")]
    ObjectLength {
        /// The body's length.
        expected: u64,
        /// Where the part would end.
        found: u64,
    },
    /// Not the salt and commitment of the manifest.
    #[error("expected the salt and commitment of the manifest, found: {0}")]
    ObjectPrefix(ObjectError),
    /// Not the ciphertext of the manifest.
    #[error("expected the ciphertext of the manifest, found: {0}")]
    ObjectDigest(ObjectError),
    /// Another party is at it.
    #[error("expected the party that uploads this object, found another")]
    ObjectOwner,
    /// Too many rooms.
    #[error("expected fewer than {limit} open rooms, found as many")]
    RoomQuota {
        /// The party's limit, or the host's.
        limit: usize,
    },
    /// The launcher failed.
    #[error("expected an enclave that starts, found none: {reason}")]
    RoomStart {
        /// What the launcher said or did.
        reason: String,
    },
    /// No such room.
    #[error("expected a room of this host, found none of this name")]
    RoomUnknown,
    /// The room had ended before.
    #[error("expected an open room, found that it has ended: {0}")]
    RoomEnded(Ended),
    /// The room ended over this request.
    #[error("expected an answer of the enclave, found: {0}")]
    RoomFailed(Ended),
    /// A run is going on.
    #[error("expected a room that waits, found a run going on")]
    RoomRunning,
    /// Too many waiting messages.
    #[error("expected fewer messages waiting for this room, found too many")]
    RoomBusy,
    /// Not a challenge.
    #[error("expected a challenge of 64 hexadecimal digits, found another form")]
    Challenge,
    /// Not the contract's datasets.
    #[error("expected exactly the contract's datasets, found \"{name}\" {what}")]
    Datasets {
        /// The first one that does not fit.
        name: String,
        /// `missing` or `not in the contract`.
        what: &'static str,
    },
    /// No proposal.
    #[error("expected a proposal, found none")]
    NoProposal,
    /// Not a statement for this room.
    #[error("expected a statement for this room, found: {what}")]
    StatementForm {
        /// What does not fit.
        what: String,
    },
    /// Not a contract.
    #[error("expected a contract in its envelope, found: {what}")]
    ContractForm {
        /// What does not fit.
        what: String,
    },
    /// No such contract.
    #[error("expected a contract of a room that was opened here, found none of this id")]
    ContractUnknown,
    /// A key of nobody in the contract.
    #[error("expected a key that {expected}, found another")]
    Party {
        /// Whose key is taken.
        expected: &'static str,
    },
    /// Not a receipt.
    #[error("expected a receipt in its envelope, found: {what}")]
    ReceiptForm {
        /// What does not fit.
        what: String,
    },
    /// Not one of this contract.
    #[error("expected a receipt that holds under the contract, found: {0}")]
    ReceiptVerify(ReceiptError),
    /// Enough of them.
    #[error("expected fewer than {limit} receipts of this contract, found as many")]
    ReceiptLimit {
        /// The limit.
        limit: usize,
    },
    /// A party's share of receipts that anyone could have made.
    #[error("expected at most {limit} receipts of this contract that a party brings without every grant, found more")]
    ReceiptQuota {
        /// The party's limit.
        limit: usize,
    },
    /// A cosignature that does not hold.
    #[error("expected a witness's cosignature over the newest checkpoint of this log, found: {what}")]
    Cosignature {
        /// What is wrong.
        what: String,
    },
    /// A cosignature of somebody whom the contract does not name.
    #[error("expected a cosignature of a witness that the contract names, found another's")]
    CosignatureWitness,
    /// Too many cosignatures of one party.
    #[error("expected at most {limit} cosignatures that one party brings of a checkpoint, found more")]
    CosignatureQuota {
        /// The party's share.
        limit: usize,
    },
    /// A range outside the body.
    #[error("expected one range inside the {length} bytes of the body, found another")]
    Range {
        /// The body's length.
        length: u64,
    },
    /// Shutting down.
    #[error("expected a host that goes on, found it shutting down")]
    Stopping,
    /// The store failed.
    #[error("expected a store that works, found that it failed")]
    Store,
    /// The enclave refused.
    #[error("{message}")]
    Enclave {
        /// The enclave's check.
        check: String,
        /// Its message.
        message: String,
        /// Its hint.
        hint: String,
        /// Whether it refused to open the room.
        opening: bool,
    },
}

impl Refusal {
    /// The check's stable id.
    #[must_use]
    pub fn check(&self) -> &str {
        match self {
            Self::Enclave { check, .. } => check,
            Self::RoomFailed(ended) => ended.check(),
            other => other.facts().1,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Enclave { opening: true, .. } => 422,
            Self::RoomFailed(ended) => ended.status(),
            other => other.facts().0,
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &str {
        match self {
            Self::Enclave { hint, .. } => hint,
            other => other.facts().2,
        }
    }

    #[rustfmt::skip]
    const fn facts(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::SignatureMissing { .. } => (401, "http.signature", "sign the request as docs/http-api.md says"),
            Self::Signature(_) => (401, "http.signature", "sign the request, as it is sent, as docs/http-api.md says"),
            Self::Authority { .. } => (421, "http.authority", "sign for the host that the request goes to; an operator lists its names under `names`"),
            Self::Key => (403, "http.key", "ask the operator to list this key under `allowed`"),
            Self::Clock { .. } => (401, "http.clock", "set the clock, or sign with the time in `now`"),
            Self::Replay => (401, "http.replay", "sign each request anew, with a fresh random nonce"),
            Self::Quota { .. } => (429, "http.quota", "wait, or ask the operator for a higher quota"),
            Self::LengthMissing => (411, "http.size", "send the body with its length, not in chunks"),
            Self::Size { .. } => (413, "http.size", "send less at once"),
            Self::BodyTimeout { .. } => (408, "http.timeout", "send smaller parts"),
            Self::Body(_) => (400, "http.body", "sign the body that is sent"),
            Self::Path => (404, "http.path", "the paths are in /openapi.json"),
            Self::Method => (405, "http.method", "the paths are in /openapi.json"),
            Self::Form { .. } => (400, "http.form", "the shapes are in /openapi.json"),
            Self::Busy { .. } => (503, "http.busy", "try again soon"),
            Self::ObjectId { .. } => (422, "object.id", "upload a manifest under its own id"),
            Self::ObjectForm(_) => (422, "object.form", "upload the manifest that `encrypt` wrote, unchanged"),
            Self::ObjectSize { .. } => (413, "object.size", "split the dataset, or ask the operator for a higher limit"),
            Self::ObjectQuota { .. } => (507, "object.quota", "ask the operator for a higher quota"),
            Self::ObjectUnknown => (404, "object.unknown", "upload its manifest first, then its body"),
            Self::ObjectPartial { .. } => (409, "object.partial", "upload the rest of its body first"),
            Self::Offset { .. } => (409, "object.offset", "go on at the offset that the status names"),
            Self::ObjectLength { .. } => (422, "object.length", "upload the body that belongs to the manifest"),
            Self::ObjectPrefix(_) => (422, "object.prefix", "upload the body that belongs to the manifest, from the start"),
            Self::ObjectDigest(_) => (422, "object.digest", "upload that group again; the status names the offset"),
            Self::ObjectOwner => (403, "object.owner", "wait until it is complete; then it serves you as well"),
            Self::RoomQuota { .. } => (429, "room.quota", "stop a room, or ask the operator for a higher quota"),
            Self::RoomStart { .. } => (502, "room.start", "the operator finds more in the host's log"),
            Self::RoomUnknown => (404, "room.unknown", "list the rooms, or open one"),
            Self::RoomEnded(_) => (410, "room.ended", "open another room with the same contract; the receipts are kept"),
            Self::RoomFailed(_) => (502, "room.enclave", "open another room with the same contract; the receipts are kept"),
            Self::RoomRunning => (409, "room.running", "follow the room's status until the run is over; only a stop is taken now"),
            Self::RoomBusy => (503, "room.busy", "try again soon"),
            Self::Challenge => (422, "room.evidence", "draw 32 random bytes"),
            Self::Datasets { .. } => (422, "room.datasets", "name every dataset of the contract and no other"),
            Self::NoProposal => (404, "room.proposal", "ask for a proposal first"),
            Self::StatementForm { .. } => (422, "statement.form", "bring a statement that names this contract and enclave"),
            Self::ContractForm { .. } => (422, "contract.form", "bring the contract's envelope with the signatures of all parties"),
            Self::ContractUnknown => (404, "contract.unknown", "open a room with it first"),
            Self::Party { .. } => (403, "contract.party", "sign with the key that stands in the contract"),
            Self::ReceiptForm { .. } => (422, "receipt.form", "bring a receipt's envelope, unchanged"),
            Self::ReceiptVerify(_) => (422, "receipt.verify", "bring a receipt of this contract"),
            Self::ReceiptLimit { .. } => (507, "receipt.limit", "ask the operator for a higher limit"),
            Self::ReceiptQuota { .. } => (507, "receipt.quota", "bring complete receipts; void ones move no run number"),
            Self::Cosignature { .. } => (422, "log.cosignature", "ask the witness again, with the newest checkpoint"),
            Self::CosignatureWitness => (422, "log.witness", "bring cosignatures of the witnesses in the contract; keep others beside the log"),
            Self::CosignatureQuota { .. } => (507, "log.quota", "keep it beside the log, or name the witnesses in the contract"),
            Self::Range { .. } => (416, "range", "ask for one range inside the body"),
            Self::Stopping => (503, "host.stopping", "try again when it is up"),
            Self::Store => (503, "host.store", "try again; the operator finds more in the host's log"),
            Self::Enclave { .. } => (409, "room.enclave", ""),
        }
    }
}
