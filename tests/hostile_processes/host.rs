//! The host's process, on one folder and one port for all of its lives.

use crate::image::built;
use core::time::Duration;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};
use sealroom::{HostOptions, Identity};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A host that runs.
pub(crate) struct HostProcess {
    child: Child,
    folder: PathBuf,
    port: u16,
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl HostProcess {
    /// Starts one in `folder`, which it makes.
    pub(crate) fn start(folder: PathBuf, platform: &Path, allowed: &[&Identity]) -> Self {
        std::fs::create_dir(&folder).unwrap();
        // A port that nobody uses; it is kept for every life, so that signed requests keep naming the same host.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut config = format!(
            "listen = \"127.0.0.1:{port}\"\nnames = [\"127.0.0.1:{port}\"]\nstore = \"file://{}\"\nstate = \"state\"\n\
             [platform]\nlauncher = \"{}\"\nimage = \"{}\"\nstate = \"{}\"\n",
            folder.join("store").display(),
            built().0.display(),
            built().1.display(),
            platform.display()
        );
        for identity in allowed {
            let (name, key) = (identity.name(), identity.signing().public());
            config.push_str(&format!(
                "[[allowed]]\nname = \"{name}\"\nsigning_key = \"{key}\"\nquota = {{ requests_per_minute = 1000000, rooms = 16 }}\n"
            ));
        }
        std::fs::write(folder.join("host.toml"), config).unwrap();
        let child = spawn(&folder);
        Self { child, folder, port }
    }

    /// Kills it without warning.
    pub(crate) fn kill(&mut self) {
        drop(self.child.kill());
        self.child.wait().unwrap();
    }

    /// Whether it was killed.
    pub(crate) fn is_gone(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Starts the next one on what the last one left.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(&self.folder);
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn options(&self) -> HostOptions {
        let mut options = HostOptions::new(self.url());
        options.timeout = PATIENCE;
        options.exchange_timeout = PATIENCE;
        options.run_timeout = PATIENCE;
        options
    }

    /// Kills the enclave that it started last, by its log; it may be gone.
    pub(crate) fn kill_enclave(&self) {
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap();
        let Some(line) = log.lines().rfind(|line| line.contains("enclave started")) else { return };
        let pid = line.split("pid=").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap();
        let killed = kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL);
        assert!(matches!(killed, Ok(()) | Err(Errno::SRCH)), "{killed:?}");
    }
}

/// Waits until `probe` says that it is so.
#[track_caller]
pub(crate) fn until(what: &str, mut probe: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !probe() {
        assert!(begun.elapsed() < PATIENCE, "not so within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn spawn(folder: &Path) -> Child {
    let log = folder.join("log");
    let mut child = Command::new(env!("CARGO_BIN_EXE_sealroom"))
        .current_dir(folder)
        .args(["host", "serve", "--config", "host.toml", "--log", "info", "--json"])
        .stdout(Stdio::piped())
        .stderr(std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("url"), "the host says {line:?}; its log: {}", std::fs::read_to_string(&log).unwrap());
    child
}
