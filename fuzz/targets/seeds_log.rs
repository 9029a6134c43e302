//! Where fuzzing of the log's forms begins.

use super::log::{checkpoint, signer, tree, witness};
use super::room::honest_receipt;
use super::world::{NOW, World};
use sealroom::ReceiptLog;
use sealroom_protocol::contract::SignedContract;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{AddCheckpoint, LogProof, LogSigner, origin_of};
use sealroom_protocol::run::SignedReceipt;

/// One of each form.
pub(crate) fn logs() -> Vec<Vec<u8>> {
    let mut cosigned = checkpoint();
    let line = witness().cosign(&cosigned, NOW);
    cosigned.add(line.clone()).expect("a second signature");
    let proof = LogProof::new(6, tree().inclusion(6, 11).expect("a leaf of the tree"), cosigned.clone());
    let request = AddCheckpoint::new(5, tree().consistency(5, 11).expect("a size of the tree"), checkpoint());
    let contract = SignedContract::verify(&World::shared().envelope).expect("a contract that all signed");
    let origin = origin_of(&contract.contract().id());
    let log = LogSigner::new(&origin, SigningSecret::from_seed(&[1; 32])).expect("an origin is a name");
    let mut file = ReceiptLog::begin(&contract, &log).expect("the contract's own log");
    let receipt = SignedReceipt::decode(&honest_receipt()).expect("a receipt of our own");
    file.append(&[receipt], &log).expect("a first receipt");
    vec![
        cosigned.encode().into_bytes(),
        proof.encode().into_bytes(),
        request.encode().into_bytes(),
        signer().verifier().to_string().into_bytes(),
        witness().verifier().to_string().into_bytes(),
        format!("{line}\n").into_bytes(),
        file.encode(),
    ]
}
