//! Connections of the page: how many at once, and for how long.
//!
//! What always holds: a connection serves one request; one whose headers do not come, or that takes too long for anything, is
//! dropped; where there are too many, the oldest makes place, so whoever holds connections open keeps no person from a stop.

use axum::Router;
use core::time::Duration;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::collections::VecDeque;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// How connections are bounded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// At once.
    pub(super) connections: usize,
    /// How long the headers of a request may take.
    pub(super) headers: Duration,
    /// How long all of a connection may take.
    pub(super) whole: Duration,
}

/// Those of an agent's page: a person, and what reads the metrics.
pub(super) const BOUNDS: Bounds =
    Bounds { connections: 32, headers: Duration::from_secs(5), whole: Duration::from_secs(30) };
/// Bytes of headers of a request.
const HEADERS_LIMIT: usize = 16 << 10;
/// A pause where the system has no descriptors left.
const PAUSE: Duration = Duration::from_millis(100);
/// How long what is open at the end may take.
const ENDING: Duration = Duration::from_millis(500);

/// Serves until `shutdown`, then lets what is open end, for a moment.
pub(super) async fn serve(router: Router, listener: TcpListener, bounds: Bounds, shutdown: impl Future<Output = ()>) {
    let mut open = JoinSet::new();
    // Oldest first.
    let mut order: VecDeque<AbortHandle> = VecDeque::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next() => {
                order.retain(|connection| !connection.is_finished());
                continue;
            }
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        order.retain(|connection| !connection.is_finished());
        if order.len() >= bounds.connections
            && let Some(oldest) = order.pop_front()
        {
            oldest.abort();
        }
        order.push_back(open.spawn(connection(router.clone(), stream, bounds)));
    }
    drop(listener);
    let ended = async { while open.join_next().await.is_some() {} };
    // Whatever is open after that ends with the set.
    drop(tokio::time::timeout(ENDING, ended).await);
}

async fn connection(router: Router, stream: TcpStream, bounds: Bounds) {
    let mut builder = http1::Builder::new();
    let _ = builder
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.headers)
        .keep_alive(false)
        .max_buf_size(HEADERS_LIMIT);
    let served = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // A client that breaks off, or is too slow, is nobody's trouble but its own.
    drop(tokio::time::timeout(bounds.whole, served).await);
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use core::net::SocketAddr;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::Instant;

    /// Serves on a thread of its own, for as long as the test takes.
    fn served(bounds: Bounds) -> SocketAddr {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        drop(std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let router = Router::new().route("/", get(|| async { "here" }));
                let listener = TcpListener::from_std(listener).unwrap();
                serve(router, listener, bounds, core::future::pending()).await;
            });
        }));
        address
    }

    /// What a request is answered, to the end of the connection.
    fn ask(address: SocketAddr) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n").unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Waits until the other side closes, and says how long that took.
    fn closed_after(stream: &mut TcpStream) -> Duration {
        let begun = Instant::now();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut rest = Vec::new();
        // A reset is an end as well.
        drop(stream.read_to_end(&mut rest));
        begun.elapsed()
    }

    #[test]
    fn who_holds_connections_open_keeps_nobody_out_and_the_oldest_makes_place() {
        let bounds = Bounds { connections: 4, headers: Duration::from_secs(600), whole: Duration::from_secs(600) };
        let address = served(bounds);
        let mut held: Vec<TcpStream> = (0..12).map(|_| TcpStream::connect(address).unwrap()).collect();
        for _ in 0..3 {
            let answer = ask(address);
            assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("here"), "{answer}");
        }
        for gone in held.iter_mut().take(8) {
            assert!(closed_after(gone) < Duration::from_secs(10), "it is still open");
        }
    }

    #[test]
    fn headers_that_do_not_come_and_requests_that_do_not_end_are_dropped() {
        let bounds = Bounds { connections: 4, headers: Duration::from_millis(300), whole: Duration::from_millis(900) };
        let address = served(bounds);
        let mut silent = TcpStream::connect(address).unwrap();
        let mut slow = TcpStream::connect(address).unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
        for stream in [&mut silent, &mut slow] {
            assert!(closed_after(stream) < Duration::from_secs(10), "it is still open");
        }
        // One request a connection: what follows it is not read.
        let answer = ask(address);
        assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
    }
}
