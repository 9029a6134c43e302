//! Door 1 of 2: everything that comes in from outside is decoded here, and nowhere else.
//!
//! What comes in: frames of the host ([`message`]), groups of encrypted objects ([`ObjectStream`]), and the content of a
//! request ([`arguments`]). Signed things inside a message are decoded by `sealroom-protocol` on the way through
//! `gate.rs`, `grants.rs` and `chain.rs`, which check them against the contract. Rows of a dataset are decoded by
//! `sealroom_protocol::table` after [`ObjectStream`] has decrypted them. Each is an allegation until then.

use crate::program::ProgramFailure;
use crate::refusal::Refusal;
use alloc::collections::BTreeMap;
use alloc::string::String;
use sealroom_protocol::canonical;
use sealroom_protocol::contract::{ArgumentValue, Arguments, ProgramTerms};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::message::{self as frames, GroupFrame, HostMessage};
use sealroom_protocol::object::{DataKey, Manifest, ObjectError, Reader};
use sealroom_protocol::provider::AeadProvider;

/// Largest content of a request, in bytes.
pub const REQUEST_LIMIT: u64 = 256 << 10;

/// Decodes the body of one frame. The frame was copied to memory of the enclave's own before this call.
///
/// # Errors
/// [`Refusal::Frame`] unless it is exactly one message.
pub fn message(body: &[u8]) -> Result<HostMessage, Refusal> {
    frames::decode(body).map_err(Refusal::Frame)
}

/// Reads a frame's body as a group of an object, where it is one.
#[must_use]
pub fn group(body: &mut [u8]) -> Option<GroupFrame<'_>> {
    frames::decode_group(body)
}

/// Decrypts one object in order, group by group.
///
/// What always holds: a group is decrypted only when its digest stands in the list that the granted object id covers;
/// after a failure nothing more is said.
#[derive(Debug)]
pub struct ObjectStream {
    object: ObjectId,
    reader: Reader,
    next: u64,
}

impl ObjectStream {
    pub(crate) fn new(
        provider: &dyn AeadProvider,
        key: &DataKey,
        object: &ObjectId,
        manifest: Manifest,
    ) -> Result<Self, ProgramFailure> {
        let reader = Reader::new(provider, key, object, manifest).map_err(|_| ProgramFailure::Input)?;
        Ok(Self { object: *object, reader, next: 0 })
    }

    /// Which object.
    #[must_use]
    pub const fn object(&self) -> ObjectId {
        self.object
    }

    /// How many groups there are.
    #[must_use]
    pub const fn group_count(&self) -> u64 {
        self.reader.group_count()
    }

    /// Bytes of the plaintext.
    #[must_use]
    pub const fn plaintext_length(&self) -> u64 {
        self.reader.plaintext_length()
    }

    /// Decrypts the next group where it lies and shows it to `visit` piece by piece. Who gave `group` wipes it after the last.
    ///
    /// # Errors
    /// [`ProgramFailure::Input`], whatever the reason: what the host brought is not what was granted. Or what `visit` says.
    /// Then `group` is wiped.
    pub fn next_group(
        &mut self,
        group: &mut [u8],
        visit: &mut dyn FnMut(&[u8]) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let index = self.next;
        self.next = index.saturating_add(1);
        let shown = self.reader.decrypt_group_by_chunks(index, group, |piece| visit(piece).map_err(Stopped));
        shown.map_err(|Stopped(failure)| failure)
    }
}

/// Why a group was not shown whole; what the host brought wrong is not told.
struct Stopped(ProgramFailure);

impl From<ObjectError> for Stopped {
    fn from(_: ObjectError) -> Self {
        Self(ProgramFailure::Input)
    }
}

/// The arguments of a run: the contract's own, and, where it leaves choices, those of the request (canonical JSON of a
/// table of texts, integers and booleans), each one of the values that the contract allows, none missing, none more.
#[must_use]
pub fn arguments(terms: &ProgramTerms, request: Option<&[u8]>) -> Option<Arguments> {
    let mut arguments = terms.arguments.clone();
    match (request, terms.choices.is_empty()) {
        (None, true) => return Some(arguments),
        (Some(_), true) | (None, false) => return None,
        (Some(_), false) => {}
    }
    let limit = usize::try_from(REQUEST_LIMIT).ok()?;
    let chosen: BTreeMap<String, ArgumentValue> = canonical::decode(request?, limit).ok()?;
    if chosen.len() != terms.choices.len() {
        return None;
    }
    for (name, value) in chosen {
        if !terms.choices.get(&name)?.contains(&value) {
            return None;
        }
        arguments.insert(name, value);
    }
    Some(arguments)
}
