//! Steps 3 to 6: is the report genuine? Every check runs; each that stands on a failed one says so.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;

use super::leaf::{firmware_id, has_firmware_id};
use super::{Accept, Report, checks};
use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::check::common;
use crate::crypto::{Crypto, SignatureKind};
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::needed::Needed;
use crate::platform::elliptic_chain;
use crate::policy::Requirement;
use crate::result::Established;
use crate::text::{Hex, joined};

/// RFC 5280 section 4.2.1.13.
const CRL_DISTRIBUTION_POINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.31");
/// NVIDIA issues four authorities above a leaf.
const MAX_AUTHORITIES: usize = 8;

/// What authenticity established. Having one means: every check of the step holds.
#[derive(Clone, Debug)]
pub(crate) struct Genuine {
    /// Such as `GH100`; None where the chain names none.
    pub(super) chip: Option<String>,
    /// Serial number of the certificate of the chip's own key.
    pub(super) machine: Vec<u8>,
    hardware: String,
    valid_until: u64,
}

impl Genuine {
    pub(crate) fn established(&self) -> Established {
        Established {
            valid_until: self.valid_until,
            machine: Some(self.machine.clone()),
            hardware: self.hardware.clone(),
        }
    }
}

/// The chain is not in the report, and the report does not say whose it is.
pub(crate) fn needed() -> Vec<Needed> {
    let subject =
        String::from("the GPU's attestation key, and its issuers, as the driver hands them out with the report");
    Vec::from([Needed::Certificate { subject }])
}

/// Enters every check of [`Step::Evidence`](crate::Step) and [`Step::Authentic`](crate::Step) into the ledger.
pub(crate) fn authenticate(
    report: &Report,
    block: &Accept,
    endorsements: &Endorsements,
    crypto: &Crypto<'_>,
    now: u64,
    ledger: &mut Ledger,
) -> Option<Genuine> {
    let claims = report.claims();
    // Steps 1 and 2: what decoding has shown.
    let length = format!("{} bytes", report.bytes().len());
    ledger.pass(&common::EVIDENCE_SIZE, "request and response, nothing after them", length);
    ledger.pass(&checks::REQUEST, "SPDM 1.1 GET_MEASUREMENTS, signed, all", "SPDM 1.1 GET_MEASUREMENTS, signed, all");
    let measurements = format!("{} measurements, {} opaque fields", claims.measurements.len(), claims.opaque.len());
    ledger.pass(&checks::RESPONSE, "every measurement and opaque field once", measurements);
    // Step 3.
    let built_in = block.trust_anchor.vendor_root().and_then(|root| Certificate::from_der(root.der).ok());
    let Some(chain) = find_chain(report, endorsements, built_in.as_ref(), crypto, ledger) else {
        for check in [
            &common::TRUST_ANCHOR,
            &checks::CHAIN,
            &common::CHAIN_SIGNATURES,
            &common::TIME,
            &common::REVOCATION,
            &checks::FIRMWARE_CERTIFIED,
            &checks::SIGNATURE,
        ] {
            ledger.not_judged(check, &common::ENDORSEMENTS);
        }
        return None;
    };
    chain.judge_trust_anchor(&block.trust_anchor, crypto, ledger);
    judge_shape(&chain, ledger);
    chain.judge_signatures(crypto, ledger);
    chain.judge_time(now, ledger);
    // Step 4.
    let until = judge_revocation(&chain, &block.revocation, endorsements, crypto, now, ledger);
    // Step 5.
    let reported = format!("{} in the report", Hex(&claims.firmware_id));
    match firmware_id(chain.leaf) {
        Ok(id) => {
            let expected = format!("{} in the certificate", Hex(&id));
            ledger.judge(&checks::FIRMWARE_CERTIFIED, id == claims.firmware_id, expected, reported);
        }
        Err(problem) => ledger.fail(&checks::FIRMWARE_CERTIFIED, reported, problem),
    }
    // Step 6.
    let signed = is_signed_by(report, chain.leaf, crypto);
    let found = if signed { "a valid signature" } else { "no valid signature" };
    ledger.judge(&checks::SIGNATURE, signed, "a signature by the leaf's key over request and response", found);
    Some(genuine(report, &chain, until))
}

fn genuine(report: &Report, chain: &Chain<'_>, revocation_until: Option<u64>) -> Genuine {
    // NVIDIA's second authority is called after the chip that it is for.
    let second = chain.intermediates.last().map(|authority| authority.subject());
    let chip = second.and_then(|name| name.strip_prefix("NVIDIA ")?.strip_suffix(" Identity")).map(str::to_string);
    let claims = report.claims();
    let name = chip.as_deref().unwrap_or("unknown chip");
    Genuine {
        hardware: format!("NVIDIA {name}, driver {}, VBIOS {}", claims.driver_version, claims.vbios_version),
        chip,
        machine: chain.intermediates.first().map_or_else(Vec::new, |issuer| issuer.serial.clone()),
        valid_until: revocation_until.map_or(chain.not_after(), |until| until.min(chain.not_after())),
    }
}

fn is_signed_by(report: &Report, leaf: &Certificate, crypto: &Crypto<'_>) -> bool {
    let kind = SignatureKind::EcdsaP384Sha384Fixed;
    crypto.verify(&leaf.key, kind, report.signed_bytes(), report.signature()).is_ok()
}

/// Of several GPUs' leaves, the one whose key signed; else the first, for the checks to say what does not fit. Then issuer by
/// issuer. A vendor's root need not be brought: the one pinned is built in.
fn find_chain<'a>(
    report: &Report,
    endorsements: &'a Endorsements,
    built_in: Option<&'a Certificate>,
    crypto: &Crypto<'_>,
    ledger: &mut Ledger,
) -> Option<Chain<'a>> {
    const EXPECTED: &str = "the certificate of the signing key, and its issuers up to the root";
    let leaves = || endorsements.certificates().iter().filter(|certificate| has_firmware_id(certificate));
    let leaf = leaves().find(|leaf| is_signed_by(report, leaf, crypto)).or_else(|| leaves().next());
    let Some(leaf) = leaf else {
        ledger.undecided(&common::ENDORSEMENTS, EXPECTED, "no certificate with a firmware id");
        return None;
    };
    let mut issuers: Vec<&Certificate> = Vec::new();
    let mut last = leaf;
    while last.issuer != last.subject {
        let is_issuer = |root: &&Certificate| root.subject == last.issuer;
        let issuer = endorsements.by_subject(&last.issuer).or(built_in.filter(is_issuer));
        let Some(issuer) = issuer.filter(|_| issuers.len() < MAX_AUTHORITIES) else {
            ledger.undecided(&common::ENDORSEMENTS, EXPECTED, format!("no certificate {}", last.issuer()));
            return None;
        };
        issuers.push(issuer);
        last = issuer;
    }
    let Some(root) = issuers.pop() else {
        ledger.undecided(&common::ENDORSEMENTS, EXPECTED, format!("{} names no issuer", leaf.subject()));
        return None;
    };
    let chain = Chain { leaf, intermediates: issuers, root };
    ledger.pass(&common::ENDORSEMENTS, EXPECTED, joined(chain.certificates().map(Certificate::subject), ", "));
    Some(chain)
}

fn judge_shape(chain: &Chain<'_>, ledger: &mut Ledger) {
    let mut problems: Vec<String> = elliptic_chain::problems(chain);
    if !chain.leaf.key_usage.as_ref().is_some_and(|usage| usage.digital_signature()) {
        problems.push(format!("{} may not sign", chain.leaf.subject()));
    }
    const EXPECTED: &str = "a chain in the shape of NVIDIA's";
    let found = if problems.is_empty() { String::from(EXPECTED) } else { joined(&problems, "; ") };
    ledger.judge(&checks::CHAIN, problems.is_empty(), EXPECTED, found);
}

/// Step 4: NVIDIA's authorities name a list each, their issuer's, and it must be there. The chip's own certificates name none:
/// nobody can take them back by a list, so the check holds with a warning that names them.
fn judge_revocation(
    chain: &Chain<'_>,
    requirement: &Requirement,
    endorsements: &Endorsements,
    crypto: &Crypto<'_>,
    now: u64,
    ledger: &mut Ledger,
) -> Option<u64> {
    const EXPECTED: &str =
        "a current revocation list of each authority that has one, and no certificate of the chain on it";
    if let Requirement::Skip { reason } = requirement {
        ledger.skip(&common::REVOCATION, reason);
        return None;
    }
    let mut until: Option<u64> = None;
    let mut lists = 0_u8;
    let mut unlisted: Vec<&str> = Vec::new();
    for (certificate, issuer) in chain.below_root().zip(chain.certificates().skip(1)) {
        if certificate.extension(&CRL_DISTRIBUTION_POINTS).is_none() {
            unlisted.push(certificate.subject());
            continue;
        }
        let Some(list) = endorsements.revocation_list_of(&issuer.subject) else {
            ledger.undecided(&common::REVOCATION, EXPECTED, format!("no revocation list of {}", issuer.subject()));
            return None;
        };
        if let Some(problem) = list.unsound(issuer, crypto) {
            ledger.fail(&common::REVOCATION, EXPECTED, problem);
            return None;
        }
        if list.lists(certificate) {
            let serial = Hex(&certificate.serial).to_string();
            ledger.fail(
                &common::REVOCATION,
                EXPECTED,
                format!("{} (serial {serial}) is revoked", certificate.subject()),
            );
            return None;
        }
        if let Some(problem) = list.not_current(now) {
            ledger.undecided(&common::REVOCATION, EXPECTED, problem);
            return None;
        }
        lists = lists.saturating_add(1);
        until = [until, list.next_update].into_iter().flatten().min();
    }
    let mut found = format!("{lists} lists, none of the chain on them");
    if !unlisted.is_empty() {
        found = format!("{found}; no list is named for {}", joined(&unlisted, ", "));
    }
    match (lists, unlisted.as_slice()) {
        (0, _) => ledger.fail(&common::REVOCATION, EXPECTED, found),
        (_, []) => ledger.pass(&common::REVOCATION, EXPECTED, found),
        _ => ledger.warn(&common::REVOCATION, EXPECTED, found),
    }
    until
}
