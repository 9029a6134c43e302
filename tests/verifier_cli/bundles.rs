//! A bundle repeats a verdict, and does not choose how it is judged.

use crate::recorded::{NITRO, SNP, TDX, folder};
use crate::{Argument, flags, sealroom};
use serde_json::{Value, json};

#[test]
fn a_bundle_repeats_the_verdict_without_anything_beside_it() {
    let Some(folder) = folder("a_bundle_repeats_the_verdict_without_anything_beside_it") else { return };
    let work = tempfile::tempdir().unwrap();
    for recorded in [SNP, TDX, NITRO] {
        let policy = recorded.policy(&folder, &work);
        let evidence = folder.join(recorded.evidence);
        let bundle = work.path().join("bundle");
        let mut arguments: Vec<Argument<'_>> =
            vec![&"bundle", &evidence, &"--at", &recorded.at, &"--output", &bundle, &"--json"];
        let endorsements = recorded.paths(&folder);
        arguments.extend(flags(&"--endorsements", &endorsements));
        let value = sealroom(&arguments).with(0).json();
        assert_eq!((&value["platform"], &value["appraised_at"]), (&json!(recorded.platform), &json!(recorded.at)));
        assert_eq!(value["endorsements"], json!(endorsements.len()));
        let again = || {
            sealroom(&[
                &"appraise",
                &bundle,
                &"--policy",
                &policy,
                &"--at",
                &"bundle",
                &"--no-challenge",
                &"recorded by others",
                &"--json",
            ])
        };
        let mut repeated = again().with(0).json();
        let mut once = recorded.appraise(&folder, &evidence, &policy, &["--json"]).with(0).json();
        assert_eq!(repeated["forms"], json!(["sealroom/1 appraisal bundle"]));
        for value in [&mut repeated, &mut once] {
            value["forms"] = Value::Null;
        }
        assert_eq!(repeated, once);
        // A bundle's Endorsements serve other Evidence as well.
        let ended = sealroom(&[
            &"appraise",
            &evidence,
            &"--endorsements",
            &bundle,
            &"--policy",
            &policy,
            &"--at",
            &recorded.at,
            &"--no-challenge",
            &"x",
        ]);
        assert_eq!(ended.code, 0, "{ended:?}");
    }
}

#[test]
fn a_bundle_does_not_choose_the_time_at_which_it_is_judged() {
    let Some(folder) = folder("a_bundle_does_not_choose_the_time_at_which_it_is_judged") else { return };
    let work = tempfile::tempdir().unwrap();
    let policy = NITRO.policy(&folder, &work);
    let bundle = work.path().join("bundle");
    sealroom(&[&"bundle", &folder.join(NITRO.evidence), &"--at", &NITRO.at, &"-o", &bundle]).with(0);
    // Its certificates have ended since.
    let ended = sealroom(&[&"appraise", &bundle, &"--policy", &policy, &"--no-challenge", &"x"]).with(3);
    assert!(ended.answer.contains("  FAIL common.time (missing, or not current)  "), "{}", ended.answer);
    assert!(ended.notes.contains(&format!("the file says that it was appraised at {}; --at bundle", NITRO.at)));
}

#[test]
fn a_bundles_challenge_is_used_where_that_is_said() {
    let Some(folder) = folder("a_bundles_challenge_is_used_where_that_is_said") else { return };
    let work = tempfile::tempdir().unwrap();
    let policy = SNP.policy(&folder, &work);
    let report = std::fs::read(folder.join(SNP.evidence)).unwrap();
    // AMD 56860, ATTESTATION_REPORT: REPORT_DATA.
    let report_data: String = report[0x50..0x90].iter().map(|byte| format!("{byte:02x}")).collect();
    let paths = SNP.paths(&folder);
    for (challenge, code) in [(report_data.as_str(), 0), ("6f1c6f1c6f1c6f1c", 4)] {
        let bundle = work.path().join("bundle");
        sealroom(&[
            &"bundle",
            &folder.join(SNP.evidence),
            &"--endorsements",
            &paths[0],
            &"--endorsements",
            &paths[1],
            &"--at",
            &SNP.at,
            &"--challenge",
            &challenge,
            &"-o",
            &bundle,
        ])
        .with(0);
        sealroom(&[&"appraise", &bundle, &"--policy", &policy, &"--at", &"bundle", &"--challenge", &"bundle"])
            .with(code);
    }
}

#[test]
fn what_does_not_decode_goes_into_no_bundle() {
    let Some(folder) = folder("what_does_not_decode_goes_into_no_bundle") else { return };
    let work = tempfile::tempdir().unwrap();
    let bundle = work.path().join("bundle");
    let wrong = work.path().join("wrong");
    std::fs::write(&wrong, "neither").unwrap();
    sealroom(&[&"bundle", &wrong, &"-o", &bundle]).with(2);
    let said =
        sealroom(&[&"bundle", &folder.join(SNP.evidence), &"--endorsements", &wrong, &"-o", &bundle]).with(1).notes;
    assert!(said.contains("wrong is no Endorsement: "), "{said}");
    assert!(!bundle.exists());
}
