//! A verdict as people and programs see it: failures first, then what was skipped and why, then how many checks hold.
//!
//! What always holds: the same appraisal gives the same bytes; a simulated platform, and an anchor that somebody vouches for, is said to be one in
//! the first line.

use super::file::exit_of;
use super::online::Fetched;
use crate::cli::ear::WrittenEar;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::refusal::short;
use sealroom_attestation::{
    AnchorKind, AttestationResult, Check, CryptoProvider, Needed, Outcome, Policy, Rejection, Status, Verdict,
};
use sealroom_protocol::contract::time_text;
use serde_json::{Value, json};
use std::path::Path;

/// An appraisal with all that is shown of it.
pub(super) struct Appraised<'a> {
    pub(super) path: &'a Path,
    pub(super) policy_path: &'a Path,
    pub(super) policy: &'a Policy,
    pub(super) appraisal: &'a Result<AttestationResult, Rejection>,
    /// The result for others that was written of it.
    pub(super) ear: Option<WrittenEar>,
    pub(super) forms: &'a [String],
    pub(super) needed: &'a [Needed],
    /// Of these and of what they name, what is not there or has ended.
    pub(super) missing: &'a [Needed],
    pub(super) fetched: &'a [Fetched],
    /// Seconds since 1970.
    pub(super) at: u64,
    pub(super) fail_on_warning: bool,
}

/// Shows it, and gives the exit code.
pub(super) fn answer(appraised: &Appraised<'_>, all: bool, output: Output) -> Result<Exit, Failure> {
    let exit = exit_of(Outcome::of(appraised.appraisal), appraised.fail_on_warning);
    output.answer(fields(appraised, exit), text(appraised, exit, all))?;
    Ok(exit)
}

fn fields(appraised: &Appraised<'_>, exit: Exit) -> Value {
    let mut fields = appraised.policy.report(appraised.appraisal, CryptoProvider::ring(), appraised.at);
    let fetched: Vec<Value> =
        appraised.fetched.iter().map(|item| json!({ "needed": item.needed, "problem": item.problem })).collect();
    if let Value::Object(fields) = &mut fields {
        fields.insert("exit_code".into(), exit.code().into());
        fields.insert("forms".into(), json!(appraised.forms));
        fields.insert("needed".into(), appraised.needed.iter().map(ToString::to_string).collect());
        fields.insert("missing".into(), appraised.missing.iter().map(ToString::to_string).collect());
        fields.insert("fetched".into(), fetched.into());
        if let Some(ear) = &appraised.ear {
            fields.insert("ear".into(), ear.json());
        }
    }
    fields
}

fn verdict<'a>(appraised: &'a Appraised<'_>) -> (&'a Verdict, &'a [Verdict]) {
    match appraised.appraisal {
        Ok(result) => (result.verdict(), &[]),
        Err(rejection) => (rejection.verdict(), rejection.other_verdicts()),
    }
}

fn text(appraised: &Appraised<'_>, exit: Exit, all: bool) -> String {
    let (verdict, others) = verdict(appraised);
    let outcome = Outcome::of(appraised.appraisal);
    let mut text = headline(appraised, verdict, outcome, exit);
    text.push_str(&judged_by(appraised, verdict));
    if let Ok(result) = appraised.appraisal {
        text.push_str(&accepted(result));
    }
    if let Some(ear) = &appraised.ear {
        text.push_str(&ear.line());
    }
    let mut ids = Vec::new();
    for check in verdict.failed() {
        text.push_str(&failed(check));
        ids.push(check.id());
    }
    for check in verdict.warnings() {
        text.push_str(&format!("  WARN {}  {}\n       do        {}\n", check.id(), short(check.found()), check.hint()));
    }
    for check in verdict.checks() {
        if let Status::Skipped { reason } = check.status() {
            // The one check that the policy does not skip: whether there was a challenge is not its to say.
            let whose = if check.id() == "common.freshness" { "who appraised" } else { "the policy" };
            text.push_str(&format!("  SKIP {}  {whose} says: {reason}\n", check.id()));
        }
    }
    if all {
        for check in verdict.checks() {
            text.push_str(&rest(check));
        }
    }
    text.push_str(&counts(verdict, all));
    if let Some(id) = ids.first() {
        text.push_str(&format!("; sealroom explain {id}"));
    }
    text.push('\n');
    for other in others {
        let ids: Vec<&str> = other.failed().map(Check::id).collect();
        text.push_str(&format!("  block \"{}\" failed {}\n", other.accept_block(), ids.join(", ")));
    }
    for item in appraised.fetched {
        if let Some(problem) = &item.problem {
            text.push_str(&format!("  not fetched: {}: {problem}\n", item.needed));
        }
    }
    if outcome == Outcome::Undecided {
        text.push_str(&match appraised.missing {
            [] => needs(appraised.needed),
            missing => listed("missing or ended", missing),
        });
    }
    text
}

fn headline(appraised: &Appraised<'_>, verdict: &Verdict, outcome: Outcome, exit: Exit) -> String {
    let word = match outcome {
        Outcome::Accepted => "ACCEPTED",
        Outcome::AcceptedWithWarnings => "ACCEPTED WITH WARNINGS",
        Outcome::Malformed => "MALFORMED",
        Outcome::Undecided => "UNDECIDED",
        Outcome::NotAuthentic => "NOT AUTHENTIC",
        Outcome::Refused => "REFUSED",
    };
    let platform = verdict.platform().map_or("no known platform's", |platform| platform.as_str());
    let anchor = match appraised.appraisal.as_ref().map(|result| result.trust_anchor().kind()) {
        Ok(AnchorKind::Simulated) => "  SIMULATED: no hardware protects anything".to_owned(),
        Ok(AnchorKind::Vouched { reason }) => {
            let reason: Vec<&str> = reason.split_whitespace().collect();
            format!("  VOUCHED by the policy's author: {}", reason.join(" "))
        }
        Ok(AnchorKind::Vendor(_)) | Err(_) => String::new(),
    };
    let out_of = if appraised.forms.is_empty() {
        String::new()
    } else {
        format!(", out of {}", appraised.forms.join(", then "))
    };
    let (code, path) = (exit.code(), appraised.path.display());
    format!("{word} (exit {code})  {platform} Evidence of {path}{out_of}{anchor}\n")
}

fn judged_by(appraised: &Appraised<'_>, verdict: &Verdict) -> String {
    let hash = short(&appraised.policy.hash(CryptoProvider::ring()).to_string());
    let mut line = format!("policy {} {hash}", appraised.policy_path.display());
    if !verdict.accept_block().is_empty() {
        let failed = verdict.failed().count();
        line.push_str(&match appraised.appraisal {
            Ok(_) => format!("  block \"{}\"", verdict.accept_block()),
            Err(_) => format!(
                "  closest block \"{}\" ({failed} of {} checks failed)",
                verdict.accept_block(),
                verdict.checks().len()
            ),
        });
    }
    format!("{line}  as of {}\n", time_text(appraised.at))
}

fn accepted(result: &AttestationResult) -> String {
    let until = match result.valid_until_unix_seconds() {
        u64::MAX => "no end is known".to_owned(),
        until => time_text(until),
    };
    format!("measurement {}\nhardware {}\nvalid until {until}\n", result.measurement(), result.hardware())
}

fn failed(check: &Check) -> String {
    let undecided = if check.is_undecided() { " (missing, or not current)" } else { "" };
    format!(
        "  FAIL {}{undecided}  {}\n       expected  {}\n       found     {}\n       do        {}\n",
        check.id(),
        check.definition().meaning,
        short(check.expected()),
        short(check.found()),
        check.hint()
    )
}

/// The lines that only `--all` shows.
fn rest(check: &Check) -> String {
    match check.status() {
        Status::Pass => format!("  pass {:<28} {}\n", check.id(), short(check.found())),
        Status::NotJudged { because } => format!("  not judged {:<22} since {because} failed\n", check.id()),
        Status::Fail | Status::Warn | Status::Skipped { .. } => String::new(),
    }
}

fn counts(verdict: &Verdict, all: bool) -> String {
    let skipped = verdict.checks().iter().filter(|check| matches!(check.status(), Status::Skipped { .. })).count();
    let unjudged = verdict.checks().iter().filter(|check| matches!(check.status(), Status::NotJudged { .. })).count();
    let held = verdict.held().saturating_sub(skipped);
    let mut text = format!("  {held} checks hold");
    if skipped > 0 {
        text.push_str(&format!(", {skipped} skipped"));
    }
    if unjudged > 0 {
        text.push_str(&format!(", {unjudged} not judged"));
    }
    if !all {
        text.push_str(" (--all lists them)");
    }
    text
}

/// The Endorsements that it takes, and how to bring them.
pub(super) fn needs(needed: &[Needed]) -> String {
    if needed.is_empty() {
        return String::new();
    }
    listed("an appraisal of this Evidence needs", needed)
}

fn listed(what: &str, needed: &[Needed]) -> String {
    let mut text = format!("  {what} (bring them with --endorsements, or give --online):\n");
    for item in needed {
        text.push_str(&format!("    {item}\n"));
    }
    text
}
