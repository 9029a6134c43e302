//! AMD SEV-SNP: facts of the vendor, and nothing else. AMD's documents: 56860 (SEV-SNP firmware ABI) for the attestation
//! report, 57230 (VCEK/VLEK certificates) for the chain.
//!
//! An appraisal takes sixteen steps; the modules repeat these numbers where they do them.
//!
//!  1. Format: 1184 bytes, version 2 to 5, reserved bytes zero.                                        (`report`)
//!  2. Signature: ECDSA P-384 with SHA-384 over bytes 0 to 0x2a0 as received.                          (`authenticity`)
//!  3. Key kind: SIGNING_KEY says VCEK or VLEK and agrees with the leaf; "none" and a masked key are refused.
//!  4. Product line: processor, leaf and issuers name the same one.                                    (`product`)
//!  5. Chain: ARK (pinned) signs ASK signs VCEK, or ARK signs ASVK signs VLEK.                         (`authenticity`)
//!  6. Leaf extensions: exact DER, each exactly once.                                                  (`leaf`)
//!  7. Leaf and report agree: REPORTED_TCB, and CHIP_ID where the leaf is a VCEK.                      (`authenticity`)
//!  8. TCB layout: by product line, compared by component.                                             (`tcb`)
//!  9. TCB rules: reported and committed not above current; minimums of the policy.                    (`appraisal`)
//! 10. Revocation: the ARK's list. VCEKs all have serial 0: AMD revokes them by raising the TCB, so step 9 is their revocation.
//! 11. Guest policy: debug and migration refused, the rest and the least ABI as the policy says.
//! 12. Platform info: as the policy says.
//! 13. VMPL: at most the policy's; 0xffffffff (asked for by the host) is refused.
//! 14. Identity: measurement, host data, image, security version, ID key, author key.
//! 15. Mitigation vectors: the required bits are all set.
//! 16. Report data: `common.freshness`.
//!
//! A chain that this accepts has the shape of AMD's: common names `ARK-<line>`, `SEV-<line>` or `SEV-VLEK-<line>`,
//! `SEV-VCEK` or `SEV-VLEK`; RSA-4096 with exponent 65537 and RSASSA-PSS (SHA-384, salt 48) above, a P-384 key in the leaf;
//! `basicConstraints` and `keyUsage` on both authorities. The simulated platform makes the same shape under its own root.

mod appraisal;
mod authenticity;
pub(crate) mod checks;
mod claims;
pub mod guest_policy;
mod leaf;
mod needed;
mod pinning;
pub mod platform_info;
mod policy;
mod product;
mod report;
pub(crate) mod roots;
mod tcb;

pub(crate) use appraisal::judge_policy;
pub(crate) use authenticity::{Genuine, authenticate};
pub(crate) use leaf::is_leaf_of;
pub(crate) use needed::needed;
pub use policy::{Accept, Bits, GuestAbi, Image, Mitigations};
pub use product::Product;
pub(crate) use report::Report;
pub use report::{Claims, Cpuid, FirmwareVersion, SigningKey};
pub use tcb::TcbVersion;
