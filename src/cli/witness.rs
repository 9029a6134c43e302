//! `sealroom witness`: cosign logs that only grow.

use super::exit::Failure;
use super::log::verifier_key;
use super::output::Output;
use clap::{Args, Subcommand};
use core::net::SocketAddr;
use sealroom::{NoteKey, Witness, WitnessError, serve_witness};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Make a witness's key
    Keygen(Keygen),
    /// Answer logs that ask for cosignatures, until SIGINT or SIGTERM
    Serve(Serve),
}

/// What is typed for `keygen`.
#[derive(Debug, Args)]
#[command(after_help = "Prints the verifier key, which others take with --witness. It is no party's key.

Example:
  sealroom witness keygen witness.key --name witness.example/w1")]
pub(crate) struct Keygen {
    /// Where it goes
    file: PathBuf,
    /// The witness's name: a URL without its scheme, which need not be reachable
    #[arg(long, value_name = "NAME")]
    name: String,
}

/// What is typed for `serve`.
#[derive(Debug, Args)]
#[command(
    after_help = "Speaks c2sp.org/tlog-witness: POST /add-checkpoint, and GET /SHA-256 OF THE ORIGIN/checkpoint. Without TLS: put it behind what
has some. When it listens, one line on standard output says where. Never start a key with an old copy of its state: it would cosign a
history that contradicts what it has forgotten.

Example:
  sealroom witness serve --key witness.key --state witness.state --log \"$LOG_KEY\" --listen 127.0.0.1:7070"
)]
pub(crate) struct Serve {
    /// The witness's key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// What it remembers; made where there is none
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// A log that it cosigns: its verifier key. Again for each
    #[arg(long, value_name = "KEY")]
    log: Vec<String>,
    /// Where it listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7070")]
    listen: SocketAddr,
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Keygen(_) => "witness keygen",
            Self::Serve(_) => "witness serve",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Keygen(typed) => keygen(typed, output),
            Self::Serve(typed) => serve(typed, output),
        }
    }
}

fn keygen(typed: &Keygen, output: Output) -> Result<(), Failure> {
    let key = NoteKey::for_witness(&typed.name, &mut sealroom::random())?;
    key.save(&typed.file)?;
    let verifier = key.witness()?.verifier().to_string();
    let file = typed.file.display().to_string();
    output.answer(json!({ "file": file, "verifier_key": verifier }), verifier)
}

fn serve(typed: &Serve, output: Output) -> Result<(), Failure> {
    let signer = NoteKey::load(&typed.key)?.witness()?;
    let logs = typed.log.iter().map(|text| verifier_key(text)).collect::<Result<Vec<_>, _>>()?;
    let witness = Witness::open(&typed.state, signer, logs)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::local)?;
    runtime.block_on(async {
        let shutdown = sealroom_host::termination().map_err(Failure::local)?;
        let of = |source: std::io::Error| Failure::local(format!("{}: {source}", typed.listen));
        let listener = tokio::net::TcpListener::bind(typed.listen).await.map_err(of)?;
        let url = format!("http://{}", listener.local_addr().map_err(of)?);
        let key = witness.verifier().to_string();
        output.answer(
            json!({ "url": url, "pid": std::process::id(), "verifier_key": key }),
            format!("listening on {url}"),
        )?;
        serve_witness(witness, listener, shutdown).await.map_err(of)
    })
}

impl From<WitnessError> for Failure {
    fn from(error: WitnessError) -> Self {
        Self::local(error)
    }
}
