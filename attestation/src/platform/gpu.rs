//! NVIDIA GPUs in confidential-computing mode (Hopper): a GPU by its attestation report. Documents: DMTF DSP0274 (SPDM 1.1)
//! sections 10.11 (GET_MEASUREMENTS) and 10.12 for the two messages; NVIDIA's nvtrust (`local_gpu_verifier`) for what stands in
//! their opaque data, and for the steps.
//!
//! The Evidence is what the driver calls the attestation report: the request (37 bytes) and the GPU's response to it, one after
//! the other, in binary. The GPU's certificates come beside it, as the driver hands them out; they are Endorsements here.
//!
//! An appraisal takes eight steps; the modules repeat these numbers where they do them.
//!
//! 1. Request: SPDM 1.1, GET_MEASUREMENTS, signed, all measurements, a nonce of 32 bytes.               (`report`)
//! 2. Response: each measurement once, 48 bytes, opaque fields, an ECDSA P-384 signature.               (`report`, `opaque`)
//! 3. Chain: the leaf that has the firmware id, its issuers, the root (pinned).                         (`authenticity`)
//! 4. Revocation: every list that a certificate of the chain names is there and lists none; a certificate that names none is
//!    named in a warning.                                                                              (`authenticity`)
//! 5. Firmware id: the leaf's (FWID, TCG DICE) and the report's are the same.                           (`leaf`)
//! 6. Signature: the leaf's key, over request and response as received.                                (`authenticity`)
//! 7. Chip, driver, VBIOS: as the policy says.                                                            (`appraisal`)
//! 8. Measurements: each that is not zero is one that the policy names, or that it leaves out with a reason.  (`appraisal`)
//!
//! The request's nonce is the answer: `common.freshness`. It has 32 bytes, so the binding of an enclave's key (64 bytes) does
//! not fit: a GPU vouches for no key. Who joins it to an enclave asks both with one challenge, and measures in the enclave that it
//! checked the GPU.
//!
//! Not done here: NVIDIA's reference manifests (RIM) are XML with signatures of their own. Their values go into the policy, by
//! index, and whoever writes them there has verified the manifest. OCSP needs a network at the moment of the appraisal; NVIDIA's
//! revocation lists say the same and can be brought. The topology of several GPUs and switches is not judged.

mod appraisal;
mod authenticity;
pub(crate) mod checks;
mod leaf;
mod opaque;
mod pinning;
mod policy;
mod report;
pub(crate) mod roots;

pub(crate) use appraisal::judge_policy;
pub(crate) use authenticity::{Genuine, authenticate, needed};
pub(crate) use leaf::{has_firmware_id, names_a_list};
pub use opaque::OpaqueField;
pub use policy::{Accept, IndexedMeasurement};
pub use report::Claims;
pub(crate) use report::Report;
