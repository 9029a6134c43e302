//! Refusals as HTTP answers: one JSON shape for all of them.

use crate::refusal::Refusal;
use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// The check's stable id.
    check: String,
    /// What happened, with what was expected and found.
    message: String,
    /// What to do.
    hint: String,
    /// The host's clock in Unix seconds.
    now: u64,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let problem = Problem {
            check: self.check().into(),
            message: self.to_string(),
            hint: self.hint().into(),
            now: crate::room::now(),
        };
        tracing::debug!(check = %problem.check, "refused");
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        drop(headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json")));
        if let Self::Quota { retry_after, .. } = self {
            drop(headers.insert(RETRY_AFTER, HeaderValue::from(retry_after)));
        }
        response
    }
}
