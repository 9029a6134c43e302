//! Makes quotes as a TPM does, byte by byte, and signs them.

use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256};
use sealroom_attestation::event_log::Algorithm;
use sealroom_attestation::tpm::QuoteParts;

use crate::world::rsa_key;

pub(crate) const RSASSA: u16 = 0x14;
pub(crate) const RSAPSS: u16 = 0x16;
pub(crate) const ECDSA: u16 = 0x18;

pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

/// A quote before it is signed.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) magic: u32,
    pub(crate) kind: u16,
    pub(crate) extra_data: Vec<u8>,
    pub(crate) resets: u32,
    pub(crate) restarts: u32,
    pub(crate) safe: u8,
    pub(crate) firmware: u64,
    /// Bank, registers.
    pub(crate) selections: Vec<(u16, Vec<u8>)>,
    /// Over these values, if not over those that are brought.
    pub(crate) digest_of: Option<Vec<u8>>,
    pub(crate) tail: Vec<u8>,
    pub(crate) scheme: u16,
    pub(crate) hash: u16,
    /// Name of an RSA key; for ECDSA it is the one key of this test.
    pub(crate) signer: &'static str,
    pub(crate) bank: Algorithm,
    pub(crate) values: Vec<(u8, Vec<u8>)>,
    pub(crate) event_log: Vec<u8>,
}

impl Draft {
    /// PCR 0, 4 and 7 of SHA-256.
    pub(crate) fn new(extra_data: &[u8]) -> Self {
        Self {
            magic: 0xff54_4347,
            kind: 0x8018,
            extra_data: extra_data.to_vec(),
            resets: 5,
            restarts: 1,
            safe: 1,
            firmware: 0x2020_0312_0012_0003,
            selections: vec![(0x0b, vec![0, 4, 7])],
            digest_of: None,
            tail: Vec::new(),
            scheme: RSASSA,
            hash: 0x0b,
            signer: "other-ark",
            bank: Algorithm::Sha256,
            values: vec![(0, vec![0xa0; 32]), (4, vec![0xa4; 32]), (7, vec![0xa7; 32])],
            event_log: Vec::new(),
        }
    }

    fn message(&self) -> Vec<u8> {
        let mut message = self.magic.to_be_bytes().to_vec();
        message.extend(self.kind.to_be_bytes());
        message.extend(sized(&[0x0b; 34]));
        message.extend(sized(&self.extra_data));
        message.extend(7_777_u64.to_be_bytes());
        message.extend(self.resets.to_be_bytes());
        message.extend(self.restarts.to_be_bytes());
        message.push(self.safe);
        message.extend(self.firmware.to_be_bytes());
        message.extend(u32::try_from(self.selections.len()).unwrap().to_be_bytes());
        for (bank, registers) in &self.selections {
            message.extend(bank.to_be_bytes());
            let mut bitmap = [0_u8; 3];
            registers.iter().for_each(|index| bitmap[usize::from(index / 8)] |= 1 << (index % 8));
            message.push(3);
            message.extend(bitmap);
        }
        let values: Vec<u8> = self.values.iter().flat_map(|(_, value)| value.clone()).collect();
        message.extend(sized(&sha256(self.digest_of.as_ref().unwrap_or(&values))));
        message.extend(&self.tail);
        message
    }

    pub(crate) fn parts(&self) -> QuoteParts {
        let message = self.message();
        let mut signature = [self.scheme.to_be_bytes(), self.hash.to_be_bytes()].concat();
        if self.scheme == ECDSA {
            let both = elliptic_key().sign(&SystemRandom::new(), &message).unwrap();
            signature.extend(sized(&both.as_ref()[..32]));
            signature.extend(sized(&both.as_ref()[32..]));
        } else {
            let key = rsa_key(self.signer);
            let padding: &dyn ring::signature::RsaEncoding =
                if self.scheme == RSAPSS { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
            let mut bytes = vec![0; key.public().modulus_len()];
            key.sign(padding, &SystemRandom::new(), &message, &mut bytes).unwrap();
            signature.extend(sized(&bytes));
        }
        QuoteParts {
            quote: message,
            signature,
            bank: self.bank,
            values: self.values.clone(),
            event_log: self.event_log.clone(),
        }
    }
}

pub(crate) fn elliptic_key() -> &'static EcdsaKeyPair {
    static KEY: std::sync::OnceLock<EcdsaKeyPair> = std::sync::OnceLock::new();
    KEY.get_or_init(|| {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap()
    })
}

/// TPMA_OBJECT of a good attestation key: fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, sign.
pub(crate) const ATTRIBUTES: u32 = 0x0005_0072;

/// TPMT_PUBLIC of the RSA key with this name, or of the elliptic one.
pub(crate) fn public(draft: &Draft, attributes: u32) -> Vec<u8> {
    let elliptic = draft.scheme == ECDSA;
    let mut public = if elliptic { vec![0, 0x23] } else { vec![0, 0x01] };
    public.extend([0, 0x0b]);
    public.extend(attributes.to_be_bytes());
    public.extend(sized(&[]));
    public.extend([0, 0x10]);
    public.extend(draft.scheme.to_be_bytes());
    public.extend(draft.hash.to_be_bytes());
    if elliptic {
        let point = elliptic_key().public_key().as_ref();
        public.extend([0, 0x03, 0, 0x10]);
        public.extend(sized(&point[1..33]));
        public.extend(sized(&point[33..]));
    } else {
        let modulus = modulus(draft.signer);
        public.extend(u16::try_from(modulus.len() * 8).unwrap().to_be_bytes());
        public.extend(0_u32.to_be_bytes());
        public.extend(sized(&modulus));
    }
    public
}

pub(crate) fn modulus(name: &str) -> Vec<u8> {
    use ring::rsa::PublicKeyComponents;
    let components: PublicKeyComponents<Vec<u8>> = rsa_key(name).public().into();
    components.n
}
