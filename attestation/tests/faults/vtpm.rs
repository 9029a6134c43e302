//! Faults of verifiers of TPM quotes.

use sealroom_attestation::event_log::Algorithm;
use sealroom_attestation::tpm::{self, AttestationKey, QuoteRules, Register};
use sealroom_attestation::{
    AttestationResult, Binding, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy, Rejection,
    Requirement, Rule, TrustAnchor, Verifier,
};

use crate::quote::{ATTRIBUTES, Draft, public, sha256};
use crate::{Appraisal, caught};

const NONCE: [u8; 20] = [0x6e; 20];
const GOOD: [u8; 32] = [0xa7; 32];
const BAD: [u8; 32] = [0xbb; 32];

/// A quote by a pinned key over PCR 0, 4 and 7, and a policy that wants these, each with its value.
struct World {
    quote: Draft,
    challenge: Vec<u8>,
}

impl World {
    fn good() -> Self {
        Self { quote: Draft::new(&NONCE), challenge: NONCE.to_vec() }
    }
}

impl Appraisal for World {
    fn run(self) -> Result<AttestationResult, Rejection> {
        let key = public(&self.quote, ATTRIBUTES);
        let fingerprint = Fingerprint::from_sha256(sha256(&key).try_into().unwrap());
        let register = |(index, value): (u8, [u8; 32])| Register {
            index,
            values: Rule::Require(vec![Measurement::sha256(value)]),
        };
        let accept = tpm::Accept {
            name: "tpm".to_owned(),
            trust_anchor: TrustAnchor::vouched(fingerprint, "made in this test").unwrap(),
            attestation_key: AttestationKey::Pinned,
            key_purpose: Requirement::Required,
            revocation: Requirement::skip("the key is pinned"),
            machines: Rule::skip("the key is the machine"),
            quote: QuoteRules {
                bank: Algorithm::Sha256,
                registers: [(0, [0xa0; 32]), (4, [0xa4; 32]), (7, GOOD)].map(register).into(),
                event_log: Rule::skip("whole registers are pinned"),
                safe_clock: Requirement::Required,
                boots: Rule::skip("any boot"),
                firmware_versions: Rule::skip("any firmware"),
            },
        };
        let policy = Policy::new(vec![accept.into()]).unwrap();
        let evidence = Evidence::decode(&tpm::assemble(&self.quote.parts(), &key)?)?;
        let binding = Binding::bytes(self.challenge)?;
        let (verifier, none) = (Verifier::new(CryptoProvider::ring(), &policy), Endorsements::none());
        verifier.appraise(evidence, &none, binding, crate::snp_world::NOW)
    }
}

/// attestation-rs pull request 69, az-cvm-vtpm, Trustee: the values were hashed and compared with the digest, and which registers
/// the quote selects was not looked at. PCR 16 can be reset by anyone, and extended to what PCR 7 should be.
#[test]
fn fault_27_pcr_selection_swapped() {
    // PCR 7 holds what should not be there. The quote is of PCR 16, its value is said to be of PCR 7.
    let swapped = |world: &mut World| world.quote.selections = vec![(0x0b, vec![0, 4, 16])];
    assert_eq!(caught(World::good, swapped), ["tpm.pcr-digest"], "a digest over what the quote selects");
    // The same, honest about the number.
    let other = |world: &mut World| {
        world.quote.selections = vec![(0x0b, vec![0, 4, 16])];
        world.quote.values[2].0 = 16;
    };
    assert_eq!(caught(World::good, other), ["tpm.pcr-selection"]);
    // The honest quote of what is there, with the values that are wanted beside it.
    let digest_of_another = |world: &mut World| world.quote.digest_of = Some([[0xa0; 32], [0xa4; 32], BAD].concat());
    assert_eq!(caught(World::good, digest_of_another), ["tpm.pcr-digest"]);
    // Fewer, or more, with exactly their values.
    let fewer = |world: &mut World| {
        world.quote.selections = vec![(0x0b, vec![0, 4])];
        world.quote.values.truncate(2);
    };
    assert_eq!(caught(World::good, fewer), ["tpm.pcr-selection"]);
    let more = |world: &mut World| {
        world.quote.selections = vec![(0x0b, vec![0, 4, 7, 16])];
        world.quote.values.push((16, GOOD.to_vec()));
    };
    assert_eq!(caught(World::good, more), ["tpm.pcr-selection"]);
    // Of a second bank too, whose values nobody sees.
    let second_bank = |world: &mut World| world.quote.selections.push((0x0c, vec![16]));
    assert_eq!(caught(World::good, second_bank)[0], "tpm.pcr-digest");
}

/// Trustee: the quote's extra data was compared as far as it goes.
#[test]
fn fault_28_beginning_of_a_nonce_in_a_quote() {
    for length in [1, 8, 19] {
        let begins = |world: &mut World| world.quote.extra_data.truncate(length);
        assert_eq!(caught(World::good, begins), ["common.freshness"], "{length}");
        let asks_less = |world: &mut World| world.challenge.truncate(length);
        assert_eq!(caught(World::good, asks_less), ["common.freshness"], "{length}");
    }
    assert_eq!(caught(World::good, |world| world.quote.extra_data.push(0)), ["common.freshness"]);
    assert_eq!(caught(World::good, |world| world.quote.extra_data.clear()), ["common.freshness"]);
}
