//! The log of a contract's receipts that a host keeps.
//!
//! What always holds: nothing of it is believed here; [`ReceiptLog::verify`] says whether it holds.

use super::error::HostError;
use super::host::Host;
use crate::identity::Identity;
use crate::log::ReceiptLog;
use sealroom_protocol::contract::SignedContract;
use sealroom_protocol::id::{ContractId, ReceiptId};
use sealroom_protocol::log::{NoteSignature, SignedCheckpoint, VerifierKey};
use sealroom_protocol::run::SignedReceipt;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a host says of a log.
#[derive(Debug, Deserialize)]
struct LogAnswer {
    log_key: VerifierKey,
    checkpoint: String,
    receipts: Vec<ReceiptId>,
}

#[derive(Debug, Serialize)]
struct Cosignature {
    witness: String,
    line: String,
}

impl Host {
    /// The log of a contract's receipts, with every receipt in its order. None of it is verified yet.
    ///
    /// # Errors
    /// [`HostError::Answer`] where the host names receipts that it does not show; [`HostError`] of the network.
    pub async fn log(&self, contract: &SignedContract) -> Result<ReceiptLog, HostError> {
        let id = contract.contract().id();
        let path = format!("/v1/contracts/{id}/log");
        let answer: LogAnswer = self.http.get_json(&path).await?;
        let wrong = |what| HostError::Answer { path: path.clone(), what };
        let checkpoint = SignedCheckpoint::decode(answer.checkpoint.as_bytes());
        let checkpoint = checkpoint.map_err(|_| wrong("a checkpoint that is none"))?;
        let shown = self.receipts(&id).await?;
        let mut shown: HashMap<ReceiptId, SignedReceipt> =
            shown.into_iter().map(|receipt| (receipt.allegation().id(), receipt)).collect();
        let receipts: Option<Vec<SignedReceipt>> = answer.receipts.iter().map(|id| shown.remove(id)).collect();
        let receipts = receipts.ok_or_else(|| wrong("a log of receipts that it does not show"))?;
        ReceiptLog::assemble(contract, answer.log_key, checkpoint, &receipts).map_err(|_| wrong("a log that is none"))
    }

    /// Brings a witness's cosignature of the newest checkpoint to the host, for others.
    ///
    /// # Errors
    /// [`HostError::Problem`]; [`HostError`] of the network.
    pub async fn bring_cosignature(
        &self,
        contract: &ContractId,
        witness: &VerifierKey,
        line: &NoteSignature,
        signer: &Identity,
    ) -> Result<(), HostError> {
        let body = Cosignature { witness: witness.to_string(), line: line.to_string() };
        let path = format!("/v1/contracts/{contract}/log/cosignatures");
        let _: IgnoredAny = self.http.post_json(&path, &body, signer).await?;
        Ok(())
    }
}
