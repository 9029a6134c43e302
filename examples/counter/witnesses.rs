//! Three witnesses of other organisations, in memory here: they decide as those do that `sealroom witness serve` runs, and
//! the disk that goes back is not theirs.

use crate::disk::{Cosigners, Disk};
use core::cell::RefCell;
use sealroom_enclave_core::sealed::{Quorum, WitnessKey, WitnessRegister};
use sealroom_protocol::id::StoreId;
use sealroom_protocol::identity::{SigningPublicKey, SigningSecret};
use sealroom_protocol::log::{AddCheckpoint, KeyUse, SignedCheckpoint, Tree, TreeHead, VerifierKey, WitnessSigner};

pub(crate) struct Witnesses {
    origin: String,
    inner: RefCell<Inner>,
}

struct Inner {
    /// The log's key, which the store's owner told them.
    log: Option<VerifierKey>,
    witnesses: Vec<(WitnessSigner, Option<TreeHead>)>,
}

impl Witnesses {
    pub(crate) fn new(store: StoreId) -> anyhow::Result<Self> {
        let mut witnesses = Vec::new();
        for name in ["ministry.example", "university.example", "hospital.example"] {
            witnesses.push((WitnessSigner::new(name, SigningSecret::generate(&mut sealroom::random()))?, None));
        }
        let origin = WitnessRegister::<Disk>::origin(&store);
        Ok(Self { origin, inner: RefCell::new(Inner { log: None, witnesses }) })
    }
}

impl Cosigners for Witnesses {
    /// Two of three, none of which lies: 2·2 > 3.
    fn quorum(&self) -> anyhow::Result<Quorum> {
        let inner = self.inner.borrow();
        let keys = inner.witnesses.iter().map(|(signer, _)| signer.verifier());
        Ok(Quorum::new(keys.map(|key| WitnessKey { name: key.name().into(), key: *key.key() }).collect(), 2, 0)?)
    }

    fn trust(&self, key: SigningPublicKey) -> anyhow::Result<()> {
        self.inner.borrow_mut().log = Some(VerifierKey::new(&self.origin, KeyUse::Log, key)?);
        Ok(())
    }

    fn cosign(&self, note: &str, tree: &Tree) -> Vec<String> {
        let inner = &mut *self.inner.borrow_mut();
        let (Some(log), Ok(checkpoint)) = (&inner.log, SignedCheckpoint::decode(note.as_bytes())) else {
            return Vec::new();
        };
        let size = checkpoint.allegation().head().size;
        let mut lines = Vec::new();
        for (signer, latest) in &mut inner.witnesses {
            let old = latest.map_or(0, |head| head.size);
            let proof = tree.consistency(old, size).unwrap_or_default();
            let request = AddCheckpoint::new(old, proof, checkpoint.clone());
            if let Ok(head) = request.judge(log, latest.as_ref()) {
                *latest = Some(head);
                lines.push(format!("{}\n", signer.cosign(&checkpoint, sealroom::now())));
            }
        }
        lines
    }
}
