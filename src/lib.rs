//! PARTY. The SDK: draft and sign contracts, encrypt datasets, appraise rooms, grant runs, open results.
#![forbid(unsafe_code)]

mod appraise;
#[cfg(feature = "client")]
pub mod blocking;
mod bundle;
mod cheating;
#[cfg(feature = "client")]
mod client;
mod clock;
mod contract_file;
mod dataset;
mod draft;
mod evidence;
mod file;
mod grant;
mod identity;
mod memory;
mod open;
mod passphrase;
mod policy;
mod request;
mod review;
mod statement;
#[cfg(test)]
mod testing;

pub use appraise::{AppraisalError, AppraisedRoom, Refusal, RoomCheck, appraise};
pub use bundle::{BUNDLE_LIMIT, BundleCheck, BundleError, BundleReport, ReceiptBundle};
pub use cheating::Cheating;
#[cfg(feature = "client")]
pub use client::{
    Accepted, EndedView, FetchedRequest, Host, HostError, HostOptions, HostProblem, HostProposal, OpenedRoom, ReceiptPage, Room, RoomStatus,
    UploadState, WantedRun,
};
pub use clock::{now, random};
pub use contract_file::{ContractFile, ContractFileError};
pub use dataset::{DatasetError, DatasetSource, EncryptedDataset, Progress, encrypt_dataset};
pub use draft::{Draft, DraftError};
pub use evidence::{EvidenceBundle, OperatorEnvelope};
pub use grant::{GrantError, GrantTimes, Granted};
pub use identity::{Card, Identity, IdentityError};
pub use memory::{ContractState, GrantRecord, GrantState, Head, Memory, MemoryError, Settled, Settlement};
pub use open::{OpenError, OpenedResult, RESULT_LIMIT, open_result};
pub use passphrase::Passphrase;
pub use policy::Stricter;
pub use sealroom_protocol::contract::Contract;
pub use sealroom_protocol::identity::SigningPublicKey;
pub use request::{BroughtRequest, PreparedRequest, REQUEST_LIMIT, RequestError, make_request};
pub use review::{BroughtProposal, ReviewError, ReviewedProposal};
pub use statement::{REASON_LIMIT, StatementError, state_operator, state_region, stop};
pub use sealroom_protocol::run::{Proposal, SignedGrant};
