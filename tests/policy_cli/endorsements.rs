//! `endorsements fetch` from a service that replays recorded answers, and `endorsements show`.

use crate::program::{sealroom, vectors, word};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

/// Serves AMD's answers for one chip; what it does not have is 404. Gives its address.
fn service(leaf: Vec<u8>, chain: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default();
            let body: &[u8] = match path {
                _ if path.ends_with("/vcek/v1/Milan/cert_chain") => &chain,
                _ if path.ends_with("/vcek/v1/Milan/crl") => &[],
                _ if path.contains("/vcek/v1/Milan/") => &leaf,
                _ => &[],
            };
            let status = if body.is_empty() { "404 Not Found" } else { "200 OK" };
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            // Who asked may be gone.
            drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)));
        }
    });
    address
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn what_a_report_needs_is_fetched_kept_and_named_where_it_is_missing() {
    let Some(vectors) = vectors("what_a_report_needs_is_fetched_kept_and_named_where_it_is_missing") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (into, cache) = (folder.path().join("into"), folder.path().join("cache"));
    let chain =
        [read(&vectors.join("snp/roots/milan/ask.pem")), read(&vectors.join("snp/roots/milan/ark.pem"))].concat();
    let address = service(read(&vectors.join("snp/trustee/test-vcek.der")), chain);
    let evidence = vectors.join("snp/trustee/test-report.bin");
    let words = ["endorsements", "fetch", word(&evidence), "--cache", word(&cache), "--into", word(&into), "--json"];
    // The revocation list is one that this service does not have.
    let json = sealroom(&[&words[..], &["--amd", &address]].concat()).ended(3).json();
    assert_eq!(json["missing"], 1, "{json}");
    let missing = json["needed"].as_array().unwrap().iter().find(|item| item["error"].is_string()).unwrap();
    assert!(missing["needed"].as_str().unwrap().starts_with("revocation list of AMD's VCEK keys"), "{missing}");
    assert_eq!(missing["may_pass"], false);
    // The rest is in the cache now, and needs no network.
    let offline = sealroom(&[&words[..], &["--offline"]].concat()).ended(3).json();
    let from_cache = offline["needed"].as_array().unwrap().iter().filter(|item| item["from_cache"] == true).count();
    assert_eq!(from_cache, 2, "{offline}");
    // What was written is what an appraisal reads.
    let shown = sealroom(&["endorsements", "show", word(&into)]).ended(0).out;
    assert!(
        shown.contains("SEV-VCEK") && shown.contains("ARK-Milan") && shown.contains("nothing has expired"),
        "{shown}"
    );
}

#[test]
fn a_document_of_a_nitro_enclave_needs_nothing() {
    let Some(vectors) = vectors("a_document_of_a_nitro_enclave_needs_nothing") else { return };
    let document = vectors.join("nitro/dstack/nitro_attestation.bin");
    let json = sealroom(&["endorsements", "fetch", word(&document), "--json"]).ended(0).json();
    assert_eq!(json["missing"], 0);
}

#[test]
fn what_has_expired_is_said_to_have_expired() {
    let Some(vectors) = vectors("what_has_expired_is_said_to_have_expired") else { return };
    let collateral = vectors.join("tdx/dcap-qvl/tdx_quote_collateral.json");
    let ran = sealroom(&["endorsements", "show", word(&collateral)]).ended(3);
    assert!(ran.out.contains("TCB info") && ran.out.contains("EXPIRED"), "{}", ran.out);
    let json = sealroom(&["endorsements", "show", word(&collateral), "--json"]).ended(3).json();
    assert!(json["expired"].as_u64().unwrap() > 0, "{json}");
}
