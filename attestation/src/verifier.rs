//! The Verifier (RFC 9334 section 4.1): provider and policy together. It walks the steps, or hands out the first of them.

use crate::authentic::Authentic;
use crate::challenge::Binding;
use crate::crypto::{Crypto, CryptoProvider, VerifiedSignatures};
use crate::endorsements::Endorsements;
use crate::evidence::Evidence;
use crate::policy::Policy;
use crate::result::AttestationResult;
use crate::verdict::Rejection;

/// Appraises Evidence under one policy.
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'p> {
    provider: CryptoProvider,
    policy: &'p Policy,
}

impl<'p> Verifier<'p> {
    /// A Verifier that judges by `policy`, with `provider`'s cryptography.
    #[must_use]
    pub fn new(provider: CryptoProvider, policy: &'p Policy) -> Self {
        Self { provider, policy }
    }

    /// All steps: is it genuine, does it answer us, is it good enough. `now_unix_seconds` is the time that certificates are
    /// judged at.
    ///
    /// # Errors
    /// A [`Rejection`] with every check, when no accept block of the policy holds in full.
    pub fn appraise(
        &self,
        evidence: Evidence,
        endorsements: &Endorsements,
        binding: Binding,
        now_unix_seconds: u64,
    ) -> Result<AttestationResult, Rejection> {
        self.authenticate(evidence, endorsements, now_unix_seconds)?.answering(binding)?.accept()
    }

    /// As [`Verifier::appraise`], but signatures on Endorsements that are in `verified` are not verified a second time, and
    /// those that verify now are put there. Every other check is made.
    ///
    /// # Errors
    /// As for [`Verifier::appraise`].
    pub fn appraise_remembering(
        &self,
        verified: &mut VerifiedSignatures,
        evidence: Evidence,
        endorsements: &Endorsements,
        binding: Binding,
        now_unix_seconds: u64,
    ) -> Result<AttestationResult, Rejection> {
        let crypto = Crypto::remembering(self.provider, verified);
        Authentic::judge(evidence, self.policy, endorsements, &crypto, now_unix_seconds)?.answering(binding)?.accept()
    }

    /// The first step alone: which accept blocks trust the platform that signed this.
    ///
    /// # Errors
    /// A [`Rejection`], when under no accept block the Evidence is authentic.
    pub fn authenticate(
        &self,
        evidence: Evidence,
        endorsements: &Endorsements,
        now_unix_seconds: u64,
    ) -> Result<Authentic<'p>, Rejection> {
        Authentic::judge(evidence, self.policy, endorsements, &Crypto::new(self.provider), now_unix_seconds)
    }
}
