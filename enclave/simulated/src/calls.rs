//! Platform calls: what an enclave asks on its descriptor 4, and the answers. Framing as in
//! `docs/platforms/simulated.md`; every frame is bounded and a frame that breaks the rules ends the conversation.

use std::io::{self, ErrorKind, Read, Write};

use zeroize::Zeroizing;

use crate::error::Error;

/// The only version of the framing.
const VERSION: u8 = 1;
/// Version, kind, length.
const HEADER_LENGTH: usize = 6;
const EVIDENCE: u8 = 0x01;
const SEALING_KEY: u8 = 0x02;
/// Set in the kind of an answer.
const ANSWER: u8 = 0x80;
/// Longest context of a sealing key in bytes.
const CONTEXT_LIMIT: u32 = 256;

/// What an enclave asks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "who answers must answer every call there is")]
pub enum Request {
    /// A report on this enclave that binds these 64 bytes.
    Evidence {
        /// Goes into the report unchanged.
        report_data: [u8; 64],
    },
    /// The sealing key of this enclave for this purpose.
    SealingKey {
        /// 1 to 256 bytes; other bytes, other key.
        context: Vec<u8>,
    },
}

/// Reads one request. `None` when the enclave closed its end between two requests.
///
/// # Errors
///
/// [`Error::Call`] when reading fails or a frame is cut short; [`Error::CallVersion`], [`Error::CallKind`] and
/// [`Error::CallLength`] for a frame against the rules, before its body is read.
pub fn read_request(stream: &mut impl Read) -> Result<Option<Request>, Error> {
    let mut version = [0];
    match stream.read_exact(&mut version) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        other => other.map_err(|source| Error::Call { source })?,
    }
    let [kind, length @ ..] = read_array::<{ HEADER_LENGTH - 1 }>(stream)?;
    let length = u32::from_be_bytes(length);
    match (version, kind, length) {
        ([VERSION], EVIDENCE, 64) => Ok(Some(Request::Evidence { report_data: read_array(stream)? })),
        ([VERSION], SEALING_KEY, 1..=CONTEXT_LIMIT) => {
            let mut context = vec![0; usize::try_from(length).unwrap_or_default()];
            stream.read_exact(&mut context).map_err(|source| Error::Call { source })?;
            Ok(Some(Request::SealingKey { context }))
        }
        ([VERSION], EVIDENCE | SEALING_KEY, found) => Err(Error::CallLength { kind, found }),
        ([VERSION], found, _) => Err(Error::CallKind { found }),
        ([found], ..) => Err(Error::CallVersion { expected: VERSION, found }),
    }
}

/// Answers a request for Evidence: `fields` in this order, each after its length: report, leaf certificate,
/// intermediate certificate, root certificate, revocation list.
///
/// # Errors
///
/// [`Error::Call`] when writing fails.
pub fn write_evidence(stream: &mut impl Write, fields: [&[u8]; 5]) -> Result<(), Error> {
    let mut body = Vec::new();
    for field in fields {
        body.extend_from_slice(&length_of(field)?);
        body.extend_from_slice(field);
    }
    write_answer(stream, EVIDENCE, &body)
}

/// Answers a request for a sealing key.
///
/// # Errors
///
/// [`Error::Call`] when writing fails.
pub fn write_sealing_key(stream: &mut impl Write, key: &[u8; 32]) -> Result<(), Error> {
    write_answer(stream, SEALING_KEY, key)
}

fn write_answer(stream: &mut impl Write, kind: u8, body: &[u8]) -> Result<(), Error> {
    let mut frame = Zeroizing::new(Vec::with_capacity(HEADER_LENGTH + body.len()));
    frame.extend_from_slice(&[VERSION, kind | ANSWER]);
    frame.extend_from_slice(&length_of(body)?);
    frame.extend_from_slice(body);
    stream.write_all(&frame).map_err(|source| Error::Call { source })
}

fn length_of(bytes: &[u8]) -> Result<[u8; 4], Error> {
    u32::try_from(bytes.len())
        .map(u32::to_be_bytes)
        .map_err(|error| Error::Call { source: io::Error::new(ErrorKind::InvalidInput, error) })
}

fn read_array<const N: usize>(stream: &mut impl Read) -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).map_err(|source| Error::Call { source })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(version: u8, kind: u8, length: u32, body: &[u8]) -> Vec<u8> {
        [&[version, kind], length.to_be_bytes().as_slice(), body].concat()
    }

    fn refusal(bytes: &[u8]) -> String {
        read_request(&mut &*bytes).unwrap_err().to_string()
    }

    #[test]
    fn requests_are_read_one_after_another_until_the_enclave_closes() {
        let both = [frame(1, 1, 64, &[7; 64]), frame(1, 2, 3, b"abc")].concat();
        let mut stream = both.as_slice();
        assert_eq!(read_request(&mut stream).unwrap(), Some(Request::Evidence { report_data: [7; 64] }));
        assert_eq!(read_request(&mut stream).unwrap(), Some(Request::SealingKey { context: b"abc".to_vec() }));
        assert_eq!(read_request(&mut stream).unwrap(), None);
    }

    #[test]
    fn a_frame_against_the_rules_is_refused_before_its_body_is_read() {
        assert_eq!(refusal(&frame(2, 1, 64, &[])), "platform call of version 2, expected 1");
        assert_eq!(refusal(&frame(1, 3, 64, &[])), "unknown platform call 0x03");
        assert_eq!(refusal(&frame(1, 1, 63, &[])), "platform call 0x01 with a body of 63 bytes");
        assert_eq!(refusal(&frame(1, 2, 0, &[])), "platform call 0x02 with a body of 0 bytes");
        assert_eq!(refusal(&frame(1, 2, 257, &[])), "platform call 0x02 with a body of 257 bytes");
        assert_eq!(refusal(&frame(1, 2, u32::MAX, &[])), "platform call 0x02 with a body of 4294967295 bytes");
    }

    #[test]
    fn a_frame_that_is_cut_short_is_not_the_end_of_the_conversation() {
        for cut in 1..70 {
            let bytes = frame(1, 1, 64, &[7; 64]);
            let mut stream = &bytes[..cut];
            assert!(
                matches!(read_request(&mut stream), Err(Error::Call { source }) if source.kind() == ErrorKind::UnexpectedEof),
                "cut after {cut} bytes"
            );
        }
    }
}
