//! TPM 2.0: a quote over platform configuration registers (PCR), and what it takes to believe it. Documents: TCG TPM 2.0 Library
//! part 1 (architecture) and part 2 (structures), by their sections; the TCG PC Client Platform Firmware Profile for logs.
//!
//! An appraisal takes eight steps; the modules repeat these numbers where they do them.
//!
//! 1. Quote: TPMS_ATTEST, made by a TPM, of type quote, nothing after it.                                 (`attest`)
//! 2. Key: the attestation key (AK) is a restricted signing key of a TPM, trusted in exactly one way: a certificate under a
//!    pinned root, or the pinned key itself.                                                          (`authenticity`)
//! 3. Signature: RSASSA, RSAPSS or ECDSA with SHA-256 or SHA-384, of the scheme that the key has. SHA-1 is refused.
//! 4. Answer: extraData is the challenge, in full: `common.freshness`.
//! 5. Registers: bank and selection are exactly what the policy requires; the values that came along are of exactly these
//!    registers, and hash to the quote's digest. Only then are they judged, each by its number.          (`appraisal`)
//! 6. Event log: its replay gives the quoted values; only then are its events judged.
//! 7. Clock, boots, firmware: as the policy says.
//! 8. Azure: the key is bound to an SEV-SNP or TDX report (`platform/azure`).
//!
//! A quote is spread over several files by every tool that makes one. The Evidence is one file of ours that holds them
//! (`container`): quote, signature, values, the key's public part or certificate, and a log or none.
//!
//! Why step 5 is written as it is: a quote signs a digest over the values of the registers that it *selects*. A verifier that
//! hashes a list of values and then reads the list by index is fooled by a quote of other registers.

mod appraisal;
mod attest;
mod authenticity;
pub(crate) mod checks;
mod claims;
pub(super) mod container;
mod evidence;
mod files;
mod key;
mod pinning;
mod policy;
pub(super) mod quote;
mod roots;
mod signature;
mod values;

pub use super::events::{EventRule, EventRules};
pub(crate) use appraisal::judge_policy;
pub(super) use appraisal::{judge_genuine, judge_quote};
pub(crate) use authenticity::{Genuine, authenticate};
pub(super) use claims::quote as describe_quote;
pub(crate) use evidence::{Evidence, leaf, needed};
pub use evidence::{QuoteParts, assemble};
pub use files::{FilesError, QuoteFiles, attestation_key};
pub(super) use policy::requirement;
pub use policy::{Accept, AttestationKey, BootCount, QuoteRules, Register};
pub(super) use quote::Quote;
pub(crate) use roots::knows_root;
pub use signature::rsassa_sha256;
