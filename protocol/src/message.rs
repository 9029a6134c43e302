//! The private messages between host and enclave, on one Unix socket.
//!
//! What always holds: nothing here is signed, stored or exchanged between organisations; signed things travel inside as
//! bytes. A frame is the length of its body as a little-endian `u32`, then the body in bincode 2 (standard
//! configuration, size-limited, no trailing bytes). bincode is kept because the project chose it and fenced in here
//! because its upstream is no longer maintained (RUSTSEC-2025-0141). `SPEC.md`, section 8.

use crate::id::ObjectId;
use alloc::string::String;
use alloc::vec::Vec;
use bincode::{Decode, Encode};

/// Largest body of a frame, in bytes. An object's manifest is the largest thing that a frame carries.
pub const FRAME_LIMIT: usize = 17 << 20;

/// Length of the prefix of a frame, in bytes.
pub const PREFIX_LENGTH: usize = 4;

/// From the host to the enclave. `now` is the host's clock in Unix seconds: a claim.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[expect(clippy::exhaustive_enums, reason = "both ends are built from one version")]
pub enum HostMessage {
    /// The first message: the contract with all signatures.
    Open {
        /// The host's clock.
        now: u64,
        /// The contract's envelope.
        contract: Vec<u8>,
    },
    /// Asks for Evidence that answers these challenges (sorted, each once).
    Attest {
        /// The challenges of every party that waits.
        challenges: Vec<[u8; 32]>,
    },
    /// Brings the manifest of a dataset or request, so that a proposal can name it.
    Bring {
        /// The manifest's bytes.
        manifest: Vec<u8>,
    },
    /// Asks for a proposal.
    Propose {
        /// The host's clock.
        now: u64,
        /// The run number wished for: above every number that any party granted.
        run: u64,
        /// Complete receipts of this contract, oldest first.
        receipts: Vec<Vec<u8>>,
        /// For every dataset of the contract, in its order, which object.
        datasets: Vec<ObjectId>,
        /// The announcement of a request, where the contract leaves a choice.
        request: Option<Vec<u8>>,
    },
    /// Brings the statement about the host's region.
    State {
        /// The host's clock.
        now: u64,
        /// The statement's envelope.
        statement: Vec<u8>,
    },
    /// Brings a grant. The last one starts the run.
    Grant {
        /// The host's clock.
        now: u64,
        /// The grant's envelope.
        grant: Vec<u8>,
        /// The encrypted keys.
        ciphertext: Vec<u8>,
    },
    /// Brings a stop.
    Stop {
        /// The host's clock.
        now: u64,
        /// The stop's envelope.
        stop: Vec<u8>,
    },
    /// Gives the current proposal up: a void receipt follows.
    Abandon {
        /// The host's clock.
        now: u64,
    },
    /// Answers [`EnclaveMessage::Read`].
    Group {
        /// Which object.
        object: ObjectId,
        /// Which group of its chunks.
        index: u64,
        /// The group's ciphertext.
        bytes: Vec<u8>,
    },
}

/// From the enclave to the host. Each but `Read` and `Output…` answers one message of the host.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[expect(clippy::exhaustive_enums, reason = "both ends are built from one version")]
pub enum EnclaveMessage {
    /// The contract holds.
    Opened {
        /// The enclave's signing key (32 bytes).
        enclave_key: [u8; 32],
    },
    /// Evidence and what the platform endorses it with.
    Evidence {
        /// The Evidence, in the vendor's format.
        evidence: Vec<u8>,
        /// Certificates, DER, leaf first.
        endorsements: Vec<Vec<u8>>,
        /// The challenges it answers.
        challenges: Vec<[u8; 32]>,
    },
    /// A manifest was taken.
    Brought {
        /// Its object.
        object: ObjectId,
    },
    /// The proposal.
    Proposed {
        /// Its envelope.
        proposal: Vec<u8>,
    },
    /// A statement or grant was taken.
    Accepted {
        /// Names of parties whose grant is still missing.
        missing: Vec<String>,
        /// Whether the statement about the host's region is still missing.
        statement_missing: bool,
    },
    /// Asks for a group of chunks during a run. Several may be asked for at once; answers come in the same order.
    Read {
        /// Which object.
        object: ObjectId,
        /// Which group.
        index: u64,
    },
    /// A part of a result's body, in order.
    OutputPart {
        /// Name of the result.
        name: String,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The end of a result.
    OutputEnd {
        /// Name of the result.
        name: String,
        /// Its manifest.
        manifest: Vec<u8>,
    },
    /// The receipt: the last message of a run or of a given-up proposal.
    Receipt {
        /// Its envelope.
        receipt: Vec<u8>,
    },
    /// The room has ended; the process exits after this.
    Ended,
    /// The message was refused; the room is as it was before.
    Refused(RefusalMessage),
}

/// Why a message was refused, in public fields only.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[expect(clippy::exhaustive_structs, reason = "both ends are built from one version")]
pub struct RefusalMessage {
    /// The id of the check, for example `grant.proposal`.
    pub check: String,
    /// What happened, with expected and found.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Why a frame is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The prefix announces more than [`FRAME_LIMIT`].
    #[error("a frame of {found} bytes, expected at most {FRAME_LIMIT}")]
    TooLong {
        /// The announced length.
        found: u64,
    },
    /// The body is not exactly one message.
    #[error("the frame is not exactly one message")]
    Malformed,
}

/// Encodes a message with its prefix.
///
/// # Errors
/// [`FrameError::TooLong`] when the body would exceed [`FRAME_LIMIT`].
pub fn encode<M: Encode>(message: &M) -> Result<Vec<u8>, FrameError> {
    let mut frame = alloc::vec![0; PREFIX_LENGTH];
    let body = bincode::encode_to_vec(message, bincode::config::standard()).map_err(|_| FrameError::Malformed)?;
    let too_long = FrameError::TooLong { found: u64::try_from(body.len()).unwrap_or(u64::MAX) };
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= FRAME_LIMIT).ok_or(too_long)?;
    frame.copy_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&body);
    Ok(frame)
}

/// The length of the body that a prefix announces, checked before anything is allocated for it.
///
/// # Errors
/// [`FrameError::TooLong`] above [`FRAME_LIMIT`].
pub fn body_length(prefix: [u8; PREFIX_LENGTH]) -> Result<usize, FrameError> {
    let found = u32::from_le_bytes(prefix);
    let too_long = FrameError::TooLong { found: found.into() };
    usize::try_from(found).ok().filter(|length| *length <= FRAME_LIMIT).ok_or(too_long)
}

/// Decodes the body of a frame.
///
/// # Errors
/// [`FrameError`] unless it is exactly one message.
pub fn decode<M: Decode<()>>(body: &[u8]) -> Result<M, FrameError> {
    if body.len() > FRAME_LIMIT {
        return Err(FrameError::TooLong { found: u64::try_from(body.len()).unwrap_or(u64::MAX) });
    }
    let configuration = bincode::config::standard().with_limit::<FRAME_LIMIT>();
    match bincode::decode_from_slice(body, configuration) {
        Ok((message, length)) if length == body.len() => Ok(message),
        Ok(_) | Err(_) => Err(FrameError::Malformed),
    }
}

/// A [`HostMessage::Group`] that is read where it lies, and can be decrypted there, so that a megabyte is not copied once more.
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "both ends are built from one version")]
pub struct GroupFrame<'a> {
    /// Which object.
    pub object: ObjectId,
    /// Which group of its chunks.
    pub index: u64,
    /// The group's ciphertext.
    pub bytes: &'a mut [u8],
}

/// Place of [`HostMessage::Group`] among the variants, which bincode writes first.
const GROUP_VARIANT: u32 = 8;

/// Decodes the body of a frame where it is a group; other messages are for [`decode`].
#[must_use]
pub fn decode_group(body: &mut [u8]) -> Option<GroupFrame<'_>> {
    let configuration = bincode::config::standard().with_limit::<FRAME_LIMIT>();
    let decoded = bincode::borrow_decode_from_slice::<(u32, ObjectId, u64, &[u8]), _>(body, configuration);
    let (object, index, start) = match decoded {
        // The ciphertext is the last field and ends the body.
        Ok(((GROUP_VARIANT, object, index, bytes), length)) if length == body.len() => {
            (object, index, length.checked_sub(bytes.len())?)
        }
        Ok(_) | Err(_) => return None,
    };
    Some(GroupFrame { object, index, bytes: body.get_mut(start..)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_exactly_one_message_within_the_limit() {
        let message = HostMessage::Abandon { now: 7 };
        let frame = encode(&message).unwrap();
        let (prefix, body) = frame.split_first_chunk::<PREFIX_LENGTH>().unwrap();
        assert_eq!(body_length(*prefix), Ok(body.len()));
        assert_eq!(decode(body), Ok(message));
        assert_eq!(decode::<HostMessage>(&[body, &[0]].concat()), Err(FrameError::Malformed));
        assert_eq!(decode::<HostMessage>(&body[..body.len() - 1]), Err(FrameError::Malformed));
        assert_eq!(body_length([0xff; 4]), Err(FrameError::TooLong { found: 0xffff_ffff }));
        let bytes = alloc::vec![7; 300];
        let group = HostMessage::Group { object: ObjectId::from_bytes([3; 32]), index: 70_000, bytes: bytes.clone() };
        let mut other = frame;
        let mut frame = encode(&group).unwrap();
        let mut expected = bytes;
        let read = GroupFrame { object: ObjectId::from_bytes([3; 32]), index: 70_000, bytes: &mut expected };
        assert_eq!(decode_group(&mut frame[PREFIX_LENGTH..]), Some(read));
        let end = frame.len() - 1;
        assert_eq!(decode_group(&mut frame[PREFIX_LENGTH..end]), None);
        assert_eq!(decode_group(&mut other[PREFIX_LENGTH..]), None);
        // A message that announces a vector of 2^60 bytes allocates nothing for it.
        let bomb = [2, 253, 0, 0, 0, 0, 0, 0, 0, 16];
        assert_eq!(decode::<HostMessage>(&bomb), Err(FrameError::Malformed));
    }
}
