//! A policy as it is written: TOML for people, JSON for programs, one schema. Strict: an unknown key, a missing field, a
//! value of another form is an error with its line and column. Nothing is filled in.
//!
//! ```toml
//! version = 1
//! name = "hospital join, production"
//!
//! [[accept.amd-sev-snp]]
//! name = "release 1.4.2"
//! trust_anchor = { fingerprint = "sha256:69d0…" }
//! measurements = ["sha384:9f3c…"]
//! machines = { skip = "a public cloud: no list" }
//! # … every other field of the platform
//! ```

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::anchor::Fingerprint;
use crate::crypto::CryptoProvider;
use crate::error::PolicyError;
use crate::platform::{Platform, azure, cca, gpu, nitro, sgx, snp, tdx, tpm};
use crate::policy::{Accept, Policy};
use crate::text::printable;

const VERSION: u32 = 1;
const MAX_BYTES: usize = 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    name: String,
    accept: Blocks,
}

/// The accept blocks by platform.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Blocks {
    #[serde(rename = "amd-sev-snp", skip_serializing_if = "Vec::is_empty")]
    snp: Vec<snp::Accept>,
    #[serde(rename = "intel-tdx", skip_serializing_if = "Vec::is_empty")]
    tdx: Vec<tdx::Accept>,
    #[serde(rename = "intel-sgx", skip_serializing_if = "Vec::is_empty")]
    sgx: Vec<sgx::Accept>,
    #[serde(rename = "aws-nitro", skip_serializing_if = "Vec::is_empty")]
    nitro: Vec<nitro::Accept>,
    #[serde(rename = "arm-cca", skip_serializing_if = "Vec::is_empty")]
    cca: Vec<cca::Accept>,
    #[serde(rename = "nvidia-gpu", skip_serializing_if = "Vec::is_empty")]
    gpu: Vec<gpu::Accept>,
    #[serde(rename = "tpm", skip_serializing_if = "Vec::is_empty")]
    tpm: Vec<tpm::Accept>,
    #[serde(
        rename = "azure-vtpm-snp",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "azure::written::snp"
    )]
    azure_snp: Vec<azure::Accept>,
    #[serde(
        rename = "azure-vtpm-tdx",
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "azure::written::tdx"
    )]
    azure_tdx: Vec<azure::Accept>,
}

impl Blocks {
    fn of(blocks: &[Accept]) -> Self {
        let mut written = Self::default();
        for block in blocks {
            match block.clone() {
                Accept::Snp(block) => written.snp.push(block),
                Accept::Nitro(block) => written.nitro.push(block),
                Accept::Cca(block) => written.cca.push(block),
                Accept::Gpu(block) => written.gpu.push(block),
                Accept::Tdx(block) => written.tdx.push(block),
                Accept::Sgx(block) => written.sgx.push(block),
                Accept::Tpm(block) => written.tpm.push(block),
                Accept::Azure(block) if block.platform() == Platform::AzureTdx => written.azure_tdx.push(*block),
                Accept::Azure(block) => written.azure_snp.push(*block),
            }
        }
        written
    }

    fn into_list(self) -> Vec<Accept> {
        let Self { snp, tdx, sgx, nitro, cca, gpu, tpm, azure_snp, azure_tdx } = self;
        let mut list = Vec::new();
        list.extend(snp.into_iter().map(Accept::Snp));
        list.extend(tdx.into_iter().map(Accept::Tdx));
        list.extend(sgx.into_iter().map(Accept::Sgx));
        list.extend(nitro.into_iter().map(Accept::Nitro));
        list.extend(cca.into_iter().map(Accept::Cca));
        list.extend(gpu.into_iter().map(Accept::Gpu));
        list.extend(tpm.into_iter().map(Accept::Tpm));
        list.extend(azure_snp.into_iter().chain(azure_tdx).map(Accept::from));
        list
    }
}

/// A text that is no policy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicyTextError {
    /// It does not read as one.
    #[error("line {line}, column {column}: {message}")]
    Text {
        /// From 1; 0 where it is not known.
        line: usize,
        /// From 1, in characters; 0 where it is not known.
        column: usize,
        /// What was expected, what was found.
        message: String,
    },
    /// A version of the form that is not known here.
    #[error("the policy is of version {found}, expected {VERSION}; update the verifier if it is newer")]
    Version {
        /// The version given.
        found: u32,
    },
    /// It reads well and can not mean what it says.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Policy {
    /// From TOML, at most 1 MiB.
    ///
    /// # Errors
    /// [`PolicyTextError`].
    pub fn from_toml(text: &str) -> Result<Self, PolicyTextError> {
        bounded(text)?;
        let written = toml::from_str(text).map_err(|error| {
            let (line, column) = error.span().map_or((0, 0), |span| position(text, span.start));
            PolicyTextError::Text { line, column, message: printable(error.message()) }
        })?;
        Self::from_written(written)
    }

    /// From JSON, at most 1 MiB.
    ///
    /// # Errors
    /// [`PolicyTextError`].
    pub fn from_json(text: &str) -> Result<Self, PolicyTextError> {
        bounded(text)?;
        let written = serde_json::from_str(text).map_err(|error| {
            let (line, column, message) = (error.line(), error.column(), error.to_string());
            // It says the place behind its words too.
            let words = message.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&message);
            PolicyTextError::Text { line, column, message: printable(words) }
        })?;
        Self::from_written(written)
    }

    fn from_written(written: Written) -> Result<Self, PolicyTextError> {
        let Written { version, name, accept } = written;
        if version != VERSION {
            return Err(PolicyTextError::Version { found: version });
        }
        Ok(Self::new(accept.into_list())?.named(name))
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let accept = Blocks::of(self.blocks());
        let written = Written { version: VERSION, name: self.name().to_string(), accept };
        // Only maps with keys that are no text could fail, and there are none.
        serde_json::to_value(&written).unwrap_or_default()
    }

    /// As TOML: reads back as the same policy.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let json = self.to_json();
        let mut text = format!("version = {VERSION}\nname = {}\n", Inline(&Value::from(self.name())));
        for platform in Platform::ALL {
            let blocks = json.pointer(&format!("/accept/{platform}")).and_then(Value::as_array);
            for block in blocks.into_iter().flatten().filter_map(Value::as_object) {
                text.push_str(&format!("\n[[accept.{platform}]]\n"));
                let first = ["name", "trust_anchor"];
                let rest = block.keys().map(String::as_str).filter(|key| !first.contains(key));
                for key in first.into_iter().chain(rest) {
                    if let Some(value) = block.get(key) {
                        text.push_str(&format!("{key} = {}\n", Inline(value)));
                    }
                }
            }
        }
        text
    }

    /// SHA-256 of the policy's canonical form (its JSON with sorted keys and without white space): whatever the comments and
    /// the layout, one policy has one hash. A block's order among those of its platform counts.
    #[must_use]
    pub fn hash(&self, provider: CryptoProvider) -> Fingerprint {
        Fingerprint::from_sha256(provider.sha256(self.to_json().to_string().as_bytes()))
    }
}

fn bounded(text: &str) -> Result<(), PolicyTextError> {
    if text.len() <= MAX_BYTES {
        return Ok(());
    }
    let message = format!("{} bytes, expected at most {MAX_BYTES}", text.len());
    Err(PolicyTextError::Text { line: 0, column: 0, message })
}

/// Line and column of a byte, both from 1.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).map_or(0, |line| line.chars().count());
    (before.matches('\n').count() + 1, column + 1)
}

/// A JSON value as TOML writes it within one line. (A policy holds no null and no fraction.)
struct Inline<'a>(&'a Value);

impl fmt::Display for Inline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Array(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{}", if index == 0 { "" } else { ", " }, Inline(value))?;
                }
                f.write_str("]")
            }
            Value::Object(fields) => {
                f.write_str("{ ")?;
                for (index, (key, value)) in fields.iter().enumerate() {
                    let key = if key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
                        key.clone()
                    } else {
                        Value::from(key.as_str()).to_string()
                    };
                    write!(f, "{}{key} = {}", if index == 0 { "" } else { ", " }, Inline(value))?;
                }
                f.write_str(" }")
            }
            // JSON escapes a text as TOML's basic strings do; DEL alone is one more that TOML wants escaped.
            Value::String(text) => f.write_str(&Value::from(text.as_str()).to_string().replace('\u{7f}', "\\u007f")),
            other => write!(f, "{other}"),
        }
    }
}
