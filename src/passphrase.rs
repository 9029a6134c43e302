//! Encrypting a key file under a passphrase: PBES2 of PKCS #5 (RFC 8018) with scrypt (RFC 7914) and AES-256-GCM.
//!
//! What always holds: one set of parameters is written and accepted, so a file cannot ask for endless work; a passphrase is
//! wiped when dropped and never printed.

use core::fmt;
use pkcs5::pbes2::Parameters;
use pkcs5::scrypt;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// What a key file says of how it is protected: scrypt with N = 2^17, r = 8, p = 1 (128 MiB, about half a second).
pub(crate) const PROTECTION: &str = "scrypt-17-8-1 aes-256-gcm";
const LOG_N: u8 = 17;
const R: u32 = 8;
const P: u32 = 1;

/// What a person remembers, and a key file is encrypted under.
///
/// ```
/// let passphrase = sealroom::Passphrase::new("correct horse battery staple".into());
/// assert_eq!(format!("{passphrase:?}"), "Passphrase");
/// ```
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes the text as it is: nothing is trimmed or normalised.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Whether it has no characters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase")
    }
}

/// 64 bytes of secrets, encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Protected {
    pub(crate) salt: [u8; 16],
    pub(crate) nonce: [u8; 12],
    pub(crate) ciphertext: Vec<u8>,
}

/// The passphrase is another one, or the file was changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WrongPassphrase;

impl Protected {
    pub(crate) fn encrypt(
        secret: &[u8],
        passphrase: &Passphrase,
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, WrongPassphrase> {
        let (mut salt, mut nonce) = ([0; 16], [0; 12]);
        rng.fill_bytes(&mut salt);
        rng.fill_bytes(&mut nonce);
        let parameters = parameters(&salt, nonce)?;
        let ciphertext = parameters.encrypt(passphrase.0.as_bytes(), secret).map_err(|_| WrongPassphrase)?;
        Ok(Self { salt, nonce, ciphertext })
    }

    pub(crate) fn decrypt(&self, passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, WrongPassphrase> {
        let parameters = parameters(&self.salt, self.nonce)?;
        let plaintext = parameters.decrypt(passphrase.0.as_bytes(), &self.ciphertext);
        plaintext.map(Zeroizing::new).map_err(|_| WrongPassphrase)
    }
}

fn parameters(salt: &[u8], nonce: [u8; 12]) -> Result<Parameters, WrongPassphrase> {
    let scrypt = scrypt::Params::new(LOG_N, R, P).map_err(|_| WrongPassphrase)?;
    Parameters::scrypt_aes256gcm(scrypt, salt, nonce).map_err(|_| WrongPassphrase)
}
