//! Objects over HTTP: upload in parts, status, download.

use super::authorise::Caller;
use super::parse::{id, number, range};
use super::problem::Problem;
use super::views::ObjectView;
use crate::host::Host;
use crate::refusal::Refusal;
use crate::store::UploadState;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bytes::Bytes;
use sealroom_protocol::id::ObjectId;
use std::sync::Arc;

const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Begin an upload
///
/// The body is the object's manifest, at most 16 MiB. From here on the whole object counts against the quota.
#[utoipa::path(put, path = "/v1/objects/{id}/manifest", tag = "objects", request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    params(("id" = String, Path, description = "The object's id")),
    responses((status = 201, body = ObjectView), (status = 200, body = ObjectView, description = "It was known"), (status = "default", body = Problem)))]
pub(super) async fn put_manifest(
    State(host): State<Arc<Host>>,
    Extension(Caller(party)): Extension<Caller>,
    Path(object): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<ObjectView>), Refusal> {
    let object: ObjectId = id(&object)?;
    let (new, status) = host.uploads.begin(&party.signing_key, &party.quota, &object, body).await?;
    let code = if new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((code, Json(ObjectView::new(&object, status))))
}

/// Upload the next part of a body
///
/// 1 byte to 8 MiB, in order. The last part may be answered with `storing`; follow the status then.
#[utoipa::path(put, path = "/v1/objects/{id}/body", tag = "objects", request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    params(("id" = String, Path, description = "The object's id"), ("offset" = u64, Query, description = "Bytes received so far")),
    responses((status = 200, body = ObjectView), (status = "default", body = Problem)))]
pub(super) async fn put_body(
    State(host): State<Arc<Host>>,
    Extension(Caller(party)): Extension<Caller>,
    Path(object): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Json<ObjectView>, Refusal> {
    let object: ObjectId = id(&object)?;
    let offset = number(query.as_deref(), "offset")?;
    let offset = offset.ok_or_else(|| Refusal::Form { expected: "an offset in the query".into() })?;
    let status = host.uploads.part(&party.signing_key, &object, offset, body).await?;
    Ok(Json(ObjectView::new(&object, status)))
}

/// How far an object is
#[utoipa::path(get, path = "/v1/objects/{id}/status", tag = "objects",
    params(("id" = String, Path, description = "The object's id")),
    responses((status = 200, body = ObjectView), (status = "default", body = Problem)))]
pub(super) async fn object_status(
    State(host): State<Arc<Host>>,
    Path(object): Path<String>,
) -> Result<Json<ObjectView>, Refusal> {
    let object: ObjectId = id(&object)?;
    Ok(Json(ObjectView::new(&object, host.uploads.status(&object).await?)))
}

/// An object's manifest
#[utoipa::path(get, path = "/v1/objects/{id}/manifest", tag = "objects",
    params(("id" = String, Path, description = "The object's id")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "default", body = Problem)))]
pub(super) async fn manifest(State(host): State<Arc<Host>>, Path(object): Path<String>) -> Result<Response, Refusal> {
    let object: ObjectId = id(&object)?;
    let _ = stored_length(&host, &object).await?;
    // As it comes: anybody may ask, so none of it waits in memory for one that reads slowly.
    let (length, stream) = host.store.manifest_stream(&object).await?;
    let headers = [(CONTENT_TYPE, BYTES), (CONTENT_LENGTH, HeaderValue::from(length))];
    Ok((headers, Body::from_stream(stream)).into_response())
}

/// An object's body
///
/// One `Range` of bytes is honoured.
#[utoipa::path(get, path = "/v1/objects/{id}/body", tag = "objects",
    params(("id" = String, Path, description = "The object's id"), ("Range" = Option<String>, Header, description = "One range of bytes")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 206, description = "The range"), (status = "default", body = Problem)))]
pub(super) async fn body(
    State(host): State<Arc<Host>>,
    Path(object): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let object: ObjectId = id(&object)?;
    let length = stored_length(&host, &object).await?;
    let asked = headers.get(RANGE).and_then(|value| value.to_str().ok());
    let wanted = asked.map_or(Ok(0..length), |asked| range(asked, length))?;
    let stream = host.store.body_stream(&object, wanted.clone()).await?;
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    drop(headers.insert(CONTENT_TYPE, BYTES));
    drop(headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes")));
    drop(headers.insert(CONTENT_LENGTH, HeaderValue::from(wanted.end.saturating_sub(wanted.start))));
    if asked.is_some() {
        let text = format!("bytes {}-{}/{length}", wanted.start, wanted.end.saturating_sub(1));
        if let Ok(value) = HeaderValue::from_str(&text) {
            drop(headers.insert(CONTENT_RANGE, value));
        }
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

async fn stored_length(host: &Host, object: &ObjectId) -> Result<u64, Refusal> {
    let status = host.uploads.status(object).await?;
    match status.state {
        UploadState::Stored => Ok(status.length),
        UploadState::Partial | UploadState::Storing => {
            Err(Refusal::ObjectPartial { received: status.received, length: status.length })
        }
    }
}
