//! What an attestation document says. Not verified where the document was not appraised.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::evidence::Claim;
use crate::text::{Hex, utc};

/// The payload of an attestation document (AWS, section 2.2), but for the certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// Instance and enclave, such as `i-0827e799ec9232d44-enc019b55a68bd2ed4b`.
    pub module_id: String,
    /// When it was made, by the hypervisor's clock, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// The locked registers by index, 0 to 31, in the document's order; SHA-384.
    pub pcrs: Vec<(u8, [u8; 48])>,
    /// What the enclave put in: 1 to 1024 bytes.
    pub public_key: Option<Vec<u8>>,
    /// What the enclave put in: at most 512 bytes.
    pub user_data: Option<Vec<u8>>,
    /// What the enclave put in: at most 512 bytes.
    pub nonce: Option<Vec<u8>>,
}

impl Claims {
    /// A register, where the document has it.
    #[must_use]
    pub fn pcr(&self, index: u8) -> Option<&[u8; 48]> {
        self.pcrs.iter().find(|(known, _)| *known == index).map(|(_, value)| value)
    }

    /// In debug mode PCR0 to PCR2 are zero; an enclave that is not has all three, so one that is zero or missing is enough.
    pub(super) fn debug(&self) -> bool {
        (0..=2).any(|index| self.pcr(index).is_none_or(|value| *value == [0; 48]))
    }

    /// The EC2 instance: what stands before the enclave's own id.
    pub(super) fn instance(&self) -> &str {
        self.module_id.split_once("-enc").map_or(self.module_id.as_str(), |(instance, _)| instance)
    }

    /// Every field, in the document's order.
    pub(super) fn describe(&self) -> Vec<Claim> {
        let claim = |name, value: String| Claim { name, value };
        let optional = |name, bytes: &Option<Vec<u8>>| {
            claim(name, bytes.as_ref().map_or(String::from("none"), |bytes| Hex(bytes).to_string()))
        };
        let mut claims = Vec::from([
            claim("module-id", self.module_id.clone()),
            claim("digest", String::from("SHA384")),
            claim("timestamp", format!("{} ({} ms)", utc(self.timestamp_ms / 1000), self.timestamp_ms)),
        ]);
        claims.extend(self.pcrs.iter().map(|(index, value)| claim("pcr", format!("{index} {}", Hex(value)))));
        claims.extend([
            optional("public-key", &self.public_key),
            optional("user-data", &self.user_data),
            optional("nonce", &self.nonce),
        ]);
        claims
    }
}
