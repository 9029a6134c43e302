//! The two ends of the platform calls against each other, and this end against a platform that answers wrongly.

use std::io;
use std::thread;

use sealroom_simulated_platform::{Request, read_request, write_evidence, write_sealing_key};

use super::*;

/// Answers with what was prepared, whatever is asked.
struct Prepared<'answer>(&'answer [u8]);

impl Read for Prepared<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Prepared<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn answer(fields: [&[u8]; 5]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_evidence(&mut bytes, fields).unwrap();
    bytes
}

fn evidence(answer: &[u8]) -> Result<EvidenceBundle, PlatformError> {
    Simulated::new(Prepared(answer)).evidence(&[0; 64])
}

fn sealing_key(answer: &[u8], context: &[u8]) -> Result<[u8; 32], PlatformError> {
    Simulated::new(Prepared(answer)).sealing_key(context).map(|key| *key.expose_secret())
}

#[test]
fn platform_and_enclave_understand_each_other() {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let platform = thread::spawn(move || {
        let mut asked = Vec::new();
        while let Some(request) = read_request(&mut theirs).unwrap() {
            match request {
                Request::Evidence { report_data } => {
                    write_evidence(&mut theirs, [&[report_data[0]; 1184], b"leaf", b"intermediate", b"root", b"list"])
                        .unwrap();
                }
                Request::SealingKey { .. } => write_sealing_key(&mut theirs, &[8; 32]).unwrap(),
            }
            asked.push(request);
        }
        asked
    });
    let mut simulated = Simulated::new(ours);
    let bundle = simulated.evidence(&[7; 64]).unwrap();
    assert_eq!(bundle.evidence, [7; 1184]);
    assert_eq!(bundle.endorsements, [b"leaf".as_slice(), b"intermediate", b"root", b"list"]);
    for context in [b"x".as_slice(), &[1; 256]] {
        assert_eq!(simulated.sealing_key(context).unwrap().expose_secret(), &[8; 32]);
    }
    drop(simulated);
    let expected = [
        Request::Evidence { report_data: [7; 64] },
        Request::SealingKey { context: b"x".to_vec() },
        Request::SealingKey { context: vec![1; 256] },
    ];
    assert_eq!(platform.join().unwrap(), expected);
}

#[test]
fn an_answer_of_another_version_or_to_another_call_is_refused() {
    let mut good = answer([&[7; 1184], b"leaf", b"intermediate", b"root", b"list"]);
    assert!(evidence(&good).is_ok());
    good[1] = 0x82;
    assert!(matches!(evidence(&good), Err(PlatformError::AnswerKind { expected: 0x81, found: 0x82 })));
    good[0] = 2;
    assert!(matches!(evidence(&good), Err(PlatformError::AnswerVersion { expected: 1, found: 2 })));
}

#[test]
fn a_part_of_a_wrong_length_is_refused_before_it_is_read() {
    let rest = [b"leaf".as_slice(), b"intermediate", b"root", b"list"];
    let with = |report: &[u8], list: &[u8]| evidence(&answer([report, rest[0], rest[1], rest[2], list]));
    assert!(matches!(with(&[7; 1183], b"list"), Err(PlatformError::AnswerLength { found: 1183 })));
    assert!(matches!(with(&[7; 1185], b"list"), Err(PlatformError::AnswerLength { found: 1185 })));
    assert!(matches!(with(&[7; 1184], b""), Err(PlatformError::AnswerLength { found: 0 })));
    assert!(matches!(with(&[7; 1184], &[0; 8193]), Err(PlatformError::AnswerLength { found: 8193 })));

    // A part that reaches over the end of its answer, and an answer with something behind its last part.
    let good = answer([&[7; 1184], rest[0], rest[1], rest[2], rest[3]]);
    let length = u32::from_be_bytes(good[2..6].try_into().unwrap());
    for (wrong, found) in [(length - 1, 4), (length + 1, 1), (3, 1184)] {
        let mut bytes = good.clone();
        bytes[2..6].copy_from_slice(&wrong.to_be_bytes());
        assert!(
            matches!(evidence(&bytes), Err(PlatformError::AnswerLength { found: other }) if other == found),
            "{wrong}"
        );
    }
    let mut key = Vec::new();
    write_sealing_key(&mut key, &[8; 32]).unwrap();
    assert_eq!(sealing_key(&key, b"x").unwrap(), [8; 32]);
    key[5] = 31;
    assert!(matches!(sealing_key(&key, b"x"), Err(PlatformError::AnswerLength { found: 31 })));
}

#[test]
fn an_answer_that_is_cut_short_is_no_answer() {
    let good = answer([&[7; 1184], b"leaf", b"intermediate", b"root", b"list"]);
    for cut in (0..good.len()).step_by(97).chain([good.len() - 1]) {
        assert!(matches!(evidence(&good[..cut]), Err(PlatformError::Connection { .. })), "cut after {cut} bytes");
    }
}

#[test]
fn a_context_that_the_platform_would_refuse_is_not_sent() {
    assert!(matches!(sealing_key(&[], b""), Err(PlatformError::ContextLength { limit: 256, found: 0 })));
    assert!(matches!(sealing_key(&[], &[0; 257]), Err(PlatformError::ContextLength { limit: 256, found: 257 })));
}

#[test]
fn a_sealing_key_shows_its_name_only() {
    let key = SealingKey::filled_by(|key| {
        key.fill(0xAB);
        Ok(())
    });
    assert_eq!(format!("{:?}", key.unwrap()), "SealingKey");
}
