//! PARTY. The SDK: draft and sign contracts, encrypt datasets, appraise rooms, grant runs, open results.
#![forbid(unsafe_code)]

mod clock;
mod file;
mod identity;
mod passphrase;

pub use clock::{now, random};
pub use identity::{Card, Identity, IdentityError};
pub use passphrase::Passphrase;
