//! A witness's process, and what is sent to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// A running witness. Killed when it is dropped.
pub(crate) struct Served {
    child: Mutex<Child>,
    pub(crate) url: String,
}

impl Served {
    /// Starts `sealroom witness serve` with the key and state of a folder.
    pub(crate) fn start(folder: &Path, logs: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
        command.current_dir(folder).args([
            "--json",
            "witness",
            "serve",
            "--key",
            "witness.key",
            "--state",
            "witness.state",
        ]);
        command.args(["--listen", "127.0.0.1:0"]).args(logs.iter().flat_map(|log| ["--log", log]));
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Self { child: Mutex::new(child), url: said["url"].as_str().unwrap().to_owned() }
    }

    /// Kills it as `kill -9` does, while its requests may be under way.
    pub(crate) fn kill(&self) {
        self.child.lock().unwrap().kill().unwrap();
    }

    /// Posts a body. Status and answer; none where the connection broke.
    pub(crate) fn post(&self, path: &str, body: &str) -> Option<(u16, String)> {
        exchange(&self.url, "POST", path, body).ok().flatten()
    }

    /// Gets what is there.
    pub(crate) fn get(&self, path: &str) -> Option<(u16, String)> {
        exchange(&self.url, "GET", path, "").ok().flatten()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        drop(child.kill());
        drop(child.wait());
    }
}

fn exchange(url: &str, method: &str, path: &str, body: &str) -> std::io::Result<Option<(u16, String)>> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://"))?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: w\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer)?;
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return Ok(None) };
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(status.map(|status| (status, body.to_owned())))
}
