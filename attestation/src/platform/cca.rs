//! Arm Confidential Compute Architecture (CCA): a realm by its attestation token. Arm's documents: DEN0137 (Realm Management
//! Monitor specification) sections A7.2.1 to A7.2.3, and draft-ffm-rats-cca-token, whose names of claims stand here.
//!
//! An appraisal takes eight steps; the modules repeat these numbers where they do them.
//!
//! 1. Format: a collection (tag 399) of a platform token (44234) and a realm token (44241), each one COSE_Sign1.    (`token`)
//! 2. Claims: each claim of the profile once, of its type and size; no other.                        (`platform`, `realm`)
//! 3. Platform key: the one that the policy names for this instance-id.                                   (`authenticity`)
//! 4. Platform signature: by that key (CPAK), over the bytes received.                                    (`authenticity`)
//! 5. Binding: the platform's challenge is the digest of the realm's key, by the algorithm that the realm token names.
//! 6. Realm signature: by the realm's key (RAK), over the bytes received.                                 (`authenticity`)
//! 7. Platform: lifecycle secured, implementation, configuration, every software component.                  (`appraisal`)
//! 8. Realm: initial and extensible measurements, personalization value.                                     (`appraisal`)
//!
//! The realm's challenge is the answer: `common.freshness`, 64 bytes.
//!
//! Arm runs no root above the platforms' keys: whoever makes a platform hands out its key. So a policy names one such key by its
//! digest, and says in words why it is trusted (or that it is simulated); a block is for one platform. There is no certificate,
//! hence nothing that expires or is revoked: `common.endorsements`, `common.time` and `common.revocation` are not in the list
//! of checks. A key that is given up leaves the policy.
//!
//! Two profiles are known: `http://arm.com/CCA-SSD/1.0.0`, whose realm key is a bare point, and `tag:arm.com,2023:cca_platform#1.0.0`
//! with `tag:arm.com,2023:realm#1.0.0`, whose realm key is a COSE_Key. A newer one is refused by name. Keys on P-521 are refused
//! by name too: none of the providers verifies them.

mod appraisal;
mod authenticity;
pub(crate) mod checks;
mod claims;
mod pinning;
mod platform;
mod policy;
mod realm;
mod token;

pub(crate) use appraisal::judge_policy;
pub(crate) use authenticity::{Genuine, authenticate};
pub use claims::{HashAlgorithm, PlatformClaims, Profile, RealmClaims, SoftwareComponent};
pub(crate) use policy::EXTENSIBLE;
pub use policy::{Accept, Component, ComponentValue, ExtensibleMeasurement};
pub(crate) use token::Token;
