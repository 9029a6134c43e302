//! The HTTP API: routes, and the OpenAPI document made from the same routes. `docs/http-api.md`.
//!
//! What always holds: nothing but a GET reaches a handler without a valid signature, because one layer around all routes
//! sees to it; and every refusal has the one JSON shape.

mod addresses;
mod authorise;
mod bodies;
mod contracts;
mod listen;
mod logs;
mod objects;
mod parse;
mod patient;
mod problem;
mod rate;
mod replay;
mod rooms;
mod settle;
#[cfg(test)]
mod tests;
mod tls;
mod views;

pub(crate) use bodies::Bodies;
pub(crate) use listen::Listener;
pub(crate) use rate::Rates;
pub(crate) use replay::Nonces;
pub use tls::TlsError;
pub(crate) use tls::acceptor;

use crate::host::Host;
use crate::refusal::Refusal;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use std::time::Instant;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(info(
    title = "Sealroom host",
    description = "What an untrusted Sealroom host offers. Every request that is not a GET is signed (RFC 9421): docs/http-api.md says how."
))]
struct Api;

fn routes() -> (Router<Arc<Host>>, Document) {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(objects::put_manifest, objects::manifest))
        .routes(routes!(objects::put_body, objects::body))
        .routes(routes!(objects::object_status))
        .routes(routes!(rooms::open, rooms::list))
        .routes(routes!(rooms::status))
        .routes(routes!(rooms::contract))
        .routes(routes!(rooms::evidence))
        .routes(routes!(rooms::propose, rooms::proposal))
        .routes(routes!(settle::statement))
        .routes(routes!(settle::grant))
        .routes(routes!(settle::stop))
        .routes(routes!(settle::abandon))
        .routes(routes!(contracts::contract))
        .routes(routes!(contracts::receipts, contracts::bring_receipt))
        .routes(routes!(contracts::rooms))
        .routes(routes!(logs::log))
        .routes(routes!(logs::cosign))
        .routes(routes!(contracts::health))
        .split_for_parts()
}

/// The OpenAPI document, as it is served at `/openapi.json` and committed as `docs/openapi.json`.
///
/// # Panics
/// Never: the document has string keys only.
#[must_use]
pub fn openapi_json() -> String {
    let mut text = serde_json::to_string_pretty(&routes().1).expect("the document has string keys only");
    text.push('\n');
    text
}

/// The service of a host.
pub(crate) fn router(host: Arc<Host>) -> Router {
    let document = openapi_json();
    let (router, _) = routes();
    router
        .route("/openapi.json", get(move || async move { ([(CONTENT_TYPE, "application/json")], document) }))
        .fallback(|| async { Refusal::Path })
        .method_not_allowed_fallback(|| async { Refusal::Method })
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(&host), authorise::authorise))
        .layer(from_fn(log))
        .with_state(host)
}

/// One line a request: never its query, headers or body.
async fn log(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let path: String = request.uri().path().chars().take(200).collect();
    let response = next.run(request).await.into_response();
    let status = response.status().as_u16();
    tracing::info!(%method, path, status, milliseconds = start.elapsed().as_millis(), "request");
    response
}
