//! Intel DCAP, what TDX and SGX share: quotes, the PCK chain, Intel's signed collateral and how a firmware level follows from it.
//! Intel's documents: "ECDSA QuoteGenReference and QuoteVerifyReference API" and "TDX DCAP Quoting Library API" for quotes, "SGX
//! PCK Certificate and CRL Profile Specification" for the chain, "API for Intel SGX and TDX Provisioning Certification Service"
//! (version 4) for collateral, and Intel's Quote Verification Library for what is done with them.
//!
//! An appraisal takes nineteen steps, in the order of Intel's library; the modules repeat these numbers where they do them.
//!
//!  1. Format: header version 3, 4 or 5, TEE and body type, every length, reserved bytes; QE vendor.      (`quote`, `authenticity`)
//!  2. PCK chain: Root CA (pinned) signs Platform or Processor CA signs PCK; names, P-256, dates.        (`chain`)
//!  3. Revocation: the root's list for the CA and the TCB signers, the CA's list for the PCK certificate. (`chain`)
//!  4. TCB info and QE identity: signed by TCB Signing under the same root, current, of one evaluation.   (`authenticity`)
//!  5. Match: FMSPC and PCEID of the PCK certificate are those of the TCB info.
//!  6. TDX module: MRSIGNERSEAM and SEAMATTRIBUTES by the identity for its major version.               (`module`)
//!  7. Quoting enclave: its report is signed by the PCK key and holds the digest of the attestation key.  (`qe`)
//!  8. QE identity: signer, product, MISCSELECT and ATTRIBUTES under their masks, no debug mode.         (`qe`)
//!  9. Signature: by the attestation key over header and body as received.                               (`authenticity`)
//! 10. TCB level: the first of which every component is reached; TDX components from index 2 on where the module has a major
//!     version, which then has levels of its own.                                                        (`evaluation`)
//! 11. Convergence: platform, quoting enclave and module to one status, the earliest date, all advisories; revoked is refused.
//! 12. Relaunch: a TD of TDX 1.5 on a platform that was updated since it was started.                  (`status`)
//! 13. Policy on status, age (grace period or least evaluation) and advisories.                          (`appraisal`)
//! 14. Policy on the platform's flags, its kind of memory protection and its ids.                        (`appraisal`)
//! 15. to 19. are of the TEE: attributes, identity, run-time registers, report data.                     (`tdx`, `sgx`)

use core::fmt;

use crate::platform::Platform;

pub(crate) mod appraisal;
pub(crate) mod authenticity;
mod bounded;
mod chain;
pub(crate) mod checks;
pub(crate) mod claims;
pub(crate) mod collateral;
pub(crate) mod enclave_report;
mod evaluation;
mod fields;
mod json;
pub(crate) mod module;
mod needed;
mod pck;
mod pem;
mod pinning;
pub(crate) mod policy;
mod qe;
mod qe_identity;
pub(crate) mod quote;
pub(crate) mod roots;
pub(crate) mod states;
mod status;
mod tcb_info;
pub(crate) mod written;

pub(crate) use authenticity::Genuine;
pub use enclave_report::EnclaveReport;
pub use json::CollateralError;
pub(crate) use needed::needed;
pub use pck::{PckPlatform, Registration, SgxType};
pub use policy::{Bits, Machine, PlatformRules, TcbAge};
pub use qe_identity::QeIdentity;
pub use quote::QuoteError;
pub use status::TcbStatus;
pub use tcb_info::TcbInfo;

/// Whose quote it is, and so whose TCB info and QE identity stand behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it")]
pub enum IntelTee {
    /// Software Guard Extensions.
    Sgx,
    /// Trust Domain Extensions.
    Tdx,
}

impl IntelTee {
    /// `SGX` or `TDX`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sgx => "SGX",
            Self::Tdx => "TDX",
        }
    }
}

/// Whose quote these bytes begin like.
pub(crate) fn sniff(bytes: &[u8]) -> Option<Platform> {
    quote::sniff(bytes).map(|tee| match tee {
        IntelTee::Sgx => Platform::IntelSgx,
        IntelTee::Tdx => Platform::IntelTdx,
    })
}

impl fmt::Display for IntelTee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which of Intel's authorities issued a PCK certificate, and so which revocation list it may stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "complete: Intel has two")]
pub enum PckCa {
    /// For platforms that were registered.
    Platform,
    /// For single processors.
    Processor,
}

impl fmt::Display for PckCa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Platform => "Platform",
            Self::Processor => "Processor",
        })
    }
}
