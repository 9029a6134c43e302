//! First step, bytes to Evidence (RFC 9334 section 8.1): the format alone. All that Evidence says is an allegation.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::challenge::Answer;
use crate::error::DecodeError;
use crate::event_log::EventLog;
use crate::measurement::Measurement;
use crate::needed::Needed;
use crate::platform::{Platform, azure, cca, gpu, intel, nitro, sgx, snp, tdx, tpm};
use crate::policy::Accept;

/// One statement of Evidence for people to read. Not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The vendor's name of the field, lower case with hyphens.
    pub name: &'static str,
    /// Its value in words or lower-case hexadecimal.
    pub value: String,
}

/// Evidence that decodes strictly. It is not verified: anyone can write such bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    format: Format,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Snp(Box<snp::Report>),
    Tdx(Box<tdx::Evidence>),
    Sgx(Box<sgx::Quote>),
    Nitro(Box<nitro::Document>),
    Tpm(Box<tpm::Evidence>),
    Azure(Box<azure::Evidence>),
    Cca(Box<cca::Token>),
    Gpu(Box<gpu::Report>),
}

impl Evidence {
    /// From the bytes that a platform made, in its own format, with nothing around them; where its tools leave the parts in several
    /// files, from the one file of `assemble` ([`tpm`], [`azure`], [`tdx`]). Tells the platform by the format.
    ///
    /// Work is bounded by the length, which must be exact. Never panics.
    ///
    /// # Errors
    /// [`DecodeError`]: each of its variants about evidence.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let format = match Self::sniff(bytes) {
            Some(Platform::AmdSevSnp) => Format::Snp(Box::new(snp::Report::decode(bytes)?)),
            Some(Platform::IntelTdx) => Format::Tdx(Box::new(tdx::Evidence::decode(bytes)?)),
            Some(Platform::IntelSgx) => Format::Sgx(Box::new(sgx::Quote::decode(bytes)?)),
            Some(Platform::AwsNitro) => Format::Nitro(Box::new(nitro::Document::decode(bytes)?)),
            Some(Platform::Tpm) => Format::Tpm(Box::new(tpm::Evidence::decode(bytes)?)),
            Some(Platform::AzureSnp | Platform::AzureTdx) => Format::Azure(Box::new(azure::Evidence::decode(bytes)?)),
            Some(Platform::ArmCca) => Format::Cca(Box::new(cca::Token::decode(bytes)?)),
            Some(Platform::NvidiaGpu) => Format::Gpu(Box::new(gpu::Report::decode(bytes)?)),
            None => return Err(DecodeError::EvidenceKind { length: bytes.len() }),
        };
        Ok(Self { format })
    }

    /// Whose format the bytes begin like. No two platforms' Evidence begins alike.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Platform> {
        if tpm::Evidence::sniff(bytes) {
            return Some(Platform::Tpm);
        }
        if tdx::Evidence::sniff(bytes) {
            return Some(Platform::IntelTdx);
        }
        if let Some(platform) = azure::Evidence::sniff(bytes) {
            return Some(platform);
        }
        if nitro::Document::sniff(bytes) {
            return Some(Platform::AwsNitro);
        }
        if cca::Token::sniff(bytes) {
            return Some(Platform::ArmCca);
        }
        if gpu::Report::sniff(bytes) {
            return Some(Platform::NvidiaGpu);
        }
        if snp::Report::sniff(bytes) {
            return Some(Platform::AmdSevSnp);
        }
        intel::sniff(bytes)
    }

    /// The Endorsements that its appraisal needs, by what it alleges.
    #[must_use]
    pub fn needed(&self) -> Vec<Needed> {
        match &self.format {
            Format::Snp(report) => snp::needed(report),
            Format::Tdx(evidence) => intel::needed(evidence.quote().quote()),
            Format::Sgx(quote) => intel::needed(quote.quote()),
            // The chain is in the document.
            Format::Nitro(_) => Vec::new(),
            Format::Tpm(quote) => tpm::needed(quote),
            Format::Azure(vm) => vm.needed(),
            // The platform's key is in the policy.
            Format::Cca(_) => Vec::new(),
            Format::Gpu(_) => gpu::needed(),
        }
    }

    /// Which platform's format it is.
    #[must_use]
    pub fn platform(&self) -> Platform {
        match self.format {
            Format::Snp(_) => Platform::AmdSevSnp,
            Format::Tdx(_) => Platform::IntelTdx,
            Format::Sgx(_) => Platform::IntelSgx,
            Format::Nitro(_) => Platform::AwsNitro,
            Format::Tpm(_) => Platform::Tpm,
            Format::Azure(ref vm) => vm.platform(),
            Format::Cca(_) => Platform::ArmCca,
            Format::Gpu(_) => Platform::NvidiaGpu,
        }
    }

    /// The bytes it was decoded from.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.format {
            Format::Snp(report) => report.bytes(),
            Format::Tdx(evidence) => evidence.bytes(),
            Format::Sgx(quote) => quote.bytes(),
            Format::Nitro(document) => document.bytes(),
            Format::Tpm(quote) => quote.bytes(),
            Format::Azure(vm) => vm.bytes(),
            Format::Cca(token) => token.bytes(),
            Format::Gpu(report) => report.bytes(),
        }
    }

    /// What it says was measured. Not verified.
    #[must_use]
    pub fn unverified_measurement(&self) -> Measurement {
        match &self.format {
            Format::Snp(report) => Measurement::sha384(report.claims().measurement),
            Format::Tdx(evidence) => evidence.quote().measurement(),
            Format::Sgx(quote) => quote.measurement(),
            Format::Nitro(document) => document.measurement(),
            Format::Tpm(quote) => quote.measurement(),
            Format::Azure(vm) => vm.measurement(),
            Format::Cca(token) => token.measurement(),
            Format::Gpu(report) => report.measurement(),
        }
    }

    /// All that it says, for display. Not verified.
    #[must_use]
    pub fn unverified_claims(&self) -> Vec<Claim> {
        match &self.format {
            Format::Snp(report) => report.claims().describe(),
            Format::Tdx(evidence) => evidence.describe(),
            Format::Sgx(quote) => quote.describe(),
            Format::Nitro(document) => document.describe(),
            Format::Tpm(quote) => quote.describe(),
            Format::Azure(vm) => vm.describe(),
            Format::Cca(token) => token.describe(),
            Format::Gpu(report) => report.describe(),
        }
    }

    /// All that it says, typed, where it is an SEV-SNP report. Not verified.
    #[must_use]
    pub fn unverified_snp_claims(&self) -> Option<&snp::Claims> {
        match &self.format {
            Format::Snp(report) => Some(report.claims()),
            Format::Azure(vm) => vm.snp_report().map(snp::Report::claims),
            _ => None,
        }
    }

    /// All that it says of the TD, typed, where it is a TDX quote. Not verified.
    #[must_use]
    pub fn unverified_td_report(&self) -> Option<&tdx::TdReport> {
        match &self.format {
            Format::Tdx(evidence) => Some(evidence.quote().report()),
            Format::Azure(vm) => vm.td_quote().map(tdx::Quote::report),
            _ => None,
        }
    }

    /// The event log that came with it, of a trust domain or a TPM. Not verified: its replay is a check of an appraisal.
    #[must_use]
    pub fn unverified_event_log(&self) -> Option<&EventLog> {
        match &self.format {
            Format::Tdx(evidence) => evidence.log(),
            Format::Tpm(evidence) => evidence.quote.log.as_ref(),
            Format::Azure(vm) => vm.log(),
            _ => None,
        }
    }

    /// All that it says of the enclave, typed, where it is an SGX quote. Not verified.
    #[must_use]
    pub fn unverified_enclave_report(&self) -> Option<&intel::EnclaveReport> {
        match &self.format {
            Format::Sgx(quote) => Some(quote.report()),
            _ => None,
        }
    }

    /// What the PCK certificate in it says of the machine, where it is a TDX or SGX quote with a readable one. Not verified.
    #[must_use]
    pub fn unverified_pck_platform(&self) -> Option<intel::PckPlatform> {
        match &self.format {
            Format::Tdx(evidence) => evidence.quote().quote().unverified_platform(),
            Format::Azure(vm) => vm.td_quote()?.quote().unverified_platform(),
            Format::Sgx(quote) => quote.quote().unverified_platform(),
            _ => None,
        }
    }

    /// All that it says, typed, where it is a Nitro attestation document. Not verified.
    #[must_use]
    pub fn unverified_nitro_claims(&self) -> Option<&nitro::Claims> {
        match &self.format {
            Format::Nitro(document) => Some(document.claims()),
            _ => None,
        }
    }

    /// All that it says of platform and realm, typed, where it is a CCA token. Not verified.
    #[must_use]
    pub fn unverified_cca_claims(&self) -> Option<(&cca::PlatformClaims, &cca::RealmClaims)> {
        match &self.format {
            Format::Cca(token) => Some((token.platform(), token.realm())),
            _ => None,
        }
    }

    /// All that it says, typed, where it is a GPU's attestation report. Not verified.
    #[must_use]
    pub fn unverified_gpu_claims(&self) -> Option<&gpu::Claims> {
        match &self.format {
            Format::Gpu(report) => Some(report.claims()),
            _ => None,
        }
    }

    pub(crate) fn format(&self) -> &Format {
        &self.format
    }

    /// The field that answers a challenge; on some platforms the policy says which.
    pub(crate) fn answer(&self, block: &Accept) -> Answer<'_> {
        match &self.format {
            Format::Snp(report) => Answer { field: "report data", bytes: &report.claims().report_data, fixed: true },
            Format::Tdx(evidence) => evidence.quote().answer(),
            Format::Sgx(quote) => quote.answer(),
            Format::Cca(token) => token.answer(),
            Format::Gpu(report) => report.answer(),
            Format::Tpm(quote) => quote.answer(),
            Format::Azure(vm) => vm.answer(),
            Format::Nitro(document) => document.answer(match block {
                Accept::Nitro(accept) => accept.challenge_field,
                // A block of another platform is no candidate.
                _ => nitro::ChallengeField::Nonce,
            }),
        }
    }
}
