//! CRC-32 of ISO 3309 (the one of zlib and Ethernet): finds files cut short or damaged on the way, no attacker.

/// Reflected polynomial.
const POLYNOMIAL: u32 = 0xedb8_8320;

const TABLE: [u32; 256] = table();

#[expect(clippy::indexing_slicing, clippy::as_conversions, reason = "evaluated at compile time; index below 256")]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut number = 0_usize;
    while number < 256 {
        let mut value = number as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ POLYNOMIAL } else { value >> 1 };
            bit += 1;
        }
        table[number] = value;
        number += 1;
    }
    table
}

/// The checksum of all parts, one after the other.
pub(super) fn crc32(parts: &[&[u8]]) -> u32 {
    let bytes = parts.iter().flat_map(|part| part.iter());
    !bytes.fold(u32::MAX, |checksum, byte| {
        let [low, ..] = checksum.to_le_bytes();
        checksum >> 8 ^ TABLE.get(usize::from(low ^ byte)).copied().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(&[b"123456789"]), 0xcbf4_3926);
        assert_eq!(crc32(&[b"1234", b"", b"56789"]), 0xcbf4_3926);
        assert_eq!(crc32(&[]), 0);
    }
}
