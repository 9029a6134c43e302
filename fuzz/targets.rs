//! What is fuzzed: one function a decoder of outside bytes, each with the property that must hold for every input. The
//! fuzzer drives them from `fuzz_targets/`; `cargo test` replays the committed corpora through the same functions.
//!
//! Every function takes any bytes and says whether they were accepted; a panic is a finding.

#[path = "targets/attestation.rs"]
pub(crate) mod attestation;
#[path = "targets/client.rs"]
pub(crate) mod client;
#[path = "targets/contract.rs"]
pub(crate) mod contract;
#[path = "targets/corim.rs"]
pub(crate) mod corim;
#[path = "targets/formats.rs"]
pub(crate) mod formats;
#[path = "targets/host.rs"]
pub(crate) mod host;
#[path = "targets/log.rs"]
pub(crate) mod log;
#[path = "targets/message.rs"]
pub(crate) mod message;
#[path = "targets/object.rs"]
pub(crate) mod object;
#[path = "targets/party.rs"]
pub(crate) mod party;
#[path = "targets/pck.rs"]
pub(crate) mod pck;
#[path = "targets/program.rs"]
pub(crate) mod program;
#[path = "targets/quote_files.rs"]
pub(crate) mod quote_files;
#[path = "targets/recovery.rs"]
pub(crate) mod recovery;
#[path = "targets/rng.rs"]
mod rng;
#[path = "targets/room.rs"]
pub(crate) mod room;
#[path = "targets/scratch.rs"]
mod scratch;
#[path = "targets/sealed.rs"]
pub(crate) mod sealed;
#[cfg(test)]
#[path = "targets/seeds.rs"]
pub(crate) mod seeds;
#[cfg(test)]
#[path = "targets/seeds_corim.rs"]
mod seeds_corim;
#[cfg(test)]
#[path = "targets/seeds_http.rs"]
mod seeds_http;
#[cfg(test)]
#[path = "targets/seeds_log.rs"]
mod seeds_log;
#[cfg(test)]
#[path = "targets/seeds_recovery.rs"]
mod seeds_recovery;
#[cfg(test)]
#[path = "targets/seeds_sealed.rs"]
mod seeds_sealed;
#[cfg(test)]
#[path = "targets/seeds_worlds.rs"]
mod seeds_worlds;
#[path = "targets/shown.rs"]
mod shown;
#[path = "targets/signed.rs"]
pub(crate) mod signed;
#[path = "targets/table.rs"]
pub(crate) mod table;
#[path = "targets/text.rs"]
pub(crate) mod text;
#[path = "targets/world.rs"]
mod world;
#[path = "targets/worlds.rs"]
pub(crate) mod worlds;

/// A target's name, which is also its corpus folder, and its function.
#[cfg(test)]
pub(crate) type Target = (&'static str, fn(&[u8]) -> bool);

/// All targets.
#[cfg(test)]
pub(crate) const TARGETS: &[Target] = &[
    ("appraisal", attestation::appraisal),
    ("arguments", table::arguments),
    ("bundle", party::bundle),
    ("cca_token", worlds::cca_token),
    ("collateral", formats::collateral),
    ("contract", contract::contract),
    ("contract_file", contract::contract_file),
    ("corim", corim::corim),
    ("csv", table::csv),
    ("draft", contract::draft),
    ("ear", formats::ear),
    ("enclave_image", formats::enclave_image),
    ("enclave_message", message::enclave_message),
    ("endorsements", attestation::endorsements),
    ("envelope", signed::envelope),
    ("event_log", formats::event_log),
    ("evidence", attestation::evidence),
    ("evidence_file", formats::evidence_file),
    ("firmware", formats::firmware),
    ("gpu_report", worlds::gpu_report),
    ("grant_keys", signed::grant_keys),
    ("header", signed::header),
    ("host_answer", client::host_answer),
    ("host_message", message::host_message),
    ("host_request", host::host_request),
    ("http_signature", signed::http_signature),
    ("key_file", party::key_file),
    ("log", log::log),
    ("manifest", object::manifest),
    ("name", text::name),
    ("nitro_document", worlds::nitro_document),
    ("number", text::number),
    ("object", object::object),
    ("pck_extension", pck::pck_extension),
    ("platform", message::platform),
    ("policy", formats::policy),
    ("programs", program::programs),
    ("quote", worlds::quote),
    ("recovery", recovery::recovery),
    ("result", table::result),
    ("room", room::room),
    ("sealed", sealed::sealed),
    ("signed", signed::signed),
    ("tpm_files", quote_files::tpm_files),
    ("tpm_quote", worlds::tpm_quote),
    ("verifier", worlds::verifier),
    ("x509", attestation::x509),
];

/// Runs one target by its name. Says whether the bytes were accepted.
///
/// # Panics
/// When there is no such target, or at a finding.
#[cfg(test)]
pub(crate) fn run(name: &str, bytes: &[u8]) -> bool {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    (target.expect("a target of this name").1)(bytes)
}
