//! Opening a result.
//!
//! What always holds: nothing is decrypted before a complete receipt was verified that names exactly this object for exactly
//! this recipient. A complete receipt carries a grant of its proposal by every data party, and the key that signed it is the
//! one in that proposal: so a stolen platform key alone makes no result that this module opens.

use crate::contract_file::{ContractFileError, check_party};
use crate::identity::Identity;
use crate::log::{LogDemand, LogFailure};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::encryption::decrypt;
use sealroom_protocol::id::{ObjectId, ReceiptId};
use sealroom_protocol::log::LogProof;
use sealroom_protocol::object::{DataKey, Manifest, ObjectError, PREFIX_LENGTH, Reader};
use sealroom_protocol::provider;
use sealroom_protocol::run::{Ending, Outcome, ReceiptError, ResultHeader, SignedReceipt, Stanza};
use sealroom_protocol::table::result::{self, ResultPlaintext, ResultPlaintextError};
use std::io::{self, Read};
use zeroize::Zeroizing;

/// Largest result that is opened, in bytes of plaintext: it is held in memory as a whole.
pub const RESULT_LIMIT: u64 = 1 << 30;

/// A result of which everything holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenedResult {
    /// Its name in the contract.
    pub name: String,
    /// The run.
    pub run: u64,
    /// The object that it was.
    pub object: ObjectId,
    /// The receipt that names it.
    pub receipt: ReceiptId,
    /// What output rules made of it, and the table as CSV.
    pub plaintext: ResultPlaintext,
}

/// Why a result is not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The identity is not the party that the contract lists.
    #[error(transparent)]
    Party(#[from] ContractFileError),
    /// The receipt.
    #[error(
        "expected a receipt that holds under the contract, found: {0}; trust no result of it, and ask another host or party for the receipt"
    )]
    Receipt(#[from] ReceiptError),
    /// The witnesses that the contract names: too few of them cosigned that the receipt is in the contract's log.
    #[error(
        "expected a receipt in the contract's log, cosigned as the contract asks, found: {0}; have the log cosigned, and try again"
    )]
    Log(#[from] LogFailure),
    /// The contract names witnesses, and nothing of them was brought.
    #[error(
        "expected a proof that {needed} of the contract's witnesses cosigned the log with this receipt, found none"
    )]
    Unwitnessed {
        /// How many cosignatures the contract asks for.
        needed: usize,
    },
    /// The receipt says that nothing left.
    #[error(
        "expected a receipt of a run that released, found one of a run that did not ({ending}); there is no result to open"
    )]
    NothingLeft {
        /// How the run ended.
        ending: &'static str,
    },
    /// The manifest.
    #[error("expected the object that the receipt names, found: {0}; fetch it again, or from another host")]
    Object(#[from] ObjectError),
    /// The receipt does not name this object.
    #[error(
        "the receipt of run {run}: expected a result that it names ({expected}), found object {found}; the host brought another run's result, or a made-up one: fetch the one named"
    )]
    NotInReceipt {
        /// The receipt's run.
        run: u64,
        /// The object brought.
        found: ObjectId,
        /// The objects that it names.
        expected: String,
    },
    /// The result is not for this party.
    #[error("result \"{name}\": expected one of its recipients ({}), found \"{party}\"; open a result that is for you", recipients.join(", "))]
    NotARecipient {
        /// The result.
        name: String,
        /// Its recipients.
        recipients: Vec<String>,
        /// The party that would open it.
        party: String,
    },
    /// The object's header does not say what the receipt says.
    #[error(
        "the result's header: expected the {what} of the receipt, found another; the host brought something else: fetch it again"
    )]
    Header {
        /// What differs.
        what: &'static str,
    },
    /// It does not decrypt for this party.
    #[error(
        "expected a result that decrypts for this party, found one that does not; check that this is the key of the contract"
    )]
    Undecryptable,
    /// The body could not be read.
    #[error("expected the whole body of the result, found: {0}; fetch it again")]
    Io(#[from] io::Error),
    /// The result is larger than this SDK opens.
    #[error("expected a result of at most {RESULT_LIMIT} bytes, found {found}; ask for one with fewer rows")]
    TooLong {
        /// Its bytes.
        found: u64,
    },
    /// The plaintext's form.
    #[error("expected a result as programs write it, found: {0}; it is of another version, or its enclave cheats")]
    Plaintext(#[from] ResultPlaintextError),
}

/// Opens a result: verifies the receipt under the contract, compares, decrypts and decodes. Of a contract that names witnesses
/// [`open_witnessed_result`] does.
///
/// # Errors
/// [`OpenError`]: the first check that fails, in the order of its variants.
pub fn open_result(
    contract: &Contract,
    identity: &Identity,
    receipt: &SignedReceipt,
    manifest: &[u8],
    body: impl Read,
) -> Result<OpenedResult, OpenError> {
    open(contract, identity, receipt, None, manifest, body)
}

/// The same, with the proof that the receipt is in the contract's log and cosigned by as many of its witnesses as it asks for.
///
/// # Errors
/// [`OpenError`]: the first check that fails, in the order of its variants.
pub fn open_witnessed_result(
    contract: &Contract,
    identity: &Identity,
    receipt: &SignedReceipt,
    proof: &LogProof,
    manifest: &[u8],
    body: impl Read,
) -> Result<OpenedResult, OpenError> {
    open(contract, identity, receipt, Some(proof), manifest, body)
}

fn open(
    contract: &Contract,
    identity: &Identity,
    signed: &SignedReceipt,
    proof: Option<&LogProof>,
    manifest: &[u8],
    mut body: impl Read,
) -> Result<OpenedResult, OpenError> {
    check_party(contract, identity)?;
    let receipt = signed.verify(contract)?;
    let demand = LogDemand::of(contract);
    match (proof, demand.quorum.needed()) {
        (Some(proof), _) => drop(demand.verify_proof(contract, signed, proof)?),
        (None, 0) => {}
        (None, needed) => return Err(OpenError::Unwitnessed { needed }),
    }
    if receipt.outcome != Outcome::Complete || receipt.ending != Ending::Released {
        return Err(OpenError::NothingLeft { ending: ending_text(receipt.ending) });
    }
    let manifest = Manifest::decode(manifest)?;
    let object = manifest.id();
    let run = receipt.proposal.run;
    let Some(output) = receipt.outputs.iter().find(|output| output.object == object) else {
        let names: Vec<String> =
            receipt.outputs.iter().map(|output| format!("{} {}", output.name, output.object)).collect();
        return Err(OpenError::NotInReceipt { run, found: object, expected: names.join(", ") });
    };
    let (name, party) = (output.name.clone(), identity.name().to_owned());
    if !output.recipients.contains(&party) {
        return Err(OpenError::NotARecipient { name, recipients: output.recipients.clone(), party });
    }
    let header = ResultHeader::decode(manifest.header()).map_err(|_| OpenError::Header { what: "kind of object" })?;
    let what = if header.contract != contract.id() {
        Some("contract")
    } else if header.run != run {
        Some("run")
    } else if header.proposal != receipt.proposal.id() {
        Some("proposal")
    } else if header.name != name {
        Some("result")
    } else if !header.stanzas.iter().map(|stanza| &stanza.recipient).eq(&output.recipients) {
        Some("list of recipients")
    } else {
        None
    };
    if let Some(what) = what {
        return Err(OpenError::Header { what });
    }
    let stanza = header.stanzas.iter().find(|stanza| stanza.recipient == party).ok_or(OpenError::Undecryptable)?;
    let associated_data = Stanza::associated_data(&contract.id(), run, &header.proposal, &name, &party);
    let secret = decrypt(identity.encryption(), Stanza::LABEL, &associated_data, &stanza.key);
    let secret = secret.map_err(|_| OpenError::Undecryptable)?;
    let key: &[u8; DataKey::LENGTH] = secret.as_slice().try_into().map_err(|_| OpenError::Undecryptable)?;
    let key = DataKey::fill_with(|bytes| *bytes = *key);
    let mut reader = Reader::new(provider::fastest(), &key, &object, manifest)?;
    if reader.plaintext_length() > RESULT_LIMIT {
        return Err(OpenError::TooLong { found: reader.plaintext_length() });
    }
    let plaintext = decrypt_all(&mut reader, &mut body)?;
    let plaintext = result::decode(&plaintext)?;
    Ok(OpenedResult { name, run, object, receipt: receipt.id(), plaintext })
}

fn decrypt_all(reader: &mut Reader, body: &mut impl Read) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let mut prefix = [0; PREFIX_LENGTH];
    body.read_exact(&mut prefix)?;
    reader.manifest().verify_prefix(&prefix)?;
    let length = usize::try_from(reader.plaintext_length()).map_err(|_| OpenError::Undecryptable)?;
    let mut plaintext = Zeroizing::new(Vec::with_capacity(length));
    let mut group = Zeroizing::new(Vec::new());
    for index in 0..reader.group_count() {
        let range = reader.group_range(index)?;
        group.resize(usize::try_from(range.end.saturating_sub(range.start)).map_err(|_| OpenError::Undecryptable)?, 0);
        body.read_exact(&mut group)?;
        plaintext.extend_from_slice(reader.decrypt_group_in_place(index, &mut group)?);
    }
    Ok(plaintext)
}

/// How a run ended, in words.
pub(crate) const fn ending_text(ending: Ending) -> &'static str {
    match ending {
        Ending::Released => "released",
        Ending::Failed => "the program or an input failed",
        Ending::Stopped => "a party stopped it",
        Ending::Expired => "the contract or a grant expired",
        Ending::Abandoned => "the host gave it up",
    }
}

#[cfg(test)]
mod tests;
