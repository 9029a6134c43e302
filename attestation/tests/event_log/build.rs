//! Builds logs, byte by byte, and hashes them as hardware would: with nothing of the crate under test.

use ring::digest;

pub(crate) const NO_ACTION: u32 = 3;
pub(crate) const SEPARATOR: u32 = 4;
pub(crate) const IPL: u32 = 13;

pub(crate) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

pub(crate) fn sha384(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA384, bytes).as_ref().to_vec()
}

/// A log in the crypto-agile form.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) bytes: Vec<u8>,
}

/// The header of the old form around some data.
pub(crate) fn sha1_event(register: u32, kind: u32, digest: [u8; 20], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    [&register.to_le_bytes(), &kind.to_le_bytes(), &digest[..], &length.to_le_bytes(), data].concat()
}

/// The Spec ID event.
pub(crate) fn spec_id(major: u8, algorithms: &[(u16, u16)], vendor: &[u8]) -> Vec<u8> {
    let mut data = b"Spec ID Event03\0".to_vec();
    data.extend([0, 0, 0, 0, 0, major, 0, 2]);
    data.extend(u32::try_from(algorithms.len()).unwrap().to_le_bytes());
    for (id, size) in algorithms {
        data.extend(id.to_le_bytes());
        data.extend(size.to_le_bytes());
    }
    data.push(u8::try_from(vendor.len()).unwrap());
    data.extend(vendor);
    data
}

impl Log {
    /// Of these algorithms: TPM_ALG_ID and digest size.
    pub(crate) fn new(algorithms: &[(u16, u16)]) -> Self {
        let bytes = sha1_event(0, NO_ACTION, [0; 20], &spec_id(2, algorithms, b""));
        Self { bytes }
    }

    /// SHA-256 and SHA-384.
    pub(crate) fn two_banks() -> Self {
        Self::new(&[(0x000b, 32), (0x000c, 48)])
    }

    /// An event whose digests are given.
    pub(crate) fn event(mut self, register: u32, kind: u32, digests: &[(u16, Vec<u8>)], data: &[u8]) -> Self {
        self.bytes.extend(register.to_le_bytes());
        self.bytes.extend(kind.to_le_bytes());
        self.bytes.extend(u32::try_from(digests.len()).unwrap().to_le_bytes());
        for (id, digest) in digests {
            self.bytes.extend(id.to_le_bytes());
            self.bytes.extend(digest);
        }
        self.bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        self.bytes.extend(data);
        self
    }

    /// An event whose digests, in both banks, are the hash of `measured`.
    pub(crate) fn measure(self, register: u32, kind: u32, measured: &[u8], data: &[u8]) -> Self {
        self.event(register, kind, &[(0x000b, sha256(measured)), (0x000c, sha384(measured))], data)
    }
}
