//! Step 1: an SGX quote, decoded strictly.

use alloc::vec::Vec;

use crate::challenge::Answer;
use crate::error::DecodeError;
use crate::evidence::Claim;
use crate::measurement::Measurement;
use crate::platform::Platform;
use crate::platform::intel::enclave_report::{self, EnclaveReport};
use crate::platform::intel::quote::{self, QuoteError};
use crate::platform::intel::{checks, claims};

/// An SGX quote that decodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quote {
    pub(super) quote: quote::Quote,
    pub(super) report: EnclaveReport,
}

impl Quote {
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let malformed = |error: QuoteError| error.of(Platform::IntelSgx);
        let quote = quote::Quote::decode(bytes).map_err(malformed)?;
        // A TD's body has another length.
        let Ok(body) = <&[u8; enclave_report::SIZE]>::try_from(quote.body()) else {
            return Err(DecodeError::EvidenceFormat {
                platform: Platform::IntelSgx,
                check: checks::VERSION.id,
                problem: "the quote is of a td, expected one of an sgx enclave".into(),
            });
        };
        let report = EnclaveReport::decode(body, quote.body_offset()).map_err(malformed)?;
        Ok(Self { quote, report })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.quote.bytes()
    }

    pub(crate) fn quote(&self) -> &quote::Quote {
        &self.quote
    }

    pub(crate) fn report(&self) -> &EnclaveReport {
        &self.report
    }

    pub(crate) fn measurement(&self) -> Measurement {
        Measurement::sha256(self.report.measurement)
    }

    pub(crate) fn answer(&self) -> Answer<'_> {
        Answer { field: "report data", bytes: &self.report.report_data, fixed: true }
    }

    /// Every field, in the quote's order. Not verified.
    pub(crate) fn describe(&self) -> Vec<Claim> {
        let mut all = claims::header(&self.quote);
        all.extend(claims::enclave(&self.report));
        all.extend(claims::quoting_enclave(&self.quote));
        all
    }
}
