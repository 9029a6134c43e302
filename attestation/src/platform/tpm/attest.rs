//! Step 1: TPMS_ATTEST (part 2, section 10.12.12) of type quote, strictly.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::container::Fields;
use super::quote::list;
use crate::event_log::Algorithm;
use crate::text::joined;

/// TPM_GENERATED_VALUE: no restricted key signs anything else that begins so (part 1, on restricted signing keys).
const GENERATED: u32 = 0xff54_4347;
/// TPM_ST_ATTEST_QUOTE.
const QUOTE: u16 = 0x8018;
const MAX_BANKS: u32 = 8;
/// A PC's TPM has 24 registers; 32 is the most that this reads.
const MAX_SELECT_BYTES: u8 = 4;

/// What a TPM signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attest {
    pub(crate) qualified_signer: Vec<u8>,
    pub(crate) extra_data: Vec<u8>,
    /// Milliseconds, counted while the TPM has power.
    pub(crate) clock: u64,
    pub(crate) reset_count: u32,
    pub(crate) restart_count: u32,
    /// No higher value of the clock was ever reported.
    pub(crate) safe: bool,
    pub(crate) firmware_version: u64,
    /// Bank (TPM_ALG_ID) and registers, ascending. Those without a register are left out.
    pub(crate) selections: Vec<(u16, Vec<u8>)>,
    pub(crate) digest: Vec<u8>,
}

impl Attest {
    pub(crate) fn decode(message: &[u8]) -> Result<Self, String> {
        let mut fields = Fields(message);
        let ends = || String::from("the quote ends early");
        let magic = fields.u32().ok_or_else(ends)?;
        if magic != GENERATED {
            return Err(format!("the quote begins with {magic:#010x}, expected {GENERATED:#010x}: no tpm made it"));
        }
        let kind = fields.u16().ok_or_else(ends)?;
        if kind != QUOTE {
            return Err(format!("the tpm attests {kind:#06x}, expected {QUOTE:#06x} (a quote)"));
        }
        let attest = Self::fields(&mut fields).ok_or_else(ends)??;
        match fields.0.len() {
            0 => Ok(attest),
            more => Err(format!("{more} bytes follow the quote")),
        }
    }

    /// Bank and registers that it selects, in words.
    pub(crate) fn selection_words(&self) -> String {
        let words = self.selections.iter().map(|(bank, registers)| {
            let bank =
                Algorithm::from_tpm_id(*bank).map_or_else(|| format!("bank {bank:#06x}"), |bank| bank.to_string());
            format!("{bank} {}", list(registers))
        });
        let words = joined(words, " and ");
        if words.is_empty() { String::from("no register") } else { words }
    }

    /// `None` where bytes are missing.
    fn fields(fields: &mut Fields<'_>) -> Option<Result<Self, String>> {
        let qualified_signer = fields.sized()?.to_vec();
        let extra_data = fields.sized()?.to_vec();
        let (clock, reset_count, restart_count) = (fields.u64()?, fields.u32()?, fields.u32()?);
        let safe = match fields.u8()? {
            0 => false,
            1 => true,
            other => return Some(Err(format!("the clock's \"safe\" is {other}, expected 0 or 1"))),
        };
        let firmware_version = fields.u64()?;
        let banks = fields.u32()?;
        if banks > MAX_BANKS {
            return Some(Err(format!("the quote selects from {banks} banks, expected at most {MAX_BANKS}")));
        }
        let mut selections = Vec::new();
        for _ in 0..banks {
            let (bank, bytes) = (fields.u16()?, fields.u8()?);
            if bytes > MAX_SELECT_BYTES {
                return Some(Err(format!("the selection has {bytes} bytes, expected at most {MAX_SELECT_BYTES}")));
            }
            let bitmap = fields.slice(usize::from(bytes))?;
            let registers: Vec<u8> = (0..8 * bytes).filter(|index| is_set(bitmap, *index)).collect();
            if !registers.is_empty() {
                selections.push((bank, registers));
            }
        }
        let digest = fields.sized()?.to_vec();
        Some(Ok(Self {
            qualified_signer,
            extra_data,
            clock,
            reset_count,
            restart_count,
            safe,
            firmware_version,
            selections,
            digest,
        }))
    }
}

/// Part 2, section 10.6.1: bit n of byte m stands for register 8 m + n.
pub(super) fn is_set(bitmap: &[u8], index: u8) -> bool {
    bitmap.get(usize::from(index / 8)).is_some_and(|byte| byte >> (index % 8) & 1 == 1)
}
