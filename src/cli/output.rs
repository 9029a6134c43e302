//! Where answers go: text for people, or one JSON value a command for programs.
//!
//! What always holds: standard output has the answer and nothing else; with `--json` it is one value of a versioned shape.

use super::exit::{Exit, Failure};
use super::refusal;
use serde_json::{Map, Value, json};
use std::fmt;
use std::io::{self, IsTerminal, Write};

/// The version of the JSON shape: `docs/cli.md`.
const SHAPE: u64 = 1;

/// How this command answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// As JSON.
    pub(crate) json: bool,
    /// The command, as typed.
    pub(crate) command: &'static str,
}

impl Output {
    /// The answer: `fields` for programs, `text` for people.
    pub(crate) fn answer(self, fields: Value, text: impl fmt::Display) -> Result<(), Failure> {
        if self.json { print(&self.shape(fields).to_string()) } else { print(&text.to_string()) }
    }

    /// What a person may want to know beside the answer. Programs do not get it.
    pub(crate) fn note(self, text: impl fmt::Display) {
        if !self.json {
            say(text);
        }
    }

    /// How a command failed. Gives the exit code.
    pub(crate) fn failed(self, failure: &Failure) -> Exit {
        if self.json {
            let fields = json!({
                "exit": failure.exit.code(),
                "message": failure.message,
                "hint": failure.hint,
                "checks": refusal::json(&failure.checks),
            });
            // Where standard output is gone, the exit code still says it.
            drop(print(&self.shape(json!({ "failure": fields })).to_string()));
        } else {
            say(refusal::Shown(failure));
        }
        failure.exit
    }

    fn shape(self, fields: Value) -> Value {
        let mut shape = Map::new();
        shape.insert("sealroom".into(), SHAPE.into());
        shape.insert("command".into(), self.command.into());
        if let Value::Object(fields) = fields {
            shape.extend(fields);
        }
        Value::Object(shape)
    }

    /// Whether a person can be asked. Answers come from standard input, questions go to standard error.
    pub(crate) fn can_ask() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks for a yes. Anything else is a no.
    pub(crate) fn ask(question: &str) -> Result<bool, Failure> {
        if !Self::can_ask() {
            return Err(Failure::local(format!("\"{question}\" could not be asked: this is no terminal"))
                .hint("give --yes to answer yes"));
        }
        let mut error = io::stderr().lock();
        let asked = write!(error, "{question} [y/N] ").and_then(|()| error.flush());
        asked.map_err(|source| Failure::local(format!("standard error: {source}")))?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map_err(|source| Failure::local(format!("standard input: {source}")))?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

/// To standard output, with a line end where there is none.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let text = &harmless(text);
    let mut out = io::stdout().lock();
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let printed =
        out.write_all(text.as_bytes()).and_then(|()| out.write_all(end.as_bytes())).and_then(|()| out.flush());
    printed.map_err(|source| Failure::local(format!("standard output: {source}")))
}

/// The same of bytes, which are no text: a terminal is asked to show none.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        return Err(
            Failure::local("standard output is a terminal, and these are bytes").hint("give -o FILE, or a pipe")
        );
    }
    let printed = out.write_all(bytes).and_then(|()| out.flush());
    printed.map_err(|source| Failure::local(format!("standard output: {source}")))
}

/// To standard error. If that is gone there is nobody to tell.
pub(crate) fn say(text: impl fmt::Display) {
    let text = harmless(&text.to_string());
    drop(writeln!(io::stderr().lock(), "{}", text.trim_end_matches('\n')));
}

/// The text without what steers a terminal or turns the reading direction. Line ends here are this program's own: a host's
/// words lose theirs when they are decoded, so that it paints no answer of its own.
fn harmless(text: &str) -> String {
    let steers = |character: char| {
        (character.is_control() && !matches!(character, '\n' | '\t'))
            || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|character| if steers(character) { '\u{fffd}' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_words_do_not_steer_the_terminal() {
        assert_eq!(harmless("ended\u{1b}[2J\rgranted\u{202e}"), "ended\u{fffd}[2J\u{fffd}granted\u{fffd}");
    }

    #[test]
    fn this_programs_own_lines_stay_lines() {
        assert_eq!(harmless("phase run\n\tstill to grant: …"), "phase run\n\tstill to grant: …");
    }
}
