//! Endorsements (RFC 9334 section 8.2): certificates and revocation lists of a platform's maker, by value.
//!
//! Anyone may bring them, the host too: signatures decide. A root among them is never trusted for being there; it must be
//! the one that the policy pins. All that came for one name is kept, so that nothing that was brought beside the genuine one
//! takes its place; which one counts is decided where it is used. Work is bounded: few of each kind and of each name, each of
//! bounded size, decoded once.

use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::certificate::{Certificate, DistinguishedName};
use crate::crypto::Crypto;
use crate::error::DecodeError;
use crate::pem::{Block, Blocks, NotPem};
use crate::platform::intel::collateral::{self, Collateral};
use crate::platform::intel::{QeIdentity, TcbInfo};
use crate::revocation::{self, RevocationList};

const MAX_BYTES: usize = 2 * revocation::MAX_BYTES;
const MAX_CERTIFICATES: usize = 64;
/// Of one subject, authorities: those of the eight GPUs of a machine have one name.
const MAX_OF_ONE_SUBJECT: usize = 16;
const MAX_REVOCATION_LISTS: usize = 32;
const MAX_OF_ONE_ISSUER: usize = 8;
const MAX_DOCUMENTS: usize = 16;

/// A bag of certificates and revocation lists. Their order does not matter. Of several for one name those count that the pinned
/// root stands behind, and of these the newest; of leaves, such as the VCEKs of many chips, the one that the Evidence names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsements {
    certificates: Vec<Certificate>,
    revocation_lists: Vec<RevocationList>,
    tcb_infos: Vec<TcbInfo>,
    qe_identities: Vec<QeIdentity>,
}

impl Endorsements {
    /// None at all. (A bag for [`Endorsements::with`] to fill, and what an appraisal without Endorsements gets.)
    #[must_use]
    pub fn none() -> Self {
        Self {
            certificates: Vec::new(),
            revocation_lists: Vec::new(),
            tcb_infos: Vec::new(),
            qe_identities: Vec::new(),
        }
    }

    /// One file: a DER certificate, a DER revocation list, or PEM text (RFC 7468) with any number of both.
    ///
    /// # Errors
    /// [`DecodeError`]: each of its variants about Endorsements.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::none().with(bytes)
    }

    /// Several files, each as in [`Endorsements::decode`].
    ///
    /// # Errors
    /// As for [`Endorsements::decode`].
    pub fn decode_all<'a>(files: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, DecodeError> {
        files.into_iter().try_fold(Self::none(), Self::with)
    }

    /// These and one file more, as in [`Endorsements::decode`].
    ///
    /// # Errors
    /// As for [`Endorsements::decode`].
    pub fn with(mut self, bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_BYTES {
            return Err(DecodeError::EndorsementSize { what: "endorsements", limit: MAX_BYTES, found: bytes.len() });
        }
        if is_der(bytes) {
            self.add_der(bytes)?;
            return Ok(self);
        }
        if bytes.trim_ascii_start().first() == Some(&b'{') {
            for document in collateral::decode(bytes)? {
                self.add_collateral(document)?;
            }
            return Ok(self);
        }
        for block in pem_blocks(bytes)? {
            match block.label {
                "CERTIFICATE" => self.add_certificate(Certificate::from_der(&block.bytes)?)?,
                "X509 CRL" => self.add_revocation_list(RevocationList::from_der(&block.bytes)?)?,
                _ => return Err(DecodeError::PemLabel),
            }
        }
        Ok(self)
    }

    /// The certificates, in the order in which they came.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The revocation lists, in the order in which they came.
    #[must_use]
    pub fn revocation_lists(&self) -> &[RevocationList] {
        &self.revocation_lists
    }

    /// Intel's TCB infos, in the order in which they came.
    #[must_use]
    pub fn tcb_infos(&self) -> &[TcbInfo] {
        &self.tcb_infos
    }

    /// Intel's QE identities, in the order in which they came.
    #[must_use]
    pub fn qe_identities(&self) -> &[QeIdentity] {
        &self.qe_identities
    }

    fn add_collateral(&mut self, document: Collateral) -> Result<(), DecodeError> {
        match document {
            Collateral::TcbInfo(info) => add_document(&mut self.tcb_infos, *info, "tcb infos"),
            Collateral::QeIdentity(identity) => add_document(&mut self.qe_identities, *identity, "qe identities"),
            Collateral::Certificate(certificate) => self.add_certificate(*certificate),
            Collateral::RevocationList(list) => self.add_revocation_list(*list),
        }
    }

    pub(crate) fn by_common_name(&self, common_name: &str) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter().filter(move |certificate| certificate.subject.common_name == common_name)
    }

    pub(crate) fn by_subject<'a>(&'a self, subject: &'a DistinguishedName) -> impl Iterator<Item = &'a Certificate> {
        self.certificates.iter().filter(move |certificate| certificate.subject == *subject)
    }

    /// Of several lists of this issuer's name the newest that it signed, so that neither a list from before a revocation nor one
    /// that somebody else made stands in the way; where it signed none, the newest. One alone is not verified here.
    pub(crate) fn revocation_list_of(&self, issuer: &Certificate, crypto: &Crypto<'_>) -> Option<&RevocationList> {
        let mut lists: Vec<_> = self.revocation_lists.iter().filter(|list| list.issuer == issuer.subject).collect();
        lists.sort_by_key(|list| Reverse(list.this_update));
        match lists.as_slice() {
            [] | [_] => lists.first().copied(),
            [newest, ..] => lists.iter().find(|list| list.is_signed_by(issuer, crypto)).or(Some(newest)).copied(),
        }
    }

    /// A certificate or a revocation list: the first element of a certificate's signed part is a context tag, of a list's not.
    fn add_der(&mut self, der: &[u8]) -> Result<(), DecodeError> {
        match Certificate::from_der(der) {
            Ok(certificate) => self.add_certificate(certificate),
            Err(not_a_certificate) => match RevocationList::from_der(der) {
                Ok(list) => self.add_revocation_list(list),
                Err(_) => Err(not_a_certificate),
            },
        }
    }

    fn add_certificate(&mut self, certificate: Certificate) -> Result<(), DecodeError> {
        if self.certificates.contains(&certificate) {
            return Ok(()); // a chain file often repeats the root
        }
        if certificate.is_authority() {
            let same = self.by_subject(&certificate.subject).filter(|other| other.is_authority()).count();
            room("certificates of one authority", same, MAX_OF_ONE_SUBJECT)?;
        }
        room("certificates", self.certificates.len(), MAX_CERTIFICATES)?;
        self.certificates.push(certificate);
        Ok(())
    }

    fn add_revocation_list(&mut self, list: RevocationList) -> Result<(), DecodeError> {
        if self.revocation_lists.contains(&list) {
            return Ok(());
        }
        let same = self.revocation_lists.iter().filter(|known| known.issuer == list.issuer).count();
        room("revocation lists of one issuer", same, MAX_OF_ONE_ISSUER)?;
        room("revocation lists", self.revocation_lists.len(), MAX_REVOCATION_LISTS)?;
        self.revocation_lists.push(list);
        Ok(())
    }
}

/// Whether one more may come.
fn room(what: &'static str, count: usize, limit: usize) -> Result<(), DecodeError> {
    if count < limit { Ok(()) } else { Err(DecodeError::EndorsementCount { what, limit, found: count + 1 }) }
}

/// Each once.
fn add_document<T: PartialEq>(documents: &mut Vec<T>, document: T, what: &'static str) -> Result<(), DecodeError> {
    if documents.contains(&document) {
        return Ok(());
    }
    room(what, documents.len(), MAX_DOCUMENTS)?;
    documents.push(document);
    Ok(())
}

fn is_der(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0x30)
}

/// The blocks of a PEM text, at least one.
pub(crate) fn pem_blocks(text: &[u8]) -> Result<Vec<Block<'_>>, DecodeError> {
    let text = core::str::from_utf8(text).map_err(|_| DecodeError::Pem)?;
    let mut blocks = Vec::new();
    for block in Blocks::new(text) {
        blocks.push(block.map_err(|NotPem| DecodeError::Pem)?);
        if blocks.len() > MAX_CERTIFICATES + MAX_REVOCATION_LISTS {
            let limit = MAX_CERTIFICATES + MAX_REVOCATION_LISTS;
            return Err(DecodeError::EndorsementCount { what: "pem blocks", limit, found: blocks.len() });
        }
    }
    if blocks.is_empty() { Err(DecodeError::Pem) } else { Ok(blocks) }
}
