//! The logs of the contracts' receipts: their order, checkpoints and cosignatures. `protocol/spec/log.md`.
//!
//! What always holds: an order only grows, and is on disk before a checkpoint over it is signed, so this host's key signs no two
//! histories of one log unless its state folder was restored. Nobody believes a receipt for it.

mod ask;
mod file;
#[cfg(test)]
mod tests;

use crate::refusal::Refusal;
use crate::store::{Store, StoreError};
pub(crate) use ask::{PACE, ask_witnesses};
use file::{Kept, read_or_make_key, read_order, replace};
use sealroom_protocol::contract::{CarriedHead, Contract};
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::id::{ContractId, ReceiptId};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{
    Checkpoint, LogError, LogSigner, NoteSignature, SignedCheckpoint, Tree, TreeHash, VerifierKey, history_after,
    leaf_of, origin_of,
};
use sealroom_protocol::run::{Receipt, SignedReceipt};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// Contracts whose receipts are held in memory at once.
const CONTRACTS: usize = 16;

/// The logs of one host.
#[derive(Debug)]
pub(crate) struct Logs {
    folder: PathBuf,
    secret: SigningSecret,
    /// One change at a time.
    known: Mutex<HashMap<ContractId, Known>>,
}

/// One log.
#[derive(Debug)]
struct Known {
    /// What the first run goes on from, where the contract is an amendment.
    begin: Option<CarriedHead>,
    receipts: Vec<Receipt>,
    checkpoint: SignedCheckpoint,
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

    /// Adds a witness's cosignature to the checkpoint that is the newest now, in place of an older one of its own.
    pub(crate) async fn cosign(
        &self,
        store: &Store,
        contract: &ContractId,
        witness: &VerifierKey,
        line: NoteSignature,
    ) -> Result<LogState, Refusal> {
        let mut known = self.known.lock().await;
        let state = self.grow(&mut known, store, contract).await?;
        let refuse = |error: LogError| Refusal::Cosignature { what: error.to_string() };
        // A line that does not verify would make every reader refuse the whole note.
        let mut alone = state.checkpoint.signed_by(&[&state.key]);
        alone.add(line.clone()).map_err(refuse)?;
        let _ = witness.verify(alone.note()).map_err(refuse)?;
        let mut checkpoint = state.checkpoint.clone();
        checkpoint.replace(line).map_err(refuse)?;
        self.write(contract, &state.receipts, &checkpoint).await?;
        if let Some(known) = known.get_mut(contract) {
            known.checkpoint = checkpoint.clone();
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
        let mut ids: Vec<ReceiptId> = log.receipts.iter().map(Receipt::id).collect();
        let mut waiting = Vec::new();
        for name in store.receipts(contract).await?.into_iter().filter(|name| !ids.contains(&name.id)) {
            let bytes = store.receipt(contract, &name).await?;
            waiting.push(SignedReceipt::decode(&bytes).map_err(|_| StoreError::Damaged)?.allegation().clone());
        }
        let before = log.receipts.len();
        // In the order of their runs; one that fits may be what another waits for.
        while let Some(place) = waiting.iter().position(|receipt| fits(log.begin, &log.receipts, receipt)) {
            log.receipts.push(waiting.remove(place));
        }
        if log.receipts.len() > before {
            ids = log.receipts.iter().map(Receipt::id).collect();
            let checkpoint = sign(&signer, &log.receipts)?;
            // The order first: what is signed must never be forgotten.
            let written = self.write(contract, &ids, &checkpoint).await;
            if written.is_err() {
                log.receipts.truncate(before);
            }
            written?;
            log.checkpoint = checkpoint;
        }
        let waiting = waiting.iter().map(Receipt::id).collect();
        let leaves = log.receipts.iter().map(leaf_of).collect();
        let (key, checkpoint) = (signer.verifier().clone(), log.checkpoint.clone());
        Ok(LogState { key, checkpoint, receipts: ids, leaves, waiting })
    }

    /// What the state folder has of a log; an empty one where it has nothing.
    async fn load(&self, store: &Store, contract: &ContractId, signer: &LogSigner) -> Result<Known, StoreError> {
        let begin = begin_of(store, contract).await?;
        let Some(Kept { order, checkpoint }) = read_order(&self.path(contract))? else {
            return Ok(Known { begin, receipts: Vec::new(), checkpoint: sign(signer, &[])? });
        };
        let names = store.receipts(contract).await?;
        let mut receipts = Vec::with_capacity(order.len());
        for id in order {
            let name = names.iter().find(|name| name.id == id).ok_or(StoreError::Damaged)?;
            let bytes = store.receipt(contract, name).await?;
            receipts.push(SignedReceipt::decode(&bytes).map_err(|_| StoreError::Damaged)?.allegation().clone());
        }
        let fresh = sign(signer, &receipts)?;
        let same =
            checkpoint.note().text() == fresh.note().text() && signer.verifier().verify(checkpoint.note()).is_ok();
        Ok(Known { begin, receipts, checkpoint: if same { checkpoint } else { fresh } })
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

/// What the first run of a contract goes on from.
async fn begin_of(store: &Store, contract: &ContractId) -> Result<Option<CarriedHead>, StoreError> {
    let Some(bytes) = store.contract(contract).await? else { return Ok(None) };
    let envelope = Envelope::decode(&bytes, PayloadType::Contract).map_err(|_| StoreError::Damaged)?;
    Ok(Contract::of_envelope(&envelope).map_err(|_| StoreError::Damaged)?.carried_head())
}

/// Whether a receipt goes on from a log.
fn fits(begin: Option<CarriedHead>, log: &[Receipt], next: &Receipt) -> bool {
    let all: Vec<&Receipt> = log.iter().chain([next]).collect();
    history_after(begin, &all).is_ok()
}

fn sign(signer: &LogSigner, receipts: &[Receipt]) -> Result<SignedCheckpoint, StoreError> {
    let head = Tree::new(receipts.iter().map(leaf_of).collect()).head();
    let checkpoint = Checkpoint::new(signer.verifier().name(), head).map_err(|_| StoreError::Damaged)?;
    Ok(signer.sign(checkpoint))
}
