//! Step 5: AMD's root keys (ARK), one for each product line. Source and date of each are in `roots/README.md`.

use crate::anchor::{Fingerprint, VendorRoot};

pub(crate) static ALL: [VendorRoot; 3] = [
    VendorRoot {
        name: "ARK-Milan",
        der: include_bytes!("../../../roots/amd-milan-ark.der"),
        fingerprint: Fingerprint::from_sha256([
            0x69, 0xd0, 0x63, 0xb4, 0x53, 0x44, 0xd2, 0x6a, 0x2e, 0x94, 0xe1, 0xf4, 0x21, 0x0d, 0xe4, 0x9e, //
            0xf5, 0x55, 0x30, 0x82, 0x87, 0xd4, 0xc1, 0x74, 0x44, 0x5c, 0x95, 0x63, 0x9a, 0x54, 0x0b, 0xcd,
        ]),
    },
    VendorRoot {
        name: "ARK-Genoa",
        der: include_bytes!("../../../roots/amd-genoa-ark.der"),
        fingerprint: Fingerprint::from_sha256([
            0x4c, 0x65, 0x98, 0xd1, 0x9c, 0x18, 0x71, 0x9c, 0x5d, 0xfd, 0x4a, 0x7d, 0x33, 0x5f, 0x67, 0x4e, //
            0x5b, 0xfe, 0x1d, 0x8f, 0x80, 0x0c, 0xea, 0x2c, 0xf2, 0x70, 0xc1, 0x0d, 0x10, 0x3d, 0xb2, 0xf1,
        ]),
    },
    VendorRoot {
        name: "ARK-Turin",
        der: include_bytes!("../../../roots/amd-turin-ark.der"),
        fingerprint: Fingerprint::from_sha256([
            0x1f, 0x08, 0x41, 0x61, 0xa4, 0x4b, 0xb6, 0xd9, 0x37, 0x78, 0xa9, 0x04, 0x87, 0x7d, 0x48, 0x19, //
            0xca, 0xfa, 0x5d, 0x05, 0xef, 0x41, 0x93, 0xb2, 0xde, 0xd9, 0xdd, 0x9c, 0x73, 0xdd, 0x3f, 0x6a,
        ]),
    },
];

#[cfg(all(test, feature = "ring"))]
mod tests {
    use super::*;
    use crate::certificate::Certificate;
    use crate::crypto::{Crypto, CryptoProvider};

    #[test]
    fn each_root_has_the_digest_and_the_name_that_stand_beside_it() {
        for root in &ALL {
            assert_eq!(Fingerprint::from_sha256(CryptoProvider::ring().sha256(root.der)), root.fingerprint);
            assert_eq!(Certificate::from_der(root.der).unwrap().subject(), root.name);
        }
    }

    #[test]
    fn each_root_signs_itself() {
        for root in &ALL {
            let root = Certificate::from_der(root.der).unwrap();
            assert!(root.is_signed_by(&root, &Crypto::new(CryptoProvider::ring())));
        }
    }
}
