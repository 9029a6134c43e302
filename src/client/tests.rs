//! The client against a real host over a socket, and against one that lies.

mod patience;

use super::*;
use crate::file::create_private;
use crate::testing::{Parties, Platform, contract_with, sign};
use crate::{DatasetSource, EncryptedDataset, Memory, Progress, encrypt_dataset, random};
use core::time::Duration;
use sealroom_host::{Config, serve};
use sealroom_protocol::contract::{Contract, SignedContract};
use sealroom_protocol::id::ObjectId;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

struct World {
    folder: tempfile::TempDir,
    runtime: Runtime,
    parties: Parties,
    contract: Contract,
    memory: Memory,
    host: Host,
}

impl World {
    /// A host that allows alpha, on a free port. `tls` is certificate and key.
    fn new(tls: Option<(&str, &str)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let parties = Parties::new();
        let contract = contract_with(&parties, |terms| {
            terms.enclaves = vec![Platform::shared().terms()];
            terms.datasets[0].maximum_rows = 1 << 30;
        });
        let memory = Memory::open(&folder.path().join("memory"), &parties.alpha.signing().public()).unwrap();
        let at = folder.path().display();
        let mut text = format!(
            "listen = \"127.0.0.1:0\"\nstore = \"file://{at}/store\"\nstate = \"{at}/state\"\n\
             platform = {{ launcher = \"/nowhere\", image = \"/nowhere\", state = \"/nowhere\" }}\n"
        );
        let mut options = HostOptions::new("");
        options.timeout = Duration::from_secs(20);
        if let Some((certificate, key)) = tls {
            fs::write(folder.path().join("certificate"), certificate).unwrap();
            create_private(&folder.path().join("key"), key.as_bytes()).unwrap();
            text.push_str(&format!("tls = {{ certificate = \"{at}/certificate\", key = \"{at}/key\" }}\n"));
            options.root_certificates = vec![certificate.as_bytes().to_vec()];
        }
        text.push_str(&format!(
            "[[allowed]]\nname = \"alpha\"\nsigning_key = \"{}\"\nquota = {{ stored_mib = 64, rooms = 1, requests_per_minute = 200 }}\n",
            parties.alpha.signing().public()
        ));
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let config = Config::parse(&text).unwrap();
        let serving = runtime.block_on(serve(config, core::future::pending())).unwrap();
        let port = serving.local_addr().port();
        options.url =
            if tls.is_some() { format!("https://localhost:{port}") } else { format!("http://127.0.0.1:{port}") };
        let host = Host::new(&options).unwrap();
        Self { folder, runtime, parties, contract, memory, host }
    }

    fn dataset(&self, rows: usize) -> EncryptedDataset {
        let csv = self.folder.path().join("patients.csv");
        fs::write(&csv, format!("age,city\n{}", "63,Basel-am-Rhein-in-der-Schweiz\n".repeat(rows))).unwrap();
        let source = DatasetSource {
            csv: &csv,
            contract: &self.contract,
            dataset: "patients-alpha",
            folder: self.folder.path(),
        };
        encrypt_dataset(source, &self.parties.alpha, &self.memory, &mut random(), &mut |_| {}).unwrap()
    }

    fn signed(&self) -> SignedContract {
        sign(&self.contract, &self.parties)
    }
}

/// A body that cannot be read beyond a place.
struct Broken {
    file: fs::File,
    until: u64,
}

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.file.stream_position()? >= self.until {
            Err(io::Error::other("unplugged"))
        } else {
            self.file.read(buffer)
        }
    }
}

impl Seek for Broken {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn an_upload_goes_on_where_it_was_broken_off_and_comes_back_whole() {
    let world = World::new(None);
    let dataset = world.dataset(600_000);
    let (alpha, host) = (&world.parties.alpha, &world.host);
    assert!(dataset.body_length > 18 << 20);
    let manifest = fs::read(&dataset.manifest).unwrap();
    let broken = Broken { file: fs::File::open(&dataset.body).unwrap(), until: 8 << 20 };
    let error = world.runtime.block_on(host.upload_from(&manifest, broken, alpha, &mut |_| {})).unwrap_err();
    assert!(matches!(error, HostError::Io { .. }), "{error}");
    assert!(!world.runtime.block_on(host.has_object(&dataset.object)).unwrap());
    let mut seen = Vec::new();
    world.runtime.block_on(host.upload(&dataset, alpha, &mut |progress| seen.push(progress))).unwrap();
    assert_eq!(seen[0], Progress { done: 8 << 20, total: dataset.body_length });
    assert!(seen.is_sorted_by_key(|progress| progress.done));
    assert_eq!(seen.last().map(|progress| progress.done), Some(dataset.body_length));
    let copy = world.folder.path().join("copy");
    let manifest = world.runtime.block_on(host.download(&dataset.object, &copy, &mut |_| {})).unwrap();
    assert_eq!(manifest.id(), dataset.object);
    assert!(fs::read(&copy).unwrap() == fs::read(&dataset.body).unwrap());
    // What is there already is not sent again.
    let mut again = Vec::new();
    world.runtime.block_on(host.upload(&dataset, alpha, &mut |progress| again.push(progress.done))).unwrap();
    assert_eq!(again, [dataset.body_length]);
}

#[test]
fn the_blocking_form_talks_to_a_host_over_tls_with_its_own_root_only() {
    let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let world = World::new(Some((&made.cert.pem(), &made.signing_key.serialize_pem())));
    let mut options = HostOptions::new(world.host.url());
    options.root_certificates = vec![made.cert.der().to_vec()];
    let host = crate::blocking::Host::new(&options).unwrap();
    assert_eq!(host.health().unwrap(), env!("CARGO_PKG_VERSION"));
    let dataset = world.dataset(10);
    host.upload(&dataset, &world.parties.alpha, &mut |_| {}).unwrap();
    assert!(host.has_object(&dataset.object).unwrap());
    assert_eq!(host.receipts(&world.contract.id()).unwrap(), []);
    assert!(host.find_room(&world.contract.id()).unwrap().is_none());
    let other = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    options.root_certificates = vec![other.cert.pem().into_bytes()];
    let error = crate::blocking::Host::new(&options).unwrap().health().unwrap_err();
    assert!(matches!(error, HostError::Unreachable { .. }), "{error}");
}

#[test]
fn a_hosts_refusal_is_shown_as_its_words_with_the_check() {
    let world = World::new(None);
    let dataset = world.dataset(10);
    let error = world.runtime.block_on(world.host.upload(&dataset, &world.parties.beta, &mut |_| {})).unwrap_err();
    assert!(error.is_problem("http.key"), "{error}");
    assert_eq!(error.check(), "http.key");
    let opened = world.runtime.block_on(world.host.open_room(&world.signed(), &world.parties.alpha)).unwrap_err();
    assert!(opened.is_problem("room.start") && opened.to_string().starts_with("the host says: "), "{opened}");
    let missing = world.runtime.block_on(world.host.manifest(&ObjectId::from_bytes([1; 32]))).unwrap_err();
    assert!(missing.is_problem("object.unknown"), "{missing}");
    let unreachable = Host::new(&HostOptions::new("http://127.0.0.1:9")).unwrap();
    let error = world.runtime.block_on(unreachable.health()).unwrap_err();
    assert_eq!(error.check(), "client.unreachable", "{error}");
    let within = HostError::Receipt { place: 1, source: Box::new(error) };
    assert_eq!(within.check(), "client.unreachable", "{within}");
    assert_eq!(world.runtime.block_on(world.host.rooms()).unwrap(), []);
}

/// A host that gives one answer to everything.
fn liar(answer: Vec<u8>) -> Host {
    Host::new(&lies(move |_| answer.clone())).unwrap()
}

/// Where a host is that makes its answers up from the first bytes of requests.
fn lies(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> HostOptions {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut request = [0; 4096];
            if let Ok(length) = stream.read(&mut request) {
                drop(stream.write_all(&answer(&request[..length])));
            }
        }
    });
    let mut options = HostOptions::new(format!("http://{address}"));
    options.timeout = Duration::from_secs(5);
    options
}

fn response(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[test]
fn a_host_that_forgets_what_it_took_does_not_hold_an_upload_for_ever() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let world = World::new(None);
    let dataset = world.dataset(10);
    let (object, length) = (dataset.object, dataset.body_length);
    // It takes every manifest anew, and fails at every part: each answer to a manifest looks like a beginning.
    let partial = format!(r#"{{"object":"{object}","state":"partial","received":0,"length":{length}}}"#);
    let busy = br#"{"check":"http.busy","message":"busy","hint":"later"}"#;
    let options = lies(move |request| {
        let manifest = request.split(|byte| *byte == b' ').nth(1).is_some_and(|path| path.ends_with(b"/manifest"));
        if manifest { response("200 OK", partial.as_bytes()) } else { response("503 Service Unavailable", busy) }
    });
    let host = Host::new(&options).unwrap();
    let uploaded = runtime.block_on(host.upload(&dataset, &world.parties.alpha, &mut |_| {}));
    assert!(matches!(uploaded, Err(HostError::Stuck { .. })), "{uploaded:?}");
}

#[test]
fn a_host_that_lies_is_found_out_by_type() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let world = World::new(None);
    let dataset = world.dataset(10);
    let manifest = fs::read(&dataset.manifest).unwrap();
    let asked = ObjectId::from_bytes([7; 32]);
    let error = runtime.block_on(liar(response("200 OK", &manifest)).manifest(&asked)).unwrap_err();
    assert!(matches!(&error, HostError::Object { object, .. } if *object == asked), "{error}");
    let error = runtime.block_on(liar(response("200 OK", b"nonsense")).rooms()).unwrap_err();
    assert!(matches!(error, HostError::Answer { what: "another JSON shape", .. }), "{error}");
    let other = sign(&contract_with(&world.parties, |_| {}), &world.parties);
    let lied = liar(response("200 OK", &other.envelope().encode()));
    let error = runtime.block_on(lied.contract(&world.contract.id())).unwrap_err();
    assert!(matches!(error, HostError::Other { what: "contract" }), "{error}");
    let problem = br#"{"check":"x","message":"red \u001b[31m","hint":"none"}"#;
    let error = runtime.block_on(liar(response("409 Conflict", problem)).rooms()).unwrap_err();
    assert!(
        matches!(&error, HostError::Problem(problem) if problem.message == "red \u{fffd}[31m" && problem.status == 409)
    );
    let redirect = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n".to_vec();
    let error = runtime.block_on(liar(redirect).rooms()).unwrap_err();
    assert!(matches!(error, HostError::Answer { what: "a refusal without the API's problem", .. }), "{error}");
}

#[test]
fn a_changed_body_is_not_handed_over() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let world = World::new(None);
    let dataset = world.dataset(10);
    let manifest = sealroom_protocol::object::Manifest::decode(&fs::read(&dataset.manifest).unwrap()).unwrap();
    let mut body = fs::read(&dataset.body).unwrap();
    let good = runtime.block_on(liar(response("200 OK", &body)).body(&dataset.object, &manifest, 1 << 20)).unwrap();
    assert_eq!(good, body);
    *body.last_mut().unwrap() ^= 1;
    let changed = runtime.block_on(liar(response("200 OK", &body)).body(&dataset.object, &manifest, 1 << 20));
    assert!(matches!(changed, Err(HostError::Object { .. })));
    body.push(0);
    let longer = runtime.block_on(liar(response("200 OK", &body)).body(&dataset.object, &manifest, 1 << 20));
    assert!(matches!(longer, Err(HostError::TooLong { .. })));
    let over = runtime.block_on(liar(Vec::new()).body(&dataset.object, &manifest, 10));
    assert!(matches!(over, Err(HostError::TooLong { limit: 10, .. })));
}

#[test]
fn an_address_that_is_none_of_a_host_is_refused_before_anything_is_sent() {
    for url in [
        "",
        "host.example",
        "ftp://host.example",
        "http://host.example/path",
        "http://a:b@host.example",
        "http://host.example/?q",
    ] {
        let error = Host::new(&HostOptions::new(url)).unwrap_err();
        assert!(matches!(error, HostError::Url { .. }), "{url}");
    }
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let host = Host::new(&HostOptions::new(format!("http://{nobody}"))).unwrap();
    let error = runtime.block_on(host.health()).unwrap_err();
    assert!(matches!(error, HostError::Unreachable { .. }), "{error}");
}
