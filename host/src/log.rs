//! The logs of the contracts' receipts: their order, checkpoints and cosignatures. `protocol/spec/log.md`.
//!
//! What always holds: an order only grows, and is on disk before a checkpoint over it is signed, so this host's key signs no two
//! histories of one log unless its state folder was restored. Nobody believes a receipt for it.

mod ask;
mod file;
#[cfg(test)]
mod tests;

use crate::refusal::Refusal;
use crate::store::{ReceiptName, Store, StoreError};
pub(crate) use ask::{PACE, ask_witnesses};
use file::{Kept, read_or_make_key, read_order, replace};
use sealroom_protocol::contract::{CarriedHead, Contract, WitnessTerms};
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::id::{ContractId, ReceiptId};
use sealroom_protocol::identity::{SigningPublicKey, SigningSecret};
use sealroom_protocol::log::{
    Checkpoint, History, KeyUse, LogError, LogSigner, NoteSignature, SIGNATURES_LIMIT, SignedCheckpoint, Tree,
    TreeHash, VerifierKey, leaf_of, origin_of,
};
use sealroom_protocol::run::SignedReceipt;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// Contracts whose logs are held in memory at once.
const CONTRACTS: usize = 16;
/// Lines of a checkpoint beside the log's own.
const LINES: usize = SIGNATURES_LIMIT - 1;

/// The logs of one host.
#[derive(Debug)]
pub(crate) struct Logs {
    folder: PathBuf,
    secret: SigningSecret,
    /// One change at a time.
    known: Mutex<HashMap<ContractId, Known>>,
}

/// One log: of its receipts what later ones are judged by, ids and leaves, in their order.
#[derive(Debug)]
struct Known {
    history: History,
    receipts: Vec<ReceiptId>,
    leaves: Vec<TreeHash>,
    checkpoint: SignedCheckpoint,
    /// Which party brought which line of the checkpoint, by the line's name and key id, since this host was started.
    brought: HashMap<(String, u32), SigningPublicKey>,
}

/// What is shown of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogState {
    pub(crate) key: VerifierKey,
    pub(crate) checkpoint: SignedCheckpoint,
    /// Its receipts, in their order.
    pub(crate) receipts: Vec<ReceiptId>,
    /// Their leaves.
    pub(crate) leaves: Vec<TreeHash>,
    /// Receipts that do not go on from it: their heads are not here, or they are of another history.
    pub(crate) waiting: Vec<ReceiptId>,
}

impl Logs {
    /// The logs whose orders and key are in this state folder.
    pub(crate) fn open(state: &Path) -> Result<Self, StoreError> {
        let folder = state.join("logs");
        crate::store::private_folder(&folder)?;
        Ok(Self { secret: read_or_make_key(&state.join("log.key"))?, folder, known: Mutex::default() })
    }

    /// A contract's log, with every receipt that the store has and that goes on from it.
    pub(crate) async fn state(&self, store: &Store, contract: &ContractId) -> Result<LogState, Refusal> {
        let mut known = self.known.lock().await;
        Ok(self.grow(&mut known, store, contract).await?)
    }

    /// Adds a witness's cosignature to the checkpoint that is the newest now, in place of an older one of its own. Where the
    /// contract names witnesses, of those alone; else each party that brings some has an equal share of the lines.
    pub(crate) async fn cosign(
        &self,
        store: &Store,
        contract: &Contract,
        by: Option<&SigningPublicKey>,
        witness: &VerifierKey,
        line: NoteSignature,
    ) -> Result<LogState, Refusal> {
        let terms = contract.terms();
        let is =
            |named: &WitnessTerms| VerifierKey::new(&named.name, KeyUse::Witness, named.key).as_ref() == Ok(witness);
        if terms.log.as_ref().is_some_and(|log| !log.witnesses.iter().any(is)) {
            return Err(Refusal::CosignatureWitness);
        }
        let by = by.filter(|_| terms.log.is_none());
        let id = contract.id();
        let mut known = self.known.lock().await;
        let state = self.grow(&mut known, store, &id).await?;
        let refuse = |error: LogError| Refusal::Cosignature { what: error.to_string() };
        // A line that does not verify would make every reader refuse the whole note.
        let mut alone = state.checkpoint.signed_by(&[&state.key]);
        alone.add(line.clone()).map_err(refuse)?;
        let _ = witness.verify(alone.note()).map_err(refuse)?;
        let log = known.get_mut(&id).ok_or(Refusal::Store)?;
        let share = LINES.checked_div(terms.parties.len()).unwrap_or(LINES).max(1);
        let place = (line.name().to_owned(), line.key_id());
        let mut checkpoint = log.with_place(&state.key, &place, by.map(|party| (party, share)))?;
        checkpoint.replace(line).map_err(refuse)?;
        self.write(&id, &state.receipts, &checkpoint).await?;
        log.checkpoint = checkpoint.clone();
        if let Some(party) = by {
            let _ = log.brought.entry(place).or_insert(*party);
        }
        Ok(LogState { checkpoint, ..state })
    }

    async fn grow(
        &self,
        known: &mut HashMap<ContractId, Known>,
        store: &Store,
        contract: &ContractId,
    ) -> Result<LogState, StoreError> {
        let signer = self.signer(contract)?;
        if !known.contains_key(contract) {
            if known.len() >= CONTRACTS {
                known.clear();
            }
            drop(known.insert(*contract, self.load(store, contract, &signer).await?));
        }
        let log = known.get_mut(contract).ok_or(StoreError::Damaged)?;
        let mut waiting = Vec::new();
        for name in store.receipts(contract).await?.iter().filter(|name| !log.history.has(&name.id)) {
            let bytes = store.receipt(contract, name).await?;
            waiting.push(SignedReceipt::decode(&bytes).map_err(|_| StoreError::Damaged)?);
        }
        let before = log.receipts.len();
        // In the order of their runs; one that fits may be what another waits for.
        while let Some(place) = waiting.iter().position(|receipt| log.history.check(receipt.allegation()).is_ok()) {
            log.take(&waiting.remove(place))?;
        }
        if log.receipts.len() > before {
            let signed = sign(&signer, &log.leaves);
            // The order first: what is signed must never be forgotten.
            let written = match &signed {
                Ok(checkpoint) => self.write(contract, &log.receipts, checkpoint).await,
                Err(_) => Err(StoreError::Damaged),
            };
            match (signed, written) {
                (Ok(checkpoint), Ok(())) => {
                    log.checkpoint = checkpoint;
                    log.brought.clear();
                }
                (Err(error), _) | (_, Err(error)) => {
                    // What is on disk says where it stands.
                    drop(known.remove(contract));
                    return Err(error);
                }
            }
        }
        let waiting = waiting.iter().map(|receipt| receipt.allegation().id()).collect();
        let (receipts, leaves) = (log.receipts.clone(), log.leaves.clone());
        let (key, checkpoint) = (signer.verifier().clone(), log.checkpoint.clone());
        Ok(LogState { key, checkpoint, receipts, leaves, waiting })
    }

    /// What the state folder has of a log; an empty one where it has nothing.
    async fn load(&self, store: &Store, contract: &ContractId, signer: &LogSigner) -> Result<Known, StoreError> {
        let history = History::after(begin_of(store, contract).await?);
        let checkpoint = sign(signer, &[])?;
        let mut log = Known { history, receipts: Vec::new(), leaves: Vec::new(), checkpoint, brought: HashMap::new() };
        let Some(Kept { order, checkpoint }) = read_order(&self.path(contract))? else { return Ok(log) };
        let names = store.receipts(contract).await?;
        let names: HashMap<ReceiptId, &ReceiptName> = names.iter().map(|name| (name.id, name)).collect();
        for id in order {
            // Its checkpoint may have been shown, so the log gets no shorter: the receipt is brought back, or it stands still.
            let missing = StoreError::ReceiptMissing { contract: *contract, receipt: id };
            let name = names.get(&id).ok_or(missing)?;
            let bytes = store.receipt(contract, name).await?;
            log.take(&SignedReceipt::decode(&bytes).map_err(|_| StoreError::Damaged)?)?;
        }
        let fresh = sign(signer, &log.leaves)?;
        let same =
            checkpoint.note().text() == fresh.note().text() && signer.verifier().verify(checkpoint.note()).is_ok();
        log.checkpoint = if same { checkpoint } else { fresh };
        Ok(log)
    }

    async fn write(
        &self,
        contract: &ContractId,
        order: &[ReceiptId],
        checkpoint: &SignedCheckpoint,
    ) -> Result<(), StoreError> {
        let (path, text) = (self.path(contract), Kept::text(order, checkpoint));
        let written = tokio::task::spawn_blocking(move || replace(&path, text.as_bytes())).await;
        Ok(written.map_err(|_| StoreError::Task)??)
    }

    fn signer(&self, contract: &ContractId) -> Result<LogSigner, StoreError> {
        let secret = SigningSecret::from_seed(self.secret.expose_seed());
        LogSigner::new(&origin_of(contract), secret).map_err(|_| StoreError::Damaged)
    }

    fn path(&self, contract: &ContractId) -> PathBuf {
        self.folder.join(contract.to_string())
    }
}

impl Known {
    /// The checkpoint with a place for one more line of this name and key id. Lines of which nobody knows who brought them (they are
    /// from before this host's start) make place for one that a party has left of its share.
    fn with_place(
        &self,
        own: &VerifierKey,
        place: &(String, u32),
        by: Option<(&SigningPublicKey, usize)>,
    ) -> Result<SignedCheckpoint, Refusal> {
        let lines = self.checkpoint.note().signatures();
        let of = |line: &NoteSignature| (line.name().to_owned(), line.key_id());
        if lines.iter().any(|line| of(line) == *place) {
            return Ok(self.checkpoint.clone());
        }
        if let Some((party, limit)) = by
            && self.brought.values().filter(|owner| *owner == party).count() >= limit
        {
            return Err(Refusal::CosignatureQuota { limit });
        }
        if lines.len() <= LINES {
            return Ok(self.checkpoint.clone());
        }
        let mut checkpoint = self.checkpoint.signed_by(&[own]);
        for line in lines.iter().filter(|line| self.brought.contains_key(&of(line))) {
            checkpoint.add(line.clone()).map_err(|error| Refusal::Cosignature { what: error.to_string() })?;
        }
        Ok(checkpoint)
    }
}

/// What the first run of a contract goes on from.
async fn begin_of(store: &Store, contract: &ContractId) -> Result<Option<CarriedHead>, StoreError> {
    let Some(bytes) = store.contract(contract).await? else { return Ok(None) };
    let envelope = Envelope::decode(&bytes, PayloadType::Contract).map_err(|_| StoreError::Damaged)?;
    Ok(Contract::of_envelope(&envelope).map_err(|_| StoreError::Damaged)?.carried_head())
}

impl Known {
    /// Takes the next receipt.
    fn take(&mut self, receipt: &SignedReceipt) -> Result<(), StoreError> {
        let said = receipt.allegation();
        let _ = self.history.add(said).map_err(|_| StoreError::Damaged)?;
        self.receipts.push(said.id());
        self.leaves.push(leaf_of(said));
        Ok(())
    }
}

fn sign(signer: &LogSigner, leaves: &[TreeHash]) -> Result<SignedCheckpoint, StoreError> {
    let head = Tree::new(leaves.to_vec()).head();
    let checkpoint = Checkpoint::new(signer.verifier().name(), head).map_err(|_| StoreError::Damaged)?;
    Ok(signer.sign(checkpoint))
}
