//! Step 3: NVIDIA's root for devices. Source and date are in `roots/README.md`.

use crate::anchor::{Fingerprint, VendorRoot};

pub(crate) static ALL: [VendorRoot; 1] = [VendorRoot {
    name: "NVIDIA Device Identity CA",
    der: include_bytes!("../../../roots/nvidia-device-identity-ca.der"),
    fingerprint: Fingerprint::from_sha256([
        0x10, 0x2b, 0xf6, 0x59, 0xd5, 0x41, 0x96, 0x14, 0xc9, 0xd8, 0xe6, 0xae, 0xce, 0xbc, 0x80, 0x45, //
        0x4e, 0xb2, 0x6b, 0x1d, 0xf6, 0xa7, 0x69, 0xac, 0x72, 0x0b, 0x9a, 0x69, 0x0b, 0x16, 0x7b, 0x48,
    ]),
}];

#[cfg(all(test, feature = "ring"))]
mod tests {
    use super::*;
    use crate::certificate::Certificate;
    use crate::crypto::{Crypto, CryptoProvider};

    #[test]
    fn the_root_has_the_digest_and_the_name_that_stand_beside_it_and_signs_itself() {
        let crypto = Crypto::new(CryptoProvider::ring());
        for root in &ALL {
            assert_eq!(Fingerprint::from_sha256(crypto.sha256(root.der)), root.fingerprint);
            let certificate = Certificate::from_der(root.der).unwrap();
            assert_eq!(certificate.subject(), root.name);
            assert!(certificate.is_signed_by(&certificate, &crypto));
        }
    }
}
