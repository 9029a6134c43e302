//! One thing wrong a file: what is said of it.

use crate::forms::with_table;
use crate::{base64, hex, read, report};
use sealroom_attestation::{DecodeError, EnvelopeError, Evidence, EvidenceFile};

fn refused(text: impl AsRef<[u8]>) -> EnvelopeError {
    let text = text.as_ref();
    let shown = String::from_utf8_lossy(text.get(..60).unwrap_or(text)).into_owned();
    read(text).map(|file| panic!("{shown} was read as {:?}", file.forms)).unwrap_err()
}

#[test]
fn a_hundred_megabytes_are_refused_without_being_read() {
    let found = 100 * 1024 * 1024;
    let bytes = vec![b'{'; found];
    let start = std::time::Instant::now();
    assert_eq!(refused(&bytes), EnvelopeError::TooLarge { limit: EvidenceFile::LIMIT, found });
    assert!(start.elapsed().as_millis() < 100, "{:?}", start.elapsed());
}

#[test]
fn digits_that_do_not_make_bytes_are_named() {
    let digits = hex(&report());
    assert_eq!(refused(&digits[1..]), EnvelopeError::OddHexadecimal { digits: 2367 });
    assert_eq!(refused("2 0 0 0 255, 17"), EnvelopeError::Decimal);
    assert_eq!(refused("2,0,0,0"), EnvelopeError::Decimal);
    assert_eq!(refused("02:00:00:00"), EnvelopeError::Text { character: ':', position: 3 });
    assert_eq!(refused("hello world!"), EnvelopeError::Text { character: '!', position: 11 });
    let text = base64(&report());
    assert_eq!(refused(&text[..text.len() - 2]).to_string(), EnvelopeError::Base64.to_string());
    assert_eq!(refused(text.replacen('+', "-", 1)), EnvelopeError::Base64, "two alphabets");
    assert_eq!(refused("  \n"), EnvelopeError::Empty);
    assert_eq!(refused(""), EnvelopeError::Empty);
}

#[test]
fn pem_of_certificates_and_broken_pem_are_named() {
    let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    assert_eq!(refused(block("CERTIFICATE")), EnvelopeError::PemOfEndorsements);
    assert_eq!(refused(block("QUOTE") + &block("QUOTE")), EnvelopeError::Pem, "two pieces of Evidence");
    assert_eq!(refused("-----BEGIN QUOTE-----\nAAAA\n"), EnvelopeError::Pem);
}

#[test]
fn json_without_one_piece_of_evidence_is_named() {
    let text = base64(&report());
    let keys = |found: &str| EnvelopeError::NoEvidenceKey { found: found.into() };
    assert_eq!(refused("{\"a\": 1, \"b\": [2]}"), keys("\"a\", \"b\""));
    assert_eq!(refused("{\"quote\": null}"), keys("no keys"));
    assert_eq!(refused("{}"), keys("no keys"));
    assert_eq!(refused("[]"), keys("an array"));
    assert_eq!(
        refused(format!("{{\"quote\": \"{text}\", \"token\": \"{text}\"}}")),
        EnvelopeError::TwoEvidenceKeys { one: "quote", other: "token" }
    );
    assert_eq!(refused("{\"quote\": true}"), EnvelopeError::Value { key: "quote", found: "true or false" });
    assert_eq!(refused("{\"quote\": \"\"}"), EnvelopeError::Value { key: "quote", found: "empty" });
    assert_eq!(
        refused("{\"quote\": [1, 256]}").to_string().split(" at ").next(),
        Some("json that can not be read: invalid value: integer `256`, expected u8")
    );
    assert_eq!(
        refused("{\"quote\": [300]}").to_string(),
        "json that can not be read: a byte is a number from 0 to 255 at line 1 column 15"
    );
    assert!(
        matches!(refused("{\"quote\": \"AAAA\", \"quote\": \"AAAA\"}"), EnvelopeError::Json { problem } if problem.starts_with("key \"quote\" occurs twice"))
    );
    assert!(matches!(refused("{\"quote\": "), EnvelopeError::Json { .. }));
}

#[test]
fn lists_within_lists_end_where_there_are_more_values_than_any_file_has() {
    let nested = |outer: usize, inner: &str| format!("{{\"endorsements\":[{}]}}", vec![inner; outer].join(","));
    let sixteen = format!("[{}]", ["null"; 16].join(","));
    // The lists' list, so many lists, and what is in them.
    assert!(matches!(refused(nested(60, &sixteen)), EnvelopeError::NoEvidenceKey { .. }));
    let EnvelopeError::Json { problem } = refused(nested(61, &sixteen)) else { panic!("another error") };
    assert!(problem.starts_with("more than 1024 values at line 1 column "), "{problem}");
    let EnvelopeError::Json { problem } = refused(nested(65, "null")) else { panic!("another error") };
    assert!(problem.starts_with("a list of more than 64 items"), "{problem}");
}

#[test]
fn an_event_log_beside_what_is_no_quote_of_a_trust_domain_is_named() {
    let (text, alone) = (base64(&report()), EnvelopeError::LogOfNothing { key: "cc_eventlog" });
    assert_eq!(refused(format!("{{\"cc_eventlog\": \"AAAA\", \"quote\": \"{text}\"}}")), alone);
    assert_eq!(refused(format!("{{\"cc_eventlog\": \"AAAA\", \"tdx\": {{\"quote\": \"{text}\"}}}}")), alone);
    assert_eq!(refused("{\"cc_eventlog\": \"AAAA\"}"), EnvelopeError::NoEvidenceKey { found: "no keys".into() });
    let quote = hex(&[[4, 0, 2, 0, 0x81, 0, 0, 0].as_slice(), &[7; 700]].concat());
    assert_eq!(
        refused(format!("{{\"cc_eventlog\": true, \"quote\": \"{quote}\"}}")),
        EnvelopeError::Value { key: "cc_eventlog", found: "true or false" }
    );
}

#[test]
fn evidence_taken_apart_into_fields_is_named() {
    let trustee = "{\"attestation_report\": {\"version\": 2, \"guest_svn\": 0}, \"cert_chain\": null}";
    assert_eq!(refused(trustee), EnvelopeError::TakenApart { key: "attestation_report" });
    let protocol_buffers = "{\"header\": {\"version\": 4}, \"tdQuoteBody\": {}, \"signedData\": {}}";
    assert_eq!(refused(protocol_buffers), EnvelopeError::TakenApart { key: "tdQuoteBody" });
}

#[test]
fn a_broken_certificate_table_is_named() {
    let table = |problem| EnvelopeError::CertificateTable { problem };
    assert_eq!(refused(with_table(&[(b"first", 4800)])), table("an entry points past the end"));
    let mut unended = report();
    unended.extend([1; 24]);
    assert_eq!(refused(&unended), table("an entry points past the end"));
    let none = [report().as_slice(), &[5; 3]].concat();
    assert_eq!(refused(none), table("no entry of zeros ends it"));
}

#[test]
fn forms_around_each_other_have_a_limit() {
    let wrapped = |times: usize| (0..times).fold(report(), |bytes, _| base64(&bytes).into_bytes());
    assert_eq!(read(wrapped(3)).unwrap().evidence, report());
    assert_eq!(refused(wrapped(4)), EnvelopeError::TooDeep { limit: 3 });
}

#[test]
fn binary_of_nobody_is_left_for_the_decoders_to_refuse() {
    let bytes = [0xff, 0, 1, 2];
    assert_eq!(read(bytes).unwrap().evidence, bytes);
    assert_eq!(Evidence::decode(&bytes), Err(DecodeError::EvidenceKind { length: 4 }));
}

#[test]
fn no_bytes_make_it_panic_or_give_more_than_they_are() {
    // A generator is enough here: the seeds are the forms that are known, with bytes changed.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let json = format!("{{\"quote\": \"{}\", \"endorsements\": [\"AAAA\", [1, 2]]}}", hex(&report()[..64]));
    let seeds = [
        report(),
        json.into_bytes(),
        hex(&report()[..80]).into_bytes(),
        with_table(&[(b"first", 48)]),
        vec![0, 2, 0xbd, 0x46, 0x84],
    ];
    let mut read_well = 0;
    for round in 0..20_000_usize {
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..next() % 4 {
            let at = usize::try_from(next()).unwrap() % bytes.len();
            bytes[at] = next().to_le_bytes()[0];
        }
        if next() % 4 == 0 {
            bytes.truncate(usize::try_from(next()).unwrap() % bytes.len());
        }
        if let Ok(file) = read(&bytes) {
            assert!(file.evidence.len() <= bytes.len());
            read_well += 1;
        }
    }
    assert!(read_well > 1000, "the changes are small enough to get somewhere: {read_well}");
}
