//! What can be needed. Stands in for the Verifier's own type until that one is public.

use core::fmt;
use sealroom_attestation::snp::{Product, SigningKey};

/// One Endorsement that an appraisal takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Needed {
    /// The certificate of one AMD chip at one firmware level.
    AmdVcek {
        /// The line; `None` where the Evidence does not say.
        product: Option<Product>,
        /// CHIP_ID.
        chip_id: [u8; 64],
        /// REPORTED_TCB.
        reported_tcb: [u8; 8],
    },
    /// The certificate that AMD gave a cloud provider.
    AmdVlek {
        /// The line.
        product: Option<Product>,
    },
    /// AMD's certificates above the leaf.
    AmdChain {
        /// The line.
        product: Option<Product>,
        /// Over which kind of leaf.
        signing_key: SigningKey,
    },
    /// AMD's revocation list.
    AmdRevocationList {
        /// The line.
        product: Option<Product>,
        /// Over which kind of leaf.
        signing_key: SigningKey,
    },
    /// Intel's TCB info.
    IntelTcbInfo {
        /// For which kind of enclave.
        tee: IntelTee,
        /// The platform's family.
        fmspc: [u8; 6],
    },
    /// Intel's identity of the quoting enclave.
    IntelQeIdentity {
        /// For which kind of enclave.
        tee: IntelTee,
    },
    /// The revocation list of an intermediate authority of Intel.
    IntelPckRevocationList {
        /// Which.
        ca: PckCa,
    },
    /// The revocation list of Intel's root.
    IntelRootRevocationList,
    /// A certificate that no service of a maker has.
    Certificate {
        /// Its subject.
        subject: String,
    },
}

/// Kinds of enclave of Intel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "two, and the address depends on which")]
pub enum IntelTee {
    /// SGX.
    Sgx,
    /// TDX.
    Tdx,
}

/// Intermediate authorities of Intel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "two, and the address depends on which")]
pub enum PckCa {
    /// For platforms with several processors.
    Platform,
    /// For single ones.
    Processor,
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |product: &Option<Product>| product.map_or("an unknown line", Product::as_str);
        match self {
            Self::AmdVcek { product, .. } => write!(f, "the VCEK certificate of this chip ({})", line(product)),
            Self::AmdVlek { product } => write!(f, "the VLEK certificate ({})", line(product)),
            Self::AmdChain { product, signing_key } => {
                write!(f, "the certificates above a {} of {}", signing_key.as_str(), line(product))
            }
            Self::AmdRevocationList { product, signing_key } => {
                write!(f, "the revocation list for {} of {}", signing_key.as_str(), line(product))
            }
            Self::IntelTcbInfo { tee, fmspc } => write!(f, "the {} TCB info of {}", tee.as_str(), hex::encode(fmspc)),
            Self::IntelQeIdentity { tee } => write!(f, "the {} identity of the quoting enclave", tee.as_str()),
            Self::IntelPckRevocationList { ca } => write!(f, "the revocation list of the PCK {} CA", ca.as_str()),
            Self::IntelRootRevocationList => f.write_str("the revocation list of Intel's root"),
            Self::Certificate { subject } => write!(f, "the certificate of {}", subject.escape_debug()),
        }
    }
}

impl IntelTee {
    /// `SGX` or `TDX`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sgx => "SGX",
            Self::Tdx => "TDX",
        }
    }
}

impl PckCa {
    /// `platform` or `processor`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Processor => "processor",
        }
    }
}
