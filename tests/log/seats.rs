//! Witnesses that hold a sealed store: processes of their own, one that lies, and ones that are down.

use crate::disk::{Cosigners, Disk, Step};
use crate::done;
use crate::life::{COUNTER, Life, log_key};
use crate::platform::Platform;
use crate::remote::Remote;
use crate::served::Served;
use sealroom::NoteKey;
use sealroom_enclave_core::sealed::{FreshnessLevel, WitnessRegister};
use sealroom_protocol::log::{AddCheckpoint, KeyUse, VerifierKey};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A place of one witness, whoever sits there.
pub(crate) struct Seat {
    folder: PathBuf,
    key: VerifierKey,
    log: String,
    served: Option<Served>,
    url: String,
}

impl Seat {
    /// A witness's key and folder. Nothing runs yet.
    pub(crate) fn new(folder: &Path, number: usize, log: &str) -> Self {
        let folder = folder.join(format!("witness-{number}"));
        std::fs::create_dir_all(&folder).unwrap();
        let name = format!("w.example/{number}");
        let made = done(&folder, &["witness", "keygen", "witness.key", "--name", &name]);
        let key = made["verifier_key"].as_str().unwrap().parse().unwrap();
        let mut seat = Self { folder, key, log: log.to_owned(), served: None, url: String::new() };
        seat.fall_silent();
        seat
    }

    /// `sealroom witness serve`, with what it remembers.
    pub(crate) fn serve(&mut self) {
        self.fall_silent();
        let served = Served::start(&self.folder, &[&self.log]);
        self.url.clone_from(&served.url);
        self.served = Some(served);
    }

    /// Killed as `kill -9` does.
    pub(crate) fn fall_silent(&mut self) {
        self.served = None;
        // Nobody listens there.
        "http://127.0.0.1:1".clone_into(&mut self.url);
    }

    /// Cosigns whatever it is shown from now on.
    pub(crate) fn lie(&mut self) {
        self.fall_silent();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        self.url = format!("http://{}", listener.local_addr().unwrap());
        let key = NoteKey::load(&self.folder.join("witness.key")).unwrap().witness().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = AddCheckpoint::decode(&body(&mut stream)).unwrap();
                let line = format!("{}\n", key.cosign(&request.checkpoint, sealroom::now()));
                let length = line.len();
                write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{line}")
                    .unwrap();
            }
        });
    }

    /// As `counter` takes it.
    pub(crate) fn argument(&self) -> String {
        format!("{}={}", self.url, self.key)
    }
}

/// The body of an HTTP request.
fn body(stream: &mut TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        let _ = reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    body
}

/// The platform of a folder; the program that it measures is a small file.
pub(crate) fn platform(folder: &Path) -> Platform {
    let program = folder.join("program");
    std::fs::write(&program, b"a program that counts").unwrap();
    Platform::open(&folder.join("platform"), &program).unwrap()
}

/// The key of the counter's log, made where there is none, as witnesses are told it.
pub(crate) fn told(folder: &Path, platform: &mut Platform) -> String {
    let nobody = Rc::new(Remote::new(Vec::new(), 0, 0).unwrap());
    let disk = Disk::open(&folder.join("disk"), nobody.clone(), quietly()).unwrap();
    let key = log_key(platform, &disk, &*nobody).unwrap().public();
    VerifierKey::new(&WitnessRegister::<Disk>::origin(&COUNTER), KeyUse::Log, key).unwrap().to_string()
}

/// A life of the counter on the disk of a folder.
pub(crate) fn life<'l>(
    folder: &Path,
    platform: &'l mut Platform,
    level: FreshnessLevel,
    remote: Remote,
    step: Step,
) -> Life<'l> {
    let remote: Rc<dyn Cosigners> = Rc::new(remote);
    let disk = Disk::open(&folder.join("disk"), Rc::clone(&remote), step).unwrap();
    Life::begin(disk, platform, level, &*remote).unwrap()
}

/// Nothing happens between the steps of a write.
pub(crate) fn quietly() -> Step {
    Rc::new(|| ())
}
