//! A chain of certificates, judged: pinned root, signatures, dates, revocation. The same for every platform; which names
//! and key kinds stand in it is the platform's to say.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::anchor::{Fingerprint, TrustAnchor, vendor_roots};
use crate::certificate::Certificate;
use crate::check::{Words, common};
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
        // As a rule it is the root of the maker that is pinned; only another one is hashed.
        let pinned = anchor.vendor_root().filter(|root| root.der == self.root.der());
        let hash = || Fingerprint::from_sha256(crypto.sha256(self.root.der()));
        let found = pinned.map_or_else(hash, |root| root.fingerprint);
        // Not by the name in the certificate: anyone can write a vendor's there.
        let vendor_root = vendor_roots().find(|root| root.fingerprint == found);
        let found_text = match vendor_root {
            Some(root) => format!("{} {found}", root.name),
            None if found == *anchor.fingerprint() => format!("{anchor}"),
            None => format!("a root that is no vendor's, {found}"),
        };
        ledger.judge(&common::TRUST_ANCHOR, found == *anchor.fingerprint(), anchor.to_string(), found_text);
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
            ledger.pass(&common::CHAIN_SIGNATURES, expected.clone(), expected);
        } else {
            ledger.fail(&common::CHAIN_SIGNATURES, expected, format!("no valid signature: {broken}"));
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

    /// Each certificate below the root, and the authority right above it, which signs the list that it would be on.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&'a Certificate, &'a Certificate)> {
        self.below_root().zip(self.certificates().skip(1))
    }
}

/// What must not be revoked, and on whose lists it would be.
#[derive(Clone, Debug)]
pub(crate) struct Revocable<'a> {
    /// In words, for people.
    pub(crate) expected: Words,
    /// A certificate, and who signs the list that it would be on.
    pub(crate) links: Vec<(&'a Certificate, &'a Certificate)>,
    /// Certificates that no list can take back.
    pub(crate) unlisted: Vec<&'a str>,
}

impl<'a> Revocable<'a> {
    /// The same rule for every platform (RFC 5280 section 6.3): every list is read. A certificate that is on one, or a list that
    /// is not its issuer's, fails, whatever else is missing; a list that is missing or not current leaves it undecided. Returns
    /// when the first list ends, where lists were used.
    pub(crate) fn judge(
        &self,
        requirement: &Requirement,
        endorsements: &Endorsements,
        crypto: &Crypto<'_>,
        now: u64,
        ledger: &mut Ledger,
    ) -> Option<u64> {
        if let Requirement::Skip { reason } = requirement {
            ledger.skip(&common::REVOCATION, reason);
            return None;
        }
        let (mut wrong, mut missing, mut read) = (Vec::new(), Vec::new(), Vec::new());
        let mut until: Option<u64> = None;
        for issuer in self.issuers() {
            let name = issuer.subject();
            let Some(list) = endorsements.revocation_list_of(issuer, crypto) else {
                missing.push(format!("no revocation list of {name}"));
                continue;
            };
            if let Some(problem) = list.unsound(issuer, crypto) {
                wrong.push(problem);
                continue;
            }
            let under = self.links.iter().filter(|(_, above)| *above == issuer);
            for (revoked, _) in under.filter(|(certificate, _)| list.lists(certificate)) {
                wrong.push(format!("{} (serial {}) is revoked", revoked.subject(), Hex(&revoked.serial)));
            }
            if let Some(problem) = list.not_current(now) {
                missing.push(format!("of {name}: {problem}"));
            }
            read.push(format!("{name} lists {} serials", list.serials.len()));
            until = [until, list.next_update].into_iter().flatten().min();
        }
        if !wrong.is_empty() {
            ledger.fail(&common::REVOCATION, self.expected.clone(), joined(wrong.iter().chain(&missing), "; "));
            return None;
        }
        if !missing.is_empty() {
            ledger.undecided(&common::REVOCATION, self.expected.clone(), joined(missing, "; "));
            return None;
        }
        let unlisted = joined(&self.unlisted, ", ");
        let Some(until) = until else {
            ledger.fail(&common::REVOCATION, self.expected.clone(), format!("no list is named for {unlisted}"));
            return None;
        };
        let found = format!("{}, none of the chain; current until {}", joined(read, ", "), utc(until));
        if unlisted.is_empty() {
            ledger.pass(&common::REVOCATION, self.expected.clone(), found);
        } else {
            ledger.warn(
                &common::REVOCATION,
                self.expected.clone(),
                format!("{found}; no list is named for {unlisted}"),
            );
        }
        Some(until)
    }

    /// Each once.
    fn issuers(&self) -> Vec<&'a Certificate> {
        let mut issuers: Vec<&Certificate> = Vec::new();
        for (_, issuer) in &self.links {
            if !issuers.contains(issuer) {
                issuers.push(issuer);
            }
        }
        issuers
    }
}
