//! Evidence, Endorsements, and an appraisal in which one of them is not what it was.
//!
//! The good ones are in `fixture/`: a chain and a report that the simulated platform made once. Its keys are gone.

use super::shown::{plain, shown};
use sealroom_attestation::snp::{Accept, Bits, GuestAbi, SigningKey, guest_policy};
use sealroom_attestation::{
    Binding, Certificate, Challenge, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy,
    Requirement, RevocationList, Rule, TrustAnchor, Verifier,
};
use sealroom_protocol::hash::sha256;
use std::sync::LazyLock;

/// Report, leaf, intermediate, root, revocation list.
pub(super) const PARTS: [&[u8]; 5] = [
    include_bytes!("../fixture/report.bin"),
    include_bytes!("../fixture/vcek.der"),
    include_bytes!("../fixture/ask.der"),
    include_bytes!("../fixture/ark.der"),
    include_bytes!("../fixture/crl.der"),
];

/// Kept to the byte, and nothing that is shown could steer a terminal.
pub(crate) fn evidence(bytes: &[u8]) -> bool {
    let Some(evidence) = shown(Evidence::decode(bytes)) else { return false };
    assert_eq!(evidence.bytes(), bytes);
    let _: Measurement = evidence.unverified_measurement();
    for claim in evidence.unverified_claims() {
        plain(&claim.value);
    }
    true
}

/// A certificate or a revocation list, and never both: kept to the byte, and nothing that is shown could steer a terminal.
pub(crate) fn x509(bytes: &[u8]) -> bool {
    let certificate = Certificate::from_der(bytes);
    if let Ok(certificate) = &certificate {
        assert_eq!(certificate.der(), bytes);
        [certificate.subject(), certificate.issuer()].into_iter().for_each(plain);
        let _: (u64, u64) = certificate.validity_unix_seconds();
    }
    let list = RevocationList::from_der(bytes);
    if let Ok(list) = &list {
        assert_eq!(list.der(), bytes);
        plain(list.issuer());
        let _: Option<u64> = list.next_update_unix_seconds();
    }
    assert!(certificate.is_err() || list.is_err());
    certificate.is_ok() || list.is_ok()
}

/// The certificates and lists of a bag, one by one, make the same bag. Intel's collateral has a target of its own.
pub(crate) fn endorsements(bytes: &[u8]) -> bool {
    let Some(endorsements) = shown(Endorsements::decode(bytes)) else { return false };
    let certificates = endorsements.certificates().iter().map(Certificate::der);
    let lists = endorsements.revocation_lists().iter().map(RevocationList::der);
    let again = Endorsements::decode_all(certificates.chain(lists)).expect("each was read before");
    assert_eq!(again.certificates(), endorsements.certificates());
    assert_eq!(again.revocation_lists(), endorsements.revocation_lists());
    true
}

/// The first byte says which part the others replace: only the good ones are ever accepted.
pub(crate) fn appraisal(bytes: &[u8]) -> bool {
    let Some((which, replacement)) = bytes.split_first() else { return false };
    let mut parts = PARTS;
    let place = usize::from(*which) % parts.len();
    parts.get_mut(place).into_iter().for_each(|part| *part = replacement);
    let [report, endorsements @ ..] = parts;
    let Ok(evidence) = Evidence::decode(report) else { return false };
    let Ok(bag) = Endorsements::decode_all(endorsements) else { return false };
    let report_data = PARTS.first().and_then(|report| report.get(0x50..)).and_then(<[u8]>::first_chunk::<64>);
    let binding =
        Binding::new(Challenge::from_random([3; 32]), [4; 32], *report_data.expect("a report has 1184 bytes"));
    match Verifier::new(CryptoProvider::ring(), &POLICY).appraise(evidence, &bag, binding, *NOW) {
        Ok(result) => {
            let [_, good @ ..] = PARTS;
            assert!(report == PARTS.concat().get(..report.len()).unwrap_or_default() && result.simulated());
            assert_eq!(Ok(bag), Endorsements::decode_all(good));
            true
        }
        Err(rejection) => {
            assert!(rejection.verdict().failed().count() > 0, "a refusal names what failed");
            rejection.to_string().lines().for_each(plain);
            false
        }
    }
}

/// A day after the fixture was made.
static NOW: LazyLock<u64> = LazyLock::new(|| {
    let [_, leaf, ..] = PARTS;
    Certificate::from_der(leaf).expect("the fixture's leaf").validity_unix_seconds().0 + 86_400
});

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let [report, _, _, root, _] = PARTS;
    let evidence = Evidence::decode(report).expect("the fixture's report");
    let anchor = Fingerprint::from_sha256(sha256(root));
    let skip = || "this target is about what is signed".to_owned();
    let accept = Accept {
        name: "fixture".into(),
        trust_anchor: TrustAnchor::new(anchor, true).expect("a root of our own"),
        report_versions: vec![3],
        signing_keys: vec![SigningKey::Vcek],
        revocation: Requirement::Required,
        visible_chip_id: Requirement::Required,
        measurements: vec![evidence.unverified_measurement()],
        machines: Rule::skip(skip()),
        minimum_firmware: Rule::skip(skip()),
        minimum_launch_firmware: Rule::skip(skip()),
        committed_firmware: Requirement::Required,
        guest_policy: Bits { set: guest_policy::RESERVED_ONE, clear: guest_policy::DEBUG },
        minimum_guest_abi: Rule::Require(GuestAbi { major: 0, minor: 0 }),
        platform_info: Bits { set: 0, clear: 0 },
        maximum_vmpl: 0,
        host_data: Rule::skip(skip()),
        images: Rule::skip(skip()),
        minimum_guest_svn: Rule::Require(0),
        id_key_digests: Rule::skip(skip()),
        author_key_digests: Rule::skip(skip()),
        mitigations: Rule::skip(skip()),
    };
    Policy::new(vec![accept.into()]).expect("a policy that skips nothing without a reason")
});
