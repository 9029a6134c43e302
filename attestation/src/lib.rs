//! PURE: the Verifier of RFC 9334. It appraises Evidence that hardware signed, under a policy that someone wrote, and
//! fetches nothing: Endorsements, time and challenge are arguments. No I/O, no clock, no randomness, no unsafe code.
//!
//! The steps are types, and each is the proof of the one before it:
//!
//! ```text
//! bytes -> Evidence -> Authentic -> Fresh -> AttestationResult
//!          decoded     signed by    answers   holds against
//!          strictly    a pinned     our       a policy that
//!                      root         challenge was written
//! ```
//!
//! [`Verifier::appraise`] walks them all. Whichever step stops, the answer is a [`Verdict`] with every check of a closed
//! list, each with a fixed id, what was expected, what was found and what to do. What could not be judged because an
//! earlier step failed is reported as that, and a check that did not run is never counted as one that holds.
//!
//! There is no default policy, and the simulated platform takes the same path: its root is named in the policy and marked
//! as simulated there.
//!
//! ```
//! use sealroom_attestation::{Binding, Challenge, CryptoProvider, Endorsements, Evidence, Policy, Rejection, Verifier};
//!
//! /// The key that may be trusted, or every reason why not.
//! fn attested_key(
//!     provider: CryptoProvider, policy: &Policy, evidence: &[u8], endorsements: &[u8], binding: Binding, now: u64,
//! ) -> Result<Option<[u8; 32]>, Rejection> {
//!     let evidence = Evidence::decode(evidence)?;
//!     let endorsements = Endorsements::decode(endorsements)?;
//!     let result = Verifier::new(provider, policy).appraise(evidence, &endorsements, binding, now)?;
//!     Ok(result.attested_key().copied())
//! }
//!
//! let nothing = Evidence::decode(b"").map_err(Rejection::from).unwrap_err();
//! for check in nothing.verdict().failed() {
//!     println!("FAIL {} expected {} found {}: {}", check.id(), check.expected(), check.found(), check.hint());
//! }
//! ```
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod alleged_root;
mod anchor;
mod authentic;
mod cbor;
mod certificate;
mod chain;
mod challenge;
mod check;
mod corim;
mod cose;
mod crypto;
mod ear;
mod endorsements;
mod envelope;
mod error;
pub mod event_log;
mod evidence;
mod forms;
mod fresh;
mod ledger;
mod lint;
#[cfg(feature = "measure")]
pub mod measure;
mod measurement;
mod missing;
mod needed;
mod outcome;
mod path;
mod pem;
mod pinned;
mod platform;
mod policy;
mod reader;
mod report;
mod result;
mod revocation;
mod text;
mod unmeasured;
mod vendor_codes;
mod verdict;
mod verifier;
mod written;
mod x509;

pub use anchor::{AnchorKind, Fingerprint, TrustAnchor, VendorRoot, vendor_roots};
pub use authentic::Authentic;
pub use certificate::Certificate;
pub use challenge::{Binding, Challenge};
pub use check::{Check, CheckDefinition, Status, Step, TrustClaim, check_definition, check_definitions};
pub use corim::{
    Corim, CorimError, CorimExport, CorimExportError, CorimImport, CorimProfile, ExportedCorim, ImportedBlock,
};
pub use crypto::{CryptoProvider, VerifiedSignatures};
pub use ear::{Ear, EarAlgorithm, EarError, EarExpected, EarKey, Submod, Tier, TrustVector};
pub use endorsements::Endorsements;
pub use envelope::{Bundle, EnvelopeError, EvidenceFile};
pub use error::{DecodeError, PolicyError};
pub use evidence::{Claim, Evidence};
pub use fresh::Fresh;
pub use lint::{PolicyWarning, policy_warning_ids};
pub use measurement::Measurement;
pub use needed::Needed;
pub use outcome::Outcome;
pub use platform::intel::{IntelTee, PckCa};
pub use platform::{Platform, azure, cca, gpu, intel, nitro, sgx, snp, tdx, tpm};
pub use policy::{Accept, Policy, Requirement, Rule};
pub use result::AttestationResult;
pub use revocation::RevocationList;
pub use vendor_codes::{VendorCode, VendorTable, vendor_codes, vendor_tables};
pub use verdict::{Rejection, Verdict};
pub use verifier::Verifier;
pub use written::PolicyTextError;
