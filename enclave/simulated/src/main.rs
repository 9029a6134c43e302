//! UNTRUSTED. The command that a host runs to start an enclave on the simulated platform. See
//! `docs/platforms/simulated.md`.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, ExitStatus};
use std::time::SystemTime;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use sealroom_simulated_platform::{
    Enclave, Error, Image, Request, Root, read_request, start, write_evidence, write_sealing_key,
};

const USAGE: &str = "usage:
  sealroom-simulated-platform run --state DIR --image FILE     start an enclave; stdin is the host's Unix stream socket
  sealroom-simulated-platform anchor --state DIR [--certificate FILE]
                                                               print the root's fingerprint; also write its certificate (DER)
  sealroom-simulated-platform measure FILE                     print the measurement of an image";

/// Wrong arguments.
const EXIT_USAGE: u8 = 2;
/// The enclave was not started, or another command failed.
const EXIT_FAILED: u8 = 120;
/// The enclave broke the framing of the platform calls.
const EXIT_BAD_CALL: u8 = 121;

/// What was asked for.
enum Command {
    Run { state: PathBuf, image: PathBuf },
    Anchor { state: PathBuf, certificate: Option<PathBuf> },
    Measure { image: PathBuf },
}

fn main() -> ExitCode {
    let Some(command) = parse(std::env::args_os().skip(1)) else {
        say(USAGE);
        return EXIT_USAGE.into();
    };
    let outcome = match command {
        Command::Run { state, image } => run(&state, &image),
        Command::Anchor { state, certificate } => anchor(&state, certificate.as_deref()),
        Command::Measure { image } => measure(&image),
    };
    outcome.unwrap_or_else(|error| {
        say(&error.to_string());
        EXIT_FAILED.into()
    })
}

fn parse(arguments: impl Iterator<Item = OsString>) -> Option<Command> {
    let arguments: Vec<OsString> = arguments.collect();
    let (command, rest) = arguments.split_first()?;
    match (command.to_str()?, rest) {
        ("measure", [image]) => Some(Command::Measure { image: image.into() }),
        ("run", rest) => {
            let [state, image] = options(rest, ["--state", "--image"])?;
            Some(Command::Run { state: state?, image: image? })
        }
        ("anchor", rest) => {
            let [state, certificate] = options(rest, ["--state", "--certificate"])?;
            Some(Command::Anchor { state: state?, certificate })
        }
        _ => None,
    }
}

/// The values of two options, each given at most once, in any order. `None` for anything else.
fn options(mut rest: &[OsString], names: [&str; 2]) -> Option<[Option<PathBuf>; 2]> {
    let [mut first, mut second] = [None, None];
    while let [name, value, others @ ..] = rest {
        let place = match names.iter().position(|one| name == one)? {
            0 => &mut first,
            _ => &mut second,
        };
        if place.replace(PathBuf::from(value)).is_some() {
            return None;
        }
        rest = others;
    }
    rest.is_empty().then_some([first, second])
}

fn measure(image: &Path) -> Result<ExitCode, Error> {
    print(&Image::measure(image)?.to_string())?;
    Ok(ExitCode::SUCCESS)
}

fn anchor(state: &Path, certificate: Option<&Path>) -> Result<ExitCode, Error> {
    let root = Root::open(state, SystemTime::now())?;
    if let Some(path) = certificate {
        std::fs::write(path, &root.certificates().ark).map_err(|source| Error::State {
            action: "write",
            path: path.to_owned(),
            source,
        })?;
    }
    print(&root.anchor())?;
    Ok(ExitCode::SUCCESS)
}

fn run(state: &Path, image: &Path) -> Result<ExitCode, Error> {
    // This process holds the keys: other processes of the same user may not read its memory.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|errno| Error::Start { source: errno.into() })?;
    let host = take_stdin().map_err(|source| Error::Start { source })?;
    let now = SystemTime::now();
    let root = Root::open(state, now)?;
    let revocation_list = root.revocation_list(now)?;
    let image = Image::load(image)?;
    let mut report_id = [0; 32];
    getrandom::fill(&mut report_id).map_err(|_| Error::Randomness)?;

    let Enclave { mut process, mut calls, .. } = start(&image, host)?;
    let pid = process.id();
    let line = format!(r#"{{"measurement":"{}","pid":{pid},"anchor":"{}"}}"#, image.measurement(), root.anchor());
    let served = print(&line).and_then(|()| serve(&root, &image, report_id, &revocation_list, &mut calls));
    // An enclave that is gone, or has closed its end, is not one that broke the rules: it ends, or goes on, as it
    // wants.
    if let Err(error) = served.or_else(|error| if matches!(error, Error::Call { .. }) { Ok(()) } else { Err(error) }) {
        say(&format!("killing the enclave: {error}"));
        process.kill().map_err(|source| Error::Start { source })?;
        process.wait().map_err(|source| Error::Start { source })?;
        let code = if matches!(error, Error::Output { .. }) { EXIT_FAILED } else { EXIT_BAD_CALL };
        return Ok(code.into());
    }
    let status = process.wait().map_err(|source| Error::Start { source })?;
    Ok(exit_code(status).into())
}

/// Answers the enclave's calls until it closes its end.
fn serve(
    root: &Root,
    image: &Image,
    report_id: [u8; 32],
    revocation_list: &[u8],
    calls: &mut UnixStream,
) -> Result<(), Error> {
    let chain = root.certificates();
    while let Some(request) = read_request(calls)? {
        match request {
            Request::Evidence { report_data } => {
                let report = root.report(image.measurement(), report_data, report_id);
                write_evidence(calls, [&report, &chain.vcek, &chain.ask, &chain.ark, revocation_list])?;
            }
            Request::SealingKey { context } => {
                write_sealing_key(calls, &root.sealing_key(&image.measurement(), &context))?;
            }
        }
    }
    Ok(())
}

/// Takes the socket from standard input, where nothing remains of it.
fn take_stdin() -> io::Result<std::os::fd::OwnedFd> {
    let host = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 10)?;
    rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
    Ok(host)
}

/// The enclave's own code, or 128 and the signal that ended it, as shells say it.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(EXIT_FAILED)
}

fn print(line: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(|source| Error::Output { source })
}

/// To the log. If that is gone there is nobody to tell.
fn say(line: &str) {
    drop(writeln!(io::stderr().lock(), "sealroom-simulated-platform: {line}"));
}
