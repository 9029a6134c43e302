//! Intel TDX: a trust domain (TD) by its quote, version 4 or 5, TD reports of TDX 1.0 and 1.5. What it shares with SGX is in
//! `platform/intel`, with the numbers of the steps; the steps that are TDX's own:
//!
//! 15. TD attributes and XFAM: debug and profiling refused, the rest as the policy says, none unknown.  (`appraisal`)
//! 17. Identity: MRTD, MRCONFIGID, MROWNER, MROWNERCONFIG, MRSEAM, service TDs.                        (`appraisal`)
//! 18. Run-time registers: by their values, or by the event log that is replayed to them and its events. (`evidence`, `appraisal`)
//! 19. Report data: `common.freshness`.
//!
//! Documents: "Intel TDX Module ABI Specification" for TD reports, attributes, and how a register is extended (TDG.MR.RTMR.EXTEND).
//! Event logs: UEFI 2.11 section 38.4.1 (which register a number in the log is), the table CCEL of ACPI 6.5 (where the log is), TCG
//! PC Client Platform Firmware Profile section 10 (its form; `event_log`).

mod appraisal;
pub mod attributes;
pub(crate) mod checks;
mod claims;
mod evidence;
mod pinning;
mod policy;
mod report;

pub use super::events::{EventRule, EventRules};
pub(crate) use appraisal::{authenticate, judge_policy};
pub use evidence::assemble;
pub(crate) use evidence::{Evidence, container, is_quote};
pub use policy::{Accept, ModuleVersion};
pub(crate) use report::Quote;
pub use report::TdReport;
