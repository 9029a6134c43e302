//! What an operator configures: one TOML file.
//!
//! What always holds: unknown keys are refused, and there is no default for what costs something (who is allowed, where
//! things are stored, which image runs). `docs/hosts.md` explains every key.

mod store_options;

pub use store_options::StoreOptions;

use crate::private::{OpenToOthers, check_secret};
use core::net::SocketAddr;
use sealroom_protocol::identity::SigningPublicKey;
use serde::Deserialize;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The configuration of a host.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Address and port to listen on; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Names under which clients reach this host, as in a URL (`host.example:7443`, without the default port). Empty:
    /// the address it listens on, and `localhost` with its port where that is a loopback address.
    #[serde(default)]
    pub names: Vec<String>,
    /// Where ciphertext and receipts are kept: `file:///absolute/folder` or `s3://bucket/prefix`.
    pub store: String,
    /// Options for an S3-compatible store, by `object_store`'s names (`aws_endpoint`, `aws_region`, `aws_allow_http` …).
    /// Credentials are better taken from the environment (`AWS_ACCESS_KEY_ID` …); where a secret is among them, nobody
    /// but its owner may read the file.
    #[serde(default)]
    pub store_options: StoreOptions,
    /// A folder of this host alone: unfinished uploads and results, nonces that were seen.
    pub state: PathBuf,
    /// How an enclave is started.
    pub platform: PlatformConfig,
    /// Who may cause cost. Nobody else may.
    #[serde(default)]
    pub allowed: Vec<AllowedParty>,
    /// Where witnesses are reached that contracts name. One without an address here is not asked.
    #[serde(default)]
    pub witness: Vec<WitnessAddress>,
    /// Limits of the host itself.
    #[serde(default)]
    pub limits: Limits,
    /// Certificate and key; without them the API is plain HTTP.
    pub tls: Option<Tls>,
}

/// How an enclave is started: `LAUNCHER run --state STATE --image IMAGE`, as `docs/platforms/simulated.md` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PlatformConfig {
    /// The launcher's program file.
    pub launcher: PathBuf,
    /// The enclave's image.
    pub image: PathBuf,
    /// The platform's state folder.
    pub state: PathBuf,
}

/// A party that may upload, start rooms and act in them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AllowedParty {
    /// For the log and the operator; not compared with any contract's names.
    pub name: String,
    /// The key that signs its HTTP requests: the party's one signing key.
    pub signing_key: SigningPublicKey,
    /// What it may use.
    #[serde(default)]
    pub quota: Quota,
}

/// Where a witness is reached. Its key stands in each contract that names it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WitnessAddress {
    /// Its name, as contracts have it.
    pub name: String,
    /// What `/add-checkpoint` is put behind (C2SP tlog-witness): `http://` or `https://`, perhaps with a path.
    pub url: String,
}

/// What one party may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Quota {
    /// Bytes of objects that it uploaded or that rooms it started gave, in MiB. Unfinished uploads count in full. Beyond it
    /// an upload is refused. A result is never: it counts, so that a party goes beyond it by `results_mib` a run.
    pub stored_mib: u64,
    /// Rooms that it started and that have not ended.
    pub rooms: usize,
    /// Signed requests in any minute.
    pub requests_per_minute: u32,
    /// Void receipts that it brings, of one contract. A party can make those up.
    pub void_receipts: usize,
}

impl Default for Quota {
    fn default() -> Self {
        Self { stored_mib: 10_240, rooms: 4, requests_per_minute: 1_200, void_receipts: 64 }
    }
}

/// Limits of the host itself. Times end in `_s` (seconds) or `_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once of one address (of IPv6, of one /64 network), so that others find a place.
    pub connections_per_address: usize,
    /// Rooms at once, whoever started them.
    pub rooms: usize,
    /// The largest object, in MiB.
    pub object_mib: u64,
    /// All results of one run together, in MiB.
    pub results_mib: u64,
    /// Receipts kept a contract, of those that parties bring.
    pub receipts: usize,
    /// How far a request's time may be from the host's clock.
    pub clock_window_s: u64,
    /// Nonces remembered at once.
    pub nonces: usize,
    /// How long a client may take to send a request's headers, or to greet in TLS.
    pub header_timeout_s: u64,
    /// How long a client may take to send a body.
    pub body_timeout_s: u64,
    /// How long a client may take nothing of an answer before its connection is closed.
    pub write_timeout_s: u64,
    /// How long the launcher may take. The first start on a machine makes the simulated platform's root.
    pub start_timeout_s: u64,
    /// How long the enclave may take to answer a message or to take one.
    pub answer_timeout_s: u64,
    /// How long a run may take.
    pub run_timeout_s: u64,
    /// How long challenges are gathered before the enclave is asked for Evidence.
    pub evidence_batch_ms: u64,
    /// After how long without a byte an unfinished upload is dropped.
    pub upload_idle_s: u64,
    /// How long a shutdown waits for runs and requests.
    pub shutdown_s: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_address: 128,
            rooms: 64,
            object_mib: 512 * 1024,
            results_mib: 64 * 1024,
            receipts: 10_000,
            clock_window_s: 60,
            nonces: 100_000,
            header_timeout_s: 15,
            body_timeout_s: 120,
            write_timeout_s: 30,
            start_timeout_s: 180,
            answer_timeout_s: 60,
            run_timeout_s: 24 * 3600,
            evidence_batch_ms: 5,
            upload_idle_s: 24 * 3600,
            shutdown_s: 20,
        }
    }
}

/// Certificate chain and private key, PEM files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Tls {
    /// Certificates, leaf first.
    pub certificate: PathBuf,
    /// The private key (PKCS #8, PKCS #1 or SEC1).
    pub key: PathBuf,
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read: {source}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not the TOML that is expected. What stands there may be a secret, so it is not shown.
    #[error("the configuration does not hold, at {line}:{column}: {message}")]
    Form {
        /// The line, from 1.
        line: usize,
        /// The character in it, from 1.
        column: usize,
        /// What is expected.
        message: String,
    },
    /// Others can read a file with a secret in it.
    #[error("the configuration has the secret `{option}`, and {open}")]
    Open {
        /// The option that is a secret.
        option: String,
        /// Its file.
        open: OpenToOthers,
    },
    /// Two entries of `allowed` with one key.
    #[error("the key of \"{name}\" is allowed twice; keep one entry a key")]
    Twice {
        /// The second entry's name.
        name: String,
    },
    /// A witness with another address than one of HTTP, or with two.
    #[error("the witness \"{name}\" needs one address, which begins with http:// or https://")]
    Witness {
        /// Its name.
        name: String,
    },
    /// Listening on every address, without a name.
    #[error(
        "listening on every address needs `names`: the authorities that signed requests may name, for example [\"host.example:7443\"]"
    )]
    Names,
}

impl Config {
    /// The configuration in this TOML text. Relative paths stay as they are.
    ///
    /// # Errors
    /// [`ConfigError`], naming what does not hold.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| {
            let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
            ConfigError::Form { line, column, message: error.message().to_owned() }
        })?;
        let mut keys = std::collections::BTreeSet::new();
        if let Some(twice) = config.allowed.iter().find(|party| !keys.insert(party.signing_key)) {
            return Err(ConfigError::Twice { name: twice.name.clone() });
        }
        let mut names = std::collections::BTreeSet::new();
        for witness in &config.witness {
            let url = reqwest::Url::parse(&witness.url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            if url.is_none() || !names.insert(&witness.name) {
                return Err(ConfigError::Witness { name: witness.name.clone() });
            }
        }
        if config.listen.ip().is_unspecified() && config.names.is_empty() {
            return Err(ConfigError::Names);
        }
        Ok(config)
    }

    /// The configuration in a file. Relative paths in it are taken from the file's folder.
    ///
    /// # Errors
    /// [`ConfigError`], naming what does not hold.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let failed = |source| ConfigError::Read { path: path.to_path_buf(), source };
        let mut text = String::new();
        let mut file = File::open(path).map_err(failed)?;
        let _ = file.read_to_string(&mut text).map_err(failed)?;
        let mut config = Self::parse(&text)?;
        if let Some(option) = config.store_options.secret() {
            let checked = check_secret(path, &file.metadata().map_err(failed)?);
            checked.map_err(|open| ConfigError::Open { option: option.to_owned(), open })?;
        }
        let folder = path.parent().unwrap_or_else(|| Path::new("")).to_path_buf();
        let platform = &mut config.platform;
        for relative in [&mut config.state, &mut platform.launcher, &mut platform.image, &mut platform.state] {
            *relative = folder.join(&*relative);
        }
        if let Some(tls) = &mut config.tls {
            tls.certificate = folder.join(&tls.certificate);
            tls.key = folder.join(&tls.key);
        }
        Ok(config)
    }

    /// The authorities that signed requests may name, once the host listens on `local`.
    pub(crate) fn authorities(&self, local: SocketAddr) -> Vec<String> {
        if !self.names.is_empty() {
            return self.names.iter().map(|name| name.to_ascii_lowercase()).collect();
        }
        let authority =
            |host: &str| sealroom_protocol::http_signature::authority(host, Some(local.port()), self.tls.is_some());
        let ip = match local {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        let mut names = vec![authority(&ip)];
        if local.ip().is_loopback() {
            names.push(authority("localhost"));
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const GOOD: &str = r#"
listen = "127.0.0.1:7443"
store = "file:///var/lib/sealroom/store"
state = "/var/lib/sealroom/state"
[platform]
launcher = "/usr/bin/sealroom-simulated-platform"
image = "/usr/lib/sealroom/enclave"
state = "/var/lib/sealroom/platform"
[[allowed]]
name = "cleveland"
signing_key = "ed25519:iojj3XQJ8ZX9Utstcrpdcspnb0xJTBvhGq+r51sN8p8="
"#;

    pub(super) fn with_key(text: &str) -> String {
        let key = sealroom_protocol::identity::SigningSecret::from_seed(&[1; 32]).public();
        text.replace("ed25519:iojj3XQJ8ZX9Utstcrpdcspnb0xJTBvhGq+r51sN8p8=", &key.to_string())
    }

    #[test]
    fn unknown_keys_and_missing_names_are_refused() {
        let config = Config::parse(&with_key(GOOD)).unwrap();
        assert_eq!(config.limits, Limits::default());
        assert_eq!(config.authorities(config.listen), ["127.0.0.1:7443", "localhost:7443"]);
        let unknown = with_key(GOOD).replace("[platform]", "[platform]\nport = 1");
        assert!(Config::parse(&unknown).unwrap_err().to_string().contains("unknown field `port`"));
        let open = with_key(GOOD).replace("127.0.0.1", "0.0.0.0");
        assert!(matches!(Config::parse(&open), Err(ConfigError::Names)));
        let again = with_key(GOOD).split_once("[[allowed]]").map(|(_, again)| format!("[[allowed]]{again}")).unwrap();
        let twice = with_key(GOOD) + &again;
        assert!(matches!(Config::parse(&twice), Err(ConfigError::Twice { name }) if name == "cleveland"));
        let witness = |url: &str| format!("[[witness]]\nname = \"w1.example\"\nurl = \"{url}\"\n");
        let one = with_key(GOOD) + &witness("https://w1.example/log");
        assert_eq!(Config::parse(&one).unwrap().witness.len(), 1);
        for wrong in [one + &witness("https://w1.example"), with_key(GOOD) + &witness("w1.example")] {
            assert!(matches!(Config::parse(&wrong), Err(ConfigError::Witness { name }) if name == "w1.example"));
        }
    }
}
