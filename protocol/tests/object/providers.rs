//! All providers that were compiled in give the same bytes and refuse the same. The C2SP vectors and `objects.json` run on
//! all of them as well.

use crate::support::Seeded;
use sealroom_protocol::provider::{self, AeadProvider, AeadRefused, NONCE_LENGTH, RustCrypto};

/// One encryption by the provider that is always there, and what it is made of.
struct Case {
    key: [u8; 32],
    nonce: [u8; NONCE_LENGTH],
    plaintext: Vec<u8>,
    ciphertext: Vec<u8>,
}

impl Case {
    fn new(seed: u64, length: usize) -> Self {
        let mut rng = Seeded::new(seed);
        let (key, nonce) = (rng.bytes(32).try_into().unwrap(), rng.bytes(12).try_into().unwrap());
        let plaintext = rng.bytes(length);
        let mut ciphertext = vec![0; length + 16];
        RustCrypto.schedule(&key).unwrap().encrypt(&nonce, &plaintext, &mut ciphertext).unwrap();
        Self { key, nonce, plaintext, ciphertext }
    }

    /// What one provider makes of a ciphertext, in both ways.
    fn decrypt(&self, provider: &dyn AeadProvider, ciphertext: &[u8]) -> Result<(), AeadRefused> {
        let schedule = provider.schedule(&self.key).unwrap();
        let mut plaintext = vec![0; ciphertext.len().saturating_sub(16)];
        let apart = schedule.decrypt(&self.nonce, ciphertext, &mut plaintext);
        assert!(apart.is_err() || plaintext == self.plaintext);
        for offset in [0, 16, 40] {
            let mut buffer = vec![0xee; offset];
            buffer.extend_from_slice(ciphertext);
            let within = schedule.decrypt_within(&self.nonce, &mut buffer, offset);
            assert!(within.is_err() || buffer[..self.plaintext.len()] == self.plaintext);
            assert_eq!(within, apart.map(|()| self.plaintext.len()));
        }
        apart
    }
}

#[test]
fn the_provider_that_is_always_there_is_the_first() {
    let names: Vec<_> = provider::all().iter().map(|provider| provider.name()).collect();
    assert_eq!(names.first(), Some(&"RustCrypto"));
    assert_eq!(names.last(), Some(&provider::fastest().name()));
    assert_eq!(names.len(), 1 + usize::from(cfg!(feature = "ring")) + usize::from(cfg!(feature = "aws-lc-rs")));
}

#[test]
fn all_providers_agree_on_every_length() {
    for length in (0..=1_100).chain(16_370..=16_384) {
        let case = Case::new(1, length);
        for provider in provider::all() {
            let mut ciphertext = vec![0; length + 16];
            let schedule = provider.schedule(&case.key).unwrap();
            assert_eq!(schedule.encrypt(&case.nonce, &case.plaintext, &mut ciphertext), Ok(()));
            assert!(ciphertext == case.ciphertext, "{} at {length}", provider.name());
            let mut in_place = [&case.plaintext[..], &[0xee; 16]].concat();
            assert_eq!(schedule.encrypt_in_place(&case.nonce, &mut in_place), Ok(()));
            assert!(in_place == case.ciphertext, "{} at {length}", provider.name());
            assert_eq!(case.decrypt(*provider, &ciphertext), Ok(()), "{} at {length}", provider.name());
        }
    }
}

#[test]
fn all_providers_refuse_every_flipped_bit() {
    let case = Case::new(2, 40);
    for provider in provider::all() {
        for bit in 0..case.ciphertext.len() * 8 {
            let mut ciphertext = case.ciphertext.clone();
            ciphertext[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(case.decrypt(*provider, &ciphertext), Err(AeadRefused), "{} bit {bit}", provider.name());
        }
    }
}

#[test]
fn all_providers_refuse_buffers_of_another_length() {
    let case = Case::new(3, 100);
    for provider in provider::all() {
        let schedule = provider.schedule(&case.key).unwrap();
        for length in [0, 15, 16, 99, 100, 115, 117] {
            let encrypted = schedule.encrypt(&case.nonce, &case.plaintext, &mut vec![0; length]);
            assert_eq!(encrypted, Err(AeadRefused), "{} into {length}", provider.name());
        }
        for length in [0, 84, 99, 101, 116] {
            let decrypted = schedule.decrypt(&case.nonce, &case.ciphertext, &mut vec![0; length]);
            assert_eq!(decrypted, Err(AeadRefused), "{} into {length}", provider.name());
        }
        for length in 0..16 {
            assert_eq!(schedule.encrypt_in_place(&case.nonce, &mut vec![0; length]), Err(AeadRefused));
            assert_eq!(case.decrypt(*provider, &case.ciphertext[..length]), Err(AeadRefused));
        }
        let mut buffer = case.ciphertext.clone();
        for offset in [buffer.len() - 15, buffer.len(), buffer.len() + 1, usize::MAX] {
            assert_eq!(schedule.decrypt_within(&case.nonce, &mut buffer, offset), Err(AeadRefused));
        }
    }
}
