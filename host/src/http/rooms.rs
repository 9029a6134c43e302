//! Rooms over HTTP: open, watch, attest, propose.

use super::authorise::Caller;
use super::parse::{from_base64, id, json};
use super::problem::Problem;
use super::views::{Challenge, EvidenceView, ProposalView, ProposalWanted, RoomList, RoomOpened, RoomView};
use crate::host::Host;
use crate::refusal::Refusal;
use crate::room::{Room, Wish};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::run::SignedAnnouncement;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Receipts that a proposal brings. The newest alone has every count; the ones before it have the requests that were used last.
const RECEIPTS: usize = 16;
/// Bytes of them: what fits a message, beside the rest.
const RECEIPTS_LIMIT: usize = 12 << 20;
/// Receipts that a client may bring with a proposal.
const BROUGHT_LIMIT: usize = 64;

/// Open a room
///
/// The body is the contract's envelope with all signatures. Starts an enclave and hands the contract to it.
#[utoipa::path(post, path = "/v1/rooms", tag = "rooms", request_body(content = Vec<u8>, content_type = "application/json"),
    responses((status = 201, body = RoomOpened), (status = "default", body = Problem)))]
pub(super) async fn open(
    State(host): State<Arc<Host>>,
    Extension(Caller(party)): Extension<Caller>,
    body: Bytes,
) -> Result<(StatusCode, Json<RoomOpened>), Refusal> {
    let (name, room) = host.open_room(&party, body.to_vec()).await?;
    Ok((StatusCode::CREATED, Json(RoomOpened::new(name, &room.status()))))
}

/// All rooms that are known
#[utoipa::path(get, path = "/v1/rooms", tag = "rooms", responses((status = 200, body = RoomList), (status = "default", body = Problem)))]
pub(super) async fn list(State(host): State<Arc<Host>>) -> Json<RoomList> {
    Json(RoomList::new(host.all_rooms().into_iter()))
}

/// What the host knows of a room
#[utoipa::path(get, path = "/v1/rooms/{room}", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    responses((status = 200, body = RoomView), (status = "default", body = Problem)))]
pub(super) async fn status(State(host): State<Arc<Host>>, Path(name): Path<String>) -> Result<Json<RoomView>, Refusal> {
    let status = host.room(&name)?.status();
    Ok(Json(RoomView::new(name, status)))
}

/// The contract of a room
#[utoipa::path(get, path = "/v1/rooms/{room}/contract", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    responses((status = 200, body = Vec<u8>, content_type = "application/json"), (status = "default", body = Problem)))]
pub(super) async fn contract(State(host): State<Arc<Host>>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let contract = host.room(&name)?.contract().id();
    let envelope = host.store.contract(&contract).await?.ok_or(Refusal::ContractUnknown)?;
    Ok(([(CONTENT_TYPE, "application/json")], envelope).into_response())
}

/// Ask for Evidence
///
/// Challenges that arrive together are answered by one Evidence.
#[utoipa::path(post, path = "/v1/rooms/{room}/evidence", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    request_body = Challenge, responses((status = 200, body = EvidenceView), (status = "default", body = Problem)))]
pub(super) async fn evidence(
    State(host): State<Arc<Host>>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<EvidenceView>, Refusal> {
    let room = host.room(&name)?;
    let Challenge { challenge } = json(&body)?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(&challenge, &mut bytes).map_err(|_| Refusal::Challenge)?;
    Ok(Json(EvidenceView::new(&*room.evidence(bytes).await?)))
}

/// Ask for a proposal
///
/// For a party of the contract. The host brings the manifests and the newest complete receipts that it has of the contract.
#[utoipa::path(post, path = "/v1/rooms/{room}/proposal", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    request_body = ProposalWanted, responses((status = 200, body = ProposalView), (status = "default", body = Problem)))]
pub(super) async fn propose(
    State(host): State<Arc<Host>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<ProposalView>, Refusal> {
    let room = host.room(&name)?;
    caller.is_party_of(room.contract())?;
    let wanted: ProposalWanted = json(&body)?;
    let datasets = in_order(&room, &wanted.datasets)?;
    let request = wanted.request.as_deref().map(|text| from_base64(text, "request")).transpose()?;
    let announced = request.as_deref().map(|bytes| {
        let announcement = SignedAnnouncement::decode(bytes);
        let expected = "the announcement's envelope in \"request\"".into();
        announcement.map(|signed| signed.allegation().object).map_err(|_| Refusal::Form { expected })
    });
    let request_object = announced.transpose()?;
    for object in datasets.iter().chain(&request_object) {
        let _ = host.store.length(object).ok_or(Refusal::ObjectUnknown)?;
    }
    if wanted.receipts.len() > BROUGHT_LIMIT {
        return Err(Refusal::Form { expected: format!("at most {BROUGHT_LIMIT} receipts; bring others one by one") });
    }
    for receipt in &wanted.receipts {
        let receipt = from_base64(receipt, "receipts")?;
        // One that does not hold is not counted; the others are.
        drop(super::contracts::keep_receipt(&host, room.contract(), &caller, &receipt).await);
    }
    let contract = room.contract().id();
    let run = match wanted.run {
        Some(run) => run,
        None => {
            let names = host.store.receipts(&contract).await?;
            super::contracts::next_run(&names, room.contract(), room.status().highest)
        }
    };
    let receipts = host.store.newest_complete(&contract, RECEIPTS, RECEIPTS_LIMIT).await?;
    let proposed = room.propose(Wish { run, receipts, datasets, request, request_object }).await?;
    Ok(Json(ProposalView::new(&proposed)))
}

/// The current proposal
#[utoipa::path(get, path = "/v1/rooms/{room}/proposal", tag = "rooms", params(("room" = String, Path, description = "The room's name")),
    responses((status = 200, body = ProposalView), (status = "default", body = Problem)))]
pub(super) async fn proposal(
    State(host): State<Arc<Host>>,
    Path(name): Path<String>,
) -> Result<Json<ProposalView>, Refusal> {
    let proposed = host.room(&name)?.status().proposal.ok_or(Refusal::NoProposal)?;
    Ok(Json(ProposalView::new(&proposed)))
}

/// The named objects in the contract's order: every dataset once, no other.
fn in_order(room: &Room, named: &BTreeMap<String, String>) -> Result<Vec<ObjectId>, Refusal> {
    let datasets = &room.contract().terms().datasets;
    let known = |name: &String| datasets.iter().any(|dataset| dataset.name == *name);
    if let Some(name) = named.keys().find(|name| !known(name)) {
        return Err(Refusal::Datasets { name: name.chars().take(64).collect(), what: "not in the contract" });
    }
    let object = |name: &String| match named.get(name) {
        Some(object) => id(object),
        None => Err(Refusal::Datasets { name: name.clone(), what: "missing" }),
    };
    datasets.iter().map(|dataset| object(&dataset.name)).collect()
}
