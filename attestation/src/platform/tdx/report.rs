//! Step 1: the TD report inside a quote ("Intel TDX DCAP Quoting Library API", appendix A.3.2 and A.3.3), decoded into typed claims.

use crate::challenge::Answer;
use crate::error::DecodeError;
use crate::measurement::Measurement;
use crate::platform::Platform;
use crate::platform::intel::module::ModuleClaims;
use crate::platform::intel::quote::{self, BodyKind, QuoteError};
use crate::platform::intel::{IntelTee, checks};
use crate::reader::Reader;

/// A TDX quote that decodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quote {
    pub(super) quote: quote::Quote,
    pub(super) report: TdReport,
}

/// What a TD's quote says. An allegation until the quote was appraised.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TdReport {
    /// TEE_TCB_SVN: levels of the TDX module and what it stands on, when the TD was started. Component 0 is the module's
    /// security version, 1 its major version.
    pub tee_tcb_svn: [u8; 16],
    /// MRSEAM: SHA-384 of the TDX module.
    pub seam_measurement: [u8; 48],
    /// MRSIGNERSEAM: who signed the module; zero for Intel.
    pub seam_signer: [u8; 48],
    /// SEAMATTRIBUTES of the module.
    pub seam_attributes: [u8; 8],
    /// TDATTRIBUTES; see [`attributes`](super::attributes).
    pub attributes: u64,
    /// XFAM: which register states the TD may use, as in XCR0.
    pub xfam: u64,
    /// MRTD: SHA-384 of what was loaded.
    pub measurement: [u8; 48],
    /// MRCONFIGID: what the host put in as configuration of the workload.
    pub config_id: [u8; 48],
    /// MROWNER: what the host put in as the owner.
    pub owner: [u8; 48],
    /// MROWNERCONFIG: what the host put in as the owner's configuration.
    pub owner_config: [u8; 48],
    /// RTMR0 to RTMR3: what the TD measured while it ran.
    pub runtime_registers: [[u8; 48]; 4],
    /// REPORTDATA: what the TD put in.
    pub report_data: [u8; 64],
    /// TEE_TCB_SVN_2: the same levels now. TDX 1.5.
    pub tee_tcb_svn_2: Option<[u8; 16]>,
    /// MRSERVICETD: the service TDs that it is bound to; zero for none. TDX 1.5.
    pub service_td: Option<[u8; 48]>,
}

impl Quote {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let malformed = |error: QuoteError| error.of(Platform::IntelTdx);
        let quote = quote::Quote::decode(bytes).map_err(malformed)?;
        let report = TdReport::read(&mut Reader::new(quote.body()), quote.body_kind);
        match report {
            Some(report) if quote.tee() == IntelTee::Tdx => Ok(Self { quote, report }),
            _ => Err(DecodeError::EvidenceFormat {
                platform: Platform::IntelTdx,
                check: checks::VERSION.id,
                problem: "the quote is of an sgx enclave, expected one of a td".into(),
            }),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.quote.bytes()
    }

    pub(crate) fn quote(&self) -> &quote::Quote {
        &self.quote
    }

    pub(crate) fn report(&self) -> &TdReport {
        &self.report
    }

    pub(crate) fn measurement(&self) -> Measurement {
        Measurement::sha384(self.report.measurement)
    }

    pub(crate) fn answer(&self) -> Answer<'_> {
        Answer { field: "report data", bytes: &self.report.report_data, fixed: true }
    }

    pub(super) fn module(&self) -> ModuleClaims<'_> {
        ModuleClaims {
            tee_tcb_svn: &self.report.tee_tcb_svn,
            tee_tcb_svn_2: self.report.tee_tcb_svn_2.as_ref(),
            signer: &self.report.seam_signer,
            attributes: &self.report.seam_attributes,
        }
    }
}

impl TdReport {
    /// `None` for an enclave's body; its length was checked before.
    fn read(reader: &mut Reader<'_>, kind: BodyKind) -> Option<Self> {
        let is_15 = match kind {
            BodyKind::Enclave => return None,
            BodyKind::Td10 => false,
            BodyKind::Td15 => true,
        };
        Some(Self {
            tee_tcb_svn: reader.bytes()?,                                                            // 0
            seam_measurement: reader.bytes()?,                                                       // 16
            seam_signer: reader.bytes()?,                                                            // 64
            seam_attributes: reader.bytes()?,                                                        // 112
            attributes: reader.u64()?,                                                               // 120
            xfam: reader.u64()?,                                                                     // 128
            measurement: reader.bytes()?,                                                            // 136
            config_id: reader.bytes()?,                                                              // 184
            owner: reader.bytes()?,                                                                  // 232
            owner_config: reader.bytes()?,                                                           // 280
            runtime_registers: [reader.bytes()?, reader.bytes()?, reader.bytes()?, reader.bytes()?], // 328
            report_data: reader.bytes()?,                                                            // 520
            tee_tcb_svn_2: if is_15 { Some(reader.bytes()?) } else { None },                         // 584
            service_td: if is_15 { Some(reader.bytes()?) } else { None },                            // 600
        })
    }
}
