//! UNTRUSTED. The host: starts and supervises enclaves, keeps ciphertext, serves the HTTP API. It never holds a key to
//! data, and nothing that it says is believed by a party.
//!
//! `docs/http-api.md` is what it serves, `docs/hosts.md` how it is run. [`serve`] is the whole of it.
#![forbid(unsafe_code)]

mod config;
mod host;
mod http;
mod log;
mod private;
mod refusal;
mod room;
mod serve;
mod store;
#[cfg(test)]
mod test_support;

pub use config::{AllowedParty, Config, ConfigError, Limits, PlatformConfig, Quota, StoreOptions, Tls, WitnessAddress};
pub use http::{TlsError, openapi_json};
pub use private::OpenToOthers;
pub use refusal::Refusal;
pub use room::Ended;
pub use serve::{ServeError, Serving, serve, termination};
pub use store::StoreError;
