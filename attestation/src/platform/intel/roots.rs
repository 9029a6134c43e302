//! Step 2: Intel's root key for SGX and TDX. Source and date are in `roots/README.md`.

use crate::anchor::{Fingerprint, VendorRoot};

pub(crate) static ALL: [VendorRoot; 1] = [VendorRoot {
    name: "Intel SGX Root CA",
    der: include_bytes!("../../../roots/intel-sgx-root-ca.der"),
    fingerprint: Fingerprint::from_sha256([
        0x44, 0xa0, 0x19, 0x6b, 0x2b, 0x99, 0xf8, 0x89, 0xb8, 0xe1, 0x49, 0xe9, 0x5b, 0x80, 0x7a, 0x35, //
        0x0e, 0x74, 0x24, 0x96, 0x43, 0x99, 0xe8, 0x85, 0xa7, 0xcb, 0xb8, 0xcc, 0xfa, 0xb6, 0x74, 0xd3,
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
