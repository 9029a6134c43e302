//! Contracts and their receipts over HTTP.

use super::parse::{id, number, to_base64};
use super::problem::Problem;
use super::views::{Health, ReceiptKept, ReceiptPage, ReceiptView};
use crate::host::Host;
use crate::refusal::Refusal;
use crate::store::ReceiptName;
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use sealroom_protocol::contract::{Contract, SignedContract};
use sealroom_protocol::id::ContractId;
use sealroom_protocol::run::SignedReceipt;
use std::sync::Arc;

/// Receipts a page.
const PAGE: usize = 64;

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
    params(("contract" = String, Path, description = "The contract's id"), ("from" = Option<u64>, Query, description = "The first run number of the page")),
    responses((status = 200, body = ReceiptPage), (status = "default", body = Problem)))]
pub(super) async fn receipts(
    State(host): State<Arc<Host>>,
    Path(contract): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<ReceiptPage>, Refusal> {
    let contract: ContractId = id(&contract)?;
    let from = number(query.as_deref(), "from")?.unwrap_or(0);
    let names = host.store.receipts(&contract).await?;
    let mut names = names.into_iter().filter(|name| name.run >= from).peekable();
    let mut receipts = Vec::new();
    let mut last = None;
    // A page ends between two run numbers, so that `from` finds the next one.
    while let Some(ReceiptName { run, id, complete }) =
        names.next_if(|name| receipts.len() < PAGE || last == Some(name.run))
    {
        let receipt = host.store.receipt(&contract, &ReceiptName { run, id, complete }).await?;
        let outcome = if complete { "complete" } else { "void" };
        receipts.push(ReceiptView { run, id: id.to_string(), outcome, receipt: to_base64(&receipt) });
        last = Some(run);
    }
    Ok(Json(ReceiptPage { receipts, next: names.peek().map(|name| name.run) }))
}

/// Bring a receipt
///
/// The body is a receipt's envelope. It must hold under the contract.
#[utoipa::path(post, path = "/v1/contracts/{contract}/receipts", tag = "contracts", params(("contract" = String, Path, description = "The contract's id")),
    request_body(content = Vec<u8>, content_type = "application/json"), responses((status = 201, body = ReceiptKept), (status = "default", body = Problem)))]
pub(super) async fn bring_receipt(
    State(host): State<Arc<Host>>,
    Path(contract): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<ReceiptKept>), Refusal> {
    let contract: ContractId = id(&contract)?;
    let envelope = host.store.contract(&contract).await?.ok_or(Refusal::ContractUnknown)?;
    let signed = SignedContract::decode(&envelope);
    let signed = signed.map_err(|error| Refusal::ContractForm { what: error.to_string() })?;
    let ReceiptName { run, id, .. } = keep_receipt(&host, signed.contract(), &body).await?;
    Ok((StatusCode::CREATED, Json(ReceiptKept { run, id: id.to_string() })))
}

/// Keeps a receipt that a party brings, where it holds under the contract.
pub(super) async fn keep_receipt(host: &Host, contract: &Contract, bytes: &[u8]) -> Result<ReceiptName, Refusal> {
    let receipt = SignedReceipt::decode(bytes).map_err(|error| Refusal::ReceiptForm { what: error.to_string() })?;
    let id = receipt.verify(contract).map_err(Refusal::ReceiptVerify)?.id();
    let kept = host.store.receipts(&contract.id()).await?;
    if let Some(known) = kept.iter().find(|name| name.id == id) {
        return Ok(*known);
    }
    let limit = host.limits().receipts;
    if kept.len() >= limit {
        return Err(Refusal::ReceiptLimit { limit });
    }
    Ok(host.store.keep_receipt(&receipt).await?)
}

/// Whether the host is up
#[utoipa::path(get, path = "/v1/health", tag = "host", responses((status = 200, body = Health)))]
pub(super) async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}
