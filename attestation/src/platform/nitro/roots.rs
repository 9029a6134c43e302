//! Step 3: AWS's root for the commercial partitions. Source and date are in `roots/README.md`.

use crate::anchor::{Fingerprint, VendorRoot};

pub(crate) static ALL: [VendorRoot; 1] = [VendorRoot {
    name: "aws.nitro-enclaves",
    der: include_bytes!("../../../roots/aws-nitro-enclaves-root-g1.der"),
    fingerprint: Fingerprint::from_sha256([
        0x64, 0x1a, 0x03, 0x21, 0xa3, 0xe2, 0x44, 0xef, 0xe4, 0x56, 0x46, 0x31, 0x95, 0xd6, 0x06, 0x31, //
        0x7e, 0xd7, 0xcd, 0xcc, 0x3c, 0x17, 0x56, 0xe0, 0x98, 0x93, 0xf3, 0xc6, 0x8f, 0x79, 0xbb, 0x5b,
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
