//! Endorsements (RFC 9334 section 8.2): certificates and revocation lists of a platform's maker, by value.
//!
//! Anyone may bring them, the host too: signatures decide. A root among them is never trusted for being there; it must be
//! the one that the policy pins. Work is bounded: few certificates, each of bounded size, decoded once.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use crate::certificate::{Certificate, DistinguishedName};
use crate::error::DecodeError;
use crate::pem::{Block, Blocks, NotPem};
use crate::platform::intel::collateral::{self, Collateral};
use crate::platform::intel::{QeIdentity, TcbInfo};
use crate::revocation::{self, RevocationList};

const MAX_BYTES: usize = 2 * revocation::MAX_BYTES;
const MAX_CERTIFICATES: usize = 64;
const MAX_REVOCATION_LISTS: usize = 16;
const MAX_DOCUMENTS: usize = 16;

/// A bag of certificates and revocation lists. Their order does not matter. Each authority occurs once, so that nobody has to
/// choose; of leaves, such as the VCEKs of many chips, the one counts that the Evidence names.
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

    pub(crate) fn by_subject(&self, subject: &DistinguishedName) -> Option<&Certificate> {
        self.certificates.iter().find(|certificate| certificate.subject == *subject)
    }

    pub(crate) fn revocation_list_of(&self, issuer: &DistinguishedName) -> Option<&RevocationList> {
        self.revocation_lists.iter().find(|list| list.issuer == *issuer)
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
        let is_authority = |certificate: &Certificate| {
            certificate.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca)
        };
        if self.by_subject(&certificate.subject).is_some_and(|other| is_authority(other) || is_authority(&certificate))
        {
            return Err(DecodeError::DuplicateCertificate { subject: certificate.subject().to_owned() });
        }
        if self.certificates.len() == MAX_CERTIFICATES {
            return Err(DecodeError::EndorsementCount {
                what: "certificates",
                limit: MAX_CERTIFICATES,
                found: MAX_CERTIFICATES + 1,
            });
        }
        self.certificates.push(certificate);
        Ok(())
    }

    /// Of several lists of one issuer the newest counts, whoever brought the older ones and in whatever order: a list from before
    /// a revocation does not stand in the way of the one that has it. A newer one that is forged ends in a refusal.
    fn add_revocation_list(&mut self, list: RevocationList) -> Result<(), DecodeError> {
        if let Some(known) = self.revocation_lists.iter_mut().find(|known| known.issuer == list.issuer) {
            if known.this_update < list.this_update {
                *known = list;
            }
            return Ok(());
        }
        if self.revocation_lists.len() == MAX_REVOCATION_LISTS {
            let (limit, found) = (MAX_REVOCATION_LISTS, MAX_REVOCATION_LISTS + 1);
            return Err(DecodeError::EndorsementCount { what: "revocation lists", limit, found });
        }
        self.revocation_lists.push(list);
        Ok(())
    }
}

/// Each once. Of several for one platform the newest counts.
fn add_document<T: PartialEq>(documents: &mut Vec<T>, document: T, what: &'static str) -> Result<(), DecodeError> {
    if documents.contains(&document) {
        return Ok(());
    }
    if documents.len() == MAX_DOCUMENTS {
        return Err(DecodeError::EndorsementCount { what, limit: MAX_DOCUMENTS, found: MAX_DOCUMENTS + 1 });
    }
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
