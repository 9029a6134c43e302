//! The HTTP of C2SP tlog-witness, one status after another, through a socket.

use super::*;
use core::net::SocketAddr;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Status, content type and body.
fn ask(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: witness\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
    (status, kind.to_owned(), body.to_owned())
}

#[test]
fn every_status_of_the_published_page_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let witness = witness(folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let serving = runtime.spawn(serve_witness(witness, listener, async move { drop(stopped.await) }));
    let post = |body: &[u8]| ask(address, "POST", "/add-checkpoint", body);
    let read = format!("/{}/checkpoint", origin_hash(ORIGIN));
    assert_eq!(ask(address, "GET", &read, b"").0, 404);

    let (status, kind, line) = post(&request(&tree("a", 3), 0));
    assert_eq!((status, kind.as_str()), (200, "text/plain; charset=utf-8"));
    let mut cosigned = signed(&tree("a", 3));
    cosigned.add(NoteSignature::decode_all(&line).unwrap().remove(0)).unwrap();
    assert!(key().verifier().verify(cosigned.note()).unwrap().time > NOW);
    assert_eq!(ask(address, "GET", &read, b""), (200, kind, cosigned.encode()));

    assert_eq!(post(b"old 3\n").0, 400);
    assert_eq!(post(&vec![b'\n'; (160 << 10) + 1]).0, 400);
    let above = String::from_utf8(request(&tree("a", 3), 3)).unwrap().replacen("old 3", "old 4", 1);
    assert_eq!(post(above.as_bytes()).0, 400);
    let stranger = LogSigner::new(ORIGIN, SigningSecret::from_seed(&[9; 32])).unwrap();
    let checkpoint = stranger.sign(Checkpoint::new(ORIGIN, tree("a", 4).head()).unwrap());
    let unsigned = AddCheckpoint::new(3, tree("a", 4).consistency(3, 4).unwrap(), checkpoint);
    assert_eq!(post(unsigned.encode().as_bytes()).0, 403);
    let other = LogSigner::new("other.example/log", SigningSecret::from_seed(&[1; 32])).unwrap();
    let elsewhere = other.sign(Checkpoint::new("other.example/log", tree("a", 4).head()).unwrap());
    assert_eq!(post(AddCheckpoint::new(0, Vec::new(), elsewhere).encode().as_bytes()).0, 404);
    let conflict = (409, "text/x.tlog.size".into(), "3\n".into());
    assert_eq!(post(&request(&tree("a", 4), 0)), conflict);
    assert_eq!(post(&request(&tree("b", 4), 3)).0, 422);
    assert_eq!(post(&request(&tree("b", 3), 3)).0, 422);
    assert_eq!(post(&request(&tree("a", 4), 3)).0, 200);
    assert_eq!(ask(address, "GET", "/add-checkpoint", b"").0, 405);
    stop.send(()).unwrap();
    runtime.block_on(serving).unwrap().unwrap();
}
