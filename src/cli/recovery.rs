//! `sealroom recovery`: a party's keys in shares that others keep, and back again.
//!
//! What always holds: nothing is split and nothing given before a person saw among whom or to whom, and said yes; the memory that
//! goes with recovered keys is there before they are, and has forgotten every grant.

use super::exit::{Exit, Failure};
use super::output::Output;
use super::typed::{self, PassphraseFlags, load_identity};
use clap::{Args, Subcommand};
use sealroom::{Card, GivenShare, Memory, RecoveryError, RecoverySet, random};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Largest file that is read, in bytes.
const FILE_LIMIT: u64 = 256 << 10;

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Split your keys among helpers, some of whom together can give them back
    Split(Split),
    /// As a helper, give your share to who lost the keys
    Give(Give),
    /// Put enough shares together: the key file is back
    Join(Join),
}

/// Whose keys are used.
#[derive(Debug, Clone, Args)]
struct KeyFlags {
    /// Key file of the party that acts
    #[arg(long = "as", value_name = "KEY")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFlags,
}

/// What is typed for `split`.
#[derive(Debug, Args)]
#[command(
    after_help = "The file is public: give it to every helper, and keep a copy. Whoever gets so many helpers to give has your keys.

Example:
  sealroom recovery split --as cleveland.key --helper basel.card --helper bern.card --helper chur.card --needed 2"
)]
pub(crate) struct Split {
    #[command(flatten)]
    party: KeyFlags,
    /// A helper's card. Again for each: 2 to 32
    #[arg(long, value_name = "CARD", required = true)]
    helper: Vec<PathBuf>,
    /// How many of them can give the keys back: at least 2
    #[arg(long, value_name = "NUMBER")]
    needed: u8,
    /// Where it goes [default: the key file's name with the extension recovery]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// What is typed for `give`.
#[derive(Debug, Args)]
#[command(
    after_help = "Anyone can make a card. Talk to the person, and compare both fingerprints by voice, before you say yes.

Example:
  sealroom recovery give cleveland.recovery --as bern.key --to cleveland-anew.card      writes cleveland-3.share"
)]
pub(crate) struct Give {
    /// The file of all shares
    set: PathBuf,
    #[command(flatten)]
    party: KeyFlags,
    /// Card of the fresh keys that the share is given to
    #[arg(long, value_name = "CARD")]
    to: PathBuf,
    /// Where it goes [default: the owner's name and the share's number, with the extension share]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

/// What is typed for `join`.
#[derive(Debug, Args)]
#[command(
    after_help = "Make fresh keys first, with keygen, and give their card to the helpers. What comes back are the keys, not your memory: grants nothing
under any contract that you signed before. The others amend those contracts, and you sign the next version.

Example:
  sealroom keygen cleveland-anew
  sealroom recovery join cleveland.recovery cleveland-1.share cleveland-3.share --as cleveland-anew.key"
)]
pub(crate) struct Join {
    /// The file of all shares
    set: PathBuf,
    /// Shares that helpers gave
    #[arg(required = true)]
    share: Vec<PathBuf>,
    #[command(flatten)]
    party: KeyFlags,
    /// Where key file, card and memory go
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Ask for a passphrase to protect the key file with
    #[arg(long)]
    protect: bool,
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Split(_) => "recovery split",
            Self::Give(_) => "recovery give",
            Self::Join(_) => "recovery join",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Split(typed) => split(typed, output),
            Self::Give(typed) => give(typed, output),
            Self::Join(typed) => join(typed, output),
        }
    }
}

fn split(typed: &Split, output: Output) -> Result<(), Failure> {
    let identity = load_identity(&typed.party.key, &typed.party.passphrase)?;
    let helpers = typed.helper.iter().map(|path| Ok(Card::load(path)?)).collect::<Result<Vec<_>, Failure>>()?;
    let set = identity.split(&helpers, typed.needed, &mut random())?;
    for helper in &helpers {
        output.note(format!("  {}  {}", helper.fingerprint(), helper.name));
    }
    let (needed, count) = (typed.needed, helpers.len());
    output.note(format!("Any {needed} of these {count} together can act as {}, without asking you.", identity.name()));
    if !typed.yes && !Output::ask("Did you compare their fingerprints by voice, and shall they keep your keys?")? {
        return Err(Failure::local("nothing was split"));
    }
    let target = typed.output.clone().unwrap_or_else(|| typed.party.key.with_extension("recovery"));
    typed::write(&target, &set.encode())?;
    let names: Vec<&str> = helpers.iter().map(|helper| helper.name.as_str()).collect();
    let fields = json!({ "file": target, "needed": needed, "helpers": names, "fingerprint": identity.fingerprint() });
    let text = format!("{}  public: give it to {}, and keep a copy", target.display(), names.join(", "));
    output.answer(fields, text)
}

fn give(typed: &Give, output: Output) -> Result<(), Failure> {
    let set = set(&typed.set)?;
    let identity = load_identity(&typed.party.key, &typed.party.passphrase)?;
    let receiver = Card::load(&typed.to)?;
    let index = set.share_of(&identity.signing().public())?.index;
    let (owner, needed) = (set.name(), set.threshold());
    output.note(format!("You keep share {index} of the keys of {owner}, fingerprint {}.", set.fingerprint()));
    output.note(format!("Whoever has {needed} shares can act as {owner} for ever."));
    output.note(format!("You would give yours to {}, fingerprint {}.", receiver.name, receiver.fingerprint()));
    let question = format!("Did the person who is {owner} tell you both fingerprints, by voice?");
    if !typed.yes && !Output::ask(&question)? {
        return Err(Failure::local("nothing was given").before_any_key());
    }
    let share = identity.give_share(&set, &receiver, &mut random())?;
    let target = typed.output.clone().unwrap_or_else(|| PathBuf::from(format!("{owner}-{index}.share")));
    typed::write(&target, &share.encode())?;
    let fields = json!({ "file": target, "owner": owner, "share": index, "receiver": receiver.fingerprint() });
    output.answer(fields, format!("{}  opens for {} only: send it there", target.display(), receiver.fingerprint()))
}

fn join(typed: &Join, output: Output) -> Result<(), Failure> {
    let set = set(&typed.set)?;
    let receiver = load_identity(&typed.party.key, &typed.party.passphrase)?;
    let shares = typed.share.iter().map(|path| share(path)).collect::<Result<Vec<_>, _>>()?;
    let identity = receiver.join_shares(&set, &shares)?;
    let passphrase = if typed.protect {
        Some(PassphraseFlags::asked("Passphrase for the new key file (it is not shown):")?)
    } else {
        None
    };
    let file = |extension: &str| typed.folder.join(format!("{}.{extension}", identity.name()));
    let (key, card, memory) = (file("key"), file("card"), file("memory"));
    // First, so that the keys are never there beside a memory that seems to have granted nothing.
    let hint =
        "a memory is there; if it is your own from a backup, move it away and keep it: it has keys of your datasets";
    drop(
        Memory::begin_recovered(&memory, &identity.signing().public())
            .map_err(|error| Failure::from(error).hint(hint))?,
    );
    identity.save(&key, passphrase.as_ref(), &mut random())?;
    identity.card().save(&card)?;
    let fields = json!({
        "name": identity.name(),
        "key": key,
        "card": card,
        "memory": memory,
        "fingerprint": identity.fingerprint(),
        "protected": passphrase.is_some(),
    });
    let text = format!(
        "{}  secret: keep it, and a copy of it\n{}  public\n{}  has forgotten every grant: nothing is granted under contracts that you signed before
fingerprint {} (compare it by voice). Split the keys anew, and delete {}",
        key.display(),
        card.display(),
        memory.display(),
        identity.fingerprint(),
        typed.party.key.display(),
    );
    output.answer(fields, text)
}

fn set(path: &Path) -> Result<RecoverySet, Failure> {
    RecoverySet::decode(&typed::read(path, FILE_LIMIT)?).map_err(|error| of(path, error))
}

fn share(path: &Path) -> Result<GivenShare, Failure> {
    GivenShare::decode(&typed::read(path, FILE_LIMIT)?).map_err(|error| of(path, error))
}

/// What is wrong, with the file's name before it.
fn of(path: &Path, error: RecoveryError) -> Failure {
    let mut failure = Failure::from(error);
    failure.message = format!("{}: {}", path.display(), failure.message);
    failure
}

impl From<RecoveryError> for Failure {
    fn from(error: RecoveryError) -> Self {
        use sealroom_protocol::dsse::EnvelopeError;
        let exit = match &error {
            RecoveryError::Envelope(
                EnvelopeError::Missing { .. } | EnvelopeError::Bad { .. } | EnvelopeError::Foreign { .. },
            )
            | RecoveryError::Decryption { .. }
            | RecoveryError::Commitment { .. }
            | RecoveryError::Keys => Exit::NotAuthentic,
            RecoveryError::TooFew { .. } => Exit::Undecided,
            RecoveryError::Threshold { .. }
            | RecoveryError::Repeated { .. }
            | RecoveryError::Owner { .. }
            | RecoveryError::NoHelper
            | RecoveryError::OtherSet { .. }
            | RecoveryError::OtherReceiver { .. }
            | RecoveryError::Twice { .. } => Exit::Local,
            _ => Exit::Malformed,
        };
        Self::new(exit, error)
    }
}
