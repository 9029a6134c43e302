//! What the sources of other verifiers do about a check: read at a commit, in the files that verify, each with the place where
//! it was seen. Facts about others, so they stand with the page and not with the checks; where nothing stands, nobody looked.

mod common;
mod dcap;
mod nitro_cca;
mod sgx;
mod snp;
mod sources;
mod tdx;
mod tpm;

use core::fmt::Write as _;

pub(crate) use self::sources::{SOURCES, Source};

/// What a verifier does about a step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// It makes the step, whoever calls it.
    Does,
    /// Not in its code.
    LeavesOut,
    /// A part of it.
    InPart,
    /// When its caller gives what to compare with.
    Asked,
    /// It shows the value, for a policy outside its code to judge.
    Policy,
}

/// One verifier, one place.
pub(crate) struct Seen {
    pub(crate) source: &'static Source,
    pub(crate) how: How,
    /// File and symbol.
    pub(crate) place: (&'static str, &'static str),
    /// What of it, in our words.
    pub(crate) note: &'static str,
}

/// Checks by their ids here, and what was seen of them.
pub(crate) type Group = (&'static [&'static str], &'static [Seen]);

const fn does(source: &'static Source, file: &'static str, symbol: &'static str) -> Seen {
    Seen { source, how: How::Does, place: (file, symbol), note: "" }
}

const fn out(source: &'static Source, file: &'static str, symbol: &'static str, note: &'static str) -> Seen {
    Seen { source, how: How::LeavesOut, place: (file, symbol), note }
}

const fn part(source: &'static Source, file: &'static str, symbol: &'static str, note: &'static str) -> Seen {
    Seen { source, how: How::InPart, place: (file, symbol), note }
}

const fn asked(source: &'static Source, file: &'static str, symbol: &'static str) -> Seen {
    Seen { source, how: How::Asked, place: (file, symbol), note: "" }
}

const fn policy(source: &'static Source, file: &'static str, symbol: &'static str, note: &'static str) -> Seen {
    Seen { source, how: How::Policy, place: (file, symbol), note }
}

pub(crate) fn groups() -> impl Iterator<Item = &'static Group> {
    [common::SEEN, snp::SEEN, dcap::SEEN, tdx::SEEN, sgx::SEEN, nitro_cca::SEEN, tpm::SEEN].into_iter().flatten()
}

/// What was seen of this check, or nothing.
pub(crate) fn seen(id: &str) -> &'static [Seen] {
    groups().find(|(ids, _)| ids.contains(&id)).map_or(&[], |(_, seen)| *seen)
}

/// Those of a kind, with their places, as prose.
fn listed(id: &str, how: How) -> Option<String> {
    let mut text = String::new();
    for seen in seen(id).iter().filter(|seen| seen.how == how) {
        let separator = if text.is_empty() { "" } else { "; " };
        let (file, symbol) = seen.place;
        write!(text, "{separator}{} (`{symbol}` in `{file}`", seen.source.name).unwrap();
        text.push_str(if seen.note.is_empty() { "" } else { ": " });
        text.push_str(seen.note);
        text.push(')');
    }
    (!text.is_empty()).then_some(text)
}

/// Who leaves the check out, and who makes it, or `None` where nobody looked.
pub(crate) fn left_out_and_made(id: &str) -> Option<(String, String)> {
    if seen(id).is_empty() {
        return None;
    }
    let kinds = [
        ("", How::LeavesOut),
        ("In part: ", How::InPart),
        ("Where the caller asks: ", How::Asked),
        ("Left to a policy: ", How::Policy),
    ];
    let parts: Vec<_> =
        kinds.into_iter().filter_map(|(head, how)| Some(format!("{head}{}.", listed(id, how)?))).collect();
    let left_out = if parts.is_empty() { "none of those read.".to_owned() } else { parts.join(" ") };
    let made = listed(id, How::Does).unwrap_or_else(|| "none of those read".to_owned());
    Some((left_out, made))
}
