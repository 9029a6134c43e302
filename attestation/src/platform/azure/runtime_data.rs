//! Step 8.3: the runtime data, JSON that the paravisor made: the TPM's keys (RFC 7517), how the VM is set up, what the guest
//! put in. The hardware's report vouches for its bytes; a field that is new and unknown here changes nothing that is read.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use crate::crypto::PublicKey;

const AK: &str = "HCLAkPub";
const MAX_KEYS: usize = 8;
const MIN_MODULUS: usize = 256;
const MAX_MODULUS: usize = 512;

/// What is read of the runtime data. A key that stands there twice is refused, in each of the objects.
#[derive(Deserialize)]
struct Written {
    keys: Vec<Jwk>,
    #[serde(rename = "vm-configuration")]
    vm: Vm,
    #[serde(rename = "user-data")]
    user_data: Option<String>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    #[serde(default)]
    key_ops: Vec<String>,
    kty: String,
    e: Option<String>,
    n: Option<String>,
}

/// How the VM is set up.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Vm {
    #[serde(rename = "console-enabled")]
    pub(super) console: Option<bool>,
    #[serde(rename = "secure-boot")]
    pub(super) secure_boot: Option<bool>,
    #[serde(rename = "tpm-enabled")]
    pub(super) tpm: Option<bool>,
    #[serde(rename = "vmUniqueId")]
    pub(super) id: Option<String>,
}

/// The runtime data, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuntimeData {
    pub(super) key: PublicKey,
    pub(super) vm: Vm,
    /// Zeros where the guest put nothing in.
    pub(super) user_data: [u8; 64],
}

impl RuntimeData {
    pub(super) fn decode(json: &[u8]) -> Result<Self, String> {
        // The words of the parser would be the sender's; where it stopped is said by place alone.
        let written: Written = serde_json::from_slice(json).map_err(|error| {
            format!("the runtime data are not json of the known form, at column {}", error.column())
        })?;
        if written.keys.len() > MAX_KEYS {
            return Err(format!("the runtime data have {} keys, expected at most {MAX_KEYS}", written.keys.len()));
        }
        let mut keys = written.keys.iter().filter(|key| key.kid == AK);
        let (Some(key), None) = (keys.next(), keys.next()) else {
            return Err(format!("the runtime data do not have exactly one key {AK}"));
        };
        let user_data = written.user_data.as_deref().map_or(Some([0; 64]), hex);
        Ok(Self {
            key: key
                .public_key()
                .ok_or_else(|| format!("the key {AK} is no rsa key of 2048 to 4096 bits that signs"))?,
            vm: written.vm,
            user_data: user_data.ok_or_else(|| String::from("the user data are not 64 bytes of hexadecimal"))?,
        })
    }
}

impl Jwk {
    /// RFC 7518 section 6.3.1.
    fn public_key(&self) -> Option<PublicKey> {
        let (modulus, exponent) = (base64_url(self.n.as_deref()?)?, base64_url(self.e.as_deref()?)?);
        let leads = |number: &[u8]| number.first().is_some_and(|byte| *byte != 0);
        let fits = (MIN_MODULUS..=MAX_MODULUS).contains(&modulus.len()) && leads(&modulus) && leads(&exponent);
        (self.kty == "RSA" && self.key_ops == ["sign"] && fits && exponent.len() <= 4)
            .then_some(PublicKey::Rsa { modulus, exponent })
    }
}

/// 64 bytes, in digits of either case, as the paravisor writes them.
fn hex(text: &str) -> Option<[u8; 64]> {
    crate::text::from_hex(&text.to_ascii_lowercase())
}

/// Base64 with the URL's alphabet and without padding (RFC 4648 section 5), in its one form: no bits left over.
pub(super) fn base64_url(text: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for group in text.as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for digit in group {
            bits = bits << 6 | u32::from(value(*digit)?);
        }
        let [_, a, b, c] = (bits << (6 * (4 - group.len()))).to_be_bytes();
        let (whole, left): (&[u8], &[u8]) = match group.len() {
            4 => (&[a, b, c], &[]),
            3 => (&[a, b], &[c]),
            2 => (&[a], &[b, c]),
            _ => return None,
        };
        if left.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(whole);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_one_form() {
        for (text, bytes) in [("", &b""[..]), ("Zg", b"f"), ("Zm8", b"fo"), ("Zm9v", b"foo"), ("-_8", b"\xfb\xff")] {
            assert_eq!(base64_url(text).as_deref(), Some(bytes), "{text}");
        }
        for text in ["Zg==", "Zh", "Zm9", "Z", "+/8", "Zm9v\n", "ü"] {
            assert_eq!(base64_url(text), None, "{text}");
        }
    }

    #[test]
    fn the_attestation_key_is_named_exactly_once() {
        let key = |kid: &str, ops: &str| {
            let modulus = "q".repeat(342 - 1) + "A";
            format!(r#"{{"kid":"{kid}","key_ops":["{ops}"],"kty":"RSA","e":"AQAB","n":"{modulus}"}}"#)
        };
        let data =
            |keys: &str| RuntimeData::decode(format!(r#"{{"keys":[{keys}],"vm-configuration":{{}}}}"#).as_bytes());
        let (ak, ek) = (key("HCLAkPub", "sign"), key("HCLEkPub", "encrypt"));
        assert!(data(&format!("{ak},{ek}")).is_ok());
        let once = "the runtime data do not have exactly one key HCLAkPub";
        assert_eq!(data(&ek).unwrap_err(), once);
        assert_eq!(data(&format!("{ak},{ak}")).unwrap_err(), once);
        let signs = "the key HCLAkPub is no rsa key of 2048 to 4096 bits that signs";
        assert_eq!(data(&key("HCLAkPub", "encrypt")).unwrap_err(), signs);
        let twice = r#"{"keys":[],"keys":[],"vm-configuration":{}}"#;
        assert!(RuntimeData::decode(twice.as_bytes()).unwrap_err().starts_with("the runtime data are not json"));
    }
}
