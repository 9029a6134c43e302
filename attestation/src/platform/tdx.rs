//! Intel TDX: a trust domain (TD) by its quote, version 4 or 5, TD reports of TDX 1.0 and 1.5. What it shares with SGX is in
//! `platform/intel`, with the numbers of the steps; the steps that are TDX's own:
//!
//! 15. TD attributes and XFAM: debug and profiling refused, the rest as the policy says, none unknown.  (`appraisal`)
//! 17. Identity: MRTD, MRCONFIGID, MROWNER, MROWNERCONFIG, MRSEAM, service TDs.                        (`appraisal`)
//! 18. Run-time registers.                                                                            (`appraisal`)
//! 19. Report data: `common.freshness`.
//!
//! Intel's document: "Intel TDX Module ABI Specification" for TD reports and attributes.

mod appraisal;
pub mod attributes;
pub(crate) mod checks;
mod claims;
mod pinning;
mod policy;
mod report;

pub(crate) use appraisal::{authenticate, judge_policy};
pub use policy::{Accept, ModuleVersion};
pub(crate) use report::Quote;
pub use report::TdReport;
