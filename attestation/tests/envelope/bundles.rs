//! Bundles: what was written reads back, and nothing else does.

use crate::{read, report};
use sealroom_attestation::{Bundle, EnvelopeError};

fn bundle() -> Bundle {
    let mut bundle = Bundle::new(report());
    bundle.endorsements = vec![b"one".to_vec(), b"two".to_vec()];
    bundle.appraised_at = Some(1_788_257_527);
    bundle.challenge = Some(vec![0x6f, 0x1c]);
    bundle
}

#[test]
fn a_bundle_reads_back_as_it_was_written() {
    let text = bundle().write();
    assert!(Bundle::sniff(text.as_bytes()));
    assert_eq!(Bundle::read(text.as_bytes()), Ok(bundle()));
    assert!(text.contains("\"appraised_at\": \"2026-09-01T10:12:07Z\"") && text.contains("\"challenge\": \"6f1c\""));
    let file = read(&text).unwrap();
    assert_eq!(file.forms, ["sealroom/1 appraisal bundle"]);
    assert_eq!((file.evidence, file.endorsements), (report(), bundle().endorsements));
    assert_eq!((file.appraised_at, file.challenge), (Some(1_788_257_527), Some(vec![0x6f, 0x1c])));
}

#[test]
fn time_and_challenge_may_be_left_out() {
    let text = Bundle::new(report()).write();
    assert_eq!(Bundle::read(text.as_bytes()), Ok(Bundle::new(report())));
    assert!(!text.contains("challenge") && !text.contains("appraised_at"));
}

#[test]
fn a_bundle_with_one_thing_wrong_is_refused_by_it() {
    let text = bundle().write();
    let cases = [
        ("\"6f1c\"", "\"6F1C\"", "challenge is not 1 to 1024 bytes in lower-case hexadecimal"),
        ("\"6f1c\"", "\"\"", "challenge is not 1 to 1024 bytes in lower-case hexadecimal"),
        ("\"6f1c\"", "\"6f1\"", "challenge is not 1 to 1024 bytes in lower-case hexadecimal"),
        ("T10:12:07Z", " 10:12:07Z", "appraised_at is not a time such as 2026-09-01T10:12:07Z"),
        ("T10:12:07Z", "T10:12:60Z", "appraised_at is not a time such as 2026-09-01T10:12:07Z"),
        ("\"b25l\"", "\"b25\"", "an endorsement is not base64 with padding"),
        (
            "\"challenge\"",
            "\"nonce\"",
            "unknown field `nonce`, expected one of `format`, `evidence`, `endorsements`, `appraised_at`, `challenge` at line 9 column 9",
        ),
        ("\"evidence\"", "\"challenge\"", "duplicate field `challenge` at line 9 column 13"),
    ];
    for (good, bad, problem) in cases {
        let changed = text.replacen(good, bad, 1);
        assert_ne!(changed, text, "{bad}");
        let expected = EnvelopeError::Bundle { problem: problem.into() };
        assert_eq!(Bundle::read(changed.as_bytes()), Err(expected.clone()), "{bad}");
        assert_eq!(read(&changed), Err(expected), "{bad}");
    }
    let other = text.replacen("sealroom/1 appraisal bundle", "sealroom/2 appraisal bundle", 1);
    let found = "sealroom/2 appraisal bundle".into();
    assert_eq!(read(&other), Err(EnvelopeError::BundleFormat { found }));
}

#[test]
fn a_bundle_of_too_many_endorsements_is_refused() {
    let mut bundle = bundle();
    bundle.endorsements = vec![b"one".to_vec(); 65];
    let problem = String::from("65 endorsements, expected at most 64");
    assert_eq!(Bundle::read(bundle.write().as_bytes()), Err(EnvelopeError::Bundle { problem }));
}
