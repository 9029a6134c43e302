//! QE identity: Intel's signed word on which enclave is its quoting enclave, and what it says of each version ("API for Intel
//! SGX and TDX Provisioning Certification Service", version 4, enclave identity version 2).

use alloc::vec::Vec;

use serde::Deserialize;

use super::IntelTee;
use super::bounded::{AtMost, MAX_LEVELS};
use super::json::{self, CollateralError, Date, HexBytes, Versioned};
use super::tcb_info::{PartLevel, PartLevelDocument};

const WHAT: &str = "qe identity";
const VERSION: u32 = 2;

/// A QE identity as it was signed. It proves nothing yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QeIdentity {
    /// What Intel signed, as received.
    pub(crate) signed_bytes: Vec<u8>,
    /// Big-endian r, s.
    pub(crate) signature: [u8; 64],
    pub(crate) tee: IntelTee,
    pub(crate) issue_date: u64,
    pub(crate) next_update: u64,
    pub(crate) evaluation_number: u32,
    /// In the order of the report's bytes, as its mask and the attributes.
    pub(crate) misc_select: [u8; 4],
    pub(crate) misc_select_mask: [u8; 4],
    pub(crate) attributes: [u8; 16],
    pub(crate) attributes_mask: [u8; 16],
    pub(crate) signer: [u8; 32],
    pub(crate) product_id: u16,
    pub(crate) levels: Vec<PartLevel>,
}

impl QeIdentity {
    /// `signed` is the value of `enclaveIdentity`, exactly as received.
    pub(super) fn decode(signed: &str, signature: [u8; 64]) -> Result<Self, CollateralError> {
        let document: Document<'_> = json::parse_version(WHAT, VERSION, signed)?;
        let tee = match document.id {
            "QE" => IntelTee::Sgx,
            "TD_QE" => IntelTee::Tdx,
            _ => {
                return Err(CollateralError::Json { what: WHAT, problem: "id is neither QE nor TD_QE".into() });
            }
        };
        Ok(Self {
            signed_bytes: signed.as_bytes().to_vec(),
            signature,
            tee,
            issue_date: document.issue_date.0,
            next_update: document.next_update.0,
            evaluation_number: document.tcb_evaluation_data_number,
            misc_select: document.miscselect.0,
            misc_select_mask: document.miscselect_mask.0,
            attributes: document.attributes.0,
            attributes_mask: document.attributes_mask.0,
            signer: document.mrsigner.0,
            product_id: document.isvprodid,
            levels: document.tcb_levels.map(PartLevel::from),
        })
    }

    /// Whose quoting enclave it describes.
    #[must_use]
    pub fn tee(&self) -> IntelTee {
        self.tee
    }

    /// When Intel made it and when the next one is due, in seconds since 1970.
    #[must_use]
    pub fn validity_unix_seconds(&self) -> (u64, u64) {
        (self.issue_date, self.next_update)
    }

    /// Number of the evaluation that it is the outcome of; it counts up.
    #[must_use]
    pub fn evaluation_number(&self) -> u32 {
        self.evaluation_number
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Document<'a> {
    id: &'a str,
    version: u32,
    issue_date: Date,
    next_update: Date,
    tcb_evaluation_data_number: u32,
    miscselect: HexBytes<4>,
    miscselect_mask: HexBytes<4>,
    attributes: HexBytes<16>,
    attributes_mask: HexBytes<16>,
    mrsigner: HexBytes<32>,
    isvprodid: u16,
    tcb_levels: AtMost<MAX_LEVELS, PartLevelDocument>,
}

impl Versioned for Document<'_> {
    fn version(&self) -> u32 {
        self.version
    }
}
