//! `sealroom policy new`: the strictest policy that some Evidence could pass, for a person to review.
//!
//! What always holds: it says that nothing was verified, in the file itself.

use super::file;
use crate::cli::evidence_file;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::typed;
use clap::Args;
use sealroom::attestation::{Accept, CryptoProvider, Policy, TrustAnchor};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Nothing is verified: whoever pins Evidence says that it is the right one. Appraise it under the policy, and loosen what must
change with it (measurements of the next release, other machines) by hand. The root is the maker's, by what the Evidence alleges;
--anchor brings another one, which is then marked as simulated or, with --vouched, as vouched for.
Exits with 2 where the file is no Evidence, with 5 where no policy accepts it (debug mode), with 1 where a root is missing.

Examples:
  sealroom policy new --from report.bin -o production.toml
  sealroom policy new --from report.bin --endorsements certs/ -o production.toml
  sealroom policy new --from report.bin --anchor root.pem --name \"our laboratory\"
  sealroom policy new --from token.cbor --anchor cpak.pem --vouched \"handed over by the platform's owner\""
)]
pub(crate) struct Typed {
    /// The Evidence to pin
    #[arg(long, value_name = "EVIDENCE")]
    from: PathBuf,
    /// Root certificate or platform key, DER or PEM, instead of the maker's root; of a TPM also its attestation key
    #[arg(long, value_name = "FILE")]
    anchor: Option<PathBuf>,
    /// Endorsements that name the product line of an SEV-SNP report of version 2: a file or a folder; repeat it
    #[arg(long, value_name = "PATH")]
    endorsements: Vec<PathBuf>,
    /// Why you trust an anchor that is no maker's; for platforms without one maker's root
    #[arg(long, value_name = "REASON", requires = "anchor")]
    vouched: Option<String>,
    /// Name of the policy and of its accept block
    #[arg(long, default_value = evidence_file::PINNED)]
    name: String,
    /// Where the policy goes [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes it.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let (came, evidence) = evidence_file::decode_evidence(&typed.from)?;
    let given = evidence_file::read_endorsements(&typed.endorsements)?;
    let endorsements = evidence_file::decode_endorsements(&came.endorsements, &given)?;
    let mut block = evidence_file::pinning(&evidence, &endorsements, typed.anchor.as_deref(), &typed.name)?;
    if let Some(reason) = &typed.vouched {
        vouch(&mut block, reason)?;
    }
    let root = block.trust_anchor().clone();
    let (policy, text) = Policy::pinning(block, &evidence, CryptoProvider::ring()).map_err(|error| {
        Failure::new(Exit::Refused, format!("no policy could accept this Evidence: {error}")).hint(
            "sealroom inspect shows what it says of itself; Evidence of debug mode, or of no vouched key, can not be pinned",
        )
    })?;
    let fields = json!({
        "verified": false,
        "platform": evidence.platform().as_str(),
        "trust_anchor": root.to_string(),
        "policy": policy.to_json(),
        "policy_toml": text,
        "policy_sha256": file::sha256(&policy),
        "file": typed.output,
    });
    let Some(path) = &typed.output else { return output.answer(fields, text) };
    typed::write(path, text.as_bytes())?;
    let wrote = format!("wrote {}, sha256:{}", path.display(), file::sha256(&policy));
    output.answer(fields, format!("{wrote}\nNOTHING WAS VERIFIED: review it, then appraise the Evidence under it"))
}

/// The author's word in place of a maker's root, where the platform has no one maker.
fn vouch(block: &mut Accept, reason: &str) -> Result<(), Failure> {
    let anchor = match block {
        Accept::Cca(block) => &mut block.trust_anchor,
        Accept::Tpm(block) => &mut block.trust_anchor,
        Accept::Snp(_) | Accept::Tdx(_) | Accept::Sgx(_) | Accept::Nitro(_) | Accept::Azure(_) | Accept::Gpu(_) => {
            return Err(Failure::local("the platform's maker has a root of its own, which nobody's word replaces")
                .hint("leave --vouched out; another root is then marked as simulated"));
        }
    };
    *anchor = TrustAnchor::vouched(*anchor.fingerprint(), reason).map_err(Failure::local)?;
    Ok(())
}
