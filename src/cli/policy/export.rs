//! `sealroom policy export corim`: a policy's Reference Values as an unsigned manifest.
//!
//! What always holds: every value is in it, or was left out by name, and what it does not say is said.

use super::file;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::typed;
use clap::{Args, ValueEnum};
use sealroom_attestation::{CorimExport, CorimExportError, CorimProfile};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

/// Write a policy's Reference Values as an unsigned CoRIM; decisions stay in the policy
#[derive(Debug, Args)]
#[command(
    after_help = "The manifest has what Evidence is compared with. Whom to trust, machines, dates and what else the policy decides are not in it and
are listed; a value that the manifest can not say stops the export, unless --leave-out names it. Imported into the same policy, it
gives the same blocks. Without --profile the claims have the policy's own names; docs/policy.md has them.
Exits with 5 where a value can not be said, with 1 where the policy has no such block or field.

Examples:
  sealroom policy export corim production.toml --id acme-2026-11 -o acme.corim
  sealroom policy export corim production.toml --id acme-2026-12 --profile amd-sev-snp --leave-out minimum_firmware -o acme.corim"
)]
pub(crate) struct Flags {
    /// The policy, TOML or JSON
    policy: PathBuf,
    /// The manifest's identifier; use it for no other
    #[arg(long, value_name = "TEXT")]
    id: String,
    /// A published profile to keep to
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    /// An accept block to export; may be repeated [default: all]
    #[arg(long, value_name = "NAME")]
    block: Vec<String>,
    /// A field to leave out although it has a value; may be repeated
    #[arg(long, value_name = "FIELD")]
    leave_out: Vec<String>,
    /// Where the manifest goes
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Profile {
    /// AMD's, of SEV-SNP
    AmdSevSnp,
    /// Arm's, of the platform below the realms
    ArmCcaPlatform,
    /// Arm's, of a realm
    ArmCcaRealm,
}

/// Exports.
pub(super) fn run(flags: &Flags, output: Output) -> Result<(), Failure> {
    let policy = file::read(&flags.policy)?;
    let blocks: Vec<&str> = flags.block.iter().map(String::as_str).collect();
    let leave_out: Vec<&str> = flags.leave_out.iter().map(String::as_str).collect();
    let profile = flags.profile.map(|profile| match profile {
        Profile::AmdSevSnp => CorimProfile::AmdSevSnp,
        Profile::ArmCcaPlatform => CorimProfile::ArmCcaPlatform,
        Profile::ArmCcaRealm => CorimProfile::ArmCcaRealm,
    });
    let how = CorimExport { id: &flags.id, profile, blocks: &blocks, leave_out: &leave_out };
    let exported = policy.to_corim(&how).map_err(|error| refused(&error))?;
    typed::write(&flags.output, &exported.bytes)?;
    let sha256 = hex::encode(Sha256::digest(&exported.bytes));
    let mut text = format!("wrote {}, {} bytes, sha256 {sha256}", flags.output.display(), exported.bytes.len());
    for (block, fields) in &exported.not_said {
        text.push_str(&format!("\nnot in it, of \"{block}\": trust_anchor"));
        fields.iter().for_each(|field| text.push_str(&format!(", {field}")));
    }
    text.push_str("\nNOT SIGNED: sign it, or hand it over where its reader knows you");
    let not_said: Vec<_> =
        exported.not_said.iter().map(|(block, fields)| json!({ "accept_block": block, "fields": fields })).collect();
    let fields = json!({
        "file": flags.output,
        "bytes": exported.bytes.len(),
        "sha256": sha256,
        "corim_id": flags.id,
        "signed": false,
        "not_said": not_said,
    });
    output.answer(fields, text)
}

fn refused(error: &CorimExportError) -> Failure {
    let exit = match error {
        CorimExportError::Field { .. } | CorimExportError::States { .. } | CorimExportError::Nothing { .. } => {
            Exit::Refused
        }
        _ => Exit::Local,
    };
    let failure = Failure::new(exit, error);
    match error {
        CorimExportError::Field { field, .. } => {
            let field = field.split('/').next().unwrap_or(field);
            failure.hint(format!("--leave-out {field} exports the rest"))
        }
        CorimExportError::Platform { .. } => failure.hint("--block chooses blocks, --profile how they are written"),
        _ => failure,
    }
}
