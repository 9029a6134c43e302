//! A whole appraisal that is good: root, chain, report, policy, challenge, time. A test changes one thing and appraises;
//! everything is signed again, so that nothing but the change can be what trips.

use std::sync::OnceLock;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PSS_SHA384, RsaKeyPair};
use sealroom_attestation::snp::{self, Product, SigningKey, TcbVersion};
use sealroom_attestation::{
    AttestationResult, Binding, Challenge, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy,
    Rejection, Requirement, Rule, TrustAnchor, Verifier,
};

use crate::der;

/// 2026-05-28.
pub(crate) const NOW: u64 = 1_780_000_000;
pub(crate) const ATTESTED_KEY: [u8; 32] = [0x4b; 32];
pub(crate) const REPORT_DATA: [u8; 64] = [0xd4; 64];
const CHIP_ID: u8 = 0xc1;
const NOT_BEFORE: &str = "240101000000Z";
const NOT_AFTER: &str = "310101000000Z";

pub(crate) fn rsa_key(name: &str) -> &'static RsaKeyPair {
    static KEYS: OnceLock<[(&str, RsaKeyPair); 3]> = OnceLock::new();
    let load = |bytes: &[u8]| RsaKeyPair::from_pkcs8(bytes).unwrap();
    let keys = KEYS.get_or_init(|| {
        [
            ("ark", load(include_bytes!("../keys/ark.pk8"))),
            ("intermediate", load(include_bytes!("../keys/intermediate.pk8"))),
            ("other-ark", load(include_bytes!("../keys/other-ark.pk8"))),
        ]
    });
    &keys.iter().find(|(known, _)| *known == name).unwrap().1
}

fn leaf_key() -> &'static EcdsaKeyPair {
    static KEY: OnceLock<EcdsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random).unwrap();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap()
    })
}

fn sign_rsa(key: &RsaKeyPair, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PSS_SHA384, &SystemRandom::new(), message, &mut signature).unwrap();
    signature
}

pub(crate) fn rsa_public_key(key: &RsaKeyPair) -> Vec<u8> {
    der::sequence(&[
        der::sequence(&[der::oid("1.2.840.113549.1.1.1"), der::tlv(0x05, &[])]),
        der::bits(key.public_key().as_ref()),
    ])
}

pub(crate) fn p384_public_key() -> Vec<u8> {
    der::sequence(&[
        der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid("1.3.132.0.34")]),
        der::bits(leaf_key().public_key().as_ref()),
    ])
}

/// One certificate before it is signed.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) version: u8,
    pub(crate) serial: Vec<u8>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) not_before: &'static str,
    pub(crate) not_after: &'static str,
    pub(crate) public_key: Vec<u8>,
    /// Id, criticality, value.
    pub(crate) extensions: Vec<(String, bool, Vec<u8>)>,
    pub(crate) signer: &'static str,
}

impl Draft {
    fn authority(issuer: &str, subject: &str, signer: &'static str, key: &'static str, usage: u8) -> Self {
        Self {
            version: 2,
            serial: vec![1, 0, u8::from(key == "intermediate")],
            algorithm: der::pss(48, true),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            not_before: NOT_BEFORE,
            not_after: NOT_AFTER,
            public_key: rsa_public_key(rsa_key(key)),
            extensions: vec![
                ("2.5.29.19".to_owned(), true, der::sequence(&[der::boolean_true()])),
                ("2.5.29.15".to_owned(), true, der::tlv(0x03, &[1, usage])),
            ],
            signer,
        }
    }

    pub(crate) fn set_extension(&mut self, id: &str, value: &[u8]) {
        self.extensions.iter_mut().find(|(known, ..)| known == id).unwrap().2 = value.to_vec();
    }

    pub(crate) fn remove_extension(&mut self, id: &str) {
        self.extensions.retain(|(known, ..)| known != id);
    }

    pub(crate) fn sign(&self) -> Vec<u8> {
        let extensions: Vec<_> =
            self.extensions.iter().map(|(id, critical, value)| der::extension(id, *critical, value)).collect();
        let mut parts = vec![
            der::context(0, &der::integer(&[self.version])),
            der::integer(&self.serial),
            self.algorithm.clone(),
            der::common_name(&self.issuer),
            der::sequence(&[der::utc_time(self.not_before), der::utc_time(self.not_after)]),
            der::common_name(&self.subject),
            self.public_key.clone(),
            der::context(3, &der::sequence(&extensions)),
        ];
        if self.version == 0 {
            parts.remove(0); // the default is not encoded
        }
        let content = der::sequence(&parts);
        let signature = sign_rsa(rsa_key(self.signer), &content);
        der::sequence(&[content, self.algorithm.clone(), der::bits(&signature)])
    }
}

/// A revocation list before it is signed.
#[derive(Clone)]
pub(crate) struct ListDraft {
    pub(crate) issuer: String,
    pub(crate) this_update: &'static str,
    pub(crate) next_update: Option<&'static str>,
    pub(crate) serials: Vec<Vec<u8>>,
    pub(crate) extensions: Vec<Vec<u8>>,
    pub(crate) signer: &'static str,
}

impl ListDraft {
    pub(crate) fn sign(&self) -> Vec<u8> {
        let algorithm = der::pss(48, true);
        let mut parts = vec![
            der::integer(&[1]),
            algorithm.clone(),
            der::common_name(&self.issuer),
            der::utc_time(self.this_update),
        ];
        parts.extend(self.next_update.map(der::utc_time));
        let entry = |serial: &Vec<u8>| der::sequence(&[der::integer(serial), der::utc_time(self.this_update)]);
        if !self.serials.is_empty() {
            parts.push(der::sequence(&self.serials.iter().map(entry).collect::<Vec<_>>()));
        }
        if !self.extensions.is_empty() {
            parts.push(der::context(0, &der::sequence(&self.extensions)));
        }
        let content = der::sequence(&parts);
        let signature = sign_rsa(rsa_key(self.signer), &content);
        der::sequence(&[content, algorithm, der::bits(&signature)])
    }
}

/// Everything that goes into one appraisal.
pub(crate) struct World {
    pub(crate) root: Draft,
    pub(crate) intermediate: Draft,
    pub(crate) leaf: Draft,
    pub(crate) list: ListDraft,
    /// Which of root, intermediate, leaf, list are brought.
    pub(crate) brought: [bool; 4],
    pub(crate) report: Vec<u8>,
    /// Changes the report after it was signed.
    pub(crate) tamper: fn(&mut Vec<u8>),
    pub(crate) accept: snp::Accept,
    /// The root that the policy pins, where it is not this world's.
    pub(crate) pinned: Option<TrustAnchor>,
    pub(crate) binding: Binding,
    pub(crate) now: u64,
}

impl World {
    pub(crate) fn new(product: Product, kind: SigningKey, version: u8) -> Self {
        let (asvk, leaf_name, prefix) = match kind {
            SigningKey::Vcek => ("SEV-", "SEV-VCEK", "4"),
            SigningKey::Vlek => ("SEV-VLEK-", "SEV-VLEK", "5"),
        };
        let (ark, ask) = (format!("ARK-{product}"), format!("{asvk}{product}"));
        let root = Draft::authority(&ark, &ark, "ark", "ark", 0x06);
        let mut intermediate = Draft::authority(&ark, &ask, "ark", "intermediate", 0x04);
        intermediate.extensions[0].2 = der::sequence(&[der::boolean_true(), der::integer(&[0])]);
        intermediate.extensions[1].2 = der::tlv(0x03, &[2, 0x04]);
        let hardware_id = vec![CHIP_ID; if product == Product::Turin { 8 } else { 64 }];
        let identity = if kind == SigningKey::Vcek { hardware_id } else { der::ia5("CN=cloud.example") };
        let leaf = Draft {
            version: 2,
            serial: vec![0],
            algorithm: der::pss(48, false),
            issuer: ask,
            subject: leaf_name.to_owned(),
            not_before: NOT_BEFORE,
            not_after: NOT_AFTER,
            public_key: p384_public_key(),
            extensions: leaf_extensions(product, prefix, &identity),
            signer: "intermediate",
        };
        let list = ListDraft {
            issuer: ark,
            this_update: "260501000000Z",
            next_update: Some("260601000000Z"),
            serials: vec![vec![1, 0, 9]],
            extensions: vec![],
            signer: "ark",
        };
        Self {
            root,
            intermediate,
            leaf,
            list,
            brought: [true; 4],
            report: report(product, kind, version),
            tamper: |_| {},
            accept: accept(product, kind, version),
            pinned: None,
            binding: Binding::new(Challenge::from_random([7; 32]), ATTESTED_KEY, REPORT_DATA),
            now: NOW,
        }
    }

    pub(crate) fn milan() -> Self {
        Self::new(Product::Milan, SigningKey::Vcek, 3)
    }

    pub(crate) fn put(&mut self, offset: usize, bytes: &[u8]) {
        self.report[offset..offset + bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn evidence(&self) -> Vec<u8> {
        let mut report = self.report.clone();
        let signature = leaf_key().sign(&SystemRandom::new(), &report[..0x2a0]).unwrap();
        for (offset, scalar) in [(0x2a0, &signature.as_ref()[..48]), (0x2e8, &signature.as_ref()[48..])] {
            let little_endian: Vec<u8> = scalar.iter().rev().copied().collect();
            report[offset..offset + 48].copy_from_slice(&little_endian);
        }
        (self.tamper)(&mut report);
        report
    }

    pub(crate) fn endorsements(&self) -> Vec<Vec<u8>> {
        let all = [self.root.sign(), self.intermediate.sign(), self.leaf.sign(), self.list.sign()];
        all.into_iter().zip(self.brought).filter_map(|(file, brought)| brought.then_some(file)).collect()
    }

    pub(crate) fn appraise(self) -> Result<AttestationResult, Rejection> {
        self.appraise_with(CryptoProvider::ring())
    }

    pub(crate) fn appraise_with(mut self, provider: CryptoProvider) -> Result<AttestationResult, Rejection> {
        // A PSS signature has a random salt, so the root is signed once and pinned as it was brought.
        let files = self.endorsements();
        let digest = ring::digest::digest(&ring::digest::SHA256, files.first().map_or(&[], Vec::as_slice));
        let fingerprint = Fingerprint::from_sha256(digest.as_ref().try_into().unwrap());
        self.accept.trust_anchor = self.pinned.clone().unwrap_or(TrustAnchor::new(fingerprint, true).unwrap());
        let policy = Policy::new(vec![self.accept.clone().into()]).unwrap();
        let evidence = Evidence::decode(&self.evidence())?;
        let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice))?;
        Verifier::new(provider, &policy).appraise(evidence, &endorsements, self.binding, self.now)
    }
}

fn leaf_extensions(product: Product, identity_name: &str, identity: &[u8]) -> Vec<(String, bool, Vec<u8>)> {
    let turin = product == Product::Turin;
    let mut values = vec![
        ("1", der::integer(&[u8::from(turin)])),
        ("2", der::ia5(product.as_str())),
        ("3.1", der::integer(&[3])),
        ("3.2", der::integer(&[1])),
        ("3.3", der::integer(&[8])),
        ("3.5", der::integer(&[0])),
        ("3.8", der::integer(&[0xd5])),
        (identity_name, identity.to_vec()),
    ];
    if turin {
        values.push(("3.9", der::integer(&[2])));
    }
    values.into_iter().map(|(name, value)| (format!("1.3.6.1.4.1.3704.1.{name}"), false, value)).collect()
}

/// bootloader 3, tee 1, snp 8, microcode 213, and fmc 2 on Turin.
pub(crate) fn tcb(product: Product) -> [u8; 8] {
    match product {
        Product::Milan | Product::Genoa => [3, 1, 0, 0, 0, 0, 8, 0xd5],
        Product::Turin => [2, 3, 1, 8, 0, 0, 0, 0xd5],
    }
}

fn report(product: Product, kind: SigningKey, version: u8) -> Vec<u8> {
    let mut report = vec![0; 1184];
    let mut put = |offset: usize, bytes: &[u8]| report[offset..offset + bytes.len()].copy_from_slice(bytes);
    put(0x000, &[version]);
    put(0x004, &[5]); // guest SVN
    put(0x008, &0x3_0000_u64.to_le_bytes()); // SMT, reserved one
    put(0x010, &[0xf0; 16]);
    put(0x020, &[0xf1; 16]);
    put(0x034, &[1]);
    for offset in [0x038, 0x180, 0x1e0, 0x1f0] {
        put(offset, &tcb(product));
    }
    put(0x040, &[0x25]); // SMT, ECC, alias check
    put(0x048, &[if kind == SigningKey::Vlek { 4 } else { 0 }]);
    put(0x050, &REPORT_DATA);
    put(0x090, &[0x3e; 48]);
    put(0x0c0, &[0x4d; 32]);
    put(0x0e0, &[0x1d; 48]);
    put(0x110, &[0xa0; 48]);
    put(0x140, &[0x1e; 32]);
    put(0x160, &[0xff; 32]);
    if version >= 3 {
        put(
            0x188,
            match product {
                Product::Milan => &[0x19, 0x01, 1],
                Product::Genoa => &[0x19, 0x11, 1],
                Product::Turin => &[0x1a, 0x02, 1],
            },
        );
    }
    if kind == SigningKey::Vcek {
        put(0x1a0, &vec![CHIP_ID; if product == Product::Turin { 8 } else { 64 }]);
    }
    put(0x1e8, &[29, 55, 1, 0, 29, 55, 1, 0]);
    if version >= 5 {
        put(0x1f8, &[0b11]);
        put(0x200, &[0b111]);
    }
    report
}

/// Accepts exactly this world, and skips nothing that can be judged in it.
fn accept(product: Product, kind: SigningKey, version: u8) -> snp::Accept {
    let level = TcbVersion {
        fmc: if product == Product::Turin { 2 } else { 0 },
        bootloader: 3,
        tee: 1,
        snp: 8,
        microcode: 0xd5,
    };
    let mut chip_id = [0; 64];
    chip_id[..if product == Product::Turin { 8 } else { 64 }].fill(CHIP_ID);
    snp::Accept {
        name: "test".to_owned(),
        trust_anchor: TrustAnchor::new(Fingerprint::from_sha256([0; 32]), true).unwrap(),
        report_versions: vec![version.into()],
        signing_keys: vec![kind],
        revocation: Requirement::Required,
        visible_chip_id: Requirement::Required,
        measurements: vec![Measurement::sha384([0x3e; 48])],
        machines: if kind == SigningKey::Vcek { Rule::Require(vec![chip_id]) } else { Rule::skip("a VLEK is shared") },
        minimum_firmware: Rule::Require(level),
        minimum_launch_firmware: Rule::Require(level),
        committed_firmware: Requirement::Required,
        guest_policy: snp::Bits { set: 0, clear: snp::guest_policy::CXL_ALLOW },
        minimum_guest_abi: Rule::Require(snp::GuestAbi { major: 0, minor: 0 }),
        platform_info: snp::Bits { set: snp::platform_info::ALIAS_CHECK_COMPLETE, clear: snp::platform_info::TIO },
        maximum_vmpl: 0,
        host_data: Rule::Require(vec![[0x4d; 32]]),
        images: Rule::Require(vec![snp::Image { family_id: [0xf0; 16], image_id: [0xf1; 16] }]),
        minimum_guest_svn: Rule::Require(5),
        id_key_digests: Rule::Require(vec![[0x1d; 48]]),
        author_key_digests: Rule::skip("the test has no author key"),
        mitigations: if version >= 5 {
            Rule::Require(snp::Mitigations { launch: 0b1, current: 0b101 })
        } else {
            Rule::skip("only version 5 tells")
        },
    }
}
