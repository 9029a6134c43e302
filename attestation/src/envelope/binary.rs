//! What tools write in front of or behind Evidence, in binary. Each is taken off only where its own lengths agree with the file.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use super::EvidenceFile;
use super::error::EnvelopeError;
use crate::evidence::Evidence;
use crate::platform::Platform;

/// AMD 56860, ATTESTATION_REPORT.
const REPORT_SIZE: usize = 0x4a0;
/// An entry of the table: GUID, offset, length (AMD 56421, GHCB, extended guest request).
const ENTRY_SIZE: usize = 24;
const MAX_ENTRIES: usize = 16;

/// Open Enclave's header of a report: version 1, type 2 (remote), 64 bits of length.
const OPEN_ENCLAVE: [u8; 8] = [1, 0, 0, 0, 2, 0, 0, 0];

/// What is inside, or `None` where these are the platform's own bytes, or nobody's.
pub(super) fn take_off(
    bytes: &[u8],
    sniffed: Option<Platform>,
    file: &mut EvidenceFile,
) -> Result<Option<Vec<u8>>, EnvelopeError> {
    if sniffed == Some(Platform::AmdSevSnp) && bytes.len() > REPORT_SIZE {
        return certificate_table(bytes, file);
    }
    if sniffed.is_some() && bytes.len() != REPORT_SIZE {
        return Ok(None);
    }
    if let Some(inner) = open_enclave(bytes) {
        file.forms.push("Open Enclave report header".to_owned());
        return Ok(Some(inner.to_vec()));
    }
    if let Some(inner) = dstack(bytes) {
        file.forms.push("dstack attestation (SCALE)".to_owned());
        return Ok(Some(inner.to_vec()));
    }
    Ok(None)
}

fn open_enclave(bytes: &[u8]) -> Option<&[u8]> {
    let (header, rest) = bytes.split_first_chunk::<8>()?;
    let (length, inner) = rest.split_first_chunk::<8>()?;
    let exact = u64::try_from(inner.len()).is_ok_and(|found| found == u64::from_le_bytes(*length));
    (*header == OPEN_ENCLAVE && exact && Evidence::sniff(inner).is_some()).then_some(inner)
}

/// Version 0, a platform, then the Evidence behind its length in SCALE's compact form; what follows is dstack's own.
fn dstack(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(&[0])?;
    let (_platform, rest) = rest.split_first()?;
    let low = *rest.first()?;
    let (length, rest) = match low & 0b11 {
        1 => rest.split_first_chunk::<2>().map(|(length, rest)| (u32::from(u16::from_le_bytes(*length)), rest))?,
        2 => rest.split_first_chunk::<4>().map(|(length, rest)| (u32::from_le_bytes(*length), rest))?,
        _ => return None,
    };
    let inner = rest.get(..usize::try_from(length >> 2).ok()?)?;
    Evidence::sniff(inner).is_some().then_some(inner)
}

/// A report as the extended guest request gives it: behind it a table of certificates, up to an entry of zeros.
fn certificate_table(bytes: &[u8], file: &mut EvidenceFile) -> Result<Option<Vec<u8>>, EnvelopeError> {
    let wrong = |problem| EnvelopeError::CertificateTable { problem };
    let (report, table) = bytes.split_at_checked(REPORT_SIZE).ok_or_else(|| wrong("it is cut off"))?;
    let (entries, _) = table.as_chunks::<ENTRY_SIZE>();
    let mut certificates = Vec::new();
    for entry in entries {
        if *entry == [0; ENTRY_SIZE] {
            let with = if certificates.is_empty() {
                "SEV-SNP report with an empty certificate table"
            } else {
                "SEV-SNP report with a certificate table"
            };
            file.forms.push(with.to_owned());
            file.endorsements.append(&mut certificates);
            return Ok(Some(report.to_vec()));
        }
        if certificates.len() == MAX_ENTRIES {
            return Err(wrong("it has more than 16 entries"));
        }
        let [.., o0, o1, o2, o3, l0, l1, l2, l3] = *entry;
        let offset = usize::try_from(u32::from_le_bytes([o0, o1, o2, o3])).unwrap_or(usize::MAX);
        let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
        let end = offset.checked_add(length).ok_or_else(|| wrong("an entry points past the end"))?;
        let certificate = table.get(offset..end).ok_or_else(|| wrong("an entry points past the end"))?;
        certificates.push(certificate.to_vec());
    }
    Err(wrong("no entry of zeros ends it"))
}
