//! `sealroom evidence tdx`: the quote of a trust domain with the event log that its run-time registers are replayed from.

use crate::cli::evidence_file;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use clap::Args;
use sealroom_attestation::{Platform, tdx};
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "A quote alone is Evidence as it is. With its log, a policy can judge what was measured instead of whole registers (event_log).
The log is of the same start as the quote, and read after it was made. Nothing is verified.

On the machine:
  cp /sys/firmware/acpi/tables/data/CCEL ccel.bin

Examples:
  sealroom evidence tdx --quote quote.bin --event-log ccel.bin -o quote.evidence
  sealroom policy new --from quote.evidence -o policy.toml
  sealroom appraise quote.evidence --policy policy.toml --online --challenge 6f1c…"
)]
pub(crate) struct Typed {
    /// The quote, in any form in which tools hand it on
    #[arg(long, value_name = "FILE")]
    quote: PathBuf,
    /// The event log, such as /sys/firmware/acpi/tables/data/CCEL
    #[arg(long, value_name = "FILE")]
    event_log: PathBuf,
    /// Where the Evidence goes (- is standard output)
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Writes it.
pub(super) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let (file, quote) = evidence_file::decode_evidence(&typed.quote)?;
    let malformed = |problem: String| Failure::new(Exit::Malformed, format!("{}: {problem}", typed.quote.display()));
    if quote.platform() != Platform::IntelTdx {
        return Err(malformed(format!("Evidence of {}, expected a quote of intel-tdx", quote.platform())));
    }
    if quote.unverified_event_log().is_some() {
        return Err(malformed("it has an event log already".to_owned()).hint("give the quote alone"));
    }
    if !file.endorsements.is_empty() || file.challenge.is_some() {
        let hint = "give the quote alone: what came with it is for `sealroom appraise` (--endorsements, --challenge)";
        return Err(malformed(
            "it brings Endorsements or a challenge along, which the Evidence has no place for".to_owned(),
        )
        .hint(hint));
    }
    let log = evidence_file::read_bytes(&typed.event_log)?;
    super::write(tdx::assemble(&file.evidence, &log), &typed.output, output)
}
