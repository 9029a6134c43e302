//! The commands, one file each. Those of the Verifier build alone, with the feature `verify`; the others need parties, rooms and
//! hosts, which come with the feature `cli`.

mod appraise;
mod bundle;
mod completions;
#[cfg(feature = "cli")]
mod contract;
#[cfg(feature = "cli")]
mod demo;
mod diff;
#[cfg(feature = "cli")]
mod encrypt;
mod endorsements;
#[cfg(feature = "cli")]
mod errors;
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
mod witness;

use clap::{Parser, Subcommand};
use exit::{Exit, Failure};
use output::Output;
use std::process::ExitCode;

/// Parties who trust neither each other nor the machine compute together on data that none of them may see.
#[derive(Debug, Parser)]
#[command(name = "sealroom", version, disable_help_subcommand = true)]
#[command(after_help = "Begin with: sealroom demo

Exit codes: 0 done · 1 usage, or this machine failed · 2 malformed input · 3 could not decide (host unreachable, something missing)
            4 not authentic · 5 genuine, and refused by the contract or a party's memory · 6 warnings, with --fail-on warning")]
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
    /// Find out whether Evidence is what a policy accepts, or a room an enclave that the contract accepts
    #[command(visible_alias = "verify")]
    Appraise(appraise::Typed),
    /// Show what Evidence says, NOT VERIFIED
    Inspect(inspect::Typed),
    /// Put Evidence and all that its appraisal takes into one file
    Bundle(bundle::Typed),
    /// Work out what a platform will report for given files: the simulated one, SEV-SNP, AWS Nitro
    Measure(measure::Typed),
    /// Begin, check and read appraisal policies
    #[command(subcommand)]
    Policy(policy::Typed),
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
            Self::Bundle(_) => "bundle",
            Self::Measure(typed) => typed.name(),
            Self::Policy(typed) => typed.name(),
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
            Self::Bundle(typed) => bundle::run(typed, output)?,
            Self::Measure(typed) => typed.run(output)?,
            Self::Policy(typed) => return typed.run(output),
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
