//! An amendment that lies where the contract's file was: it takes the contract's place, without a restart.
//!
//! What always holds: only a complete contract of the same versions that the party's memory takes is taken; whatever else lies
//! there is a warning, and the version that is in force stays. A file is looked at before it is read, so one that is written
//! anew meanwhile is read again.

use super::plan::Planned;
use super::site::Site;
use super::worker::Worker;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The version that is in force, as worker and page share it; none while the contract cannot be used.
#[derive(Debug, Default)]
pub(super) struct Current(Mutex<Option<Arc<Planned>>>);

impl Current {
    pub(super) fn get(&self) -> Option<Arc<Planned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, planned: &Arc<Planned>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(planned));
    }
}

/// What tells that a file was written anew: place, length, time.
pub(super) type Stamp = (u64, u64, i64, i64);

/// The stamp of a file; none where it cannot be looked at.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.ino(), metadata.size(), metadata.mtime(), metadata.mtime_nsec()))
}

impl Worker {
    /// Takes what lies where the contract's file was, if it is an amendment of it.
    pub(super) fn renew(&mut self, site: &Site) {
        let found = stamp(&self.planned.settings.file);
        if found.is_none() || found == self.stamp {
            return;
        }
        self.stamp = found;
        let (before, settings) = (self.planned.signed.contract().clone(), self.planned.settings.clone());
        self.file_warning = match Planned::new(&settings, &site.identity) {
            Ok(planned) if planned.signed.contract().id() == before.id() => None,
            Ok(planned) if planned.signed.contract().first_version() != before.first_version() => {
                let file = settings.file.display();
                Some(format!("{file}: expected an amendment of contract {}, found another contract", before.id()))
            }
            Ok(planned) => match site.memory.remember_contract(&planned.signed) {
                Ok(()) => {
                    self.take_place(site, planned);
                    None
                }
                Err(error) => Some(format!("{}: {error}", settings.file.display())),
            },
            Err(error) => Some(error.to_string()),
        };
        if let Some(warning) = &self.file_warning {
            site.log(&before, &format!("WARNING {warning}"));
        }
    }

    fn take_place(&mut self, site: &Site, planned: Planned) {
        self.planned = Arc::new(planned);
        self.current.set(&self.planned);
        (self.ledger, self.whole) = (None, None);
        self.desk.shown().pending.clear();
        site.log(self.planned.signed.contract(), "took its predecessor's place");
    }
}
