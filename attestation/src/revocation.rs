//! A certificate revocation list (RFC 5280 section 5), decoded strictly. Whether it counts is judged in an appraisal.

use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use x509_cert::certificate::Version;
use x509_cert::crl::CertificateList;

use crate::certificate::{DistinguishedName, is_pss_sha384, octets, refuse_duplicates, signed_part};
use crate::error::DecodeError;

/// The lists of platforms' makers have a few kilobytes.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

/// A decoded revocation list. It proves nothing yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationList {
    der: Vec<u8>,
    to_be_signed: Vec<u8>,
    signature: Vec<u8>,
    pub(crate) signed_with_pss_sha384: bool,
    pub(crate) issuer: DistinguishedName,
    pub(crate) this_update: u64,
    /// Absent in lists that do not follow RFC 5280 section 5.1.2.5.
    pub(crate) next_update: Option<u64>,
    pub(crate) serials: Vec<Vec<u8>>,
    /// Of the list or of an entry: it could change what the list means, so the list is not used.
    pub(crate) unknown_critical_extension: Option<ObjectIdentifier>,
}

impl RevocationList {
    /// From DER, strictly: canonical, version 2, without trailing bytes.
    ///
    /// # Errors
    /// [`DecodeError::EndorsementSize`], [`DecodeError::Der`], [`DecodeError::NotCanonical`],
    /// [`DecodeError::DuplicateExtension`].
    pub fn from_der(der: &[u8]) -> Result<Self, DecodeError> {
        const WHAT: &str = "revocation list";
        if der.len() > MAX_BYTES {
            return Err(DecodeError::EndorsementSize { what: WHAT, limit: MAX_BYTES, found: der.len() });
        }
        let malformed = |_| DecodeError::Der { what: WHAT };
        let decoded: CertificateList = CertificateList::from_der(der).map_err(malformed)?;
        if decoded.to_der().map_err(malformed)? != der {
            return Err(DecodeError::NotCanonical { what: WHAT });
        }
        let content = &decoded.tbs_cert_list;
        if content.version != Version::V2 || content.signature != decoded.signature_algorithm {
            return Err(DecodeError::Der { what: WHAT });
        }
        let extensions = content.crl_extensions.as_deref().unwrap_or_default();
        refuse_duplicates(extensions, WHAT)?;
        let entries = content.revoked_certificates.as_deref().unwrap_or_default();
        let of_entries = entries.iter().filter_map(|entry| entry.crl_entry_extensions.as_deref()).flatten();
        let critical = extensions.iter().chain(of_entries).find(|extension| extension.critical);
        Ok(Self {
            to_be_signed: signed_part(der).map_err(malformed)?,
            der: der.to_vec(),
            signature: octets(&decoded.signature).ok_or(DecodeError::Der { what: WHAT })?,
            signed_with_pss_sha384: is_pss_sha384(&decoded.signature_algorithm),
            issuer: DistinguishedName::new(&content.issuer).map_err(malformed)?,
            this_update: content.this_update.to_unix_duration().as_secs(),
            next_update: content.next_update.map(|time| time.to_unix_duration().as_secs()),
            serials: entries.iter().map(|entry| entry.serial_number.as_bytes().to_vec()).collect(),
            unknown_critical_extension: critical.map(|extension| extension.extn_id),
        })
    }

    /// The bytes it was decoded from.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Common name of its issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer.common_name
    }

    /// When its issuer will have made the next one, in seconds since 1970; `None` where it does not say.
    #[must_use]
    pub fn next_update_unix_seconds(&self) -> Option<u64> {
        self.next_update
    }

    /// What its issuer signed, as received.
    pub(crate) fn to_be_signed(&self) -> &[u8] {
        &self.to_be_signed
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }
}
