//! Reviewing a proposal: everything that must hold before a party says yes, and what it says yes to in plain words.
//!
//! What always holds: having a [`ReviewedProposal`] means that the appraised enclave signed it, that it is for this contract
//! and time, that its datasets are what this party encrypted, that its request was read and is one that the contract allows,
//! and that the party's memory would take it. It serves one grant.

use crate::appraise::AppraisedRoom;
use crate::contract_file::{ContractFileError, check_party};
use crate::identity::Identity;
use crate::memory::{Memory, MemoryError};
use crate::request::{BroughtRequest, RequestError, argument_text, read_request};
use sealroom_protocol::contract::{Arguments, Contract, time_text};
use sealroom_protocol::dsse::EnvelopeError;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::run::{Proposal, RUN_NUMBER_LIMIT, SignedError, SignedProposal};

/// What the host brings for a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a proposal and what belongs to it")]
pub struct BroughtProposal<'a> {
    /// The proposal's envelope.
    pub proposal: &'a [u8],
    /// The request, where the contract leaves a choice.
    pub request: Option<BroughtRequest<'a>>,
}

/// Why a proposal is refused. Nothing was written down, and no key left this machine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// The identity is not the party that the contract lists.
    #[error(transparent)]
    Party(#[from] ContractFileError),
    /// The party has nothing to grant.
    #[error(
        "expected a party that has something to grant under this contract, found \"{party}\"; runs do not wait for it"
    )]
    NothingToGrant {
        /// The party.
        party: String,
    },
    /// The proposal's form.
    #[error("expected the envelope of a proposal, found: {0}; ask the host for the enclave's own")]
    Form(#[from] SignedError),
    /// Another enclave signed it than the one that was appraised.
    #[error(
        "expected a proposal by the enclave that you appraised, found: {0}; grant nothing: the host shows you one enclave and lets another propose"
    )]
    Enclave(EnvelopeError),
    /// It is for another contract, or contradicts itself or the contract.
    #[error(
        "the proposal's {what}: expected what the contract and its other fields demand, found another; grant nothing, and ask for a new proposal"
    )]
    Content {
        /// What does not fit.
        what: &'static str,
    },
    /// The contract's time has not come.
    #[error("expected a time not before the contract's begin, {}, found {} by this machine's clock; wait, or set the clock", time_text(*.not_before), time_text(*.now))]
    TooEarly {
        /// First second.
        not_before: u64,
        /// The time given.
        now: u64,
    },
    /// The contract's time is over.
    #[error("expected a time before the contract's end, {}, found {} by this machine's clock; agree on an amendment (sealroom contract amend), or set the clock", time_text(*.expires), time_text(*.now))]
    Expired {
        /// First second after.
        expires: u64,
        /// The time given.
        now: u64,
    },
    /// The appraisal is too old: a certificate or revocation list that it rests on has expired since.
    #[error("expected a time before the end of the appraisal, {}, found {} by this machine's clock; appraise the room again", time_text(*.valid_until), time_text(*.now))]
    StaleAppraisal {
        /// First second at which it no longer holds.
        valid_until: u64,
        /// The time given.
        now: u64,
    },
    /// The proposal names a request, and none was brought.
    #[error(
        "expected the request that the proposal names, found none; nothing is granted unseen, so ask the host for it"
    )]
    RequestMissing,
    /// The request.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// This party's memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// A proposal that this party may grant.
///
/// ```compile_fail
/// fn without_appraisal(proposal: sealroom::Proposal) -> sealroom::ReviewedProposal<'static> {
///     sealroom::ReviewedProposal { proposal }
/// }
/// ```
#[derive(Debug)]
pub struct ReviewedProposal<'room> {
    pub(crate) room: &'room AppraisedRoom,
    pub(crate) proposal: Proposal,
    pub(crate) party: String,
    arguments: Option<Arguments>,
    count_after: u64,
}

impl AppraisedRoom {
    /// Reviews a proposal for this party: `now` is this machine's clock in Unix seconds. Settle the host's receipts first
    /// ([`Memory::settle`]), or a proposal that goes on from them is refused.
    ///
    /// # Errors
    /// [`ReviewError`].
    pub fn review(
        &self,
        brought: BroughtProposal<'_>,
        identity: &Identity,
        memory: &Memory,
        now: u64,
    ) -> Result<ReviewedProposal<'_>, ReviewError> {
        let contract = self.contract();
        check_party(contract, identity)?;
        let party = identity.name().to_owned();
        if !contract.granting_parties().iter().any(|granting| granting.name == party) {
            return Err(ReviewError::NothingToGrant { party });
        }
        let signed = SignedProposal::decode(brought.proposal)?;
        let proposal = signed.verify(self.enclave_key()).map_err(ReviewError::Enclave)?.clone();
        check_content(contract, self, &proposal)?;
        let terms = contract.terms();
        if now < terms.not_before {
            return Err(ReviewError::TooEarly { not_before: terms.not_before, now });
        }
        if now >= terms.expires {
            return Err(ReviewError::Expired { expires: terms.expires, now });
        }
        let valid_until = self.attestation().valid_until_unix_seconds();
        if now >= valid_until {
            return Err(ReviewError::StaleAppraisal { valid_until, now });
        }
        let count_after = memory.check_proposal(contract, &proposal)?;
        let arguments = match &proposal.request {
            None => None,
            Some(proposed) => {
                let brought = brought.request.ok_or(ReviewError::RequestMissing)?;
                read_request(contract, identity, memory, proposed, brought)?
            }
        };
        Ok(ReviewedProposal { room: self, proposal, party, arguments, count_after })
    }
}

fn check_content(contract: &Contract, room: &AppraisedRoom, proposal: &Proposal) -> Result<(), ReviewError> {
    let terms = contract.terms();
    let pinned =
        |(terms, proposed): (&sealroom_protocol::contract::Dataset, &sealroom_protocol::run::ProposedDataset)| {
            terms.object.is_none_or(|object| object == proposed.object)
        };
    let what = if proposal.contract != contract.id() {
        "contract"
    } else if proposal.enclave_key != *room.enclave_key() {
        "enclave key"
    } else if proposal.run == 0 || proposal.run > RUN_NUMBER_LIMIT || proposal.head_run >= proposal.run {
        "run number"
    } else if proposal.head.is_some() != (proposal.head_run > 0) {
        "head"
    } else if !proposal
        .datasets
        .iter()
        .map(|dataset| &dataset.name)
        .eq(terms.datasets.iter().map(|dataset| &dataset.name))
    {
        "list of datasets"
    } else if !terms.datasets.iter().zip(&proposal.datasets).all(pinned) {
        "objects, of which the contract pins another,"
    } else if proposal.request.is_some() != contract.leaves_choices() {
        "request"
    } else {
        return Ok(());
    };
    Err(ReviewError::Content { what })
}

impl ReviewedProposal<'_> {
    /// The proposal.
    #[must_use]
    pub const fn proposal(&self) -> &Proposal {
        &self.proposal
    }

    /// What the requester chose; none where the contract leaves no choice, or where this party may not read it.
    #[must_use]
    pub const fn arguments(&self) -> Option<&Arguments> {
        self.arguments.as_ref()
    }

    /// This party's count once it has granted.
    #[must_use]
    pub const fn count_after(&self) -> u64 {
        self.count_after
    }

    /// Runs that this party may grant after this one.
    #[must_use]
    pub fn runs_left(&self) -> u64 {
        self.room.contract().terms().limits.runs.saturating_sub(self.count_after)
    }

    /// What this party says yes to, in plain words.
    #[must_use]
    pub fn explain(&self) -> String {
        let terms = self.room.contract().terms();
        let proposal = &self.proposal;
        let mut text = format!(
            "Run number {}, {} of the {} runs that you grant at most, proposal {}: ",
            proposal.run,
            self.count_after,
            terms.limits.runs,
            short(&proposal.id().to_string())
        );
        match (&proposal.request, &self.arguments) {
            (Some(request), Some(arguments)) => {
                let chosen: Vec<String> =
                    arguments.iter().map(|(name, value)| format!("{name} = {}", argument_text(value))).collect();
                text.push_str(&format!("{} asks {} \"{}\"", request.requester, terms.program.name, chosen.join(", ")));
            }
            (Some(request), None) => {
                text.push_str(&format!(
                    "{} asks {} with arguments that only it and the data parties read",
                    request.requester, terms.program.name
                ));
            }
            (None, _) => text.push_str(&format!("{} as the contract says", terms.program.name)),
        }
        let over: Vec<String> = terms
            .datasets
            .iter()
            .zip(&proposal.datasets)
            .map(|(dataset, proposed)| {
                let whose = if dataset.owner == self.party { "your" } else { dataset.owner.as_str() };
                format!("{whose} {} {}", dataset.name, short_object(&proposed.object))
            })
            .collect();
        if !over.is_empty() {
            text.push_str(&format!(" over {}", over.join(", ")));
        }
        let results: Vec<String> = terms
            .results
            .iter()
            .map(|result| format!("{} to {}", result.name, result.recipients.join(" and ")))
            .collect();
        text.push_str(&format!(". Results: {}.", results.join("; ")));
        if self.room.simulated() {
            text.push_str(" The platform is SIMULATED: no hardware protects the data.");
        }
        text.push_str(&format!(" Your limit after this: {} runs.", self.runs_left()));
        text
    }
}

fn short(id: &str) -> String {
    format!("{}…", id.get(..8).unwrap_or(id))
}

fn short_object(object: &ObjectId) -> String {
    short(&object.to_string())
}
