//! `sealroom policy import corim`: Reference Values of a manifest into the accept blocks of a policy.
//!
//! What always holds: the manifest gives values alone, the policy says all else; it is imported whole or not at all; every value that
//! it changes is shown, with what it was; and whoever signed it was named by key, or was not verified, which stands in the file.

use super::file;
use crate::cli::evidence_file;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::typed;
use clap::{ArgGroup, Args};
use sealroom_attestation::{
    Corim, CorimError, CorimImport, CryptoProvider, EarKey, Endorsements, EvidenceFile, ImportedBlock, Policy,
};
use sealroom_protocol::contract::parse_time;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Take Reference Values from a CoRIM into a policy; whom to trust stays as the policy says it
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("signer").required(true).args(["trust", "unverified"])))]
#[command(
    after_help = "A CoRIM says which values are good, not whom to trust: every tag (CoMID) of it takes an accept block of its platform, the one of
the tag's own name, else that of --block, else the only one. In place of that come blocks with the manifest's values and all else
as it was. What is not a Reference Value, or what no policy can say, stops the import and is named. docs/policy.md lists the
profiles and classes.
Exits with 2 where the file is no CoRIM or larger than one may be, with 4 where its signature does not hold, with 5 where it is out of date or says what no
policy can say, with 1 where the policy has no block that could take the values.

Examples:
  sealroom policy import corim vendor.corim --into production.toml --trust vendor.pem -o next.toml
  sealroom policy import corim values.cbor --into production.toml --block \"release 1\" --unverified"
)]
pub(crate) struct Flags {
    /// The manifest: CBOR, signed or not
    #[arg(value_name = "CORIM")]
    manifest: PathBuf,
    /// The policy whose accept blocks take the values
    #[arg(long, value_name = "POLICY")]
    into: PathBuf,
    /// The accept block for tags that have no block of their own name
    #[arg(long, value_name = "NAME")]
    block: Option<String>,
    /// The public key that must have signed it, or a certificate that has it: Ed25519, P-256 or P-384, PEM or DER
    #[arg(long, value_name = "KEY")]
    trust: Option<PathBuf>,
    /// Read it whoever signed it, or nobody: you know from elsewhere that it is the right one
    #[arg(long)]
    unverified: bool,
    /// Its dates are held against this time, such as 2026-09-01T10:12:07Z [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Where the new policy goes [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Imports.
pub(super) fn run(flags: &Flags, output: Output) -> Result<(), Failure> {
    let policy = file::read(&flags.into)?;
    let now = match flags.at.as_deref() {
        None => sealroom::now(),
        Some(text) => parse_time(text).ok_or_else(|| {
            let expected = "expected a time in UTC to the second, such as 2026-09-01T10:12:07Z";
            Failure::local(format!("--at \"{text}\": {expected}"))
        })?,
    };
    let bytes = evidence_file::read_bytes(&flags.manifest)?;
    let corim = match &flags.trust {
        Some(path) => Corim::signed_by(&key(path)?, &bytes, CryptoProvider::ring(), now),
        None => Corim::dangerous_unverified(&bytes, now),
    };
    let refused = |error: CorimError| refused(&flags.manifest, &error);
    let corim = corim.map_err(refused)?;
    let imported = corim.import(&policy, flags.block.as_deref()).map_err(refused)?;
    answer(flags, &policy, &corim, &imported, output)
}

fn answer(
    flags: &Flags,
    before: &Policy,
    corim: &Corim,
    imported: &CorimImport,
    output: Output,
) -> Result<(), Failure> {
    let text = format!("{}{}", head(flags, corim, imported), imported.policy.to_toml());
    let (old, new) = (before.to_json(), imported.policy.to_json());
    let changes = |block: &ImportedBlock| changes(block_of(&old, &block.template), block_of(&new, &block.name), block);
    let of_block = |block: &ImportedBlock| {
        let changes: Vec<_> = changes(block)
            .into_iter()
            .map(|[field, old, new]| json!({ "field": field, "old": old, "new": new }))
            .collect();
        json!({ "accept_block": block.name, "made_from": block.template, "fields": block.fields, "changes": changes })
    };
    let blocks: Vec<_> = imported.blocks.iter().map(of_block).collect();
    let known = before.lint();
    let warnings: Vec<_> = imported.policy.lint().into_iter().filter(|warning| !known.contains(warning)).collect();
    let fields = json!({
        "verified": corim.verified(),
        "corim_id": corim.id(),
        "signer": corim.signer(),
        "entities": corim.entities().collect::<Vec<_>>(),
        "blocks": blocks,
        "new_warnings": warnings.iter().map(|it| json!({ "id": it.id, "block": it.block, "text": it.text })).collect::<Vec<_>>(),
        "policy": imported.policy.to_json(),
        "policy_toml": text,
        "policy_sha256": file::sha256(&imported.policy),
        "file": flags.output,
    });
    let Some(path) = &flags.output else { return output.answer(fields, text) };
    typed::write(path, text.as_bytes())?;
    let mut said = String::new();
    for block in &imported.blocks {
        said.push_str(&format!("\n\"{}\", made from \"{}\": {}", block.name, block.template, block.fields.join(", ")));
        for [field, old, new] in changes(block) {
            said.push_str(&format!("\n  {field}: {old} → {new}"));
        }
    }
    for warning in &warnings {
        said.push_str(&format!("\n  new warning {}, \"{}\": {}", warning.id, warning.block, warning.text));
    }
    output.answer(fields, format!("wrote {}, sha256:{}{said}", path.display(), file::sha256(&imported.policy)))
}

/// The accept block of that name, in a policy's written form.
fn block_of<'a>(policy: &'a Value, name: &str) -> Option<&'a Value> {
    let platforms = policy.get("accept")?.as_object()?.values();
    platforms.filter_map(Value::as_array).flatten().find(|block| block.get("name").is_some_and(|it| it == name))
}

/// Field, what it was and what it is now, of those that the manifest changed.
fn changes(old: Option<&Value>, new: Option<&Value>, block: &ImportedBlock) -> Vec<[String; 3]> {
    let shown = |block: Option<&Value>, field: &str| {
        block.and_then(|block| block.get(field)).map_or_else(|| String::from("absent"), Value::to_string)
    };
    let all = block.fields.iter().map(|field| [field.clone(), shown(old, field), shown(new, field)]);
    all.filter(|[_, old, new]| old != new).collect()
}

/// What stands before the policy: where its values come from.
fn head(flags: &Flags, corim: &Corim, imported: &CorimImport) -> String {
    // A stranger's words may hold a line end, and this is a comment.
    let plain = |text: &str| text.chars().filter(|character| !character.is_control()).collect::<String>();
    let signed = match (corim.signer(), &flags.trust) {
        (Some(signer), Some(key)) => format!("signed by the key in {}, which calls itself {signer}", key.display()),
        (Some(signer), None) => format!("its signature WAS NOT VERIFIED; it says to be by {signer}"),
        (None, _) => "NOTHING WAS VERIFIED: it is not signed".to_owned(),
    };
    let blocks: Vec<_> = imported.blocks.iter().map(|block| format!("\"{}\"", block.name)).collect();
    format!(
        "# Reference Values of {} are those of the CoRIM \"{}\" in {};\n# {}.\n# Review them; all else is from {}.\n",
        plain(&blocks.join(", ")),
        plain(corim.id()),
        plain(&flags.manifest.display().to_string()),
        plain(&signed),
        plain(&flags.into.display().to_string()),
    )
}

/// A public key, or a certificate's, in a file of its own, PEM or DER.
fn key(path: &Path) -> Result<EarKey, Failure> {
    let refused = |error: &dyn core::fmt::Display| {
        Failure::local(format!("{}: {error}", path.display()))
            .hint("--trust takes one public key (SubjectPublicKeyInfo) or one certificate of Ed25519, P-256 or P-384, PEM or DER")
    };
    let bytes = evidence_file::read_bytes(path)?;
    let key = match Endorsements::decode(&bytes) {
        Ok(endorsements) => match endorsements.certificates() {
            [certificate] => EarKey::from_certificate(certificate),
            certificates => return Err(refused(&format!("{} certificates, expected one", certificates.len()))),
        },
        Err(_) => {
            let file = EvidenceFile::read(&bytes).map_err(|error| refused(&error))?;
            EarKey::from_info(&file.evidence)
        }
    };
    key.map_err(|error| refused(&error))
}

fn refused(path: &Path, error: &CorimError) -> Failure {
    let exit = match error {
        CorimError::Size { .. } | CorimError::Form { .. } => Exit::Malformed,
        CorimError::NotSigned | CorimError::Algorithm { .. } | CorimError::Signature => Exit::NotAuthentic,
        CorimError::NoSuchBlock { .. } | CorimError::Template { .. } => Exit::Local,
        _ => Exit::Refused,
    };
    let failure = Failure::new(exit, format!("{}: {error}", path.display()));
    match error {
        CorimError::NotSigned => failure.hint("--unverified reads it, where you know otherwise who wrote it"),
        CorimError::Template { .. } => failure.hint("--block names the accept block that takes them"),
        CorimError::Unmappable { .. } => failure.hint(
            "nothing was imported; ask its author for one of Reference Values alone, or write the values by hand",
        ),
        _ => failure,
    }
}
