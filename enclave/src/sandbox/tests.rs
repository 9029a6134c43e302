//! The sandbox from inside: this test program starts itself again, and the child goes through [`enter`] and tries what
//! is forbidden.

use core::net::SocketAddr;
use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, getppid, kill_process};

use super::*;

/// Set in the processes that give everything up, so that no other ever does.
const CHILD: &str = "SEALROOM_SANDBOX_TEST_CHILD";

/// In a child: what [`enter`] says.
fn confined() -> Statement {
    assert!(std::env::var_os(CHILD).is_some(), "this test is run by another one, in a process of its own");
    enter().unwrap()
}

/// Runs one of the ignored tests below in a process of its own, on its main thread.
fn in_a_process(name: &str) -> Output {
    let this = std::env::current_exe().unwrap();
    let name = format!("sandbox::tests::{name}");
    Command::new(this)
        .env(CHILD, "")
        .args(["--exact", &name, "--ignored", "--nocapture", "--test-threads=1"])
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn log(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every attempt, with the answer that it got.
fn attempts(parent: Pid) -> Vec<(&'static str, ErrorKind)> {
    let answer = |result: io::Result<()>| result.map_or_else(|error| error.kind(), |()| ErrorKind::Other);
    vec![
        ("open a file", answer(File::open("/etc/hostname").map(drop))),
        ("make a file", answer(File::create("/tmp/sealroom-sandbox-test").map(drop))),
        ("list a directory", answer(std::fs::read_dir("/").map(drop))),
        ("remove a file", answer(std::fs::remove_file("/tmp/sealroom-sandbox-test"))),
        ("connect to the network", answer(TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], 9))).map(drop))),
        ("make a Unix socket", answer(UnixDatagram::unbound().map(drop))),
        ("make a pair of sockets", answer(UnixStream::pair().map(drop))),
        ("duplicate a descriptor", answer(rustix::io::dup(io::stderr()).map(drop).map_err(io::Error::from))),
        ("start a process", answer(Command::new("/bin/true").spawn().map(drop))),
        ("run a program", Command::new("/bin/true").exec().kind()),
        ("start a thread", answer(std::thread::Builder::new().spawn(|| ()).map(drop))),
        ("signal another process", answer(kill_process(parent, Signal::CONT).map_err(io::Error::from))),
        ("become dumpable again", answer(set_dumpable_behavior(DumpableBehavior::Dumpable).map_err(io::Error::from))),
        ("raise a limit", answer(limit(Resource::Nofile, 100))),
        ("ask the exact time", answer(clock().map(drop))),
    ]
}

/// The system call itself, not what the kernel maps into the process.
fn clock() -> io::Result<libc::timespec> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    #[expect(unsafe_code, reason = "the standard library asks the vDSO first")]
    // SAFETY: the pointer is to a timespec that lives as long as the call.
    let result = unsafe { libc::syscall(libc::SYS_clock_gettime, libc::CLOCK_REALTIME, &raw mut now) };
    if result == 0 { Ok(now) } else { Err(io::Error::last_os_error()) }
}

/// Asks for a page of memory with this protection.
fn map(protection: libc::c_int) -> io::Result<()> {
    #[expect(unsafe_code, reason = "the standard library maps no executable memory")]
    // SAFETY: an anonymous mapping at an address of the kernel's choice touches nothing that exists.
    let page =
        unsafe { libc::mmap(core::ptr::null_mut(), 4096, protection, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0) };
    if page == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[test]
#[ignore = "a process of its own, started by what_a_room_does_not_need_is_refused"]
fn child_that_tries() {
    let parent = getppid().unwrap();
    let statement = confined();
    let mut log = io::stderr();
    write!(log, "{statement}").unwrap();
    for (what, answer) in attempts(parent) {
        writeln!(log, "tried to {what}: {answer:?}").unwrap();
    }
    writeln!(log, "tried to map executable memory: {:?}", map(libc::PROT_READ | libc::PROT_EXEC).unwrap_err().kind())
        .unwrap();
    map(libc::PROT_READ | libc::PROT_WRITE).unwrap();
    // What a program needs still works: memory, random numbers (a hash map draws some), the log.
    let memory: HashMap<usize, Vec<u8>> = (0..100).map(|i| (i, vec![7; i * 10_000])).collect();
    writeln!(log, "works: {}", memory.values().map(Vec::len).sum::<usize>()).unwrap();
    std::process::exit(0);
}

#[test]
fn what_a_room_does_not_need_is_refused() {
    let output = in_a_process("child_that_tries");
    let log = log(&output);
    assert!(output.status.success(), "{log}");
    let tried: Vec<&str> = log.lines().filter(|line| line.starts_with("tried to ")).collect();
    assert_eq!(tried.len(), 16, "{log}");
    for line in tried {
        assert!(line.ends_with(": PermissionDenied"), "{line}");
    }
    assert!(log.contains("works: 49500000"), "{log}");
}

#[test]
#[ignore = "a process of its own, started by the_statement_says_what_was_dropped_and_whether_swap_is_on"]
fn child_that_says() {
    let statement = confined();
    write!(io::stderr(), "{statement}").unwrap();
    std::process::exit(0);
}

#[test]
fn the_statement_says_what_was_dropped_and_whether_swap_is_on() {
    let log = log(&in_a_process("child_that_says"));
    for what in
        ["new privileges", "inspection by other processes", "core files", "capabilities", "system calls for files"]
    {
        assert!(log.contains(&format!("dropped: {what}")), "{log}");
    }
    // Independently of the system call that the statement is made from.
    let swaps = std::fs::read_to_string("/proc/swaps").unwrap().lines().count() > 1;
    assert!(log.contains(if swaps { "swap: on" } else { "swap: off" }), "{log}");
}

#[cfg(target_arch = "x86_64")]
#[test]
#[ignore = "a process of its own, started by the_cycle_counter_is_gone_where_the_statement_says_so"]
fn child_that_counts() {
    let statement = confined();
    let gone = statement.dropped.contains(&Dropped::CycleCounter);
    writeln!(io::stderr(), "gone: {gone}").unwrap();
    #[expect(unsafe_code, reason = "there is no safe way to read the counter")]
    // SAFETY: every x86-64 processor has the instruction; where it is forbidden the process ends, which is what the
    // test looks for.
    let cycles = unsafe { core::arch::x86_64::_rdtsc() };
    writeln!(io::stderr(), "cycles: {cycles}").unwrap();
    std::process::exit(0);
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_cycle_counter_is_gone_where_the_statement_says_so() {
    let output = in_a_process("child_that_counts");
    let log = log(&output);
    assert_eq!(log.contains("gone: true"), output.status.signal() == Some(libc::SIGSEGV), "{log}");
    assert_eq!(log.contains("gone: false"), log.contains("cycles: "), "{log}");
}
