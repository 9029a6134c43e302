//! `endorsements fetch` from services that replay recorded answers, and `endorsements show`.

use crate::program::{sealroom, vectors, word};
use crate::service::{self, Intel};
use std::path::Path;

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
    let address = service::amd(read(&vectors.join("snp/trustee/test-vcek.der")), chain);
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

/// Of the quote `tdx/dcap-qvl/tdx_quote`.
const FMSPC: &str = "B0C06F000000";

#[test]
fn all_of_intels_answers_for_a_quote_are_fetched_and_what_has_expired_is_not() {
    let Some(vectors) = vectors("all_of_intels_answers_for_a_quote_are_fetched") else { return };
    let folder = tempfile::tempdir().unwrap();
    let recorded = || Intel::recorded(&read(&vectors.join("tdx/dcap-qvl/tdx_quote_collateral.json")));
    let quote = vectors.join("tdx/dcap-qvl/tdx_quote");
    let fetch = |address: &str, name: &str| {
        let (into, cache, root) =
            (folder.path().join(name), folder.path().join("cache"), format!("{address}/root.der"));
        let words = ["endorsements", "fetch", word(&quote), "--into", word(&into), "--cache", word(&cache), "--json"];
        (sealroom(&[&words[..], &["--intel", address, "--intel-root-crl", &root]].concat()), into)
    };
    // As they were answered in 2025: all of them have ended, but for the list of the root.
    let (ran, _) = fetch(&recorded().serve(FMSPC), "then");
    let json = ran.ended(3).json();
    let errors: Vec<&str> =
        json["needed"].as_array().unwrap().iter().filter_map(|item| item["error"].as_str()).collect();
    assert!(!errors.is_empty() && json["missing"] == errors.len(), "{json}");
    assert!(errors.iter().any(|error| error.contains("expired on ")), "{errors:?}");
    // As they would be answered now. Who fetches verifies no signature, and these no longer fit.
    let (ran, into) = fetch(&recorded().with_later_ends().serve(FMSPC), "now");
    let json = ran.ended(0).json();
    let needed = json["needed"].as_array().unwrap();
    assert_eq!((needed.len(), json["missing"].as_u64()), (5, Some(0)), "{json}");
    assert!(needed.iter().all(|item| !item["files"].as_array().unwrap().is_empty()), "{json}");
    let shown = sealroom(&["endorsements", "show", word(&into)]).ended(0).out;
    for what in ["TCB info", "QE identity", "Intel SGX TCB Signing", "Intel SGX PCK Platform CA", "nothing has expired"]
    {
        assert!(shown.contains(what), "{what} is not in {shown}");
    }
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
