//! Certificates on P-384, before and after they are signed. Keys are made anew at each run and kept by name.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair,
};

use crate::der;

const NOT_BEFORE: &str = "240101000000Z";
const NOT_AFTER: &str = "310101000000Z";

/// The same secret for the same name, all through a run.
fn key(name: &str, algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    static KEYS: OnceLock<Mutex<BTreeMap<String, Vec<u8>>>> = OnceLock::new();
    let mut keys = KEYS.get_or_init(Mutex::default).lock().unwrap();
    let random = SystemRandom::new();
    let made = || EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, &random).unwrap().as_ref().to_vec();
    let pkcs8 = keys.entry(name.to_owned()).or_insert_with(made);
    EcdsaKeyPair::from_pkcs8(algorithm, pkcs8, &random).unwrap()
}

/// r and s, 48 bytes each.
pub(crate) fn sign_fixed(name: &str, message: &[u8]) -> Vec<u8> {
    key(name, &ECDSA_P384_SHA384_FIXED_SIGNING).sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
}

/// Uncompressed point.
pub(crate) fn point(name: &str) -> Vec<u8> {
    key(name, &ECDSA_P384_SHA384_ASN1_SIGNING).public_key().as_ref().to_vec()
}

/// SubjectPublicKeyInfo.
pub(crate) fn public_key(name: &str) -> Vec<u8> {
    der::sequence(&[der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid("1.3.132.0.34")]), der::bits(&point(name))])
}

/// ecdsa-with-SHA384.
pub(crate) fn ecdsa_sha384() -> Vec<u8> {
    der::sequence(&[der::oid("1.2.840.10045.4.3.3")])
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
    /// Name of the key that signs it.
    pub(crate) signer: String,
}

impl Draft {
    /// `below`: how many authorities it lets stand below it.
    pub(crate) fn authority(issuer: &str, subject: &str, below: Option<u8>) -> Self {
        let mut constraints = vec![der::boolean_true()];
        constraints.extend(below.map(|below| der::integer(&[below])));
        Self {
            version: 2,
            serial: vec![7],
            algorithm: ecdsa_sha384(),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            not_before: NOT_BEFORE,
            not_after: NOT_AFTER,
            public_key: public_key(subject),
            extensions: vec![
                ("2.5.29.19".to_owned(), true, der::sequence(&constraints)),
                // keyCertSign
                ("2.5.29.15".to_owned(), true, der::tlv(0x03, &[2, 0x04])),
            ],
            signer: issuer.to_owned(),
        }
    }

    pub(crate) fn leaf(issuer: &str, subject: &str) -> Self {
        let mut leaf = Self::authority(issuer, subject, None);
        leaf.set_extension("2.5.29.19", &der::sequence(&[]));
        // digitalSignature
        leaf.set_extension("2.5.29.15", &der::tlv(0x03, &[7, 0x80]));
        leaf
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
            parts.pop(); // and has no extensions
        }
        let content = der::sequence(&parts);
        let signature =
            key(&self.signer, &ECDSA_P384_SHA384_ASN1_SIGNING).sign(&SystemRandom::new(), &content).unwrap();
        der::sequence(&[content, self.algorithm.clone(), der::bits(signature.as_ref())])
    }
}

/// A revocation list before it is signed.
#[derive(Clone)]
pub(crate) struct ListDraft {
    pub(crate) issuer: String,
    pub(crate) this_update: &'static str,
    pub(crate) next_update: Option<&'static str>,
    pub(crate) serials: Vec<Vec<u8>>,
    /// Name of the key that signs it.
    pub(crate) signer: String,
}

impl ListDraft {
    pub(crate) fn sign(&self) -> Vec<u8> {
        let mut parts =
            vec![der::integer(&[1]), ecdsa_sha384(), der::common_name(&self.issuer), der::utc_time(self.this_update)];
        parts.extend(self.next_update.map(der::utc_time));
        let entry = |serial: &Vec<u8>| der::sequence(&[der::integer(serial), der::utc_time(self.this_update)]);
        if !self.serials.is_empty() {
            parts.push(der::sequence(&self.serials.iter().map(entry).collect::<Vec<_>>()));
        }
        let content = der::sequence(&parts);
        let signature =
            key(&self.signer, &ECDSA_P384_SHA384_ASN1_SIGNING).sign(&SystemRandom::new(), &content).unwrap();
        der::sequence(&[content, ecdsa_sha384(), der::bits(signature.as_ref())])
    }
}
