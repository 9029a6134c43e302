//! Starts an enclave: a child process that runs the sealed memory file, with an empty environment, no arguments and
//! five descriptors (0 and 1: nothing, 2: the log, 3: the host, 4: platform calls). It dies with the launcher.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::io::fcntl_dupfd_cloexec;
use rustix::net::{AddressFamily, SocketType, getsockname, sockopt};
use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};

use crate::error::Error;
use crate::image::Image;

/// The enclave's connection to the host.
const HOST: RawFd = 3;
/// The enclave's connection to the platform.
const CALLS: RawFd = 4;
/// Descriptors that the child gets are moved to this number or higher first, so that none stands where another must go.
const ASIDE: RawFd = 10;

/// A running enclave.
#[derive(Debug)]
#[non_exhaustive]
pub struct Enclave {
    /// The process.
    pub process: Child,
    /// The platform's end of its calls.
    pub calls: UnixStream,
}

/// Starts `image` with `host` as its connection to the host. The caller must not keep another copy of `host`, or the
/// host will not see the enclave's end.
///
/// # Errors
///
/// [`Error::NotASocket`] if `host` is not a connected Unix stream socket, [`Error::Start`] if the process does not
/// start.
pub fn start(image: &Image, host: OwnedFd) -> Result<Enclave, Error> {
    if !is_unix_stream(host.as_fd()) {
        return Err(Error::NotASocket);
    }
    spawn(image, &host).map_err(|source| Error::Start { source })
}

fn is_unix_stream(host: BorrowedFd<'_>) -> bool {
    let stream = sockopt::socket_type(host).is_ok_and(|found| found == SocketType::STREAM);
    let unix = getsockname(host).is_ok_and(|address| address.address_family() == AddressFamily::UNIX);
    let connected = rustix::net::getpeername(host).is_ok_and(|peer| peer.is_some());
    stream && unix && connected
}

fn spawn(image: &Image, host: &OwnedFd) -> io::Result<Enclave> {
    // The standard library's own pipe to the child, made while it spawns, must not land on descriptor 3 or 4.
    let _occupied = [occupy()?, occupy()?];
    let (calls, theirs) = UnixStream::pair()?;
    let descriptors = Descriptors {
        host: fcntl_dupfd_cloexec(host, ASIDE)?,
        calls: fcntl_dupfd_cloexec(&theirs, ASIDE)?,
        launcher: getpid(),
    };
    let program = fcntl_dupfd_cloexec(image, ASIDE)?;
    let mut command = Command::new(format!("/proc/self/fd/{}", program.as_raw_fd()));
    command.arg0("sealroom-enclave").env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    command.current_dir("/");
    #[expect(unsafe_code, reason = "what happens between fork and exec can only be said this way")]
    // SAFETY: `arrange` makes system calls only, without allocation or locks, so it may run in the child of a fork.
    unsafe {
        command.pre_exec(move || descriptors.arrange())
    };
    let process = command.spawn()?;
    Ok(Enclave { process, calls })
}

/// Takes the lowest free descriptors, up to 4, out of use.
fn occupy() -> io::Result<Vec<File>> {
    let mut taken = Vec::new();
    loop {
        let file = File::open("/dev/null")?;
        if file.as_raw_fd() > CALLS {
            return Ok(taken);
        }
        taken.push(file);
    }
}

/// What the child puts in place before it becomes the enclave.
struct Descriptors {
    host: OwnedFd,
    calls: OwnedFd,
    launcher: Pid,
}

impl Descriptors {
    /// Runs in the child, between fork and exec.
    fn arrange(&self) -> io::Result<()> {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        if getppid() != Some(self.launcher) {
            // The launcher died before the signal was armed.
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        duplicate(&self.host, HOST)?;
        duplicate(&self.calls, CALLS)?;
        close_on_exec_from(CALLS + 1)
    }
}

fn duplicate(from: &OwnedFd, to: RawFd) -> io::Result<()> {
    #[expect(unsafe_code, reason = "rustix has dup2 only onto descriptors that it owns")]
    // SAFETY: both arguments are plain numbers; nothing in this child owns what stands at `to` (see `occupy`).
    let result = unsafe { libc::dup2(from.as_raw_fd(), to) };
    if result == to { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Every descriptor from `first` on ends with exec: also those that this process inherited and knows nothing of.
fn close_on_exec_from(first: RawFd) -> io::Result<()> {
    let first = libc::c_uint::try_from(first).map_err(io::Error::other)?;
    let flags = libc::c_int::try_from(libc::CLOSE_RANGE_CLOEXEC).map_err(io::Error::other)?;
    #[expect(unsafe_code, reason = "rustix has no close_range")]
    // SAFETY: all arguments are plain numbers; marking descriptors close-on-exec does not close one that is in use.
    let result = unsafe { libc::close_range(first, libc::c_uint::MAX, flags) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
