//! What can be wrong with a file before it comes to Evidence.

use alloc::string::String;

use thiserror::Error;

/// A file that holds no Evidence in a known form. In the order in which it is read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// More bytes than any Evidence with its Endorsements has.
    #[error("the file has {found} bytes, expected at most {limit}; evidence, and whatever comes with it, is shorter")]
    TooLarge {
        /// The limit.
        limit: usize,
        /// Bytes given; where a stream was cut off, those that were read.
        found: usize,
    },
    /// Nothing, or nothing but white space.
    #[error("the file is empty, expected evidence")]
    Empty,
    /// Text that is none of the known forms.
    #[error("text that is neither hexadecimal, base64, pem nor json, found \"{character}\" at character {position}")]
    Text {
        /// The first character that fits none.
        character: char,
        /// Where it stands, from 1, white space left out.
        position: usize,
    },
    /// Half a byte is left over.
    #[error("hexadecimal text has {digits} digits, expected an even number; it was cut off or has a digit too many")]
    OddHexadecimal {
        /// Digits given.
        digits: usize,
    },
    /// Bytes written as decimal numbers.
    #[error(
        "decimal numbers, expected hexadecimal digits, base64 or the bytes themselves; print the evidence in one of these"
    )]
    Decimal,
    /// Text in the alphabet of base64 that is not it.
    #[error(
        "text in the alphabet of base64 that is not base64 (rfc 4648) to its end; it was cut off or mixes two alphabets"
    )]
    Base64,
    /// Text that begins as PEM and is not strict PEM.
    #[error("text that begins as pem and is not strict pem (rfc 7468)")]
    Pem,
    /// PEM whose first block is an Endorsement.
    #[error("a pem file of certificates, expected evidence; bring it as endorsements")]
    PemOfEndorsements,
    /// Text that begins as JSON and is not JSON, or has a value of another kind than its key asks for.
    #[error("json that can not be read: {problem}")]
    Json {
        /// What is wrong and where, as the parser says it.
        problem: String,
    },
    /// JSON without a key that is known to hold Evidence.
    #[error(
        "json without a key that holds evidence, found {found}; bring the evidence itself, in hexadecimal or base64"
    )]
    NoEvidenceKey {
        /// The first keys that were found, or what was found instead of an object.
        found: String,
    },
    /// JSON in which two keys could be the Evidence.
    #[error("json in which both \"{one}\" and \"{other}\" hold evidence, expected one; bring the one that is meant")]
    TwoEvidenceKeys {
        /// The first.
        one: &'static str,
        /// The second.
        other: &'static str,
    },
    /// A value that is no bytes.
    #[error("json in which \"{key}\" is {found}, expected text in hexadecimal or base64, or an array of bytes")]
    Value {
        /// The key.
        key: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// Evidence that a tool took apart: what was signed is not there any more.
    #[error(
        "json in which \"{key}\" is evidence taken apart into fields; signatures are over its bytes, so bring these"
    )]
    TakenApart {
        /// The key by which it was noticed.
        key: &'static str,
    },
    /// An event log beside something else than the quote that it belongs to.
    #[error(
        "json in which \"{key}\" is an event log, and beside it is no quote of a trust domain; bring the quote that it is of"
    )]
    LogOfNothing {
        /// The key of the log.
        key: &'static str,
    },
    /// JSON of an Azure VM's attester that does not hold together.
    #[error("json of an azure vm: {problem}")]
    Azure {
        /// What is wrong.
        problem: String,
    },
    /// An SEV-SNP report with a broken certificate table behind it.
    #[error("the certificate table behind the report breaks amd 56421 (ghcb), table 'certificate data': {problem}")]
    CertificateTable {
        /// What is wrong.
        problem: &'static str,
    },
    /// A bundle of a version that is not known here, or another file of this project.
    #[error("a file of format \"{found}\", expected an appraisal bundle of version 1")]
    BundleFormat {
        /// The format that it names.
        found: String,
    },
    /// A bundle that is not what its format says.
    #[error("not a strict appraisal bundle: {problem}")]
    Bundle {
        /// What is wrong and where.
        problem: String,
    },
    /// More forms around each other than any tool makes.
    #[error("more than {limit} forms around each other; bring the evidence itself")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
}
