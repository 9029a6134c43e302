//! What an appraisal needs from a platform's maker (RFC 9334 section 8.2). It is said, not fetched: whoever has a network
//! brings it, and signatures decide.

use core::fmt;

use crate::platform::intel::{IntelTee, PckCa};
use crate::platform::snp::{Product, SigningKey};
use crate::text::Hex;

/// One Endorsement, by what the maker's service finds it by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Needed {
    /// The certificate of one chip's key at one firmware level, from AMD.
    AmdVcek {
        /// The line, where the report names it.
        product: Option<Product>,
        /// CHIP_ID, 64 bytes (Turin: 8, then zeros).
        chip_id: [u8; 64],
        /// REPORTED_TCB, laid out as the line does.
        reported_tcb: [u8; 8],
    },
    /// The certificate of a cloud's shared key. AMD gives it to the cloud alone; the guest gets it with its report.
    AmdVlek {
        /// The line, where the report names it.
        product: Option<Product>,
    },
    /// AMD's two authorities above the leaf.
    AmdChain {
        /// The line, where the report names it.
        product: Option<Product>,
        /// Which of the two chains.
        signing_key: SigningKey,
    },
    /// AMD's revocation list.
    AmdRevocationList {
        /// The line, where the report names it.
        product: Option<Product>,
        /// Which of the two chains.
        signing_key: SigningKey,
    },
    /// TCB info of one processor line, from Intel.
    IntelTcbInfo {
        /// For which TEE.
        tee: IntelTee,
        /// The line: FMSPC of the PCK certificate.
        fmspc: [u8; 6],
    },
    /// QE identity, from Intel.
    IntelQeIdentity {
        /// For which TEE.
        tee: IntelTee,
    },
    /// Revocation list of PCK certificates, from Intel.
    IntelPckRevocationList {
        /// Which authority's.
        ca: PckCa,
    },
    /// Revocation list of Intel's root.
    IntelRootRevocationList,
    /// A certificate that the Evidence does not carry, by the name its subject has.
    Certificate {
        /// Common name of the subject.
        subject: alloc::string::String,
    },
    /// A revocation list that no service known here has, by the name of who signs it.
    RevocationList {
        /// Common name of the issuer.
        issuer: alloc::string::String,
    },
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |product: &Option<Product>| product.map_or("its line", Product::as_str);
        match self {
            Self::AmdVcek { product, chip_id, reported_tcb } => {
                write!(
                    f,
                    "VCEK certificate ({}) of chip {} at level {}",
                    line(product),
                    Hex(chip_id),
                    Hex(reported_tcb)
                )
            }
            Self::AmdVlek { product } => {
                write!(f, "VLEK certificate ({}), which the cloud hands to the guest", line(product))
            }
            Self::AmdChain { product, signing_key } => {
                write!(f, "certificate chain of AMD's {} keys ({})", signing_key.as_str(), line(product))
            }
            Self::AmdRevocationList { product, signing_key } => {
                write!(f, "revocation list of AMD's {} keys ({})", signing_key.as_str(), line(product))
            }
            Self::IntelTcbInfo { tee, fmspc } => write!(f, "TCB info of Intel's for {tee} on FMSPC {}", Hex(fmspc)),
            Self::IntelQeIdentity { tee } => write!(f, "QE identity of Intel's for {tee}"),
            Self::IntelPckRevocationList { ca } => write!(f, "revocation list of Intel's PCK {ca} CA"),
            Self::IntelRootRevocationList => f.write_str("revocation list of Intel's SGX Root CA"),
            Self::Certificate { subject } => write!(f, "certificate of {subject}"),
            Self::RevocationList { issuer } => write!(f, "revocation list of {issuer}"),
        }
    }
}
