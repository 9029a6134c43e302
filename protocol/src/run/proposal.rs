//! The proposal: all of one run in one digest, signed by the enclave.
//!
//! What always holds: a [`ProposalId`] covers contract, run, head, every dataset and request, the enclave's signing key
//! and the run's encryption key; whoever grants it grants exactly that.

use super::{SignedError, decode_signed};
use crate::canonical;
use crate::dsse::{Envelope, EnvelopeError, PayloadType};
use crate::hash::labelled_sha256;
use crate::id::{ContractId, ObjectId, ProposalId, ReceiptId, RequestId};
use crate::identity::{EncryptionPublicKey, SigningPublicKey, SigningSecret};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Largest run number: every JSON reader holds it exactly (2^53 - 1).
pub const RUN_NUMBER_LIMIT: u64 = (1 << 53) - 1;

/// What the enclave proposes to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct Proposal {
    /// The contract.
    pub contract: ContractId,
    /// The run number: never used before by an honest party. Begins at 1.
    pub run: u64,
    /// The newest complete receipt that was brought, unless there was none.
    pub head: Option<ReceiptId>,
    /// Run number of that receipt; 0 without one.
    pub head_run: u64,
    /// What will be read, in the contract's order.
    pub datasets: Vec<ProposedDataset>,
    /// What is asked, where the contract leaves a choice.
    pub request: Option<ProposedRequest>,
    /// The enclave's signing key, as its Evidence binds it.
    pub enclave_key: SigningPublicKey,
    /// The key that this run's grants are encrypted to. It serves this run only.
    pub run_key: EncryptionPublicKey,
}

/// One dataset of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct ProposedDataset {
    /// Its name in the contract.
    pub name: String,
    /// Which object.
    pub object: ObjectId,
}

/// The request of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct ProposedRequest {
    /// Who asks, by name in the contract.
    pub requester: String,
    /// The request's id.
    pub request: RequestId,
    /// Which object holds the arguments.
    pub object: ObjectId,
}

/// A proposal with the enclave's signature, not yet compared with an attested key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedProposal {
    envelope: Envelope,
    proposal: Proposal,
}

impl Proposal {
    /// The id that grants name.
    #[must_use]
    pub fn id(&self) -> ProposalId {
        ProposalId::from_bytes(labelled_sha256("sealroom/1 proposal", &[&canonical::encode(self)]))
    }
}

impl SignedProposal {
    /// Signs a proposal with the key that it names.
    #[must_use]
    pub fn sign(proposal: Proposal, enclave: &SigningSecret) -> Self {
        let envelope = Envelope::signed(PayloadType::Proposal, canonical::encode(&proposal), enclave);
        Self { envelope, proposal }
    }

    /// Decodes a proposal; its signature by the key that it names itself must hold. That this key is an appraised
    /// enclave's is for [`verify`](Self::verify).
    ///
    /// # Errors
    /// [`SignedError`] naming what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, SignedError> {
        let (envelope, proposal) = decode_signed::<Proposal>(bytes, PayloadType::Proposal)?;
        envelope.verify_all(&[proposal.enclave_key])?;
        Ok(Self { envelope, proposal })
    }

    /// The proposal, once it is known to be signed by this attested key.
    ///
    /// # Errors
    /// [`EnvelopeError::Missing`] when it is another enclave's.
    pub fn verify(&self, attested: &SigningPublicKey) -> Result<&Proposal, EnvelopeError> {
        self.envelope.verify_all(&[*attested])?;
        Ok(&self.proposal)
    }

    /// What it says, whoever signed it.
    #[must_use]
    pub const fn allegation(&self) -> &Proposal {
        &self.proposal
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.envelope.encode()
    }
}
