//! `sealroom keygen`: keys for a party.

use super::exit::Failure;
use super::output::Output;
use super::typed::PassphraseFlags;
use clap::Args;
use sealroom::{Identity, random};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sealroom keygen cleveland                      writes cleveland.key (keep it) and cleveland.card (give it to the others)
  sealroom keygen cleveland --protect            asks for a passphrase
  sealroom keygen agent --passphrase-env PHRASE  takes it from the environment")]
pub(crate) struct Typed {
    /// The party's name: a-z, 0-9 and -, beginning with a letter
    name: String,
    /// Where the two files go
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Ask for a passphrase to protect the key file with
    #[arg(long)]
    protect: bool,
    #[command(flatten)]
    passphrase: PassphraseFlags,
}

/// Makes the keys.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let passphrase = match typed.passphrase.given()? {
        Some(passphrase) => Some(passphrase),
        None if typed.protect => Some(PassphraseFlags::asked("Passphrase for the new key file (it is not shown):")?),
        None => None,
    };
    let identity = Identity::generate(&typed.name, &mut random())?;
    let key = typed.folder.join(format!("{}.key", typed.name));
    let card_path = typed.folder.join(format!("{}.card", typed.name));
    identity.save(&key, passphrase.as_ref(), &mut random())?;
    let card = identity.card();
    card.save(&card_path)?;
    let fields = json!({
        "name": card.name,
        "key": key,
        "card": card_path,
        "fingerprint": card.fingerprint(),
        "signing_key": card.signing_key.to_string(),
        "protected": passphrase.is_some(),
    });
    let text = format!(
        "{}  secret: keep it, and a copy of it\n{}  public: give it to the other parties\nfingerprint {} (compare it by voice)",
        key.display(),
        card_path.display(),
        card.fingerprint()
    );
    output.answer(fields, text)
}
