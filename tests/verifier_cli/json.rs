//! What programs get: one value a command, of the shape in docs/appraisal.md.

use crate::recorded::{NITRO, NITRO_DEBUG, Recorded, SNP, TDX, folder};
use crate::{sealroom, sealroom_reading};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Every field that the page names, and no other.
fn documented(value: &Value) {
    let page = include_str!("../../docs/appraisal.md");
    for key in keys(value) {
        assert!(page.contains(&format!("`{key}`")), "docs/appraisal.md does not name {key}");
    }
}

#[test]
fn an_accepted_verdict_has_every_check_and_a_result() {
    let Some(folder) = folder("an_accepted_verdict_has_every_check_and_a_result") else { return };
    let work = tempfile::tempdir().unwrap();
    let policy = TDX.policy(&folder, &work);
    let ended = TDX.appraise(&folder, &folder.join(TDX.evidence), &policy, &["--json"]).with(0);
    let value = ended.json();
    documented(&value);
    documented(&value["result"]);
    let of = |key: &str| value[key].clone();
    assert_eq!((of("sealroom"), of("command"), of("appraisal")), (json!(1), json!("appraise"), json!(1)));
    assert_eq!((of("verdict"), of("exit_code"), of("platform")), (json!("accepted"), json!(0), json!("intel-tdx")));
    assert_eq!((of("appraised_at"), of("accept_block")), (json!(TDX.at), json!("pinned Evidence")));
    assert_eq!((of("forms"), of("fetched"), of("other_blocks")), (json!([]), json!([]), json!([])));
    assert_eq!(value["policy_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(value["result"]["simulated"], json!(false));
    assert_eq!(value["needed"].as_array().unwrap().len(), 5, "{}", value["needed"]);
    let checks = value["checks"].as_array().unwrap();
    assert!(checks.len() > 30);
    for check in checks {
        documented(check);
        let status = check["status"].as_str().unwrap();
        assert!(["pass", "skipped"].contains(&status), "{check}");
        assert!(
            check["id"].is_string()
                && check["expected"].is_string()
                && check["actual"].is_string()
                && check["hint"].is_string()
        );
        assert_eq!(status == "skipped", check["reason"].is_string(), "{check}");
    }
}

#[test]
fn each_refused_verdict_says_which_kind_it_is() {
    let Some(folder) = folder("each_refused_verdict_says_which_kind_it_is") else { return };
    let work = tempfile::tempdir().unwrap();
    let failed = |value: &Value| -> Vec<String> {
        let checks = value["checks"].as_array().unwrap().iter().filter(|check| check["status"] == "fail");
        checks.map(|check| check["id"].as_str().unwrap().to_owned()).collect()
    };
    let policy = SNP.policy(&folder, &work);
    let without = Recorded { endorsements: &[], ..SNP };
    let value = without.appraise(&folder, &folder.join(SNP.evidence), &policy, &["--json"]).with(3).json();
    assert_eq!((&value["verdict"], &value["exit_code"]), (&json!("undecided"), &json!(3)));
    assert_eq!(failed(&value), ["common.endorsements"]);
    assert!(value["checks"].as_array().unwrap().iter().any(|check| check["undecided"] == true));
    assert!(value.get("result").is_none());

    let policy = NITRO.policy(&folder, &work);
    let value = NITRO_DEBUG.appraise(&folder, &folder.join(NITRO_DEBUG.evidence), &policy, &["--json"]).with(5).json();
    assert_eq!((&value["verdict"], &value["exit_code"]), (&json!("refused"), &json!(5)));
    assert!(failed(&value).contains(&"nitro.debug".to_owned()));
    assert_eq!(value["forms"], json!(["dstack attestation (SCALE)"]));

    let arguments: [&dyn AsRef<std::ffi::OsStr>; 7] =
        [&"verify", &"-", &"--policy", &policy, &"--no-challenge", &"x", &"--json"];
    let value = sealroom_reading(&arguments, b"abc").with(2).json();
    documented(&value);
    assert_eq!((&value["verdict"], &value["exit_code"]), (&json!("malformed"), &json!(2)));
    assert_eq!((failed(&value), &value["platform"]), (vec!["common.evidence-kind".to_owned()], &Value::Null));
}

#[test]
fn without_a_policy_the_value_says_that_nothing_was_appraised() {
    let Some(folder) = folder("without_a_policy_the_value_says_that_nothing_was_appraised") else { return };
    let value = sealroom(&[&"appraise", &folder.join(NITRO.evidence), &"--json"]).with(1).json();
    documented(&value);
    assert_eq!((&value["verdict"], &value["exit_code"]), (&json!("not-appraised"), &json!(1)));
    assert!(value["policy_toml"].as_str().unwrap().contains("[[accept.aws-nitro]]"));
    assert!(value.get("checks").is_none());
}

#[test]
fn inspect_marks_everything_as_not_verified() {
    let Some(folder) = folder("inspect_marks_everything_as_not_verified") else { return };
    for recorded in [SNP, TDX, NITRO] {
        let evidence = folder.join(recorded.evidence);
        let said = sealroom(&[&"inspect", &evidence]).with(0).answer;
        let values = said.split("an appraisal needs:").next().unwrap();
        assert!(values.lines().count() > 10 && values.lines().all(|line| line.starts_with("NOT VERIFIED  ")), "{said}");
        let value = sealroom(&[&"inspect", &evidence, &"--json"]).with(0).json();
        documented(&value);
        assert_eq!((&value["verified"], &value["warning"]), (&json!(false), &json!("NOT VERIFIED")));
        assert_eq!(value["platform"], json!(recorded.platform));
        let claims = value["unverified_claims"].as_array().unwrap();
        assert!(claims.len() > 8 && claims.iter().all(|claim| claim["name"].is_string() && claim["value"].is_string()));
        assert!(said.contains(value["unverified_measurement"].as_str().unwrap()));
    }
}
