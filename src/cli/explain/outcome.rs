//! The word that an appraisal ends with.

use crate::cli::exit::Exit;
use sealroom::attestation::Outcome;
use serde_json::{Value, json};

/// Every one of them, the good ones first.
pub(super) const ALL: [Outcome; 6] = [
    Outcome::Accepted,
    Outcome::AcceptedWithWarnings,
    Outcome::Malformed,
    Outcome::Undecided,
    Outcome::NotAuthentic,
    Outcome::Refused,
];

/// The one of this name.
pub(super) fn named(word: &str) -> Option<Outcome> {
    ALL.into_iter().find(|outcome| outcome.as_str() == word)
}

/// What it ends with, what it means, what to do.
const fn about(outcome: Outcome) -> (Exit, &'static str, &'static str) {
    match outcome {
        Outcome::Accepted => (
            Exit::Done,
            "Every check holds, or is left out by a reason that somebody wrote.",
            "nothing; `policy lint` says what the policy leaves out",
        ),
        Outcome::AcceptedWithWarnings => (
            Exit::Done,
            "Every check holds, some because the policy accepts what others would not (exit 6 under --fail-on warning).",
            "read the warnings: each says what is accepted",
        ),
        Outcome::Malformed => (
            Exit::Malformed,
            "The file is no Evidence of a known platform, or breaks its platform's format.",
            "bring the Evidence as the platform made it; `inspect` says where it stops to be that",
        ),
        Outcome::Undecided => (
            Exit::Undecided,
            "An Endorsement is missing or not current, so nothing is known for or against the Evidence.",
            "bring what is listed as missing with --endorsements, or give --online; for an archive give the time of then with --at",
        ),
        Outcome::NotAuthentic => (
            Exit::NotAuthentic,
            "A signature, a chain, a revocation or the answer to the challenge does not hold.",
            "do not trust the machine or whoever forwarded this; ask again with a new challenge",
        ),
        Outcome::Refused => (
            Exit::Refused,
            "Genuine, or of a platform that the policy does not name, and not what the policy accepts.",
            "compare with `diff EVIDENCE --policy POLICY`; change the machine, or agree on another policy",
        ),
    }
}

pub(super) fn text(outcome: Outcome) -> String {
    let (exit, meaning, hint) = about(outcome);
    format!(
        "{}  a verdict, exit {}\n  means         {meaning}\n  what to do    {hint}\n",
        outcome.as_str(),
        exit.code()
    )
}

pub(super) fn json(outcome: Outcome) -> Value {
    let (exit, meaning, hint) = about(outcome);
    json!({ "kind": "verdict", "id": outcome.as_str(), "exit_code": exit.code(), "meaning": meaning, "hint": hint })
}
