//! Intel SGX: an enclave by its DCAP quote, version 3 (and the same body in versions 4 and 5). What it shares with TDX is in
//! `platform/intel`, with the numbers of the steps; the steps that are SGX's own:
//!
//! 16. Enclave: attributes with debug refused and INIT demanded, XFRM, MISCSELECT; MRENCLAVE, or MRSIGNER with product and least
//!     security version; the fields of key separation and sharing (KSS).                              (`appraisal`)
//! 19. Report data: `common.freshness`.

mod appraisal;
pub mod attributes;
pub(crate) mod checks;
mod pinning;
mod policy;
mod quote;

pub(crate) use appraisal::{authenticate, judge_policy};
pub use policy::{Accept, Identity};
pub(crate) use quote::Quote;
