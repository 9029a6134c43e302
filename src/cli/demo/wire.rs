//! The network between the parties and the host, with a tap on it: what goes over it is kept for the scan.
//!
//! What always holds: bytes are passed on as they are; the tap sees both directions.

use core::net::SocketAddr;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A listener on loopback whose connections are passed on to the host.
#[derive(Debug)]
pub(super) struct Wire {
    listener: TcpListener,
    address: SocketAddr,
    kept: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Wire {
    /// A port that nobody uses yet.
    pub(super) fn open() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, kept: Arc::default() })
    }

    /// Where parties connect.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Passes every connection on to the host, from now on and as long as this process runs.
    pub(super) fn connect(&self, host: SocketAddr) -> io::Result<()> {
        let (listener, kept) = (self.listener.try_clone()?, Arc::clone(&self.kept));
        drop(thread::spawn(move || {
            for party in listener.incoming().flatten() {
                if let Ok(host) = TcpStream::connect(host) {
                    // A connection that breaks is seen by both ends, which say so themselves.
                    drop(join(&party, &host, &kept));
                }
            }
        }));
        Ok(())
    }

    /// What went over it so far, one stream a direction of a connection.
    pub(super) fn kept(&self) -> Vec<Vec<u8>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn join(party: &TcpStream, host: &TcpStream, kept: &Arc<Mutex<Vec<Vec<u8>>>>) -> io::Result<()> {
    for (from, to) in [(party, host), (host, party)] {
        let (from, to, kept) = (from.try_clone()?, to.try_clone()?, Arc::clone(kept));
        let place = {
            let mut streams = kept.lock().unwrap_or_else(PoisonError::into_inner);
            streams.push(Vec::new());
            streams.len().saturating_sub(1)
        };
        drop(thread::spawn(move || pass(from, to, &kept, place)));
    }
    Ok(())
}

fn pass(mut from: TcpStream, mut to: TcpStream, kept: &Mutex<Vec<Vec<u8>>>, place: usize) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let bytes = match from.read(&mut buffer) {
            Ok(length) if length > 0 => buffer.get(..length).unwrap_or_default(),
            Ok(_) | Err(_) => break,
        };
        if let Some(stream) = kept.lock().unwrap_or_else(PoisonError::into_inner).get_mut(place) {
            stream.extend_from_slice(bytes);
        }
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    // The end of one direction; the other goes on. Where it is gone already there is nothing to end.
    drop(to.shutdown(Shutdown::Write));
}
