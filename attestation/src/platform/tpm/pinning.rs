//! The strictest policy that a quote could pass: all that it says, demanded, but for which TPM a certified key is of. Nothing is
//! verified by this.

use alloc::string::String;
use alloc::vec;

use super::authenticity::is_for_attestation;
use super::evidence::{Evidence, Key};
use super::policy::{Accept, AttestationKey, BootCount, QuoteRules, Register};
use super::quote::Quote;
use crate::anchor::TrustAnchor;
use crate::event_log::{Algorithm, Digest};
use crate::measurement::Measurement;
use crate::policy::{Requirement, Rule};

impl Accept {
    /// Under an anchor that somebody names: the root of the key's certificate, or the key where there is none.
    pub(crate) fn pinning(evidence: &Evidence, trust_anchor: TrustAnchor, name: String) -> Self {
        let (attestation_key, revocation, machines) = match evidence.key {
            Key::Certificate(_) => {
                // A machine is named by a digest of its key, and nothing is computed here.
                let every =
                    "every tpm that the root certifies, until somebody writes the sha-256 of this one's key here";
                (AttestationKey::Certified, Requirement::Required, every)
            }
            Key::Public(_) => {
                let none = Requirement::skip("the key itself is pinned: there is no certificate");
                (AttestationKey::Pinned, none, "the pinned key is of one tpm")
            }
        };
        let key_purpose = match &evidence.key {
            Key::Certificate(certificate) if !is_for_attestation(certificate) => {
                Requirement::skip("the key's certificate does not say that it is for an attestation key")
            }
            _ => Requirement::Required,
        };
        Self {
            name,
            trust_anchor,
            attestation_key,
            key_purpose,
            revocation,
            machines: Rule::skip(machines),
            quote: QuoteRules::pinning(&evidence.quote),
        }
    }
}

impl QuoteRules {
    pub(crate) fn pinning(quote: &Quote) -> Self {
        let attest = &quote.attest;
        let registers = quote.values.iter().map(|(index, value)| Register {
            index: *index,
            values: match measurement(value) {
                Some(value) => Rule::Require(vec![value]),
                None => Rule::skip("of a bank that is never accepted"),
            },
        });
        Self {
            bank: quote.bank,
            registers: registers.collect(),
            event_log: Rule::skip("the registers are pinned whole"),
            safe_clock: match attest.safe {
                true => Requirement::Required,
                false => Requirement::skip("the tpm's clock was not saved yet"),
            },
            boots: Rule::Require(vec![BootCount { resets: attest.reset_count, restarts: attest.restart_count }]),
            firmware_versions: Rule::Require(vec![attest.firmware_version]),
        }
    }
}

fn measurement(value: &Digest) -> Option<Measurement> {
    let bytes = value.as_bytes();
    match value.algorithm() {
        Algorithm::Sha256 => bytes.try_into().ok().map(Measurement::sha256),
        Algorithm::Sha384 => bytes.try_into().ok().map(Measurement::sha384),
        Algorithm::Sha512 => bytes.try_into().ok().map(Measurement::sha512),
        Algorithm::Sha1 | Algorithm::Sm3 => None,
    }
}
