//! What settles a proposal, over HTTP: statement, grants, stop, abandon.
//!
//! What always holds: only a party of the room's contract acts here, and the operator that it names for its own statement.

use super::authorise::Caller;
use super::parse::{json, to_base64};
use super::problem::Problem;
use super::views::{AcceptedView, GrantBrought, SettledView};
use crate::host::Host;
use crate::refusal::Refusal;
use crate::room::{Accepted, OperatorStatement, Room, Status};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use bytes::Bytes;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::run::{SignedStatement, Statement};
use std::sync::Arc;

/// Bring a statement
///
/// The body is a statement's envelope: about the host's region, for the enclave; or the operator's, which goes with Evidence.
#[utoipa::path(post, path = "/v1/rooms/{room}/statement", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    request_body(content = Vec<u8>, content_type = "application/json"), responses((status = 200, body = AcceptedView), (status = "default", body = Problem)))]
pub(super) async fn statement(
    State(host): State<Arc<Host>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<AcceptedView>, Refusal> {
    let room = host.room(&name)?;
    let signed = SignedStatement::decode(&body);
    let signed = signed.map_err(|error| Refusal::StatementForm { what: error.to_string() })?;
    match signed.allegation() {
        Statement::HostRegion { .. } => {
            caller.is_party_of(room.contract())?;
            Ok(Json(AcceptedView::new(room.state(body.to_vec()).await?)))
        }
        Statement::Operator { .. } => {
            let status = room.status();
            room.keep_operator_statement(operator_statement(room.contract(), &status, &caller, &signed)?);
            let (missing, statement_missing) = (status.missing, status.statement_missing);
            Ok(Json(AcceptedView::new(Accepted { missing, statement_missing, running: false, receipt: None })))
        }
    }
}

/// The operator's statement, where the contract names its signer and it is about this room.
fn operator_statement(
    contract: &Contract,
    status: &Status,
    caller: &Caller,
    signed: &SignedStatement,
) -> Result<OperatorStatement, Refusal> {
    let form = |what: &str| Refusal::StatementForm { what: what.into() };
    let operators: Vec<_> = contract.terms().enclaves.iter().filter_map(|terms| terms.operator).collect();
    if !operators.contains(&caller.0.signing_key) && caller.is_party_of(contract).is_err() {
        return Err(Refusal::Party { expected: "is a party's or an operator's of this contract" });
    }
    let verified = operators.iter().find_map(|operator| signed.verify(operator).ok().zip(Some(*operator)));
    let (said, operator) = verified.ok_or_else(|| form("a statement that no operator of the contract signed"))?;
    match said {
        Statement::Operator { contract: of, enclave_key, expires, .. }
            if *of == status.contract && *enclave_key == status.enclave_key =>
        {
            Ok(OperatorStatement { operator, envelope: signed.encode(), expires: *expires })
        }
        Statement::Operator { .. } | Statement::HostRegion { .. } => {
            Err(form("the operator's statement is about another contract or enclave"))
        }
    }
}

/// The room of this name, for a party of its contract.
fn own_room(host: &Host, name: &str, caller: &Caller) -> Result<Arc<Room>, Refusal> {
    let room = host.room(name)?;
    caller.is_party_of(room.contract())?;
    Ok(room)
}

/// Bring a grant
///
/// The last one that is missing starts the run.
#[utoipa::path(post, path = "/v1/rooms/{room}/grants", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    request_body = GrantBrought, responses((status = 200, body = AcceptedView), (status = "default", body = Problem)))]
pub(super) async fn grant(
    State(host): State<Arc<Host>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<AcceptedView>, Refusal> {
    let room = own_room(&host, &name, &caller)?;
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
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<SettledView>, Refusal> {
    let receipt = own_room(&host, &name, &caller)?.stop(body.to_vec()).await?;
    Ok(Json(SettledView { receipt: receipt.as_deref().map(to_base64) }))
}

/// Give the current proposal up
///
/// A void receipt gives every grant back.
#[utoipa::path(post, path = "/v1/rooms/{room}/abandon", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    responses((status = 200, body = SettledView), (status = "default", body = Problem)))]
pub(super) async fn abandon(
    State(host): State<Arc<Host>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
) -> Result<Json<SettledView>, Refusal> {
    let receipt = own_room(&host, &name, &caller)?.abandon().await?;
    Ok(Json(SettledView { receipt: Some(to_base64(&receipt)) }))
}
