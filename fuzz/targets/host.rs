//! A running host and what strangers and parties send to its socket: headers, paths, queries and bodies.
//!
//! The enclave behind its one room refuses whatever it is asked, so everything up to the enclave's door is reached.

use super::scratch::Scratch;
use super::shown::plain;
use super::world::World;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use sealroom_host::{Config, serve};
use sealroom_protocol::http_signature::{RequestTarget, SignatureHeaders, sign};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::message::{self, EnclaveMessage, RefusalMessage};
use sealroom_protocol::object::Manifest;
use serde_json::Value;
use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tokio::runtime::{Builder, Runtime};

const AUTHORITY: &str = "host.example";
const PATIENCE: Duration = Duration::from_secs(8);
/// An answer longer than any that these requests get.
const ANSWER_LIMIT: usize = 64 << 20;
/// Answers that mean that the host could not read what it was sent.
const UNREAD: [&str; 8] = [
    "http.signature",
    "http.form",
    "http.path",
    "http.method",
    "object.form",
    "contract.form",
    "statement.form",
    "receipt.form",
];

/// An enclave that has opened its room and refuses everything else. It reads the frames of a host, as every enclave does.
const ENCLAVE: &str = r#"#!/bin/sh
PATH=/usr/bin:/bin
frame() {
    set -- $(dd bs=1 count=4 2>/dev/null | od -An -tu1)
    [ $# -eq 4 ] || exit 0
    head -c $(($1 + $2 * 256 + $3 * 65536 + $4 * 16777216)) >/dev/null
}
echo '{"measurement":"00","pid":1,"anchor":"sha256:00"}'
frame
cat FOLDER/opened >&0
while :; do
    frame
    cat FOLDER/refused >&0
done
"#;

/// See the top of this file. Lives as long as the process.
struct Host {
    address: SocketAddr,
    room: String,
    connection: Mutex<Option<TcpStream>>,
    _runtime: Runtime,
    _folder: Scratch,
}

/// Status and body.
struct Answer {
    status: u16,
    body: Vec<u8>,
}

/// The first byte says how: a signed request to one of the paths that take a body; a path and a range to get; or three
/// headers that no key signed. Every answer is one that the API promises, nobody gets anything written without a
/// signature, and nothing ends the room. What is no HTTP never gets so far: hyper refuses it.
pub(crate) fn host_request(bytes: &[u8]) -> bool {
    static HOST: LazyLock<Host> = LazyLock::new(Host::start);
    let Some((kind, rest)) = bytes.split_first() else { return false };
    let answer = match kind % 3 {
        0 => HOST.signed(rest),
        1 => HOST.got(rest),
        _ => HOST.unsigned(rest),
    };
    answer.is_some_and(|answer| answer.status < 400 || !UNREAD.contains(&problem(&answer).as_str()))
}

/// Holds a refusal to its shape, and gives its check.
fn problem(answer: &Answer) -> String {
    let Answer { status, body } = answer;
    if *status == 400 && body.is_empty() {
        // A target or a header that is none in HTTP: hyper refuses it before anyone of ours is asked.
        return "http.form".to_owned();
    }
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (check, message, hint) = (text("check"), text("message"), text("hint"));
    assert!(!check.is_empty() && !hint.is_empty(), "{status}: {}", String::from_utf8_lossy(body));
    assert!(message.contains("expected ") && message.contains("found"), "{check}: {message}");
    [&check, &message, &hint].iter().for_each(|text| plain(text));
    assert!(
        !["room.ended", "room.enclave", "room.timeout", "host.store"].contains(&check.as_str()),
        "{check}: {message}"
    );
    assert_ne!(*status, 500, "{check}: {message}");
    check
}

impl Host {
    fn start() -> Self {
        let folder = Scratch::folder("host");
        let path = folder.path().to_path_buf();
        let enclave_key = *SigningSecret::from_seed(&[8; 32]).public().as_bytes();
        let refusal = RefusalMessage {
            check: "fuzz.refused".into(),
            message: "expected nothing, found something".into(),
            hint: "nothing".into(),
        };
        let frames =
            [("opened", EnclaveMessage::Opened { enclave_key }), ("refused", EnclaveMessage::Refused(refusal))];
        for (name, frame) in frames {
            fs::write(path.join(name), message::encode(&frame).expect("a short message")).expect("a file");
        }
        let launcher = path.join("launcher");
        fs::write(&launcher, ENCLAVE.replace("FOLDER", &path.display().to_string())).expect("a file");
        fs::set_permissions(&launcher, Permissions::from_mode(0o700)).expect("a program");
        let config = format!(
            "listen = \"127.0.0.1:0\"\nnames = [\"{AUTHORITY}\"]\nstore = \"file://{0}/store\"\nstate = \"{0}/state\"\n\
             platform = {{ launcher = \"{0}/launcher\", image = \"{0}\", state = \"{0}\" }}\n\
             [[allowed]]\nname = \"north\"\nsigning_key = \"{1}\"\n\
             quota = {{ stored_mib = 1, rooms = 1, requests_per_minute = 4294967295 }}\n\
             [limits]\nnonces = 100000000\nevidence_batch_ms = 0\nreceipts = 100\n",
            path.display(),
            signer().public()
        );
        let config = Config::parse(&config).expect("a configuration that holds");
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let serving = runtime.block_on(serve(config, core::future::pending())).expect("a host that starts");
        let address = serving.local_addr();
        let mut host =
            Self { address, room: String::new(), connection: Mutex::new(None), _runtime: runtime, _folder: folder };
        let opened = host.write("POST", "/v1/rooms", &World::shared().envelope.encode()).expect("an answer");
        let opened: Value = serde_json::from_slice(&opened.body).expect("a room");
        host.room = opened.get("room").and_then(Value::as_str).expect("a room's name").to_owned();
        host
    }

    /// One of the paths that take a body: the first byte says which.
    fn signed(&self, bytes: &[u8]) -> Option<Answer> {
        let (which, body) = bytes.split_first()?;
        let room = format!("/v1/rooms/{}", self.room);
        let world = World::shared();
        let object = |id: &dyn core::fmt::Display| format!("/v1/objects/{id}");
        let first = || world.objects.first().map_or_else(String::new, |first| object(&first.id));
        // A stop is not among them: one that holds would end the room, and `signed` decodes it.
        let (method, path) = match which % 10 {
            0 => (
                "PUT",
                Manifest::decode(body).map_or_else(|_| first(), |manifest| object(&manifest.id())) + "/manifest",
            ),
            1 => ("PUT", format!("{}/body?offset=0", first())),
            2 => ("PUT", format!("{}/body?offset=56", first())),
            3 => ("POST", "/v1/rooms".to_owned()),
            4 => ("POST", room + "/evidence"),
            5 => ("POST", room + "/proposal"),
            6 => ("POST", room + "/statement"),
            7 => ("POST", room + "/grants"),
            8 => ("POST", room + "/abandon"),
            _ => ("POST", format!("/v1/contracts/{}/receipts", world.contract.id())),
        };
        self.write(method, &path, body)
    }

    /// A path and query, and a range in the next line.
    fn got(&self, bytes: &[u8]) -> Option<Answer> {
        let text = core::str::from_utf8(bytes).ok()?;
        let (path, range) = text.split_once('\n').unwrap_or((text, ""));
        let path = path.replace("ROOM", &self.room);
        let visible = |text: &str| text.bytes().all(|byte| matches!(byte, b'!'..=b'~'));
        if !path.starts_with('/') || !visible(&path) || !visible(range) {
            return None;
        }
        let range = if range.is_empty() { String::new() } else { format!("range: {range}\r\n") };
        let head = format!("GET {path} HTTP/1.1\r\nhost: {AUTHORITY}\r\n{range}\r\n");
        Some(self.exchange(head.as_bytes(), &[]))
    }

    /// Three header values, cut at line feeds, over a body that is a contract: no key signed it.
    fn unsigned(&self, bytes: &[u8]) -> Option<Answer> {
        let text = core::str::from_utf8(bytes).ok()?;
        let mut lines = text.splitn(3, '\n');
        let mut next = || lines.next().unwrap_or_default().to_owned();
        let headers = SignatureHeaders { content_digest: next(), signature_input: next(), signature: next() };
        let values = [&headers.content_digest, &headers.signature_input, &headers.signature];
        if values.iter().any(|value| value.contains(|letter: char| letter.is_control())) {
            return None;
        }
        let answer = self.exchange(head("POST", "/v1/rooms", 2, &headers).as_bytes(), b"{}");
        assert!(answer.status >= 400, "nothing is done for who did not sign");
        Some(answer)
    }

    fn write(&self, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
        static NONCE: AtomicU64 = AtomicU64::new(1);
        let (plain_path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let target = RequestTarget { method, authority: AUTHORITY, path: plain_path, query };
        let mut nonce = [0; 16];
        let number = NONCE.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        nonce.iter_mut().zip(number).for_each(|(byte, digit)| *byte = digit);
        let now = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_secs());
        let headers = sign(&target, body, now, nonce, &signer());
        Some(self.exchange(head(method, path, body.len(), &headers).as_bytes(), body))
    }

    /// One exchange over the connection that is open, or a new one: the host may have closed it.
    fn exchange(&self, head: &[u8], body: &[u8]) -> Answer {
        let mut connection: MutexGuard<'_, Option<TcpStream>> =
            self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut stream) = connection.take()
            && let Some((answer, keep)) = exchange(&mut stream, head, body)
        {
            *connection = keep.then_some(stream);
            return answer;
        }
        let mut stream = TcpStream::connect(self.address).expect("the host listens");
        stream.set_nodelay(true).expect("no delay");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let (answer, keep) = exchange(&mut stream, head, body).expect("the host answers");
        *connection = keep.then_some(stream);
        answer
    }
}

fn signer() -> SigningSecret {
    SigningSecret::from_seed(&[1; 32])
}

fn head(method: &str, path: &str, length: usize, headers: &SignatureHeaders) -> String {
    let SignatureHeaders { content_digest, signature_input, signature } = headers;
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {AUTHORITY}\r\ncontent-length: {length}\r\ncontent-digest: {content_digest}\r\n\
         signature-input: {signature_input}\r\nsignature: {signature}\r\n\r\n"
    )
}

/// The answer, and whether the connection goes on.
fn exchange(stream: &mut TcpStream, head: &[u8], body: &[u8]) -> Option<(Answer, bool)> {
    stream.write_all(&[head, body].concat()).ok()?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        let read = stream.read(&mut buffer).ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(buffer.get(..read)?);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = core::str::from_utf8(bytes.get(..end)?).expect("headers are text").to_ascii_lowercase();
    let status = text.strip_prefix("http/1.1 ").and_then(|rest| rest.get(..3)).and_then(|digits| digits.parse().ok());
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    let length = length.filter(|length| *length <= ANSWER_LIMIT).expect("an answer says its length");
    let mut rest = vec![0; (end + length).saturating_sub(bytes.len())];
    stream.read_exact(&mut rest).expect("an answer is whole");
    bytes.extend_from_slice(&rest);
    let answer = Answer { status: status.expect("an answer has a status"), body: bytes.split_off(end) };
    Some((answer, !text.contains("connection: close")))
}
