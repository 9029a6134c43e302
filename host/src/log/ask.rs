//! Asking the witnesses that contracts name, after each receipt, so that rooms which nobody attends have cosigned checkpoints.
//!
//! What always holds: no room and no request waits for a witness; one that is down is asked again ever more seldom, and given up
//! until the next receipt, or until somebody looks at the log. What a witness answers is taken only if it verifies.

use super::LogState;
use crate::host::Host;
use core::time::Duration;
use futures_util::future::join_all;
use reqwest::Client;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::id::ContractId;
use sealroom_protocol::log::{AddCheckpoint, KeyUse, NoteSignature, Tree, VerifierKey};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::{Instant, sleep_until};

/// How often a witness is asked again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// After the first failure; twice as long after each other one.
    pub(crate) first: Duration,
    /// At most so long.
    pub(crate) most: Duration,
    /// How often in all.
    pub(crate) attempts: u32,
}

/// For about half an hour.
pub(crate) const PACE: Pace = Pace { first: Duration::from_secs(1), most: Duration::from_secs(300), attempts: 14 };

/// Contracts whose witnesses are asked at once.
const AT_ONCE: usize = 16;
/// How long one witness may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most bytes of an answer: a few signature lines.
const ANSWER_LIMIT: usize = 16 << 10;
/// How often one exchange begins again from the size that the witness says.
const SIZES: usize = 3;

/// A contract whose witnesses are to be asked.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    next: Instant,
    failed: u32,
}

/// Asks for as long as the host runs.
pub(crate) async fn ask_witnesses(host: Arc<Host>, pace: Pace) {
    let addresses: BTreeMap<&str, &str> =
        host.config.witness.iter().map(|witness| (witness.name.as_str(), witness.url.as_str())).collect();
    let Some(mut told) = host.store.listen().filter(|_| !addresses.is_empty()) else { return };
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build();
    let Ok(client) = client.inspect_err(|error| tracing::error!(%error, "witnesses cannot be asked")) else { return };
    let mut waiting: BTreeMap<ContractId, Waiting> = BTreeMap::new();
    loop {
        let next = waiting.values().map(|waiting| waiting.next).min();
        let due = async {
            match next {
                Some(next) => sleep_until(next).await,
                None => core::future::pending().await,
            }
        };
        tokio::select! {
            contract = told.recv() => {
                let Some(contract) = contract else { return };
                // One that is waiting keeps its place: looks of strangers make it no faster.
                let _ = waiting.entry(contract).or_insert(Waiting { next: Instant::now(), failed: 0 });
            }
            () = due => ask_those_due(&host, &client, &addresses, &mut waiting, pace).await,
        }
    }
}

/// Those whose time has come, longest due first: some that fail each time keep no other from its turn.
fn those_due(waiting: &BTreeMap<ContractId, Waiting>, now: Instant) -> Vec<ContractId> {
    let mut due: Vec<(Instant, ContractId)> =
        waiting.iter().filter(|(_, waiting)| waiting.next <= now).map(|(id, waiting)| (waiting.next, *id)).collect();
    due.sort_unstable();
    due.into_iter().map(|(_, contract)| contract).take(AT_ONCE).collect()
}

async fn ask_those_due(
    host: &Host,
    client: &Client,
    addresses: &BTreeMap<&str, &str>,
    waiting: &mut BTreeMap<ContractId, Waiting>,
    pace: Pace,
) {
    let due = those_due(waiting, Instant::now());
    let missing = join_all(due.iter().map(|contract| ask(host, client, addresses, contract))).await;
    for (contract, missing) in due.into_iter().zip(missing) {
        let failed = waiting.get(&contract).map_or(0, |waiting| waiting.failed).saturating_add(1);
        if missing.is_empty() {
            let _ = waiting.remove(&contract);
        } else if failed >= pace.attempts {
            tracing::warn!(%contract, witnesses = ?missing, "witnesses did not cosign");
            let _ = waiting.remove(&contract);
        } else {
            let pause = pace.first.saturating_mul(1 << failed.saturating_sub(1).min(20)).min(pace.most);
            let _ = waiting.insert(contract, Waiting { next: Instant::now() + pause, failed });
        }
    }
}

/// Asks every witness of a contract that has an address here and has not cosigned the newest checkpoint. Gives the names of those
/// that still have not.
async fn ask(host: &Host, client: &Client, addresses: &BTreeMap<&str, &str>, contract: &ContractId) -> Vec<String> {
    let Some(text) = text(host, contract).await else { return Vec::new() };
    let Some(terms) = &text.terms().log else { return Vec::new() };
    let Ok(state) = host.logs.state(&host.store, contract).await else { return Vec::new() };
    let signatures = state.checkpoint.note().signatures();
    let has = |key: &VerifierKey| signatures.iter().any(|line| line.name() == key.name() && line.key_id() == key.id());
    let named = terms.witnesses.iter().filter_map(|witness| {
        let key = VerifierKey::new(&witness.name, KeyUse::Witness, witness.key).ok()?;
        Some((key, *addresses.get(witness.name.as_str())?))
    });
    let unasked: Vec<(VerifierKey, &str)> = named.filter(|(key, _)| !has(key)).collect();
    if state.leaves.is_empty() {
        return Vec::new();
    }
    let lines = join_all(unasked.iter().map(|(_, url)| cosignature(client, url, &state))).await;
    let mut missing = Vec::new();
    for ((key, _), lines) in unasked.iter().zip(lines) {
        let own = lines.into_iter().flatten().find(|line| line.name() == key.name() && line.key_id() == key.id());
        let taken = match own {
            Some(line) => host.logs.cosign(&host.store, &text, None, key, line).await.is_ok(),
            None => false,
        };
        if taken {
            tracing::info!(%contract, witness = key.name(), receipts = state.leaves.len(), "cosigned");
        } else {
            missing.push(key.name().to_owned());
        }
    }
    missing
}

async fn text(host: &Host, contract: &ContractId) -> Option<Contract> {
    let bytes = host.store.contract(contract).await.ok()??;
    let envelope = Envelope::decode(&bytes, PayloadType::Contract).ok()?;
    Contract::of_envelope(&envelope).ok()
}

/// What one witness answers: lines that nobody has verified.
async fn cosignature(client: &Client, url: &str, state: &LogState) -> Option<Vec<NoteSignature>> {
    let address = format!("{}/add-checkpoint", url.trim_end_matches('/'));
    let checkpoint = state.checkpoint.signed_by(&[&state.key]);
    let (tree, size) = (Tree::new(state.leaves.clone()), checkpoint.allegation().head().size);
    // The receipt that came last is mostly all that it has not seen.
    let mut old = size.saturating_sub(1);
    for _ in 0..SIZES {
        let proof = tree.consistency(old, size).ok()?;
        let request = AddCheckpoint::new(old, proof, checkpoint.clone()).encode();
        let answer = client.post(&address).body(request).send().await.ok()?;
        let status = answer.status().as_u16();
        let body = limited(answer).await?;
        match (status, body.trim_end().parse()) {
            (200, _) => return NoteSignature::decode_all(&body).ok(),
            (409, Ok(size)) => old = size,
            _ => return None,
        }
    }
    None
}

async fn limited(mut answer: reqwest::Response) -> Option<String> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.ok()? {
        body.extend_from_slice(&piece);
        if body.len() > ANSWER_LIMIT {
            return None;
        }
    }
    String::from_utf8(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contracts_whose_witnesses_never_answer_keep_no_other_from_its_turn() {
        let begun = Instant::now();
        // More than are asked at once have low ids, fail each time, and are due again at once; one has the highest id.
        let id = |number: u8| ContractId::from_bytes([number; 32]);
        let waits = |after: u64| Waiting { next: begun + Duration::from_secs(after), failed: 0 };
        let failing = u8::try_from(2 * AT_ONCE).unwrap();
        let mut waiting: BTreeMap<_, _> = (0..failing).map(|number| (id(number), waits(0))).collect();
        let last = id(0xff);
        let _ = waiting.insert(last, waits(0));
        let mut asked = Vec::new();
        for second in 1..4 {
            let due = those_due(&waiting, begun + Duration::from_secs(second));
            assert_eq!(due.len(), AT_ONCE);
            for contract in &due {
                let _ = waiting.insert(*contract, waits(second));
            }
            asked.extend(due);
        }
        assert_eq!(asked.iter().filter(|contract| **contract == last).count(), 1, "within three rounds");
        assert!((0..failing).all(|number| asked.contains(&id(number))));
        assert!(those_due(&waiting, begun).is_empty(), "nothing before its time");
    }
}
