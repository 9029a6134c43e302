//! A TPM's quote in the files that tools write: recorded ones of Azure's VMs, and one of Google's cloud that a key of these tests
//! signs again, since its own signature was not recorded.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, restricted, sign (TPM 2.0 part 2, section 8.3).
const ATTRIBUTES: u32 = 0x0005_0072;
/// TPM_ALG_ID of the bank.
const SHA256: u16 = 0x000b;

/// The files of one quote, as bytes.
#[derive(Clone)]
pub(crate) struct Quoted {
    pub(crate) quote: Vec<u8>,
    /// TPMT_SIGNATURE.
    pub(crate) signature: Vec<u8>,
    /// SHA-256, by ascending number.
    pub(crate) values: Vec<(u8, Vec<u8>)>,
    /// TPMT_PUBLIC.
    pub(crate) key: Vec<u8>,
    pub(crate) event_log: Vec<u8>,
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

/// TPMT_SIGNATURE of RSASSA with SHA-256.
fn rsassa(signature: &[u8]) -> Vec<u8> {
    [&[0, 0x14, 0, 0x0b], &sized(signature)[..]].concat()
}

/// TPMT_PUBLIC of an RSA key of 2048 bits and the default exponent, for RSASSA with SHA-256.
fn public(modulus: &[u8]) -> Vec<u8> {
    let head = [&[0, 0x01, 0, 0x0b], &ATTRIBUTES.to_be_bytes()[..], &[0, 0, 0, 0x10, 0, 0x14, 0, 0x0b]].concat();
    [&head[..], &[0x08, 0x00, 0, 0, 0, 0], &sized(modulus)].concat()
}

/// Of the VM of `azure-vtpm/snp`: all registers, and the key that the paravisor's report names.
pub(crate) fn azure(folder: &Path) -> Quoted {
    let json: Value =
        serde_json::from_slice(&std::fs::read(folder.join("azure-vtpm/snp/tpm-quote-v1.json")).unwrap()).unwrap();
    let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
    let report = std::fs::read(folder.join("azure-vtpm/snp/hcl-report.bin")).unwrap();
    let text = String::from_utf8_lossy(&report);
    let modulus = text.split_once("HCLAkPub").unwrap().1.split_once("\"n\":\"").unwrap().1.split_once('"').unwrap().0;
    Quoted {
        quote: bytes(&json["message"]),
        signature: rsassa(&bytes(&json["signature"])),
        values: (0..).zip(json["pcrs"].as_array().unwrap().iter().map(bytes)).collect(),
        key: public(&URL_SAFE_NO_PAD.decode(modulus).unwrap()),
        event_log: Vec::new(),
    }
}

/// Of a VM of Google's cloud: PCR 0 to 2, as another implementation replayed them from the log, and that log.
pub(crate) fn google(folder: &Path) -> Quoted {
    let key =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("attestation/tests/keys/other-ark.pk8")).unwrap();
    let key = RsaKeyPair::from_pkcs8(&key).unwrap();
    let quote = std::fs::read(folder.join("tpm/dstack/tpm_quote_sample.bin")).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &quote, &mut signature).unwrap();
    let modulus: ring::rsa::PublicKeyComponents<Vec<u8>> = key.public_key().into();
    let values = [
        "0cca9ec161b09288802e5a112255d21340ed5b797f5fe29cecccfd8f67b9f802",
        "0c56546d1549a5c27b77602d48c4afaa071cf36d5b0c36e8af84962e269ad0a5",
        "1f74355f18d9aab3a26faa060d2058726554207d040c63d25d501d97f5a41e0f",
    ];
    Quoted {
        quote,
        signature: rsassa(&signature),
        values: (0..).zip(values.map(|digits| hex::decode(digits).unwrap())).collect(),
        key: public_of(&modulus.n),
        event_log: std::fs::read(folder.join("tpm/dstack/tpm_eventlog.bin")).unwrap(),
    }
}

/// The same of a key of any length.
fn public_of(modulus: &[u8]) -> Vec<u8> {
    let mut public = public(modulus);
    let bits = u16::try_from(modulus.len() * 8).unwrap().to_be_bytes();
    public[16..18].copy_from_slice(&bits);
    public
}

impl Quoted {
    fn bitmap(&self) -> [u8; 3] {
        let mut bitmap = [0; 3];
        self.values.iter().for_each(|(index, _)| bitmap[usize::from(index / 8)] |= 1 << (index % 8));
        bitmap
    }

    /// What `tpm2_pcrread` prints, with a bank more.
    pub(crate) fn printed(&self) -> Vec<u8> {
        let line = |(index, value): &(u8, Vec<u8>)| format!("    {index:<2}: 0x{}\n", hex::encode_upper(value));
        let values: String = self.values.iter().map(line).collect();
        format!("  sha1:\n    0 : 0x{}\n  sha256:\n{values}  sha384:\n", "00".repeat(20)).into_bytes()
    }

    /// "values": one after the other.
    pub(crate) fn bare(&self) -> Vec<u8> {
        self.values.iter().flat_map(|(_, value)| value.clone()).collect()
    }

    /// "serialized": the structures of the library in memory, of a little-endian machine.
    pub(crate) fn serialized(&self) -> Vec<u8> {
        let mut file = 1_u32.to_le_bytes().to_vec();
        file.extend(SHA256.to_le_bytes());
        file.push(3);
        file.extend(self.bitmap());
        file.resize(4 + 16 * 8, 0);
        let lists = self.values.chunks(8);
        file.extend(u32::try_from(lists.len()).unwrap().to_le_bytes());
        for list in lists {
            file.extend(u32::try_from(list.len()).unwrap().to_le_bytes());
            for place in 0..8 {
                let value = list.get(place).map(|(_, value)| value.as_slice()).unwrap_or_default();
                file.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
                let end = file.len() + 64;
                file.extend(value);
                file.resize(end, 0);
            }
        }
        file
    }

    /// "marshaled": the same as a TPM would send it.
    pub(crate) fn marshaled(&self) -> Vec<u8> {
        let mut file = [&1_u32.to_be_bytes()[..], &SHA256.to_be_bytes(), &[3], &self.bitmap()].concat();
        let lists = self.values.chunks(8);
        file.extend(u32::try_from(lists.len()).unwrap().to_be_bytes());
        for list in lists {
            file.extend(u32::try_from(list.len()).unwrap().to_be_bytes());
            list.iter().for_each(|(_, value)| file.extend(sized(value)));
        }
        file
    }
}

/// The files, in a folder.
pub(crate) struct Files {
    pub(crate) quote: PathBuf,
    pub(crate) signature: PathBuf,
    pub(crate) pcrs: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) event_log: PathBuf,
    pub(crate) evidence: PathBuf,
}

impl Files {
    /// As tools write them by default.
    pub(crate) fn new(quoted: &Quoted, folder: &Path) -> Self {
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        Self {
            quote: file("quote.msg", &quoted.quote),
            signature: file("quote.sig", &quoted.signature),
            pcrs: file("quote.pcrs", &quoted.serialized()),
            key: file("ak.pub", &sized(&quoted.key)),
            event_log: file("binary_bios_measurements", &quoted.event_log),
            evidence: folder.join("quote.evidence"),
        }
    }
}
