//! C2SP's own vectors for chunked-encryption, applied to the writer and the reader as their page asks: see
//! `tests/vectors/object/README.md` for where they come from.

use super::cipher::{Cipher, SALT_LENGTH};
use super::layout::{GROUP_LENGTH, PREFIX_LENGTH};
use super::{DataKey, Manifest, ObjectError, Reader, Writer};
use crate::provider::{self, AeadProvider};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::convert::Infallible;
use serde::Deserialize;
use sha2::{Digest, Sha512};

const FILE: &str = include_str!("../../../tests/vectors/object/c2sp/c2sp_chunked_encryption_aes_256_gcm_test.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    number_of_tests: usize,
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    aead: String,
    sha: String,
    tests: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u32,
    key: String,
    ctx: String,
    /// zlib, then hexadecimal.
    ct: String,
    msg_length: Option<usize>,
    msg_sha512: Option<String>,
    result: String,
    flags: Vec<String>,
}

impl Vector {
    fn body(&self) -> Vec<u8> {
        let compressed = hex::decode(&self.ct).unwrap();
        miniz_oxide::inflate::decompress_to_vec_zlib(&compressed).unwrap()
    }

    fn is(&self, flag: &str) -> bool {
        self.flags.iter().any(|found| found == flag)
    }
}

/// What a reader makes of a body, where everyone believes the digests of whatever the body holds.
fn read(provider: &dyn AeadProvider, key: &DataKey, context: &[u8], body: &[u8]) -> Result<Vec<u8>, ObjectError> {
    let found = u64::try_from(body.len()).unwrap();
    let (prefix, groups) = body.split_first_chunk::<PREFIX_LENGTH>().ok_or(ObjectError::BodyLength { found })?;
    let list = groups.chunks(GROUP_LENGTH).flat_map(|group| *blake3::hash(group).as_bytes()).collect();
    let manifest = Manifest::of_parts(Vec::new(), *prefix, found, list)?;
    let salt = prefix.first_chunk::<SALT_LENGTH>().unwrap();
    let cipher = Cipher::with_context(provider, key, salt, context).unwrap();
    let mut reader = Reader::with_cipher(cipher, manifest)?;
    let (mut plaintext, mut group) = (Vec::new(), Vec::new());
    for (index, ciphertext) in (0..).zip(groups.chunks(GROUP_LENGTH)) {
        reader.decrypt_group(index, ciphertext, &mut group)?;
        plaintext.extend_from_slice(&group);
    }
    Ok(plaintext)
}

fn write(provider: &dyn AeadProvider, key: &DataKey, context: &[u8], salt: &[u8; 24], plaintext: &[u8]) -> Vec<u8> {
    let cipher = Cipher::with_context(provider, key, salt, context).unwrap();
    let mut writer = Writer::with_cipher(cipher, salt, b"");
    let mut body = Vec::new();
    let mut sink = |bytes: &[u8]| -> Result<(), Infallible> {
        body.extend_from_slice(bytes);
        Ok(())
    };
    writer.write(plaintext, &mut sink).unwrap();
    writer.finish(&mut sink).unwrap();
    body
}

/// Which check each kind of bad message must trip.
fn expected(vector: &Vector, body: &[u8]) -> ObjectError {
    let found = u64::try_from(body.len()).unwrap();
    let has_length_of_a_body = found >= 72 && (found - 56) % 16_400 >= 16;
    if !has_length_of_a_body {
        ObjectError::BodyLength { found }
    } else if vector.is("HeaderFailure") {
        ObjectError::Commitment
    } else {
        ObjectError::DecryptionFailed
    }
}

#[test]
fn every_provider_agrees_with_the_vectors_of_c2sp() {
    let file: File = serde_json::from_str(FILE).unwrap();
    let mut applied = 0;
    for group in &file.test_groups {
        assert_eq!((group.aead.as_str(), group.sha.as_str()), ("AEAD_AES_256_GCM", "SHA-512"));
        for vector in &group.tests {
            applied += 1;
            let Ok(bytes) = <[u8; 32]>::try_from(hex::decode(&vector.key).unwrap()) else {
                // A data key has 32 bytes by its type: this is where another length ends.
                assert!(vector.is("InvalidKeySize"));
                continue;
            };
            let key = DataKey::fill_with(|key| *key = bytes);
            let (context, body) = (hex::decode(&vector.ctx).unwrap(), vector.body());
            for provider in provider::all() {
                let name = format!("vector {} with {}", vector.tc_id, provider.name());
                let read = read(*provider, &key, &context, &body);
                if vector.result == "valid" {
                    let plaintext = read.expect(&name);
                    assert_eq!(Some(plaintext.len()), vector.msg_length, "{name}");
                    assert_eq!(Some(hex::encode(Sha512::digest(&plaintext))), vector.msg_sha512, "{name}");
                    let salt = body.first_chunk().unwrap();
                    assert!(write(*provider, &key, &context, salt, &plaintext) == body, "{name}");
                } else {
                    assert_eq!(read, Err(expected(vector, &body)), "{name}");
                }
            }
        }
    }
    assert_eq!((applied, file.number_of_tests), (35, 35));
}
