//! A chain of three certificates, judged: pinned root, signatures, dates, revocation. The same for every platform with such
//! a chain; which names and key kinds stand in it is the platform's to say.

use alloc::format;
use alloc::string::String;

use crate::anchor::{Fingerprint, TrustAnchor, vendor_roots};
use crate::certificate::Certificate;
use crate::check::common;
use crate::crypto::{BadSignature, CryptoProvider};
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::policy::Requirement;
use crate::revocation::RevocationList;
use crate::text::{Hex, joined, utc};

/// Leaf, intermediate, root. Having one means that all three were brought, not that they belong together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain<'a> {
    pub(crate) leaf: &'a Certificate,
    pub(crate) intermediate: &'a Certificate,
    pub(crate) root: &'a Certificate,
}

impl<'a> Chain<'a> {
    pub(crate) fn certificates(&self) -> [&'a Certificate; 3] {
        [self.leaf, self.intermediate, self.root]
    }

    /// The root is compared with the pinned one; nothing that it says of itself counts.
    pub(crate) fn judge_trust_anchor(&self, anchor: &TrustAnchor, provider: CryptoProvider, ledger: &mut Ledger) {
        let found = Fingerprint::from_sha256(provider.sha256(self.root.der()));
        // Not by the name in the certificate: anyone can write a vendor's there.
        let vendor_root = vendor_roots().find(|root| root.fingerprint == found);
        let found_text = match vendor_root {
            Some(root) => format!("{} {found}", root.name),
            None if found == *anchor.fingerprint() => format!("{anchor}"),
            None => format!("a root that is no vendor's, {found}"),
        };
        ledger.judge(&common::TRUST_ANCHOR, found == *anchor.fingerprint(), anchor, found_text);
    }

    /// RSASSA-PSS with SHA-384 on both links. The root's own signature says nothing, since the root is pinned.
    pub(crate) fn judge_signatures(&self, provider: CryptoProvider, ledger: &mut Ledger) {
        let links = [(self.root, self.intermediate), (self.intermediate, self.leaf)];
        let bad = |&(issuer, subject): &(&Certificate, &Certificate)| {
            verify(provider, issuer, subject.to_be_signed(), subject.signature()).is_err()
        };
        let describe = |(issuer, subject): (&Certificate, &Certificate)| {
            format!("{} signed by {}", subject.subject(), issuer.subject())
        };
        let expected = joined(links.map(describe), ", ");
        let broken = joined(
            links
                .into_iter()
                .filter(bad)
                .map(|(issuer, subject)| format!("{} not {}", subject.subject(), issuer.subject())),
            ", ",
        );
        if broken.is_empty() {
            ledger.pass(&common::CHAIN_SIGNATURES, &expected, &expected);
        } else {
            ledger.fail(&common::CHAIN_SIGNATURES, &expected, format!("no valid signature: {broken}"));
        }
    }

    pub(crate) fn judge_time(&self, now: u64, ledger: &mut Ledger) {
        let outside = |certificate: &&Certificate| now < certificate.not_before || certificate.not_after < now;
        let describe = |certificate: &Certificate| {
            format!("{} valid {} to {}", certificate.subject(), utc(certificate.not_before), utc(certificate.not_after))
        };
        let wrong = joined(self.certificates().into_iter().filter(outside).map(describe), ", ");
        let expected = format!("all certificates valid at {}", utc(now));
        if wrong.is_empty() {
            ledger.pass(&common::TIME, expected, format!("valid until {}", utc(self.not_after())));
        } else {
            ledger.fail(&common::TIME, expected, wrong);
        }
    }

    /// The first moment at which a certificate of the chain ends.
    pub(crate) fn not_after(&self) -> u64 {
        self.certificates().iter().map(|certificate| certificate.not_after).min().unwrap_or(0)
    }

    /// Returns when the list ends, where one was used.
    pub(crate) fn judge_revocation(
        &self,
        requirement: &Requirement,
        endorsements: &Endorsements,
        provider: CryptoProvider,
        now: u64,
        ledger: &mut Ledger,
    ) -> Option<u64> {
        const EXPECTED: &str = "a current revocation list of the root that lists no certificate of the chain";
        if let Requirement::Skip { reason } = requirement {
            ledger.skip(&common::REVOCATION, reason);
            return None;
        }
        let Some(list) = endorsements.revocation_list_of(&self.root.subject) else {
            ledger.fail(&common::REVOCATION, EXPECTED, format!("no revocation list of {}", self.root.subject()));
            return None;
        };
        match self.problem_of(list, provider, now) {
            Some(problem) => {
                ledger.fail(&common::REVOCATION, EXPECTED, problem);
                None
            }
            None => {
                let until = list.next_update?;
                ledger.pass(
                    &common::REVOCATION,
                    EXPECTED,
                    format!("{} serials listed, current until {}", list.serials.len(), utc(until)),
                );
                Some(until)
            }
        }
    }

    fn problem_of(&self, list: &RevocationList, provider: CryptoProvider, now: u64) -> Option<String> {
        // RFC 5280 section 6.3.3 (f): the issuer of a list needs cRLSign.
        if !self.root.key_usage.as_ref().is_some_and(|usage| usage.crl_sign()) {
            return Some(format!("{} may not sign revocation lists", self.root.subject()));
        }
        if !list.signed_with_pss_sha384 || verify(provider, self.root, list.to_be_signed(), list.signature()).is_err() {
            return Some(format!("the revocation list is not signed by {}", self.root.subject()));
        }
        if let Some(oid) = list.unknown_critical_extension {
            return Some(format!("the revocation list has the unknown critical extension {oid}"));
        }
        let Some(next_update) = list.next_update else {
            return Some(String::from("the revocation list does not say until when it is current"));
        };
        if now < list.this_update || next_update <= now {
            let (from, to) = (utc(list.this_update), utc(next_update));
            return Some(format!("the revocation list is current from {from} to {to}, not at {}", utc(now)));
        }
        let revoked = |certificate: &&Certificate| list.serials.contains(&certificate.serial);
        let certificate = [self.leaf, self.intermediate].into_iter().find(revoked)?;
        Some(format!("{} (serial {}) is revoked", certificate.subject(), Hex(&certificate.serial)))
    }
}

fn verify(
    provider: CryptoProvider,
    issuer: &Certificate,
    message: &[u8],
    signature: &[u8],
) -> Result<(), BadSignature> {
    let key = issuer.key.rsa().ok_or(BadSignature)?;
    provider.verify_rsa_pss_sha384(key, message, signature)
}
