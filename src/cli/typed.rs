//! What several commands share of what is typed and shown: files, sizes, ids; for parties also their flags.

use super::exit::{Exit, Failure};
#[cfg(feature = "cli")]
pub(crate) use super::party::{PartyFlags, PassphraseFlags, contract, contract_file, load_identity, write_private};
use std::path::Path;

/// Largest contract text that is read, in bytes.
pub(crate) const TEXT_LIMIT: u64 = 4 << 20;

/// Reads a whole file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let of = |source: std::io::Error| Failure::local(format!("{}: {source}", path.display()));
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(of)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(of)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        let message = format!("{}: expected at most {limit} bytes, found more", path.display());
        return Err(Failure::new(Exit::Malformed, message));
    }
    Ok(bytes)
}

/// Writes a file that others may read, replacing an older one.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|source| Failure::local(format!("{}: {source}", path.display())))
}

/// The beginning of an id, for people.
pub(crate) fn brief(id: &impl ToString) -> String {
    let text = id.to_string();
    format!("{}…{}", text.get(..4).unwrap_or_default(), text.get(text.len().saturating_sub(4)..).unwrap_or_default())
}

/// Bytes in words, for people.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB"];
    let mut value = bytes;
    let mut unit = 0_usize;
    while value >= 10_000 && unit < 4 {
        value = value.saturating_add(512) / 1024;
        unit = unit.saturating_add(1);
    }
    format!("{} {}", grouped(value), units.get(unit).unwrap_or(&"B"))
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_ids_are_short_for_people() {
        assert_eq!(size(9_999), "9,999 B");
        assert_eq!(size(31 * 1024), "31 KB");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(brief(&"4a7c00000000000000009e02"), "4a7c…9e02");
    }
}
