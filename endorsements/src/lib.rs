//! UNTRUSTED: fetches Endorsements (RFC 9334 section 8.2) from the services of the platforms' makers and keeps them in a
//! folder, for whoever appraises and for hosts that hand them on. Nothing here is believed: signatures decide, in the
//! Verifier.
//!
//! What always holds: what has expired is never used and is said to have expired; one request at a time is under way for an
//! item; what does not decode is not kept; whatever is killed when, the folder stays usable.
//!
//! ```no_run
//! use sealroom_attestation::Needed;
//! use sealroom_endorsements::{Settings, Source};
//!
//! # async fn example(needed: Vec<Needed>) -> Result<(), sealroom_endorsements::SettingsError> {
//! let source = Source::new(Settings::new("/var/cache/endorsements".into()))?;
//! for (needed, outcome) in source.fetch(&needed).await {
//!     match outcome {
//!         Ok(endorsement) => println!("{needed}: {} files", endorsement.files().len()),
//!         Err(error) => println!("{needed}: {error} (later perhaps: {})", error.may_pass()),
//!     }
//! }
//! # Ok(()) }
//! ```
#![cfg_attr(doctest, doc = include_str!("../../docs/endorsements.md"))]
#![forbid(unsafe_code)]

mod answer;
mod backoff;
mod cache;
mod clock;
mod endorsement;
mod entry;
mod error;
mod exchange;
mod request;
mod settings;
mod source;

pub use clock::{Clock, Wait};
pub use endorsement::{Endorsement, Origin, Shown, ShownFile, State};
pub use error::{CacheError, FetchError, SettingsError};
pub use settings::{Service, Settings};
pub use source::Source;
