//! All that a quote and its key say, for people. Not verified; nothing in it can steer a terminal.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::evidence::Key;
use super::quote::Quote;
use crate::evidence::Claim;
use crate::measurement::Measurement;
use crate::text::{Hex, joined};

pub(super) fn key(key: &Key) -> Vec<Claim> {
    let mut claims = Vec::new();
    match key {
        Key::Certificate(certificate) => {
            claims.push(claim("attestation-key-subject", String::from(certificate.subject())));
            claims.push(claim("attestation-key-issuer", String::from(certificate.issuer())));
        }
        Key::Public(public) => {
            let wrong = public.wrong_attributes();
            let words = if wrong.is_empty() { String::from("a restricted signing key") } else { joined(wrong, ", ") };
            claims.push(claim("attestation-key-attributes", words));
            claims.push(claim("attestation-key-scheme", public.scheme.to_string()));
        }
    }
    if let Some(info) = key.subject_public_key_info() {
        claims.push(claim("attestation-key", Hex(&info).to_string()));
    }
    claims
}

pub(crate) fn quote(quote: &Quote) -> Vec<Claim> {
    let attest = &quote.attest;
    let mut claims = alloc::vec![
        claim("qualified-signer", Hex(&attest.qualified_signer).to_string()),
        claim("extra-data", Hex(&attest.extra_data).to_string()),
        claim("clock-ms", attest.clock.to_string()),
        claim("clock-safe", attest.safe.to_string()),
        claim("reset-count", attest.reset_count.to_string()),
        claim("restart-count", attest.restart_count.to_string()),
        claim("firmware-version", format!("{:#018x}", attest.firmware_version)),
        claim("pcr-selection", quote.selection_words()),
        claim("pcr-digest", Hex(&attest.digest).to_string()),
        claim("signature-scheme", quote.signature.scheme.to_string()),
    ];
    claims.extend(quote.values.iter().map(|(index, value)| claim("pcr", format!("{index} {value}"))));
    let log = quote.log.as_ref().map_or_else(
        || String::from("none"),
        |log| format!("{} events of {}", log.unverified_events().count(), joined(log.algorithms(), ", ")),
    );
    claims.push(claim("event-log", log));
    claims
}

pub(crate) fn claim(name: &'static str, value: String) -> Claim {
    Claim { name, value }
}

impl Quote {
    /// The digest over all quoted values; zeros where it has a length that no accepted hash has, which is refused.
    pub(crate) fn measurement(&self) -> Measurement {
        let digest = self.attest.digest.as_slice();
        let of = |result: Option<Measurement>| result.unwrap_or(Measurement::sha256([0; 32]));
        match digest.len() {
            48 => of(digest.try_into().ok().map(Measurement::sha384)),
            64 => of(digest.try_into().ok().map(Measurement::sha512)),
            _ => of(digest.try_into().ok().map(Measurement::sha256)),
        }
    }
}
