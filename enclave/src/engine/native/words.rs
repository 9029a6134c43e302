//! Distinct 64-bit words, numbered from 0 in the order in which they came.
//!
//! What always holds: at most three quarters of the slots are used, so a search is short; ids fit in 32 bits less one.

use super::hash::HashKey;
use super::memory::{filled, release, to_usize};
use sealroom_enclave_core::program::{Meter, ProgramFailure};

/// No id: where a word is not there.
pub(super) const NONE: u32 = u32::MAX;

const EMPTY: Slot = Slot { word: 0, id: NONE };

#[derive(Debug, Clone, Copy)]
struct Slot {
    word: u64,
    id: u32,
}

/// A set of words with open addressing.
#[derive(Debug)]
pub(super) struct WordTable {
    key: HashKey,
    slots: Vec<Slot>,
    /// The top bits of a hash say where its search begins: 64 less their number.
    shift: u32,
    count: u32,
}

impl WordTable {
    pub(super) const fn new(key: [u64; 4]) -> Self {
        Self { key: HashKey::new(key), slots: Vec::new(), shift: 64, count: 0 }
    }

    /// How many distinct words there are.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// The id of `word`, and whether it is new.
    #[inline]
    pub(super) fn insert(&mut self, word: u64, meter: &mut Meter) -> Result<(u32, bool), ProgramFailure> {
        if to_usize(self.count) >= self.slots.len() / 4 * 3 {
            self.grow(to_usize(self.count).saturating_add(1), meter)?;
        }
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = self.start(word);
        loop {
            match self.slots.get_mut(at) {
                Some(slot) if slot.id == NONE => {
                    *slot = Slot { word, id: self.count };
                    self.count =
                        self.count.checked_add(1).filter(|count| *count < NONE).ok_or(ProgramFailure::Overflow)?;
                    return Ok((self.count.wrapping_sub(1), true));
                }
                Some(slot) if slot.word == word => return Ok((slot.id, false)),
                Some(_) => at = at.wrapping_add(1) & mask,
                None => return Err(ProgramFailure::Overflow),
            }
        }
    }

    /// Inserts all of `words`.
    ///
    /// In parts, and each part twice: the first pass only touches the slots where searches begin, so that their cache
    /// misses overlap instead of following each other.
    pub(super) fn insert_all(&mut self, words: &[u64], meter: &mut Meter) -> Result<(), ProgramFailure> {
        self.reserve(words.len(), meter)?;
        for part in words.chunks(256) {
            let first = part.iter().map(|word| self.slots.get(self.start(*word)).map_or(NONE, |slot| slot.id));
            core::hint::black_box(first.fold(0, |all, id| all ^ id));
            for word in part {
                self.insert(*word, meter)?;
            }
        }
        Ok(())
    }

    /// The ids of `words`, one for one; [`NONE`] where one is not there.
    ///
    /// Two passes: the first takes all first slots, so that their cache misses overlap; the second looks.
    pub(super) fn find_all(&self, words: &[u64], first: &mut Vec<(u64, u32)>, ids: &mut Vec<u32>) {
        ids.clear();
        if self.slots.is_empty() {
            ids.resize(words.len(), NONE);
            return;
        }
        first.clear();
        first.extend(
            words.iter().map(|word| self.slots.get(self.start(*word)).map_or((0, NONE), |slot| (slot.word, slot.id))),
        );
        ids.extend(
            words
                .iter()
                .zip(first.iter())
                .map(|(word, (found, id))| if *found == *word || *id == NONE { *id } else { self.search_on(*word) }),
        );
    }

    /// Makes room for `total` words, so that no insertion up to there has to move them.
    fn reserve(&mut self, total: usize, meter: &mut Meter) -> Result<(), ProgramFailure> {
        if total > self.slots.len() / 4 * 3 { self.grow(total, meter) } else { Ok(()) }
    }

    /// The search from the second slot on.
    fn search_on(&self, word: u64) -> u32 {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = self.start(word);
        loop {
            at = at.wrapping_add(1) & mask;
            match self.slots.get(at) {
                Some(slot) if slot.id == NONE || slot.word == word => return slot.id,
                Some(_) => {}
                None => return NONE,
            }
        }
    }

    #[inline]
    fn start(&self, word: u64) -> usize {
        usize::try_from(self.key.word(word).unbounded_shr(self.shift)).unwrap_or(0)
    }

    #[cold]
    fn grow(&mut self, total: usize, meter: &mut Meter) -> Result<(), ProgramFailure> {
        let wanted = total.checked_mul(4).map(|quarters| quarters / 3).and_then(|slots| slots.checked_add(1));
        let length = wanted.and_then(usize::checked_next_power_of_two).ok_or(ProgramFailure::Memory)?.max(64);
        let old = core::mem::replace(&mut self.slots, filled(length, EMPTY, meter)?);
        self.shift = 64_u32.saturating_sub(length.trailing_zeros());
        let mask = length.wrapping_sub(1);
        for slot in old.iter().filter(|slot| slot.id != NONE) {
            let mut at = self.start(slot.word);
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
