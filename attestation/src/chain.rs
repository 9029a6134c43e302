//! A chain of certificates, judged: pinned root, signatures, dates, revocation. The same for every platform; which names
//! and key kinds stand in it is the platform's to say.

use alloc::format;
use alloc::vec::Vec;

use crate::anchor::{Fingerprint, TrustAnchor, vendor_roots};
use crate::certificate::Certificate;
use crate::check::common;
use crate::crypto::Crypto;
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::policy::Requirement;
use crate::text::{Hex, joined, utc};

/// Leaf first, root last; each names the next as its issuer. Having one means that all were brought, not that they belong
/// together.
#[derive(Clone, Debug)]
pub(crate) struct Chain<'a> {
    pub(crate) leaf: &'a Certificate,
    /// From the leaf's issuer upwards.
    pub(crate) intermediates: Vec<&'a Certificate>,
    pub(crate) root: &'a Certificate,
}

impl<'a> Chain<'a> {
    pub(crate) fn certificates(&self) -> impl DoubleEndedIterator<Item = &'a Certificate> {
        [self.leaf].into_iter().chain(self.intermediates.iter().copied()).chain([self.root])
    }

    /// All but the root.
    pub(crate) fn below_root(&self) -> impl DoubleEndedIterator<Item = &'a Certificate> {
        [self.leaf].into_iter().chain(self.intermediates.iter().copied())
    }

    /// The root is compared with the pinned one; nothing that it says of itself counts.
    pub(crate) fn judge_trust_anchor(&self, anchor: &TrustAnchor, crypto: &Crypto<'_>, ledger: &mut Ledger) {
        let found = Fingerprint::from_sha256(crypto.sha256(self.root.der()));
        // Not by the name in the certificate: anyone can write a vendor's there.
        let vendor_root = vendor_roots().find(|root| root.fingerprint == found);
        let found_text = match vendor_root {
            Some(root) => format!("{} {found}", root.name),
            None if found == *anchor.fingerprint() => format!("{anchor}"),
            None => format!("a root that is no vendor's, {found}"),
        };
        ledger.judge(&common::TRUST_ANCHOR, found == *anchor.fingerprint(), anchor, found_text);
    }

    /// Every link, by the algorithm that the certificate names (which ones may stand there is the platform's to say). The
    /// root's own signature says nothing, since the root is pinned.
    pub(crate) fn judge_signatures(&self, crypto: &Crypto<'_>, ledger: &mut Ledger) {
        // From the root downwards.
        let mut links: Vec<_> = self.below_root().zip(self.certificates().skip(1)).collect();
        links.reverse();
        let bad = |(subject, issuer): &&(&Certificate, &Certificate)| !subject.is_signed_by(issuer, crypto);
        let expected = joined(
            links.iter().map(|(subject, issuer)| format!("{} signed by {}", subject.subject(), issuer.subject())),
            ", ",
        );
        let broken = joined(
            links.iter().filter(bad).map(|(subject, issuer)| format!("{} not {}", subject.subject(), issuer.subject())),
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
        let wrong = joined(self.certificates().filter(outside).map(describe), ", ");
        let expected = format!("all certificates valid at {}", utc(now));
        if wrong.is_empty() {
            ledger.pass(&common::TIME, expected, format!("valid until {}", utc(self.not_after())));
        } else {
            ledger.undecided(&common::TIME, expected, wrong);
        }
    }

    /// The first moment at which a certificate of the chain ends.
    pub(crate) fn not_after(&self) -> u64 {
        self.certificates().map(|certificate| certificate.not_after).min().unwrap_or(0)
    }

    /// One list, the root's, for all certificates below it (AMD's way). Returns when the list ends, where one was used.
    pub(crate) fn judge_revocation(
        &self,
        requirement: &Requirement,
        endorsements: &Endorsements,
        crypto: &Crypto<'_>,
        now: u64,
        ledger: &mut Ledger,
    ) -> Option<u64> {
        const EXPECTED: &str = "a current revocation list of the root that lists no certificate of the chain";
        if let Requirement::Skip { reason } = requirement {
            ledger.skip(&common::REVOCATION, reason);
            return None;
        }
        let Some(list) = endorsements.revocation_list_of(&self.root.subject) else {
            ledger.undecided(&common::REVOCATION, EXPECTED, format!("no revocation list of {}", self.root.subject()));
            return None;
        };
        let revoked = || {
            let revoked = self.below_root().find(|certificate| list.lists(certificate))?;
            Some(format!("{} (serial {}) is revoked", revoked.subject(), Hex(&revoked.serial)))
        };
        if let Some(problem) = list.unsound(self.root, crypto).or_else(revoked) {
            ledger.fail(&common::REVOCATION, EXPECTED, problem);
            return None;
        }
        if let Some(problem) = list.not_current(now) {
            ledger.undecided(&common::REVOCATION, EXPECTED, problem);
            return None;
        }
        let until = list.next_update?;
        let found = format!("{} serials listed, current until {}", list.serials.len(), utc(until));
        ledger.pass(&common::REVOCATION, EXPECTED, found);
        Some(until)
    }
}
