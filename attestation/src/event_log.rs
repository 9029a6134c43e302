//! Event logs of firmware: which measurements went into the registers of a TPM (PCR) or of a trust domain (RTMR), one after
//! the other. The host or the guest hands such a log over; nothing in it is believed until its replay gives the values that
//! a genuine quote vouches for. That is what [`ReplayedLog`] proves.
//!
//! The format is the crypto-agile one of the TCG PC Client Platform Firmware Profile (below: PFP; sections of revision 1.05),
//! which confidential guests use as well, with the number of a run-time register in place of a PCR's (UEFI 2.11 section
//! 38.1; the table is named CCEL):
//!
//! 1. a header in the old SHA-1 form: EV_NO_ACTION with the Spec ID event, which lists the algorithms (10.2.1, 10.4.5.1);
//! 2. events: register, type, one digest for each of these algorithms, data (10.2.2);
//! 3. where the log was copied from an ACPI table, unused bytes: all 0xff or all 0x00.
//!
//! A log without that header is one of a TPM 1.2 platform: SHA-1 only. It is decoded, and it is never accepted.
//!
//! What always holds: work and memory are bounded by the input, which is at most 16 MiB and 65 536 events. Of an event only
//! the digest is measured. Its **type is not**: it is shown to people, and no rule ever reads it. Its data are not either,
//! but where the digest is their hash they are as good as measured ([`ReplayedEvent::measured`]).

mod algorithm;
mod decode;
mod describe;
mod device_path;
mod difference;
mod error;
mod event;
mod kind;
mod printable;
mod replay;
mod variable;

pub use algorithm::{Algorithm, Digest};
pub use decode::EventLog;
pub use difference::{Difference, EventDifference, Registers};
pub use error::{LogError, ReplayError};
pub use event::Event;
pub use kind::EventType;
pub use replay::{Register, ReplayedEvent, ReplayedLog, ReportedRegister};
