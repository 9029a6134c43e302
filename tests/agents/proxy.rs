//! A host behind somebody who answers some requests himself: a host that keeps things back.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

const BUSY: &[u8] = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// What is kept back, and what was seen.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Nobody is given Evidence.
    pub(crate) evidence: AtomicBool,
    /// No grant arrives.
    pub(crate) grants: AtomicBool,
    /// Grants that came by, kept back or not.
    pub(crate) grants_seen: AtomicU32,
}

/// Passes on to the host at this port. Gives the address to ask instead, and what to keep back.
pub(crate) fn proxy(port: u16) -> (String, Arc<Kept>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let kept = Arc::new(Kept::default());
    let told = Arc::clone(&kept);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let told = Arc::clone(&told);
            // Who asked may be gone.
            std::thread::spawn(move || drop(pass_on(stream.unwrap(), port, &told)));
        }
    });
    (url, kept)
}

fn pass_on(mut stream: TcpStream, port: u16, kept: &Kept) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            read => bytes.extend_from_slice(&piece[..read]),
        }
    }
    let end = bytes.windows(2).position(|end| end == b"\r\n").unwrap();
    let line = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let is = |path: &str| line.starts_with("POST ") && line.contains(path);
    if is("/grants") {
        let _ = kept.grants_seen.fetch_add(1, Ordering::SeqCst);
    }
    if is("/evidence") && kept.evidence.load(Ordering::SeqCst) || is("/grants") && kept.grants.load(Ordering::SeqCst) {
        return stream.write_all(BUSY);
    }
    let mut host = TcpStream::connect(("127.0.0.1", port))?;
    // One request a connection, so that each is looked at.
    host.write_all(&bytes[..end])?;
    host.write_all(b"\r\nConnection: close")?;
    host.write_all(&bytes[end..])?;
    let (mut from, mut to) = (stream.try_clone()?, host.try_clone()?);
    std::thread::spawn(move || drop(std::io::copy(&mut from, &mut to)));
    let _ = std::io::copy(&mut host, &mut stream)?;
    stream.shutdown(std::net::Shutdown::Both)
}
