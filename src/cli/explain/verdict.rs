//! `sealroom explain FILE`: a verdict, each failed check explained.

use super::{check_json, check_text};
use crate::cli::evidence_file;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::refusal::short;
use sealroom::attestation::check_definition;
use serde_json::{Value, json};
use std::path::Path;

/// One line of a verdict, as far as it is there.
struct Line<'a> {
    id: &'a str,
    status: &'a str,
    expected: &'a str,
    found: &'a str,
    reason: &'a str,
}

pub(super) fn explain(path: &Path, output: Output) -> Result<(), Failure> {
    let malformed = |what: &dyn core::fmt::Display| {
        Failure::new(Exit::Malformed, format!("{}: {what}", path.display()))
            .hint("a verdict is what `sealroom appraise --json` prints")
    };
    let verdict: Value =
        serde_json::from_slice(&evidence_file::read_bytes(path)?).map_err(|error| malformed(&error))?;
    let checks = checks(&verdict).ok_or_else(|| malformed(&"expected a verdict with its checks, found other JSON"))?;
    let lines: Vec<Line<'_>> = checks.iter().filter_map(line).collect();
    if lines.len() != checks.len() || lines.is_empty() {
        return Err(malformed(&"expected checks with an id and a status each"));
    }
    let of = |status: &'static str| lines.iter().filter(move |line| line.status == status);
    let mut text = head(&verdict, &lines);
    for (word, status) in [("FAIL", "fail"), ("WARN", "warn")] {
        for line in of(status) {
            text.push_str(&format!(
                "\n{word} expected {}\n     found    {}\n",
                short(line.expected),
                short(line.found)
            ));
            text.push_str(&explained(line));
        }
    }
    let listed = |status| -> String { of(status).map(|line| format!("  {} ({})\n", line.id, line.reason)).collect() };
    for (title, status) in
        [("left out by the policy:", "skipped"), ("not judged, since another one failed before:", "not-judged")]
    {
        let listed = listed(status);
        if !listed.is_empty() {
            text.push_str(&format!("\n{title}\n{listed}"));
        }
    }
    let failed: Vec<Value> = of("fail").chain(of("warn")).map(json_of).collect();
    output.answer(json!({ "explained": failed }), text)
}

/// The checks, wherever a command puts them: in its answer or in its failure.
fn checks(verdict: &Value) -> Option<&Vec<Value>> {
    let places = ["/checks", "/failure/checks", "/verdict/checks", "/appraisal/checks"];
    places.into_iter().find_map(|place| verdict.pointer(place)?.as_array())
}

fn line(check: &Value) -> Option<Line<'_>> {
    let text = |field: &str| check.get(field).and_then(Value::as_str);
    Some(Line {
        id: text("id")?,
        status: text("status")?,
        expected: text("expected").unwrap_or_default(),
        found: text("actual").or_else(|| text("found")).unwrap_or_default(),
        reason: text("reason").unwrap_or_default(),
    })
}

fn head(verdict: &Value, lines: &[Line<'_>]) -> String {
    let count = |status: &str| lines.iter().filter(|line| line.status == status).count();
    let word = verdict.get("verdict").and_then(Value::as_str).unwrap_or("a verdict");
    let platform = verdict.get("platform").and_then(Value::as_str).unwrap_or_default();
    format!(
        "{word} {platform}: {} checks, {} pass, {} warn, {} fail, {} not judged, {} skipped\n",
        lines.len(),
        count("pass"),
        count("warn"),
        count("fail"),
        count("not-judged"),
        count("skipped"),
    )
}

fn explained(line: &Line<'_>) -> String {
    let unknown = || format!("{}\n  this Verifier has no such check: the verdict is of another version\n", line.id);
    check_definition(line.id).map_or_else(unknown, check_text)
}

fn json_of(line: &Line<'_>) -> Value {
    let definition = check_definition(line.id).map(check_json);
    json!({ "id": line.id, "status": line.status, "expected": line.expected, "actual": line.found, "check": definition })
}
