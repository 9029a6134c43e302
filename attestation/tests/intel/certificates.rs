//! Certificates and revocation lists of a test root in the shape of Intel's, each kept as a draft until it is signed.

use std::sync::OnceLock;

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair,
};

use crate::der;

const NOT_BEFORE: &str = "240101000000Z";
const NOT_AFTER: &str = "310101000000Z";
const ARC: &str = "1.2.840.113741.1.13.1";

/// Whose key it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Key {
    Root,
    Ca,
    Pck,
    Signer,
    Attestation,
    Other,
}

/// A key pair, for signatures in DER and for those of fixed size.
struct Pair {
    der: EcdsaKeyPair,
    fixed: EcdsaKeyPair,
}

impl Key {
    fn pair(self) -> &'static Pair {
        static KEYS: OnceLock<[Pair; 6]> = OnceLock::new();
        let new = || {
            let random = SystemRandom::new();
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
            let load = |algorithm: &'static EcdsaSigningAlgorithm| {
                EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap()
            };
            Pair { der: load(&ECDSA_P256_SHA256_ASN1_SIGNING), fixed: load(&ECDSA_P256_SHA256_FIXED_SIGNING) }
        };
        let keys = KEYS.get_or_init(|| core::array::from_fn(|_| new()));
        match self {
            Self::Root => &keys[0],
            Self::Ca => &keys[1],
            Self::Pck => &keys[2],
            Self::Signer => &keys[3],
            Self::Attestation => &keys[4],
            Self::Other => &keys[5],
        }
    }

    /// r and s, 64 bytes.
    pub(crate) fn sign(self, message: &[u8]) -> [u8; 64] {
        self.pair().fixed.sign(&SystemRandom::new(), message).unwrap().as_ref().try_into().unwrap()
    }

    fn sign_der(self, message: &[u8]) -> Vec<u8> {
        self.pair().der.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }

    /// The two coordinates.
    pub(crate) fn point(self) -> [u8; 64] {
        self.pair().der.public_key().as_ref()[1..].try_into().unwrap()
    }

    pub(crate) fn public(self) -> Vec<u8> {
        der::sequence(&[
            der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid("1.2.840.10045.3.1.7")]),
            der::bits(self.pair().der.public_key().as_ref()),
        ])
    }
}

pub(crate) fn ecdsa_sha256() -> Vec<u8> {
    der::sequence(&[der::oid("1.2.840.10045.4.3.2")])
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
    pub(crate) signer: Key,
}

impl Draft {
    pub(crate) fn authority(issuer: &str, subject: &str, signer: Key, key: Key) -> Self {
        Self {
            version: 2,
            serial: vec![1, u8::from(key == Key::Ca)],
            algorithm: ecdsa_sha256(),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            not_before: NOT_BEFORE,
            not_after: NOT_AFTER,
            public_key: key.public(),
            extensions: vec![
                ("2.5.29.19".to_owned(), true, der::sequence(&[der::boolean_true()])),
                ("2.5.29.15".to_owned(), true, der::tlv(0x03, &[1, 0x06])),
            ],
            signer,
        }
    }

    pub(crate) fn leaf(issuer: &str, subject: &str, signer: Key, key: Key) -> Self {
        let extensions = vec![
            ("2.5.29.19".to_owned(), true, der::sequence(&[])),
            ("2.5.29.15".to_owned(), true, der::tlv(0x03, &[6, 0xc0])),
        ];
        let serial = vec![2, u8::from(key == Key::Pck)];
        Self { extensions, serial, ..Self::authority(issuer, subject, signer, key) }
    }

    pub(crate) fn set_extension(&mut self, id: &str, value: &[u8]) {
        self.extensions.iter_mut().find(|(known, ..)| known == id).unwrap().2 = value.to_vec();
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
        let signature = self.signer.sign_der(&content);
        der::sequence(&[content, self.algorithm.clone(), der::bits(&signature)])
    }
}

/// A revocation list before it is signed.
#[derive(Clone)]
pub(crate) struct ListDraft {
    pub(crate) issuer: String,
    pub(crate) this_update: &'static str,
    pub(crate) next_update: &'static str,
    pub(crate) serials: Vec<Vec<u8>>,
    pub(crate) signer: Key,
}

impl ListDraft {
    pub(crate) fn new(issuer: &str, signer: Key) -> Self {
        Self {
            issuer: issuer.to_owned(),
            this_update: "260501000000Z",
            next_update: "260601000000Z",
            serials: vec![vec![9, 9]],
            signer,
        }
    }

    pub(crate) fn sign(&self) -> Vec<u8> {
        let entry = |serial: &Vec<u8>| der::sequence(&[der::integer(serial), der::utc_time(self.this_update)]);
        let content = der::sequence(&[
            der::integer(&[1]),
            ecdsa_sha256(),
            der::common_name(&self.issuer),
            der::utc_time(self.this_update),
            der::utc_time(self.next_update),
            der::sequence(&self.serials.iter().map(entry).collect::<Vec<_>>()),
        ]);
        let signature = self.signer.sign_der(&content);
        der::sequence(&[content, ecdsa_sha256(), der::bits(&signature)])
    }
}

/// The SGX extension of a PCK certificate before it is encoded.
#[derive(Clone)]
pub(crate) struct PckExtension {
    pub(crate) components: [u8; 16],
    pub(crate) pce_svn: u8,
    pub(crate) pce_id: [u8; 2],
    pub(crate) fmspc: [u8; 6],
    pub(crate) sgx_type: u8,
    /// Dynamic platform, cached keys, SMT; none for a single processor.
    pub(crate) flags: Option<[bool; 3]>,
}

impl PckExtension {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let pair = |number: &str, value: Vec<u8>| der::sequence(&[der::oid(&format!("{ARC}.{number}")), value]);
        let mut levels: Vec<_> =
            (1..=16).zip(self.components).map(|(at, svn)| pair(&format!("2.{at}"), der::integer(&[svn]))).collect();
        levels.push(pair("2.17", der::integer(&[self.pce_svn])));
        levels.push(pair("2.18", der::octets(&self.components)));
        let mut parts = vec![
            pair("1", der::octets(&[0x11; 16])),
            pair("2", der::sequence(&levels)),
            pair("3", der::octets(&self.pce_id)),
            pair("4", der::octets(&self.fmspc)),
            pair("5", der::tlv(0x0a, &[self.sgx_type])),
        ];
        if let Some(flags) = self.flags {
            let flags: Vec<_> = (1..=3)
                .zip(flags)
                .map(|(at, flag)| pair(&format!("7.{at}"), der::tlv(0x01, &[if flag { 0xff } else { 0 }])))
                .collect();
            parts.push(pair("6", der::octets(&[0x66; 16])));
            parts.push(pair("7", der::sequence(&flags)));
        }
        der::sequence(&parts)
    }
}
