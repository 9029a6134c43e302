//! The AEADs themselves: 16 KiB chunks in place under counter nonces, without any of an object's work.

const CHUNK: usize = 16_384;
const KEY: [u8; 32] = [7; 32];

pub type Tag = [u8; 16];

/// One implementation of AES-256-GCM, in place.
pub trait Bare {
    fn encrypt(&self, nonce: [u8; 12], chunk: &mut [u8]) -> Tag;
    fn decrypt(&self, nonce: [u8; 12], chunk: &mut [u8], tag: Tag);
}

pub fn ring() -> Box<dyn Bare> {
    let key = ring::aead::UnboundKey::new(&ring::aead::AES_256_GCM, &KEY).expect("32 bytes");
    Box::new(ring::aead::LessSafeKey::new(key))
}

pub fn aws_lc_rs() -> Box<dyn Bare> {
    let key = aws_lc_rs::aead::UnboundKey::new(&aws_lc_rs::aead::AES_256_GCM, &KEY).expect("32 bytes");
    Box::new(aws_lc_rs::aead::LessSafeKey::new(key))
}

/// Encrypts a buffer chunk by chunk where it lies.
pub fn encrypt_all(bare: &dyn Bare, buffer: &mut [u8]) -> Vec<Tag> {
    (0..).zip(buffer.chunks_mut(CHUNK)).map(|(number, chunk)| bare.encrypt(nonce(number), chunk)).collect()
}

/// The same for who keeps the plaintext where it is: each chunk is copied right before it is encrypted.
pub fn encrypt_copies(bare: &dyn Bare, plaintext: &[u8], buffer: &mut [u8]) -> Vec<Tag> {
    let chunks = plaintext.chunks(CHUNK).zip(buffer.chunks_mut(CHUNK));
    let encrypt = |(number, (from, to)): (u64, (&[u8], &mut [u8]))| {
        to.copy_from_slice(from);
        bare.encrypt(nonce(number), to)
    };
    (0..).zip(chunks).map(encrypt).collect()
}

/// Decrypts what [`encrypt_all`] made.
pub fn decrypt_all(bare: &dyn Bare, buffer: &mut [u8], tags: &[Tag]) {
    for ((number, chunk), tag) in (0..).zip(buffer.chunks_mut(CHUNK)).zip(tags) {
        bare.decrypt(nonce(number), chunk, *tag);
    }
}

/// The same for who keeps the ciphertext where it is.
pub fn decrypt_copies(bare: &dyn Bare, ciphertext: &[u8], buffer: &mut [u8], tags: &[Tag]) {
    let chunks = ciphertext.chunks(CHUNK).zip(buffer.chunks_mut(CHUNK));
    for ((number, (from, to)), tag) in (0..).zip(chunks).zip(tags) {
        to.copy_from_slice(from);
        bare.decrypt(nonce(number), to, *tag);
    }
}

fn nonce(number: u64) -> [u8; 12] {
    let mut nonce = [3; 12];
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    nonce
}

impl Bare for ring::aead::LessSafeKey {
    fn encrypt(&self, nonce: [u8; 12], chunk: &mut [u8]) -> Tag {
        use ring::aead::{Aad, Nonce};
        let tag = self.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), chunk);
        tag.expect("a chunk").as_ref().try_into().expect("16 bytes")
    }

    fn decrypt(&self, nonce: [u8; 12], chunk: &mut [u8], tag: Tag) {
        use ring::aead::{Aad, Nonce};
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.open_in_place_separate_tag(nonce, Aad::empty(), tag.into(), chunk, 0..).expect("a good chunk");
    }
}

impl Bare for aws_lc_rs::aead::LessSafeKey {
    fn encrypt(&self, nonce: [u8; 12], chunk: &mut [u8]) -> Tag {
        use aws_lc_rs::aead::{Aad, Nonce};
        let tag = self.seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), chunk);
        tag.expect("a chunk").as_ref().try_into().expect("16 bytes")
    }

    fn decrypt(&self, nonce: [u8; 12], chunk: &mut [u8], tag: Tag) {
        use aws_lc_rs::aead::{Aad, Nonce};
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.open_in_place_separate_tag(nonce, Aad::empty(), &tag, chunk).expect("a good chunk");
    }
}
