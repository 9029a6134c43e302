//! The commands, one file each. Those of the Verifier build alone, with the feature `verify`; the others need parties, rooms and
//! hosts, which come with the feature `cli`.

#[cfg(feature = "cli")]
mod agent;
mod appraise;
mod bundle;
#[cfg(feature = "cli")]
mod cheating;
mod completions;
#[cfg(feature = "cli")]
mod contract;
#[cfg(feature = "cli")]
mod demo;
mod diff;
mod ear;
#[cfg(feature = "cli")]
mod encrypt;
mod endorsements;
#[cfg(feature = "cli")]
mod errors;
mod evidence;
mod evidence_file;
pub(crate) mod exit;
mod explain;
#[cfg(feature = "cli")]
mod grant;
#[cfg(feature = "cli")]
mod host;
mod inspect;
#[cfg(feature = "cli")]
mod keygen;
#[cfg(feature = "cli")]
mod log;
mod measure;
#[cfg(feature = "cli")]
mod open;
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "the Verifier's commands alone do not use all of it"))]
mod output;
#[cfg(feature = "cli")]
mod parties;
#[cfg(feature = "cli")]
mod party;
mod policy;
#[cfg(feature = "cli")]
mod progress;
#[cfg(feature = "cli")]
mod receipt;
#[cfg(feature = "cli")]
mod recovery;
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "the Verifier's commands alone do not use all of it"))]
mod refusal;
#[cfg(feature = "cli")]
mod remote;
mod replay;
#[cfg(feature = "cli")]
mod request;
#[cfg(feature = "cli")]
mod room;
mod runtime;
mod services;
#[cfg(feature = "cli")]
mod state;
#[cfg(feature = "cli")]
mod status;
#[cfg(feature = "cli")]
mod stop;
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "the Verifier's commands alone do not use all of it"))]
mod typed;
#[cfg(feature = "cli")]
mod upload;
#[cfg(feature = "cli")]
mod watch;
#[cfg(feature = "cli")]
mod witness;

use clap::{Parser, Subcommand};
use exit::{Exit, Failure};
use output::Output;
use std::process::ExitCode;

/// What this program is for: all of it, or the Verifier's commands alone.
const ABOUT: &str = if cfg!(feature = "cli") {
    "Parties who trust neither each other nor the machine compute together on data that none of them may see"
} else {
    "Appraise Evidence of every kind of trusted execution environment, offline, and see every check"
};
const AFTER_HELP: &str = if cfg!(feature = "cli") {
    "Begin with: sealroom demo

Exit codes: 0 done · 1 usage, or this machine failed · 2 malformed input · 3 could not decide (host unreachable, something missing)
            4 not authentic · 5 genuine, and refused by the contract or a party's memory · 6 warnings, with --fail-on warning"
} else {
    "Begin with: sealroom inspect EVIDENCE

Exit codes: 0 accepted, done · 1 usage, or this machine failed · 2 malformed input · 3 could not decide (something missing)
            4 not authentic · 5 genuine, and refused by the policy · 6 warnings, with --fail-on warning"
};

/// What is typed.
#[derive(Debug, Parser)]
#[command(name = "sealroom", version, disable_help_subcommand = true, about = ABOUT, after_help = AFTER_HELP)]
pub(crate) struct Typed {
    /// Answer in JSON, one value of a versioned shape (docs/cli.md)
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "cli")]
    #[command(flatten)]
    Party(parties::Command),
    #[cfg_attr(
        feature = "cli",
        doc = "Find out whether Evidence is what a policy accepts, or a room an enclave that the contract accepts"
    )]
    #[cfg_attr(not(feature = "cli"), doc = "Find out whether Evidence is what a policy accepts")]
    #[command(visible_alias = "verify")]
    Appraise(Box<appraise::Typed>),
    /// Show what Evidence says, NOT VERIFIED
    Inspect(inspect::Typed),
    /// Put the files in which tools leave a quote into one file of Evidence
    #[command(subcommand)]
    Evidence(evidence::Typed),
    /// Put Evidence and all that its appraisal takes into one file
    Bundle(bundle::Typed),
    /// Work out what a platform will report for given files: the simulated one, SEV-SNP, AWS Nitro
    Measure(measure::Typed),
    /// Begin, check and read appraisal policies
    #[command(subcommand)]
    Policy(policy::Typed),
    /// Read attestation results (EAR) that a Verifier signed
    #[command(subcommand)]
    Ear(ear::Typed),
    /// Explain a check, a vendor's status or code, or a verdict
    Explain(explain::Typed),
    /// Compare two Evidences, or Evidence with a policy, NOT VERIFIED
    Diff(diff::Typed),
    /// Replay an event log against a quote's registers
    Replay(replay::Typed),
    /// Fetch what an appraisal needs from the makers; show what a folder holds
    #[command(subcommand)]
    Endorsements(endorsements::Typed),
    /// Print a completion script for a shell
    Completions(completions::Typed),
}

impl Command {
    const fn name(&self) -> &'static str {
        match self {
            #[cfg(feature = "cli")]
            Self::Party(command) => command.name(),
            Self::Appraise(_) => "appraise",
            Self::Inspect(_) => "inspect",
            Self::Evidence(typed) => typed.name(),
            Self::Bundle(_) => "bundle",
            Self::Measure(typed) => typed.name(),
            Self::Policy(typed) => typed.name(),
            Self::Ear(typed) => typed.name(),
            Self::Explain(_) => "explain",
            Self::Diff(_) => "diff",
            Self::Replay(_) => "replay",
            Self::Endorsements(typed) => typed.name(),
            Self::Completions(_) => "completions",
        }
    }

    fn run(&self, output: Output) -> Result<Exit, Failure> {
        match self {
            #[cfg(feature = "cli")]
            Self::Party(command) => return command.run(output),
            Self::Appraise(typed) => return appraise::run(typed, output),
            Self::Inspect(typed) => inspect::run(typed, output)?,
            Self::Evidence(typed) => typed.run(output)?,
            Self::Bundle(typed) => bundle::run(typed, output)?,
            Self::Measure(typed) => typed.run(output)?,
            Self::Policy(typed) => return typed.run(output),
            Self::Ear(typed) => return typed.run(output),
            Self::Explain(typed) => explain::run(typed, output)?,
            Self::Diff(typed) => return diff::run(typed, output),
            Self::Replay(typed) => return replay::run(typed, output),
            Self::Endorsements(typed) => return typed.run(output),
            Self::Completions(typed) => completions::run(typed)?,
        }
        Ok(Exit::Done)
    }
}

/// Reads the command line, runs the command, says how it ended.
pub(crate) fn main() -> ExitCode {
    let typed = match Typed::try_parse() {
        Ok(typed) => typed,
        Err(error) => {
            // Help and version are answers, not errors.
            let exit = if error.use_stderr() { Exit::Local } else { Exit::Done };
            drop(error.print());
            return exit.into();
        }
    };
    let output = Output { json: typed.json, command: typed.command.name() };
    let exit = typed.command.run(output).unwrap_or_else(|failure| output.failed(&failure));
    exit.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    /// Every command that does something, with its words.
    fn commands() -> Vec<(String, clap::Command)> {
        let mut open = vec![(String::from("sealroom"), Typed::command())];
        let mut commands = Vec::new();
        while let Some((name, command)) = open.pop() {
            let inner: Vec<_> = command.get_subcommands().cloned().collect();
            if inner.is_empty() {
                commands.push((name, command));
            } else {
                open.extend(inner.into_iter().map(|inner| (format!("{name} {}", inner.get_name()), inner)));
            }
        }
        commands
    }

    #[test]
    fn every_command_has_flags_that_do_not_clash() {
        Typed::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example_of_itself() {
        for (name, mut command) in commands() {
            let help = command.render_long_help().to_string();
            let example =
                help.lines().any(|line| line.starts_with(&format!("  {name} ")) || line == format!("  {name}"));
            assert!(example, "{name} --help shows no example:\n{help}");
        }
    }

    /// What a part of the program has, its help must not send people to in the other.
    #[test]
    fn help_names_no_command_and_no_flag_that_this_program_has_not() {
        let mut open = vec![Typed::command()];
        let (mut names, mut flags, mut texts) =
            (Vec::new(), vec![String::from("help"), String::from("version")], Vec::new());
        names.extend(
            open.iter()
                .flat_map(clap::Command::get_subcommands)
                .flat_map(clap::Command::get_name_and_visible_aliases)
                .map(str::to_owned),
        );
        while let Some(mut command) = open.pop() {
            texts.push(command.render_long_help().to_string());
            flags.extend(command.get_arguments().filter_map(|argument| argument.get_long().map(str::to_owned)));
            open.extend(command.get_subcommands().cloned());
        }
        let word = |text: &str| {
            text.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '-').collect::<String>()
        };
        for text in &texts {
            for after in text
                .split("sealroom ")
                .skip(1)
                .filter(|after| after.starts_with(|letter: char| letter.is_ascii_lowercase()))
            {
                assert!(names.contains(&word(after)), "sealroom {} is not there:\n{text}", word(after));
            }
            // Other programs' flags are named too, but not in examples of this one.
            let examples = text.lines().filter(|line| line.starts_with("  sealroom "));
            for after in examples.flat_map(|line| line.split(" --").skip(1)) {
                assert!(flags.contains(&word(after)), "--{} is not there:\n{text}", word(after));
            }
        }
        let all = texts.concat();
        assert_eq!(all.contains("sealroom demo"), cfg!(feature = "cli"));
        assert_eq!(all.contains("--room"), cfg!(feature = "cli"));
    }

    #[test]
    fn every_command_and_exit_code_stands_in_its_document() {
        let document = include_str!("../../docs/cli.md");
        for (name, _) in commands() {
            let words: Vec<&str> = name.split(' ').skip(1).collect();
            let last = words.last().copied().unwrap_or_default();
            let named = [format!("`{last}"), format!("`{}", words.join(" "))];
            assert!(named.iter().any(|named| document.contains(named.as_str())), "docs/cli.md does not name {name}");
        }
        let exits = [
            Exit::Done,
            Exit::Local,
            Exit::Malformed,
            Exit::Undecided,
            Exit::NotAuthentic,
            Exit::Refused,
            Exit::Warnings,
        ];
        for (number, exit) in (0..).zip(exits) {
            assert_eq!(exit.code(), number);
            assert!(document.contains(&format!("\n| {number} | ")), "docs/cli.md does not explain exit code {number}");
        }
    }

    #[test]
    fn no_flag_takes_a_secret() {
        for (name, command) in commands() {
            for argument in command.get_arguments() {
                let id = argument.get_id().as_str();
                let pointer = matches!(id, "passphrase_file" | "passphrase_env");
                assert!(pointer || !id.contains("passphrase") && !id.contains("secret"), "{name}: {id}");
            }
        }
    }
}
