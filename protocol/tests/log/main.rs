//! The log's formats against vectors that a second implementation made (`tests/vectors/log`), its tree against `ct-merkle`,
//! and each check of them by one change.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a test's failure report")]

mod history;
mod published;
mod tree;
mod vectors;
mod witness;

use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{LogSigner, VerifierKey, WitnessSigner};
use serde_json::Value;

/// The origin of the vectors.
pub(crate) fn origin() -> String {
    ["sealroom/1/log/", &"5a".repeat(32)].concat()
}

pub(crate) fn log() -> LogSigner {
    LogSigner::new(&origin(), SigningSecret::from_seed(&[1; 32])).unwrap()
}

pub(crate) fn witness(number: u8) -> WitnessSigner {
    WitnessSigner::new(&format!("witness.example/w{number}"), SigningSecret::from_seed(&[number + 1; 32])).unwrap()
}

pub(crate) fn read(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/log/");
    let text = std::fs::read_to_string([folder, name].concat()).expect("the vectors are there");
    serde_json::from_str(&text).expect("vectors are JSON")
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect("a text")
}

pub(crate) fn witnesses() -> Vec<VerifierKey> {
    vec![witness(1).verifier().clone(), witness(2).verifier().clone()]
}
