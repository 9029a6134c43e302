//! `sealroom appraise --ear`: the verdict as a signed result for other relying parties.
//!
//! What always holds: it is written for every verdict, also for one that refuses, with the status that the verdict has; it is
//! dated by the time that the Evidence was judged as of.

use super::key::SigningKey;
use crate::cli::appraise::hex_bytes;
use crate::cli::exit::Failure;
use crate::cli::typed;
use clap::{Args, ValueEnum};
use sealroom_attestation::{AttestationResult, CryptoProvider, Ear, EarAlgorithm, Policy, Rejection, Tier};
use sealroom_protocol::contract::time_text;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What is typed of it.
#[derive(Debug, Clone, Args)]
pub(crate) struct EarFlags {
    /// Also write the verdict, whatever it is, as a signed EAT Attestation Result for others (sealroom ear verify reads it)
    #[arg(long, value_name = "FILE", requires_all = ["policy", "ear_key"])]
    ear: Option<PathBuf>,
    /// What signs it: a key of Ed25519, P-256 or P-384 in PKCS #8, PEM or DER, that only its owner can read
    #[arg(long, value_name = "FILE", requires = "ear")]
    ear_key: Option<PathBuf>,
    /// Its form [default: jwt]
    #[arg(long, value_name = "FORM", requires = "ear")]
    ear_format: Option<Form>,
    /// The nonce that its reader asked for, 8 to 64 bytes in hexadecimal
    #[arg(long, value_name = "HEX", requires = "ear")]
    ear_nonce: Option<String>,
}

/// The two forms of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// JSON in JWS (RFC 7519)
    Jwt,
    /// CBOR in COSE (RFC 8392)
    Cwt,
}

/// Flags that mean something.
#[derive(Debug)]
pub(crate) struct EarWanted {
    path: PathBuf,
    key: SigningKey,
    form: Form,
    nonce: Option<Vec<u8>>,
}

/// What was written.
#[derive(Debug)]
pub(crate) struct WrittenEar {
    path: PathBuf,
    form: &'static str,
    algorithm: EarAlgorithm,
    status: Tier,
    /// Seconds since 1970.
    expires_at: Option<u64>,
}

impl EarFlags {
    /// Reads the key and the nonce, before anything is appraised.
    pub(crate) fn wanted(&self) -> Result<Option<EarWanted>, Failure> {
        let (Some(path), Some(key)) = (&self.ear, &self.ear_key) else { return Ok(None) };
        let nonce = self.ear_nonce.as_deref().map(|digits| hex_bytes("--ear-nonce", digits)).transpose()?;
        if let Some(nonce) = nonce.as_ref().filter(|nonce| !(8..=64).contains(&nonce.len())) {
            return Err(Failure::local(format!("--ear-nonce has {} bytes, expected 8 to 64", nonce.len())));
        }
        let form = self.ear_format.unwrap_or(Form::Jwt);
        Ok(Some(EarWanted { path: path.clone(), key: SigningKey::load(key)?, form, nonce }))
    }
}

impl EarWanted {
    /// Signs and writes it.
    pub(crate) fn write(
        self,
        appraisal: &Result<AttestationResult, Rejection>,
        policy: &Policy,
        at: u64,
    ) -> Result<WrittenEar, Failure> {
        let Self { path, key, form, nonce } = self;
        let ear = Ear::of(appraisal, policy, CryptoProvider::ring(), nonce, at).map_err(Failure::local)?;
        let sign = |message: &[u8]| key.sign(message);
        let (token, form) = match form {
            Form::Jwt => (ear.to_jwt(key.algorithm(), sign)?.into_bytes(), "jwt"),
            Form::Cwt => (ear.to_cwt(key.algorithm(), sign)?, "cwt"),
        };
        typed::write(Path::new(&path), &token)?;
        let (status, expires_at) = (ear.status(), ear.expires_at_unix_seconds());
        Ok(WrittenEar { path, form, algorithm: key.algorithm(), status, expires_at })
    }
}

impl WrittenEar {
    /// For programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "file": self.path,
            "form": self.form,
            "algorithm": self.algorithm.as_str(),
            "status": self.status.as_str(),
            "expires_at": self.expires_at.map(time_text),
        })
    }

    /// For people.
    pub(crate) fn line(&self) -> String {
        let until = self.expires_at.map(|until| format!(", until {}", time_text(until))).unwrap_or_default();
        let (form, algorithm) = (self.form, self.algorithm.as_str());
        format!(
            "attestation result \"{}\"{until} in {} ({form}, {algorithm})\n",
            self.status.as_str(),
            self.path.display()
        )
    }
}
