//! `--online`: what is needed is fetched from services on this machine that replay recorded answers.

use crate::recorded::{SNP, TDX, folder};
use crate::service::{self, Intel};
use crate::{Argument, Ended, schema, sealroom};
use serde_json::{Value, json};
use std::path::Path;

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn amd(folder: &Path) -> String {
    let chain = [read(&folder.join("snp/roots/milan/ask.pem")), read(&folder.join("snp/roots/milan/ark.pem"))].concat();
    service::amd(read(&folder.join("snp/trustee/test-vcek.der")), chain)
}

#[test]
fn a_report_alone_is_accepted_with_what_its_makers_service_answers_and_then_from_the_cache() {
    let Some(folder) = folder("a_report_alone_is_accepted_with_what_its_makers_service_answers") else { return };
    let work = tempfile::tempdir().unwrap();
    let (evidence, policy, cache) = (folder.join(SNP.evidence), SNP.policy(&folder, &work), work.path().join("cache"));
    let appraise = |more: &[Argument<'_>]| -> Ended {
        let mut arguments: Vec<Argument<'_>> =
            vec![&"appraise", &evidence, &"--policy", &policy, &"--at", &SNP.at, &"--no-challenge", &"recorded"];
        arguments.extend(more);
        sealroom(&arguments)
    };
    appraise(&[]).with(3);
    let address = amd(&folder);
    let online: [Argument<'_>; 6] = [&"--online", &"--amd", &address, &"--cache", &cache, &"--json"];
    let value = appraise(&online).with(0).json();
    schema::hold(&value);
    let problems: Vec<&Value> = value["fetched"].as_array().unwrap().iter().map(|item| &item["problem"]).collect();
    assert_eq!(problems.iter().filter(|problem| problem.is_null()).count(), 2, "{problems:?}");
    // The revocation list is one that this service does not have, and the policy says that none was recorded.
    assert!(problems.iter().any(|problem| problem.as_str().is_some_and(|text| text.contains("/vcek/v1/Milan/crl"))));
    // What was fetched is kept: nobody answers under this address.
    let nobody: [Argument<'_>; 5] = [&"--online", &"--amd", &"http://127.0.0.1:9", &"--cache", &cache];
    let said = appraise(&nobody).with(0).answer;
    assert!(said.contains("  not fetched: revocation list of AMD's VCEK keys"), "{said}");
    let said = appraise(&[&"--amd", &address]).with(1).notes;
    assert!(said.contains("the address of a service was given, and not --online"), "{said}");
    let bundle = work.path().join("bundle");
    let mut arguments: Vec<Argument<'_>> = vec![&"bundle", &evidence, &"--at", &SNP.at, &"-o", &bundle];
    arguments.extend(&online[..5]);
    sealroom(&arguments).with(0);
    sealroom(&[&"appraise", &bundle, &"--policy", &policy, &"--at", &"bundle", &"--no-challenge", &"recorded"]).with(0);
}

#[test]
fn what_intels_service_answers_is_appraised_and_what_has_expired_or_was_changed_is_not_believed() {
    let Some(folder) = folder("what_intels_service_answers_is_appraised") else { return };
    let work = tempfile::tempdir().unwrap();
    let (evidence, policy) = (folder.join(TDX.evidence), TDX.policy(&folder, &work));
    let collateral = read(&folder.join(TDX.endorsements[0]));
    let appraise = |intel: Intel, cache: &str| {
        let address = intel.serve("B0C06F000000");
        let (cache, root) = (work.path().join(cache), format!("{address}/root.der"));
        let arguments: [Argument<'_>; 15] = [
            &"appraise",
            &evidence,
            &"--policy",
            &policy,
            &"--at",
            &TDX.at,
            &"--no-challenge",
            &"recorded",
            &"--online",
            &"--cache",
            &cache,
            &"--intel",
            &address,
            &"--intel-root-crl",
            &root,
        ];
        let mut arguments = arguments.to_vec();
        arguments.push(&"--json");
        sealroom(&arguments)
    };
    // What they answered in 2025 has ended since, and what has ended is not fetched, whenever it is judged as of.
    let value = appraise(Intel::recorded(&collateral), "then").with(3).json();
    schema::hold(&value);
    let expired = |item: &&Value| item["problem"].as_str().is_some_and(|problem| problem.contains("expired"));
    assert!(value["fetched"].as_array().unwrap().iter().filter(expired).count() >= 2, "{}", value["fetched"]);
    assert_eq!(value["verdict"], json!("undecided"));
    // A service that says something else than Intel signed is found out by the signatures.
    let value = appraise(Intel::recorded(&collateral).with_later_ends(), "now").with(4).json();
    schema::hold(&value);
    assert!(value["fetched"].as_array().unwrap().iter().all(|item| item["problem"].is_null()), "{}", value["fetched"]);
    let failed: Vec<&str> = value["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["status"] == "fail")
        .map(|check| check["id"].as_str().unwrap())
        .collect();
    for id in ["common.revocation", "dcap.tcb-info-signature", "dcap.qe-identity-signature"] {
        assert!(failed.contains(&id), "{id} is not in {failed:?}");
    }
}
