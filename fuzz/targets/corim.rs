//! Reference Values of others: manifests, and signed ones.

use super::formats::{keeps_its_meaning, sign};
use super::shown::{plain, shown};
use super::worlds::WORLDS;
use sealroom_attestation::{Corim, CorimExport, CorimProfile, CryptoProvider, EarKey, Policy};
use sealroom_protocol::identity::SigningSecret;

/// When manifests are read.
const NOW: u64 = 1_790_000_000;
/// A protected header as the draft has it: EdDSA, the media type, an issuer.
const PROTECTED: &[u8] = b"\xa3\x01\x27\x03\x74application/rim+cbor\x0f\xa1\x01\x61f";

/// The first byte says whether it is a manifest that nobody verifies, a signed one, or one for us to sign. What is imported into
/// a good policy is a policy that keeps its meaning, and exported again it says the same.
pub(crate) fn corim(bytes: &[u8]) -> bool {
    let Some((form, rest)) = bytes.split_first() else { return false };
    let key = EarKey::ed25519(*SigningSecret::from_seed(&[5; 32]).public().as_bytes());
    let signed = |bytes: &[u8]| Corim::signed_by(&key, bytes, CryptoProvider::ring(), NOW);
    let read = match form % 3 {
        0 => Corim::dangerous_unverified(rest, NOW),
        1 => signed(rest),
        _ => signed(&manifest(rest)),
    };
    let Some(corim) = shown(read) else { return false };
    assert_eq!(corim.verified(), form % 3 != 0);
    plain(corim.id());
    corim.signer().into_iter().chain(corim.entities()).for_each(plain);
    let mut imported = false;
    for world in WORLDS.iter() {
        let Some(import) = shown(corim.import(&world.policy, None)) else { continue };
        assert!(!import.blocks.is_empty());
        keeps_its_meaning(&import.policy);
        said_again(&import.policy);
        imported = true;
    }
    imported
}

/// What is exported is imported as what it was.
fn said_again(policy: &Policy) {
    let profiles = CorimProfile::ALL.into_iter().map(Some).chain([None]);
    for profile in profiles {
        let how = CorimExport { id: "x", profile, blocks: &[], leave_out: &[] };
        let Some(exported) = shown(policy.to_corim(&how)) else { continue };
        let again = Corim::dangerous_unverified(&exported.bytes, NOW).expect("what was exported");
        let again = again.import(policy, None).expect("what was exported, into the same policy");
        assert_eq!(again.policy, *policy);
    }
}

/// COSE_Sign1 of this payload.
pub(super) fn manifest(payload: &[u8]) -> Vec<u8> {
    let string = |bytes: &[u8]| {
        let [a, b, c, d] = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
        match [a, b, c, d] {
            [0, 0, 0, small @ 0..24] => [&[0x40 + small], bytes].concat(),
            [0, 0, 0, small] => [&[0x58, small], bytes].concat(),
            [0, 0, high, low] => [&[0x59, high, low], bytes].concat(),
            [a, b, c, d] => [&[0x5a, a, b, c, d], bytes].concat(),
        }
    };
    let (protected, payload) = (string(PROTECTED), string(payload));
    let signed = [&[0x84, 0x6a], b"Signature1".as_slice(), &protected, &[0x40], &payload].concat();
    let signature = sign(&signed).unwrap_or_default();
    [&[0xd2, 0x84], protected.as_slice(), &[0xa0], &payload, &string(&signature)].concat()
}
