//! Starting an enclave, end to end: this program is the host, and its own file is the image, so that what an image gets
//! and may ask is seen from inside. (It has no test harness: as an image it is started without arguments and must not
//! behave like one.)

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is the failure report of a test")]

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::SystemTime;

use sealroom_simulated_platform::{Image, Root};
use sha2::{Digest, Sha384};

mod support;
use support::Scratch;

fn main() {
    if std::env::args_os().next().is_some_and(|name| name == "sealroom-enclave") {
        return image();
    }
    let scratch = Scratch::new();
    // Each test's name, said when it has ended without a panic.
    macro_rules! run {
        ($($test:ident)*) => { $($test(&scratch); println!("test {} ... ok", stringify!($test));)* };
    }
    run! {
        an_image_gets_five_descriptors_no_environment_and_no_arguments
        the_line_names_process_measurement_and_anchor
        what_runs_is_what_was_measured_whatever_happens_to_the_file
        a_sealed_image_cannot_be_written
        evidence_binds_what_the_image_asked_for
        sealing_keys_come_back_to_the_same_image_only
        a_call_against_the_rules_ends_the_image
        an_enclave_that_nobody_hears_of_is_not_left_running
        an_image_dies_with_its_launcher
        the_launcher_ends_as_its_image_did
        only_a_connected_unix_stream_socket_is_taken_for_the_host
    }
}

// The image.

/// Does what the host says: one letter a command.
fn image() {
    let [mut host, mut platform] = [3, 4].map(|descriptor| {
        #[expect(unsafe_code, reason = "the launcher hands descriptors over by number")]
        // SAFETY: the launcher put a socket there and nothing else in this process owns it.
        let owned = unsafe { OwnedFd::from_raw_fd(descriptor) };
        UnixStream::from(owned)
    });
    let mut command = [0];
    while host.read_exact(&mut command).is_ok() {
        match command {
            [b'f'] => send(&mut host, facts().as_bytes()),
            [b'c'] => {
                // Whatever comes from the host goes to the platform, its answer to the host.
                platform.write_all(&receive(&mut host)).unwrap();
                let mut header = [0; 6];
                platform.read_exact(&mut header).unwrap();
                let mut body = vec![0; u32::from_be_bytes(header[2..].try_into().unwrap()).try_into().unwrap()];
                platform.read_exact(&mut body).unwrap();
                send(&mut host, &[header.as_slice(), &body].concat());
            }
            [b'q'] => {
                platform.write_all(&[[1, 1, 0, 0, 0, 64].as_slice(), &[0; 64]].concat().repeat(50)).unwrap();
                std::process::exit(0);
            }
            [b'7'] => std::process::exit(7),
            _ => std::process::abort(),
        }
    }
}

/// What an image can see of how it was started.
fn facts() -> String {
    let mut descriptors: Vec<String> = fs::read_dir("/proc/self/fd")
        .unwrap()
        .map(|entry| entry.unwrap())
        // The directory that is being listed has a descriptor too, which is gone afterwards.
        .filter_map(|entry| {
            Some(format!("{} {}", entry.file_name().display(), fs::read_link(entry.path()).ok()?.display()))
        })
        .filter(|line| !line.contains("/fd"))
        .map(|line| line.split(':').next().unwrap().to_owned())
        .collect();
    descriptors.sort();
    format!(
        "descriptors: {}\narguments: {:?}\nenvironment: {:?}\nfolder: {}\nprogram: {}\n",
        descriptors.join(", "),
        std::env::args().collect::<Vec<_>>(),
        std::env::vars().collect::<Vec<_>>(),
        std::env::current_dir().unwrap().display(),
        fs::read_link("/proc/self/exe").unwrap().display(),
    )
}

fn send(stream: &mut UnixStream, bytes: &[u8]) {
    stream.write_all(&u32::try_from(bytes.len()).unwrap().to_be_bytes()).unwrap();
    stream.write_all(bytes).unwrap();
}

fn receive(stream: &mut UnixStream) -> Vec<u8> {
    try_receive(stream).unwrap()
}

fn try_receive(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut bytes = vec![0; u32::from_be_bytes(length).try_into().unwrap()];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

// The host.

struct Started {
    launcher: Child,
    stdout: ChildStdout,
    enclave: UnixStream,
    line: String,
}

impl Started {
    fn new(scratch: &Scratch, image: &Path) -> Self {
        let (enclave, theirs) = UnixStream::pair().unwrap();
        let mut launcher =
            launcher(scratch, image).stdin(OwnedFd::from(theirs)).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = launcher.stdout.take().unwrap();
        let mut line = String::new();
        let mut byte = [0];
        while !line.ends_with('\n') && stdout.read(&mut byte).unwrap() == 1 {
            line.push(byte[0].into());
        }
        Self { launcher, stdout, enclave, line }
    }

    fn ask(&mut self, command: &[u8]) -> Vec<u8> {
        self.enclave.write_all(command).unwrap();
        receive(&mut self.enclave)
    }

    /// Has the image make this platform call.
    fn call(&mut self, kind: u8, body: &[u8]) -> Vec<u8> {
        self.enclave.write_all(b"c").unwrap();
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        send(&mut self.enclave, &[&[1, kind], length.as_slice(), body].concat());
        receive(&mut self.enclave)
    }

    fn pid(&self) -> u32 {
        let (_, rest) = self.line.split_once(r#""pid":"#).unwrap();
        rest.split(',').next().unwrap().parse().unwrap()
    }

    /// The launcher's exit code, after a look whether it said more than one line.
    fn end(mut self) -> Option<i32> {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
        self.launcher.wait().unwrap().code()
    }
}

fn launcher(scratch: &Scratch, image: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom-simulated-platform"));
    command.arg("run").arg("--image").arg(image).arg("--state").arg(scratch.path("state")).env("CANARY", "of the host");
    command
}

fn this() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// This program with other bytes behind its end, which change nothing but the measurement.
fn other_image(scratch: &Scratch, name: &str) -> PathBuf {
    let path = scratch.path(name);
    fs::copy(this(), &path).unwrap();
    OpenOptions::new().append(true).open(&path).unwrap().write_all(name.as_bytes()).unwrap();
    path
}

fn sha384(path: &Path) -> Vec<u8> {
    Sha384::digest(fs::read(path).unwrap()).to_vec()
}

// The tests.

fn an_image_gets_five_descriptors_no_environment_and_no_arguments(scratch: &Scratch) {
    // Descriptors that the launcher inherits and knows nothing of.
    let _inherited = [0; 20].map(|_| rustix::io::dup(io::stderr()).unwrap());
    let mut started = Started::new(scratch, &this());
    let facts = String::from_utf8(started.ask(b"f")).unwrap();
    let descriptors = facts.lines().next().unwrap();
    assert!(descriptors.starts_with("descriptors: 0 /dev/null, 1 /dev/null, 2 "), "{facts}");
    assert!(descriptors.ends_with(", 3 socket, 4 socket"), "{facts}");
    assert!(facts.contains("\narguments: [\"sealroom-enclave\"]\nenvironment: []\nfolder: /\n"), "{facts}");
    assert!(facts.contains("\nprogram: /memfd:sealroom-enclave"), "{facts}");
    drop(started.enclave.shutdown(std::net::Shutdown::Write));
    assert_eq!(started.end(), Some(0));
}

fn the_line_names_process_measurement_and_anchor(scratch: &Scratch) {
    let started = Started::new(scratch, &this());
    let anchor = Root::open(&scratch.path("state"), SystemTime::now()).unwrap().anchor();
    let (measurement, pid) = (hex::encode(sha384(&this())), started.pid());
    assert_eq!(started.line, format!("{{\"measurement\":\"{measurement}\",\"pid\":{pid},\"anchor\":\"{anchor}\"}}\n"));
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap();
    assert!(program.to_str().unwrap().starts_with("/memfd:sealroom-enclave"), "{program:?}");
}

fn what_runs_is_what_was_measured_whatever_happens_to_the_file(scratch: &Scratch) {
    let image = other_image(scratch, "replaced");
    let measured = sha384(&image);
    let mut started = Started::new(scratch, &image);
    fs::write(&image, b"something else").unwrap();
    assert_eq!(&started.call(1, &[9; 64])[10 + 0x90..][..48], measured);
    let running = fs::read(format!("/proc/{}/exe", started.pid())).unwrap();
    assert_eq!(Sha384::digest(running).to_vec(), measured);
}

fn a_sealed_image_cannot_be_written(scratch: &Scratch) {
    let started = Started::new(scratch, &this());
    // What another process of the same user could try while the image runs, and what its launcher could.
    let error = OpenOptions::new().write(true).open(format!("/proc/{}/exe", started.pid())).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ExecutableFileBusy);
    let image = Image::load(&this()).unwrap();
    let mut writable = fs::File::from(image.as_fd().try_clone_to_owned().unwrap());
    assert_eq!(writable.write(b"x").unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(writable.set_len(0).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
}

fn evidence_binds_what_the_image_asked_for(scratch: &Scratch) {
    let mut started = Started::new(scratch, &this());
    let answer = started.call(1, &[0xC4; 64]);
    assert_eq!(answer[..2], [1, 0x81]);
    let mut rest = &answer[6..];
    let mut parts = Vec::new();
    while let Some((length, tail)) = rest.split_at_checked(4) {
        let (part, tail) = tail.split_at(u32::from_be_bytes(length.try_into().unwrap()).try_into().unwrap());
        parts.push(part.to_vec());
        rest = tail;
    }
    let root = Root::open(&scratch.path("state"), SystemTime::now()).unwrap();
    let chain = root.certificates();
    assert_eq!(parts.len(), 5);
    assert_eq!([&parts[1], &parts[2], &parts[3]], [&chain.vcek, &chain.ask, &chain.ark]);
    let report = &parts[0];
    assert_eq!(report.len(), 1184);
    assert_eq!((&report[0x50..0x90], &report[0x90..0xC0]), ([0xC4; 64].as_slice(), sha384(&this()).as_slice()));
    // One enclave has one report id, another start of it another.
    let id = report[0x140..0x160].to_vec();
    assert_eq!(started.call(1, &[0; 64])[10 + 0x140..][..32], id);
    assert_ne!(Started::new(scratch, &this()).call(1, &[0; 64])[10 + 0x140..][..32], id);
}

fn sealing_keys_come_back_to_the_same_image_only(scratch: &Scratch) {
    let ask = |image: &Path, context| Started::new(scratch, image).call(2, context);
    let key = ask(&this(), b"one purpose");
    assert_eq!((&key[..6], key.len()), ([1, 0x82, 0, 0, 0, 32].as_slice(), 38));
    assert_eq!(ask(&this(), b"one purpose"), key);
    assert_ne!(ask(&this(), b"another purpose"), key);
    assert_ne!(ask(&other_image(scratch, "other"), b"one purpose"), key);
}

fn a_call_against_the_rules_ends_the_image(scratch: &Scratch) {
    for bad in [[1, 9, 0, 0, 0, 0], [2, 1, 0, 0, 0, 64], [1, 1, 0, 0, 0, 63], [1, 2, 0, 0, 1, 1]] {
        let mut started = Started::new(scratch, &this());
        started.enclave.write_all(b"c").unwrap();
        send(&mut started.enclave, &bad);
        assert_eq!(try_receive(&mut started.enclave).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(started.end(), Some(121));
    }
}

fn an_enclave_that_nobody_hears_of_is_not_left_running(scratch: &Scratch) {
    let (mut host, theirs) = UnixStream::pair().unwrap();
    let (closed, stdout) = io::pipe().unwrap();
    drop(closed);
    let output =
        launcher(scratch, &this()).stdin(OwnedFd::from(theirs)).stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
    assert_eq!(host.read(&mut [0]).unwrap(), 0);
    let output = output.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(120));
    assert!(String::from_utf8(output.stderr).unwrap().contains("killing the enclave: standard output: "));
}

fn an_image_dies_with_its_launcher(scratch: &Scratch) {
    let mut started = Started::new(scratch, &this());
    started.launcher.kill().unwrap();
    // The other end of its socket is closed by nobody but the kernel.
    assert_eq!(started.enclave.read(&mut [0]).unwrap(), 0);
    assert_eq!(started.end(), None);
}

fn the_launcher_ends_as_its_image_did(scratch: &Scratch) {
    // `q`: it asks for Evidence and does not wait for it, so that the answer meets a closed connection.
    for (command, code) in [(b"7", 7), (b"a", 128 + 6), (b"q", 0)] {
        let mut started = Started::new(scratch, &this());
        started.enclave.write_all(command).unwrap();
        assert_eq!(started.enclave.read(&mut [0]).unwrap(), 0);
        assert_eq!(started.end(), Some(code));
    }
}

fn only_a_connected_unix_stream_socket_is_taken_for_the_host(scratch: &Scratch) {
    let (datagram, _other) = UnixDatagram::pair().unwrap();
    let internet = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let file = fs::File::open(this()).unwrap();
    for stdin in [OwnedFd::from(datagram), internet.into(), file.into()] {
        let output = launcher(scratch, &this()).stdin(stdin).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(120), b"".as_slice()));
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(log.contains("standard input must be a connected Unix stream socket"), "{log}");
    }
    let (_host, theirs) = UnixStream::pair().unwrap();
    let output = launcher(scratch, &scratch.path("no such image")).stdin(OwnedFd::from(theirs)).output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(120), b"".as_slice()));
}
