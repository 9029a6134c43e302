//! The network of a host that cheats: it changes what the host answers, one kind of answer at a time.
//!
//! What always holds: what parties send arrives as they sent it, since it is signed; only answers are changed.

use core::fmt;
use core::net::SocketAddr;
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Changes the body of an answer.
type Edit = Box<dyn Fn(Vec<u8>) -> Vec<u8> + Send>;

/// A listener on loopback that passes requests on to the host, and answers back as it likes.
#[derive(Debug)]
pub(super) struct CheatingWire {
    listener: TcpListener,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// How paths end whose answers are changed, and how.
    cheat: Option<(&'static str, Edit)>,
    /// The last answer to each path, as the host gave it.
    answers: BTreeMap<String, Vec<u8>>,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("answers", &self.answers.len()).finish_non_exhaustive()
    }
}

impl CheatingWire {
    /// A port that nobody uses yet.
    pub(super) fn open() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, state: Arc::default() })
    }

    /// Where parties connect.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Passes every connection on to the host, from now on and as long as this process runs.
    pub(super) fn connect(&self, host: SocketAddr) -> io::Result<()> {
        let (listener, state) = (self.listener.try_clone()?, Arc::clone(&self.state));
        drop(thread::spawn(move || {
            for party in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                // A connection that breaks is seen by the party, which says so itself.
                drop(thread::spawn(move || drop(exchange(party, host, &state))));
            }
        }));
        Ok(())
    }

    /// From now on, changes answers to paths that end so.
    pub(super) fn cheat(&self, path_end: &'static str, edit: impl Fn(Vec<u8>) -> Vec<u8> + Send + 'static) {
        lock(&self.state).cheat = Some((path_end, Box::new(edit)));
    }

    /// From now on, changes nothing.
    pub(super) fn behave(&self) {
        lock(&self.state).cheat = None;
    }

    /// The last answer to a path that ends so.
    pub(super) fn answer(&self, path_end: &str) -> Option<Vec<u8>> {
        let state = lock(&self.state);
        state.answers.iter().find(|(path, _)| path.ends_with(path_end)).map(|(_, answer)| answer.clone())
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One request and its answer; then the connection ends.
fn exchange(mut party: TcpStream, host: SocketAddr, state: &Mutex<State>) -> io::Result<()> {
    let mut reader = BufReader::new(party.try_clone()?);
    let head = read_head(&mut reader)?;
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default().to_owned();
    let mut body = vec![0; length(&head)];
    reader.read_exact(&mut body)?;
    let mut host = TcpStream::connect(host)?;
    host.write_all(&message(&head, &body))?;
    let mut answering = BufReader::new(host);
    let head = read_head(&mut answering)?;
    let mut answer = Vec::new();
    answering.read_to_end(&mut answer)?;
    let answer = {
        let mut state = lock(state);
        state.answers.insert(path.clone(), answer.clone());
        match &state.cheat {
            Some((path_end, edit)) if path.ends_with(path_end) => edit(answer),
            Some(_) | None => answer,
        }
    };
    party.write_all(&message(&head, &answer))
}

/// The lines of a head, up to the empty one.
fn read_head(reader: &mut impl BufRead) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end() {
            "" => return Ok(lines),
            text => lines.push(text.to_owned()),
        }
    }
}

fn named(line: &str, name: &str) -> bool {
    line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name))
}

fn length(head: &[String]) -> usize {
    let line = head.iter().find(|line| named(line, "content-length"));
    line.and_then(|line| line.split_once(':')?.1.trim().parse().ok()).unwrap_or(0)
}

/// Head and body, with the body's length and no further message on this connection.
fn message(head: &[String], body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in head.iter().filter(|line| !named(line, "content-length") && !named(line, "connection")) {
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}
