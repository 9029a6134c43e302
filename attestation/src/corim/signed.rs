//! Signed manifests (draft-ietf-rats-corim-11 section 4.2): COSE_Sign1 with a protected header of its own. Of who signed, only
//! the key that the caller gives counts; what the header says of them is for people.

use alloc::format;
use alloc::string::{String, ToString};

use super::decode;
use super::error::{At, CorimError, form, unmappable};
use super::model::Validity;
use crate::cbor::{Kind, Reader, once, required};
use crate::cose::{Algorithm, Sign1};
use crate::text::printable;

/// RFC 9052 section 3.1.
const ALG: i64 = 1;
const CRIT: i64 = 2;
const CONTENT_TYPE: i64 = 3;
const KID: i64 = 4;
/// Section 4.2.3.
const META: i64 = 8;
/// RFC 9597.
const CWT_CLAIMS: i64 = 15;
/// RFC 9360.
const X5CHAIN: i64 = 33;
/// Section 4.2.1, a signed digest of a manifest.
const HASH_ENVELOPE: [i64; 3] = [258, 259, 260];

const MEDIA_TYPE: &str = "application/rim+cbor";
/// Tags 500 and 502: older drafts put the first before any manifest, the second before a signed one.
const OLD_TAGS: [[u8; 3]; 2] = [[0xd9, 0x01, 0xf4], [0xd9, 0x01, 0xf6]];
const MAX_CERTIFICATES: u64 = 8;
const PATH: &str = "signature";

/// A signed manifest that decodes. Nothing is verified yet.
pub(super) struct Signed<'b> {
    pub(super) message: Sign1,
    pub(super) payload: &'b [u8],
    /// Who says to have signed.
    pub(super) signer: String,
    pub(super) validity: Option<Validity>,
}

/// What the protected header says beside the algorithm.
#[derive(Default)]
struct Header {
    signer: Option<(String, Option<Validity>)>,
}

/// Without the tags of older drafts, where they stand as those had them.
pub(super) fn without_old_tags(bytes: &[u8]) -> &[u8] {
    let [any, signed] = OLD_TAGS;
    let inner = bytes.strip_prefix(&any).unwrap_or(bytes);
    inner.strip_prefix(&signed).filter(|message| is_signed(message)).unwrap_or(inner)
}

/// Whether it is a COSE_Sign1, by its tag (RFC 9052 section 2).
pub(super) fn is_signed(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0xd2)
}

pub(super) fn read(bytes: &[u8]) -> Result<Signed<'_>, CorimError> {
    let mut header = Header::default();
    let mut stopped = None;
    let opened = Sign1::open(
        bytes,
        |protected| {
            let (algorithm, read) = keep(protected_header(protected), &mut stopped)?;
            header = read;
            Ok(algorithm)
        },
        |reader| unprotected_header(reader),
    );
    if let Some(error) = stopped {
        return Err(error);
    }
    let (message, payload) = opened.at(PATH)?;
    let (signer, validity) = header.signer.unwrap_or_default();
    Ok(Signed { message, payload, signer: printable(&signer), validity })
}

/// Lets an error with its own place through the reader of COSE, which knows sentences alone.
fn keep<T>(result: Result<T, CorimError>, stopped: &mut Option<CorimError>) -> Result<T, String> {
    result.map_err(|error| {
        let sentence = error.to_string();
        *stopped = Some(error);
        sentence
    })
}

/// protected-corim-header-map-inline (section 4.2.1).
fn protected_header(bytes: &[u8]) -> Result<(Algorithm, Header), CorimError> {
    let mut reader = Reader::new(bytes);
    let (mut algorithm, mut content, mut kid, mut meta, mut claims, mut chain) = (None, None, None, None, None, None);
    let mut items = reader.map(8, "the protected header").at(PATH)?;
    while reader.more(&mut items).at(PATH)? {
        match reader.integer("a label of the protected header").at(PATH)? {
            ALG => {
                let code = reader.integer("the algorithm").at(PATH)?;
                once(&mut algorithm, Algorithm::read(code).at(PATH)?, "alg").at(PATH)?;
            }
            CONTENT_TYPE => {
                let found = reader.text("the content type").at(PATH)?;
                if found != MEDIA_TYPE {
                    return Err(form(PATH, format!("the content type \"{found}\", expected \"{MEDIA_TYPE}\"")));
                }
                once(&mut content, (), "content-type").at(PATH)?;
            }
            KID => once(&mut kid, reader.bytes("the key's identifier").map(drop).at(PATH)?, "kid").at(PATH)?,
            META => {
                let bytes = reader.bytes("corim-meta").at(PATH)?;
                once(&mut meta, corim_meta(bytes)?, "corim-meta").at(PATH)?;
            }
            CWT_CLAIMS => once(&mut claims, cwt_claims(&mut reader)?, "CWT-Claims").at(PATH)?,
            X5CHAIN => once(&mut chain, certificates(&mut reader).at(PATH)?, "x5chain").at(PATH)?,
            CRIT => return Err(form(PATH, "crit in the protected header, expected none")),
            label if HASH_ENVELOPE.contains(&label) => {
                return Err(unmappable(PATH, "a signed digest of a manifest", "the manifest itself is not in it"));
            }
            label => return Err(form(PATH, format!("the label {label} in the protected header is not known here"))),
        }
    }
    reader.end("the protected header").at(PATH)?;
    required(content, "content-type").at(PATH)?;
    // Section 4.2.1: where both are there, they say the same.
    let signer = match (meta, claims) {
        (Some(meta), Some(claims)) if meta != claims => {
            return Err(form(PATH, "corim-meta and CWT-Claims name two signers, or two times"));
        }
        (Some(said), _) | (None, Some(said)) => said,
        (None, None) => return Err(form(PATH, "neither corim-meta nor CWT-Claims in the protected header")),
    };
    Ok((required(algorithm, "alg").at(PATH)?, Header { signer: Some(signer) }))
}

/// Nothing in it is protected, so nothing in it counts; what is not known might be meant to.
fn unprotected_header(reader: &mut Reader<'_>) -> crate::cbor::Result<()> {
    let (mut kid, mut chain) = (None, None);
    let mut items = reader.map(2, "the unprotected header")?;
    while reader.more(&mut items)? {
        match reader.integer("a label of the unprotected header")? {
            KID => once(&mut kid, reader.bytes("the key's identifier").map(drop)?, "kid")?,
            X5CHAIN => once(&mut chain, certificates(reader)?, "x5chain")?,
            label => return Err(format!("the label {label} in the unprotected header is not known here")),
        }
    }
    Ok(())
}

/// COSE_X509 (RFC 9360 section 2). Passed over: the caller has the key.
fn certificates(reader: &mut Reader<'_>) -> crate::cbor::Result<()> {
    if reader.kind() == Some(Kind::Bytes) {
        return reader.bytes("a certificate").map(drop);
    }
    let mut items = reader.array(MAX_CERTIFICATES, "the certificates")?;
    while reader.more(&mut items)? {
        reader.bytes("a certificate")?;
    }
    Ok(())
}

/// corim-meta-map (section 4.2.3).
fn corim_meta(bytes: &[u8]) -> Result<(String, Option<Validity>), CorimError> {
    let path = "signature.corim-meta";
    let mut reader = Reader::new(bytes);
    let (mut signer, mut validity) = (None, None);
    let mut items = reader.map(2, "corim-meta").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.unsigned("a key of corim-meta").at(path)? {
            0 => once(&mut signer, signer_map(&mut reader, path)?, "signer").at(path)?,
            1 => once(&mut validity, decode::read_validity(&mut reader, path)?, "signature-validity").at(path)?,
            key => return Err(form(path, format!("key {key}, expected 0 (signer) or 1 (signature-validity)"))),
        }
    }
    reader.end("corim-meta").at(path)?;
    Ok((required(signer, "signer").at(path)?, validity))
}

/// corim-signer-map (section 4.2.3.1).
fn signer_map(reader: &mut Reader<'_>, path: &str) -> Result<String, CorimError> {
    let (mut name, mut uri) = (None, None);
    let mut items = reader.map(2, "the signer").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.unsigned("a key of the signer").at(path)? {
            0 => once(&mut name, reader.text("the signer's name").at(path)?.to_string(), "signer-name").at(path)?,
            1 => once(&mut uri, decode::uri(reader, path)?, "signer-uri").at(path)?,
            key => return Err(form(path, format!("key {key} of the signer is an extension that is not known here"))),
        }
    }
    required(name, "signer-name").at(path)
}

/// cwt-claims (section 4.2.2).
fn cwt_claims(reader: &mut Reader<'_>) -> Result<(String, Option<Validity>), CorimError> {
    let path = "signature.CWT-Claims";
    let (mut issuer, mut subject, mut not_after, mut not_before) = (None, None, None, None);
    let mut items = reader.map(4, "CWT-Claims").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.integer("a claim's key").at(path)? {
            1 => once(&mut issuer, reader.text("iss").at(path)?.to_string(), "iss").at(path)?,
            2 => once(&mut subject, reader.text("sub").at(path)?.to_string(), "sub").at(path)?,
            4 => once(&mut not_after, reader.unsigned("exp, in whole seconds").at(path)?, "exp").at(path)?,
            5 => once(&mut not_before, reader.unsigned("nbf, in whole seconds").at(path)?, "nbf").at(path)?,
            key => return Err(form(path, format!("claim {key} is not known here"))),
        }
    }
    let validity = match (not_before, not_after) {
        (None, None) => None,
        (not_before, not_after) => Some(Validity { not_before, not_after: not_after.unwrap_or(u64::MAX) }),
    };
    Ok((required(issuer, "iss").at(path)?, validity))
}
