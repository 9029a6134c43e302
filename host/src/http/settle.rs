//! What settles a proposal, over HTTP: statement, grants, stop, abandon.

use super::parse::{json, to_base64};
use super::problem::Problem;
use super::views::{AcceptedView, GrantBrought, SettledView};
use crate::host::Host;
use crate::refusal::Refusal;
use crate::room::Accepted;
use axum::Json;
use axum::extract::{Path, State};
use bytes::Bytes;
use sealroom_protocol::run::{SignedStatement, Statement};
use std::sync::Arc;

/// Bring a statement
///
/// The body is a statement's envelope: about the host's region, for the enclave; or the operator's, which goes with Evidence.
#[utoipa::path(post, path = "/v1/rooms/{room}/statement", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    request_body(content = Vec<u8>, content_type = "application/json"), responses((status = 200, body = AcceptedView), (status = "default", body = Problem)))]
pub(super) async fn statement(
    State(host): State<Arc<Host>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<AcceptedView>, Refusal> {
    let room = host.room(&name)?;
    let signed = SignedStatement::decode(&body);
    let signed = signed.map_err(|error| Refusal::StatementForm { what: error.to_string() })?;
    match signed.allegation() {
        Statement::HostRegion { .. } => Ok(Json(AcceptedView::new(room.state(body.to_vec()).await?))),
        Statement::Operator { contract, enclave_key, .. } => {
            let status = room.status();
            if *contract != status.contract || *enclave_key != status.enclave_key {
                let what = "the operator's statement is about another contract or enclave".into();
                return Err(Refusal::StatementForm { what });
            }
            room.keep_operator_statement(body.to_vec());
            let (missing, statement_missing) = (status.missing, status.statement_missing);
            Ok(Json(AcceptedView::new(Accepted { missing, statement_missing, running: false, receipt: None })))
        }
    }
}

/// Bring a grant
///
/// The last one that is missing starts the run.
#[utoipa::path(post, path = "/v1/rooms/{room}/grants", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    request_body = GrantBrought, responses((status = 200, body = AcceptedView), (status = "default", body = Problem)))]
pub(super) async fn grant(
    State(host): State<Arc<Host>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<AcceptedView>, Refusal> {
    let room = host.room(&name)?;
    let (grant, ciphertext) = json::<GrantBrought>(&body)?.decode()?;
    Ok(Json(AcceptedView::new(room.grant(grant, ciphertext).await?)))
}

/// Stop a room
///
/// The body is a stop's envelope by any party of the contract. Answered once the room has ended.
#[utoipa::path(post, path = "/v1/rooms/{room}/stop", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    request_body(content = Vec<u8>, content_type = "application/json"), responses((status = 200, body = SettledView), (status = "default", body = Problem)))]
pub(super) async fn stop(
    State(host): State<Arc<Host>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<SettledView>, Refusal> {
    let receipt = host.room(&name)?.stop(body.to_vec()).await?;
    Ok(Json(SettledView { receipt: receipt.as_deref().map(to_base64) }))
}

/// Give the current proposal up
///
/// A void receipt gives every grant back.
#[utoipa::path(post, path = "/v1/rooms/{room}/abandon", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    responses((status = 200, body = SettledView), (status = "default", body = Problem)))]
pub(super) async fn abandon(
    State(host): State<Arc<Host>>,
    Path(name): Path<String>,
) -> Result<Json<SettledView>, Refusal> {
    let receipt = host.room(&name)?.abandon().await?;
    Ok(Json(SettledView { receipt: Some(to_base64(&receipt)) }))
}
