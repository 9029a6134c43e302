//! Steps 1 to 3 and the first half of 5: did a TPM that the policy trusts make the quote? Every check runs.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::appraisal::judge_genuine;
use super::evidence::Key;
use super::key::Public;
use super::policy::{Accept, AttestationKey};
use super::{Evidence, checks, roots};
use crate::anchor::Fingerprint;
use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::check::common;
use crate::crypto::Crypto;
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::policy::Requirement;
use crate::result::Established;
use crate::text::{Hex, joined};

/// Leaf, two intermediates, root. Each costs a signature check.
const MAX_CHAIN: usize = 4;
const PINNED: &str = "nothing: the key itself is pinned";

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
    judge_key(&evidence.key, evidence, ledger);
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
            ledger.judge(&common::TRUST_ANCHOR, holds, &block.trust_anchor, format!("a key {found}"));
            holds
        }
        Key::Certificate(_) => {
            ledger.fail(&common::TRUST_ANCHOR, &block.trust_anchor, "a certificate, without the key's attributes");
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
    let chain = match find_chain(leaf, built_in.as_ref(), endorsements) {
        Ok(chain) => chain,
        Err(problem) => {
            ledger.undecided(&common::ENDORSEMENTS, "every certificate up to the root", problem);
            not_judged(ledger);
            return None;
        }
    };
    let names = joined(chain.certificates().map(Certificate::subject), ", ");
    ledger.pass(&common::ENDORSEMENTS, "every certificate up to the root", names);
    chain.judge_trust_anchor(&block.trust_anchor, crypto, ledger);
    judge_shape(&chain, ledger);
    chain.judge_signatures(crypto, ledger);
    chain.judge_time(now, ledger);
    let list_until = chain.judge_revocation(&block.revocation, endorsements, crypto, now, ledger);
    let not_after = chain.not_after();
    Some(list_until.map_or(not_after, |until| until.min(not_after)))
}

/// Issuer by issuer, up to one that names itself.
fn find_chain<'a>(
    leaf: &'a Certificate,
    built_in: Option<&'a Certificate>,
    endorsements: &'a Endorsements,
) -> Result<Chain<'a>, String> {
    let mut intermediates: Vec<&Certificate> = Vec::new();
    let mut subject = leaf;
    loop {
        let is_issuer = |root: &&Certificate| root.subject == subject.issuer;
        let issuer = built_in.filter(is_issuer).or_else(|| endorsements.by_subject(&subject.issuer));
        let Some(issuer) = issuer else { return Err(format!("no certificate {}", subject.issuer())) };
        if issuer.subject == issuer.issuer {
            return Ok(Chain { leaf, intermediates, root: issuer });
        }
        intermediates.push(issuer);
        if intermediates.len() + 2 > MAX_CHAIN {
            return Err(format!("no root within {MAX_CHAIN} certificates"));
        }
        subject = issuer;
    }
}

fn judge_shape(chain: &Chain<'_>, ledger: &mut Ledger) {
    let mut problems: Vec<String> = Vec::new();
    for certificate in chain.certificates() {
        let name = certificate.subject();
        if !certificate.is_version_3 {
            problems.push(format!("{name} is not of version 3"));
        }
        if let Some(oid) = certificate.unknown_critical_extension() {
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

fn judge_key(key: &Key, evidence: &Evidence, ledger: &mut Ledger) {
    match key {
        Key::Certificate(certificate) => {
            let words = format!("certified as an attestation key by {}", certificate.issuer());
            ledger.pass(&checks::KEY, "a restricted signing key, or one certified as such", words);
        }
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
