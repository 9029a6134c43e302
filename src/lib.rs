//! PARTY. What an application of a party links: **draft, sign, appraise, grant, open**.
//!
//! Parties who trust neither each other nor the machine compute together on data that none of them may see. This crate is
//! one party's side of it. Each step gives a type that only the step before it can make, so none can be left out:
//!
//! ```no_run
//! use sealroom::{ContractFile, Draft, DatasetSource, Host, HostOptions, Identity, Memory, GrantTimes, SignedReceipt, Stricter};
//! use sealroom::{draw_challenge, encrypt_dataset, now, open_result, random};
//! # async fn party(text: &str, receipt: &SignedReceipt) -> Result<(), Box<dyn core::error::Error>> {
//! # use std::path::Path;
//! let me = Identity::load(Path::new("cleveland.key"), None)?;
//! let memory = Memory::open(Path::new("cleveland.memory"), &me.signing().public())?;
//!
//! // 1. Draft: contract text with blanks; a contract keeps every rule.
//! let mut draft = Draft::new(text);
//! draft.card(&me.card())?.random(&mut random())?;
//!
//! // 2. Sign: the file goes from party to party; complete, it is a contract that all agreed to.
//! let mut file = ContractFile::new(draft.contract()?);
//! file.sign(&me)?;
//! let signed = file.complete()?;
//! let contract = signed.contract();
//! memory.remember_contract(&signed)?;
//!
//! // Encrypt at home. The key stays in the memory.
//! let source = DatasetSource { csv: Path::new("patients.csv"), contract, dataset: "patients", folder: Path::new(".") };
//! let dataset = encrypt_dataset(source, &me, &memory, &mut random(), &mut |_| {})?;
//! let host = Host::new(&HostOptions::new("https://host.example"))?;
//! host.upload(&dataset, &me, &mut |_| {}).await?;
//!
//! // 3. Appraise: the enclave proves which code it is, and that its key is its own.
//! let room = host.find_room(&contract.id()).await?.ok_or("no room yet")?;
//! let appraised = room.appraise(contract, &me, draw_challenge(&mut random()), &Stricter::as_signed(), now()).await?;
//! for check in appraised.checks() {
//!     println!("{check}");
//! }
//!
//! // 4. Grant: only an appraised room reviews a proposal, only a reviewed one is granted, and it is written down first.
//! host.settle(contract, &memory).await?;
//! let proposal = room.proposal().await?.ok_or("no proposal yet")?;
//! let request = room.fetch_request(&proposal).await?;
//! let reviewed = appraised.review(proposal.brought(request.as_ref()), &me, &memory, now())?;
//! println!("{}", reviewed.explain());
//! let granted = reviewed.grant(&me, &memory, GrantTimes { clock: now(), expires: now() + 3600 }, &mut random())?;
//! room.send_grant(&granted, &me).await?;
//!
//! // 5. Open: only what a verified receipt names, and only for its recipients.
//! let receipt = receipt.verify(contract).map(|_| receipt)?;
//! let object = receipt.allegation().outputs.first().ok_or("nothing left")?.object;
//! let manifest = host.download(&object, Path::new("summary.body"), &mut |_| {}).await?;
//! let body = std::fs::File::open("summary.body")?;
//! let opened = open_result(contract, &me, receipt, &manifest.encode(), body)?;
//! println!("{}", opened.plaintext.csv);
//! # Ok(())
//! # }
//! ```
//!
//! [`Host`] and [`Room`] are asynchronous (tokio); [`blocking`] has both with the same methods for programs without a
//! runtime. Everything else is synchronous, does no network I/O, and takes the time and randomness as arguments; [`now`] and
//! [`random`] are the system's. [`Memory`] is what a party's limits rest on: keep it, and never restore it from a backup.
//! [`ReceiptBundle`] is for who was not there.
//!
//! `docs/sdk.md` tells the whole; `protocol/SPEC.md` says every byte.
#![forbid(unsafe_code)]
#![cfg_attr(doctest, doc = include_str!("../README.md"))]

#[cfg(feature = "client")]
pub mod blocking;

#[cfg(feature = "agent")]
mod agent;
mod appraise;
mod bundle;
mod cheating;
mod checks;
#[cfg(feature = "client")]
mod client;
mod clock;
mod contract_file;
mod dataset;
mod draft;
mod evaluate;
mod evidence;
mod file;
mod forking;
mod grant;
mod identity;
mod log;
mod memory;
mod open;
mod passphrase;
mod policy;
mod recovery;
mod request;
mod review;
mod statement;
#[cfg(test)]
mod testing;
mod witness;

#[cfg(feature = "agent")]
pub use agent::{
    AGENT_CONTRACTS_LIMIT, Agent, AgentConfig, AgentConfigError, AgentContract, AgentError, AgentPlan, AgentWitness,
    Approve, agent_token,
};
pub use appraise::{AppraisalError, AppraisedRoom, Refusal, RoomCheck, appraise, draw_challenge};
pub use bundle::{BUNDLE_LIMIT, BundleCheck, BundleError, BundleReport, ReceiptBundle};
pub use cheating::{Cheating, CheatingError};
#[cfg(feature = "client")]
pub use client::{
    Accepted, AskError, EndedView, FetchedRequest, Host, HostError, HostOptions, HostProblem, HostProposal, OpenedRoom,
    PagePlace, RemoteWitness, Room, RoomPhase, RoomStatus, UploadState, WantedRun,
};
pub use clock::{now, random};
pub use contract_file::{ContractFile, ContractFileError};
pub use dataset::{DatasetError, DatasetSource, EncryptedDataset, Progress, encrypt_dataset};
pub use draft::{Draft, DraftError};
pub use evaluate::{Evaluation, evaluate};
pub use evidence::{EvidenceBundle, OperatorEnvelope};
pub use forking::Forking;
pub use grant::{GrantError, GrantTimes, Granted};
pub use identity::{Card, Identity, IdentityError};
pub use log::{
    ENTRIES_LIMIT, LOG_LIMIT, LogDemand, LogEnclave, LogEntry, LogFailure, LogFileError, NoteKey, NoteKeyError,
    ReceiptLog, VerifiedLog,
};
pub use memory::{ContractState, GrantRecord, GrantState, Head, Memory, MemoryError, Settled, Settlement, Tally};
pub use open::{OpenError, OpenedResult, RESULT_LIMIT, open_result, open_witnessed_result};
pub use passphrase::Passphrase;
pub use policy::Stricter;
#[cfg(feature = "storage")]
pub use redb::StorageBackend;
pub use request::{BroughtRequest, PreparedRequest, REQUEST_LIMIT, RequestError, make_request};
pub use review::{BroughtProposal, ReviewError, ReviewedProposal};
pub use sealroom_attestation as attestation;
pub use sealroom_protocol as protocol;
pub use sealroom_protocol::contract::{ArgumentValue, Arguments, Contract, SignedContract};
pub use sealroom_protocol::identity::SigningPublicKey;
pub use sealroom_protocol::recovery::{GivenShare, RecoveryError, RecoverySet};
pub use sealroom_protocol::run::{
    Proposal, Receipt, SignedGrant, SignedReceipt, SignedStatement, SignedStop, Stop, StopCause,
};
pub use statement::{REASON_LIMIT, StatementError, state_operator, state_region, stop};
#[cfg(feature = "witness")]
pub use witness::serve_witness;
pub use witness::{Witness, WitnessError};
