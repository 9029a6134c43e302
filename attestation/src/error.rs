//! What can be wrong before any check is judged: bytes that do not decode, a policy that contradicts itself.

use alloc::string::String;

use thiserror::Error;

use crate::check::{CheckDefinition, check_definition, common};
use crate::envelope::EnvelopeError;
use crate::platform::{Platform, intel, snp};

/// Bytes from outside that are not what they are said to be. In the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// No known Evidence has this length.
    #[error(
        "evidence has {found} bytes, expected {expected} (an SEV-SNP attestation report); bring it in binary, without a wrapper"
    )]
    EvidenceSize {
        /// Bytes of the format.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// A layout that this Verifier does not know.
    #[error("evidence says version {found}, expected {expected}; update the verifier if the platform is newer than it")]
    EvidenceVersion {
        /// The versions known.
        expected: &'static str,
        /// The version given.
        found: u32,
    },
    /// Bytes that the layout keeps at zero are not.
    #[error("evidence byte {offset:#x} is reserved and must be zero, found {found:#04x}")]
    EvidenceReserved {
        /// Offset from the start of the Evidence.
        offset: usize,
        /// What stands there.
        found: u8,
    },
    /// Bytes that begin like no Evidence known here.
    #[error("{length} bytes that are no evidence of a known platform; bring it as the platform made it")]
    EvidenceKind {
        /// Bytes given.
        length: usize,
    },
    /// A file that holds no Evidence in a known form.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Bytes that begin like a platform's Evidence and then break its format.
    #[error("evidence is not strict {platform}: {problem}")]
    EvidenceFormat {
        /// The platform whose format it is not.
        platform: Platform,
        /// Id of the check that trips over it.
        check: &'static str,
        /// What is wrong, with what was expected. Public fields only.
        problem: String,
    },
    /// A challenge that no Evidence can answer.
    #[error("a challenge has {found} bytes, expected {least} to {limit}; or a written reason why none was made")]
    Challenge {
        /// How few are too few to be a question.
        least: usize,
        /// The limit.
        limit: usize,
        /// Bytes given.
        found: usize,
    },
    /// More bytes of Endorsements than anyone needs.
    #[error("{what} has {found} bytes, expected at most {limit}")]
    EndorsementSize {
        /// Which of them.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// Bytes given.
        found: usize,
    },
    /// More certificates or revocation lists than anyone needs.
    #[error("endorsements hold {found} {what}, expected at most {limit}")]
    EndorsementCount {
        /// Which of them.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// How many.
        found: usize,
    },
    /// Text that is not strict PEM (RFC 7468).
    #[error("endorsements are neither DER nor strict PEM; bring the files as the platform's maker serves them")]
    Pem,
    /// A PEM block of another kind.
    #[error("endorsements hold a pem block that is neither a certificate nor a revocation list")]
    PemLabel,
    /// Not strict DER (X.690) of the structure expected.
    #[error("{what} is not strict der of rfc 5280")]
    Der {
        /// Which of them.
        what: &'static str,
    },
    /// Decodes, but is not the one way to encode it.
    #[error("{what} is not in canonical form: encoding it again gives other bytes")]
    NotCanonical {
        /// Which of them.
        what: &'static str,
    },
    /// RFC 5280 section 4.2: one extension of a kind.
    #[error("{what} has extension {oid} twice")]
    DuplicateExtension {
        /// Which of them.
        what: &'static str,
        /// The extension's object identifier.
        oid: String,
    },
    /// Intel's JSON that is not what it is said to be.
    #[error(transparent)]
    Collateral(#[from] intel::CollateralError),
    /// Text that should be `sha256:` and 64 lower-case hexadecimal digits.
    #[error("a fingerprint is \"sha256:\" and 64 lower-case hexadecimal digits")]
    Fingerprint,
}

impl DecodeError {
    /// The platform whose format the bytes were read by, where it came to that.
    #[must_use]
    pub fn platform(&self) -> Option<Platform> {
        match self {
            Self::EvidenceSize { .. } | Self::EvidenceVersion { .. } | Self::EvidenceReserved { .. } => {
                Some(Platform::AmdSevSnp)
            }
            Self::EvidenceFormat { platform, .. } => Some(*platform),
            _ => None,
        }
    }

    /// The check that trips over these bytes, as it stands in a [`Rejection`](crate::Rejection).
    pub(crate) fn check(&self) -> &'static CheckDefinition {
        match self {
            Self::EvidenceSize { .. } => &common::EVIDENCE_SIZE,
            Self::EvidenceVersion { .. } => &snp::checks::VERSION,
            Self::EvidenceReserved { .. } => &snp::checks::RESERVED,
            Self::EvidenceKind { .. } | Self::Envelope(_) => &common::EVIDENCE_KIND,
            Self::EvidenceFormat { check, .. } => check_definition(check).unwrap_or(&common::EVIDENCE_KIND),
            Self::Challenge { .. } => &common::FRESHNESS,
            Self::Fingerprint => &common::TRUST_ANCHOR,
            Self::EndorsementSize { .. }
            | Self::EndorsementCount { .. }
            | Self::Collateral(_)
            | Self::Pem
            | Self::PemLabel
            | Self::Der { .. }
            | Self::NotCanonical { .. }
            | Self::DuplicateExtension { .. } => &common::ENDORSEMENTS,
        }
    }
}

/// A policy that could not mean what was written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A policy without an accept block accepts nothing.
    #[error("the policy has no accept block, expected at least one")]
    Empty,
    /// Too many accept blocks.
    #[error("the policy has {found} accept blocks, expected at most {limit}")]
    TooManyBlocks {
        /// The limit.
        limit: usize,
        /// How many.
        found: usize,
    },
    /// Two blocks with one name could not be told apart in a verdict.
    #[error("two accept blocks are named \"{name}\"; give each its own name")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A check is left out without saying why.
    #[error("accept block \"{block}\" skips {field} without a reason; write why it is left out")]
    ReasonMissing {
        /// The accept block.
        block: String,
        /// The field of the block.
        field: &'static str,
    },
    /// A list of accepted values is empty.
    #[error("accept block \"{block}\" lists no value for {field}; list one, or skip it with a reason")]
    EmptyList {
        /// The accept block.
        block: String,
        /// The field of the block.
        field: &'static str,
    },
    /// A value that the field can not have.
    #[error("accept block \"{block}\": {field} {problem}")]
    Impossible {
        /// The accept block.
        block: String,
        /// The field of the block.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A root of real hardware is marked as simulated.
    #[error(
        "trust anchor {fingerprint} is {vendor_root}, a vendor's root, and is marked as simulated; remove the mark"
    )]
    VendorRootMarkedSimulated {
        /// The fingerprint.
        fingerprint: String,
        /// Name of the root.
        vendor_root: &'static str,
    },
    /// A root that is no vendor's is not marked as simulated.
    #[error(
        "trust anchor {fingerprint} is no vendor's root known here; mark it as simulated, or correct the fingerprint"
    )]
    UnknownRootNotMarkedSimulated {
        /// The fingerprint.
        fingerprint: String,
    },
    /// An anchor is vouched for without saying why.
    #[error("trust anchor {fingerprint} is vouched for without a reason; write why it is trusted")]
    AnchorReasonMissing {
        /// The fingerprint.
        fingerprint: String,
    },
    /// An anchor is vouched for in the words that a policy is begun with.
    #[error(
        "trust anchor {fingerprint} is vouched for in the words that the policy was begun with; write in their place why it is trusted"
    )]
    AnchorReasonUnedited {
        /// The fingerprint.
        fingerprint: String,
    },
    /// A vendor's root needs nobody's word.
    #[error("trust anchor {vendor_root} is a vendor's root; name it without vouching for it")]
    VendorRootVouchedFor {
        /// Name of the root.
        vendor_root: &'static str,
    },
}
