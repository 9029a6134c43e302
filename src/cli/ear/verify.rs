//! `sealroom ear verify`: an attestation result of some Verifier, under the public key that is known to be its.
//!
//! What always holds: nothing of a token is shown before its signature, its dates and, where one was asked, its nonce hold; what it
//! says is its Verifier's word, and nothing is appraised anew.

use super::key::public_key;
use crate::cli::appraise::{FailOn, hex_bytes, utc};
use crate::cli::evidence_file::read_bytes;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use clap::Args;
use sealroom_attestation::{CryptoProvider, Ear, EarError, EarExpected, Submod, Tier};
use sealroom_protocol::contract::time_text;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The result is its Verifier's word: look at which policy it was judged by (sealroom policy hash prints that of a file).
Exits with 0 where the result holds and affirms, or warns; with 6 where it warns, under --fail-on warning; with 5 where it says that
the Evidence is not to be trusted; with 3 where its Verifier knows nothing, or its time is over, has not come or is without end; with 4
where it is not signed by this key or carries another nonce; with 2 where it is no such token.

Examples:
  openssl genpkey -algorithm ed25519 -out verifier.key && openssl pkey -in verifier.key -pubout -out verifier.pem
  sealroom appraise quote.bin --policy policy.toml --challenge 6f1c… --ear result.jwt --ear-key verifier.key --ear-nonce 9ac3d2f04b7e11aa
  sealroom ear verify result.jwt --key verifier.pem --nonce 9ac3d2f04b7e11aa
  sealroom ear verify result.cwt --key verifier.pem --json"
)]
pub(crate) struct Typed {
    /// The token, JWT or CWT, told apart by content (- is standard input)
    token: PathBuf,
    /// The Verifier's public key, PEM or DER: Ed25519, P-256 or P-384. It decides how the token is verified
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The nonce that was asked for, in hexadecimal; without it the token may be an earlier one
    #[arg(long, value_name = "HEX")]
    nonce: Option<String>,
    /// How many seconds ago it may have been made at most, such as 3600; needed where it says no end of its own
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u64>,
    /// Believe it as of this time, such as 2026-09-01T10:12:07Z [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Exit with 6 where it warns
    #[arg(long, value_name = "WHAT")]
    fail_on: Option<FailOn>,
}

/// Reads it.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<Exit, Failure> {
    let key = public_key(&typed.key)?;
    let nonce = typed.nonce.as_deref().map(|digits| hex_bytes("--nonce", digits)).transpose()?;
    let at = typed.at.as_deref().map_or_else(|| Ok(sealroom::now()), utc)?;
    let token = read_bytes(&typed.token)?;
    let (mut expected, provider) = (EarExpected::at(at), CryptoProvider::ring());
    if let Some(nonce) = &nonce {
        expected = expected.nonce(nonce);
    }
    if let Some(seconds) = typed.max_age {
        expected = expected.maximum_age(seconds);
    }
    // A JWT begins with a letter, a CWT with a tag or an array of CBOR, which is no ASCII.
    let read = if token.first().is_some_and(u8::is_ascii) {
        Ear::from_jwt(String::from_utf8_lossy(&token).trim(), &key, provider, &expected)
    } else {
        Ear::from_cwt(&token, &key, provider, &expected)
    };
    let ear = read.map_err(|error| refused(typed, &error))?;
    let exit = exit_of(ear.status(), typed.fail_on.is_some());
    output.answer(fields(&ear, exit), shown(&ear, typed, exit))?;
    if nonce.is_none() {
        output.note("no --nonce was given: the result may be one that was made earlier, for somebody else");
    }
    Ok(exit)
}

const fn exit_of(status: Tier, fail_on_warning: bool) -> Exit {
    match status {
        Tier::Affirming => Exit::Done,
        Tier::Warning if fail_on_warning => Exit::Warnings,
        Tier::Warning => Exit::Done,
        Tier::Contraindicated => Exit::Refused,
        Tier::None => Exit::Undecided,
    }
}

fn refused(typed: &Typed, error: &EarError) -> Failure {
    let (exit, hint) = match error {
        EarError::Form { .. } | EarError::Profile { .. } | EarError::Status { .. } => {
            (Exit::Malformed, "ask the Verifier for a result of this profile; sealroom appraise --ear writes one")
        }
        EarError::Time { .. } => {
            (Exit::Undecided, "ask the Verifier for a new result; --at judges an old one as of then")
        }
        EarError::NoEnd { .. } => {
            (Exit::Undecided, "--max-age SECONDS says how old it may be; or ask the Verifier for a result that ends")
        }
        // What a later reader refuses is not believed either.
        _ => (
            Exit::NotAuthentic,
            "believe nothing of it; ask the Verifier itself for its key, or for a result with your nonce",
        ),
    };
    Failure::new(exit, format!("{}: {error}", typed.token.display())).hint(hint)
}

fn fields(ear: &Ear, exit: Exit) -> Value {
    let (developer, build) = ear.verifier();
    let submods: Map<String, Value> =
        ear.submods().iter().map(|(name, submod)| (name.clone(), submod_fields(submod))).collect();
    json!({
        "verified": true,
        "status": ear.status().as_str(),
        "exit_code": exit.code(),
        "verifier": { "developer": developer, "build": build },
        "issued_at": time_text(ear.issued_at_unix_seconds()),
        "expires_at": ear.expires_at_unix_seconds().map(time_text),
        "submods": submods,
    })
}

fn submod_fields(submod: &Submod) -> Value {
    let claims: Map<String, Value> =
        submod.vector().claims().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let checks: Vec<Value> = submod.checks().iter().map(|(id, status)| json!({ "id": id, "status": status })).collect();
    json!({
        "status": submod.status().as_str(),
        "claims": claims,
        "policies": submod.policies(),
        "checks": checks,
        "evidence_sha256": submod.evidence_sha256().map(hex::encode),
    })
}

fn shown(ear: &Ear, typed: &Typed, exit: Exit) -> String {
    let (developer, build) = ear.verifier();
    let end = ear
        .expires_at_unix_seconds()
        .map_or_else(|| "says no end".to_owned(), |end| format!("until {}", time_text(end)));
    let mut text = format!(
        "{} (exit {})  {}, signed by {}\nby {build}, {developer}\nmade {}, {end}\n",
        ear.status().as_str().to_uppercase(),
        exit.code(),
        typed.token.display(),
        typed.key.display(),
        time_text(ear.issued_at_unix_seconds()),
    );
    for (name, submod) in ear.submods() {
        text.push_str(&format!("{name}  {}\n", submod.status().as_str()));
        for policy in submod.policies() {
            text.push_str(&format!("  judged by  {policy}\n"));
        }
        for (claim, value) in submod.vector().claims() {
            text.push_str(&format!("  claims     {claim} {value}\n"));
        }
        let of = |status: &str| -> Vec<&str> {
            submod.checks().iter().filter(|(_, of)| of == status).map(|(id, _)| id.as_str()).collect()
        };
        for (word, status) in [("failed", "fail"), ("warned", "warn"), ("skipped", "skipped")] {
            let ids = of(status);
            if !ids.is_empty() {
                text.push_str(&format!("  {word:<9}  {}\n", ids.join(", ")));
            }
        }
    }
    text
}
