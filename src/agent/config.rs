//! What a party tells its agent: one TOML file. `docs/agent.md` has every key.
//!
//! What always holds: an unknown key, a value of another form or out of its range is an error with its line and column;
//! the page's address is a loopback one, or the file is refused; nothing that decides about grants has a default.

use core::net::SocketAddr;
use core::time::Duration;
use serde::{Deserialize, Deserializer, de};
use std::path::{Path, PathBuf};

/// Largest configuration, in bytes.
const LIMIT: usize = 1 << 20;
/// Contracts that one agent serves at most.
pub const AGENT_CONTRACTS_LIMIT: usize = 64;
/// Shortest and longest time between two looks at a host, in seconds.
const POLL: core::ops::RangeInclusive<f64> = 0.05..=3600.0;
/// Longest life of a grant, in minutes: a week.
const GRANT_MINUTES: u64 = 7 * 24 * 60;

/// The configuration of an agent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AgentConfig {
    /// The party's key file.
    pub key: PathBuf,
    /// The party's memory; beside the key file, with the extension `memory`, where it is not named.
    pub memory: Option<PathBuf>,
    /// A folder of this agent alone: the page's token, stops, refusals.
    pub state: PathBuf,
    /// Where the page and the metrics are served: a loopback address.
    #[serde(default = "listen", deserialize_with = "loopback")]
    pub listen: SocketAddr,
    /// The contracts.
    #[serde(rename = "contract", default)]
    pub contracts: Vec<AgentContract>,
    /// A witness of logs, served by the same process.
    pub witness: Option<AgentWitness>,
}

/// One contract, and the limits within which it is granted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AgentContract {
    /// The signed contract, complete.
    pub file: PathBuf,
    /// The host's address.
    pub host: String,
    /// Root certificates (PEM) that alone are trusted for the host's TLS.
    pub root_certificates: Option<PathBuf>,
    /// A policy of this party's own: Evidence has to pass it as well.
    pub policy: Option<PathBuf>,
    /// Runs that are granted at most; the contract's limit holds besides.
    #[serde(default, deserialize_with = "some_runs")]
    pub maximum_runs: Option<u64>,
    /// What a person is asked about.
    pub approve: Approve,
    /// Where the host stands, by this party's word: stated for every run, where the contract asks this party to.
    pub host_region: Option<String>,
    /// How often the host is looked at, in seconds.
    #[serde(default = "poll_seconds", deserialize_with = "poll")]
    pub poll_seconds: f64,
    /// For how many minutes a grant holds.
    #[serde(default = "grant_minutes", deserialize_with = "minutes")]
    pub grant_minutes: u64,
}

/// What a person is asked about before it is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it")]
pub enum Approve {
    /// Every run.
    #[serde(rename = "every run")]
    EveryRun,
    /// Runs in which a requester chose something.
    #[serde(rename = "requests")]
    Requests,
    /// Nothing: whatever the contract and this file allow is granted.
    #[serde(rename = "never")]
    Never,
}

/// A witness that the agent is besides.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AgentWitness {
    /// The witness's key, which is no party's.
    pub key: PathBuf,
    /// What it remembers; made where there is none.
    pub state: PathBuf,
    /// The verifier keys of the logs that it cosigns.
    pub logs: Vec<String>,
    /// Where it listens: others come here, so it may be any address.
    pub listen: SocketAddr,
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentConfigError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is longer than any configuration.
    #[error("expected a configuration of at most {LIMIT} bytes, found {found}")]
    TooLong {
        /// Its length in bytes.
        found: usize,
    },
    /// Not the TOML that is expected.
    #[error("line {line}, column {column}: {message}")]
    Text {
        /// From 1; 0 where it is not known.
        line: usize,
        /// From 1, in characters; 0 where it is not known.
        column: usize,
        /// What was expected, what was found.
        message: String,
    },
    /// No contract at all, or too many.
    #[error("expected 1 to {AGENT_CONTRACTS_LIMIT} contracts ([[contract]]), found {found}")]
    Contracts {
        /// How many there are.
        found: usize,
    },
}

impl AgentConfig {
    /// The configuration in this text. Relative paths stay as they are.
    ///
    /// # Errors
    /// [`AgentConfigError`], but for its first variant.
    pub fn parse(text: &str) -> Result<Self, AgentConfigError> {
        if text.len() > LIMIT {
            return Err(AgentConfigError::TooLong { found: text.len() });
        }
        let config: Self = toml::from_str(text).map_err(|error| {
            let (line, column) = error.span().map_or((0, 0), |span| position(text, span.start));
            AgentConfigError::Text { line, column, message: error.message().to_owned() }
        })?;
        let found = config.contracts.len();
        if (1..=AGENT_CONTRACTS_LIMIT).contains(&found) {
            Ok(config)
        } else {
            Err(AgentConfigError::Contracts { found })
        }
    }

    /// The configuration in a file. Relative paths in it are taken from the file's folder.
    ///
    /// # Errors
    /// [`AgentConfigError`].
    pub fn read(path: &Path) -> Result<Self, AgentConfigError> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|source| AgentConfigError::Read { path: path.into(), source })?;
        let mut config = Self::parse(&text)?;
        let folder = path.parent().unwrap_or_else(|| Path::new("")).to_path_buf();
        let mut paths = vec![&mut config.key, &mut config.state];
        paths.extend(&mut config.memory);
        for contract in &mut config.contracts {
            paths.push(&mut contract.file);
            paths.extend(&mut contract.root_certificates);
            paths.extend(&mut contract.policy);
        }
        if let Some(witness) = &mut config.witness {
            paths.extend([&mut witness.key, &mut witness.state]);
        }
        for path in paths {
            *path = folder.join(&*path);
        }
        Ok(config)
    }

    /// Where the party's memory is.
    #[must_use]
    pub fn memory(&self) -> PathBuf {
        self.memory.clone().unwrap_or_else(|| self.key.with_extension("memory"))
    }
}

impl AgentContract {
    /// How often the host is looked at.
    #[must_use]
    pub fn poll(&self) -> Duration {
        Duration::try_from_secs_f64(self.poll_seconds).unwrap_or(Duration::from_secs(5))
    }
}

/// Line and column of a byte, from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    (line, column)
}

const fn listen() -> SocketAddr {
    SocketAddr::new(core::net::IpAddr::V4(core::net::Ipv4Addr::LOCALHOST), 7180)
}

const fn poll_seconds() -> f64 {
    5.0
}

const fn grant_minutes() -> u64 {
    60
}

fn loopback<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let address = SocketAddr::deserialize(deserializer)?;
    if address.ip().is_loopback() {
        return Ok(address);
    }
    let what = format!(
        "expected a loopback address such as 127.0.0.1:7180, found {address}: who reaches the page over a network needs a tunnel of their own"
    );
    Err(de::Error::custom(what))
}

fn poll<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let seconds = f64::deserialize(deserializer)?;
    if POLL.contains(&seconds) {
        return Ok(seconds);
    }
    Err(de::Error::custom(format!("expected {} to {} seconds, found {seconds}", POLL.start(), POLL.end())))
}

fn minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    within(u64::deserialize(deserializer)?, GRANT_MINUTES, "minutes")
}

fn some_runs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    within(u64::deserialize(deserializer)?, 1_000_000, "runs").map(Some)
}

fn within<E: de::Error>(found: u64, most: u64, what: &str) -> Result<u64, E> {
    if (1..=most).contains(&found) {
        return Ok(found);
    }
    Err(E::custom(format!("expected 1 to {most} {what}, found {found}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "key = \"cleveland.key\"\nstate = \"agent\"\n\n[[contract]]\nfile = \"heart.contract\"\nhost = \"https://host.example\"\napprove = \"requests\"\n";

    fn refused(text: &str) -> (usize, usize, String) {
        match AgentConfig::parse(text) {
            Err(AgentConfigError::Text { line, column, message }) => (line, column, message),
            other => panic!("expected a refusal with a place, found {other:?}"),
        }
    }

    #[test]
    fn what_decides_about_grants_has_no_default() {
        let config = AgentConfig::parse(GOOD).unwrap();
        let [contract] = config.contracts.as_slice() else { panic!("one contract") };
        assert_eq!((contract.approve, contract.maximum_runs, contract.grant_minutes), (Approve::Requests, None, 60));
        assert_eq!((contract.poll(), config.listen.to_string().as_str()), (Duration::from_secs(5), "127.0.0.1:7180"));
        assert_eq!(config.memory(), Path::new("cleveland.memory"));
        let (_, _, message) = refused(&GOOD.replace("approve = \"requests\"\n", ""));
        assert_eq!(message, "missing field `approve`");
        for contracts in [0, AGENT_CONTRACTS_LIMIT + 1] {
            let (head, one) = GOOD.split_once("[[contract]]").unwrap();
            let text = format!("{head}{}", format!("[[contract]]{one}").repeat(contracts));
            assert!(
                matches!(AgentConfig::parse(&text), Err(AgentConfigError::Contracts { found }) if found == contracts)
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named_where_it_stands() {
        let (line, column, message) = refused(&GOOD.replace("approve", "aprove"));
        assert_eq!((line, column), (7, 1));
        assert!(message.starts_with("unknown field `aprove`"), "{message}");
        let (line, column, message) = refused(&GOOD.replace("\"requests\"", "\"sometimes\""));
        assert_eq!((line, column), (7, 11));
        assert!(
            message.contains("unknown variant `sometimes`, expected one of `every run`, `requests`, `never`"),
            "{message}"
        );
        for (written, said) in [
            ("maximum_runs = 0\n", "expected 1 to 1000000 runs, found 0"),
            ("poll_seconds = 0.01\n", "expected 0.05 to 3600 seconds, found 0.01"),
            ("poll_seconds = nan\n", "expected 0.05 to 3600 seconds, found NaN"),
            ("grant_minutes = 99999\n", "expected 1 to 10080 minutes, found 99999"),
        ] {
            let (line, _, message) = refused(&format!("{GOOD}{written}"));
            assert_eq!((line, message.as_str()), (8, said));
        }
    }

    #[test]
    fn the_page_listens_on_this_machine_alone() {
        for address in ["0.0.0.0:7180", "192.168.1.4:7180", "[::]:7180"] {
            let (line, _, message) = refused(&format!("listen = \"{address}\"\n{GOOD}"));
            assert_eq!(line, 1);
            assert!(
                message.starts_with(&format!("expected a loopback address such as 127.0.0.1:7180, found {address}")),
                "{message}"
            );
        }
        assert!(AgentConfig::parse(&format!("listen = \"[::1]:0\"\n{GOOD}")).is_ok());
    }

    #[test]
    fn paths_are_taken_from_the_files_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        std::fs::write(&path, format!("{GOOD}policy = \"/etc/own.toml\"\n")).unwrap();
        let config = AgentConfig::read(&path).unwrap();
        assert_eq!(config.key, folder.path().join("cleveland.key"));
        assert_eq!(config.memory(), folder.path().join("cleveland.memory"));
        assert_eq!(config.contracts.first().unwrap().file, folder.path().join("heart.contract"));
        assert_eq!(config.contracts.first().unwrap().policy.as_deref(), Some(Path::new("/etc/own.toml")));
        let gone = AgentConfig::read(&folder.path().join("gone.toml")).unwrap_err();
        assert!(matches!(gone, AgentConfigError::Read { .. }), "{gone}");
    }
}
