//! Why a text is no contract, or an envelope no signed one: one variant a check, with the place in the text.
//!
//! What always holds: what a message repeats of the text has passed the rules on characters, so it prints as it stands
//! there, and is cut at 64 characters.

use super::position::Position;
use super::subset::Construct;
use super::terms::Role;
use crate::dsse::EnvelopeError;
use crate::identity::KeyError;
use alloc::string::String;

/// Why a text is no contract, or an envelope no signed one. In the order of the checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    /// More bytes than a contract may have.
    #[error("the contract has {found} bytes, expected at most {limit}")]
    TooLong {
        /// Most bytes.
        limit: usize,
        /// Bytes found.
        found: usize,
    },
    /// Not UTF-8.
    #[error("the contract is not UTF-8 from byte {offset} on; save it as UTF-8")]
    NotUtf8 {
        /// First byte that is not, from 0.
        offset: usize,
    },
    /// U+FEFF at the start.
    #[error("the contract begins with a byte order mark; save it as UTF-8 without one")]
    ByteOrderMark,
    /// A control character other than the line feed.
    #[error("{at}: control character U+{code_point:04X}; use spaces, and line feeds alone to end lines")]
    ControlCharacter {
        /// Where.
        at: Position,
        /// Which.
        code_point: u32,
    },
    /// A character that changes the order in which others are shown.
    #[error("{at}: U+{code_point:04X} changes the order in which text is shown; remove it")]
    BidirectionalCharacter {
        /// Where.
        at: Position,
        /// Which.
        code_point: u32,
    },
    /// A character that some or all readers do not show, or show as another.
    #[error("{at}: U+{code_point:04X} is not shown alike by every reader; remove it")]
    InvisibleCharacter {
        /// Where.
        at: Position,
        /// Which.
        code_point: u32,
    },
    /// Not in Unicode normalisation form C.
    #[error("{at}: the text is not in Unicode normalisation form C; save it in that form")]
    NotNormalised {
        /// The first character that normalisation changes.
        at: Position,
    },
    /// TOML that contracts do not use, or no TOML at all.
    #[error("{at}: {construct}")]
    OutsideSubset {
        /// Where.
        at: Position,
        /// What was found, and what to write.
        construct: Construct,
    },
    /// A key or table that is defined twice, or in two ways.
    #[error("{at}: {problem}; define each key and table once")]
    Structure {
        /// Where.
        at: Position,
        /// The TOML reader's words.
        problem: String,
    },
    /// Another version of the format.
    #[error("{at}: this is a contract of version {found}, expected version {expected}; use a Sealroom that knows it")]
    Version {
        /// Where.
        at: Position,
        /// The version that this code reads.
        expected: i64,
        /// The version named.
        found: i64,
    },
    /// A key that must be there and is not.
    #[error("{at}: `{key}` is missing in {table}; add it")]
    Missing {
        /// Where its table begins.
        at: Position,
        /// Its table.
        table: &'static str,
        /// The key.
        key: &'static str,
    },
    /// A key that belongs to a later version of the format.
    #[error("{at}: `{key}` is not in this version; remove it")]
    NotInThisVersion {
        /// Where.
        at: Position,
        /// The key.
        key: String,
    },
    /// A key that nobody knows: it may be misspelt, or promise what nobody keeps.
    #[error("{at}: unknown key `{key}` in {table}, expected one of {known}; correct it or remove it")]
    UnknownKey {
        /// Where.
        at: Position,
        /// Its table.
        table: &'static str,
        /// The key.
        key: String,
        /// The keys there are.
        known: String,
    },
    /// A value of another TOML type.
    #[error("{at}: `{field}` is of type {found}, expected {expected}")]
    WrongType {
        /// Where.
        at: Position,
        /// Table and key.
        field: String,
        /// The type that belongs here.
        expected: &'static str,
        /// The type found.
        found: &'static str,
    },
    /// A number outside its limits.
    #[error("{at}: `{field}` is {found}, expected {minimum} to {maximum}")]
    OutOfRange {
        /// Where.
        at: Position,
        /// Table and key.
        field: String,
        /// Smallest.
        minimum: i64,
        /// Largest.
        maximum: i64,
        /// What stands there.
        found: String,
    },
    /// Text too short or too long.
    #[error("{at}: `{field}` has {found} {unit}, expected {minimum} to {maximum}")]
    TextLength {
        /// Where.
        at: Position,
        /// Table and key.
        field: String,
        /// `characters` or `bytes`.
        unit: &'static str,
        /// Fewest.
        minimum: usize,
        /// Most.
        maximum: usize,
        /// How many there are.
        found: usize,
    },
    /// Too few or too many entries.
    #[error("{at}: `{field}` has {found} entries, expected {minimum} to {maximum}")]
    Count {
        /// Where.
        at: Position,
        /// Table and key.
        field: String,
        /// Fewest.
        minimum: usize,
        /// Most.
        maximum: usize,
        /// How many there are.
        found: usize,
    },
    /// Text that is not of the form that belongs here.
    #[error("{at}: `{field}` is \"{found}\", expected {expected}")]
    Form {
        /// Where.
        at: Position,
        /// Table and key.
        field: String,
        /// The form, in words.
        expected: &'static str,
        /// What stands there, cut at 64 characters.
        found: String,
    },
    /// A public key that cannot be used.
    #[error("{at}: `{field}`: {problem}")]
    PublicKey {
        /// Where.
        at: Position,
        /// Table and key.
        field: String,
        /// What is wrong with it.
        problem: KeyError,
    },
    /// One thing named twice.
    #[error("{at}: `{field}` names \"{found}\" a second time; name each once")]
    Repeated {
        /// Where the second stands.
        at: Position,
        /// Table and key.
        field: String,
        /// What is repeated.
        found: String,
    },
    /// One public key of two parties: each would be able to act as the other.
    #[error("{at}: \"{first}\" and \"{second}\" share their `{key}`; each party makes its own")]
    SharedKey {
        /// Where the second stands.
        at: Position,
        /// `signing_key` or `encryption_key`.
        key: &'static str,
        /// Name of one party.
        first: String,
        /// Name of the other.
        second: String,
    },
    /// The contract expires before it begins.
    #[error("{at}: `expires` is {expires}, expected a time after `not_before`, {not_before}")]
    ExpiresTooEarly {
        /// Where.
        at: Position,
        /// RFC 3339.
        not_before: String,
        /// RFC 3339.
        expires: String,
    },
    /// A range that no value is in.
    #[error("{at}: in column \"{column}\" `min` is above `max`")]
    EmptyRange {
        /// Where.
        at: Position,
        /// The column.
        column: String,
    },
    /// A list whose order is fixed, in another one or with repetition.
    #[error("{at}: `{field}` has \"{found}\" out of place; sort the list by bytes and name each once")]
    NotSorted {
        /// Where.
        at: Position,
        /// Table and key.
        field: String,
        /// The first that is not above the one before it.
        found: String,
    },
    /// A list of values of several types.
    #[error("{at}: `{field}` mixes types; give all its values one type")]
    MixedTypes {
        /// Where.
        at: Position,
        /// Table and key.
        field: String,
    },
    /// A name of nobody.
    #[error("{at}: `{field}` names \"{found}\", which is no party of this contract")]
    UnknownParty {
        /// Where.
        at: Position,
        /// Table and key.
        field: String,
        /// The name.
        found: String,
    },
    /// A party without the role that it is named for.
    #[error("{at}: `{field}` names \"{party}\", which lacks the role \"{role}\"; give it that role or name another")]
    RoleMissing {
        /// Where.
        at: Position,
        /// Table and key.
        field: String,
        /// The party.
        party: String,
        /// The role.
        role: Role,
    },
    /// A party with a role that it has no part in.
    #[error("{at}: \"{party}\" has the role \"{role}\", but {why}; take the role away or give it its part")]
    IdleRole {
        /// Where the party stands.
        at: Position,
        /// The party.
        party: String,
        /// The role.
        role: Role,
        /// What the contract lacks.
        why: &'static str,
    },
    /// An argument that is both fixed and chosen.
    #[error("{at}: argument \"{found}\" is both fixed and left to choose; keep one")]
    FixedAndChosen {
        /// Where.
        at: Position,
        /// The argument.
        found: String,
    },
    /// A choice, and nobody to make it.
    #[error("{at}: `program.choices` leaves a choice, but no party has the role \"request\"")]
    NobodyChooses {
        /// Where.
        at: Position,
    },
    /// `debug = true`: the host could read the enclave's memory.
    #[error("{at}: `enclave.debug` is true; an enclave that can be debugged is never accepted, so remove the key")]
    DebugAccepted {
        /// Where.
        at: Position,
    },
    /// An amendment that counts on and begins anew.
    #[error("{at}: `amends` has `counts` and says that counts begin anew; keep one")]
    CountsAndAnew {
        /// Where the counts stand.
        at: Position,
    },
    /// Carried counts that are not those of the granting parties.
    #[error(
        "{at}: `amends.counts` must have one count for each party that grants, in the contract's order; \"{party}\" is missing or out of place"
    )]
    CarriedCounts {
        /// Where.
        at: Position,
        /// The party.
        party: String,
    },
    /// The envelope itself.
    #[error("the contract's envelope: {0}")]
    Envelope(#[from] EnvelopeError),
    /// The envelope holds another text.
    #[error("the envelope holds another contract than this one; sign and merge envelopes of one text")]
    OtherText,
    /// A party that has not signed.
    #[error("\"{party}\" has not signed; nothing runs before every party has")]
    SignatureMissing {
        /// The party.
        party: String,
    },
    /// A signature that is not the party's over this text.
    #[error("the signature of \"{party}\" does not hold over this text; ask the party to sign this text")]
    SignatureBad {
        /// The party.
        party: String,
    },
    /// A signature by nobody of the contract.
    #[error("key {key_id} signed, which is no party's; remove that signature")]
    SignatureForeign {
        /// The key, in hexadecimal digits.
        key_id: String,
    },
}

/// What a message may repeat of the text: its first 64 characters.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(64).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
