//! A quote with what belongs to it, and the checks that every TPM's has: format, signature, values. (Steps 1, 3 and 5.)

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::attest::Attest;
use super::checks;
use super::signature::Signature;
use crate::challenge::Answer;
use crate::crypto::{Crypto, PublicKey};
use crate::event_log::{Algorithm, Digest, EventLog};
use crate::ledger::Ledger;
use crate::text::{Hex, joined};

/// TPMS_ATTEST: a few hundred bytes.
pub(crate) const MAX_MESSAGE: usize = 2048;
/// TPMT_SIGNATURE: RSA-4096 and a few bytes.
pub(crate) const MAX_SIGNATURE: usize = 1024;
/// 24 registers of 65 bytes and two bytes.
pub(crate) const MAX_VALUES: usize = 24 * 65 + 2;
pub(crate) const MAX_LOG: usize = 16 * 1024 * 1024;
const REGISTERS: u8 = 24;

/// A quote that decodes, with its signature, the values that came along, and a log or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quote {
    message: Vec<u8>,
    pub(crate) attest: Attest,
    pub(crate) signature: Signature,
    pub(crate) bank: Algorithm,
    /// By ascending number.
    pub(crate) values: Vec<(u8, Digest)>,
    pub(crate) log: Option<EventLog>,
}

/// The parts of a container that make a quote.
pub(crate) struct Parts<'a> {
    pub(crate) message: &'a [u8],
    pub(crate) signature: &'a [u8],
    pub(crate) values: &'a [u8],
    pub(crate) log: &'a [u8],
}

impl Quote {
    pub(crate) fn decode(parts: &Parts<'_>) -> Result<Self, String> {
        let attest = Attest::decode(parts.message)?;
        let signature = Signature::decode(parts.signature)?;
        let (bank, values) = read_values(parts.values)?;
        let log = match parts.log {
            [] => None,
            log => Some(EventLog::decode(log).map_err(|error| error.to_string())?),
        };
        Ok(Self { message: parts.message.to_vec(), attest, signature, bank, values, log })
    }

    /// Step 4.
    pub(crate) fn answer(&self) -> Answer<'_> {
        Answer { field: "extra data", bytes: &self.attest.extra_data, fixed: false }
    }

    pub(crate) fn value(&self, register: u8) -> Option<&Digest> {
        self.values.iter().find(|(index, _)| *index == register).map(|(_, value)| value)
    }

    /// Step 3, over the bytes received.
    pub(crate) fn judge_signature(&self, key: &PublicKey, crypto: &Crypto<'_>, ledger: &mut Ledger) {
        const SCHEMES: &str = "RSASSA, RSAPSS or ECDSA with sha256 or sha384, as the key is for";
        const EXPECTED: &str = "a signature by the attestation key over the quote";
        let Some((kind, signature)) = self.signature.kind(key) else {
            ledger.fail(&checks::SIGNATURE_SCHEME, SCHEMES, format!("{}, {}", self.signature.scheme, key_words(key)));
            return ledger.not_judged(&checks::SIGNATURE, &checks::SIGNATURE_SCHEME);
        };
        ledger.pass(&checks::SIGNATURE_SCHEME, SCHEMES, self.signature.scheme.to_string());
        let verified = crypto.verify(key, kind, &self.message, &signature).is_ok();
        let found = if verified { "a valid signature" } else { "no valid signature" };
        ledger.judge(&checks::SIGNATURE, verified, EXPECTED, found);
    }

    /// Step 5, first half: the values are of exactly the selected registers and bank, and hash to the digest. The hash is that
    /// of the signature's scheme (part 3, TPM2_Quote).
    pub(crate) fn judge_values(&self, crypto: &Crypto<'_>, ledger: &mut Ledger) {
        let registers: Vec<u8> = self.values.iter().map(|(index, _)| *index).collect();
        let found_set = format!("{} {}", self.bank, list(&registers));
        let set = [(self.bank, registers)];
        let selected: Option<Vec<(Algorithm, Vec<u8>)>> = self
            .attest
            .selections
            .iter()
            .map(|(bank, registers)| Some((Algorithm::from_tpm_id(*bank)?, registers.clone())))
            .collect();
        if selected.as_deref() != Some(&set) {
            let expected = format!("values of what the quote selects: {}", self.selection_words());
            return ledger.fail(&checks::PCR_DIGEST, expected, format!("values of {found_set}"));
        }
        let expected = format!("values that hash to {}", Hex(&self.attest.digest));
        let bytes: Vec<u8> = self.values.iter().flat_map(|(_, value)| value.as_bytes().iter().copied()).collect();
        let hash = Algorithm::from_tpm_id(self.signature.scheme.hash);
        match hash.and_then(|hash| hash.hash(crypto.provider(), &bytes)) {
            Some(digest) => {
                let holds = digest.as_bytes() == self.attest.digest;
                ledger.judge(&checks::PCR_DIGEST, holds, expected, format!("{found_set}, which hash to {digest}"));
            }
            None => ledger.not_judged(&checks::PCR_DIGEST, &checks::SIGNATURE_SCHEME),
        }
    }

    /// Bank and registers that the quote selects, in words.
    pub(crate) fn selection_words(&self) -> String {
        self.attest.selection_words()
    }
}

/// Register numbers in words.
pub(crate) fn list(registers: &[u8]) -> String {
    format!("PCR {}", joined(registers, ","))
}

fn key_words(key: &PublicKey) -> &'static str {
    match key {
        PublicKey::Rsa { .. } => "with an RSA key",
        PublicKey::P256(_) => "with a P-256 key",
        PublicKey::P384(_) => "with a P-384 key",
        PublicKey::Ed25519(_) | PublicKey::Other => "with a key of another kind",
    }
}

fn read_values(bytes: &[u8]) -> Result<(Algorithm, Vec<(u8, Digest)>), String> {
    let ends = || String::from("the values end early");
    let (id, mut rest) = bytes.split_first_chunk().ok_or_else(ends)?;
    let id = u16::from_be_bytes(*id);
    let bank = Algorithm::from_tpm_id(id).ok_or_else(|| format!("the values are of the unknown bank {id:#06x}"))?;
    let mut values: Vec<(u8, Digest)> = Vec::new();
    while let Some((index, after)) = rest.split_first() {
        let (value, after) = after.split_at_checked(bank.digest_bytes()).ok_or_else(ends)?;
        let ascending = values.last().is_none_or(|(last, _)| last < index);
        if !ascending || *index >= REGISTERS {
            return Err(format!("the value of PCR {index} is out of order, twice there, or of no register"));
        }
        values.push((*index, Digest::new(bank, value).ok_or_else(ends)?));
        rest = after;
    }
    Ok((bank, values))
}

/// The part of a container that holds these values.
pub(crate) fn write_values(bank: Algorithm, values: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = bank.tpm_id().to_be_bytes().to_vec();
    for (index, value) in values {
        bytes.push(*index);
        bytes.extend(value);
    }
    bytes
}
