//! What stands around Evidence: collateral, event logs, policies, images that are measured, files, results for others.

use super::shown::{plain, shown};
use super::worlds::WORLDS;
use sealroom_attestation::event_log::{EventLog, Register, ReportedRegister};
use sealroom_attestation::measure::{EnclaveImage, Hypervisor, KernelHashes, Processor, SnpLaunch};
use sealroom_attestation::{
    Bundle, CryptoProvider, Ear, EarAlgorithm, EarExpected, EarKey, Endorsements, Evidence, EvidenceFile, Policy,
};
use sealroom_protocol::identity::SigningSecret;

/// Intel's documents, answers of its services, and what common tools make of them: read twice is read once.
pub(crate) fn collateral(bytes: &[u8]) -> bool {
    let Some(once) = shown(Endorsements::decode(bytes)) else { return false };
    assert_eq!(Endorsements::decode_all([bytes, bytes]).as_ref(), Ok(&once));
    once.tcb_infos().len() + once.qe_identities().len() > 0
}

/// Replays to something, and a quote of just that is the only one that holds.
pub(crate) fn event_log(bytes: &[u8]) -> bool {
    let Some(log) = shown(EventLog::decode(bytes)) else { return false };
    assert_eq!(log.bytes(), bytes);
    log.unverified_events().for_each(|event| plain(&event.describe()));
    let provider = CryptoProvider::ring();
    for algorithm in log.algorithms() {
        for register in (0..24).map(Register::Pcr).chain((0..4).map(Register::Rtmr)) {
            let Some(value) = shown(log.replay(provider, *algorithm, register)) else { continue };
            let replayed =
                log.verify(provider, &[ReportedRegister { register, value }]).expect("what was just replayed");
            replayed.events().for_each(|event| assert_eq!(event.register(), register));
            let mut other = value.as_bytes().to_vec();
            other.iter_mut().take(1).for_each(|byte| *byte ^= 1);
            let value = sealroom_attestation::event_log::Digest::new(*algorithm, &other).expect("of the same length");
            assert!(shown(log.verify(provider, &[ReportedRegister { register, value }])).is_none());
        }
    }
    true
}

/// TOML, or JSON where it begins like that.
pub(crate) fn policy(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let read = if text.trim_start().starts_with('{') { Policy::from_json(text) } else { Policy::from_toml(text) };
    let Some(policy) = shown(read) else { return false };
    keeps_its_meaning(&policy);
    true
}

/// Written in either form and read again it is the same policy, of the same hash.
pub(super) fn keeps_its_meaning(policy: &Policy) {
    let toml = policy.to_toml();
    assert_eq!(Policy::from_toml(&toml).as_ref(), Ok(policy), "{toml}");
    let json = policy.to_json().to_string();
    let again = Policy::from_json(&json);
    assert_eq!(again.as_ref(), Ok(policy), "{json}");
    let hash = |policy: &Policy| policy.hash(CryptoProvider::ring());
    assert_eq!(again.as_ref().map(hash), Ok(hash(policy)));
    policy.lint().iter().for_each(|warning| plain(&warning.to_string()));
}

/// Registers of an enclave image.
pub(crate) fn enclave_image(bytes: &[u8]) -> bool {
    let Some(image) = shown(EnclaveImage::decode(bytes)) else { return false };
    let registers = [image.pcr0(), image.pcr1(), image.pcr2()];
    assert!(registers.iter().all(|register| *register != [0; 48]));
    assert_eq!(image.pcr8().is_some(), image.signing_certificate().is_some());
    true
}

/// A guest with this firmware: the measurement is the digest after the last step.
pub(crate) fn firmware(bytes: &[u8]) -> bool {
    let processor = Processor::named("EPYC-Milan").expect("a processor that QEMU knows");
    let launch = |kernel| SnpLaunch {
        firmware: bytes,
        kernel,
        vcpus: 2,
        hypervisor: Hypervisor::Qemu(processor),
        guest_features: SnpLaunch::SNP_ACTIVE,
    };
    let kernels = [None, Some(KernelHashes::of(b"kernel", b"", "quiet"))];
    let measured = kernels.map(|kernel| {
        let steps = shown(launch(kernel).steps())?;
        let last = steps.last().expect("a launch has steps");
        let measurement = launch(kernel).measurement().expect("what has steps has a measurement");
        assert_eq!(measurement, sealroom_attestation::Measurement::sha384(last.digest));
        Some(measurement)
    });
    measured.iter().any(Option::is_some)
}

/// A file in which tools hand Evidence on. What is inside needs no second taking off, and a bundle of it is read back.
pub(crate) fn evidence_file(bytes: &[u8]) -> bool {
    if let Some(bundle) = shown(Bundle::read(bytes)) {
        assert_eq!(Bundle::read(bundle.write().as_bytes()), Ok(bundle));
    }
    let Some(file) = shown(EvidenceFile::read(bytes)) else { return false };
    file.forms.iter().for_each(|form| plain(form));
    let mut bundle = Bundle::new(file.evidence);
    bundle.endorsements.extend(file.endorsements.into_iter().take(64));
    assert_eq!(Bundle::read(bundle.write().as_bytes()).as_ref(), Ok(&bundle));
    let evidence = shown(Evidence::decode(&bundle.evidence));
    evidence.is_some()
}

/// The first byte says whether the token is text, claims for us to sign, bytes, or claims in CBOR for us to sign: what is
/// believed ends, is written in both forms and believed again, and is not with a name that is there twice.
pub(crate) fn ear(bytes: &[u8]) -> bool {
    let Some((form, rest)) = bytes.split_first() else { return false };
    let (key, provider) = (key(), CryptoProvider::ring());
    let expected = EarExpected::at(*NOW);
    let jwt = |token: &str| Ear::from_jwt(token, &key, provider, &expected);
    let cwt = |token: &[u8]| Ear::from_cwt(token, &key, provider, &expected);
    let read = match form % 4 {
        0 => {
            let Ok(token) = core::str::from_utf8(rest) else { return false };
            jwt(token)
        }
        1 => jwt(&signed_json(rest)),
        2 => cwt(rest),
        _ => cwt(&signed_cbor(rest)),
    };
    let Some(ear) = shown(read) else { return false };
    assert!(ear.expires_at_unix_seconds().is_some());
    if let (1, Ok(claims)) = (form % 4, core::str::from_utf8(rest)) {
        let twice = "\"submods\":{\"\":{\"ear_status\":\"none\"},\"\":{\"ear_status\":\"none\"},";
        let doubled = claims.replacen("\"submods\":{", twice, 1);
        assert!(doubled == claims || jwt(&signed_json(doubled.as_bytes())).is_err());
    }
    let token = ear.to_jwt(EarAlgorithm::EdDsa, sign).expect("signing cannot fail");
    assert_eq!(jwt(&token).as_ref(), Ok(&ear));
    let token = ear.to_cwt(EarAlgorithm::EdDsa, sign).expect("signing cannot fail");
    assert_eq!(cwt(&token).as_ref(), Ok(&ear));
    true
}

/// When the worlds are good.
static NOW: std::sync::LazyLock<u64> = std::sync::LazyLock::new(|| WORLDS.first().expect("a world").now);

fn secret() -> SigningSecret {
    SigningSecret::from_seed(&[5; 32])
}

fn key() -> EarKey {
    EarKey::ed25519(*secret().public().as_bytes())
}

pub(super) fn sign(message: &[u8]) -> Result<Vec<u8>, core::convert::Infallible> {
    Ok(secret().sign(message).to_vec())
}

fn signed_json(claims: &[u8]) -> String {
    let signed = format!("{}.{}", base64_url(br#"{"alg":"EdDSA","typ":"JWT"}"#), base64_url(claims));
    let signature = base64_url(&secret().sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// RFC 4648, section 5, without padding.
fn base64_url(bytes: &[u8]) -> String {
    base64(bytes).replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned()
}

/// RFC 4648, section 4.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| DIGITS.get(usize::try_from(bits & 63).unwrap_or_default()).copied().unwrap_or_default();
    let group = |chunk: &[u8]| {
        let bits = (0..3).fold(0, |bits, place| bits << 8 | u32::from(chunk.get(place).copied().unwrap_or_default()));
        let digits = [18, 12, 6, 0].map(|shift| char::from(digit(bits >> shift)));
        digits.iter().zip(0..).map(|(digit, place)| if place <= chunk.len() { *digit } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

/// COSE_Sign1 (RFC 9052 section 4.2) with EdDSA.
fn signed_cbor(claims: &[u8]) -> Vec<u8> {
    const PROTECTED: [u8; 4] = [0x43, 0xa1, 0x01, 0x27];
    let length = u32::try_from(claims.len()).unwrap_or(u32::MAX).to_be_bytes();
    let payload = match length {
        [0, 0, 0, small @ 0..24] => [&[0x40 + small], claims].concat(),
        [0, 0, 0, small] => [&[0x58, small], claims].concat(),
        [0, 0, high, low] => [&[0x59, high, low], claims].concat(),
        [a, b, c, d] => [&[0x5a, a, b, c, d], claims].concat(),
    };
    let context = [&[0x84, 0x6a], b"Signature1".as_slice(), &PROTECTED, &[0x40], &payload].concat();
    let signature = secret().sign(&context);
    [&[0xd2, 0x84], PROTECTED.as_slice(), &[0xa0], &payload, &[0x58, 64], &signature].concat()
}
