//! `sealroom host serve`: a host, which carries what it cannot read.

use super::exit::{Exit, Failure};
use super::output::Output;
use clap::{Args, Subcommand, ValueEnum};
use sealroom_host::{Config, serve, termination};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Start enclaves, keep ciphertext and serve the HTTP API, until SIGINT or SIGTERM
    Serve(Serve),
}

/// What is typed for `serve`.
#[derive(Debug, Args)]
#[command(
    after_help = "The configuration: docs/hosts.md. The API: docs/http-api.md. When it listens, one line on standard output says where.

Example:
  sealroom host serve --config host.toml --log info"
)]
pub(crate) struct Serve {
    /// Configuration, TOML
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// What is logged to standard error
    #[arg(long, value_enum, default_value_t = Level::Info)]
    log: Level,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Level {
    /// Failures of the host
    Error,
    /// What an operator should look at
    Warn,
    /// Rooms, runs, starts and stops
    Info,
    /// Every HTTP request, without its query, headers and body
    Debug,
}

impl From<Level> for tracing_subscriber::filter::LevelFilter {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::ERROR,
            Level::Warn => Self::WARN,
            Level::Info => Self::INFO,
            Level::Debug => Self::DEBUG,
        }
    }
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Serve(_) => "host serve",
        }
    }

    /// Serves until it is told to stop.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        let Self::Serve(typed) = self;
        let config = Config::read(&typed.config).map_err(|error| Failure::new(Exit::Malformed, error))?;
        tracing_subscriber::fmt().with_max_level(typed.log).with_writer(std::io::stderr).with_ansi(false).init();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::local)?;
        runtime.block_on(async {
            let scheme = if config.tls.is_some() { "https" } else { "http" };
            let shutdown = termination().map_err(Failure::local)?;
            let serving = serve(config, shutdown).await.map_err(Failure::local)?;
            let url = format!("{scheme}://{}", serving.local_addr());
            output.answer(json!({ "url": url, "pid": std::process::id() }), format!("listening on {url}"))?;
            serving.stopped().await.map_err(Failure::local)
        })
    }
}
