//! `sealroom evidence azure`: the quote of an Azure confidential VM's virtual TPM, with the paravisor's report, which says whose
//! the attestation key is.

use super::quote::QuoteFlags;
use crate::cli::evidence_file;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use clap::Args;
use sealroom_attestation::azure::{self, HardwareParts};
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "The JSON of other attesters needs none of this: `appraise` and the others read it as it is.

In the VM:
  tpm2_nvread -C o 0x01400001 > report.bin
  tpm2_quote -c 0x81000003 -l sha256:0,1,2,3,4,5,6,7 -q 6f1c… -m quote.msg -s quote.sig -o quote.pcrs

Examples:
  sealroom evidence azure --report report.bin --quote quote.msg --signature quote.sig --pcrs quote.pcrs -o vm.evidence
  sealroom evidence azure --report report.bin --td-quote td.quote --quote quote.msg --signature quote.sig --pcrs quote.pcrs -o vm.evidence")]
pub(crate) struct Typed {
    #[command(flatten)]
    quote: QuoteFlags,
    /// The paravisor's report, of index 0x01400001 of the virtual TPM's storage
    #[arg(long, value_name = "FILE")]
    report: PathBuf,
    /// The TD quote over that report, of a VM on Intel TDX
    #[arg(long, value_name = "FILE")]
    td_quote: Option<PathBuf>,
    /// Where the Evidence goes (- is standard output)
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Writes it.
pub(super) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let quote = typed.quote.read()?;
    let paravisor_report = evidence_file::read_bytes(&typed.report)?;
    let td_quote = typed.td_quote.as_deref().map(evidence_file::read_bytes).transpose()?.unwrap_or_default();
    super::write(azure::assemble(&HardwareParts { paravisor_report, td_quote }, &quote), &typed.output, output)
}
