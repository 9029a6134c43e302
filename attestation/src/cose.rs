//! COSE_Sign1 (RFC 9052 section 4.2), as the makers of Evidence use it: one algorithm in the protected header, nothing in the
//! unprotected one, the payload inside. The signature is verified over the bytes received.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::cbor::{self, Reader};
use crate::crypto::{BadSignature, Crypto, PublicKey, SignatureKind};

/// RFC 9052 section 2.
const TAG: u64 = 18;
/// Of the header parameter "alg" (RFC 9052 section 3.1).
const ALG: i64 = 1;

/// A signed message that decodes. Nothing is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sign1 {
    /// Sig_structure over the bytes received (RFC 9052 section 4.4).
    to_be_signed: Vec<u8>,
    signature: Vec<u8>,
    pub(crate) algorithm: Algorithm,
}

/// RFC 9053 section 2.1, each with the one curve that the makers of Evidence use it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// -7, on P-256.
    Es256,
    /// -35, on P-384.
    Es384,
    /// -36, on P-521. Nothing here verifies it.
    Es512,
    /// -8, on Ed25519.
    EdDsa,
}

impl Algorithm {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(crate) fn read(code: i64) -> cbor::Result<Self> {
        match code {
            -7 => Ok(Self::Es256),
            -35 => Ok(Self::Es384),
            -36 => Ok(Self::Es512),
            -8 => Ok(Self::EdDsa),
            _ => Err(format!("algorithm {code} is not -7 (ES256), -35 (ES384), -36 (ES512) or -8 (EdDSA)")),
        }
    }

    fn signature_bytes(self) -> usize {
        match self {
            Self::Es256 | Self::EdDsa => 64,
            Self::Es384 => 96,
            Self::Es512 => 132,
        }
    }
}

impl Sign1 {
    /// All of `bytes`, with the tag or without. Returns the payload beside it.
    pub(crate) fn decode(bytes: &[u8]) -> cbor::Result<(Self, &[u8])> {
        Self::open(bytes, only_an_algorithm, |reader| reader.map_of(0, "the unprotected header"))
    }

    /// The same for formats with headers of their own: each is read whole by its function, the protected one from its bytes.
    pub(crate) fn open<'b>(
        bytes: &'b [u8],
        read_protected: impl FnOnce(&'b [u8]) -> cbor::Result<Algorithm>,
        read_unprotected: impl FnOnce(&mut Reader<'b>) -> cbor::Result<()>,
    ) -> cbor::Result<(Self, &'b [u8])> {
        let mut reader = Reader::new(bytes);
        // The tag's only short form.
        if bytes.first() == Some(&0xd2) && reader.tag("the signed message")? != TAG {
            return Err(String::from("the signed message has another tag than 18"));
        }
        reader.array_of(4, "the signed message")?;
        let protected = reader.bytes("the protected header")?;
        read_unprotected(&mut reader)?;
        let payload = reader.bytes("the payload")?;
        let signature = reader.bytes("the signature")?;
        reader.end("the signed message")?;

        let algorithm = read_protected(protected)?;
        if signature.len() != algorithm.signature_bytes() {
            let expected = algorithm.signature_bytes();
            return Err(format!("the signature has {} bytes, expected {expected}", signature.len()));
        }
        let message =
            Self { to_be_signed: sig_structure(protected, payload), signature: signature.to_vec(), algorithm };
        Ok((message, payload))
    }

    /// By a key of the kind that the algorithm needs; another kind verifies nothing.
    pub(crate) fn verify(&self, key: &PublicKey, crypto: &Crypto<'_>) -> Result<(), BadSignature> {
        let kind = match self.algorithm {
            Algorithm::Es256 => SignatureKind::EcdsaP256Sha256Fixed,
            Algorithm::Es384 => SignatureKind::EcdsaP384Sha384Fixed,
            Algorithm::EdDsa => SignatureKind::Ed25519,
            Algorithm::Es512 => return Err(BadSignature),
        };
        crypto.verify(key, kind, &self.to_be_signed, &self.signature)
    }
}

/// A protected header that names its algorithm and nothing else.
fn only_an_algorithm(protected: &[u8]) -> cbor::Result<Algorithm> {
    let mut header = Reader::new(protected);
    header.map_of(1, "the protected header")?;
    if header.integer("the label in the protected header")? != ALG {
        return Err(String::from("the protected header names something else than its algorithm"));
    }
    let algorithm = Algorithm::read(header.integer("the algorithm")?)?;
    header.end("the protected header")?;
    Ok(algorithm)
}

/// The message with its tag, signed by `sign` over the Sig_structure. `algorithm` is the number in COSE.
pub(crate) fn sign1<E>(
    algorithm: i8,
    payload: &[u8],
    sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, E> {
    let mut protected = Vec::from([0xa1, 0x01]);
    cbor::push_integer(algorithm.into(), &mut protected);
    let signature = sign(&sig_structure(&protected, payload))?;
    let mut bytes = Vec::with_capacity(payload.len().saturating_add(signature.len()).saturating_add(16));
    bytes.push(0xd2);
    cbor::push_head(4, 4, &mut bytes);
    cbor::push_bytes(&protected, &mut bytes);
    cbor::push_head(5, 0, &mut bytes);
    cbor::push_bytes(payload, &mut bytes);
    cbor::push_bytes(&signature, &mut bytes);
    Ok(bytes)
}

/// RFC 9052 section 4.4: context, protected header, no external data, payload.
fn sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    const CONTEXT: &str = "Signature1";
    let mut bytes = Vec::with_capacity(32 + protected.len() + payload.len());
    cbor::push_head(4, 4, &mut bytes);
    cbor::push_head(3, CONTEXT.len(), &mut bytes);
    bytes.extend(CONTEXT.as_bytes());
    for part in [protected, &[], payload] {
        cbor::push_head(2, part.len(), &mut bytes);
        bytes.extend(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(head: &[u8], rest: &[u8]) -> Vec<u8> {
        let mut bytes = head.to_vec();
        bytes.extend([0x41, 0x55]); // the payload
        bytes.extend(rest);
        bytes
    }

    fn signature(length: u8) -> Vec<u8> {
        let mut bytes = alloc::vec![0x58, length];
        bytes.resize(2 + usize::from(length), 0);
        bytes
    }

    #[test]
    fn the_tag_may_be_there_or_not() {
        for head in [&[0x84, 0x44, 0xa1, 0x01, 0x38, 0x22, 0xa0][..], &[0xd2, 0x84, 0x44, 0xa1, 0x01, 0x38, 0x22, 0xa0]]
        {
            let bytes = message(head, &signature(96));
            let (decoded, payload) = Sign1::decode(&bytes).unwrap();
            assert_eq!((decoded.algorithm, payload), (Algorithm::Es384, &[0x55][..]));
        }
    }

    #[test]
    fn what_is_signed_is_the_structure_of_the_standard() {
        let signed = sig_structure(&[0xa1, 0x01, 0x38, 0x22], &[0x55]);
        let expected = [&[0x84, 0x6a][..], b"Signature1", &[0x44, 0xa1, 0x01, 0x38, 0x22, 0x40, 0x41, 0x55]].concat();
        assert_eq!(signed, expected);
    }

    #[test]
    fn another_header_than_one_algorithm_is_refused() {
        let refused = |head: &[u8], length| Sign1::decode(&message(head, &signature(length))).unwrap_err();
        let rsa = refused(&[0x84, 0x45, 0xa1, 0x01, 0x39, 0x01, 0x00, 0xa0], 96);
        assert_eq!(rsa, "algorithm -257 is not -7 (ES256), -35 (ES384), -36 (ES512) or -8 (EdDSA)");
        let two = refused(&[0x84, 0x47, 0xa2, 0x01, 0x38, 0x22, 0x04, 0x41, 0x00, 0xa0], 96);
        assert_eq!(two, "the protected header has 2 pairs, expected 1");
        let unprotected = refused(&[0x84, 0x44, 0xa1, 0x01, 0x38, 0x22, 0xa1, 0x04, 0x00], 96);
        assert_eq!(unprotected, "the unprotected header has 1 pairs, expected 0");
        assert_eq!(refused(&[0x84, 0x40, 0xa0], 96), "the protected header is no map of definite length");
        let short = refused(&[0x84, 0x44, 0xa1, 0x01, 0x38, 0x22, 0xa0], 64);
        assert_eq!(short, "the signature has 64 bytes, expected 96");
    }

    #[test]
    fn bytes_after_the_message_are_refused() {
        let mut bytes = message(&[0x84, 0x44, 0xa1, 0x01, 0x38, 0x22, 0xa0], &signature(96));
        bytes.push(0);
        assert_eq!(Sign1::decode(&bytes).unwrap_err(), "1 bytes follow the signed message");
    }
}
