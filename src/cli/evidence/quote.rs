//! The files of a quote, which a TPM of any machine makes.

use crate::cli::evidence_file;
use crate::cli::exit::{Exit, Failure};
use clap::Args;
use sealroom_attestation::tpm::{FilesError, QuoteFiles, QuoteParts};
use std::path::{Path, PathBuf};

/// What is typed of them.
#[derive(Debug, Clone, Args)]
pub(super) struct QuoteFlags {
    /// The quote that the TPM signed: what tpm2_quote --message wrote
    #[arg(long, value_name = "FILE", visible_alias = "message")]
    quote: PathBuf,
    /// Its signature: what tpm2_quote --signature wrote, in the form tss, or plain
    #[arg(long, value_name = "FILE")]
    signature: PathBuf,
    /// The values of its registers: what tpm2_quote --pcr or tpm2_pcrread wrote in any form, or what tpm2_pcrread printed
    #[arg(long, value_name = "FILE", visible_alias = "pcr")]
    pcrs: PathBuf,
    /// The event log of the boot, such as /sys/kernel/security/tpm0/binary_bios_measurements
    #[arg(long, value_name = "FILE")]
    event_log: Option<PathBuf>,
}

impl QuoteFlags {
    /// Reads them.
    pub(super) fn read(&self) -> Result<QuoteParts, Failure> {
        let event_log = self.event_log.as_deref().map(evidence_file::read_bytes).transpose()?;
        let (quote, signature, registers) = (
            evidence_file::read_bytes(&self.quote)?,
            evidence_file::read_bytes(&self.signature)?,
            evidence_file::read_bytes(&self.pcrs)?,
        );
        if let Some(path) = self.event_log.as_deref().filter(|_| event_log.as_ref().is_some_and(Vec::is_empty)) {
            return Err(Failure::new(
                Exit::Malformed,
                format!("{}: an empty file, expected an event log", path.display()),
            )
            .hint("leave --event-log out where there is none; the kernel shows its own to root alone"));
        }
        let files = QuoteFiles {
            quote: &quote,
            signature: &signature,
            registers: &registers,
            event_log: event_log.as_deref().unwrap_or_default(),
        };
        files.parts().map_err(|error| malformed(self.file_of(&error), &error))
    }

    /// The file that an error is about.
    fn file_of(&self, error: &FilesError) -> &Path {
        match error {
            FilesError::Signature { .. } => &self.signature,
            FilesError::Registers { .. } | FilesError::RegisterMissing { .. } | FilesError::RegisterValue { .. } => {
                &self.pcrs
            }
            FilesError::EventLog(_) => self.event_log.as_deref().unwrap_or(&self.quote),
            _ => &self.quote,
        }
    }
}

/// The file is not what it should be.
pub(super) fn malformed(path: &Path, error: &FilesError) -> Failure {
    Failure::new(Exit::Malformed, format!("{}: {error}", path.display()))
        .hint("sealroom evidence tpm --help shows the commands that write each file")
}
