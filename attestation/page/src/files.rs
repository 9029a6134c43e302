//! What files hold, as the command line reads them: Endorsements out of their files, a policy out of its text.

use sealroom_attestation::{Bundle, Endorsements, Policy};

use crate::refused::Refused;

/// JSON where it begins like it, else TOML.
pub(crate) fn policy(text: &str) -> Result<Policy, Refused> {
    Ok(if text.trim_start().starts_with('{') { Policy::from_json(text) } else { Policy::from_toml(text) }?)
}

/// Every file is an Endorsement, or a bundle of them.
pub(crate) fn endorsements(files: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Refused> {
    let mut all = Vec::new();
    for (index, file) in files.iter().enumerate() {
        if Bundle::sniff(file) {
            let bundle = Bundle::read(file).map_err(|error| Refused::Bundle { index, error })?;
            all.extend(bundle.endorsements);
        } else {
            Endorsements::decode(file).map_err(|error| Refused::Endorsement { index, error })?;
            all.push(file.clone());
        }
    }
    Ok(all)
}

/// Those that came with the Evidence first, then those that were given.
pub(crate) fn together(brought: &[Vec<u8>], given: &[Vec<u8>]) -> Result<Endorsements, Refused> {
    let brought =
        brought.iter().try_fold(Endorsements::none(), |all, file| all.with(file)).map_err(Refused::Brought)?;
    given.iter().try_fold(brought, |all, file| all.with(file)).map_err(Refused::Given)
}
