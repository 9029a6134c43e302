//! Objects made from a seed, so that a failure can be repeated.

use core::convert::Infallible;
use rand_core::{TryCryptoRng, TryRng};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::{DataKey, Manifest, ObjectError, Reader, Writer};
use sealroom_protocol::provider::{AeadProvider, RustCrypto};

/// BLAKE3 in extendable-output mode over a seed: reproducible, and as good as random.
pub(crate) struct Seeded(blake3::OutputReader);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof())
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.fill(&mut bytes);
        bytes
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}

/// An object with all that its owner knows of it.
pub(crate) struct Object {
    pub(crate) plaintext: Vec<u8>,
    pub(crate) key: DataKey,
    pub(crate) id: ObjectId,
    pub(crate) manifest: Manifest,
    pub(crate) body: Vec<u8>,
}

impl Object {
    /// An object of `length` bytes with its own key and content, made from a seed.
    pub(crate) fn new(seed: u64, length: usize, header: &[u8]) -> Self {
        let mut rng = Seeded::new(seed);
        let plaintext = rng.bytes(length);
        let key = DataKey::generate(&mut rng);
        let (manifest, body) = encrypt(&RustCrypto, &key, header, &[&plaintext], &mut rng);
        Self { plaintext, key, id: manifest.id(), manifest, body }
    }

    /// The ciphertext of one group.
    pub(crate) fn group(&self, index: u64) -> Vec<u8> {
        group_of(&self.body, &self.manifest, index).to_vec()
    }

    /// A reader of this object, of which everything is good.
    pub(crate) fn reader(&self) -> Reader {
        Reader::new(&RustCrypto, &self.key, &self.id, self.manifest.clone()).unwrap()
    }
}

/// Encrypts the concatenation of `parts`, one call a part.
pub(crate) fn encrypt(
    provider: &dyn AeadProvider,
    key: &DataKey,
    header: &[u8],
    parts: &[&[u8]],
    rng: &mut Seeded,
) -> (Manifest, Vec<u8>) {
    let mut body = Vec::new();
    let mut sink = |bytes: &[u8]| -> Result<(), Infallible> {
        body.extend_from_slice(bytes);
        Ok(())
    };
    let mut writer = Writer::new(provider, key, header, rng).unwrap();
    for part in parts {
        writer.write(part, &mut sink).unwrap();
    }
    let manifest = writer.finish(&mut sink).unwrap();
    (manifest, body)
}

/// Reads a whole object, from its stored bytes on.
pub(crate) fn decrypt(
    provider: &dyn AeadProvider,
    key: &DataKey,
    id: &ObjectId,
    manifest: &[u8],
    body: &[u8],
) -> Result<Vec<u8>, ObjectError> {
    let manifest = Manifest::decode(manifest)?;
    manifest.verify_prefix(body.get(..56).unwrap_or(body))?;
    let mut reader = Reader::new(provider, key, id, manifest.clone())?;
    let mut plaintext = Vec::new();
    let mut group = Vec::new();
    for index in 0..reader.group_count() {
        let ciphertext = if index + 1 == reader.group_count() {
            // The last group ends where the stored body ends, so bytes too many or too few are seen.
            let start = usize::try_from(reader.group_range(index)?.start).unwrap();
            body.get(start..).unwrap_or_default()
        } else {
            group_of(body, &manifest, index)
        };
        reader.decrypt_group(index, ciphertext, &mut group)?;
        plaintext.extend_from_slice(&group);
    }
    assert_eq!(u64::try_from(plaintext.len()), Ok(reader.plaintext_length()));
    Ok(plaintext)
}

/// What `body` has where group `index` lies.
pub(crate) fn group_of<'body>(body: &'body [u8], manifest: &Manifest, index: u64) -> &'body [u8] {
    let range = manifest.group_range(index).unwrap();
    let end = usize::try_from(range.end).unwrap().min(body.len());
    &body[usize::try_from(range.start).unwrap().min(end)..end]
}
