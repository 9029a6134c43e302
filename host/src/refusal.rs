//! Why the host refuses: one variant a check, each with its stable id, status and hint.
//!
//! What always holds: nothing here repeats a peer's bytes, and the ids are those of `docs/http-api.md`.

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
    #[error("the header {header} is missing, twice there or not text")]
    SignatureMissing {
        /// Which header.
        header: &'static str,
    },
    /// The signature is not in the one form or does not hold.
    #[error("{0}")]
    Signature(HttpSignatureError),
    /// Signed for another host.
    #[error("the request is signed for another host; this one answers to {expected}")]
    Authority {
        /// This host's names.
        expected: String,
    },
    /// A key that the operator did not allow.
    #[error("this signing key is not one that the operator of this host has allowed")]
    Key,
    /// Signed too long ago, or in the future.
    #[error("the request was signed {found} seconds away from this host's clock, expected at most {window}")]
    Clock {
        /// The window.
        window: u64,
        /// The difference.
        found: u64,
    },
    /// A nonce that was seen.
    #[error("this request was here before")]
    Replay,
    /// Too many requests.
    #[error("more than {limit} signed requests in a minute")]
    Quota {
        /// The party's limit.
        limit: u32,
        /// Seconds until more are taken.
        retry_after: u64,
    },
    /// No length.
    #[error("expected a Content-Length")]
    LengthMissing,
    /// Too long.
    #[error("a body of {found} bytes, this path takes at most {limit}")]
    Size {
        /// The path's limit.
        limit: u64,
        /// The announced length.
        found: u64,
    },
    /// The body was slow, or the connection broke.
    #[error("the body did not arrive within {seconds} seconds")]
    BodyTimeout {
        /// The limit.
        seconds: u64,
    },
    /// Not the signed body.
    #[error("{0}")]
    Body(HttpSignatureError),
    /// No such path.
    #[error("there is no such path")]
    Path,
    /// Not with this method.
    #[error("this path does not take this method")]
    Method,
    /// Not the expected shape.
    #[error("expected {expected}")]
    Form {
        /// What belongs there.
        expected: String,
    },
    /// Out of room for now.
    #[error("too many {what} at once")]
    Busy {
        /// Of what.
        what: &'static str,
    },
    /// A manifest under another object's path.
    #[error("the manifest is that of object {found}, expected {expected}")]
    ObjectId {
        /// The id in the path.
        expected: ObjectId,
        /// The manifest's id.
        found: ObjectId,
    },
    /// The manifest does not decode.
    #[error("{0}")]
    ObjectForm(ObjectError),
    /// The object is too large for this host.
    #[error("an object of {found} bytes, this host takes at most {limit}")]
    ObjectSize {
        /// The limit.
        limit: u64,
        /// The body's length.
        found: u64,
    },
    /// The party's bytes are used up.
    #[error("{needed} bytes more would make {used}, the quota is {limit}")]
    ObjectQuota {
        /// The quota.
        limit: u64,
        /// The object's bytes.
        needed: u64,
        /// The sum.
        used: u64,
    },
    /// No such object.
    #[error("there is no such object here")]
    ObjectUnknown,
    /// Not yet complete.
    #[error("the object is not complete: {received} of {length} bytes")]
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
    #[error("the part ends at {found}, the body at {expected}")]
    ObjectLength {
        /// The body's length.
        expected: u64,
        /// Where the part would end.
        found: u64,
    },
    /// Not the salt and commitment of the manifest.
    #[error("{0}")]
    ObjectPrefix(ObjectError),
    /// Not the ciphertext of the manifest.
    #[error("{0}")]
    ObjectDigest(ObjectError),
    /// Another party is at it.
    #[error("another party is uploading this object")]
    ObjectOwner,
    /// Too many rooms.
    #[error("{limit} rooms are open, no more are started")]
    RoomQuota {
        /// The party's limit, or the host's.
        limit: usize,
    },
    /// The launcher failed.
    #[error("no enclave was started: {reason}")]
    RoomStart {
        /// What the launcher said or did.
        reason: String,
    },
    /// No such room.
    #[error("there is no such room")]
    RoomUnknown,
    /// The room had ended before.
    #[error("the room has ended: {0}")]
    RoomEnded(Ended),
    /// The room ended over this request.
    #[error("{0}")]
    RoomFailed(Ended),
    /// A run is going on.
    #[error("a run is going on")]
    RoomRunning,
    /// Too many waiting messages.
    #[error("too many messages wait for this room")]
    RoomBusy,
    /// Not a challenge.
    #[error("expected a challenge of 64 hexadecimal digits")]
    Challenge,
    /// Not the contract's datasets.
    #[error("the dataset \"{name}\" is {what}")]
    Datasets {
        /// The first one that does not fit.
        name: String,
        /// `missing` or `not in the contract`.
        what: &'static str,
    },
    /// No proposal.
    #[error("there is no proposal")]
    NoProposal,
    /// Not a statement for this room.
    #[error("{what}")]
    StatementForm {
        /// What does not fit.
        what: String,
    },
    /// Not a contract.
    #[error("{what}")]
    ContractForm {
        /// What does not fit.
        what: String,
    },
    /// No such contract.
    #[error("no room of this contract was opened here")]
    ContractUnknown,
    /// Not a receipt.
    #[error("{what}")]
    ReceiptForm {
        /// What does not fit.
        what: String,
    },
    /// Not one of this contract.
    #[error("{0}")]
    ReceiptVerify(ReceiptError),
    /// Enough of them.
    #[error("{limit} receipts of this contract are kept, no more are taken")]
    ReceiptLimit {
        /// The limit.
        limit: usize,
    },
    /// A range outside the body.
    #[error("the body has {length} bytes, the range is outside or not a single one")]
    Range {
        /// The body's length.
        length: u64,
    },
    /// Shutting down.
    #[error("this host is shutting down")]
    Stopping,
    /// The store failed.
    #[error("the store of this host failed")]
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
            Self::ReceiptForm { .. } => (422, "receipt.form", "bring a receipt's envelope, unchanged"),
            Self::ReceiptVerify(_) => (422, "receipt.verify", "bring a receipt of this contract"),
            Self::ReceiptLimit { .. } => (507, "receipt.limit", "ask the operator for a higher limit"),
            Self::Range { .. } => (416, "range", "ask for one range inside the body"),
            Self::Stopping => (503, "host.stopping", "try again when it is up"),
            Self::Store => (503, "host.store", "try again; the operator finds more in the host's log"),
            Self::Enclave { .. } => (409, "room.enclave", ""),
        }
    }
}
