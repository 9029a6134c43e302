//! Steps 1 to 3 and the first half of 5: did a TPM that the policy trusts make the quote? Every check runs.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use der::Decode as _;
use der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::ExtendedKeyUsage;

use super::appraisal::judge_genuine;
use super::evidence::Key;
use super::key::Public;
use super::policy::{Accept, AttestationKey};
use super::{Evidence, checks, roots};
use crate::anchor::Fingerprint;
use crate::certificate::Certificate;
use crate::chain::{Chain, Revocable};
use crate::check::common;
use crate::crypto::Crypto;
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::path::{Height, Paths};
use crate::policy::Requirement;
use crate::result::Established;
use crate::text::{Hex, joined};

/// Leaf, two intermediates, root. Each costs a signature check.
const MAX_CHAIN: usize = 4;
const PINNED: &str = "nothing: the key itself is pinned";
/// RFC 5280 section 4.2.1.12.
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
/// tcg-kp-AIKCertificate (TCG Infrastructure WG, Credential Profiles for TPM Family 1.2; kept for TPM 2.0).
const ATTESTATION_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.8.3");

/// What authenticity established. Having one means: every check of the step holds.
#[derive(Clone, Debug)]
pub(crate) struct Genuine {
    /// SHA-256 of the attestation key's SubjectPublicKeyInfo.
    pub(crate) key_sha256: [u8; 32],
    valid_until: u64,
    certified: bool,
}

impl Genuine {
    pub(crate) fn established(&self) -> Established {
        let way = if self.certified { "certified" } else { "pinned" };
        Established {
            valid_until: self.valid_until,
            machine: Some(self.key_sha256.to_vec()),
            hardware: format!("TPM 2.0 with a {way} attestation key {}", Hex(&self.key_sha256)),
        }
    }
}

/// Enters every check of [`Step::Evidence`](crate::Step) and [`Step::Authentic`](crate::Step) into the ledger.
pub(crate) fn authenticate(
    evidence: &Evidence,
    block: &Accept,
    endorsements: &Endorsements,
    crypto: &Crypto<'_>,
    now: u64,
    ledger: &mut Ledger,
) -> Option<Genuine> {
    ledger.pass(&common::EVIDENCE_SIZE, "its parts and nothing else", "its parts and nothing else");
    ledger.pass(&checks::FORMAT, "a quote in strict form", "a quote in strict form");
    // Step 2: in exactly one way, the one that the policy names.
    let valid_until = match (block.attestation_key, &evidence.key) {
        (AttestationKey::Certified, Key::Certificate(leaf)) => {
            judge_chain(leaf, block, endorsements, crypto, now, ledger)
        }
        (AttestationKey::Certified, Key::Public(_)) => {
            ledger.fail(&common::ENDORSEMENTS, "a certificate for the attestation key", "its public part alone");
            not_judged(ledger);
            None
        }
        (AttestationKey::Pinned, key) => judge_pinned(key, block, crypto, ledger),
    };
    judge_key(evidence, block, ledger);
    judge_genuine(&evidence.quote, evidence.key.key(), crypto, ledger);
    let key_sha256 = crypto.sha256(&evidence.key.subject_public_key_info()?);
    let certified = block.attestation_key == AttestationKey::Certified;
    Some(Genuine { key_sha256, valid_until: valid_until?, certified })
}

fn not_judged(ledger: &mut Ledger) {
    for check in [&common::TRUST_ANCHOR, &checks::CHAIN, &common::CHAIN_SIGNATURES, &common::TIME, &common::REVOCATION]
    {
        ledger.not_judged(check, &common::ENDORSEMENTS);
    }
}

/// The key is the anchor: no certificate counts, also where one came along.
fn judge_pinned(key: &Key, block: &Accept, crypto: &Crypto<'_>, ledger: &mut Ledger) -> Option<u64> {
    ledger.pass(&common::ENDORSEMENTS, PINNED, "the key");
    // Not its SubjectPublicKeyInfo: that leaves the attributes to whoever sends them.
    let holds = match key {
        Key::Public(public) => {
            let found = Fingerprint::from_sha256(crypto.sha256(&public.bytes));
            let holds = found == *block.trust_anchor.fingerprint();
            ledger.judge(&common::TRUST_ANCHOR, holds, block.trust_anchor.to_string(), format!("a key {found}"));
            holds
        }
        Key::Certificate(_) => {
            ledger.fail(
                &common::TRUST_ANCHOR,
                block.trust_anchor.to_string(),
                "a certificate, without the key's attributes",
            );
            false
        }
    };
    for check in [&checks::CHAIN, &common::CHAIN_SIGNATURES, &common::TIME] {
        ledger.pass(check, PINNED, "the key");
    }
    match &block.revocation {
        Requirement::Skip { reason } => ledger.skip(&common::REVOCATION, reason),
        Requirement::Required => ledger.fail(&common::REVOCATION, "a revocation list", PINNED),
    }
    // A pinned key holds as long as the policy that pins it.
    holds.then_some(u64::MAX)
}

fn judge_chain(
    leaf: &Certificate,
    block: &Accept,
    endorsements: &Endorsements,
    crypto: &Crypto<'_>,
    now: u64,
    ledger: &mut Ledger,
) -> Option<u64> {
    let built_in = roots::pinned(&block.trust_anchor).and_then(|der| Certificate::from_der(der).ok());
    let paths = Paths {
        endorsements,
        built_in: built_in.as_ref(),
        anchor: &block.trust_anchor,
        height: Height::AtMost(MAX_CHAIN - 1),
        crypto,
        now,
    };
    let chain = match paths.find(&[leaf])? {
        (_, Ok(chain)) => chain,
        (_, Err(problem)) => {
            ledger.undecided(&common::ENDORSEMENTS, "every certificate up to the root", problem.to_string());
            not_judged(ledger);
            return None;
        }
    };
    let names = joined(chain.certificates().map(Certificate::subject), ", ");
    ledger.pass(&common::ENDORSEMENTS, "every certificate up to the root", names);
    chain.judge_trust_anchor(&block.trust_anchor, crypto, ledger);
    judge_shape(&chain, &block.key_purpose, ledger);
    chain.judge_signatures(crypto, ledger);
    chain.judge_time(now, ledger);
    // For each certificate its own issuer's list, so with two authorities two lists.
    let revocable = Revocable {
        expected: "a current revocation list of every issuer, and no certificate of the chain on it".into(),
        links: chain.links().collect(),
        unlisted: Vec::new(),
    };
    let list_until = revocable.judge(&block.revocation, endorsements, crypto, now, ledger);
    let not_after = chain.not_after();
    Some(list_until.map_or(not_after, |until| until.min(not_after)))
}

/// A critical extension that no check here reads (RFC 5280 section 4.2), where the purposes of the key may be read.
fn unknown_critical(certificate: &Certificate, purpose_is_read: bool) -> Option<ObjectIdentifier> {
    let unknown = certificate.unknown_critical_extension()?;
    if !purpose_is_read || unknown != EXTENDED_KEY_USAGE {
        return Some(unknown);
    }
    // Behind the purposes another may stand.
    let mut rest = certificate.clone();
    rest.extensions.retain(|extension| extension.id != EXTENDED_KEY_USAGE);
    rest.unknown_critical_extension()
}

fn judge_shape(chain: &Chain<'_>, key_purpose: &Requirement, ledger: &mut Ledger) {
    let mut problems: Vec<String> = Vec::new();
    for (place, certificate) in chain.certificates().enumerate() {
        let name = certificate.subject();
        if !certificate.is_version_3 {
            problems.push(format!("{name} is not of version 3"));
        }
        // The leaf's purposes are read, by `judge_key`, where the policy wants it.
        let purpose_is_read = place == 0 && *key_purpose == Requirement::Required;
        if let Some(oid) = unknown_critical(certificate, purpose_is_read) {
            problems.push(format!("{name} has the unknown critical extension {oid}"));
        }
    }
    for (below, authority) in chain.certificates().skip(1).enumerate() {
        let name = authority.subject();
        match &authority.basic_constraints {
            Some(constraints) if constraints.ca => {
                // RFC 5280 section 4.2.1.9: how many authorities may stand below it.
                if constraints.path_len_constraint.is_some_and(|most| usize::from(most) < below) {
                    problems.push(format!("{name} does not allow {below} authorities below it"));
                }
            }
            _ => problems.push(format!("{name} is no certificate authority")),
        }
        if !authority.key_usage.as_ref().is_some_and(|usage| usage.key_cert_sign()) {
            problems.push(format!("{name} may not sign certificates"));
        }
    }
    let leaf = chain.leaf;
    if leaf.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca) {
        problems.push(format!("{} is a certificate authority", leaf.subject()));
    }
    if !leaf.key_usage.as_ref().is_some_and(|usage| usage.digital_signature()) {
        problems.push(format!("{} may not sign", leaf.subject()));
    }
    const EXPECTED: &str = "a chain for an attestation key";
    let found = if problems.is_empty() { String::from(EXPECTED) } else { joined(&problems, "; ") };
    ledger.judge(&checks::CHAIN, problems.is_empty(), EXPECTED, found);
}

fn judge_key(evidence: &Evidence, block: &Accept, ledger: &mut Ledger) {
    match &evidence.key {
        Key::Certificate(certificate) => match &block.key_purpose {
            Requirement::Skip { reason } => ledger.skip(&checks::KEY, reason),
            Requirement::Required => {
                let expected = format!("a certificate for an attestation key (purpose {ATTESTATION_KEY})");
                match purposes(certificate) {
                    Ok(purposes) => {
                        let found = match purposes.as_slice() {
                            [] => String::from("a certificate that names no purpose"),
                            named => format!("a certificate for {}", joined(named, ", ")),
                        };
                        ledger.judge(&checks::KEY, purposes.contains(&ATTESTATION_KEY), expected, found);
                    }
                    Err(problem) => ledger.fail(&checks::KEY, expected, problem),
                }
            }
        },
        Key::Public(public) => {
            let mut problems = public.wrong_attributes();
            if public.scheme != evidence.quote.signature.scheme {
                problems.push(format!("a key for {}, not {}", public.scheme, evidence.quote.signature.scheme));
            }
            let expected = Public::expected_attributes();
            let found = if problems.is_empty() { expected.clone() } else { joined(&problems, ", ") };
            ledger.judge(&checks::KEY, problems.is_empty(), expected, found);
        }
    }
}

/// None named where the extension is absent.
fn purposes(certificate: &Certificate) -> Result<Vec<ObjectIdentifier>, &'static str> {
    let Some(value) = certificate.extension(&EXTENDED_KEY_USAGE) else { return Ok(Vec::new()) };
    ExtendedKeyUsage::from_der(value).map(|usage| usage.0).map_err(|_| "purposes that are not exact der")
}

/// Whether its issuer says that the key is an attestation key.
pub(super) fn is_for_attestation(certificate: &Certificate) -> bool {
    purposes(certificate).is_ok_and(|purposes| purposes.contains(&ATTESTATION_KEY))
}
