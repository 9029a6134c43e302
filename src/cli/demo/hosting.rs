//! The host of the demo: a process of its own, that gets ciphertext and is asked to stop at the end.

use super::child::{Program, text};
use super::pieces::Pieces;
use super::story;
use crate::cli::exit::{Exit, Failure};
use crate::cli::typed;
use core::net::SocketAddr;
use core::time::Duration;
use sealroom::Card;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Instant;

/// How long the host may take to stop before it is killed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The running host.
#[derive(Debug)]
pub(super) struct Hosting {
    child: Child,
    folder: PathBuf,
}

impl Hosting {
    /// Writes the operator's configuration and starts a host that parties reach by the name `authority`. Gives where it
    /// listens, too.
    pub(super) fn start(
        program: &Program,
        folder: &Path,
        pieces: &Pieces,
        authority: SocketAddr,
    ) -> Result<(Self, SocketAddr), Failure> {
        let config = configuration(folder, pieces, authority)?;
        typed::write(&folder.join("host.toml"), config.as_bytes())?;
        let log =
            File::create(folder.join("log")).map_err(|source| Failure::local(format!("the host's log: {source}")))?;
        let mut command = program.command(folder, &["host", "serve", "--config", "host.toml"]);
        let child = command.stdout(Stdio::piped()).stderr(log).spawn();
        let child = child.map_err(|source| Failure::local(format!("the host's process: {source}")))?;
        let mut hosting = Self { child, folder: folder.to_owned() };
        let url = hosting.first_line()?;
        let address = url.strip_prefix("http://").and_then(|address| address.parse().ok());
        let address =
            address.ok_or_else(|| Failure::new(Exit::Malformed, format!("the host says it listens on {url}")))?;
        Ok((hosting, address))
    }

    fn first_line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        let stdout = self.child.stdout.take();
        if let Some(stdout) = stdout {
            let read = BufReader::new(stdout).read_line(&mut line);
            read.map_err(|source| Failure::local(format!("the host's process: {source}")))?;
        }
        let answer: Value = serde_json::from_str(&line).unwrap_or(Value::Null);
        match text(&answer, "/url") {
            Ok(url) => Ok(url.to_owned()),
            Err(_) => {
                let said = answer.pointer("/failure/message").and_then(Value::as_str).map(str::to_owned);
                let said = said.unwrap_or_else(|| self.log());
                Err(Failure::local(format!("the host did not start: {said}")))
            }
        }
    }

    /// Its process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it logged.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// The process of the enclave that it started last, by its log.
    pub(super) fn enclave_pid(&self) -> Option<u32> {
        let log = self.log();
        let line = log.lines().rfind(|line| line.contains("enclave started"))?;
        line.split("pid=").nth(1)?.split_whitespace().next()?.parse().ok()
    }

    /// Asks it to stop and waits.
    pub(super) fn stop(mut self) -> Result<(), Failure> {
        self.terminate();
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    return Err(Failure::local(format!("the host ended with {status}: {}", self.log())));
                }
                Ok(None) => std::thread::sleep(Duration::from_millis(50)),
                Err(source) => return Err(Failure::local(format!("the host's process: {source}"))),
            }
        }
        Err(Failure::local("the host does not stop"))
    }

    fn terminate(&self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // A process that is gone already needs no signal.
            let _gone = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }
}

impl Drop for Hosting {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// What the operator configures: where things are, and who may cause cost.
fn configuration(folder: &Path, pieces: &Pieces, authority: SocketAddr) -> Result<String, Failure> {
    let quoted = |path: &Path| -> Result<String, Failure> {
        let text = path.to_str().filter(|text| !text.contains(['"', '\\']) && !text.contains(char::is_control));
        text.map(|text| format!("\"{text}\""))
            .ok_or_else(|| Failure::local(format!("{}: a path with quotes", path.display())))
    };
    let mut config = format!(
        "listen = \"127.0.0.1:0\"\nnames = [\"{}\"]\nstore = {}\nstate = \"state\"\n\n\
         [platform]\nlauncher = {}\nimage = {}\nstate = \"platform\"\n",
        authority,
        quoted(Path::new(&format!("file://{}", folder.join("store").display())))?,
        quoted(&pieces.platform)?,
        quoted(&pieces.image)?
    );
    for name in story::parties() {
        let card = Card::load(&folder.with_file_name(name).join(format!("{name}.card")))?;
        config.push_str(&format!("\n[[allowed]]\nname = \"{name}\"\nsigning_key = \"{}\"\n", card.signing_key));
    }
    Ok(config)
}
