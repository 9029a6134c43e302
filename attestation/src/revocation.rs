//! A certificate revocation list (RFC 5280 section 5), decoded strictly. Whether it counts is judged in an appraisal.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;
use x509_cert::certificate::Version;

use crate::certificate::{Certificate, DistinguishedName, octets, refuse_duplicates, signature_kind, signed_part};
use crate::crypto::{Crypto, SignatureKind};
use crate::error::DecodeError;
use crate::text::utc;
use crate::x509;

/// The lists of platforms' makers have a few kilobytes.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

/// A decoded revocation list. It proves nothing yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationList {
    der: Vec<u8>,
    to_be_signed: Vec<u8>,
    signature: Vec<u8>,
    pub(crate) signature_kind: Option<SignatureKind>,
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
        let decoded: x509::RevocationList<'_> = x509::decode(der).map_err(malformed)?;
        if !x509::is_canonical(&decoded, der).map_err(malformed)? {
            return Err(DecodeError::NotCanonical { what: WHAT });
        }
        let content = &decoded.content;
        if content.version != Version::V2 || content.signature != decoded.signature_algorithm {
            return Err(DecodeError::Der { what: WHAT });
        }
        let extensions = content.extensions.as_deref().unwrap_or_default();
        refuse_duplicates(extensions, WHAT)?;
        let entries = content.revoked.as_deref().unwrap_or_default();
        let of_list = extensions.iter().filter(|extension| extension.critical).map(|extension| extension.id);
        let of_entries = entries.iter().filter_map(|entry| entry.extensions.as_ref()?.critical);
        Ok(Self {
            to_be_signed: signed_part(der).map_err(malformed)?,
            der: der.to_vec(),
            signature: octets(decoded.signature).ok_or(DecodeError::Der { what: WHAT })?,
            signature_kind: signature_kind(&decoded.signature_algorithm),
            issuer: DistinguishedName::new(content.issuer).map_err(malformed)?,
            this_update: content.this_update.to_unix_duration().as_secs(),
            next_update: content.next_update.map(|time| time.to_unix_duration().as_secs()),
            serials: entries.iter().map(|entry| entry.serial_number.as_bytes().to_vec()).collect(),
            unknown_critical_extension: of_list.chain(of_entries).next(),
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

    /// Whether it is a list of `issuer`'s, by name and key. Says nothing of dates.
    pub(crate) fn is_signed_by(&self, issuer: &Certificate, crypto: &Crypto<'_>) -> bool {
        let signed = |kind| crypto.verify_endorsed(&issuer.key, kind, &self.to_be_signed, &self.signature).is_ok();
        self.issuer == issuer.subject && self.signature_kind.is_some_and(signed)
    }

    /// What speaks against its being a list of `issuer`, at whatever time.
    pub(crate) fn unsound(&self, issuer: &Certificate, crypto: &Crypto<'_>) -> Option<String> {
        // RFC 5280 section 6.3.3 (f): the issuer of a list needs cRLSign.
        if !issuer.key_usage.as_ref().is_some_and(|usage| usage.crl_sign()) {
            return Some(format!("{} may not sign revocation lists", issuer.subject()));
        }
        if !self.is_signed_by(issuer, crypto) {
            return Some(format!("the revocation list is not signed by {}", issuer.subject()));
        }
        self.unknown_critical_extension
            .map(|oid| format!("the revocation list has the unknown critical extension {oid}"))
    }

    /// What speaks against its being current at `now`; a fresh one may do.
    pub(crate) fn not_current(&self, now: u64) -> Option<String> {
        let Some(next_update) = self.next_update else {
            return Some(String::from("the revocation list does not say until when it is current"));
        };
        let (from, to) = (self.this_update, next_update);
        let current = from <= now && now < to;
        (!current)
            .then(|| format!("the revocation list is current from {} to {}, not at {}", utc(from), utc(to), utc(now)))
    }

    /// Whether it lists this certificate.
    pub(crate) fn lists(&self, certificate: &Certificate) -> bool {
        self.serials.contains(&certificate.serial)
    }
}
