//! Messages between host and enclave, and calls between enclave and platform.

use sealroom_enclave::{Platform, Simulated};
use sealroom_protocol::message::{self, EnclaveMessage, HostMessage, PREFIX_LENGTH};
use sealroom_simulated_platform::{Request, read_request};
use std::io::{self, Read, Write};

/// A group is read in two ways, which must agree; what was decoded is encoded and decoded again.
pub(crate) fn host_message(bytes: &[u8]) -> bool {
    let decoded = message::decode::<HostMessage>(bytes);
    let borrowed =
        message::decode_group(&mut bytes.to_vec()).map(|group| (group.object, group.index, group.bytes.to_vec()));
    let copied = match &decoded {
        Ok(HostMessage::Group { object, index, bytes }) => Some((*object, *index, bytes.clone())),
        Ok(_) | Err(_) => None,
    };
    assert_eq!(borrowed, copied);
    let Ok(message) = decoded else { return false };
    let frame = message::encode(&message).expect("what was decoded is within the limit");
    assert_eq!(message::decode(body(&frame)), Ok(message));
    true
}

/// What an enclave may send to a host that does not trust it.
pub(crate) fn enclave_message(bytes: &[u8]) -> bool {
    let Ok(message) = message::decode::<EnclaveMessage>(bytes) else { return false };
    let frame = message::encode(&message).expect("what was decoded is within the limit");
    assert_eq!(message::decode(body(&frame)), Ok(message));
    true
}

fn body(frame: &[u8]) -> &[u8] {
    let (prefix, body) = frame.split_first_chunk::<PREFIX_LENGTH>().expect("a frame has a prefix");
    assert_eq!(message::body_length(*prefix), Ok(body.len()));
    body
}

/// Calls of an enclave and answers of a platform.
pub(crate) fn platform(bytes: &[u8]) -> bool {
    calls(bytes) | answers(bytes)
}

/// One call after another: what is read is what was written, and no more is taken.
fn calls(bytes: &[u8]) -> bool {
    let (mut rest, mut calls) = (bytes, 0_usize);
    loop {
        let before = rest;
        let field = match read_request(&mut rest) {
            Ok(Some(Request::Evidence { report_data })) => report_data.to_vec(),
            Ok(Some(Request::SealingKey { context })) => context,
            Ok(None) => return calls > 0,
            Err(_) => return false,
        };
        let taken = before.len() - rest.len();
        assert_eq!(before.get(taken - field.len()..taken), Some(field.as_slice()));
        calls += 1;
    }
}

/// Answers as an enclave reads them.
fn answers(bytes: &[u8]) -> bool {
    let evidence = Simulated::new(Answers(bytes)).evidence(&[7; 64]);
    if let Ok(evidence) = &evidence {
        assert!(evidence.endorsements.iter().map(Vec::len).sum::<usize>() + evidence.evidence.len() <= bytes.len());
    }
    let sealing_key = Simulated::new(Answers(bytes)).sealing_key(b"context");
    evidence.is_ok() || sealing_key.is_ok()
}

/// A stream with these answers, whatever is asked.
struct Answers<'a>(&'a [u8]);

impl Read for Answers<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Answers<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
