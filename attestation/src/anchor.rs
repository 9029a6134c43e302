//! Trust anchors (RFC 9334 section 12.4): which root a policy pins, and whether it stands for hardware.
//!
//! A root is pinned by the SHA-256 of its DER certificate, which is what people compare and what tools print as its
//! fingerprint. (Pinning the key alone would also accept a certificate with other dates or constraints around it.)
//! Whether an anchor is simulated is not left to what a policy says: only the vendors' roots built in here are not.

use alloc::string::{String, ToString};
use core::fmt;

use crate::error::{DecodeError, PolicyError};
use crate::platform;
use crate::text::{Hex, is_blank};

/// SHA-256 of a DER certificate, written `sha256:` and 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// From the digest.
    #[must_use]
    pub const fn from_sha256(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// From text. One form only: other cases, separators or lengths are refused.
    ///
    /// # Errors
    /// [`DecodeError::Fingerprint`].
    pub fn parse(text: &str) -> Result<Self, DecodeError> {
        let digits = text.strip_prefix("sha256:").ok_or(DecodeError::Fingerprint)?;
        crate::text::from_hex(digits).map(Self).ok_or(DecodeError::Fingerprint)
    }

    /// The digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", Hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A root certificate of a platform's maker, built in. Source, date and digest of each are in `roots/README.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VendorRoot {
    /// Common name of its subject, such as `ARK-Milan`.
    pub name: &'static str,
    /// The certificate, DER.
    pub der: &'static [u8],
    /// SHA-256 of `der`.
    pub fingerprint: Fingerprint,
}

/// The roots that stand for real hardware.
pub fn vendor_roots() -> impl Iterator<Item = &'static VendorRoot> {
    platform::snp::roots::ALL
        .iter()
        .chain(&platform::intel::roots::ALL)
        .chain(&platform::nitro::roots::ALL)
        .chain(&platform::gpu::roots::ALL)
    // Each platform's roots follow here.
}

/// A root or key that a policy trusts. Having one means: it is a vendor's root built in here, or it is marked as simulated, or
/// somebody vouches for it in words; never two of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustAnchor {
    fingerprint: Fingerprint,
    kind: AnchorKind,
}

/// What stands in a policy that was made for somebody to edit, and is nobody's reason.
const UNEDITED: &str = "say here why it is trusted";

/// Why an anchor is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: decisions match on it")]
pub enum AnchorKind {
    /// The maker of real hardware, known here.
    Vendor(&'static VendorRoot),
    /// A simulated platform, which protects nothing.
    Simulated,
    /// Neither: the policy's author vouches for it, in these words. For platforms without one maker's root.
    Vouched {
        /// The author's words.
        reason: String,
    },
}

impl TrustAnchor {
    /// `simulated` is what the policy (or contract) says of this root. It must agree with what the root is.
    ///
    /// # Errors
    /// [`PolicyError::VendorRootMarkedSimulated`], [`PolicyError::UnknownRootNotMarkedSimulated`].
    pub fn new(fingerprint: Fingerprint, simulated: bool) -> Result<Self, PolicyError> {
        let vendor_root = vendor_roots().find(|root| root.fingerprint == fingerprint);
        match (vendor_root, simulated) {
            (Some(root), false) => Ok(Self { fingerprint, kind: AnchorKind::Vendor(root) }),
            (None, true) => Ok(Self { fingerprint, kind: AnchorKind::Simulated }),
            (Some(root), true) => Err(PolicyError::VendorRootMarkedSimulated {
                fingerprint: fingerprint.to_string(),
                vendor_root: root.name,
            }),
            (None, false) => Err(PolicyError::UnknownRootNotMarkedSimulated { fingerprint: fingerprint.to_string() }),
        }
    }

    /// A root certificate or public key (SHA-256 of its DER certificate or SubjectPublicKeyInfo) that is no maker's, trusted
    /// because of `reason`. Only platforms without one maker's root take such an anchor (TPM, Azure vTPM, Arm CCA).
    ///
    /// # Errors
    /// [`PolicyError::AnchorReasonMissing`], [`PolicyError::AnchorReasonUnedited`], [`PolicyError::VendorRootVouchedFor`].
    pub fn vouched(fingerprint: Fingerprint, reason: impl Into<String>) -> Result<Self, PolicyError> {
        let reason = reason.into();
        if is_blank(&reason) {
            return Err(PolicyError::AnchorReasonMissing { fingerprint: fingerprint.to_string() });
        }
        if reason.contains(UNEDITED) {
            return Err(PolicyError::AnchorReasonUnedited { fingerprint: fingerprint.to_string() });
        }
        match vendor_roots().find(|root| root.fingerprint == fingerprint) {
            Some(root) => Err(PolicyError::VendorRootVouchedFor { vendor_root: root.name }),
            None => Ok(Self { fingerprint, kind: AnchorKind::Vouched { reason } }),
        }
    }

    /// For a policy that somebody still has to edit: vouched for in words that [`Self::vouched`], and with it every reader of a
    /// policy, refuses until they are replaced. `from` says where the anchor came from.
    ///
    /// # Errors
    /// [`PolicyError::VendorRootVouchedFor`].
    pub fn to_be_vouched(fingerprint: Fingerprint, from: &str) -> Result<Self, PolicyError> {
        let anchor = Self::vouched(fingerprint, "not yet")?;
        let reason = alloc::format!("from {}: {UNEDITED}", crate::text::printable(from));
        Ok(Self { kind: AnchorKind::Vouched { reason }, ..anchor })
    }

    /// What the root's certificate must hash to.
    #[must_use]
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Whether the platforms under this root protect nothing.
    #[must_use]
    pub fn simulated(&self) -> bool {
        matches!(self.kind, AnchorKind::Simulated)
    }

    /// Why it is trusted.
    #[must_use]
    pub fn kind(&self) -> &AnchorKind {
        &self.kind
    }

    pub(crate) fn vendor_root(&self) -> Option<&'static VendorRoot> {
        match self.kind {
            AnchorKind::Vendor(root) => Some(root),
            AnchorKind::Simulated | AnchorKind::Vouched { .. } => None,
        }
    }
}

impl fmt::Display for TrustAnchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            AnchorKind::Vendor(root) => write!(f, "{} {}", root.name, self.fingerprint),
            AnchorKind::Simulated => write!(f, "SIMULATED root {}", self.fingerprint),
            AnchorKind::Vouched { .. } => write!(f, "vouched anchor {}", self.fingerprint),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "sha256:00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff";

    #[test]
    fn a_fingerprint_reads_back_as_it_was_written() {
        assert_eq!(Fingerprint::parse(TEXT).unwrap().to_string(), TEXT);
    }

    #[test]
    fn a_fingerprint_has_one_form_only() {
        let upper = TEXT.replace("ff", "FF");
        let long = String::from(TEXT) + "0";
        for text in [upper.as_str(), long.as_str(), &TEXT[..70], &TEXT[7..], "sha256:", "", "sha256:ü"] {
            assert_eq!(Fingerprint::parse(text), Err(DecodeError::Fingerprint), "{text}");
        }
    }

    #[test]
    fn a_vendor_root_is_never_simulated_and_another_always_is() {
        for root in vendor_roots() {
            assert!(!TrustAnchor::new(root.fingerprint, false).unwrap().simulated());
            assert_eq!(
                TrustAnchor::new(root.fingerprint, true),
                Err(PolicyError::VendorRootMarkedSimulated {
                    fingerprint: root.fingerprint.to_string(),
                    vendor_root: root.name
                })
            );
        }
        let other = Fingerprint::from_sha256([1; 32]);
        assert!(TrustAnchor::new(other, true).unwrap().simulated());
        assert_eq!(
            TrustAnchor::new(other, false),
            Err(PolicyError::UnknownRootNotMarkedSimulated { fingerprint: other.to_string() })
        );
    }

    #[test]
    fn who_vouches_says_why_and_not_for_a_vendors_root() {
        let other = Fingerprint::from_sha256([1; 32]);
        assert!(!TrustAnchor::vouched(other, "our own laboratory").unwrap().simulated());
        assert_eq!(
            TrustAnchor::vouched(other, " \u{200b}"),
            Err(PolicyError::AnchorReasonMissing { fingerprint: other.to_string() })
        );
        let AnchorKind::Vouched { reason } = TrustAnchor::to_be_vouched(other, "root.pem").unwrap().kind else {
            panic!("not vouched for")
        };
        let unedited = Err(PolicyError::AnchorReasonUnedited { fingerprint: other.to_string() });
        assert_eq!(TrustAnchor::vouched(other, reason), unedited, "until somebody edits it");
        for root in vendor_roots() {
            assert_eq!(
                TrustAnchor::vouched(root.fingerprint, "why not"),
                Err(PolicyError::VendorRootVouchedFor { vendor_root: root.name })
            );
        }
    }
}
