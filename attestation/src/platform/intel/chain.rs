//! Steps 2 and 3: the PCK chain from the quote, Intel's TCB Signing certificates beside it, and both revocation lists.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::checks;
use crate::certificate::Certificate;
use crate::chain::{Chain, Revocable};
use crate::crypto::{Crypto, PublicKey, SignatureKind};
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::policy::Requirement;
use crate::text::joined;

pub(super) const ROOT_CA: &str = "Intel SGX Root CA";
pub(super) const PLATFORM_CA: &str = "Intel SGX PCK Platform CA";
pub(super) const PROCESSOR_CA: &str = "Intel SGX PCK Processor CA";
const PCK: &str = "Intel SGX PCK Certificate";
pub(super) const TCB_SIGNING: &str = "Intel SGX TCB Signing";

/// Leaf, issuer and root of the PCK chain, and those who signed TCB info and QE identity, each once.
pub(super) struct Certificates<'a> {
    pub(super) pck: &'a Certificate,
    pub(super) issuer: &'a Certificate,
    pub(super) root: &'a Certificate,
    pub(super) signers: Vec<&'a Certificate>,
}

impl<'a> Certificates<'a> {
    pub(super) fn new([pck, issuer, root]: &'a [Certificate; 3], signers: [Option<&'a Certificate>; 2]) -> Self {
        let mut distinct: Vec<&Certificate> = Vec::new();
        for signer in signers.into_iter().flatten() {
            if !distinct.contains(&signer) {
                distinct.push(signer);
            }
        }
        Self { pck, issuer, root, signers: distinct }
    }

    /// One of the leaf, one of each signer. Each check is entered for all of them; the worst counts.
    pub(super) fn chains(&self) -> Vec<Chain<'a>> {
        let pck = Chain { leaf: self.pck, intermediates: Vec::from([self.issuer]), root: self.root };
        let signers =
            self.signers.iter().map(|signer| Chain { leaf: signer, intermediates: Vec::new(), root: self.root });
        [pck].into_iter().chain(signers).collect()
    }

    /// Step 2: names, algorithms, key kinds, constraints, as Intel's certificates have them ("Intel SGX PCK Certificate and
    /// CRL Profile Specification").
    pub(super) fn judge_shape(&self, ledger: &mut Ledger) {
        const EXPECTED: &str = "PCK, CA and root, and TCB signing, in the shape of Intel's";
        let mut problems: Vec<String> = Vec::new();
        for certificate in self.all() {
            let name = certificate.subject();
            if !certificate.is_version_3 {
                problems.push(format!("{name} is not of version 3"));
            }
            if certificate.signature_kind != Some(SignatureKind::EcdsaP256Sha256Der) {
                problems.push(format!("{name} is not signed with ECDSA and SHA-256"));
            }
            if !matches!(certificate.key, PublicKey::P256(_)) {
                problems.push(format!("{name} has no P-256 key"));
            }
            if let Some(oid) = certificate.unknown_critical_extension() {
                problems.push(format!("{name} has the unknown critical extension {oid}"));
            }
        }
        self.judge_names(&mut problems);
        for authority in [self.issuer, self.root] {
            if !authority.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca) {
                problems.push(format!("{} is no certificate authority", authority.subject()));
            }
            if !authority.key_usage.as_ref().is_some_and(|usage| usage.key_cert_sign()) {
                problems.push(format!("{} may not sign certificates", authority.subject()));
            }
        }
        for leaf in [self.pck].iter().chain(&self.signers) {
            if leaf.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca) {
                problems.push(format!("{} is a certificate authority", leaf.subject()));
            }
            if !leaf.key_usage.as_ref().is_some_and(|usage| usage.digital_signature()) {
                problems.push(format!("{} may not sign", leaf.subject()));
            }
        }
        // RFC 5280 section 4.2.1.9: how many authorities may stand below the root. One does.
        if self.root.basic_constraints.as_ref().and_then(|constraints| constraints.path_len_constraint) == Some(0) {
            problems.push(format!("{} allows no authority below it", self.root.subject()));
        }
        let found = if problems.is_empty() { String::from(EXPECTED) } else { joined(&problems, "; ") };
        ledger.judge(&checks::CHAIN, problems.is_empty(), EXPECTED, found);
    }

    fn judge_names(&self, problems: &mut Vec<String>) {
        let mut expect = |certificate: &Certificate, names: &[&str], issuer: &Certificate| {
            let name = certificate.subject();
            if !names.contains(&name) {
                problems.push(format!("\"{name}\" stands where {} belongs", joined(names, " or ")));
            }
            if certificate.issuer != issuer.subject {
                problems.push(format!(
                    "{name} names the issuer \"{}\", not {}",
                    certificate.issuer(),
                    issuer.subject()
                ));
            }
        };
        expect(self.pck, &[PCK], self.issuer);
        expect(self.issuer, &[PLATFORM_CA, PROCESSOR_CA], self.root);
        expect(self.root, &[ROOT_CA], self.root);
        for signer in &self.signers {
            expect(signer, &[TCB_SIGNING], self.root);
        }
    }

    fn all(&self) -> impl Iterator<Item = &'a Certificate> {
        [self.pck, self.issuer, self.root].into_iter().chain(self.signers.iter().copied())
    }

    /// Step 3: the root's list for the CA and the TCB signers, the CA's list for the PCK certificate. Returns when the first of
    /// the two ends, where they were used.
    pub(super) fn judge_revocation(
        &self,
        requirement: &Requirement,
        endorsements: &Endorsements,
        crypto: &Crypto<'_>,
        now: u64,
        ledger: &mut Ledger,
    ) -> Option<u64> {
        let expected = format!(
            "current revocation lists of {} and {} that list no certificate of the chains",
            self.root.subject(),
            self.issuer.subject()
        );
        let below_root = [self.issuer].into_iter().chain(self.signers.iter().copied());
        let links = below_root.map(|certificate| (certificate, self.root)).chain([(self.pck, self.issuer)]).collect();
        Revocable { expected: expected.into(), links, unlisted: Vec::new() }.judge(
            requirement,
            endorsements,
            crypto,
            now,
            ledger,
        )
    }
}
