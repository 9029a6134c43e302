//! `sealroom agent`: the client as a service at a party's site, which appraises and grants within the limits it was given.
//!
//! What always holds: its page is on a loopback address; the token is written to a file of mode 0600, and shown only to who
//! asks for it on this machine.

use super::exit::{Exit, Failure};
use super::output::{self, Output};
use super::typed::{self, PassphraseFlags, load_identity};
use clap::{Args, Subcommand};
use sealroom::{Agent, AgentConfig, AgentConfigError, AgentError, AgentPlan, agent_token, now};
use sealroom_protocol::contract::time_text;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Begin a configuration
    New(New),
    /// Say in plain words what an agent would do; starts nothing
    Check(Check),
    /// Appraise and grant unattended, until SIGINT or SIGTERM
    Run(Run),
    /// Print the address of the agent's page, with its token
    Page(Page),
}

/// What is typed for `new`.
#[derive(Debug, Args)]
#[command(
    after_help = "Prints a configuration that asks a person about every run; edit it, then: sealroom agent check. docs/agent.md has every key.

Example:
  sealroom agent new --as cleveland.key --contract heart.contract --host https://host.example > agent.toml"
)]
pub(crate) struct New {
    /// Key file of the party
    #[arg(long = "as", value_name = "KEY")]
    key: PathBuf,
    /// The signed contract
    #[arg(long, value_name = "FILE")]
    contract: PathBuf,
    /// The host
    #[arg(long, value_name = "URL")]
    host: String,
}

/// Which configuration.
#[derive(Debug, Args)]
struct ConfigFlags {
    /// Configuration, TOML
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFlags,
}

/// What is typed for `check`.
#[derive(Debug, Args)]
#[command(after_help = "Sends nothing, and does not touch the party's memory.

Example:
  sealroom agent check --config agent.toml")]
pub(crate) struct Check {
    #[command(flatten)]
    config: ConfigFlags,
}

/// What is typed for `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "When it listens, one line on standard output says where; the log, which has no data, goes to standard error. While it runs it has
the party's memory to itself. Stopping it grants nothing more and ends nothing that was granted; a stop of the contract is a button of its
page, or: sealroom stop.

Example:
  sealroom agent run --config agent.toml"
)]
pub(crate) struct Run {
    #[command(flatten)]
    config: ConfigFlags,
}

/// What is typed for `page`.
#[derive(Debug, Args)]
#[command(after_help = "Whoever has this address may decide for the party on this machine: show it to nobody.

Example:
  sealroom agent page --config agent.toml")]
pub(crate) struct Page {
    /// Configuration, TOML
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::New(_) => "agent new",
            Self::Check(_) => "agent check",
            Self::Run(_) => "agent run",
            Self::Page(_) => "agent page",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::New(typed) => new(typed, output),
            Self::Check(typed) => check(typed, output),
            Self::Run(typed) => run(typed, output),
            Self::Page(typed) => page(typed, output),
        }
    }
}

fn new(typed: &New, output: Output) -> Result<(), Failure> {
    let contract = typed::contract(&typed.contract)?;
    let terms = contract.terms();
    let quoted = |path: &Path| {
        let text = path.to_str().filter(|text| !text.contains(['"', '\\']) && !text.contains(char::is_control));
        let text = text.ok_or_else(|| Failure::local(format!("{}: a path with quotes", path.display())));
        text.map(|text| format!("\"{text}\""))
    };
    let absolute = |path: &Path| {
        let found = path.canonicalize();
        quoted(&found.map_err(|source| Failure::local(format!("{}: {source}", path.display())))?)
    };
    let mut text = format!(
        "# An agent for \"{}\". Every key: docs/agent.md. Before it starts: sealroom agent check\n\
         key = {}\n\
         state = \"agent\"\n\
         listen = \"127.0.0.1:7180\"\n\n\
         [[contract]]\n\
         file = {}\n\
         host = {}\n\
         approve = \"every run\"          # or \"requests\", or \"never\": then nobody is asked\n\
         # maximum_runs = {}             # stricter than the contract\n\
         # policy = \"own-policy.toml\"    # beside the contract's terms: sealroom policy new\n\
         poll_seconds = 5\n\
         grant_minutes = 60\n",
        terms.name,
        absolute(&typed.key)?,
        absolute(&typed.contract)?,
        quoted(Path::new(&typed.host))?,
        terms.limits.runs
    );
    if let Some(places) = &terms.cross_border {
        let (who, regions) = (&places.stated_by, places.host_regions.join("\" or \""));
        text.push_str(&format!(
            "# host_region = \"{regions}\"      # for \"{who}\" alone, who states it for every run\n"
        ));
    }
    output.answer(json!({ "contract": contract.id(), "config": text }), &text)
}

fn plan(flags: &ConfigFlags) -> Result<AgentPlan, Failure> {
    let config = AgentConfig::read(&flags.config)?;
    let identity = load_identity(&config.key, &flags.passphrase)?;
    Ok(AgentPlan::new(config, identity))
}

fn check(typed: &Check, output: Output) -> Result<(), Failure> {
    let plan = plan(&typed.config)?;
    let explained = plan.explain();
    match plan.unusable() {
        None => output.answer(json!({ "explained": explained }), explained),
        Some(error) => {
            output.note(explained);
            Err(Failure::from(error).hint("an agent would serve the other contracts and look at this one again"))
        }
    }
}

fn run(typed: &Run, output: Output) -> Result<(), Failure> {
    let listen = AgentConfig::read(&typed.config.config)?.listen;
    let plan = plan(&typed.config)?;
    let agent = Agent::open(plan, |line| output::say(format!("{} {line}", time_text(now()))))?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Failure::local)?;
    runtime.block_on(async {
        let shutdown = sealroom_host::termination().map_err(Failure::local)?;
        let of = |source: std::io::Error| Failure::local(format!("{listen}: {source}"));
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(of)?;
        let url = format!("http://{}", listener.local_addr().map_err(of)?);
        output.answer(json!({ "url": url, "pid": std::process::id() }), format!("listening on {url}"))?;
        Ok(agent.run(listener, shutdown).await?)
    })
}

fn page(typed: &Page, output: Output) -> Result<(), Failure> {
    let config = AgentConfig::read(&typed.config)?;
    let url = format!("http://{}/#token={}", config.listen, agent_token(&config.state)?);
    output.answer(json!({ "url": url }), &url)
}

impl From<AgentConfigError> for Failure {
    fn from(error: AgentConfigError) -> Self {
        match error {
            AgentConfigError::Read { .. } => Self::local(error),
            error => Self::new(Exit::Malformed, error).hint("docs/agent.md has every key"),
        }
    }
}

impl From<AgentError> for Failure {
    fn from(error: AgentError) -> Self {
        match error {
            AgentError::Contract { path, source } => {
                let mut failure = Self::from(source);
                failure.message = format!("{}: {}", path.display(), failure.message);
                failure
            }
            AgentError::Memory(error) => error.into(),
            AgentError::Host(error) => error.into(),
            AgentError::Policy { .. } => Self::new(Exit::Malformed, error),
            error => Self::local(error),
        }
    }
}
