//! A Nitro world of our own: a chain of five, a document that its leaf signs, and a policy that accepts exactly that.

use sealroom_attestation::nitro::{self, Age, ChallengeField, Register};
use sealroom_attestation::{
    AttestationResult, Binding, Challenge, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy,
    Rejection, Rule, TrustAnchor, Verifier,
};

use crate::cbor;
use crate::draft::{Draft, sign_fixed};

/// 2026-05-28.
pub(crate) const NOW: u64 = 1_780_000_000;
pub(crate) const ATTESTED_KEY: [u8; 32] = [0x4b; 32];
pub(crate) const REPORT_DATA: [u8; 64] = [0xd4; 64];
const INSTANCE: &str = "i-0123456789abcdef0";

/// Everything that goes into one appraisal.
pub(crate) struct World {
    /// Root, region, zone, instance.
    pub(crate) authorities: Vec<Draft>,
    pub(crate) leaf: Draft,
    /// Changes the bundle after its certificates were signed.
    pub(crate) rearrange: fn(&mut Vec<Vec<u8>>),
    pub(crate) protected: Vec<u8>,
    pub(crate) unprotected: Vec<u8>,
    pub(crate) module_id: Vec<u8>,
    pub(crate) digest: Vec<u8>,
    pub(crate) timestamp: Vec<u8>,
    pub(crate) pcrs: Vec<cbor::Pair>,
    pub(crate) public_key: Vec<u8>,
    pub(crate) user_data: Vec<u8>,
    pub(crate) nonce: Vec<u8>,
    /// Changes the fields, keys and values, before they are signed.
    pub(crate) fields: fn(&mut Vec<cbor::Pair>),
    pub(crate) open: bool,
    /// Changes the document after it was signed.
    pub(crate) tamper: fn(&mut Vec<u8>),
    pub(crate) signer: &'static str,
    pub(crate) accept: nitro::Accept,
    /// The root that the policy pins, where it is not this world's.
    pub(crate) pinned: Option<TrustAnchor>,
    pub(crate) binding: Binding,
    pub(crate) now: u64,
}

impl World {
    pub(crate) fn good() -> Self {
        let pcr = |index: u8| (cbor::number(index.into()), cbor::bytes(&[0x50 + index; 48]));
        Self {
            authorities: vec![
                Draft::authority("root", "root", None),
                Draft::authority("root", "region", Some(2)),
                Draft::authority("region", "zone", Some(1)),
                Draft::authority("zone", "instance", Some(0)),
            ],
            leaf: Draft::leaf("instance", "enclave"),
            rearrange: |_| {},
            protected: cbor::ES384.to_vec(),
            unprotected: cbor::map(&[]),
            module_id: cbor::text(&format!("{INSTANCE}-enc0123456789abcdef")),
            digest: cbor::text("SHA384"),
            timestamp: cbor::number((NOW - 60) * 1000),
            pcrs: [0, 1, 2, 3, 4].map(pcr).to_vec(),
            public_key: vec![cbor::NULL],
            user_data: cbor::bytes(b"configuration"),
            nonce: cbor::bytes(&REPORT_DATA),
            fields: |_| {},
            open: false,
            tamper: |_| {},
            signer: "enclave",
            accept: accept(),
            pinned: None,
            binding: Binding::new(Challenge::from_random([7; 32]), ATTESTED_KEY, REPORT_DATA),
            now: NOW,
        }
    }

    pub(crate) fn set_pcr(&mut self, index: usize, value: &[u8]) {
        self.pcrs[index].1 = cbor::bytes(value);
    }

    /// The document, and the root that its bundle began with.
    pub(crate) fn document(&self) -> (Vec<u8>, Vec<u8>) {
        let mut bundle: Vec<_> = self.authorities.iter().map(Draft::sign).collect();
        let root = bundle[0].clone();
        (self.rearrange)(&mut bundle);
        let bundle: Vec<_> = bundle.iter().map(|certificate| cbor::bytes(certificate)).collect();
        let mut fields: Vec<_> = [
            ("module_id", self.module_id.clone()),
            ("digest", self.digest.clone()),
            ("timestamp", self.timestamp.clone()),
            ("pcrs", cbor::map(&self.pcrs)),
            ("certificate", cbor::bytes(&self.leaf.sign())),
            ("cabundle", cbor::array(&bundle)),
            ("public_key", self.public_key.clone()),
            ("user_data", self.user_data.clone()),
            ("nonce", self.nonce.clone()),
        ]
        .map(|(key, value)| (cbor::text(key), value))
        .to_vec();
        (self.fields)(&mut fields);
        let payload = if self.open { cbor::open_map(&fields) } else { cbor::map(&fields) };
        let signature = sign_fixed(self.signer, &cbor::sig_structure(&self.protected, &payload));
        let mut document = cbor::array(&[
            cbor::bytes(&self.protected),
            self.unprotected.clone(),
            cbor::bytes(&payload),
            cbor::bytes(&signature),
        ]);
        (self.tamper)(&mut document);
        (document, root)
    }

    pub(crate) fn appraise(self) -> Result<AttestationResult, Rejection> {
        self.appraise_with(CryptoProvider::ring())
    }

    pub(crate) fn appraise_with(mut self, provider: CryptoProvider) -> Result<AttestationResult, Rejection> {
        let (document, root) = self.document();
        let digest = ring::digest::digest(&ring::digest::SHA256, &root);
        let fingerprint = Fingerprint::from_sha256(digest.as_ref().try_into().unwrap());
        self.accept.trust_anchor = self.pinned.clone().unwrap_or(TrustAnchor::new(fingerprint, true).unwrap());
        let policy = Policy::new(vec![self.accept.clone().into()]).unwrap();
        let evidence = Evidence::decode(&document)?;
        Verifier::new(provider, &policy).appraise(evidence, &Endorsements::none(), self.binding, self.now)
    }
}

/// Accepts exactly this world, and skips nothing that can be judged in it.
fn accept() -> nitro::Accept {
    let register = |index: u8| Register { index, values: vec![[0x99; 48], [0x50 + index; 48]] };
    nitro::Accept {
        name: "test".to_owned(),
        trust_anchor: TrustAnchor::new(Fingerprint::from_sha256([0; 32]), true).unwrap(),
        measurements: vec![Measurement::sha384([0x50; 48])],
        registers: Rule::Require(vec![register(1), register(2), register(4)]),
        timestamp: Rule::Require(Age { maximum_seconds: 300, skew_seconds: 30 }),
        machines: Rule::Require(vec![INSTANCE.to_owned()]),
        challenge_field: ChallengeField::Nonce,
        nonce: Rule::skip("the challenge stands there"),
        user_data: Rule::Require(vec![b"configuration".to_vec()]),
        public_key: Rule::skip("the enclave has no key of this kind"),
    }
}
