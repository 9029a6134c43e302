//! What is asked for where: one item as the makers' interfaces name it.
//!
//! 1. AMD 57230, chapter 4: VCEK by line, chip id and firmware level; chain and revocation list by line and kind of key.
//! 2. Intel PCS, API version 4: TCB info by FMSPC, identity of the quoting enclave, revocation lists.

use reqwest::Url;
use sealroom_attestation::snp::{Product, SigningKey};
use sealroom_attestation::{IntelTee, Needed, PckCa};

use crate::error::FetchError;

/// Which service is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Maker {
    Amd,
    Intel,
}

/// One item, ready to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// What it is called in the cache, wherever it came from.
    pub(crate) name: String,
    pub(crate) maker: Maker,
    pub(crate) address: Url,
    pub(crate) expected: Expected,
}

/// What the answer has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// A DER certificate of this subject, from this issuer.
    Certificate { subject: String, issuer: String },
    /// PEM certificates of these subjects and no others.
    Chain { subjects: [String; 2] },
    /// A DER revocation list of this issuer.
    RevocationList { issuer: String },
    /// A signed JSON document of Intel.
    Document(Document),
}

/// A signed JSON document of Intel, and the header with who signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Document {
    TcbInfo { tee: IntelTee, fmspc: [u8; 6] },
    QeIdentity { tee: IntelTee },
}

impl Expected {
    /// Largest body, in bytes. Real ones have a few kilobytes; revocation lists and TCB info grow.
    pub(crate) fn limit(&self) -> usize {
        match self {
            Self::Certificate { .. } => 8 << 10,
            Self::Chain { .. } => 64 << 10,
            Self::RevocationList { .. } | Self::Document(_) => 1 << 20,
        }
    }

    /// Whether its maker makes new ones, so that a caller may want a younger one than the maker does. Certificates stay.
    pub(crate) fn ages(&self) -> bool {
        match self {
            Self::Certificate { .. } | Self::Chain { .. } => false,
            Self::RevocationList { .. } | Self::Document(_) => true,
        }
    }
}

/// Base addresses.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    pub(crate) amd: Url,
    pub(crate) intel: Url,
    pub(crate) intel_root_revocation_list: Url,
}

impl Addresses {
    /// The requests that may bring it. Several only where the Evidence does not say the product line: then the first that
    /// the service has is it.
    pub(crate) fn requests(&self, needed: &Needed) -> Result<Vec<Request>, FetchError> {
        let not_served = |why| FetchError::NotServed { needed: needed.to_string(), why };
        let line = |product: &Option<Product>| {
            product.ok_or_else(|| {
                not_served("the Evidence does not say the product line, and no VCEK of its chip was found")
            })
        };
        Ok(match needed {
            Needed::AmdVcek { chip_id, .. } if chip_id.iter().all(|byte| *byte == 0) => {
                return Err(not_served("the machine hides its chip id; its owner has to bring the certificate"));
            }
            Needed::AmdVcek { product, chip_id, reported_tcb } => {
                let lines = match product {
                    Some(product) => core::slice::from_ref(product),
                    None => possible_lines(chip_id),
                };
                lines.iter().map(|line| self.vcek(*line, chip_id, reported_tcb)).collect()
            }
            Needed::AmdVlek { .. } => {
                return Err(not_served("AMD gives it to the cloud provider only; it comes with the Evidence"));
            }
            Needed::AmdChain { product, signing_key } => {
                let line = line(product)?;
                let subjects = [intermediate(line, *signing_key), format!("ARK-{line}")];
                vec![self.amd(line, *signing_key, "cert_chain", Expected::Chain { subjects })]
            }
            Needed::AmdRevocationList { product, signing_key } => {
                let line = line(product)?;
                vec![self.amd(line, *signing_key, "crl", Expected::RevocationList { issuer: format!("ARK-{line}") })]
            }
            Needed::IntelTcbInfo { tee, fmspc } => {
                let path = format!("{}/certification/v4/tcb", folder(*tee));
                let query = format!("fmspc={}", hex::encode_upper(fmspc));
                vec![self.intel(
                    &path,
                    Some(&query),
                    Expected::Document(Document::TcbInfo { tee: *tee, fmspc: *fmspc }),
                )]
            }
            Needed::IntelQeIdentity { tee } => {
                let path = format!("{}/certification/v4/qe/identity", folder(*tee));
                vec![self.intel(&path, None, Expected::Document(Document::QeIdentity { tee: *tee }))]
            }
            Needed::IntelPckRevocationList { ca } => {
                let (ca, issuer) = match ca {
                    PckCa::Platform => ("platform", "Intel SGX PCK Platform CA"),
                    PckCa::Processor => ("processor", "Intel SGX PCK Processor CA"),
                };
                let query = format!("ca={ca}&encoding=der");
                let expected = Expected::RevocationList { issuer: issuer.into() };
                vec![self.intel("sgx/certification/v4/pckcrl", Some(&query), expected)]
            }
            Needed::IntelRootRevocationList => vec![Request {
                name: "intel/root-revocation-list".into(),
                maker: Maker::Intel,
                address: self.intel_root_revocation_list.clone(),
                expected: Expected::RevocationList { issuer: "Intel SGX Root CA".into() },
            }],
            Needed::Certificate { .. } => {
                return Err(not_served("its maker has no service for it; bring the file by hand"));
            }
            // A need that a later Verifier may have.
            _ => return Err(not_served("no service for it is known here; bring the file by hand")),
        })
    }

    fn vcek(&self, line: Product, chip_id: &[u8; 64], tcb: &[u8; 8]) -> Request {
        // AMD 56860, TCB_VERSION: the layout depends on the line. So does the length of the id: 8 bytes on Turin.
        let (id, query) = match line {
            Product::Milan | Product::Genoa => {
                let [bootloader, tee, _, _, _, _, snp, microcode] = *tcb;
                let query = format!("blSPL={bootloader:02}&teeSPL={tee:02}&snpSPL={snp:02}&ucodeSPL={microcode:02}");
                (hex::encode(chip_id), query)
            }
            Product::Turin => {
                let [fmc, bootloader, tee, snp, _, _, _, microcode] = *tcb;
                let query = format!(
                    "fmcSPL={fmc:02}&blSPL={bootloader:02}&teeSPL={tee:02}&snpSPL={snp:02}&ucodeSPL={microcode:02}"
                );
                (chip_id.iter().take(8).map(|byte| format!("{byte:02x}")).collect(), query)
            }
        };
        let issuer = intermediate(line, SigningKey::Vcek);
        let expected = Expected::Certificate { subject: "SEV-VCEK".into(), issuer };
        let mut request = self.amd(line, SigningKey::Vcek, &id, expected);
        request.name = format!("{}?{query}", request.name);
        request.address.set_query(Some(&query));
        request
    }

    fn amd(&self, line: Product, key: SigningKey, last: &str, expected: Expected) -> Request {
        let path = format!("{}/v1/{line}/{last}", key.as_str().to_ascii_lowercase());
        Request { name: format!("amd/{path}"), maker: Maker::Amd, address: under(&self.amd, &path), expected }
    }

    fn intel(&self, path: &str, query: Option<&str>, expected: Expected) -> Request {
        let mut address = under(&self.intel, path);
        address.set_query(query);
        let name = query.map_or_else(|| format!("intel/{path}"), |query| format!("intel/{path}?{query}"));
        Request { name, maker: Maker::Intel, address, expected }
    }
}

/// Which lines a chip can be of whose Evidence does not say: only Turin has ids of 8 bytes.
fn possible_lines(chip_id: &[u8; 64]) -> &'static [Product] {
    if chip_id.iter().skip(8).all(|byte| *byte == 0) { &[Product::Turin] } else { &[Product::Milan, Product::Genoa] }
}

/// Common name of the certificate between root and leaf (AMD 57230).
fn intermediate(line: Product, key: SigningKey) -> String {
    match key {
        SigningKey::Vcek => format!("SEV-{line}"),
        SigningKey::Vlek => format!("SEV-VLEK-{line}"),
    }
}

/// The line whose intermediate has this name.
pub(crate) fn line_of_issuer(issuer: &str) -> Option<Product> {
    let lines = [Product::Milan, Product::Genoa, Product::Turin];
    lines.into_iter().find(|line| intermediate(*line, SigningKey::Vcek) == issuer)
}

fn folder(tee: IntelTee) -> &'static str {
    match tee {
        IntelTee::Sgx => "sgx",
        IntelTee::Tdx => "tdx",
    }
}

/// A path under a base, whether that ends with a slash or not.
fn under(base: &Url, path: &str) -> Url {
    let mut address = base.clone();
    address.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> Addresses {
        let url = |text| Url::parse(text).unwrap();
        Addresses {
            amd: url("https://amd.example/mirror/"),
            intel: url("https://intel.example"),
            intel_root_revocation_list: url("https://root.example/list.der"),
        }
    }

    fn asked(needed: &Needed) -> Vec<String> {
        addresses().requests(needed).unwrap().iter().map(|request| request.address.to_string()).collect()
    }

    fn id(used: usize) -> [u8; 64] {
        core::array::from_fn(|at| if at < used { 0xab } else { 0 })
    }

    #[test]
    fn a_vcek_is_asked_for_in_the_layout_of_its_line() {
        let tcb = [1, 2, 3, 4, 0, 0, 21, 115];
        let needed = |product, chip_id| Needed::AmdVcek { product, chip_id, reported_tcb: tcb };
        let long = "ab".repeat(64);
        let old = |line: &str| {
            format!("https://amd.example/mirror/vcek/v1/{line}/{long}?blSPL=01&teeSPL=02&snpSPL=21&ucodeSPL=115")
        };
        assert_eq!(asked(&needed(Some(Product::Genoa), id(64))), [old("Genoa")]);
        assert_eq!(asked(&needed(None, id(64))), [old("Milan"), old("Genoa")]);
        let turin = "https://amd.example/mirror/vcek/v1/Turin/abababababababab?fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=04&ucodeSPL=115";
        assert_eq!(asked(&needed(Some(Product::Turin), id(8))), [turin]);
        assert_eq!(asked(&needed(None, id(8))), [turin]);
    }

    #[test]
    fn the_rest_is_asked_for_as_the_makers_name_it() {
        let (product, signing_key) = (Some(Product::Milan), SigningKey::Vlek);
        for (needed, address) in [
            (Needed::AmdChain { product, signing_key }, "https://amd.example/mirror/vlek/v1/Milan/cert_chain"),
            (Needed::AmdRevocationList { product, signing_key }, "https://amd.example/mirror/vlek/v1/Milan/crl"),
            (
                Needed::IntelTcbInfo { tee: IntelTee::Tdx, fmspc: [0xb0, 0xc0, 0x6f, 0, 0, 0] },
                "https://intel.example/tdx/certification/v4/tcb?fmspc=B0C06F000000",
            ),
            (Needed::IntelQeIdentity { tee: IntelTee::Sgx }, "https://intel.example/sgx/certification/v4/qe/identity"),
            (
                Needed::IntelPckRevocationList { ca: PckCa::Processor },
                "https://intel.example/sgx/certification/v4/pckcrl?ca=processor&encoding=der",
            ),
            (Needed::IntelRootRevocationList, "https://root.example/list.der"),
        ] {
            assert_eq!(asked(&needed), [address]);
        }
    }

    #[test]
    fn what_no_service_has_is_said_to_come_from_elsewhere() {
        let masked = Needed::AmdVcek { product: None, chip_id: [0; 64], reported_tcb: [0; 8] };
        let vlek = Needed::AmdVlek { product: None };
        let chain = Needed::AmdChain { product: None, signing_key: SigningKey::Vcek };
        let other = Needed::Certificate { subject: "AK".into() };
        for needed in [masked, vlek, chain, other] {
            let error = addresses().requests(&needed).unwrap_err();
            assert!(
                matches!(&error, FetchError::NotServed { needed: named, .. } if *named == needed.to_string()),
                "{error}"
            );
        }
    }
}
