//! Roots of attestation keys' certificates that are known here, so that nobody need bring them. Knowing one is not trusting it:
//! no TPM has one maker's root that stands for all, so a policy names one and says why. `roots/README.md` has their sources.

use crate::anchor::{Fingerprint, TrustAnchor};
use crate::certificate::Certificate;

struct KnownRoot {
    der: &'static [u8],
    fingerprint: [u8; 32],
}

static ALL: [KnownRoot; 1] = [KnownRoot {
    // Google Cloud: "EK/AK CA Root" of virtual TPMs.
    der: include_bytes!("../../../roots/google-ek-ak-ca-root.der"),
    fingerprint: GOOGLE,
}];

const GOOGLE: [u8; 32] = [
    0x59, 0x47, 0x59, 0x59, 0x4b, 0x9b, 0x61, 0x52, 0x4f, 0x6c, 0x8e, 0xf6, 0x68, 0xf7, 0x17, 0x7f, 0x7b, 0x90, 0x66,
    0xbc, 0x06, 0x74, 0xf2, 0xf4, 0x9f, 0xe9, 0xe0, 0x52, 0xbe, 0x78, 0xbe, 0xb2,
];

/// The root that the anchor pins, where it is one of these.
pub(super) fn pinned(anchor: &TrustAnchor) -> Option<&'static [u8]> {
    let known = |root: &&KnownRoot| Fingerprint::from_sha256(root.fingerprint) == *anchor.fingerprint();
    ALL.iter().find(known).map(|root| root.der)
}

/// Whether the anchor pins one of these, whose common name is this.
pub(crate) fn knows_root(anchor: &TrustAnchor, common_name: &str) -> bool {
    let root = pinned(anchor).and_then(|der| Certificate::from_der(der).ok());
    root.is_some_and(|root| root.subject() == common_name)
}

#[cfg(all(test, feature = "ring"))]
mod tests {
    use super::*;

    #[test]
    fn every_known_root_has_the_fingerprint_written_here() {
        for root in &ALL {
            assert_eq!(crate::CryptoProvider::ring().sha256(root.der), root.fingerprint);
        }
    }
}
