//! The values of registers, in the forms in which tpm2-tools writes them (its manual, page "pcrs_format"): printed, bare, as its
//! library keeps them in memory ("serialized"), and marshaled (TPM 2.0 part 2, sections 10.9.7 and 10.9.8).
//!
//! What always holds: bare values are those of the quote's registers, by ascending number, or the file is no bare one; in the
//! other forms every value names its bank and register, and none is taken for another.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::attest::is_set;
use super::container::Fields;
use super::files::FilesError;
use crate::event_log::Algorithm;

/// TPML_PCR_SELECTION as tpm2-tss has it in memory: a count and 16 times algorithm (2), size (1), bitmap (4), 1 unused.
const SELECTIONS: usize = 16;
const SELECTION_BITMAP: usize = 4;
/// TPML_DIGEST there: a count and 8 times a size (2) and 64 bytes.
const DIGESTS: usize = 8;
const DIGEST_BYTES: usize = 64;
const SERIALIZED_SELECTIONS: usize = 4 + SELECTIONS * 8;
const SERIALIZED_LIST: usize = 4 + DIGESTS * (2 + DIGEST_BYTES);
/// More than 16 banks of 32 registers in lists of one.
const MAX_LISTS: usize = 512;
/// Of a printed file: 16 banks of 32 registers take a tenth.
const MAX_TEXT: usize = 256 * 1024;

/// One value of a file. The bank is `None` where it is one that nothing here knows.
struct Value {
    bank: Option<Algorithm>,
    register: u8,
    bytes: Vec<u8>,
}

/// The values of these registers, which are ascending, out of a file.
pub(super) fn read(file: &[u8], bank: Algorithm, registers: &[u8]) -> Result<Vec<(u8, Vec<u8>)>, FilesError> {
    let size = bank.digest_bytes();
    if file.len() == size.saturating_mul(registers.len()) {
        return Ok(registers.iter().copied().zip(file.chunks(size).map(<[u8]>::to_vec)).collect());
    }
    let values = all(file).map_err(|problem| FilesError::Registers { length: file.len(), problem })?;
    let of = |register: &u8| {
        let mut found = values.iter().filter(|value| value.bank == Some(bank) && value.register == *register);
        let value = found.next().ok_or(FilesError::RegisterMissing { bank, register: *register })?;
        let wrong = |problem| FilesError::RegisterValue { bank, register: *register, problem };
        if value.bytes.len() != size {
            return Err(wrong(format!("a value of {} bytes, expected {size}", value.bytes.len())));
        }
        match found.next() {
            Some(_) => Err(wrong(String::from("two values, expected one"))),
            None => Ok((*register, value.bytes.clone())),
        }
    };
    registers.iter().map(of).collect()
}

fn all(file: &[u8]) -> Result<Vec<Value>, String> {
    let printable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    if !file.is_empty() && file.iter().all(printable) {
        return printed(core::str::from_utf8(file).unwrap_or_default());
    }
    let serialized =
        file.len().checked_sub(SERIALIZED_SELECTIONS + 4).is_some_and(|lists| lists.is_multiple_of(SERIALIZED_LIST));
    let (selections, digests) = if serialized {
        from_memory(file).ok_or("it has the length of the form \"serialized\", and is not in it")?
    } else {
        marshaled(file).ok_or(
            "it is not as long as the quoted registers, and in none of the forms \"serialized\" and \"marshaled\"",
        )?
    };
    let named: Vec<(u16, u8)> =
        selections.iter().flat_map(|(bank, registers)| registers.iter().map(|register| (*bank, *register))).collect();
    if named.len() != digests.len() {
        return Err(format!("it selects {} registers and has {} values", named.len(), digests.len()));
    }
    let value = |((bank, register), bytes)| Value { bank: Algorithm::from_tpm_id(bank), register, bytes };
    Ok(named.into_iter().zip(digests).map(value).collect())
}

/// As `tpm2_pcrread` prints them: a line `sha256:` for a bank, then a line `7 : 0x65CA…` for each register.
fn printed(text: &str) -> Result<Vec<Value>, String> {
    if text.len() > MAX_TEXT {
        return Err(format!("expected at most {MAX_TEXT} bytes of text"));
    }
    let (mut bank, mut values) = (None, Vec::new());
    for (number, line) in (1_usize..).zip(text.lines()) {
        let refused =
            || format!("line {number} is neither a bank, such as \"sha256:\", nor a register, such as \"7: 0x65ca…\"");
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let (name, value) = line.split_once(':').ok_or_else(refused)?;
        let (name, value) = (name.trim_ascii(), value.trim_ascii());
        if value.is_empty() && !name.is_empty() && !name.contains(' ') {
            bank = Algorithm::from_name(name);
        } else {
            let register = name.parse().map_err(|_| refused())?;
            let bytes = hexadecimal(value).ok_or_else(refused)?;
            values.push(Value { bank, register, bytes });
        }
    }
    Ok(values)
}

/// Digits of either case, perhaps after `0x`.
fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let byte = |[high, low]: &[u8; 2]| Some(nibble(*high)? << 4 | nibble(*low)?);
    if rest.is_empty() && !pairs.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// Banks with their registers, and all values in that order.
type Lists = (Vec<(u16, Vec<u8>)>, Vec<Vec<u8>>);

/// The form "serialized": the library's structures, with numbers in little-endian.
fn from_memory(file: &[u8]) -> Option<Lists> {
    let mut fields = Fields(file);
    let count = little(fields.bytes()?)?;
    let mut selections = Vec::new();
    for place in 0..SELECTIONS {
        let (bank, size) = (u16::from_le_bytes(fields.bytes()?), fields.u8()?);
        let (bitmap, _unused) = (fields.slice(SELECTION_BITMAP)?, fields.u8()?);
        if place < count {
            selections.push((bank, registers(bitmap.get(..usize::from(size))?)));
        }
    }
    let (lists, mut digests) = (little(fields.bytes()?)?, Vec::new());
    for _ in 0..lists.min(MAX_LISTS) {
        let count = little(fields.bytes()?)?;
        for place in 0..DIGESTS {
            let (size, bytes) = (u16::from_le_bytes(fields.bytes()?), fields.slice(DIGEST_BYTES)?);
            if place < count {
                digests.push(bytes.get(..usize::from(size))?.to_vec());
            }
        }
        (count <= DIGESTS).then_some(())?;
    }
    (count <= SELECTIONS && fields.0.is_empty()).then_some((selections, digests))
}

/// The form "marshaled": TPML_PCR_SELECTION, how many lists, and each a TPML_DIGEST.
fn marshaled(file: &[u8]) -> Option<Lists> {
    let mut fields = Fields(file);
    let mut selections = Vec::new();
    for _ in 0..at_most(fields.u32()?, SELECTIONS)? {
        let (bank, size) = (fields.u16()?, usize::from(fields.u8()?));
        let bitmap = fields.slice(size).filter(|bitmap| bitmap.len() <= SELECTION_BITMAP)?;
        selections.push((bank, registers(bitmap)));
    }
    let mut digests = Vec::new();
    for _ in 0..at_most(fields.u32()?, MAX_LISTS)? {
        for _ in 0..at_most(fields.u32()?, DIGESTS)? {
            digests.push(fields.sized().filter(|digest| digest.len() <= DIGEST_BYTES)?.to_vec());
        }
    }
    fields.0.is_empty().then_some((selections, digests))
}

fn at_most(count: u32, limit: usize) -> Option<usize> {
    usize::try_from(count).ok().filter(|count| *count <= limit)
}

fn little(bytes: [u8; 4]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

fn registers(bitmap: &[u8]) -> Vec<u8> {
    (0..32).filter(|index| is_set(bitmap, *index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "marshaled", one list: SHA-256 of these registers, and as many values.
    fn file(bitmap: [u8; 3], values: &[u8]) -> Vec<u8> {
        let mut file = [&[0, 0, 0, 1, 0, 0x0b, 3][..], &bitmap, &[0, 0, 0, 1, 0, 0, 0]].concat();
        file.push(u8::try_from(values.len()).unwrap());
        values.iter().for_each(|value| file.extend([&[0, 32][..], &[*value; 32]].concat()));
        file
    }

    fn of(file: &[u8], registers: &[u8]) -> Result<Vec<(u8, Vec<u8>)>, FilesError> {
        read(file, Algorithm::Sha256, registers)
    }

    #[test]
    fn of_a_file_with_more_registers_only_the_quoted_ones_are_taken() {
        let expected = alloc::vec![(1, alloc::vec![7; 32]), (16, alloc::vec![9; 32])];
        assert_eq!(of(&file([0b110, 0, 1], &[7, 8, 9]), &[1, 16]), Ok(expected.clone()));
        let line = |register, byte: &str| format!("  {register:<2}: 0x{}\r\n", byte.repeat(32));
        let text = ["sha1:\n  1: 0xff\nsha256:\n", &line(16, "09"), "\n", &line(1, "07"), &line(2, "0A")].concat();
        assert_eq!(of(text.as_bytes(), &[1, 16]), Ok(expected));
    }

    #[test]
    fn a_value_is_never_that_of_another_register_or_bank() {
        let missing = |register| Err(FilesError::RegisterMissing { bank: Algorithm::Sha256, register });
        assert_eq!(of(&file([0b110, 0, 0], &[7, 8]), &[1, 3]), missing(3));
        let other = ["sha384:\n1: ", &"07".repeat(32), "\n"].concat();
        assert_eq!(of(other.as_bytes(), &[1]), missing(1));
        let before_any = ["1: ", &"07".repeat(32), "\n"].concat();
        assert_eq!(of(before_any.as_bytes(), &[1]), missing(1));
        let twice = ["sha256:\n1: ", &"07".repeat(32), "\n1: ", &"08".repeat(32)].concat();
        let wrong = |problem: &str| FilesError::RegisterValue {
            bank: Algorithm::Sha256,
            register: 1,
            problem: String::from(problem),
        };
        assert_eq!(of(twice.as_bytes(), &[1]), Err(wrong("two values, expected one")));
        assert_eq!(of(b"sha256:\n1: 0x0707", &[1]), Err(wrong("a value of 2 bytes, expected 32")));
    }

    #[test]
    fn what_is_a_form_but_for_a_byte_is_none() {
        let good = file([0b110, 0, 0], &[7, 8]);
        assert!(of(&good, &[1, 2]).is_ok());
        let longer = [good.as_slice(), &[0]].concat();
        let cases: [(&[u8], &str); 9] = [
            (b"", "it is not as long as the quoted registers"),
            (good.get(1..).unwrap(), "it is not as long as the quoted registers"),
            (&longer, "it is not as long as the quoted registers"),
            (&file([0b111, 0, 0], &[7, 8]), "it selects 3 registers and has 2 values"),
            (&[0xff; 136 + 532], "it has the length of the form \"serialized\", and is not in it"),
            (b"sha256:\n1: 0x0", "line 2 is neither a bank"),
            (b"sha256:\n1: 0x", "line 2 is neither a bank"),
            (b"sha256:\n256: 0x00", "line 2 is neither a bank"),
            (b"quoted: ff544347", "line 1 is neither a bank"),
        ];
        for (file, expected) in cases {
            let Err(FilesError::Registers { length, problem }) = of(file, &[1, 2]) else { panic!("{expected}") };
            assert!(length == file.len() && problem.starts_with(expected), "{problem}");
        }
    }
}
