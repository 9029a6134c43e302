//! The real image under its launcher, seen from outside: what the kernel says of its process.

#![expect(clippy::unwrap_used, reason = "a panic is the failure report of a test")]

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A room's process and who started it.
struct Room {
    launcher: Child,
    host: UnixStream,
    pid: u32,
    state: PathBuf,
}

impl Room {
    /// Builds the image in the one place that does, and starts it.
    fn start(name: &str) -> Self {
        let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("build");
        let output = Command::new(build).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success());
        let paths = String::from_utf8(output.stdout).unwrap();
        let [platform, image] = paths.lines().collect::<Vec<_>>().try_into().unwrap();

        let state = std::env::temp_dir().join(format!("sealroom-confinement-{name}-{}", std::process::id()));
        let (host, theirs) = UnixStream::pair().unwrap();
        let mut launcher = Command::new(platform)
            .args(["run", "--image", image, "--state"])
            .arg(&state)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(launcher.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let pid = line.split(r#""pid":"#).nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
        Self { launcher, host, pid, state }
    }

    /// Waits until the image has said all of its statement, whose last line is on swap.
    fn statement(&mut self) -> Vec<String> {
        let log = BufReader::new(self.launcher.stderr.take().unwrap());
        let mut statement = Vec::new();
        for line in log.lines() {
            statement.push(line.unwrap());
            if statement.last().unwrap().contains("swap: ") {
                break;
            }
        }
        statement
    }

    fn proc(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.pid))
    }

    /// A line of the process's status.
    fn status(&self, name: &str) -> String {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap().trim().to_owned()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(self.launcher.kill());
        drop(self.launcher.wait());
        drop(fs::remove_dir_all(&self.state));
    }
}

#[test]
fn a_room_is_confined_before_the_host_has_said_anything() {
    let mut room = Room::start("confined");
    let statement = room.statement();
    for what in [
        "new privileges",
        "inspection by other processes",
        "core files",
        "capabilities",
        "descriptors but",
        "system calls for",
    ] {
        assert!(statement.iter().any(|line| line.contains(&format!("dropped: {what}"))), "{statement:?}");
    }
    // Not a byte was sent yet.
    assert_eq!(room.status("NoNewPrivs"), "1");
    assert_eq!(room.status("Seccomp"), "2", "a filter of system calls");
    assert_eq!(room.status("CapEff"), "0000000000000000");
    assert_eq!(room.status("CapPrm"), "0000000000000000");
    assert_eq!(room.status("Threads"), "1");
    let limits = fs::read_to_string(room.proc("limits"));

    // A process that is not dumpable belongs, in /proc, to the superuser: nobody else of the same user reads its memory
    // or descriptors.
    match fs::read_dir(room.proc("fd")) {
        Ok(entries) => {
            let mut descriptors: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            descriptors.sort();
            assert_eq!(descriptors, ["2", "3", "4"], "log, host, platform");
            let limits = limits.unwrap();
            let limit = |name: &str| {
                limits
                    .lines()
                    .find(|line| line.starts_with(name))
                    .unwrap()
                    .split_whitespace()
                    .rev()
                    .take(3)
                    .collect::<Vec<_>>()
            };
            assert_eq!(limit("Max core file size")[1..], ["0", "0"], "{limits}");
            assert_eq!(limit("Max open files")[1..], ["5", "5"], "{limits}");
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::PermissionDenied);
            assert_eq!(fs::read(room.proc("mem")).unwrap_err().kind(), ErrorKind::PermissionDenied);
        }
    }
    assert_eq!(fs::metadata(room.proc("fd")).unwrap().uid(), 0);
}

#[test]
fn a_room_ends_when_the_host_closes_its_connection() {
    let mut room = Room::start("ends");
    drop(room.statement());
    room.host.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(room.host.read(&mut [0]).unwrap(), 0);
    assert_eq!(room.launcher.wait().unwrap().code(), Some(0));
}
