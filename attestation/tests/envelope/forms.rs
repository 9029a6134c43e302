//! Every form that is known gives the bytes that the platform made.

use crate::{base64, base64url, hex, read, report};

fn holds(text: impl AsRef<[u8]>, form: &str) {
    let file = read(text).unwrap_or_else(|error| panic!("{form}: {error}"));
    assert_eq!(file.evidence, report(), "{form}");
    assert_eq!(file.forms.join(" | "), form);
}

#[test]
fn the_platforms_own_bytes_are_left_as_they_are() {
    holds(report(), "");
}

#[test]
fn digits_of_either_case_are_read_with_white_space_and_without() {
    let digits = hex(&report());
    holds(&digits, "hexadecimal digits");
    holds(digits.to_uppercase(), "hexadecimal digits");
    holds(format!("0x{digits}\n"), "hexadecimal digits");
    let lines: Vec<&str> = digits.as_bytes().chunks(60).map(|line| core::str::from_utf8(line).unwrap()).collect();
    holds(lines.join("\r\n"), "hexadecimal digits");
}

#[test]
fn both_alphabets_of_base64_are_read_padded_or_not() {
    let text = base64(&report());
    assert!(text.contains('+') && text.contains('/') && text.ends_with('='), "the case is the hard one");
    holds(&text, "base64");
    holds(text.trim_end_matches('='), "base64");
    holds(base64url(&report()), "base64url");
    let lines: Vec<&str> = text.as_bytes().chunks(76).map(|line| core::str::from_utf8(line).unwrap()).collect();
    holds(lines.join("\n"), "base64");
}

fn pem(label: &str, bytes: &[u8]) -> String {
    let text = base64(bytes);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| core::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[test]
fn pem_is_evidence_and_then_certificates() {
    holds(pem("ATTESTATION REPORT", &report()), "PEM \"ATTESTATION REPORT\"");
    let with_certificate = pem("EVIDENCE", &report()) + &pem("CERTIFICATE", b"leaf");
    assert_eq!(read(with_certificate).unwrap().endorsements, [b"leaf"]);
}

#[test]
fn json_of_each_tool_is_read() {
    let (digits, text, url) = (hex(&report()), base64(&report()), base64url(&report()));
    let numbers = format!("{:?}", report());
    let cases = [
        (format!("{{\"cc_eventlog\": null, \"quote\": \"{text}\"}}"), "JSON \"quote\""),
        (format!("{{\"quote\": \"{digits}\", \"event_log\": \"[{{\\\"imr\\\":0}}]\"}}"), "JSON \"quote\""),
        (format!("{{\"intel_quote\": \"{digits}\"}}"), "JSON \"intel_quote\""),
        (format!("{{\"tdx\": {{\"quote\": \"{text}\", \"runtime_data\": \"\"}}}}"), "JSON \"tdx.quote\""),
        (format!("{{\"attestation_document\": \"{text}\"}}"), "JSON \"attestation_document\""),
        (format!("{{\"Attestation\": {{\"document\": {numbers}}}}}"), "JSON \"Attestation.document\""),
        (format!("{{\"token\": {numbers}}}"), "JSON \"token\""),
        (numbers.clone(), "JSON array of bytes"),
        (format!("[\"application/eat+cwt\", \"{url}\", 2]"), "conceptual message wrapper"),
    ];
    for (text, form) in cases {
        holds(text, form);
    }
}

/// Trustee hands the log of a trust domain over beside its quote: both are one file, and whether that is Evidence is decided later.
#[test]
fn a_quote_and_its_event_log_in_json_become_the_one_file_of_both() {
    let quote = [[4, 0, 2, 0, 0x81, 0, 0, 0].as_slice(), &[7; 700]].concat();
    let log = [1_u8, 2, 3, 4, 5].as_slice();
    let expected = [b"SRTDX\0\0\x01".as_slice(), &708_u32.to_be_bytes(), &quote, &5_u32.to_be_bytes(), log].concat();
    let json = |log: &str| format!("{{\"cc_eventlog\": {log}, \"quote\": \"{}\"}}", base64(&quote));
    for log in [format!("\"{}\"", base64(log)), format!("{log:?}"), format!("\"{}\"", hex(log))] {
        let file = read(json(&log)).unwrap();
        assert_eq!(file.evidence, expected, "{log}");
        assert_eq!(file.forms, ["JSON \"quote\"", "JSON \"cc_eventlog\""]);
    }
    // A guest without a log.
    for none in ["null", "\"\""] {
        let file = read(json(none)).unwrap();
        assert_eq!((file.evidence, file.forms), (quote.clone(), vec!["JSON \"quote\"".to_owned()]), "{none}");
    }
}

#[test]
fn azure_attestations_json_inside_json_brings_its_chain() {
    let chain = pem("CERTIFICATE", b"leaf");
    let inner = format!(
        "{{\"SnpReport\": \"{}\", \"VcekCertChain\": \"{}\"}}",
        base64url(&report()),
        base64url(chain.as_bytes())
    );
    let file = read(format!("{{\"report\": \"{}\", \"runtimeData\": {{}}}}", base64url(inner.as_bytes()))).unwrap();
    assert_eq!(file.evidence, report());
    assert_eq!(file.endorsements, [chain.into_bytes()]);
    assert_eq!(file.forms, ["JSON \"report\"", "JSON \"SnpReport\""]);
}

#[test]
fn what_a_rooms_appraisal_saved_brings_its_endorsements_and_time() {
    let text = format!(
        "{{\"enclave_key\": \"00\", \"evidence\": \"{}\", \"endorsements\": [\"{}\"], \"challenges\": [], \
         \"operator_statement\": null, \"appraised\": 1700000000}}",
        base64(&report()),
        base64(b"leaf")
    );
    let file = read(text).unwrap();
    assert_eq!((file.evidence, file.endorsements), (report(), vec![b"leaf".to_vec()]));
    assert_eq!((file.appraised_at, file.challenge), (Some(1_700_000_000), None));
}

#[test]
fn a_certificate_table_behind_a_report_is_endorsements() {
    let file = read(with_table(&[(b"first", 72), (b"second", 77)])).unwrap();
    assert_eq!(file.evidence, report());
    assert_eq!(file.endorsements, [b"first".to_vec(), b"second".to_vec()]);
    assert_eq!(file.forms, ["SEV-SNP report with a certificate table"]);
}

/// A report and a table of these contents at these offsets.
pub(crate) fn with_table(entries: &[(&[u8], usize)]) -> Vec<u8> {
    let mut bytes = report();
    for (content, offset) in entries {
        bytes.extend([7; 16]);
        bytes.extend(u32::try_from(*offset).unwrap().to_le_bytes());
        bytes.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
    }
    for (content, _) in entries {
        if *content == entries[0].0 {
            bytes.extend([0; 24]);
        }
        bytes.extend(*content);
    }
    bytes
}

#[test]
fn headers_in_front_of_evidence_are_taken_off_where_their_length_is_right() {
    let quote = [[3, 0, 2, 0].as_slice(), &[0; 600]].concat();
    let length = u64::try_from(quote.len()).unwrap().to_le_bytes();
    let open_enclave = [[1, 0, 0, 0, 2, 0, 0, 0].as_slice(), &length, &quote].concat();
    let file = read(&open_enclave).unwrap();
    assert_eq!((&file.evidence, file.forms.concat().as_str()), (&quote, "Open Enclave report header"));
    let longer = [open_enclave.as_slice(), &[0]].concat();
    assert_eq!(read(&longer).unwrap().evidence, longer, "left for the decoders to refuse");

    let compact = (u16::try_from(quote.len()).unwrap() << 2 | 1).to_le_bytes();
    let dstack = [[0, 0].as_slice(), &compact, &quote, b"{\"its\":\"own\"}"].concat();
    let file = read(&dstack).unwrap();
    assert_eq!((&file.evidence, file.forms.concat().as_str()), (&quote, "dstack attestation (SCALE)"));
}
