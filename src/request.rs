//! Asking: the arguments of one run, chosen from what the contract leaves open.
//!
//! What always holds: the arguments are exactly the contract's choices, each one of its values; every data party can read
//! the request before it grants, the host never; one request serves one run.

use crate::contract_file::{ContractFileError, check_party};
use crate::identity::Identity;
use crate::memory::{Memory, MemoryError};
use rand_core::CryptoRng;
use sealroom_protocol::canonical;
use sealroom_protocol::contract::{ArgumentValue, Arguments, Contract, Role};
use sealroom_protocol::encryption::{decrypt, encrypt_to};
use sealroom_protocol::id::{ObjectId, RequestId};
use sealroom_protocol::identity::KeyError;
use sealroom_protocol::object::{DataKey, Manifest, ObjectError, Reader, WriteError, Writer};
use sealroom_protocol::provider;
use sealroom_protocol::run::{
    Announcement, ProposedRequest, RequestHeader, RequestKey, SignedAnnouncement, SignedError,
};
use zeroize::Zeroizing;

/// Largest plaintext of a request, in bytes: 64 arguments of lists of texts stay below.
pub const REQUEST_LIMIT: usize = 256 << 10;

/// A request that is ready to be handed to a host. Its key is in the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreparedRequest {
    /// Its fresh id.
    pub request: RequestId,
    /// The object of its arguments.
    pub object: ObjectId,
    /// The object's body.
    pub body: Vec<u8>,
    /// The object's manifest.
    pub manifest: Vec<u8>,
    /// The signed announcement, which tells the data parties.
    pub announcement: Vec<u8>,
}

/// A request as the host brings it to a data party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the three things that make a request readable")]
pub struct BroughtRequest<'a> {
    /// The announcement's envelope.
    pub announcement: &'a [u8],
    /// The object's manifest.
    pub manifest: &'a [u8],
    /// The object's body.
    pub body: &'a [u8],
}

/// Why a request cannot be made, or is not one that this party may grant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The identity is not the party that the contract lists.
    #[error(transparent)]
    Party(#[from] ContractFileError),
    /// The contract leaves nothing to choose.
    #[error("expected a contract that leaves a choice, found one in which every argument stands; no request is needed")]
    NoChoice,
    /// The party may not ask.
    #[error("expected a party with the role \"request\", found \"{party}\"; one that has it asks")]
    Role {
        /// The party.
        party: String,
    },
    /// An argument that the contract does not leave open.
    #[error("expected an argument that the contract leaves open ({}), found \"{argument}\"; choose for those alone", choices.join(", "))]
    UnknownArgument {
        /// The argument given.
        argument: String,
        /// The arguments to choose.
        choices: Vec<String>,
    },
    /// An argument is missing.
    #[error("argument \"{argument}\": expected one of {}, found none; choose one", allowed.join(", "))]
    MissingArgument {
        /// The argument.
        argument: String,
        /// Its values in the contract.
        allowed: Vec<String>,
    },
    /// A value that the contract does not allow.
    #[error("argument \"{argument}\": expected one of {}, found another value; choose one of them", allowed.join(", "))]
    Value {
        /// The argument.
        argument: String,
        /// Its values in the contract.
        allowed: Vec<String>,
    },
    /// The key of a data party cannot be encrypted to.
    #[error(
        "expected an encryption key of \"{party}\" that can be used, found: {source}; correct the contract from the card"
    )]
    Key {
        /// The party.
        party: String,
        /// What is wrong with it.
        source: KeyError,
    },
    /// The object.
    #[error("expected the object of the request, found: {0}; fetch it again, or ask for a new proposal")]
    Object(#[from] ObjectError),
    /// The memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The announcement's form or signature.
    #[error(
        "expected the announcement of the proposal's request, found: {0}; grant nothing, and ask for a new proposal"
    )]
    Announcement(#[from] SignedError),
    /// Announcement, object and proposal do not belong together.
    #[error(
        "the request's {what}: expected the one of the proposal, found another; grant nothing, since others may be shown another request"
    )]
    Binding {
        /// What differs.
        what: &'static str,
    },
    /// Its key or arguments do not decrypt or decode.
    #[error(
        "expected a request that this party can read, found one that was not made for it or not as it should be; grant nothing, and ask its maker for another"
    )]
    Unreadable,
}

/// Makes a request with these arguments, keeps its key in the memory and signs the announcement.
///
/// # Errors
/// [`RequestError`].
pub fn make_request(
    contract: &Contract,
    identity: &Identity,
    arguments: &Arguments,
    memory: &Memory,
    rng: &mut dyn CryptoRng,
) -> Result<PreparedRequest, RequestError> {
    check_party(contract, identity)?;
    if !contract.party(identity.name()).is_some_and(|party| party.has(Role::Request)) {
        return Err(RequestError::Role { party: identity.name().into() });
    }
    check_arguments(contract, arguments)?;
    let mut id = [0; 32];
    rng.fill_bytes(&mut id);
    let request = RequestId::from_bytes(id);
    let key = DataKey::generate(rng);
    let header = RequestHeader::new(contract.id(), request, identity.signing().public());
    let mut body = Vec::new();
    let mut sink = |bytes: &[u8]| {
        body.extend_from_slice(bytes);
        Ok::<(), core::convert::Infallible>(())
    };
    let of_writer = |error: WriteError<_>| match error {
        WriteError::Object(error) => error,
        WriteError::Sink(_) | _ => ObjectError::EncryptionFailed,
    };
    let mut writer = Writer::new(provider::fastest(), &key, &header.encode(), rng)?;
    writer.write(&Zeroizing::new(canonical::encode(arguments)), &mut sink).map_err(of_writer)?;
    let manifest = writer.finish(&mut sink).map_err(of_writer)?;
    let object = manifest.id();
    let mut keys = Vec::new();
    for party in contract.data_parties() {
        let associated_data = RequestKey::associated_data(&contract.id(), &request, &object, &party.name);
        let encrypted =
            encrypt_to(&party.encryption_key, RequestKey::LABEL, &associated_data, key.expose_secret(), rng);
        let of_key = |source| RequestError::Key { party: party.name.clone(), source };
        keys.push(RequestKey { party: party.name.clone(), key: encrypted.map_err(of_key)? });
    }
    memory.remember_key(&object, &key)?;
    let announcement =
        Announcement { contract: contract.id(), requester: identity.name().into(), request, object, keys };
    let announcement = SignedAnnouncement::sign(announcement, identity.signing()).encode();
    Ok(PreparedRequest { request, object, body, manifest: manifest.encode(), announcement })
}

/// The arguments of a proposal's request, once everything about it holds. None for a party that may not read it.
pub(crate) fn read_request(
    contract: &Contract,
    identity: &Identity,
    memory: &Memory,
    proposed: &ProposedRequest,
    brought: BroughtRequest<'_>,
) -> Result<Option<Arguments>, RequestError> {
    let requester = contract.party(&proposed.requester).filter(|party| party.has(Role::Request));
    let requester = requester.ok_or_else(|| RequestError::Role { party: proposed.requester.clone() })?;
    let signed = SignedAnnouncement::decode(brought.announcement)?;
    let announcement = signed.verify(&requester.signing_key).map_err(SignedError::from)?;
    let what = if announcement.contract != contract.id() {
        "contract"
    } else if announcement.requester != proposed.requester {
        "requester"
    } else if announcement.request != proposed.request {
        "id"
    } else if announcement.object != proposed.object {
        "object"
    } else {
        return open_request(contract, identity, memory, announcement, brought);
    };
    Err(RequestError::Binding { what })
}

fn open_request(
    contract: &Contract,
    identity: &Identity,
    memory: &Memory,
    announcement: &Announcement,
    brought: BroughtRequest<'_>,
) -> Result<Option<Arguments>, RequestError> {
    let (request, object) = (&announcement.request, &announcement.object);
    let stanza = announcement.keys.iter().find(|key| key.party == identity.name());
    let key = if announcement.requester == identity.name() {
        memory.data_key(object)?
    } else if let Some(stanza) = stanza {
        let associated_data = RequestKey::associated_data(&contract.id(), request, object, identity.name());
        let secret = decrypt(identity.encryption(), RequestKey::LABEL, &associated_data, &stanza.key);
        let secret = secret.map_err(|_| RequestError::Unreadable)?;
        let bytes: &[u8; DataKey::LENGTH] = secret.as_slice().try_into().map_err(|_| RequestError::Unreadable)?;
        DataKey::fill_with(|key| *key = *bytes)
    } else if contract.data_parties().any(|party| party.name == identity.name()) {
        // A data party that is not told what is asked does not grant.
        return Err(RequestError::Unreadable);
    } else {
        return Ok(None);
    };
    let manifest = Manifest::decode(brought.manifest)?;
    let mut reader = Reader::new(provider::fastest(), &key, object, manifest)?;
    let header = RequestHeader::decode(reader.header()).map_err(|_| RequestError::Unreadable)?;
    let requester = contract.party(&announcement.requester).map(|party| party.signing_key);
    if header.contract != contract.id() || header.request != *request || Some(header.requester) != requester {
        return Err(RequestError::Binding { what: "header" });
    }
    let limit = u64::try_from(REQUEST_LIMIT).unwrap_or(u64::MAX);
    let range = reader.group_range(0)?;
    if reader.plaintext_length() > limit || reader.group_count() != 1 {
        return Err(RequestError::Unreadable);
    }
    let index = |at: u64| usize::try_from(at).map_err(|_| RequestError::Unreadable);
    let group = brought.body.get(index(range.start)?..index(range.end)?).ok_or(RequestError::Unreadable)?;
    let mut plaintext = Zeroizing::new(Vec::new());
    reader.decrypt_group(0, group, &mut plaintext)?;
    let arguments: Arguments = canonical::decode(&plaintext, REQUEST_LIMIT).map_err(|_| RequestError::Unreadable)?;
    check_arguments(contract, &arguments)?;
    Ok(Some(arguments))
}

/// Exactly the contract's choices, each one of its values.
fn check_arguments(contract: &Contract, arguments: &Arguments) -> Result<(), RequestError> {
    let choices = &contract.terms().program.choices;
    if choices.is_empty() {
        return Err(RequestError::NoChoice);
    }
    let words = |values: &[ArgumentValue]| values.iter().map(argument_text).collect();
    if let Some(argument) = arguments.keys().find(|name| !choices.contains_key(*name)) {
        return Err(RequestError::UnknownArgument {
            argument: argument.clone(),
            choices: choices.keys().cloned().collect(),
        });
    }
    for (name, allowed) in choices {
        match arguments.get(name) {
            None => return Err(RequestError::MissingArgument { argument: name.clone(), allowed: words(allowed) }),
            Some(value) if !allowed.contains(value) => {
                return Err(RequestError::Value { argument: name.clone(), allowed: words(allowed) });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// An argument's value in words.
pub(crate) fn argument_text(value: &ArgumentValue) -> String {
    match value {
        ArgumentValue::Text(text) => text.clone(),
        ArgumentValue::Integer(number) => number.to_string(),
        ArgumentValue::Boolean(boolean) => boolean.to_string(),
        ArgumentValue::List(values) => {
            let words: Vec<String> = values.iter().map(argument_text).collect();
            format!("[{}]", words.join(", "))
        }
    }
}
