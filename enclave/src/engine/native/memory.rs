//! Memory of a program's own tables: counted against the contract before it is taken.

use sealroom_enclave_core::program::{Meter, ProgramFailure};

/// Makes room for `additional` entries, growing by doubling.
///
/// # Errors
/// [`ProgramFailure::Memory`] when the contract or the machine has no room for it.
#[inline]
pub(super) fn reserve<T>(vec: &mut Vec<T>, additional: usize, meter: &mut Meter) -> Result<(), ProgramFailure> {
    let needed = vec.len().checked_add(additional).ok_or(ProgramFailure::Memory)?;
    if needed <= vec.capacity() { Ok(()) } else { grow(vec, needed, meter) }
}

#[cold]
fn grow<T>(vec: &mut Vec<T>, needed: usize, meter: &mut Meter) -> Result<(), ProgramFailure> {
    let capacity = needed.max(vec.capacity().saturating_mul(2)).max(16);
    let bytes = capacity.saturating_sub(vec.capacity()).saturating_mul(size_of::<T>());
    meter.allocate(bytes)?;
    vec.try_reserve_exact(capacity.saturating_sub(vec.len())).map_err(|_| ProgramFailure::Memory)
}

/// Appends one entry.
#[inline]
pub(super) fn push<T>(vec: &mut Vec<T>, value: T, meter: &mut Meter) -> Result<(), ProgramFailure> {
    reserve(vec, 1, meter)?;
    vec.push(value);
    Ok(())
}

/// Fills up to `length` entries.
#[inline]
pub(super) fn resize<T: Clone>(
    vec: &mut Vec<T>,
    length: usize,
    value: T,
    meter: &mut Meter,
) -> Result<(), ProgramFailure> {
    reserve(vec, length.saturating_sub(vec.len()), meter)?;
    vec.resize(length, value);
    Ok(())
}

/// `length` entries at once.
pub(super) fn filled<T: Clone>(length: usize, value: T, meter: &mut Meter) -> Result<Vec<T>, ProgramFailure> {
    let mut vec = Vec::new();
    meter.allocate(length.saturating_mul(size_of::<T>()))?;
    vec.try_reserve_exact(length).map_err(|_| ProgramFailure::Memory)?;
    vec.resize(length, value);
    Ok(vec)
}

/// Gives back what a vector of the functions above was counted for.
pub(super) fn release<T>(vec: Vec<T>, meter: &mut Meter) {
    meter.free(vec.capacity().saturating_mul(size_of::<T>()));
    drop(vec);
}

/// Lossless wherever a pointer has 32 bits or more.
#[inline]
pub(super) fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
