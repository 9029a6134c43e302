//! Where Endorsements are fetched from and kept, for every command that fetches.
//!
//! What always holds: without a flag it is the makers' own services; whoever answers elsewhere need not be trusted, since
//! signatures decide.

use super::exit::Failure;
use clap::Args;
use sealroom_endorsements::Settings;
use std::path::{Path, PathBuf};

/// Other addresses than the makers'.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServiceFlags {
    /// Address instead of AMD's Key Distribution Service: a mirror of it
    #[arg(long, value_name = "URL")]
    amd: Option<String>,
    /// Address instead of Intel's Provisioning Certification Service: a mirror of it
    #[arg(long, value_name = "URL")]
    intel: Option<String>,
    /// Full address of the revocation list of Intel's root, instead of Intel's
    #[arg(long, value_name = "URL")]
    intel_root_crl: Option<String>,
}

impl ServiceFlags {
    /// Whether one was typed.
    pub(crate) const fn any(&self) -> bool {
        self.amd.is_some() || self.intel.is_some() || self.intel_root_crl.is_some()
    }

    /// These services, and `cache` or the user's folder for what they answer.
    pub(crate) fn settings(&self, cache: Option<&Path>) -> Result<Settings, Failure> {
        let folder = cache.map(Path::to_path_buf).or_else(default_folder).ok_or_else(|| {
            Failure::local("no folder for fetched Endorsements: neither XDG_CACHE_HOME nor HOME is set")
                .hint("name one with --cache")
        })?;
        let mut settings = Settings::new(folder);
        let places = [
            (&self.amd, &mut settings.amd.address),
            (&self.intel, &mut settings.intel.address),
            (&self.intel_root_crl, &mut settings.intel_root_revocation_list),
        ];
        for (typed, address) in places {
            if let Some(typed) = typed {
                address.clone_from(typed);
            }
        }
        Ok(settings)
    }
}

/// As the XDG Base Directory Specification has it: a relative path is none.
fn default_folder() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("sealroom").join("endorsements"))
}
