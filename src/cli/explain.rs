//! `sealroom explain`: a check, a vendor's status or code, or a whole verdict, in plain words.
//!
//! What always holds: what it says comes from the Verifier's own tables, so it can not drift from what is checked.

mod nearest;
mod outcome;
mod verdict;

use super::exit::Failure;
use super::output::Output;
use clap::Args;
use sealroom::attestation::{
    CheckDefinition, Outcome, Platform, VendorCode, VendorTable, check_definition, check_definitions,
    policy_warning_ids, vendor_codes, vendor_tables,
};
use serde_json::{Value, json};
use std::path::Path;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Takes a check's id, a warning's id of `policy lint`, a vendor's status or error code (by name, or by number: 0x16), a verdict's
word, or a file (- is standard input) with a verdict as `sealroom appraise --json` prints it, of which each failed check is explained.
Exits with 1 where nothing is called that; the nearest ids are offered.

Examples:
  sealroom explain snp.measurement
  sealroom explain OutOfDateConfigurationNeeded
  sealroom explain 0xe011
  sealroom explain undecided
  sealroom explain verdict.json
  sealroom appraise quote.bin --policy policy.toml --challenge 6f1c… --json | sealroom explain -"
)]
pub(crate) struct Typed {
    /// Check id, vendor's status or code, verdict's word, or verdict file
    #[arg(value_name = "WHAT")]
    what: String,
}

/// Explains.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let what = typed.what.trim();
    if let Some(check) = check_definition(what) {
        return output.answer(json!({ "explained": [check_json(check)] }), check_text(check));
    }
    if let Some((id, about)) = policy_warning_ids().iter().find(|(id, _)| *id == what) {
        let fields = json!({ "explained": [{ "kind": "warning", "id": id, "meaning": about }] });
        return output.answer(fields, format!("{id}  a warning of `sealroom policy lint`\n  {about}"));
    }
    if let Some(outcome) = outcome::named(what) {
        return output.answer(json!({ "explained": [outcome::json(outcome)] }), outcome::text(outcome));
    }
    let codes = vendor_codes(what);
    if !codes.is_empty() {
        let listed: Vec<Value> = codes.iter().map(|(table, code)| code_json(table, code)).collect();
        let text: Vec<String> = codes.iter().map(|(table, code)| code_text(table, code)).collect();
        return output.answer(json!({ "explained": listed }), text.join("\n"));
    }
    if what == "-" || Path::new(what).is_file() {
        return verdict::explain(Path::new(what), output);
    }
    Err(unknown(what))
}

/// A check as people read it.
fn check_text(check: &CheckDefinition) -> String {
    let CheckDefinition { id, step, claim, meaning, stops, hint, .. } = check;
    format!(
        "{id}
  holds when    {meaning}
  stops         {stops}
  if it fails   {hint}
  step          {}, of {}
  says          {} (AR4SI)
",
        step.as_str(),
        platforms(check).join(", "),
        claim.as_str(),
    )
}

fn check_json(check: &CheckDefinition) -> Value {
    json!({
        "kind": "check",
        "id": check.id,
        "meaning": check.meaning,
        "stops": check.stops,
        "hint": check.hint,
        "step": check.step.as_str(),
        "claim": check.claim.as_str(),
        "platforms": platforms(check),
    })
}

fn platforms(check: &CheckDefinition) -> Vec<&'static str> {
    let has = |platform: &Platform| platform.checks().iter().any(|listed| listed.id == check.id);
    let listed: Vec<_> = Platform::ALL.into_iter().filter(has).map(Platform::as_str).collect();
    // The one check that is made before the platform is known.
    if listed.is_empty() { vec!["every platform"] } else { listed }
}

fn code_text(table: &VendorTable, code: &VendorCode) -> String {
    let number = code.number.map(|number| format!("{number:#x} ")).unwrap_or_default();
    let VendorCode { name, meaning, hint, .. } = code;
    format!(
        "{number}{name}  {}\n  means         {meaning}\n  what to do    {hint}\n  source        {}\n",
        table.title, table.source
    )
}

fn code_json(table: &VendorTable, code: &VendorCode) -> Value {
    json!({
        "kind": "vendor-code",
        "number": code.number,
        "name": code.name,
        "meaning": code.meaning,
        "hint": code.hint,
        "table": table.title,
        "source": table.source,
    })
}

fn unknown(what: &str) -> Failure {
    let checks = check_definitions().map(|check| check.id);
    let warnings = policy_warning_ids().iter().map(|(id, _)| *id);
    let codes = vendor_tables().iter().flat_map(|table| table.codes.iter().map(|code| code.name));
    let outcomes = outcome::ALL.map(Outcome::as_str);
    let near = nearest::to(what, checks.chain(warnings).chain(codes).chain(outcomes));
    if what.to_ascii_uppercase().starts_with("INTEL-SA-") {
        return Failure::local(format!("{what} is an advisory of Intel's, whose text is not here"))
            .hint("read it at Intel's security center; a policy refuses it by `platform.rejected_advisories`");
    }
    Failure::local(format!("there is no check, status, code or verdict called {what}, and no such file"))
        .hint(format!("perhaps one of: {}", near.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_is_explained_with_the_platforms_that_have_it() {
        for check in check_definitions() {
            let text = check_text(check);
            assert!(text.contains(check.meaning) && text.contains(check.hint), "{}", check.id);
            assert!(!platforms(check).is_empty());
        }
        assert_eq!(platforms(check_definition("snp.measurement").unwrap()), ["amd-sev-snp", "azure-vtpm-snp"]);
    }

    #[test]
    fn what_is_unknown_is_answered_with_the_nearest() {
        let hint = unknown("snp.measurment").hint.unwrap();
        assert!(hint.starts_with("perhaps one of: snp.measurement"), "{hint}");
        let hint = unknown("OutOfDateConfigNeeded").hint.unwrap();
        assert!(hint.contains("OutOfDateConfigurationNeeded"), "{hint}");
    }
}
