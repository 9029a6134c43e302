//! A service on this machine: plain HTTP/1.1 over tokio, one request a connection, so that a test decides over every byte.

use core::net::SocketAddr;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the service does with one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Answers.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// Resets the connection.
    Reset,
    /// Promises the whole body, sends half of it, and closes.
    Half(Vec<u8>),
    /// Promises the whole body, sends half of it, and then nothing.
    Stalls(Vec<u8>),
    /// Never answers.
    Silent,
    /// Sends a body without length or end.
    Endless,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    headers: BTreeMap<String, String>,
    /// How many came for this path before.
    pub(crate) before: usize,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

pub(crate) fn ok(body: &[u8]) -> Reply {
    Reply::Answer { status: 200, headers: Vec::new(), body: body.to_vec() }
}

pub(crate) fn status(status: u16) -> Reply {
    with(status, &[], b"")
}

pub(crate) fn with(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Reply {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Reply::Answer { status, headers, body: body.to_vec() }
}

/// These one after the other, whatever is asked for; then the last again.
pub(crate) fn in_turn(replies: Vec<Reply>) -> impl Fn(&Asked) -> Reply {
    move |asked| replies[asked.before.min(replies.len() - 1)].clone()
}

pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(crate) async fn start(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (reply, log) = (Arc::new(reply), Arc::clone(&asked));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&reply)));
            }
        });
        Self { address, asked }
    }

    /// `http://…` without a slash at its end.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Asked>>>, reply: Arc<impl Fn(&Asked) -> Reply>) {
    let Some((path, headers)) = read(&mut stream).await else { return };
    let asked = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|asked| asked.path == path).count();
        log.push(Asked { path, headers, before });
        log.last().unwrap().clone()
    };
    // The client may have gone away: that is its business.
    match reply(&asked) {
        Reply::Answer { status, headers, body } => {
            let mut head =
                format!("HTTP/1.1 {status} Status\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str("\r\n");
            drop(stream.write_all(&[head.as_bytes(), &body].concat()).await);
            drop(stream.shutdown().await);
        }
        Reply::Reset => stream.set_zero_linger().unwrap(),
        Reply::Half(body) => half(&mut stream, &body).await,
        Reply::Stalls(body) => {
            half(&mut stream, &body).await;
            core::future::pending::<()>().await;
        }
        Reply::Silent => core::future::pending().await,
        Reply::Endless => {
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
            let mut going = stream.write_all(head).await;
            while going.is_ok() {
                going = stream.write_all(&chunk).await;
            }
        }
    }
}

async fn half(stream: &mut TcpStream, body: &[u8]) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    drop(stream.write_all(&[head.as_bytes(), &body[..body.len() / 2]].concat()).await);
}

async fn read(stream: &mut TcpStream) -> Option<(String, BTreeMap<String, String>)> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    let text = String::from_utf8(bytes).unwrap();
    let mut lines = text.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    Some((path, headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect()))
}
