//! Door 2 of 2: everything that leaves is made here, and nowhere else.
//!
//! What always holds: an [`Outgoing`] cannot be made outside this file. Results leave only after output rules decided,
//! only encrypted to the contract's recipients, and only together with their signed receipt, which is made after the
//! keys of the run and of its inputs are wiped. Nothing that depends on data leaves in the clear: neither an error text
//! nor a count of rows.

use crate::chain::Head;
use crate::grants::Grants;
use crate::output_rules;
use crate::program::ProgramFailure;
use crate::refusal::Refusal;
use crate::run::Run;
use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;
use rand_core::CryptoRng;
use sealroom_protocol::binding::ChallengeList;
use sealroom_protocol::contract::{Contract, ResultTerms};
use sealroom_protocol::encryption::encrypt_to;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::{SigningPublicKey, SigningSecret};
use sealroom_protocol::message::{self, EnclaveMessage, FrameError};
use sealroom_protocol::object::{DataKey, Manifest, Writer};
use sealroom_protocol::provider::AeadProvider;
use sealroom_protocol::run::{
    Count, Ending, GAP_LISTED, Outcome, Output, Proposal, Receipt, ResultHeader, SignedProposal, SignedReceipt,
    SignedStatement, SignedStop, Stanza,
};
use zeroize::Zeroizing;

/// Bytes of a result's body in one message.
const PART_LENGTH: usize = 1 << 20;

/// A message that may leave.
#[derive(Debug)]
pub struct Outgoing(EnclaveMessage);

impl Outgoing {
    /// The frame to send.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] when a manifest would not fit, which the contract's quota of bytes rules out.
    pub fn encode(&self) -> Result<Vec<u8>, FrameError> {
        message::encode(&self.0)
    }
}

pub(crate) fn opened(enclave_key: &SigningPublicKey) -> Outgoing {
    Outgoing(EnclaveMessage::Opened { enclave_key: *enclave_key.as_bytes() })
}

pub(crate) fn evidence(evidence: Vec<u8>, endorsements: Vec<Vec<u8>>, challenges: &ChallengeList) -> Outgoing {
    Outgoing(EnclaveMessage::Evidence { evidence, endorsements, challenges: challenges.as_slice().to_vec() })
}

pub(crate) const fn brought(object: ObjectId) -> Outgoing {
    Outgoing(EnclaveMessage::Brought { object })
}

pub(crate) fn proposed(proposal: &SignedProposal) -> Outgoing {
    Outgoing(EnclaveMessage::Proposed { proposal: proposal.encode() })
}

pub(crate) const fn accepted(missing: Vec<String>, statement_missing: bool) -> Outgoing {
    Outgoing(EnclaveMessage::Accepted { missing, statement_missing })
}

pub(crate) const fn ended() -> Outgoing {
    Outgoing(EnclaveMessage::Ended)
}

/// A refusal of a message; public, since the process also refuses frames and unexpected groups.
#[must_use]
pub fn refused(refusal: &Refusal) -> Outgoing {
    Outgoing(EnclaveMessage::Refused(refusal.to_message()))
}

/// Asks the host for a group of an object that the run was granted.
#[must_use]
pub const fn read(object: ObjectId, index: u64) -> Outgoing {
    Outgoing(EnclaveMessage::Read { object, index })
}

/// Everything a receipt says but the outputs.
pub(crate) struct Ended<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) proposal: &'a Proposal,
    pub(crate) head: &'a Head,
    pub(crate) grants: &'a Grants,
    pub(crate) statement: Option<&'a SignedStatement>,
    pub(crate) stop: Option<&'a SignedStop>,
    pub(crate) outcome: Outcome,
    pub(crate) ending: Ending,
    pub(crate) time: u64,
}

pub(crate) fn receipt(ended: &Ended<'_>, outputs: Vec<Output>, signing: &SigningSecret) -> Outgoing {
    let counts = ended.grants.counts().map(|(party, said)| {
        let before = ended.head.count(party);
        let after = match ended.outcome {
            Outcome::Complete => before.saturating_add(1).max(said),
            Outcome::Void => before,
        };
        Count { party: party.into(), before, after }
    });
    let receipt = Receipt {
        contract: ended.contract.id(),
        outcome: ended.outcome,
        ending: ended.ending,
        proposal: ended.proposal.clone(),
        grants: ended.grants.envelopes(),
        statement: ended.statement.map(|statement| statement.envelope().clone()),
        stop: ended.stop.map(|stop| stop.envelope().clone()),
        outputs,
        counts: counts.collect(),
        gap: (ended.head.run().saturating_add(1)..ended.proposal.run).take(GAP_LISTED).collect(),
        time: ended.time,
    };
    Outgoing(EnclaveMessage::Receipt { receipt: SignedReceipt::sign(receipt, signing).encode() })
}

/// Ends a run: its results (or none) and its complete receipt.
pub(crate) fn run(
    mut run: Run,
    time: u64,
    signing: &SigningSecret,
    provider: &dyn AeadProvider,
    rng: &mut dyn CryptoRng,
) -> Vec<Outgoing> {
    let outcome = run.outcome.take().unwrap_or(Err(ProgramFailure::Input));
    run.forget_inputs();
    let mut results = Vec::new();
    let ending = if run.stop().is_some() {
        Ending::Stopped
    } else {
        // What a run needed depends on data, and so does whether a number fits: such an end looks like any other.
        let tables = match outcome {
            Ok(tables) => Some(Some(tables)),
            Err(ProgramFailure::Work | ProgramFailure::Memory | ProgramFailure::Overflow) => Some(None),
            Err(ProgramFailure::Input | ProgramFailure::Stopped) => None,
        };
        let made = tables.and_then(|mut tables| {
            let results = &run.terms().results;
            let mut encrypt = |terms: &ResultTerms| {
                let plaintext = match &mut tables {
                    Some(tables) => output_rules::apply(terms, tables.remove(&terms.name)?),
                    None => output_rules::limit_reached(terms),
                };
                EncryptedResult::new(&run, terms, &plaintext, provider, rng)
            };
            results.iter().map(&mut encrypt).collect::<Option<Vec<_>>>()
        });
        match made {
            Some(made) => {
                results = made;
                Ending::Released
            }
            None => Ending::Failed,
        }
    };
    let outputs = results.iter().zip(&run.terms().results).map(|(result, terms)| Output {
        name: terms.name.clone(),
        recipients: terms.recipients.clone(),
        object: result.manifest.id(),
    });
    let outputs = outputs.collect();
    let ended = Ended {
        contract: run.contract(),
        proposal: run.proposal.allegation(),
        head: &run.head,
        grants: &run.grants,
        statement: run.statement.as_ref(),
        stop: run.stop(),
        outcome: Outcome::Complete,
        ending,
        time,
    };
    let receipt = receipt(&ended, outputs, signing);
    let mut messages = Vec::new();
    for result in results {
        for part in result.body.chunks(PART_LENGTH) {
            messages.push(Outgoing(EnclaveMessage::OutputPart { name: result.name.clone(), bytes: part.to_vec() }));
        }
        let manifest = result.manifest.encode();
        messages.push(Outgoing(EnclaveMessage::OutputEnd { name: result.name, manifest }));
    }
    messages.push(receipt);
    messages
}

/// A result, encrypted to its recipients.
struct EncryptedResult {
    name: String,
    body: Vec<u8>,
    manifest: Manifest,
}

impl EncryptedResult {
    fn new(
        run: &Run,
        terms: &ResultTerms,
        plaintext: &Zeroizing<Vec<u8>>,
        provider: &dyn AeadProvider,
        rng: &mut dyn CryptoRng,
    ) -> Option<Self> {
        let proposal = run.proposal.allegation();
        let key = DataKey::generate(rng);
        let mut stanzas = Vec::with_capacity(terms.recipients.len());
        for recipient in run.contract().recipients(terms) {
            let associated_data =
                Stanza::associated_data(&proposal.contract, proposal.run, &proposal.id(), &terms.name, &recipient.name);
            let encrypted =
                encrypt_to(&recipient.encryption_key, Stanza::LABEL, &associated_data, key.expose_secret(), rng)
                    .ok()?;
            stanzas.push(Stanza::new(recipient.name.clone(), encrypted));
        }
        let header = ResultHeader::new(proposal.contract, proposal.run, proposal.id(), terms.name.clone(), stanzas);
        let mut body = Vec::new();
        let mut sink = |bytes: &[u8]| {
            body.extend_from_slice(bytes);
            Ok::<(), Infallible>(())
        };
        let mut writer = Writer::new(provider, &key, &header.encode(), rng).ok()?;
        writer.write(plaintext, &mut sink).ok()?;
        let manifest = writer.finish(&mut sink).ok()?;
        Some(Self { name: terms.name.clone(), body, manifest })
    }
}
