//! Contracts and their receipts over HTTP.

use super::authorise::Caller;
use super::parse::{id, numbers, to_base64};
use super::problem::Problem;
use super::views::{Health, ReceiptKept, ReceiptPage, ReceiptView, RoomList};
use crate::config::AllowedParty;
use crate::host::Host;
use crate::refusal::Refusal;
use crate::store::{ReceiptName, Store, StoreError};
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use sealroom_protocol::contract::{Contract, SignedContract};
use sealroom_protocol::id::ContractId;
use sealroom_protocol::run::{Outcome, SignedReceipt};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Receipts a page.
const PAGE: usize = 16;
/// Bytes of receipts a page, but for the first one.
const PAGE_BYTES: usize = 512 << 10;

/// A contract that a room was opened with
#[utoipa::path(get, path = "/v1/contracts/{contract}", tag = "contracts", params(("contract" = String, Path, description = "The contract's id")),
    responses((status = 200, body = Vec<u8>, content_type = "application/json"), (status = "default", body = Problem)))]
pub(super) async fn contract(State(host): State<Arc<Host>>, Path(contract): Path<String>) -> Result<Response, Refusal> {
    let contract: ContractId = id(&contract)?;
    let envelope = host.store.contract(&contract).await?.ok_or(Refusal::ContractUnknown)?;
    Ok(([(CONTENT_TYPE, "application/json")], envelope).into_response())
}

/// The receipts of a contract, newest last
#[utoipa::path(get, path = "/v1/contracts/{contract}/receipts", tag = "contracts",
    params(("contract" = String, Path, description = "The contract's id"), ("from" = Option<u64>, Query, description = "The first run number of the page"),
        ("skip" = Option<u64>, Query, description = "Receipts of that run that an earlier page had")),
    responses((status = 200, body = ReceiptPage), (status = "default", body = Problem)))]
pub(super) async fn receipts(
    State(host): State<Arc<Host>>,
    Path(contract): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<ReceiptPage>, Refusal> {
    let contract: ContractId = id(&contract)?;
    let [from, skip] = numbers(query.as_deref(), ["from", "skip"])?;
    let skip = usize::try_from(skip.unwrap_or(0)).unwrap_or(usize::MAX);
    let names = host.store.receipts(&contract).await?;
    let first = names.partition_point(|name| name.run < from.unwrap_or(0));
    let rest = names.get(first.saturating_add(skip)..).unwrap_or_default();
    let (mut receipts, mut bytes, mut next) = (Vec::new(), 0_usize, None);
    for (place, name) in rest.iter().enumerate() {
        let receipt = if place < PAGE { Some(host.store.receipt(&contract, name).await?) } else { None };
        bytes = bytes.saturating_add(receipt.as_ref().map_or(0, Bytes::len));
        let Some(receipt) = receipt.filter(|_| place == 0 || bytes <= PAGE_BYTES) else {
            let before = rest.iter().take(place).rev().take_while(|before| before.run == name.run).count();
            let earlier = if before == place && from == Some(name.run) { skip } else { 0 };
            next = Some((name.run, before.saturating_add(earlier)));
            break;
        };
        let outcome = if name.complete { "complete" } else { "void" };
        receipts.push(ReceiptView { run: name.run, id: name.id.to_string(), outcome, receipt: to_base64(&receipt) });
    }
    let skip = next.map_or(0, |(_, skip)| skip);
    Ok(Json(ReceiptPage { receipts, next: next.map(|(run, _)| run), skip }))
}

/// The open rooms of a contract, newest last
#[utoipa::path(get, path = "/v1/contracts/{contract}/rooms", tag = "contracts", params(("contract" = String, Path, description = "The contract's id")),
    responses((status = 200, body = RoomList), (status = "default", body = Problem)))]
pub(super) async fn rooms(
    State(host): State<Arc<Host>>,
    Path(contract): Path<String>,
) -> Result<Json<RoomList>, Refusal> {
    let contract: ContractId = id(&contract)?;
    let rooms = host.all_rooms();
    let open = rooms.into_iter().filter(|(_, room)| room.contract().id() == contract && !room.has_ended());
    Ok(Json(RoomList::new(open)))
}

/// Bring a receipt
///
/// The body is a receipt's envelope, brought by a party of the contract. It must hold under the contract.
#[utoipa::path(post, path = "/v1/contracts/{contract}/receipts", tag = "contracts", params(("contract" = String, Path, description = "The contract's id")),
    request_body(content = Vec<u8>, content_type = "application/json"), responses((status = 201, body = ReceiptKept), (status = "default", body = Problem)))]
pub(super) async fn bring_receipt(
    State(host): State<Arc<Host>>,
    Extension(caller): Extension<Caller>,
    Path(contract): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<ReceiptKept>), Refusal> {
    let contract: ContractId = id(&contract)?;
    let envelope = host.store.contract(&contract).await?.ok_or(Refusal::ContractUnknown)?;
    let signed = SignedContract::decode(&envelope);
    let signed = signed.map_err(|error| Refusal::ContractForm { what: error.to_string() })?;
    let ReceiptName { run, id, .. } = keep_receipt(&host, signed.contract(), &caller, &body).await?;
    Ok((StatusCode::CREATED, Json(ReceiptKept { run, id: id.to_string() })))
}

/// Keeps a receipt that a party of the contract brings, where it holds under the contract.
pub(super) async fn keep_receipt(
    host: &Host,
    contract: &Contract,
    caller: &Caller,
    bytes: &[u8],
) -> Result<ReceiptName, Refusal> {
    caller.is_party_of(contract)?;
    let receipt = SignedReceipt::decode(bytes).map_err(|error| Refusal::ReceiptForm { what: error.to_string() })?;
    let said = receipt.verify(contract).map_err(Refusal::ReceiptVerify)?;
    let granted = said.outcome == Outcome::Complete && is_granted(contract);
    let bringing = Bringing { granted_contract: is_granted(contract), granted, limit: host.limits().receipts };
    // A task of its own: if the client goes away, its receipt is still counted before the next one is.
    let (store, party) = (Arc::clone(&host.store), Arc::clone(&caller.0));
    let task = tokio::spawn(async move { bringing.keep(&store, &party, &receipt).await });
    task.await.map_err(|_| StoreError::Task)?
}

/// A receipt that holds, on its way into the store.
struct Bringing {
    /// Whether a complete receipt of its contract cannot be made up.
    granted_contract: bool,
    /// Whether this one cannot.
    granted: bool,
    /// Receipts a contract, of those that parties bring.
    limit: usize,
}

impl Bringing {
    async fn keep(self, store: &Store, party: &AllowedParty, receipt: &SignedReceipt) -> Result<ReceiptName, Refusal> {
        let (id, contract) = (receipt.allegation().id(), receipt.allegation().contract);
        let Self { granted_contract, granted, limit } = self;
        // Counted and kept in one: two at once would each be the last that there is room for.
        let _guard = store.bringing(&contract).await;
        let kept = store.receipts(&contract).await?;
        if let Some(known) = kept.iter().find(|name| name.id == id) {
            return Ok(*known);
        }
        let own = kept.iter().filter(|name| name.brought == Some(party.signing_key));
        let made = own.filter(|name| !(name.complete && granted_contract)).count();
        if !granted && made >= party.quota.void_receipts {
            return Err(Refusal::ReceiptQuota { limit: party.quota.void_receipts });
        }
        if kept.iter().filter(|name| name.brought.is_some()).count() >= limit {
            return Err(Refusal::ReceiptLimit { limit });
        }
        Ok(store.keep_receipt(receipt, Some(party.signing_key)).await?)
    }
}

/// Whether a complete receipt of this contract has grants in it, which name the enclave key that signed it. Where nobody
/// grants, and in every void receipt, that key may be one that somebody made up.
fn is_granted(contract: &Contract) -> bool {
    !contract.granting_parties().is_empty()
}

/// The lowest run number that is free: above the newest complete receipt and all earlier versions, above what the room proposed, and of no receipt
/// of this host's rooms. What a party can make up moves it nowhere.
pub(super) fn next_run(names: &[ReceiptName], contract: &Contract, proposed: u64) -> u64 {
    let counts = |name: &&ReceiptName| name.complete && (name.brought.is_none() || is_granted(contract));
    let head = names.iter().filter(counts).map(|name| name.run).max().unwrap_or(0);
    let head = head.max(proposed).max(contract.carried_run());
    let taken: BTreeSet<u64> = names.iter().filter(|name| name.brought.is_none()).map(|name| name.run).collect();
    (head.saturating_add(1)..=u64::MAX).find(|run| !taken.contains(run)).unwrap_or(u64::MAX)
}

/// Whether the host is up
#[utoipa::path(get, path = "/v1/health", tag = "host", responses((status = 200, body = Health)))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}
