//! The processes: a host, its enclaves, an agent for each hospital. Each can be killed without warning and started again.

use crate::image::built;
use crate::world::{HOSPITALS, STATES, World, free_port, platform_state};
use core::fmt::Write as _;
use core::time::Duration;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Instant;

/// How long anything may take that is waited for, on a machine that is busy with something else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until `probe` gives something.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not so within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A process of the program `sealroom` that serves something.
pub(crate) struct Served {
    child: Child,
    folder: PathBuf,
    arguments: Vec<String>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Served {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        Self { child: spawn(folder, &arguments), folder: folder.to_owned(), arguments }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without warning.
    pub(crate) fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Starts it again where it was.
    pub(crate) fn start_again(&mut self) {
        self.child = spawn(&self.folder, &self.arguments);
    }

    /// Asks it to stop, and gives whether it ended well.
    pub(crate) fn terminate(&mut self) -> bool {
        signal(self.pid(), Signal::TERM);
        until("a process that was asked to stop has ended", || self.child.try_wait().unwrap()).success()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

/// Starts the process and waits until it says that it listens.
fn spawn(folder: &Path, arguments: &[String]) -> Child {
    let log = folder.join("log");
    let begun = Instant::now();
    loop {
        let errors = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
        command.current_dir(folder).args(arguments).arg("--json").stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.stderr(errors).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, first) = channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            drop(BufReader::new(stdout).read_line(&mut line));
            drop(sender.send(line));
        });
        let line = first.recv_timeout(PATIENCE).unwrap_or_default();
        if line.contains("\"url\"") {
            return child;
        }
        drop(child.kill());
        drop(child.wait());
        // The port, or the lock on a file, may be its predecessor's for a moment.
        let log = std::fs::read_to_string(&log).unwrap_or_default();
        assert!(begun.elapsed() < PATIENCE, "{arguments:?} says {line:?}; its log ends {}", tail(&log));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The end of a log.
pub(crate) fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// The host of a world.
pub(crate) fn host(world: &World) -> Served {
    host_behind(world, "")
}

/// The same, which is asked by this other address too.
pub(crate) fn host_behind(world: &World, other: &str) -> Served {
    let folder = world.home("host");
    std::fs::create_dir(&folder).unwrap();
    let mut config = format!(
        "listen = \"127.0.0.1:{}\"\nstore = \"file://{}\"\nstate = \"state\"\n\
         [platform]\nlauncher = \"{}\"\nimage = \"{}\"\nstate = \"{}\"\n",
        world.port,
        folder.join("store").display(),
        built().0.display(),
        built().1.display(),
        platform_state().display()
    );
    if let Some(name) = other.strip_prefix("http://") {
        config = format!("names = [\"{name}\", \"127.0.0.1:{}\"]\n{config}", world.port);
    }
    for identity in world.identities() {
        let (name, key) = (identity.name(), identity.signing().public());
        writeln!(config, "[[allowed]]\nname = \"{name}\"\nsigning_key = \"{key}\"").unwrap();
        // Agents that look ten times a second, and rooms that are opened anew whenever one was killed.
        writeln!(config, "quota = {{ rooms = 64, requests_per_minute = 100000 }}").unwrap();
    }
    std::fs::write(folder.join("host.toml"), config).unwrap();
    Served::start(&folder, &["host", "serve", "--config", "host.toml"])
}

/// What one agent is told beyond what all are.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) approve: &'a str,
    /// More lines of each contract.
    pub(crate) more: &'a str,
}

/// An agent and where its page is.
pub(crate) struct AgentProcess {
    pub(crate) name: &'static str,
    pub(crate) served: Served,
    pub(crate) port: u16,
    pub(crate) state: PathBuf,
}

/// The agent of a hospital, for every contract of a world.
pub(crate) fn agent(world: &World, name: &'static str, told: Told<'_>) -> AgentProcess {
    let (home, port) = (world.home(name), free_port());
    let mut config = format!("key = \"party.key\"\nstate = \"agent\"\nlisten = \"127.0.0.1:{port}\"\n");
    for agreed in &world.agreed {
        let (file, host) = (agreed.file.display(), world.url());
        // Four contracts and four agents that look ten times a second would keep a small machine busy with looks.
        let poll = if world.agreed.len() > 3 { 0.25 } else { 0.1 };
        write!(config, "\n[[contract]]\nfile = \"{file}\"\nhost = \"{host}\"\npoll_seconds = {poll}\n").unwrap();
        writeln!(config, "approve = \"{}\"\n{}", told.approve, told.more).unwrap();
        if name == STATES.0 {
            writeln!(config, "host_region = \"{}\"", STATES.1).unwrap();
        }
    }
    std::fs::write(home.join("agent.toml"), config).unwrap();
    let served = Served::start(&home, &["agent", "run", "--config", "agent.toml"]);
    AgentProcess { name, served, port, state: home.join("agent") }
}

/// An agent for every hospital.
pub(crate) fn agents(world: &World, told: Told<'_>) -> Vec<AgentProcess> {
    HOSPITALS.iter().map(|(name, _)| agent(world, name, told)).collect()
}

pub(crate) fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    // One that is gone already needs no signal.
    let _ = kill_process(pid, signal);
}

/// The processes that this one started and that run, by the system's word.
pub(crate) fn children(parent: u32) -> Vec<u32> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{parent}/task")) else { return Vec::new() };
    let of_task = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
    let children = tasks.flatten().map(of_task).collect::<Vec<_>>().join(" ");
    children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Milliseconds that a process had a processor until now.
pub(crate) fn processor(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may have spaces. Times are the 14th and 15th field, in hundredths of a second (USER_HZ).
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some((ticks(11)? + ticks(12)?) * 10)
}

/// Memory that a process holds, in KiB.
pub(crate) fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}
