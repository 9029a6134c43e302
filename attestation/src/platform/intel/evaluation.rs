//! Steps 10 to 12: which firmware level the platform has by Intel's list, and what Intel says of it. The first level in the
//! order listed of which every component is reached is the one; the quoting enclave and the TDX module have their own.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::pck::{COMPONENTS, PckPlatform};
use super::qe_identity::QeIdentity;
use super::status::{PartStatus, TcbStatus};
use super::tcb_info::{Level, PartLevel, TcbInfo};
use crate::text::{Hex, utc};

/// What the quote says of its TDX module: TEE_TCB_SVN, component 0 the module's security version, component 1 its major version.
pub(crate) type TeeTcbSvn = [u8; COMPONENTS];

/// What Intel says of a platform in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Evaluation {
    pub(crate) status: TcbStatus,
    /// The earliest date of a level that went in, in seconds since 1970.
    pub(crate) date: u64,
    /// Each once.
    pub(crate) advisories: Vec<String>,
    /// The levels that went in, in words.
    pub(crate) words: String,
}

impl Evaluation {
    /// Steps 10 and 11. `td` is the TDX module's level, for a TDX quote.
    ///
    /// # Errors
    /// What has no level, in words.
    pub(crate) fn of(
        platform: &PckPlatform,
        qe_svn: u16,
        td: Option<&TeeTcbSvn>,
        info: &TcbInfo,
        identity: &QeIdentity,
    ) -> Result<Self, String> {
        let level = info.levels.iter().find(|level| is_reached(level, platform, td)).ok_or_else(|| {
            let td = td.map_or(String::new(), |td| format!(", TEE_TCB_SVN {}", Hex(td)));
            format!("no level for CPUSVN {}, PCESVN {}{td}", Hex(&platform.components), platform.pce_svn)
        })?;
        let mut evaluation = Self {
            status: level.status.into(),
            date: level.date,
            advisories: Vec::new(),
            words: format!("platform {} of {}", TcbStatus::from(level.status), utc(level.date)),
        };
        evaluation.add_advisories(&level.advisories);
        if let Some(td) = td {
            evaluation.add_module(td, info)?;
        }
        let qe = part_level(&identity.levels, qe_svn)
            .ok_or_else(|| format!("no level for ISVSVN {qe_svn} of the quoting enclave"))?;
        evaluation.add_part("quoting enclave", qe);
        Ok(evaluation)
    }

    /// Step 12: at launch `self`, now `current`. The advisories of both count.
    pub(crate) fn relaunched(mut self, current: &Self) -> Self {
        self.status = self.status.relaunched(current.status);
        self.date = self.date.min(current.date);
        self.add_advisories(&current.advisories);
        self.words = format!("at launch {}; now {}", self.words, current.words);
        self
    }

    /// From major version 1 on, a module has levels of its own, and the platform's components 0 and 1 say nothing of it.
    fn add_module(&mut self, td: &TeeTcbSvn, info: &TcbInfo) -> Result<(), String> {
        let [svn, major, ..] = *td;
        if major == 0 {
            return Ok(());
        }
        let module = info.modules.iter().find(|module| module.major == major);
        let level = module.and_then(|module| part_level(&module.levels, svn.into()));
        let level = level.ok_or_else(|| format!("no level for security version {svn} of TDX module {major}"))?;
        self.add_part("TDX module", level);
        Ok(())
    }

    fn add_part(&mut self, what: &str, level: &PartLevel) {
        self.status = self.status.converged_with(level.status);
        self.date = self.date.min(level.date);
        self.add_advisories(&level.advisories);
        self.words = format!("{}, {what} {} of {}", self.words, PartStatus::as_str(level.status), utc(level.date));
    }

    fn add_advisories(&mut self, advisories: &[String]) {
        for advisory in advisories {
            if !self.advisories.contains(advisory) {
                self.advisories.push(advisory.clone());
            }
        }
    }
}

/// Each component by itself: a higher one makes up for no lower one.
fn is_reached(level: &Level, platform: &PckPlatform, td: Option<&TeeTcbSvn>) -> bool {
    let firmware = at_least(&platform.components, &level.sgx_components, 0) && platform.pce_svn >= level.pce_svn;
    match (td, &level.tdx_components) {
        (None, _) => firmware,
        (Some(_), None) => false,
        (Some(td), Some(components)) => {
            let [_, major, ..] = *td;
            firmware && at_least(td, components, if major > 0 { 2 } else { 0 })
        }
    }
}

fn at_least(components: &[u8; COMPONENTS], level: &[u8; COMPONENTS], from: usize) -> bool {
    components.iter().zip(level).skip(from).all(|(component, level)| component >= level)
}

fn part_level(levels: &[PartLevel], svn: u16) -> Option<&PartLevel> {
    levels.iter().find(|level| svn >= level.svn)
}
