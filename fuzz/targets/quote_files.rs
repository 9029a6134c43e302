//! The files of a TPM's quote, as its tools may have written them.

use super::shown::shown;
use super::worlds::parts;
use sealroom_attestation::Evidence;
use sealroom_attestation::tpm::{self, QuoteFiles};

/// Quote, signature, registers, key, event log, each with its length: what is read is read again as the same, and what is put
/// together is Evidence of just these parts.
pub(crate) fn tpm_files(bytes: &[u8]) -> bool {
    let files = parts(bytes);
    let [quote, signature, registers, key, rest @ ..] = files.as_slice() else { return false };
    let event_log = rest.first().copied().unwrap_or_default();
    let key = shown(tpm::attestation_key(key));
    if let Some(key) = &key {
        assert_eq!(tpm::attestation_key(key).as_ref(), Ok(key));
    }
    let Some(read) = shown(QuoteFiles { quote, signature, registers, event_log }.parts()) else { return false };
    let bare: Vec<u8> = read.values.iter().flat_map(|(_, value)| value.clone()).collect();
    let again = QuoteFiles { quote: &read.quote, signature: &read.signature, registers: &bare, event_log };
    assert_eq!(again.parts().as_ref(), Ok(&read));
    let Some(assembled) = key.and_then(|key| shown(tpm::assemble(&read, &key))) else { return false };
    let evidence = Evidence::decode(&assembled).expect("what was put together was decoded");
    let named = evidence.unverified_claims().iter().filter(|claim| claim.name == "pcr").count();
    assert_eq!(named, read.values.len());
    true
}
