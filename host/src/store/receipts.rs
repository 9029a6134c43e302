//! The receipts of a contract: kept for ever, by run number.
//!
//! What always holds: a receipt's name says its run, id, outcome and who brought it, so a listing needs no reading; one of
//! a room of this host is nobody's who brought it. Names are in memory once they were listed, receipts never: what a request
//! costs does not grow with the receipts there are.

use super::{Store, StoreError};
use bytes::Bytes;
use core::time::Duration;
use futures_util::TryStreamExt;
use object_store::path::Path as StorePath;
use object_store::{ObjectStoreExt, PutPayload};
use sealroom_protocol::id::{ContractId, ReceiptId};
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::run::{Outcome, SignedReceipt};
use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

/// How often a receipt is tried to be stored: what is lost with it is a run of every party.
const ATTEMPTS: u32 = 5;

/// Receipts whose names are in memory at once, of all contracts: about 100 bytes each.
const NAMES: usize = 1 << 18;

/// Names of receipts, by run number, that were listed.
#[derive(Debug, Default)]
pub(super) struct Known {
    contracts: HashMap<ContractId, Arc<Vec<ReceiptName>>>,
    /// How many were kept since the host began: a listing of before is not the whole.
    kept: u64,
}

impl Known {
    fn add(&mut self, contract: &ContractId, name: ReceiptName) {
        self.kept = self.kept.saturating_add(1);
        if let Some(names) = self.contracts.get_mut(contract) {
            let names = Arc::make_mut(names);
            names.push(name);
            settle(names);
        }
    }
}

/// By run number, each once: of its room rather than of who brought it.
fn settle(names: &mut Vec<ReceiptName>) {
    names.sort_unstable();
    names.dedup_by_key(|name| name.id);
}

/// What a receipt's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ReceiptName {
    pub(crate) run: u64,
    pub(crate) id: ReceiptId,
    pub(crate) complete: bool,
    /// The party that brought it; none where a room of this host gave it.
    pub(crate) brought: Option<SigningPublicKey>,
}

impl ReceiptName {
    fn of(receipt: &SignedReceipt, brought: Option<SigningPublicKey>) -> Self {
        let said = receipt.allegation();
        let complete = match said.outcome {
            Outcome::Complete => true,
            Outcome::Void => false,
        };
        Self { run: said.proposal.run, id: said.id(), complete, brought }
    }

    fn parse(name: &str) -> Option<Self> {
        let (name, rest) = name.split_once('.')?;
        let (run, id) = name.split_once('-')?;
        let (outcome, brought) = match rest.split_once('.') {
            Some((outcome, key)) => (outcome, Some(signing_key(key)?)),
            None => (rest, None),
        };
        let complete = match outcome {
            "complete" => true,
            "void" => false,
            _ => return None,
        };
        Some(Self { run: run.parse().ok()?, id: id.parse().ok()?, complete, brought })
    }

    fn text(&self) -> String {
        let outcome = if self.complete { "complete" } else { "void" };
        let brought = self.brought.map_or_else(String::new, |key| format!(".{}", hex::encode(key.as_bytes())));
        format!("{:020}-{}.{outcome}{brought}", self.run, self.id)
    }
}

fn signing_key(digits: &str) -> Option<SigningPublicKey> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes).ok()?;
    SigningPublicKey::from_bytes(bytes).ok()
}

impl Store {
    /// Keeps a receipt of a room, or one that a party brought. Tries again for a while where the store fails.
    pub(crate) async fn keep_receipt(
        &self,
        receipt: &SignedReceipt,
        brought: Option<SigningPublicKey>,
    ) -> Result<ReceiptName, StoreError> {
        let name = ReceiptName::of(receipt, brought);
        let path = self.receipt_path(&receipt.allegation().contract, &name);
        let bytes = Bytes::from(receipt.encode());
        let mut attempt = 0;
        loop {
            match self.inner.put(&path, PutPayload::from_bytes(bytes.clone())).await {
                Ok(_) => {
                    self.known().add(&receipt.allegation().contract, name);
                    self.tell(&receipt.allegation().contract);
                    return Ok(name);
                }
                Err(error) if attempt >= ATTEMPTS => {
                    // It may be there all the same: the next look lists them anew.
                    let mut known = self.known();
                    known.kept = known.kept.saturating_add(1);
                    drop(known.contracts.remove(&receipt.allegation().contract));
                    return Err(error.into());
                }
                Err(error) => tracing::warn!(%error, attempt, "a receipt is not stored yet"),
            }
            tokio::time::sleep(Duration::from_millis(200 << attempt)).await;
            attempt = attempt.saturating_add(1);
        }
    }

    /// The names of a contract's receipts, by run number: each once, of its room rather than of who brought it.
    pub(crate) async fn receipts(&self, contract: &ContractId) -> Result<Arc<Vec<ReceiptName>>, StoreError> {
        let kept = {
            let known = self.known();
            if let Some(names) = known.contracts.get(contract) {
                return Ok(Arc::clone(names));
            }
            known.kept
        };
        let folder = self.contract_path(contract, "receipts");
        let mut listing = self.inner.list(Some(&folder));
        let mut names = Vec::new();
        while let Some(meta) = listing.try_next().await? {
            names.extend(meta.location.filename().and_then(ReceiptName::parse));
        }
        settle(&mut names);
        let names = Arc::new(names);
        let mut known = self.known();
        // Contracts that have none are whatever somebody asked for.
        if known.kept == kept && !names.is_empty() {
            let others: usize = known.contracts.values().map(|names| names.len()).sum();
            if others.saturating_add(names.len()) > NAMES {
                known.contracts.clear();
            }
            drop(known.contracts.insert(*contract, Arc::clone(&names)));
        }
        Ok(names)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A receipt's envelope.
    pub(crate) async fn receipt(&self, contract: &ContractId, name: &ReceiptName) -> Result<Bytes, StoreError> {
        Ok(self.inner.get(&self.receipt_path(contract, name)).await?.bytes().await?)
    }

    /// The newest complete receipt and those that it goes on from, at most `most` and `limit` bytes of them, oldest first.
    pub(crate) async fn newest_complete(
        &self,
        contract: &ContractId,
        most: usize,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let names = self.receipts(contract).await?;
        let complete = |name: &&ReceiptName| name.complete;
        let mut next = names.iter().rfind(complete);
        let (mut receipts, mut total) = (Vec::new(), 0_usize);
        while let Some(name) = next.filter(|_| receipts.len() < most) {
            let receipt = self.receipt(contract, name).await?;
            total = total.saturating_add(receipt.len());
            if total > limit {
                break;
            }
            let signed = SignedReceipt::decode(&receipt).map_err(|_| StoreError::Damaged)?;
            let proposal = &signed.allegation().proposal;
            // A head is of an earlier run; another one would lead nowhere.
            let before = names.iter().rev().filter(complete).find(|before| Some(before.id) == proposal.head);
            next = before.filter(|before| before.run < name.run);
            receipts.push(receipt.to_vec());
        }
        receipts.reverse();
        Ok(receipts)
    }

    fn receipt_path(&self, contract: &ContractId, name: &ReceiptName) -> StorePath {
        self.contract_path(contract, &format!("receipts/{}", name.text()))
    }
}
