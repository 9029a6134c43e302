//! The log of a contract's receipts over HTTP.

use super::authorise::Caller;
use super::parse::{id, json};
use super::problem::Problem;
use super::views::{CosignatureBrought, LogView};
use crate::host::Host;
use crate::refusal::Refusal;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use bytes::Bytes;
use sealroom_protocol::contract::SignedContract;
use sealroom_protocol::id::ContractId;
use std::sync::Arc;

/// The log of a contract's receipts
///
/// Its key, its newest checkpoint with the cosignatures that were brought, and the ids of its receipts in their order.
#[utoipa::path(get, path = "/v1/contracts/{contract}/log", tag = "contracts", params(("contract" = String, Path, description = "The contract's id")),
    responses((status = 200, body = LogView), (status = "default", body = Problem)))]
pub(super) async fn log(State(host): State<Arc<Host>>, Path(contract): Path<String>) -> Result<Json<LogView>, Refusal> {
    let contract = known(&host, &contract).await?;
    // Whoever looks at a log that lacks a cosignature has the witness asked again.
    host.store.tell(&contract);
    Ok(Json(LogView::new(&host.logs.state(&host.store, &contract).await?)))
}

/// Bring a cosignature
///
/// By a party of the contract. It must verify over the newest checkpoint, and be of a witness that the contract names; where it
/// names none, each party has an equal share of the checkpoint's lines.
#[utoipa::path(post, path = "/v1/contracts/{contract}/log/cosignatures", tag = "contracts", params(("contract" = String, Path, description = "The contract's id")),
    request_body = CosignatureBrought, responses((status = 200, body = LogView), (status = "default", body = Problem)))]
pub(super) async fn cosign(
    State(host): State<Arc<Host>>,
    Extension(caller): Extension<Caller>,
    Path(contract): Path<String>,
    body: Bytes,
) -> Result<Json<LogView>, Refusal> {
    let contract: ContractId = id(&contract)?;
    let envelope = host.store.contract(&contract).await?.ok_or(Refusal::ContractUnknown)?;
    let signed = SignedContract::decode(&envelope);
    let signed = signed.map_err(|error| Refusal::ContractForm { what: error.to_string() })?;
    caller.is_party_of(signed.contract())?;
    let (witness, line) = json::<CosignatureBrought>(&body)?.decode()?;
    let by = Some(&caller.0.signing_key);
    Ok(Json(LogView::new(&host.logs.cosign(&host.store, signed.contract(), by, &witness, line).await?)))
}

async fn known(host: &Host, contract: &str) -> Result<ContractId, Refusal> {
    let contract: ContractId = id(contract)?;
    drop(host.store.contract(&contract).await?.ok_or(Refusal::ContractUnknown)?);
    Ok(contract)
}
