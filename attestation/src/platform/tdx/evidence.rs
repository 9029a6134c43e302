//! Step 1: a trust domain's Evidence: a quote alone, or in one file of ours with the event log that its run-time registers are
//! replayed from. No tool hands both over in one binary form; the file is a container of the TPM's kind (`tpm/container`).
//!
//! What always holds: the quote is kept as it was signed, and the log decodes strictly. The log is signed by nobody; what it is
//! worth, its replay says.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::checks;
use super::report::Quote;
use crate::check::common;
use crate::error::DecodeError;
use crate::event_log::{EventLog, Register};
use crate::evidence::Claim;
use crate::platform::Platform;
use crate::platform::events::EventRules;
use crate::platform::intel;
use crate::platform::intel::quote::MAX_SIZE as MAX_QUOTE;
use crate::platform::tpm::container;
use crate::policy::Rule;
use crate::text::joined;

const MAGIC: [u8; 8] = *b"SRTDX\0\0\x01";
const MAX_LOG: usize = 16 * 1024 * 1024;
/// With the name and two lengths.
const MAX_CONTAINER: usize = MAX_QUOTE + MAX_LOG + 16;

/// A quote, with its log or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Evidence {
    quote: Quote,
    brought: Option<Brought>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Brought {
    container: Vec<u8>,
    log: EventLog,
}

impl Evidence {
    /// Whether it is the container; a quote alone is known by its header.
    pub(crate) fn sniff(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if !Self::sniff(bytes) {
            return Ok(Self { quote: Quote::decode(bytes)?, brought: None });
        }
        if bytes.len() > MAX_CONTAINER {
            let problem = format!("{} bytes, expected at most {MAX_CONTAINER}", bytes.len());
            return Err(malformed(common::EVIDENCE_SIZE.id, problem));
        }
        let parts = [("quote", MAX_QUOTE), ("event log", MAX_LOG)];
        let of_container = |problem| malformed(checks::CONTAINER.id, problem);
        let [quote, log] = container::read(MAGIC, bytes, parts).map_err(of_container)?;
        if log.is_empty() {
            // One form for one thing: without a log it would be a quote alone in a second form.
            return Err(of_container(String::from(
                "the part \"event log\" is empty, expected one; bring the quote alone",
            )));
        }
        let quote = Quote::decode(quote)?;
        let log = EventLog::decode(log).map_err(|error| of_container(error.to_string()))?;
        Ok(Self { quote, brought: Some(Brought { container: bytes.to_vec(), log }) })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.brought.as_ref().map_or_else(|| self.quote.bytes(), |brought| &brought.container)
    }

    pub(crate) fn quote(&self) -> &Quote {
        &self.quote
    }

    pub(crate) fn log(&self) -> Option<&EventLog> {
        self.brought.as_ref().map(|brought| &brought.log)
    }

    /// Every field of the quote, then what the log is.
    pub(crate) fn describe(&self) -> Vec<Claim> {
        let mut claims = self.quote.describe();
        let words = self.log().map_or_else(
            || String::from("none"),
            |log| format!("{} events of {}", log.unverified_events().count(), joined(log.algorithms(), ", ")),
        );
        claims.push(Claim { name: "event-log", value: words });
        claims
    }

    /// The strictest demand of its log: every register that the log has events of is replayed.
    pub(super) fn pinned_events(&self) -> Rule<EventRules> {
        let Some(log) = self.log() else { return Rule::skip("the quote came without an event log") };
        let has_events = |index: &u8| log.measured_events(Register::Rtmr(*index)).next().is_some();
        let registers: Vec<u8> = (0..4).filter(has_events).collect();
        if registers.is_empty() {
            return Rule::skip("the event log has no event of a run-time register");
        }
        Rule::Require(EventRules { registers, events: Vec::new() })
    }
}

fn malformed(check: &'static str, problem: String) -> DecodeError {
    DecodeError::EvidenceFormat { platform: Platform::IntelTdx, check, problem }
}

/// A quote and the event log of its trust domain as Evidence, in one file. Nothing is verified.
///
/// `event_log` is the area that the ACPI table CCEL points to, as Linux shows it in
/// `/sys/firmware/acpi/tables/data/CCEL`: at most 16 MiB. `quote` is at most 64 KiB.
///
/// # Errors
/// [`DecodeError`]: each of its variants about evidence.
pub fn assemble(quote: &[u8], event_log: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let bytes = container(quote, event_log);
    Evidence::decode(&bytes)?;
    Ok(bytes)
}

/// The same of anything: whether it is Evidence, decoding decides.
pub(crate) fn container(quote: &[u8], event_log: &[u8]) -> Vec<u8> {
    container::write(MAGIC, &[quote, event_log])
}

/// Whether these bytes begin like a quote of a trust domain, alone.
pub(crate) fn is_quote(bytes: &[u8]) -> bool {
    intel::sniff(bytes) == Some(Platform::IntelTdx)
}
