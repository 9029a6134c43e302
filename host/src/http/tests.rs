//! The API over a real socket: what each check of a signed request refuses, and objects from end to end.

mod abuse;
mod pages;

use crate::config::Config;
use crate::serve::{Serving, serve};
use crate::test_support::{config, contract, key, mode, object};
use reqwest::{Client, Method, RequestBuilder};
use sealroom_protocol::http_signature::{RequestTarget, SignatureHeaders, sign};
use sealroom_protocol::identity::SigningSecret;
use serde_json::{Value, json};
use std::path::Path;
use tokio::sync::oneshot;

struct Running {
    client: Client,
    scheme: &'static str,
    authority: String,
    serving: Serving,
    shutdown: oneshot::Sender<()>,
}

/// A signed request in parts, so that a test can change one.
struct Signed {
    method: Method,
    path: String,
    body: Vec<u8>,
    headers: SignatureHeaders,
}

impl Running {
    async fn start(config: Config) -> Self {
        let (shutdown, stopped) = oneshot::channel::<()>();
        let serving = serve(config, async { drop(stopped.await) }).await.unwrap();
        let authority = serving.local_addr().to_string();
        Self { client: Client::new(), scheme: "http", authority, serving, shutdown }
    }

    async fn stop(self) {
        drop(self.shutdown);
        drop(self.client);
        self.serving.stopped().await.unwrap();
    }

    fn sign(&self, method: Method, path: &str, body: &[u8], secret: &SigningSecret, created: u64) -> Signed {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).unwrap();
        let (target_path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let target = RequestTarget { method: method.as_str(), authority: &self.authority, path: target_path, query };
        let headers = sign(&target, body, created, nonce, secret);
        Signed { method, path: path.into(), body: body.to_vec(), headers }
    }

    fn signed(&self, method: Method, path: &str, body: &[u8]) -> Signed {
        self.sign(method, path, body, &key(1), crate::room::now())
    }

    fn request(&self, signed: &Signed) -> RequestBuilder {
        let url = format!("{}://{}{}", self.scheme, self.authority, signed.path);
        let request = self.client.request(signed.method.clone(), url).body(signed.body.clone());
        request
            .header("content-digest", &signed.headers.content_digest)
            .header("signature-input", &signed.headers.signature_input)
            .header("signature", &signed.headers.signature)
    }

    /// Status, and the check of a problem or the answer itself.
    async fn send(&self, signed: &Signed) -> (u16, Value) {
        answer(self.request(signed)).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.client.get(format!("http://{}{path}", self.authority))).await
    }
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let value: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or(Value::Null);
    match value.get("check") {
        Some(check) => (status, check.clone()),
        None => (status, value),
    }
}

async fn host(folder: &Path) -> Running {
    Running::start(config(folder, "/bin/false", "")).await
}

#[tokio::test]
async fn each_check_of_a_signed_request_refuses_by_its_own_id() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;
    let path = "/v1/rooms";
    let good = || host.signed(Method::POST, path, b"{}");
    // Signed well, so it gets as far as its content.
    assert_eq!(host.send(&good()).await, (422, json!("contract.form")));
    let mut unsigned = good();
    unsigned.headers.signature = String::new();
    assert_eq!(host.send(&unsigned).await, (401, json!("http.signature")));
    let bare = host.client.post(format!("http://{}{path}", host.authority)).body("{}");
    assert_eq!(answer(bare).await, (401, json!("http.signature")));
    for changed in [
        Signed { method: Method::PUT, ..good() },
        Signed { path: "/v1/rooms/x/stop".into(), ..good() },
        Signed { path: "/v1/rooms?x=1".into(), ..good() },
        Signed {
            headers: SignatureHeaders {
                content_digest: good().headers.content_digest,
                ..host.signed(Method::POST, path, b"[]").headers
            },
            ..good()
        },
        Signed {
            headers: SignatureHeaders { signature_input: good().headers.signature_input, ..good().headers },
            ..good()
        },
    ] {
        assert_eq!(host.send(&changed).await, (401, json!("http.signature")), "{}", changed.path);
    }
    let other_body = Signed { body: b"[]".to_vec(), ..good() };
    assert_eq!(host.send(&other_body).await, (400, json!("http.body")));
    let foreign = host.sign(Method::POST, path, b"{}", &key(2), crate::room::now());
    assert_eq!(host.send(&foreign).await, (403, json!("http.key")));
    for created in [crate::room::now() - 120, crate::room::now() + 120] {
        let late = host.sign(Method::POST, path, b"{}", &key(1), created);
        assert_eq!(host.send(&late).await, (401, json!("http.clock")));
    }
    let once = good();
    assert_eq!(host.send(&once).await, (422, json!("contract.form")));
    assert_eq!(host.send(&once).await, (401, json!("http.replay")));
    let large = host.signed(Method::POST, "/v1/rooms/x/stop", &vec![0; (64 << 10) + 1]);
    assert_eq!(host.send(&large).await, (413, json!("http.size")));
    let target = RequestTarget { method: "POST", authority: "other.example", path, query: None };
    let headers = sign(&target, b"{}", crate::room::now(), [9; 16], &key(1));
    let elsewhere = Signed { headers, ..good() };
    let request = host.request(&elsewhere).header("host", "other.example");
    assert_eq!(answer(request).await, (421, json!("http.authority")));
    host.stop().await;
}

#[tokio::test]
async fn a_request_that_was_here_is_refused_by_the_host_that_is_started_next() {
    let folder = tempfile::tempdir().unwrap();
    let first = host(folder.path()).await;
    let port = first.serving.local_addr().port();
    let once = first.signed(Method::POST, "/v1/rooms", b"{}");
    assert_eq!(first.send(&once).await, (422, json!("contract.form")));
    first.stop().await;
    let mut same = config(folder.path(), "/bin/false", "");
    same.listen.set_port(port);
    let second = Running::start(same).await;
    assert_eq!(second.send(&once).await, (401, json!("http.replay")));
    second.stop().await;
}

#[tokio::test]
async fn a_party_has_its_requests_a_minute_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path(), "/bin/false", "");
    config.allowed[0].quota.requests_per_minute = 2;
    let host = Running::start(config).await;
    for expected in [(422, "contract.form"), (422, "contract.form"), (429, "http.quota")] {
        let (status, check) = host.send(&host.signed(Method::POST, "/v1/rooms", b"{}")).await;
        assert_eq!((status, check), (expected.0, json!(expected.1)));
    }
    assert_eq!(host.get("/v1/health").await, (200, json!({"status": "ok", "version": "0.1.0"})));
    host.stop().await;
}

#[tokio::test]
async fn an_object_goes_up_in_parts_and_down_in_ranges_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, body) = object(2 << 20);
    let id = manifest.id();
    let first = host(folder.path()).await;
    let status = format!("/v1/objects/{id}/status");
    assert_eq!(first.get(&status).await, (404, json!("object.unknown")));
    let put = first.signed(Method::PUT, &format!("/v1/objects/{id}/manifest"), &manifest.encode());
    let view = |state: &str, received: usize| json!({"object": id.to_string(), "state": state, "received": received, "length": body.len()});
    assert_eq!(first.send(&put).await, (201, view("partial", 0)));
    let part = |host: &Running, offset: usize, bytes: &[u8]| {
        host.signed(Method::PUT, &format!("/v1/objects/{id}/body?offset={offset}"), bytes)
    };
    let half = 1_500_000;
    assert_eq!(first.send(&part(&first, 0, &body[..half])).await, (200, view("partial", half)));
    assert_eq!(first.send(&part(&first, 7, &body[half..])).await, (409, json!("object.offset")));
    assert_eq!(first.get(&format!("/v1/objects/{id}/body")).await, (409, json!("object.partial")));
    assert_eq!(first.send(&part(&first, half, &body[half..])).await, (200, view("stored", body.len())));
    first.stop().await;
    let second = host(folder.path()).await;
    assert_eq!(second.get(&status).await, (200, view("stored", body.len())));
    let url = format!("http://{}/v1/objects/{id}", second.authority);
    let all = second.client.get(format!("{url}/body")).send().await.unwrap();
    assert_eq!((all.status().as_u16(), all.bytes().await.unwrap().to_vec()), (200, body.clone()));
    let range = second.client.get(format!("{url}/body")).header("range", "bytes=56-1049655").send().await.unwrap();
    assert_eq!(range.headers()["content-range"], format!("bytes 56-1049655/{}", body.len()));
    assert_eq!((range.status().as_u16(), range.bytes().await.unwrap().to_vec()), (206, body[56..1_049_656].to_vec()));
    let outside = second.client.get(format!("{url}/body")).header("range", "bytes=9999999-");
    assert_eq!(answer(outside).await, (416, json!("range")));
    let read = second.client.get(format!("{url}/manifest")).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(read.to_vec(), manifest.encode());
    second.stop().await;
}

#[tokio::test]
async fn what_is_not_there_or_does_not_start_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let host = host(folder.path()).await;
    let (contract, envelope) = contract();
    let id = contract.id();
    assert_eq!(host.send(&host.signed(Method::POST, "/v1/rooms", &envelope)).await, (502, json!("room.start")));
    assert_eq!(host.get("/v1/rooms").await, (200, json!({"rooms": []})));
    for (path, expected) in [
        ("/v1/rooms/00", (404, "room.unknown")),
        ("/v1/rooms/00/proposal", (404, "room.unknown")),
        ("/v1/nothing", (404, "http.path")),
        ("/v1/objects/AB/status", (400, "http.form")),
        (&format!("/v1/contracts/{id}"), (404, "contract.unknown")),
        (&format!("/v1/contracts/{id}/receipts?to=1"), (400, "http.form")),
    ] {
        let (status, check) = host.get(path).await;
        assert_eq!((status, check), (expected.0, json!(expected.1)), "{path}");
    }
    assert_eq!(host.get(&format!("/v1/contracts/{id}/rooms")).await, (200, json!({"rooms": []})));
    let empty = json!({"receipts": [], "next": null, "skip": 0});
    assert_eq!(host.get(&format!("/v1/contracts/{id}/receipts")).await, (200, empty));
    let receipts = format!("/v1/contracts/{id}/receipts");
    assert_eq!(host.send(&host.signed(Method::POST, &receipts, b"{}")).await, (404, json!("contract.unknown")));
    for action in ["stop", "abandon", "evidence", "proposal", "grants"] {
        let signed = host.signed(Method::POST, &format!("/v1/rooms/00/{action}"), b"{}");
        assert_eq!(host.send(&signed).await, (404, json!("room.unknown")), "{action}");
    }
    assert_eq!(host.send(&host.signed(Method::DELETE, "/v1/rooms", b"")).await, (405, json!("http.method")));
    host.stop().await;
}

#[tokio::test]
async fn a_state_folder_serves_one_host() {
    let folder = tempfile::tempdir().unwrap();
    let first = host(folder.path()).await;
    let second = serve(config(folder.path(), "/bin/false", ""), core::future::pending()).await;
    let expected = format!("the state folder {} is in use by another host", folder.path().join("state").display());
    assert_eq!(second.unwrap_err().to_string(), expected);
    first.stop().await;
}

#[tokio::test]
async fn over_tls_the_same_requests_are_served_and_plain_ones_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let (certificate, private) = (folder.path().join("host.crt"), folder.path().join("host.key"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&private, made.signing_key.serialize_pem()).unwrap();
    let tls = format!("[tls]\ncertificate = \"{}\"\nkey = \"{}\"", certificate.display(), private.display());
    mode(&private, 0o640);
    let refused = serve(config(folder.path(), "/bin/false", &tls), core::future::pending()).await.unwrap_err();
    assert!(matches!(refused, crate::ServeError::Tls(crate::TlsError::Open(open)) if open.path == private));
    mode(&private, 0o600);
    let mut host = Running::start(config(folder.path(), "/bin/false", &tls)).await;
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    host.client = Client::builder().tls_certs_only([root]).build().unwrap();
    host.authority = format!("localhost:{}", host.serving.local_addr().port());
    assert!(host.client.get(format!("http://{}/v1/health", host.authority)).send().await.is_err());
    host.scheme = "https";
    assert_eq!(host.send(&host.signed(Method::POST, "/v1/rooms", b"{}")).await, (422, json!("contract.form")));
    assert!(Client::new().get(format!("https://{}/v1/health", host.authority)).send().await.is_err());
    host.stop().await;
    let wrong = tls.replace("host.key", "host.crt");
    mode(&certificate, 0o600);
    let refused = serve(config(folder.path(), "/bin/false", &wrong), core::future::pending()).await.unwrap_err();
    assert!(matches!(refused, crate::ServeError::Tls(crate::TlsError::Key { path, .. }) if path == certificate));
}

#[tokio::test]
async fn a_slow_or_endless_client_is_dropped() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let folder = tempfile::tempdir().unwrap();
    let limits = "[limits]\nheader_timeout_s = 1\nbody_timeout_s = 1\nconnections = 2";
    let host = Running::start(config(folder.path(), "/bin/false", limits)).await;
    let open = async |text: String| {
        let mut stream = tokio::net::TcpStream::connect(&host.authority).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer).await);
        String::from_utf8(answer).unwrap()
    };
    // Headers that do not end, then headers that are too many: no handler sees them.
    assert!(!open("GET /v1/health HTTP/1.1\r\nhost: x\r\n".into()).await.contains("200 OK"));
    assert!(!open(format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(64 << 10))).await.contains("200 OK"));
    // A body that does not come.
    let signed = host.signed(Method::POST, "/v1/rooms", b"{}");
    let SignatureHeaders { content_digest, signature_input, signature } = &signed.headers;
    let slow = open(format!(
        "POST /v1/rooms HTTP/1.1\r\nhost: {}\r\ncontent-length: 2\r\ncontent-digest: {content_digest}\r\n\
         signature-input: {signature_input}\r\nsignature: {signature}\r\n\r\n{{",
        host.authority
    ))
    .await;
    assert!(slow.starts_with("HTTP/1.1 408 ") && slow.contains("http.timeout"), "{slow}");
    assert_eq!(host.get("/v1/health").await.0, 200);
    host.stop().await;
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    if std::env::var_os("SEALROOM_WRITE_OPENAPI").is_some() {
        std::fs::write(&path, super::openapi_json()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(committed == super::openapi_json(), "run this test with SEALROOM_WRITE_OPENAPI=1 and commit the document");
}

#[tokio::test]
async fn what_is_no_http_request_gets_a_bare_answer_and_the_connection_ends() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let folder = tempfile::tempdir().unwrap();
    let host = Running::start(config(folder.path(), "/bin/false", "")).await;
    // More than is read at once, so that the limit is met before the end.
    let long = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "a".repeat(60 << 10));
    for (request, status) in [("nonsense\r\n\r\n", "400 Bad Request"), (&long, "431 Request Header Fields Too Large")] {
        let mut stream = tokio::net::TcpStream::connect(&host.authority).await.unwrap();
        // It may answer and end the connection before it has read all of it.
        drop(stream.write_all(request.as_bytes()).await);
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer).await);
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")) && answer.ends_with("\r\n\r\n"), "{answer}");
    }
    host.stop().await;
}
