//! Steps 3 to 6: is the report genuine? Every check runs; each that stands on a failed one says so.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::leaf::{firmware_id, has_firmware_id, names_a_list};
use super::{Accept, Report, checks};
use crate::certificate::Certificate;
use crate::chain::{Chain, Revocable};
use crate::check::common;
use crate::crypto::{Crypto, SignatureKind};
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::needed::Needed;
use crate::path::{Height, Paths};
use crate::platform::elliptic_chain;
use crate::result::Established;
use crate::text::{Hex, joined};

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
    let issuer = String::from("each of these issuers for which a certificate names one");
    Vec::from([Needed::Certificate { subject }, Needed::RevocationList { issuer }])
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
    let paths = Paths {
        endorsements,
        built_in: built_in.as_ref(),
        anchor: &block.trust_anchor,
        height: Height::AtMost(MAX_AUTHORITIES),
        crypto,
        now,
    };
    let Some(chain) = find_chain(report, &paths, ledger) else {
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
    let until = revocable(&chain).judge(&block.revocation, endorsements, crypto, now, ledger);
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

/// Of several GPUs' leaves, those whose key signed; else all, for the checks to say what does not fit. Then issuer by issuer. A
/// vendor's root need not be brought: the one pinned is built in.
fn find_chain<'a>(report: &Report, paths: &Paths<'a, '_, '_>, ledger: &mut Ledger) -> Option<Chain<'a>> {
    const EXPECTED: &str = "the certificate of the signing key, and its issuers up to the root";
    let is_leaf = |one: &&Certificate| has_firmware_id(one) && one.issuer != one.subject;
    let all: Vec<_> = paths.endorsements.certificates().iter().filter(is_leaf).collect();
    let mut leaves = all.clone();
    if all.len() > 1 {
        leaves.retain(|leaf| is_signed_by(report, leaf, paths.crypto));
    }
    match paths.find(if leaves.is_empty() { &all } else { &leaves }) {
        Some((_, Ok(chain))) => {
            let names = joined(chain.certificates().map(Certificate::subject), ", ");
            ledger.pass(&common::ENDORSEMENTS, EXPECTED, names);
            Some(chain)
        }
        Some((_, Err(problem))) => {
            ledger.undecided(&common::ENDORSEMENTS, EXPECTED, problem.to_string());
            None
        }
        None => {
            ledger.undecided(&common::ENDORSEMENTS, EXPECTED, "no certificate with a firmware id");
            None
        }
    }
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
fn revocable<'a>(chain: &Chain<'a>) -> Revocable<'a> {
    let (links, unlisted): (Vec<_>, Vec<_>) = chain.links().partition(|(certificate, _)| names_a_list(certificate));
    Revocable {
        expected: "a current revocation list of each authority that has one, and no certificate of the chain on it"
            .into(),
        links,
        unlisted: unlisted.into_iter().map(|(certificate, _)| certificate.subject()).collect(),
    }
}
