//! An SGX enclave report, 384 bytes (Intel SDM volume 3D, table "Layout of the REPORT Structure"): what an SGX quote says of
//! its enclave, and what every quote says of the quoting enclave. Decoded strictly; an allegation until appraised.

use core::ops::Range;

use super::quote::QuoteError;
use crate::reader::Reader;

/// Bytes of a report body.
pub(crate) const SIZE: usize = 384;

/// What an enclave's report says. An allegation until the quote was appraised.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnclaveReport {
    /// CPUSVN: firmware level of the processor, raw.
    pub cpu_svn: [u8; 16],
    /// MISCSELECT: what an exception saves beside the registers.
    pub misc_select: u32,
    /// ISVEXTPRODID: product of the signer, 16 bytes (KSS enclaves; else zero).
    pub extended_product_id: [u8; 16],
    /// ATTRIBUTES.FLAGS; see [`attributes`](crate::sgx::attributes).
    pub attributes: u64,
    /// ATTRIBUTES.XFRM: which register states the enclave may use, as in XCR0.
    pub xfrm: u64,
    /// MRENCLAVE: SHA-256 of what was loaded.
    pub measurement: [u8; 32],
    /// MRSIGNER: SHA-256 of the key that signed the enclave.
    pub signer: [u8; 32],
    /// CONFIGID: what the loader put in (KSS enclaves; else zero).
    pub config_id: [u8; 64],
    /// ISVPRODID: product of the signer.
    pub product_id: u16,
    /// ISVSVN: security version of the enclave, set by its signer.
    pub svn: u16,
    /// CONFIGSVN: security version of CONFIGID.
    pub config_svn: u16,
    /// ISVFAMILYID: product family (KSS enclaves; else zero).
    pub family_id: [u8; 16],
    /// REPORTDATA: what the enclave put in.
    pub report_data: [u8; 64],
}

/// What the layout keeps at zero.
const RESERVED: [Range<usize>; 4] = [20..32, 96..128, 160..192, 262..304];

impl EnclaveReport {
    /// `offset` is where `bytes` stands in the quote, for errors.
    pub(crate) fn decode(bytes: &[u8; SIZE], offset: usize) -> Result<Self, QuoteError> {
        let is_reserved = |at: usize| RESERVED.iter().any(|range| range.contains(&at));
        if let Some((at, found)) = bytes.iter().enumerate().find(|(at, byte)| **byte != 0 && is_reserved(*at)) {
            return Err(QuoteError::Reserved { offset: offset + at, found: *found });
        }
        let truncated = QuoteError::Truncated { field: "enclave report", expected: SIZE, found: SIZE };
        Self::read(&mut Reader::new(bytes)).ok_or(truncated)
    }

    /// `None` where bytes are missing, which the length has ruled out.
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let cpu_svn = reader.bytes()?; // 0
        let misc_select = reader.u32()?; // 16
        reader.skip(12)?; // 20
        let extended_product_id = reader.bytes()?; // 32
        let attributes = reader.u64()?; // 48
        let xfrm = reader.u64()?; // 56
        let measurement = reader.bytes()?; // 64
        reader.skip(32)?; // 96
        let signer = reader.bytes()?; // 128
        reader.skip(32)?; // 160
        let config_id = reader.bytes()?; // 192
        let product_id = reader.bytes().map(u16::from_le_bytes)?; // 256
        let svn = reader.bytes().map(u16::from_le_bytes)?; // 258
        let config_svn = reader.bytes().map(u16::from_le_bytes)?; // 260
        reader.skip(42)?; // 262
        let family_id = reader.bytes()?; // 304
        let report_data = reader.bytes()?; // 320
        Some(Self {
            cpu_svn,
            misc_select,
            extended_product_id,
            attributes,
            xfrm,
            measurement,
            signer,
            config_id,
            product_id,
            svn,
            config_svn,
            family_id,
            report_data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reserved_byte_must_be_zero_and_no_other() {
        let reserved = |at: usize| matches!(at, 20..32 | 96..128 | 160..192 | 262..304);
        for at in 0..SIZE {
            let mut bytes = [0; SIZE];
            bytes[at] = 7;
            match EnclaveReport::decode(&bytes, 1000) {
                Ok(_) => assert!(!reserved(at), "{at}"),
                Err(error) => {
                    assert_eq!(error, QuoteError::Reserved { offset: 1000 + at, found: 7 });
                    assert!(reserved(at), "{at}");
                }
            }
        }
    }

    #[test]
    fn every_field_stands_where_intel_puts_it() {
        let bytes = core::array::from_fn(|at| {
            if matches!(at, 20..32 | 96..128 | 160..192 | 262..304) { 0 } else { u8::try_from(at % 251).unwrap() }
        });
        let report = EnclaveReport::decode(&bytes, 0).unwrap();
        let at = |offset: usize| u8::try_from(offset % 251).unwrap();
        assert_eq!(report.cpu_svn[0], at(0));
        assert_eq!(report.misc_select.to_le_bytes()[0], at(16));
        assert_eq!(report.extended_product_id[0], at(32));
        assert_eq!(report.attributes.to_le_bytes()[0], at(48));
        assert_eq!(report.xfrm.to_le_bytes()[0], at(56));
        assert_eq!(report.measurement[0], at(64));
        assert_eq!(report.signer[0], at(128));
        assert_eq!(report.config_id[0], at(192));
        assert_eq!(report.product_id.to_le_bytes()[0], at(256));
        assert_eq!(report.svn.to_le_bytes()[0], at(258));
        assert_eq!(report.config_svn.to_le_bytes()[0], at(260));
        assert_eq!(report.family_id[0], at(304));
        assert_eq!(report.report_data[0], at(320));
    }
}
