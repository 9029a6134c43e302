//! Distinct byte strings, numbered from 0 in the order in which they came, and kept.
//!
//! What always holds: at most three quarters of the slots are used; two strings are the same only if all bytes are.

use super::hash::HashKey;
use super::memory::{filled, push, release, reserve, to_usize};
use super::words::NONE;
use sealroom_enclave_core::program::{Meter, ProgramFailure};

const EMPTY: Slot = Slot { tag: 0, id: NONE };

/// The upper half of the hash, and the id.
#[derive(Debug, Clone, Copy)]
struct Slot {
    tag: u32,
    id: u32,
}

/// A set of byte strings with open addressing.
#[derive(Debug)]
pub(super) struct TextTable {
    key: HashKey,
    slots: Vec<Slot>,
    /// The top bits of a tag say where its search begins: 32 less their number.
    shift: u32,
    bytes: Vec<u8>,
    /// Where each string ends.
    ends: Vec<usize>,
}

impl TextTable {
    pub(super) const fn new(key: [u64; 4]) -> Self {
        Self { key: HashKey::new(key), slots: Vec::new(), shift: 32, bytes: Vec::new(), ends: Vec::new() }
    }

    /// How many distinct strings there are.
    pub(super) const fn count(&self) -> usize {
        self.ends.len()
    }

    /// The string with this id; empty for an id that there is not.
    #[inline]
    pub(super) fn text(&self, id: u32) -> &[u8] {
        let id = to_usize(id);
        let start = id.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let range = start.zip(self.ends.get(id)).map(|(start, end)| start..*end);
        range.and_then(|range| self.bytes.get(range)).unwrap_or_default()
    }

    /// The id of `text`, and whether it is new.
    pub(super) fn insert(&mut self, text: &[u8], meter: &mut Meter) -> Result<(u32, bool), ProgramFailure> {
        if self.ends.len() >= self.slots.len() / 4 * 3 {
            self.grow(meter)?;
        }
        let tag = self.tag(text);
        let (at, id) = self.search(tag, text);
        if id != NONE {
            return Ok((id, false));
        }
        let id = u32::try_from(self.ends.len()).ok().filter(|id| *id < NONE).ok_or(ProgramFailure::Overflow)?;
        reserve(&mut self.bytes, text.len(), meter)?;
        self.bytes.extend_from_slice(text);
        push(&mut self.ends, self.bytes.len(), meter)?;
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = Slot { tag, id };
        }
        Ok((id, true))
    }

    /// The id of `text`; [`NONE`] when it is not there.
    pub(super) fn find(&self, text: &[u8]) -> u32 {
        if self.slots.is_empty() { NONE } else { self.search(self.tag(text), text).1 }
    }

    /// Where `text` is, or where it would be.
    #[inline]
    fn search(&self, tag: u32, text: &[u8]) -> (usize, u32) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = to_usize(tag.unbounded_shr(self.shift));
        loop {
            match self.slots.get(at) {
                Some(slot) if slot.id == NONE || (slot.tag == tag && self.text(slot.id) == text) => {
                    return (at, slot.id);
                }
                Some(_) => at = at.wrapping_add(1) & mask,
                None => return (at, NONE),
            }
        }
    }

    fn tag(&self, text: &[u8]) -> u32 {
        u32::try_from(self.key.bytes(text) >> 32).unwrap_or(0)
    }

    #[cold]
    fn grow(&mut self, meter: &mut Meter) -> Result<(), ProgramFailure> {
        let length = self.slots.len().saturating_mul(2).max(64);
        // A tag has 32 bits: more slots than that could not be told apart.
        let bits = Some(length.trailing_zeros()).filter(|bits| *bits <= 32).ok_or(ProgramFailure::Memory)?;
        let old = core::mem::replace(&mut self.slots, filled(length, EMPTY, meter)?);
        self.shift = 32_u32.saturating_sub(bits);
        let mask = length.wrapping_sub(1);
        for slot in old.iter().filter(|slot| slot.id != NONE) {
            let mut at = to_usize(slot.tag.unbounded_shr(self.shift));
            while self.slots.get(at).is_some_and(|there| there.id != NONE) {
                at = at.wrapping_add(1) & mask;
            }
            if let Some(there) = self.slots.get_mut(at) {
                *there = *slot;
            }
        }
        release(old, meter);
        Ok(())
    }
}
