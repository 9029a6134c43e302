//! AWS Nitro Enclaves: facts of the vendor, and nothing else. AWS's document: `attestation_process.md` of the repository
//! aws-nitro-enclaves-nsm-api, cited by its sections.
//!
//! An appraisal takes nine steps; the modules repeat these numbers where they do them.
//!
//! 1. COSE: one COSE_Sign1, tagged 18 or not, ES384 alone in the protected header, nothing unprotected.    (`document`)
//! 2. Payload: each field of section 3.2.2 once, of its type and size; no other.                           (`document`)
//! 3. Chain: root (pinned), intermediates, the document's certificate, as section 3.2.3 has them.       (`authenticity`)
//! 4. Signature: the certificate's key, over the bytes received.                                       (`authenticity`)
//! 5. Timestamp: the document is as young as the policy wants it.                                         (`appraisal`)
//! 6. Debug: PCR0 to PCR2 all zero is an enclave whose console the parent reads; always refused.           (`appraisal`)
//! 7. Registers: PCR0 as the measurement, PCR1 and PCR2 beside it, others as the policy says.             (`appraisal`)
//! 8. Instance: the EC2 instance that the enclave runs on.                                                (`appraisal`)
//! 9. Answer: the challenge stands in `nonce` or in `user_data`, as the policy says; the other one and `public_key` are held
//!    to the policy's values.                                                                             (`appraisal`)
//!
//! There is no revocation here. Some of AWS's certificates name revocation lists, and section 3.2.4 says that they are not used
//! and that a validation must leave them out: the certificate of a document is valid for three hours, its issuers for a day to
//! three weeks. So `common.revocation` is not in the list of checks, rather than in it and always skipped.
//!
//! The document and the hypervisor differ in one point: section 3.2.2.1 forbids null, and the hypervisor writes null for each of
//! the three optional fields that the enclave left out. Here null there means absent, and is refused everywhere else.

mod appraisal;
mod authenticity;
pub(crate) mod checks;
mod claims;
mod document;
mod pinning;
mod policy;
pub(crate) mod roots;

pub(crate) use appraisal::judge_policy;
pub(crate) use authenticity::{Genuine, authenticate};
pub use claims::Claims;
pub(crate) use document::Document;
pub use policy::{Accept, Age, ChallengeField, Register};
