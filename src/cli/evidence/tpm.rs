//! `sealroom evidence tpm`: a TPM's quote with its attestation key.

use super::quote::{QuoteFlags, malformed};
use crate::cli::evidence_file;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use clap::Args;
use sealroom_attestation::tpm;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The registers are those that the quote selects, of one bank; whatever else the file of values holds is left out. Nothing is
verified. Certificates above the key's are Endorsements: give them to `appraise` or `bundle`.
Exits with 2 where a file is not what its tool writes, or has nothing of a register that was quoted.

On the machine:
  tpm2_createek -c ek.ctx -u ek.pub && tpm2_createak -C ek.ctx -c ak.ctx -u ak.pub
  tpm2_quote -c ak.ctx -l sha256:0,1,2,3,4,5,6,7 -q 6f1c… -m quote.msg -s quote.sig -o quote.pcrs

Examples:
  sealroom evidence tpm --quote quote.msg --signature quote.sig --pcrs quote.pcrs --ak ak.pub -o quote.evidence
  sealroom evidence tpm --quote quote.msg --signature quote.sig --pcrs quote.pcrs --ak ak.crt --event-log binary_bios_measurements -o quote.evidence
  sealroom policy new --from quote.evidence --anchor ak.pub --vouched \"read on the machine itself\" -o policy.toml
  sealroom appraise quote.evidence --policy policy.toml --challenge 6f1c…"
)]
pub(crate) struct Typed {
    #[command(flatten)]
    quote: QuoteFlags,
    /// The attestation key: its certificate (DER, PEM), or its public part with attributes (tpm2_createak --public, tpm2_readpublic)
    #[arg(long, value_name = "FILE")]
    ak: PathBuf,
    /// Where the Evidence goes (- is standard output)
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Writes it.
pub(super) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let parts = typed.quote.read()?;
    let file = evidence_file::read_bytes(&typed.ak)?;
    let key = tpm::attestation_key(&file).map_err(|error| malformed(&typed.ak, &error))?;
    super::write(tpm::assemble(&parts, &key), &typed.output, output)
}
