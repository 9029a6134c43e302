//! Azure's Evidence: the container, decoded, with the hardware's report by its own platform's decoder.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::report::{HclReport, Kind};
use super::runtime_data::RuntimeData;
use super::{checks, claims};
use crate::challenge::Answer;
use crate::check::common;
use crate::error::DecodeError;
use crate::event_log::EventLog;
use crate::evidence::Claim;
use crate::measurement::Measurement;
use crate::needed::Needed;
use crate::platform::tpm::container;
use crate::platform::tpm::quote::{MAX_LOG, MAX_MESSAGE, MAX_SIGNATURE, MAX_VALUES, Parts};
use crate::platform::tpm::{self, Quote};
use crate::platform::{Platform, intel, snp, tdx};

pub(super) const MAGIC: [u8; 8] = *b"SRAZV\0\0\x01";
const MAX_REPORT: usize = 16 * 1024;
const MAX_TD_QUOTE: usize = 64 * 1024;
const MAX_BYTES: usize = MAX_LOG + 128 * 1024;

const PARTS: [(&str, usize); 6] = [
    ("paravisor's report", MAX_REPORT),
    ("td quote", MAX_TD_QUOTE),
    ("quote", MAX_MESSAGE),
    ("signature", MAX_SIGNATURE),
    ("values", MAX_VALUES),
    ("event log", MAX_LOG),
];

/// A quote of a virtual TPM, with the hardware's report that vouches for its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Evidence {
    bytes: Vec<u8>,
    pub(crate) hardware: Hardware,
    pub(super) report_version: u32,
    pub(super) runtime_data: Vec<u8>,
    pub(super) runtime: RuntimeData,
    pub(super) quote: Quote,
}

/// The hardware's report, decoded by its platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hardware {
    Snp(Box<snp::Report>),
    Tdx(Box<tdx::Quote>),
}

impl Hardware {
    pub(super) fn report_data(&self) -> &[u8; 64] {
        match self {
            Self::Snp(report) => &report.claims().report_data,
            Self::Tdx(quote) => &quote.report().report_data,
        }
    }
}

impl Evidence {
    /// Which of the two, where it begins like Azure's Evidence.
    pub(crate) fn sniff(bytes: &[u8]) -> Option<Platform> {
        let rest = bytes.strip_prefix(&MAGIC)?;
        match rest.get(4..).and_then(HclReport::kind) {
            Some(Kind::Tdx) => Some(Platform::AzureTdx),
            Some(Kind::Snp) | None => Some(Platform::AzureSnp),
        }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let platform = Self::sniff(bytes).unwrap_or(Platform::AzureSnp);
        let malformed = |check, problem| DecodeError::EvidenceFormat { platform, check, problem };
        if bytes.len() > MAX_BYTES {
            let problem = format!("{} bytes, expected at most {MAX_BYTES}", bytes.len());
            return Err(malformed(common::EVIDENCE_SIZE.id, problem));
        }
        let read = container::read(MAGIC, bytes, PARTS);
        let [report, td_quote, message, signature, values, log] =
            read.map_err(|problem| malformed(checks::FORMAT.id, problem))?;
        let report = HclReport::decode(report).map_err(|problem| malformed(checks::FORMAT.id, problem))?;
        let hardware = hardware(&report, td_quote, &malformed)?;
        let runtime = RuntimeData::decode(report.runtime_data)
            .map_err(|problem| malformed(checks::ATTESTATION_KEY.id, problem))?;
        let quote = Quote::decode(&Parts { message, signature, values, log })
            .map_err(|problem| malformed(tpm::checks::FORMAT.id, problem))?;
        Ok(Self {
            bytes: bytes.to_vec(),
            hardware,
            report_version: report.version,
            runtime_data: report.runtime_data.to_vec(),
            runtime,
            quote,
        })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn platform(&self) -> Platform {
        match self.hardware {
            Hardware::Snp(_) => Platform::AzureSnp,
            Hardware::Tdx(_) => Platform::AzureTdx,
        }
    }

    pub(crate) fn describe(&self) -> Vec<Claim> {
        claims::describe(self)
    }

    /// The paravisor, by the hardware; the guest is in the quote.
    pub(crate) fn measurement(&self) -> Measurement {
        match &self.hardware {
            Hardware::Snp(report) => Measurement::sha384(report.claims().measurement),
            Hardware::Tdx(quote) => quote.measurement(),
        }
    }

    /// The quote's extraData, in full. The hardware's report is older than any challenge.
    pub(crate) fn answer(&self) -> Answer<'_> {
        self.quote.answer()
    }

    /// On SEV-SNP.
    pub(crate) fn snp_report(&self) -> Option<&snp::Report> {
        match &self.hardware {
            Hardware::Snp(report) => Some(report),
            Hardware::Tdx(_) => None,
        }
    }

    /// On TDX.
    pub(crate) fn td_quote(&self) -> Option<&tdx::Quote> {
        match &self.hardware {
            Hardware::Snp(_) => None,
            Hardware::Tdx(quote) => Some(quote),
        }
    }

    /// Of the virtual TPM's registers.
    pub(crate) fn log(&self) -> Option<&EventLog> {
        self.quote.log.as_ref()
    }

    pub(crate) fn needed(&self) -> Vec<Needed> {
        match &self.hardware {
            Hardware::Snp(report) => snp::needed(report),
            Hardware::Tdx(quote) => intel::needed(quote.quote()),
        }
    }
}

fn hardware(
    report: &HclReport<'_>,
    td_quote: &[u8],
    malformed: &impl Fn(&'static str, String) -> DecodeError,
) -> Result<Hardware, DecodeError> {
    // The inner decoder's check stands in the outer list too.
    let inner = |error: DecodeError| malformed(error.check().id, error.to_string());
    match report.kind {
        Kind::Snp if td_quote.is_empty() => {
            snp::Report::decode(report.hardware).map(|report| Hardware::Snp(Box::new(report))).map_err(inner)
        }
        Kind::Snp => Err(malformed(checks::FORMAT.id, String::from("a td quote comes with a report of SEV-SNP"))),
        Kind::Tdx => tdx::Quote::decode(td_quote).map(|quote| Hardware::Tdx(Box::new(quote))).map_err(inner),
    }
}
