//! The vectors of `tests/vectors/object`, which another implementation made.

use crate::support::decrypt;
use core::convert::Infallible;
use rand_core::{TryCryptoRng, TryRng};
use sealroom_protocol::object::{DataKey, Manifest, Writer};
use sealroom_protocol::provider;
use serde::Deserialize;
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Vector {
    key: String,
    salt: String,
    header: String,
    plaintext: String,
    plaintext_length: usize,
    plaintext_sha256: String,
    body_length: usize,
    body_sha256: String,
    body: Option<String>,
    manifest: String,
    id: String,
}

#[derive(Deserialize)]
struct Refused {
    name: String,
    manifest: String,
    expect: String,
}

/// Gives a salt, once. The writer asks for nothing else.
struct Salt(Option<Vec<u8>>);

impl TryRng for Salt {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("the writer asks for bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("the writer asks for bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.copy_from_slice(&self.0.take().unwrap());
        Ok(())
    }
}

impl TryCryptoRng for Salt {}

impl Vector {
    fn key(&self) -> DataKey {
        DataKey::fill_with(|bytes| hex::decode_to_slice(&self.key, bytes).unwrap())
    }

    fn plaintext(&self) -> Vec<u8> {
        let mut plaintext = vec![0; self.plaintext_length];
        blake3::Hasher::new().update(self.plaintext.as_bytes()).finalize_xof().fill(&mut plaintext);
        assert_eq!(hex::encode(Sha256::digest(&plaintext)), self.plaintext_sha256);
        plaintext
    }

    /// Writes the object with the salt of the vector, and compares every byte.
    fn apply(&self) {
        let plaintext = self.plaintext();
        for provider in provider::all() {
            let header = hex::decode(&self.header).unwrap();
            let mut salt = Salt(Some(hex::decode(&self.salt).unwrap()));
            let mut body = Vec::new();
            let mut sink = |bytes: &[u8]| -> Result<(), Infallible> {
                body.extend_from_slice(bytes);
                Ok(())
            };
            let mut writer = Writer::new(*provider, &self.key(), &header, &mut salt).unwrap();
            writer.write(&plaintext, &mut sink).unwrap();
            let manifest = writer.finish(&mut sink).unwrap();

            assert_eq!(body.len(), self.body_length);
            assert_eq!(hex::encode(Sha256::digest(&body)), self.body_sha256);
            assert_eq!(self.body.as_ref().unwrap_or(&hex::encode(&body)), &hex::encode(&body));
            assert_eq!(hex::encode(manifest.encode()), self.manifest);
            assert_eq!(manifest.id().to_string(), self.id);

            let encoded = hex::decode(&self.manifest).unwrap();
            let read = decrypt(*provider, &self.key(), &self.id.parse().unwrap(), &encoded, &body);
            assert!(read.as_ref() == Ok(&plaintext));
        }
    }
}

#[test]
fn the_objects_of_another_implementation_are_ours_byte_for_byte() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../../tests/vectors/object/objects.json")).unwrap();
    assert_eq!(vectors.len(), 10);
    vectors.iter().for_each(Vector::apply);
}

#[test]
fn the_bodies_of_a_published_implementation_are_ours_byte_for_byte() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../../tests/vectors/object/foreign.json")).unwrap();
    assert_eq!(vectors.len(), 4);
    vectors.iter().for_each(Vector::apply);
}

#[test]
fn each_refused_manifest_trips_the_check_it_names() {
    let vectors: Vec<Refused> =
        serde_json::from_str(include_str!("../../../tests/vectors/object/refused.json")).unwrap();
    assert_eq!(vectors.len(), 23);
    for vector in vectors {
        let error = Manifest::decode(&hex::decode(&vector.manifest).unwrap()).unwrap_err();
        let shown = format!("{error:?}");
        let variant = shown.split([' ', '{']).next();
        assert_eq!(variant, Some(vector.expect.as_str()), "{}", vector.name);
    }
}
