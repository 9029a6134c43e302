//! What strangers and parties try at the host's own door: signed HTTP requests that were here before, were changed, are by
//! nobody, are too many or too long. A host that refuses them spends nothing on them.

use crate::refused::{refused, secret};
use sealroom_host::{Config, serve};
use sealroom_protocol::http_signature::{RequestTarget, SignatureHeaders, sign};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::object::{DataKey, Writer};
use sealroom_protocol::provider::fastest;
use std::io::{Read, Write};
use std::net::TcpStream;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// A host in this process, behind a real socket.
struct Host {
    authority: String,
    folder: TempDir,
    runtime: Option<Runtime>,
    shutdown: Option<oneshot::Sender<()>>,
}

/// A request in parts, so that a test can change one.
#[derive(Clone)]
struct Request {
    method: &'static str,
    path: String,
    body: Vec<u8>,
    headers: Option<SignatureHeaders>,
}

fn party() -> SigningSecret {
    SigningSecret::from_seed(&[41; 32])
}

impl Host {
    /// A host that allows one party; `quota` and `limits` in its configuration's words.
    fn start(quota: &str, limits: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start_in(folder, quota, limits)
    }

    fn start_in(folder: TempDir, quota: &str, limits: &str) -> Self {
        secret(party().expose_seed());
        let path = folder.path().display();
        let config = format!(
            "listen = \"127.0.0.1:0\"\nnames = [\"host.example\"]\nstore = \"file://{path}/store\"\nstate = \"{path}/state\"\n\
             platform = {{ launcher = \"/bin/false\", image = \"/nowhere\", state = \"/nowhere\" }}\n\
             [[allowed]]\nname = \"north\"\nsigning_key = \"{}\"\nquota = {{ {quota} }}\n[limits]\n{limits}\n",
            party().public()
        );
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (shutdown, stopped) = oneshot::channel::<()>();
        let config = Config::parse(&config).unwrap();
        let serving = runtime.block_on(serve(config, async { drop(stopped.await) })).unwrap();
        let authority = serving.local_addr().to_string();
        drop(runtime.spawn(serving.stopped()));
        Self { authority, folder, runtime: Some(runtime), shutdown: Some(shutdown) }
    }

    /// Ends it as a crash would, and starts the next one on its folder.
    fn crash_and_start_again(mut self) -> Self {
        self.shutdown.take().unwrap().send(()).unwrap();
        self.runtime.take().unwrap().shutdown_timeout(core::time::Duration::from_secs(30));
        Self::start_in(self.folder, "", "")
    }

    fn signed(method: &'static str, path: &str, body: &[u8]) -> Request {
        Self::signed_by(&party(), method, path, body, sealroom::now())
    }

    fn signed_by(signer: &SigningSecret, method: &'static str, path: &str, body: &[u8], created: u64) -> Request {
        let mut nonce = [0; 16];
        rand_core::Rng::fill_bytes(&mut sealroom::random(), &mut nonce);
        let (plain, query) = path.split_once('?').map_or((path, None), |(plain, query)| (plain, Some(query)));
        let target = RequestTarget { method, authority: "host.example", path: plain, query };
        let headers = Some(sign(&target, body, created, nonce, signer));
        Request { method, path: path.into(), body: body.to_vec(), headers }
    }

    fn send(&self, request: &Request) -> serde_json::Value {
        let Request { method, path, body, headers } = request;
        let signature = headers.as_ref().map_or_else(String::new, |headers| {
            let SignatureHeaders { content_digest, signature_input, signature } = headers;
            format!(
                "content-digest: {content_digest}\r\nsignature-input: {signature_input}\r\nsignature: {signature}\r\n"
            )
        });
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: host.example\r\nconnection: close\r\ncontent-length: {length}\r\n{signature}\r\n"
        );
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        // A host that refuses by the headers does not read the body.
        drop(stream.write_all(body));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let answer = String::from_utf8(answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
        serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {answer}"))
    }

    #[track_caller]
    fn refuses(&self, request: &Request, check: &str) {
        let answer = self.send(request);
        let text = |field: &str| answer[field].as_str().unwrap_or_else(|| panic!("no {field} in {answer}"));
        refused(check, text("check"), text("message"), text("hint"));
    }
}

/// An object's manifest, and its path at a host.
fn object(length: usize) -> (String, Vec<u8>) {
    let key = DataKey::generate(&mut sealroom::random());
    secret(key.expose_secret());
    let mut sink = |_: &[u8]| Ok::<(), core::convert::Infallible>(());
    let mut writer = Writer::new(fastest(), &key, b"{}", &mut sealroom::random()).unwrap();
    writer.write(&vec![7; length], &mut sink).unwrap();
    let manifest = writer.finish(&mut sink).unwrap();
    (format!("/v1/objects/{}", manifest.id()), manifest.encode())
}

#[test]
fn a_replayed_request_is_refused_also_by_the_host_that_is_started_next() {
    let host = Host::start("", "");
    let (path, manifest) = object(100);
    let once = Host::signed("PUT", &format!("{path}/manifest"), &manifest);
    assert_eq!(host.send(&once)["state"], "partial");
    host.refuses(&once, "http.replay");
    let host = host.crash_and_start_again();
    host.refuses(&once, "http.replay");
}

#[test]
fn a_request_by_nobody_or_of_another_time_is_refused() {
    let host = Host::start("", "");
    let stranger = SigningSecret::from_seed(&[42; 32]);
    secret(stranger.expose_seed());
    host.refuses(&Host::signed_by(&stranger, "POST", "/v1/rooms", b"{}", sealroom::now()), "http.key");
    for created in [0, sealroom::now() - 120, sealroom::now() + 120] {
        host.refuses(&Host::signed_by(&party(), "POST", "/v1/rooms", b"{}", created), "http.clock");
    }
    host.refuses(&Request { headers: None, ..Host::signed("POST", "/v1/rooms", b"{}") }, "http.signature");
    host.refuses(&Host::signed("POST", "/v1/rooms", b"{}"), "contract.form");
}

#[test]
fn a_request_that_was_changed_on_its_way_is_refused() {
    let host = Host::start("", "");
    let good = || Host::signed("POST", "/v1/rooms", b"{}");
    host.refuses(&Request { method: "PUT", ..good() }, "http.signature");
    host.refuses(&Request { path: "/v1/rooms/00/stop".into(), ..good() }, "http.signature");
    host.refuses(&Request { path: "/v1/rooms?offset=1".into(), ..good() }, "http.signature");
    host.refuses(
        &Request { headers: Host::signed("POST", "/v1/rooms/00/stop", b"{}").headers, ..good() },
        "http.signature",
    );
    host.refuses(&Request { body: b"[]".to_vec(), ..good() }, "http.body");
    let target = RequestTarget { method: "POST", authority: "other.example", path: "/v1/rooms", query: None };
    let elsewhere = sign(&target, b"{}", sealroom::now(), [9; 16], &party());
    host.refuses(&Request { headers: Some(elsewhere), ..good() }, "http.signature");
}

#[test]
fn a_quota_that_is_exceeded_refuses_and_nothing_is_kept() {
    let host = Host::start("requests_per_minute = 2", "");
    for _ in 0..2 {
        host.refuses(&Host::signed("POST", "/v1/rooms", b"{}"), "contract.form");
    }
    host.refuses(&Host::signed("POST", "/v1/rooms", b"{}"), "http.quota");

    let host = Host::start("stored_mib = 1", "object_mib = 2");
    let put = |length: usize| {
        let (path, manifest) = object(length);
        (path.clone(), Host::signed("PUT", &format!("{path}/manifest"), &manifest))
    };
    assert_eq!(host.send(&put(700_000).1)["state"], "partial");
    let (path, second) = put(700_000);
    host.refuses(&second, "object.quota");
    host.refuses(
        &Request { method: "GET", path: format!("{path}/status"), body: vec![], headers: None },
        "object.unknown",
    );
    host.refuses(&put(3 << 20).1, "object.size");
    // Nobody has so many rooms: the limit on rooms comes before an enclave is started.
    let host = Host::start("rooms = 0", "");
    host.refuses(&Host::signed("POST", "/v1/rooms", &crate::world::World::new().envelope), "room.quota");
}

#[test]
fn a_body_that_is_too_long_is_refused_before_it_is_read() {
    let host = Host::start("", "");
    host.refuses(&Host::signed("POST", "/v1/rooms/00/stop", &vec![0; (64 << 10) + 1]), "http.size");
}

#[test]
fn garbage_where_a_form_belongs_is_refused_by_its_form() {
    let host = Host::start("", "");
    let (path, manifest) = object(100);
    host.refuses(&Host::signed("PUT", &format!("{path}/manifest"), b"garbage"), "object.form");
    let (other, _) = object(100);
    host.refuses(&Host::signed("PUT", &format!("{other}/manifest"), &manifest), "object.id");
    host.refuses(&Host::signed("PUT", "/v1/objects/AB/manifest", &manifest), "http.form");
    assert_eq!(host.send(&Host::signed("PUT", &format!("{path}/manifest"), &manifest))["state"], "partial");
    host.refuses(&Host::signed("PUT", &format!("{path}/body?offset=7"), b"garbage"), "object.offset");
    host.refuses(&Host::signed("PUT", &format!("{path}/body?offset=0"), &[7; 60]), "object.prefix");
    host.refuses(&Host::signed("PUT", &format!("{path}/body?offset=0"), &[7; 6000]), "object.length");
}
