//! Failures and checks, as people read them: failed checks first, with expected, found and what to do.
//!
//! What always holds: nothing but public values is shown.

use super::exit::{Exit, Failure};
use sealroom::RoomCheck;
use serde_json::{Value, json};
use std::fmt;

/// A failure as it is shown.
pub(crate) struct Shown<'a>(pub(crate) &'a Failure);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(failure) = self;
        let word = match failure.exit {
            Exit::NotAuthentic | Exit::Refused => "REFUSED  ",
            Exit::Undecided => "UNDECIDED  ",
            Exit::Done | Exit::Local | Exit::Malformed | Exit::Warnings => "",
        };
        writeln!(f, "{word}{}", failure.message)?;
        let failed: Vec<&RoomCheck> = failure.checks.iter().filter(|check| check.status == "fail").collect();
        for check in &failed {
            write_failed(f, check)?;
        }
        if let Some(hint) = &failure.hint {
            writeln!(f, "  {hint}")?;
        }
        let left = if failure.no_key_left { ", no key left this machine" } else { "" };
        let ending = format!("exit {}{left}", failure.exit.code());
        if failure.checks.is_empty() {
            return writeln!(f, "  {ending}");
        }
        let held = failure.checks.iter().filter(|check| check.holds()).count();
        let unjudged = failure.checks.len().saturating_sub(held).saturating_sub(failed.len());
        let unjudged = if unjudged > 0 { format!(", {unjudged} not judged") } else { String::new() };
        writeln!(f, "  {held} checks hold{unjudged} (sealroom appraise --all lists them); {ending}")
    }
}

fn write_failed(f: &mut fmt::Formatter<'_>, check: &RoomCheck) -> fmt::Result {
    let RoomCheck { id, expected, found, hint, .. } = check;
    writeln!(f, "  FAIL {id:<24} expected {}  found {}", short(expected), short(found))?;
    if hint.is_empty() { Ok(()) } else { writeln!(f, "  {:29} {hint}", "") }
}

/// Every check on a line of its own, failures first.
pub(crate) fn every(checks: &[RoomCheck]) -> String {
    let mut text = String::new();
    let failed = |check: &&RoomCheck| check.status == "fail";
    for check in checks.iter().filter(failed).chain(checks.iter().filter(|check| !failed(check))) {
        let mark = match check.status {
            "pass" => "✓",
            "skipped" => "–",
            "fail" => "✗",
            _ => "?",
        };
        let word = if check.status == "pass" { "" } else { check.status };
        text.push_str(&format!("  {mark} {:<28} {word:<10} {}\n", check.id, short(&check.found)));
    }
    text
}

/// The ids of all checks with a mark each, in lines of at most `width` characters.
pub(crate) fn compact(checks: &[RoomCheck], width: usize, indent: &str) -> String {
    let mut lines = String::new();
    let mut length = width;
    for check in checks {
        let mark = match check.status {
            "pass" => "✓",
            "skipped" => "–",
            _ => "✗",
        };
        let word = format!("{} {mark}  ", check.id);
        let word_length = word.chars().count();
        if length.saturating_add(word_length) > width {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(indent);
            length = 0;
        }
        lines.push_str(&word);
        length = length.saturating_add(word_length);
    }
    lines
}

/// The checks for programs.
pub(crate) fn json(checks: &[RoomCheck]) -> Vec<Value> {
    let of = |check: &RoomCheck| {
        let RoomCheck { id, status, expected, found, hint, .. } = check;
        json!({ "id": id, "status": status, "expected": expected, "found": found, "hint": hint })
    };
    checks.iter().map(of).collect()
}

/// A text with its long hexadecimal words cut, since nobody compares more than their beginning by eye.
pub(crate) fn short(text: &str) -> String {
    let digits = |word: &str| word.len() > 24 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let cut = |word: &str| {
        let bare = word.trim_end_matches([',', ';', '.', ':']);
        let tail = word.get(bare.len()..).unwrap_or_default();
        let (name, id) = bare.split_once(':').map_or(("", bare), |(name, id)| (name, id));
        if !digits(id) {
            return word.to_owned();
        }
        let colon = if name.is_empty() { "" } else { ":" };
        format!("{name}{colon}{}…{tail}", id.get(..8).unwrap_or_default())
    };
    text.split(' ').map(cut).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_digits_are_cut_and_words_are_not() {
        let digits = "ab".repeat(24);
        assert_eq!(short(&format!("sha384:{digits}, or {digits}.")), "sha384:abababab…, or abababab….");
        assert_eq!(short(&format!("object {digits}: VMPL 0 of 4")), "object abababab…: VMPL 0 of 4");
    }

    #[test]
    fn a_refusal_says_what_failed_first_and_that_no_key_left() {
        let mut failure =
            Failure::new(Exit::Refused, "the enclave is not one that the contract accepts").before_any_key();
        failure.hint = Some("ask the host".into());
        let shown = Shown(&failure).to_string();
        assert_eq!(
            shown,
            "REFUSED  the enclave is not one that the contract accepts\n  ask the host\n  exit 5, no key left this machine\n"
        );
    }
}
