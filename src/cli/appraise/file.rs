//! `sealroom appraise EVIDENCE`: Evidence of a file under a written policy.
//!
//! What always holds: time and challenge are what was typed, or what the file says of itself where that was typed; a file never
//! chooses the time at which it is judged.

use super::online::{self, OnlineFlags};
use super::shown::{self, Appraised};
use crate::cli::ear::EarFlags;
use crate::cli::evidence_file::{self, PINNED, decode_endorsements, read_endorsements};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::policy;
use clap::{Args, ValueEnum};
use sealroom_attestation::{
    Binding, CryptoProvider, DecodeError, Endorsements, Evidence, EvidenceFile, Outcome, Policy, Rejection, Verifier,
};
use sealroom_protocol::contract::{parse_time, time_text};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Where a flag's value is the word of the file.
const OF_THE_BUNDLE: &str = "bundle";

/// What is typed beside Evidence of a file.
#[derive(Debug, Args)]
pub(crate) struct FileFlags {
    /// The policy (TOML, or JSON) that decides; without one, prints the one that would pin this Evidence and exits with 1
    #[arg(long, value_name = "FILE", requires = "evidence")]
    policy: Option<PathBuf>,
    /// Endorsements: a folder of the makers' own files, one such file, or a bundle; told apart by content, may be repeated
    #[arg(long, value_name = "FOLDER|FILE", requires = "evidence")]
    endorsements: Vec<PathBuf>,
    /// The challenge that the Evidence must answer, in hexadecimal; `bundle`: the one that the file names
    #[arg(long, value_name = "HEX", requires = "evidence", conflicts_with = "no_challenge")]
    challenge: Option<String>,
    /// Why nothing was asked: then the verdict does not say when the Evidence was made
    #[arg(long, value_name = "REASON", requires = "evidence")]
    no_challenge: Option<String>,
    /// Judge as of this time, such as 2026-09-01T10:12:07Z; `bundle`: the one that the file names [default: now]
    #[arg(long, value_name = "TIME", requires = "evidence")]
    at: Option<String>,
    #[command(flatten)]
    online: OnlineFlags,
    /// Exit with 6 where it is accepted with warnings
    #[arg(long, value_name = "WHAT", requires = "evidence")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    ear: EarFlags,
    /// A root certificate that is no maker's (for Arm CCA: the platform's public key), for the policy that is printed
    #[arg(long, value_name = "FILE", requires = "evidence", conflicts_with = "policy")]
    anchor: Option<PathBuf>,
}

/// What more than a failure counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Warnings
    Warning,
}

/// Appraises, or prints the policy that would pin it.
pub(super) fn run(path: &Path, flags: &FileFlags, all: bool, output: Output) -> Result<Exit, Failure> {
    let Some(policy_path) = &flags.policy else { return pin(path, flags, output) };
    // What is wrong with the question is said before anything is said of the Evidence.
    let policy = policy::file::read(policy_path)?;
    let given = read_endorsements(&flags.endorsements)?;
    if flags.challenge.is_none() && flags.no_challenge.is_none() {
        return Err(Failure::local("neither --challenge nor --no-challenge was given")
            .hint("give the challenge that the Evidence must answer; or --no-challenge with the reason why none was asked, such as \"an archive\""));
    }
    let ear = flags.ear.wanted()?;
    let bytes = evidence_file::read_limited(path)?;
    let file = bytes.and_then(|bytes| EvidenceFile::read(&bytes)).map_err(DecodeError::from);
    let at = time(flags.at.as_deref(), file.as_ref().ok())?;
    let decoded = file.and_then(|file| Evidence::decode(&file.evidence).map(|evidence| (file, evidence)));
    let (file, evidence) = match decoded {
        Ok(decoded) => decoded,
        Err(error) => {
            let appraisal = Err(Rejection::from(error));
            let appraised = Appraised {
                path,
                policy_path,
                policy: &policy,
                appraisal: &appraisal,
                ear: ear.map(|ear| ear.write(&appraisal, &policy, at)).transpose()?,
                forms: &[],
                needed: &[],
                missing: &[],
                fetched: &[],
                at,
                fail_on_warning: false,
            };
            return shown::answer(&appraised, all, output);
        }
    };
    let binding = binding(flags, &file)?;
    let needed = evidence.needed();
    let endorsements = decode_endorsements(&file.endorsements, &given)?;
    let (endorsements, fetched) = online::add(&flags.online, &needed, endorsements)?;
    let missing = evidence.missing(&policy, &endorsements, at);
    let appraisal = Verifier::new(CryptoProvider::ring(), &policy).appraise(evidence, &endorsements, binding, at);
    let appraised = Appraised {
        path,
        policy_path,
        policy: &policy,
        appraisal: &appraisal,
        ear: ear.map(|ear| ear.write(&appraisal, &policy, at)).transpose()?,
        forms: &file.forms,
        needed: &needed,
        missing: &missing,
        fetched: &fetched,
        at,
        fail_on_warning: flags.fail_on == Some(FailOn::Warning),
    };
    let exit = shown::answer(&appraised, all, output)?;
    if let (None, Some(said)) = (&flags.at, file.appraised_at) {
        output.note(format!(
            "the file says that it was appraised at {}; --at bundle judges it as of then",
            time_text(said)
        ));
    }
    Ok(exit)
}

/// The exit code of an end.
pub(super) const fn exit_of(outcome: Outcome, fail_on_warning: bool) -> Exit {
    match outcome {
        Outcome::Accepted => Exit::Done,
        Outcome::AcceptedWithWarnings if fail_on_warning => Exit::Warnings,
        Outcome::AcceptedWithWarnings => Exit::Done,
        Outcome::Malformed => Exit::Malformed,
        Outcome::Undecided => Exit::Undecided,
        Outcome::NotAuthentic => Exit::NotAuthentic,
        Outcome::Refused => Exit::Refused,
    }
}

fn binding(flags: &FileFlags, file: &EvidenceFile) -> Result<Binding, Failure> {
    if let Some(reason) = &flags.no_challenge {
        return Binding::skip(reason.as_str()).map_err(|_| {
            Failure::local("--no-challenge has no words in it")
                .hint("say why nothing was asked; it stands in the verdict")
        });
    }
    let challenge = match flags.challenge.as_deref() {
        Some(OF_THE_BUNDLE) => file.challenge.clone().ok_or_else(|| {
            Failure::local("--challenge bundle: the file names no challenge").hint("give the challenge in hexadecimal")
        })?,
        Some(digits) => hex_bytes("--challenge", digits)?,
        None => Vec::new(),
    };
    Binding::bytes(challenge).map_err(|error| Failure::local(format!("--challenge: {error}")))
}

/// Bytes of hexadecimal digits on the command line.
pub(crate) fn hex_bytes(flag: &str, digits: &str) -> Result<Vec<u8>, Failure> {
    hex::decode(digits).map_err(|error| {
        Failure::local(format!("{flag} \"{digits}\": expected an even number of hexadecimal digits, {error}"))
    })
}

/// A time on the command line, else the system's.
fn time(typed: Option<&str>, file: Option<&EvidenceFile>) -> Result<u64, Failure> {
    match typed {
        None => Ok(sealroom::now()),
        Some(OF_THE_BUNDLE) => file.map_or(Ok(sealroom::now()), |file| {
            file.appraised_at.ok_or_else(|| {
                Failure::local("--at bundle: the file names no time")
                    .hint("give the time, such as 2026-09-01T10:12:07Z")
            })
        }),
        Some(text) => utc(text),
    }
}

/// Seconds since 1970 of a time on the command line.
pub(crate) fn utc(text: &str) -> Result<u64, Failure> {
    parse_time(text).ok_or_else(|| {
        Failure::local(format!("--at \"{text}\": expected a time in UTC to the second, such as 2026-09-01T10:12:07Z"))
    })
}

/// Without a policy nothing is said of the Evidence but what it alleges.
fn pin(path: &Path, flags: &FileFlags, output: Output) -> Result<Exit, Failure> {
    let (file, evidence) = evidence_file::decode_evidence(path)?;
    let given = read_endorsements(&flags.endorsements)?;
    let endorsements: Endorsements = decode_endorsements(&file.endorsements, &given)?;
    let accept = evidence_file::pinning(&evidence, &endorsements, flags.anchor.as_deref(), PINNED)?;
    let (_, text) = Policy::pinning(accept, &evidence, CryptoProvider::ring())
        .map_err(|error| Failure::local(format!("no policy could accept this Evidence: {error}")))?;
    let needed = evidence.needed();
    let fields = json!({
        "verdict": "not-appraised",
        "platform": evidence.platform().as_str(),
        "exit_code": Exit::Local.code(),
        "forms": file.forms,
        "needed": needed.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "policy_toml": text,
    });
    output.answer(fields, &text)?;
    output.note(format!(
        "NOT APPRAISED: {} was not judged, since no policy says what is good enough\n  \
         standard output has the policy that would pin it: read and edit it, then give it with --policy\n{}  exit 1",
        path.display(),
        shown::needs(&needed),
    ));
    Ok(Exit::Local)
}
