//! The root: made once a machine, at first use, and kept in a state directory. It is there whole or not at all: a new
//! one is written beside its place and renamed into it, under a lock, so that processes that start at once agree on
//! one.

use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use getrandom::SysRng;
use hkdf::Hkdf;
use p384::ecdsa::SigningKey;
use p384::elliptic_curve::Generate;
use p384::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey};
use rsa::PrivateKey;
use sha2::{Digest, Sha256, Sha384};
use zeroize::Zeroizing;

use crate::certificates::{Certificates, Keys, RSA_BITS, TcbVersion};
use crate::error::Error;
use crate::image::Measurement;
use crate::report::{GUEST_POLICY, Report};
use crate::state::{self, Lock, Others};

/// The directory of the root inside the state directory.
const DIRECTORY: &str = "root";
/// Where it is written first.
const UNFINISHED: &str = "root.unfinished";
const ARK_KEY: &str = "ark.key";
const VCEK_KEY: &str = "vcek.key";
const SEALING_SECRET: &str = "sealing.secret";
const ARK: &str = "ark.der";
const ASK: &str = "ask.der";
const VCEK: &str = "vcek.der";

const SEALING_SECRET_LENGTH: usize = 48;
/// Purpose of the keys derived from the sealing secret.
const SEALING_LABEL: &[u8] = b"sealroom/1 simulated sealing key";

/// A root, opened: it signs reports and derives sealing keys. There is no key of the intermediate: it is forgotten once
/// the chip's certificate is signed.
pub struct Root {
    ark: PrivateKey,
    vcek: SigningKey,
    sealing_secret: Zeroizing<Vec<u8>>,
    certificates: Certificates,
    chip_id: [u8; 64],
    tcb: TcbVersion,
}

/// Shows the fingerprint only.
impl core::fmt::Debug for Root {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_tuple("Root").field(&self.anchor()).finish()
    }
}

impl Root {
    /// Opens the root in `state`, making directory and root at first use. Certificates of a new root begin shortly
    /// before `now`.
    ///
    /// # Errors
    ///
    /// [`Error::State`] when a file cannot be read or written, [`Error::Permissions`] and [`Error::Owner`] when others
    /// could have had the keys, [`Error::Damaged`] when key and certificate do not belong together.
    pub fn open(state: &Path, now: SystemTime) -> Result<Self, Error> {
        let _lock = Lock::acquire(state)?;
        let directory = state.join(DIRECTORY);
        if !directory.try_exists().map_err(state::failed("read", &directory))? {
            make(state, now)?;
        }
        Self::read(&directory)
    }

    fn read(directory: &Path) -> Result<Self, Error> {
        let metadata = fs::metadata(directory).map_err(state::failed("read", directory))?;
        state::check(directory, &metadata, Others::Nothing)?;
        let damaged = |name, what| Error::Damaged { path: directory.join(name), what };
        let secret = |name| state::read(&directory.join(name), Others::Nothing);
        let public =
            |name| state::read(&directory.join(name), Others::Read).map(|mut bytes| core::mem::take(&mut *bytes));

        let ark = PrivateKey::from_pkcs8_der(&secret(ARK_KEY)?).map_err(|_| damaged(ARK_KEY, "not an RSA key"))?;
        let vcek = SigningKey::from_pkcs8_der(&secret(VCEK_KEY)?).map_err(|_| damaged(VCEK_KEY, "not a P-384 key"))?;
        let sealing_secret = secret(SEALING_SECRET)?;
        if sealing_secret.len() != SEALING_SECRET_LENGTH {
            return Err(damaged(SEALING_SECRET, "not 48 bytes"));
        }
        let certificates = Certificates { ark: public(ARK)?, ask: public(ASK)?, vcek: public(VCEK)? };
        let [ark_public, vcek_public] = certificates.public_keys().ok_or_else(|| damaged(ARK, "not certificates"))?;
        if !ark.to_public_key().to_public_key_der().is_ok_and(|key| key.as_bytes() == ark_public) {
            return Err(damaged(ARK, "not the certificate of ark.key"));
        }
        if !vcek.verifying_key().to_public_key_der().is_ok_and(|key| key.as_bytes() == vcek_public) {
            return Err(damaged(VCEK, "not the certificate of vcek.key"));
        }
        let (chip_id, tcb) = certificates.chip().ok_or_else(|| damaged(VCEK, "no chip id or firmware level"))?;
        Ok(Self { ark, vcek, sealing_secret, certificates, chip_id, tcb })
    }

    /// What a contract names to accept this platform: `sha256:` and the SHA-256 of the ARK certificate (DER), in hex.
    #[must_use]
    pub fn anchor(&self) -> String {
        format!("sha256:{}", hex::encode(Sha256::digest(&self.certificates.ark)))
    }

    /// The chain.
    #[must_use]
    pub fn certificates(&self) -> &Certificates {
        &self.certificates
    }

    /// A revocation list (DER) that revokes nothing, valid for a year from an hour before `now`.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`].
    pub fn revocation_list(&self, now: SystemTime) -> Result<Vec<u8>, Error> {
        self.certificates.revocation_list(&self.ark, now)
    }

    /// A signed report on an enclave: 1184 bytes.
    #[must_use]
    pub fn report(&self, measurement: Measurement, report_data: [u8; 64], report_id: [u8; 32]) -> Vec<u8> {
        Report { measurement, report_data, report_id, chip_id: self.chip_id, tcb: self.tcb }.sign(&self.vcek)
    }

    /// The key for `context` that only an enclave of this measurement, under [`GUEST_POLICY`], gets from this root
    /// (HKDF with SHA-384, RFC 5869; every part of its information is preceded by its length).
    ///
    /// # Panics
    ///
    /// Never: HKDF with SHA-384 gives up to 12240 bytes, and 32 are asked for.
    #[must_use]
    pub fn sealing_key(&self, measurement: &Measurement, context: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut information = Vec::new();
        for part in [SEALING_LABEL, measurement.as_bytes(), &GUEST_POLICY.to_be_bytes(), context] {
            information.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            information.extend_from_slice(part);
        }
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha384>::new(None, &self.sealing_secret)
            .expand(&information, key.as_mut_slice())
            .expect("32 bytes are fewer than HKDF with SHA-384 can give");
        key
    }
}

/// Makes a new root and moves it into place. The caller holds the lock.
fn make(state: &Path, now: SystemTime) -> Result<(), Error> {
    let unfinished = state.join(UNFINISHED);
    if unfinished.try_exists().map_err(state::failed("read", &unfinished))? {
        // Someone was killed here: what they left was never used.
        fs::remove_dir_all(&unfinished).map_err(state::failed("remove", &unfinished))?;
    }
    let rsa = || PrivateKey::new(&mut SysRng, RSA_BITS).map_err(|error| key_failed("RSA key", &error));
    let (ark, ask) = (rsa()?, rsa()?);
    let vcek = SigningKey::try_generate_from_rng(&mut SysRng).map_err(|_| Error::Randomness)?;
    let mut chip_id = [0; 64];
    fill(&mut chip_id)?;
    let mut sealing_secret = Zeroizing::new([0; SEALING_SECRET_LENGTH]);
    fill(sealing_secret.as_mut_slice())?;

    let keys = Keys { ark: &ark, ask: &ask, vcek: vcek.verifying_key() };
    let certificates = Certificates::issue(&keys, &chip_id, TcbVersion::CURRENT, now)?;

    state::make_directory(&unfinished, false)?;
    let write = |name, bytes: &[u8]| state::write(&unfinished.join(name), bytes);
    write(ARK_KEY, ark.to_pkcs8_der().map_err(|error| key_failed("ARK key", &error))?.as_bytes())?;
    write(VCEK_KEY, vcek.to_pkcs8_der().map_err(|error| key_failed("VCEK key", &error))?.as_bytes())?;
    write(SEALING_SECRET, sealing_secret.as_slice())?;
    write(ARK, &certificates.ark)?;
    write(ASK, &certificates.ask)?;
    write(VCEK, &certificates.vcek)?;
    let directory = state.join(DIRECTORY);
    sync(&unfinished)?;
    fs::rename(&unfinished, &directory).map_err(state::failed("rename", &unfinished))?;
    sync(state)
}

/// Waits until the entries of a directory are on disk.
fn sync(directory: &Path) -> Result<(), Error> {
    File::open(directory).and_then(|file| file.sync_all()).map_err(state::failed("write", directory))
}

/// Fills `bytes` from the kernel's generator.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_| Error::Randomness)
}

fn key_failed(what: &'static str, error: &dyn core::error::Error) -> Error {
    Error::Certificate { what, reason: error.to_string() }
}
