//! A configuration with everything that it names: read, checked, and said in plain words.
//!
//! What always holds: a contract of an [`AgentPlan`] that can be used is signed by all, this party grants under it, its policy and
//! the host's address can be used; one that cannot keeps no other from being served; nothing was sent, and the memory was not
//! touched.

use super::config::{AgentConfig, AgentContract, Approve};
use super::error::AgentError;
use super::renew::{Stamp, stamp};
use crate::client::{Host, HostOptions};
use crate::contract_file::{ContractFile, ContractFileError, check_party};
use crate::identity::Identity;
use core::time::Duration;
use sealroom_attestation::Policy;
use sealroom_protocol::contract::{Contract, SignedContract, explain, time_text};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// How long a host may take for a connection, and for each next piece of an answer.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long one exchange with a host may take.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(120);
/// Largest policy or certificate file, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// What an agent is about to do.
#[derive(Debug)]
pub struct AgentPlan {
    pub(super) config: AgentConfig,
    pub(super) identity: Identity,
    pub(super) contracts: Vec<Entry>,
}

/// One contract of the configuration.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) settings: AgentContract,
    pub(super) planned: Result<Planned, AgentError>,
}

/// One that can be used.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) settings: AgentContract,
    /// Of the contract's file, from before it was read: whatever is written after that is noticed.
    pub(super) stamp: Option<Stamp>,
    pub(super) signed: SignedContract,
    pub(super) host: HostOptions,
    pub(super) policy: Option<Policy>,
}

impl AgentPlan {
    /// Reads what the configuration names and checks it. What is wrong with one contract is that contract's alone:
    /// [`AgentPlan::unusable`].
    #[must_use]
    pub fn new(config: AgentConfig, identity: Identity) -> Self {
        let mut known = BTreeSet::new();
        let mut entry = |settings: &AgentContract| {
            let planned = Planned::new(settings, &identity).and_then(|planned| {
                let contract = planned.signed.contract();
                if known.insert(contract.first_version()) {
                    return Ok(planned);
                }
                Err(AgentError::Twice { contract: contract.id() })
            });
            Entry { settings: settings.clone(), planned }
        };
        let contracts = config.contracts.iter().map(&mut entry).collect();
        Self { config, identity, contracts }
    }

    /// What is wrong with the first contract that cannot be used, if there is one.
    #[must_use]
    pub fn unusable(self) -> Option<AgentError> {
        self.contracts.into_iter().find_map(|entry| entry.planned.err())
    }

    /// What the agent would do, in plain words.
    #[must_use]
    pub fn explain(&self) -> String {
        let mut text = format!(
            "This agent acts for \"{}\" and grants runs under {}.\nIts page and metrics: http://{}, for who has the token in {}.\n",
            self.identity.name(),
            if self.contracts.len() == 1 {
                "one contract".to_owned()
            } else {
                format!("{} contracts", self.contracts.len())
            },
            self.config.listen,
            self.config.state.join("token").display(),
        );
        for Entry { settings, planned } in &self.contracts {
            text.push('\n');
            match planned {
                Ok(planned) => text.push_str(&planned.explain(self.identity.name())),
                Err(error) => text.push_str(&format!(
                    "Contract file {}, at {}: CANNOT BE USED, so nothing is granted under it: {error}\n",
                    settings.file.display(),
                    settings.host
                )),
            }
        }
        if let Some(witness) = &self.config.witness {
            let logs =
                if witness.logs.len() == 1 { "one log".to_owned() } else { format!("{} logs", witness.logs.len()) };
            text.push_str(&format!("\nIt is a witness besides: it cosigns {logs}, at http://{}.\n", witness.listen));
        }
        text
    }
}

impl Planned {
    pub(super) fn new(settings: &AgentContract, identity: &Identity) -> Result<Self, AgentError> {
        let path = &settings.file;
        let of = |source: ContractFileError| AgentError::Contract { path: path.clone(), source };
        let stamp = stamp(path);
        let signed = ContractFile::load(path).and_then(|file| file.complete()).map_err(of)?;
        Self::of(settings, stamp, signed, identity)
    }

    /// The same of a contract that was read already.
    pub(super) fn of(
        settings: &AgentContract,
        stamp: Option<Stamp>,
        signed: SignedContract,
        identity: &Identity,
    ) -> Result<Self, AgentError> {
        let path = &settings.file;
        let of = |source: ContractFileError| AgentError::Contract { path: path.clone(), source };
        let contract = signed.contract();
        check_party(contract, identity).map_err(of)?;
        let party = identity.name();
        if !contract.granting_parties().iter().any(|granting| granting.name == party) {
            return Err(AgentError::NothingToGrant { path: path.clone(), party: party.into() });
        }
        check_region(settings, contract, party)?;
        let mut host = HostOptions::new(settings.host.trim_end_matches('/'));
        (host.timeout, host.exchange_timeout) = (TIMEOUT, EXCHANGE_TIMEOUT);
        if let Some(path) = &settings.root_certificates {
            host.root_certificates = vec![read(path)?];
        }
        // Nothing is sent: it says whether address and certificates can be used.
        drop(Host::new(&host)?);
        let policy = settings.policy.as_deref().map(policy).transpose()?;
        Ok(Self { settings: settings.clone(), stamp, signed, host, policy })
    }

    /// Runs that are granted at most.
    pub(super) fn most(&self) -> u64 {
        let limit = self.signed.contract().terms().limits.runs;
        self.settings.maximum_runs.map_or(limit, |own| own.min(limit))
    }

    fn explain(&self, party: &str) -> String {
        let (settings, contract) = (&self.settings, self.signed.contract());
        let terms = contract.terms();
        let mut text = format!("Contract \"{}\" {}, at {}:\n", terms.name, contract.id(), settings.host);
        let (limit, most) = (terms.limits.runs, self.most());
        let own = if most < limit { format!(", though the contract has {limit}") } else { String::new() };
        let asks = match settings.approve {
            Approve::EveryRun => "a person is asked before every run",
            Approve::Requests if contract.leaves_choices() => {
                "a person is asked before every run, since each has a request"
            }
            Approve::Requests => "nobody is asked: this contract leaves a requester nothing to choose",
            Approve::Never => "nobody is asked: whatever keeps the contract is granted",
        };
        text.push_str(&format!("  - It grants at most {most} runs{own}; {asks}.\n"));
        let until = time_text(terms.expires);
        text.push_str(&format!(
            "  - It grants until {until}; each grant holds for {} minutes.\n",
            settings.grant_minutes
        ));
        let policy = self
            .policy
            .as_ref()
            .map_or_else(String::new, |policy| format!(", and those of your own policy \"{}\" as well", policy.name()));
        text.push_str(&format!("  - An enclave has to keep the contract's terms{policy}.\n"));
        if let Some(region) = &settings.host_region {
            text.push_str(&format!(
                "  - For every run it states in your name that the host stands in {region}. Nobody measures that.\n"
            ));
        }
        let often = settings.poll_seconds;
        text.push_str(&format!(
            "  - It looks at the host every {often} seconds, less often while something is wrong.\n"
        ));
        if let Some(explanation) = explain(contract, party) {
            text.extend(explanation.to_string().lines().map(|line| format!("  {line}\n")));
        }
        text
    }
}

/// The region belongs there exactly where the contract has this party state it, and is one that the contract allows.
fn check_region(settings: &AgentContract, contract: &Contract, party: &str) -> Result<(), AgentError> {
    let stated = contract.terms().cross_border.as_ref().filter(|terms| terms.stated_by == party);
    let (expected, holds) = match (stated, &settings.host_region) {
        (None, found) => ("to stay away: this party states nothing under this contract".to_owned(), found.is_none()),
        (Some(terms), found) => {
            let allowed = found.as_ref().is_some_and(|region| terms.host_regions.contains(region));
            (format!("to be one of {}, which this party states for every run", terms.host_regions.join(", ")), allowed)
        }
    };
    if holds {
        return Ok(());
    }
    let found = settings.host_region.as_ref().map_or_else(|| "none".into(), |region| format!("{region:?}"));
    Err(AgentError::Region { path: settings.file.clone(), expected, found })
}

fn policy(path: &Path) -> Result<Policy, AgentError> {
    let bytes = read(path)?;
    let text = String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "expected UTF-8"));
    let text = text.map_err(|source| AgentError::Io { path: path.into(), source })?;
    let policy = if text.trim_start().starts_with('{') { Policy::from_json(&text) } else { Policy::from_toml(&text) };
    policy.map_err(|source| AgentError::Policy { path: path.into(), source })
}

fn read(path: &Path) -> Result<Vec<u8>, AgentError> {
    let read = std::fs::File::open(path).and_then(|file| crate::file::read_limited(file, FILE_LIMIT));
    read.map_err(|source| AgentError::Io { path: path.into(), source })
}
