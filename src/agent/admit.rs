//! Beginning to serve a contract: into the party's memory, with what it knows of the contract already.
//!
//! What always holds: what is wrong with one contract is that contract's alone, is shown and looked at again; where the file has an
//! amendment that the memory refuses, the version in force goes on, as it does while an agent runs.

use super::config::AgentContract;
use super::desk::Desk;
use super::error::AgentError;
use super::plan::Planned;
use super::renew::Current;
use super::site::Site;
use super::worker::pause;
use crate::memory::MemoryError;
use crate::{now, stop};
use core::fmt;
use std::path::Path;
use std::sync::Arc;

/// A contract that can be served.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) planned: Arc<Planned>,
    /// What is wrong with what lies in its file, where another version than that is served.
    pub(super) warning: Option<String>,
}

/// One contract that is served, or will be once it can be used.
#[derive(Debug, Clone)]
pub(super) struct Served {
    pub(super) settings: Arc<AgentContract>,
    pub(super) current: Arc<Current>,
    pub(super) desk: Arc<Desk>,
}

impl Served {
    pub(super) fn new(settings: AgentContract) -> Self {
        Self { settings: Arc::new(settings), current: Arc::default(), desk: Arc::default() }
    }

    /// The version that is in force; none while the contract cannot be used.
    pub(super) fn planned(&self) -> Option<Arc<Planned>> {
        self.current.get()
    }

    /// Takes a contract into the party's memory and shows it, or shows why not.
    pub(super) fn admit(&self, site: &Site, planned: Result<Planned, AgentError>) -> Option<Ready> {
        match planned.and_then(|planned| admit(site, planned)) {
            Ok(ready) => {
                self.current.set(&ready.planned);
                let mut shown = self.desk.shown();
                (shown.standing, shown.trouble) = ("", None);
                drop(shown);
                Some(ready)
            }
            Err(error) => {
                let trouble = unusable(&self.settings.file, &error);
                let mut shown = self.desk.shown();
                let news = shown.trouble.as_ref() != Some(&trouble);
                (shown.standing, shown.trouble) = ("unusable", Some(trouble.clone()));
                drop(shown);
                if news {
                    site.note(&format!("WARNING {trouble}"));
                }
                None
            }
        }
    }

    /// Looks again and again, until the contract can be used. None where the agent stops before.
    pub(super) fn wait(&self, site: &Site) -> Option<Ready> {
        let mut failures = 0_u32;
        loop {
            failures = failures.saturating_add(1);
            self.desk.wait(pause(self.settings.poll(), failures));
            if site.is_stopping() {
                return None;
            }
            let ready = self.admit(site, Planned::new(&self.settings, &site.identity));
            if ready.is_some() {
                return ready;
            }
        }
    }
}

/// In one line, whatever the words of the file.
fn unusable(file: &Path, error: &dyn fmt::Display) -> String {
    let text = format!("contract file {}: nothing is granted under it: {error}", file.display());
    crate::client::printable(&text)
}

fn admit(site: &Site, planned: Planned) -> Result<Ready, AgentError> {
    let (planned, warning) = match site.memory.remember_contract(&planned.signed) {
        Ok(()) => (planned, None),
        Err(error) => match in_force(site, &planned)? {
            Some(before) => {
                let file = before.settings.file.display();
                let warning = crate::client::printable(&format!("{file}: {error}"));
                (before, Some(warning))
            }
            None => return Err(error.into()),
        },
    };
    let contract = planned.signed.contract();
    keep_old_stop(site, &planned)?;
    if !site.claim(contract) {
        return Err(AgentError::Twice { contract: contract.id() });
    }
    Ok(Ready { planned: Arc::new(planned), warning })
}

/// The version that the memory holds in force, where that is another than the one refused.
fn in_force(site: &Site, refused: &Planned) -> Result<Option<Planned>, AgentError> {
    let contract = refused.signed.contract();
    let Some(id) = site.memory.in_force(contract)?.filter(|id| *id != contract.id()) else { return Ok(None) };
    let signed = match site.memory.contract(&id) {
        Ok(signed) => signed,
        Err(MemoryError::UnknownContract { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Planned::of(&refused.settings, refused.stamp, signed, &site.identity).map(Some)
}

/// A stop that an agent of before wrote beside the memory stands in it from now on.
fn keep_old_stop(site: &Site, planned: &Planned) -> Result<(), AgentError> {
    let contract = planned.signed.contract();
    let found = site.decisions.old_stop_of(&contract.id());
    let found = found.map_err(|source| AgentError::Io { path: "the stops in the agent's folder".into(), source })?;
    let Some(kept) = found else { return Ok(()) };
    let own = kept.filter(|kept| kept.verify(&site.identity.signing().public()).is_ok());
    // One that does not read back stops as well.
    let own = match own {
        Some(own) => own,
        None => stop(contract, &site.identity, "", now())?,
    };
    drop(site.memory.write_stop(contract, &own)?);
    Ok(())
}
