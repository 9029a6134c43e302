//! The receipts of a contract: kept for ever, by run number.
//!
//! What always holds: a receipt's name says its run, id, outcome and who brought it, so a listing needs no reading; one of
//! a room of this host is nobody's who brought it.

use super::{Store, StoreError};
use bytes::Bytes;
use core::time::Duration;
use futures_util::TryStreamExt;
use object_store::path::Path as StorePath;
use object_store::{ObjectStoreExt, PutPayload};
use sealroom_protocol::id::{ContractId, ReceiptId};
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::run::{Outcome, SignedReceipt};

/// How often a receipt is tried to be stored: what is lost with it is a run of every party.
const ATTEMPTS: u32 = 5;

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
                    self.tell(&receipt.allegation().contract);
                    return Ok(name);
                }
                Err(error) if attempt >= ATTEMPTS => return Err(error.into()),
                Err(error) => tracing::warn!(%error, attempt, "a receipt is not stored yet"),
            }
            tokio::time::sleep(Duration::from_millis(200 << attempt)).await;
            attempt = attempt.saturating_add(1);
        }
    }

    /// The names of a contract's receipts, by run number: each once, of its room rather than of who brought it.
    pub(crate) async fn receipts(&self, contract: &ContractId) -> Result<Vec<ReceiptName>, StoreError> {
        let folder = self.contract_path(contract, "receipts");
        let mut listing = self.inner.list(Some(&folder));
        let mut names = Vec::new();
        while let Some(meta) = listing.try_next().await? {
            names.extend(meta.location.filename().and_then(ReceiptName::parse));
        }
        names.sort_unstable();
        names.dedup_by_key(|name| name.id);
        Ok(names)
    }

    /// A receipt's envelope.
    pub(crate) async fn receipt(&self, contract: &ContractId, name: &ReceiptName) -> Result<Bytes, StoreError> {
        Ok(self.inner.get(&self.receipt_path(contract, name)).await?.bytes().await?)
    }

    /// The newest complete receipts, at most `limit` bytes of them, oldest first.
    pub(crate) async fn complete_receipts(
        &self,
        contract: &ContractId,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let names = self.receipts(contract).await?;
        let mut total: usize = 0;
        let mut receipts = Vec::new();
        for name in names.iter().rev().filter(|name| name.complete) {
            let receipt = self.receipt(contract, name).await?;
            total = total.saturating_add(receipt.len());
            if total > limit {
                break;
            }
            receipts.push(receipt.to_vec());
        }
        receipts.reverse();
        Ok(receipts)
    }

    fn receipt_path(&self, contract: &ContractId, name: &ReceiptName) -> StorePath {
        self.contract_path(contract, &format!("receipts/{}", name.text()))
    }
}
