//! Witnesses that others run, over HTTP (C2SP tlog-witness): all are asked at once, and as many answers as are needed are
//! waited for. Nothing that they say is believed here: the enclave counts the cosignatures that hold.

use crate::disk::Cosigners;
use anyhow::Context;
use core::time::Duration;
use sealroom::{HostOptions, RemoteWitness};
use sealroom_enclave_core::sealed::{Quorum, WitnessKey};
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::log::{SignedCheckpoint, Tree, VerifierKey};
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

/// How long one witness may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Remote {
    runtime: Runtime,
    witnesses: Vec<RemoteWitness>,
    needed: usize,
    liars: usize,
}

impl Remote {
    /// These witnesses, `needed` of which must cosign, while `liars` of them may lie.
    pub(crate) fn new(others: Vec<(String, VerifierKey)>, needed: usize, liars: usize) -> anyhow::Result<Self> {
        let mut witnesses = Vec::new();
        for (url, key) in others {
            let mut options = HostOptions::new(url);
            (options.timeout, options.exchange_timeout) = (PATIENCE, PATIENCE);
            witnesses.push(RemoteWitness::new(&options, key)?);
        }
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Self { runtime, witnesses, needed, liars })
    }

    /// From `URL=VERIFIER-KEY` each. More than half of them must cosign, and none may lie.
    pub(crate) fn parse(others: &[String]) -> anyhow::Result<Self> {
        let parse = |text: &String| -> anyhow::Result<(String, VerifierKey)> {
            // A verifier key ends with base64, which may have a sign of equality of its own.
            let (url, key) = text.split_once('=').context("expected URL=VERIFIER-KEY")?;
            Ok((url.to_owned(), key.parse()?))
        };
        let others = others.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        let needed = others.len() / 2 + 1;
        Self::new(others, needed, 0)
    }
}

impl Cosigners for Remote {
    fn quorum(&self) -> anyhow::Result<Quorum> {
        let keys = self.witnesses.iter().map(RemoteWitness::key);
        let keys = keys.map(|key| WitnessKey { name: key.name().into(), key: *key.key() });
        Ok(Quorum::new(keys.collect(), self.needed, self.liars)?)
    }

    /// People tell the others: nobody adds a log to a witness from outside.
    fn trust(&self, _log: SigningPublicKey) -> anyhow::Result<()> {
        Ok(())
    }

    fn cosign(&self, note: &str, tree: &Tree) -> Vec<String> {
        let Ok(checkpoint) = SignedCheckpoint::decode(note.as_bytes()) else { return Vec::new() };
        let asked = Arc::new((checkpoint, tree.clone()));
        self.runtime.block_on(async {
            let mut asking = JoinSet::new();
            for witness in &self.witnesses {
                let (witness, asked) = (witness.clone(), Arc::clone(&asked));
                asking.spawn(async move {
                    let (checkpoint, tree) = &*asked;
                    let before = checkpoint.allegation().head().size.saturating_sub(1);
                    witness.cosign_tree(checkpoint, tree, before).await
                });
            }
            let mut lines = Vec::new();
            while let Some(answer) = asking.join_next().await {
                if let Ok(Ok(line)) = answer {
                    lines.push(format!("{line}\n"));
                }
                if lines.len() == self.needed {
                    break;
                }
            }
            // The slower ones are heard by nobody, and still learn of the checkpoint.
            asking.detach_all();
            lines
        })
    }
}
