//! What is signed in the life of a run: request, proposal, grant, statement, stop, receipt, and the headers of the
//! encrypted objects that belong to it. One file an object; `SPEC.md` section 5 has the table of who signs what.

mod grant;
mod header;
mod proposal;
mod receipt;
mod request;
mod statement;

pub use grant::{Grant, GrantKeys, GrantKeysError, SignedGrant};
pub use header::{DatasetHeader, HeaderError, RequestHeader, ResultHeader, Stanza, schema_digest};
pub use proposal::{Proposal, ProposedDataset, ProposedRequest, RUN_NUMBER_LIMIT, SignedProposal};
pub use receipt::{Count, Ending, GAP_LISTED, Outcome, Output, Receipt, ReceiptError, SignedReceipt};
pub use request::{Announcement, RequestKey, SignedAnnouncement};
pub use statement::{REASON_LIMIT, SignedStatement, SignedStop, Statement, Stop, StopCause};

use crate::canonical::{self, CanonicalError};
use crate::dsse::{Envelope, EnvelopeError, PayloadType};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Largest signed payload of this module, in bytes: a receipt with the grants of 64 parties stays far below.
const PAYLOAD_LIMIT: usize = 1 << 20;

/// Why a signed payload is refused before its meaning is looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignedError {
    /// The envelope or a signature in it.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The payload's own form.
    #[error("payload: {0}")]
    Payload(#[from] CanonicalError),
}

fn decode_signed<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    payload_type: PayloadType,
) -> Result<(Envelope, T), SignedError> {
    let envelope = Envelope::decode(bytes, payload_type)?;
    let value = canonical::decode(envelope.payload(), PAYLOAD_LIMIT)?;
    Ok((envelope, value))
}
