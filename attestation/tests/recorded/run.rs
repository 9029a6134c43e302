//! One appraisal as an entry describes it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealroom_attestation::intel::{PlatformRules, TcbAge};
use sealroom_attestation::{
    Accept, AttestationResult, Binding, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Outcome,
    Platform, Policy, Rejection, Requirement, TrustAnchor, VerifiedSignatures, Verifier, azure, vendor_roots,
};
use serde_json::Value;

use crate::entry::{Anchor, Asked, At, Case, Entry, Kind, Loosened};
use crate::folder::read;
use crate::inside::{evidence, from_hex, part};

/// How an appraisal ended: in one word, and by which checks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) outcome: Outcome,
    pub(crate) failed: Vec<&'static str>,
}

impl End {
    pub(crate) fn of(appraisal: &Result<AttestationResult, Rejection>) -> Self {
        let failed = match appraisal {
            Ok(_) => Vec::new(),
            Err(rejection) => rejection.verdict().failed().map(|check| check.id()).collect(),
        };
        Self { outcome: Outcome::of(appraisal), failed }
    }

    pub(crate) fn expected(case: &Case) -> Self {
        Self { outcome: case.outcome, failed: case.failed.to_vec() }
    }
}

/// Everything that goes into one appraisal.
#[derive(Clone)]
pub(crate) struct Appraisal {
    pub(crate) evidence: Vec<u8>,
    pub(crate) endorsements: Vec<Vec<u8>>,
    pub(crate) accept: Option<Accept>,
    pub(crate) binding: Vec<u8>,
    /// Where no challenge is asked.
    pub(crate) unasked: Option<&'static str>,
    pub(crate) now: u64,
}

/// The SubjectPublicKeyInfo of a JWK on P-384.
fn public_key(folder: &Path, file: &str) -> Vec<u8> {
    let jwk: Value = serde_json::from_slice(&read(folder, file)).unwrap();
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    // RFC 5480: id-ecPublicKey, secp384r1, an uncompressed point.
    let head = from_hex("3076301006072a8648ce3d020106052b8104002203620004");
    [head, coordinate("x"), coordinate("y")].concat()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().try_into().unwrap()
}

fn intel_rules(accept: &mut Accept) -> &mut PlatformRules {
    match accept {
        Accept::Tdx(accept) => &mut accept.platform,
        Accept::Sgx(accept) => &mut accept.platform,
        _ => panic!("not of Intel's"),
    }
}

fn loosen(accept: &mut Accept, loosened: Loosened, reason: &str) {
    match (loosened, accept) {
        (Loosened::Revocation, Accept::Snp(accept)) => accept.revocation = Requirement::skip(reason),
        (Loosened::Revocation, Accept::Azure(accept)) => match &mut accept.report {
            azure::Report::Snp(report) => report.revocation = Requirement::skip(reason),
            azure::Report::Tdx(report) => report.platform.revocation = Requirement::skip(reason),
        },
        (Loosened::Revocation, Accept::Gpu(accept)) => accept.revocation = Requirement::skip(reason),
        (Loosened::Revocation, accept) => intel_rules(accept).revocation = Requirement::skip(reason),
        (Loosened::Status(status), accept) => intel_rules(accept).tcb_statuses.push(status),
        (Loosened::Age, accept) => intel_rules(accept).tcb_age = TcbAge::Skip { reason: reason.to_owned() },
        (Loosened::OtherMeasurement, Accept::Nitro(accept)) => {
            accept.measurements = vec![Measurement::sha384([1; 48])];
        }
        (Loosened::OtherMeasurement, _) => panic!("no platform but Nitro has a measurement that no policy may name"),
    }
}

/// The strictest policy that it could pass, loosened as the case says.
fn accept(folder: &Path, evidence: &Evidence, case: &Case) -> Accept {
    let mut accept = match case.anchor {
        Anchor::Vendor(name) => {
            let root = vendor_roots().find(|root| root.name == name).unwrap();
            Accept::pinning(evidence, TrustAnchor::new(root.fingerprint, false).unwrap(), "pinned")
        }
        Anchor::Key(file, reason) => {
            let key = public_key(folder, file);
            let anchor = TrustAnchor::vouched(Fingerprint::from_sha256(sha256(&key)), reason).unwrap();
            let mut accept = Accept::pinning(evidence, anchor, "pinned");
            let Accept::Cca(block) = &mut accept else { panic!("no other platform pins a key") };
            block.platform_key = key;
            accept
        }
    };
    for (loosened, reason) in case.loosened {
        loosen(&mut accept, *loosened, reason);
    }
    accept
}

/// The bytes that answer a challenge, by its own account.
fn answer(evidence: &Evidence) -> Vec<u8> {
    let claims = evidence.unverified_claims();
    let value = |name: &str| claims.iter().find(|claim| claim.name == name).map(|claim| claim.value.clone());
    match evidence.platform() {
        Platform::AmdSevSnp => from_hex(&value("report-data").unwrap()),
        Platform::IntelTdx | Platform::IntelSgx => from_hex(&value("reportdata").unwrap()),
        Platform::AzureSnp | Platform::AzureTdx => from_hex(&value("extra-data").unwrap()),
        other => panic!("{other}: no case asks for it"),
    }
}

/// What the case describes, before it is appraised.
pub(crate) fn appraisal(folder: &Path, entry: &Entry, case: &Case) -> Appraisal {
    let Kind::Evidence { inside, .. } = entry.kind else { panic!("{} is no Evidence", entry.file) };
    let bytes = evidence(folder, entry.file, inside);
    let decoded = Evidence::decode(&bytes).ok();
    let made = || decoded.as_ref().unwrap().unverified_nitro_claims().unwrap().timestamp_ms / 1000;
    let (binding, unasked) = match case.challenge {
        Asked::AsRecorded => (decoded.as_ref().map(answer).unwrap_or_default(), None),
        Asked::File(file) => (read(folder, file), None),
        Asked::Text(text) => (text.as_bytes().to_vec(), None),
        Asked::Nothing(reason) => (Vec::new(), Some(reason)),
    };
    Appraisal {
        endorsements: case.endorsements.iter().map(|name| part(folder, name)).collect(),
        accept: decoded.as_ref().map(|evidence| accept(folder, evidence, case)),
        binding,
        unasked,
        now: match case.at {
            At::Seconds(seconds) => seconds,
            At::AfterMade(seconds) => made() + seconds,
            At::Any => 0,
        },
        evidence: bytes,
    }
}

impl Appraisal {
    pub(crate) fn run(self) -> Result<AttestationResult, Rejection> {
        self.run_remembering(&mut VerifiedSignatures::new(0))
    }

    pub(crate) fn run_remembering(self, verified: &mut VerifiedSignatures) -> Result<AttestationResult, Rejection> {
        let evidence = Evidence::decode(&self.evidence)?;
        let endorsements = Endorsements::decode_all(self.endorsements.iter().map(Vec::as_slice))?;
        let policy = Policy::new(vec![self.accept.expect("Evidence that decodes has a policy")]).unwrap();
        let binding = match self.unasked {
            Some(reason) => Binding::skip(reason)?,
            None => Binding::bytes(self.binding)?,
        };
        Verifier::new(CryptoProvider::ring(), &policy).appraise_remembering(
            verified,
            evidence,
            &endorsements,
            binding,
            self.now,
        )
    }
}

pub(crate) fn appraise(folder: &Path, entry: &Entry, case: &Case) -> Result<AttestationResult, Rejection> {
    appraisal(folder, entry, case).run()
}

/// What a block trusts, to be exchanged.
pub(crate) fn trust_anchor(accept: &mut Accept) -> &mut TrustAnchor {
    match accept {
        Accept::Snp(block) => &mut block.trust_anchor,
        Accept::Tdx(block) => &mut block.trust_anchor,
        Accept::Sgx(block) => &mut block.trust_anchor,
        Accept::Nitro(block) => &mut block.trust_anchor,
        Accept::Cca(block) => &mut block.trust_anchor,
        Accept::Gpu(block) => &mut block.trust_anchor,
        Accept::Tpm(block) => &mut block.trust_anchor,
        Accept::Azure(block) => match &mut block.report {
            azure::Report::Snp(report) => &mut report.trust_anchor,
            azure::Report::Tdx(report) => &mut report.trust_anchor,
        },
    }
}
