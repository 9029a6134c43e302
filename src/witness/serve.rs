//! A witness over HTTP, as C2SP tlog-witness says: `add-checkpoint` and the monitoring read, under one prefix.
//!
//! What always holds: an answer is sent when what it says is on disk.

use super::{Witness, WitnessError};
use crate::now;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use core::time::Duration;
use sealroom_protocol::log::{ADD_CHECKPOINT_LIMIT, WitnessRefusal};
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;

/// How long a body may take.
const BODY_PATIENCE: Duration = Duration::from_secs(20);
const TEXT: &str = "text/plain; charset=utf-8";

/// Serves a witness until `shutdown`, then finishes what is open. Without TLS: put it behind what has some where it is
/// reached from outside; nothing rests on it.
///
/// # Errors
/// What the operating system says of the listener.
pub async fn serve_witness(
    witness: Witness,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{hash}/checkpoint", get(checkpoint))
        .with_state(Arc::new(witness));
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Body) -> Response {
    let body = tokio::time::timeout(BODY_PATIENCE, to_bytes(body, ADD_CHECKPOINT_LIMIT)).await;
    let Ok(Ok(body)) = body else {
        let expected = format!("expected a body of at most {ADD_CHECKPOINT_LIMIT} bytes within 20 seconds\n");
        return text(StatusCode::BAD_REQUEST, expected);
    };
    // It waits for the disk.
    let answer = tokio::task::spawn_blocking(move || witness.add_checkpoint(&body, now())).await;
    match answer {
        Ok(Ok(line)) => text(StatusCode::OK, format!("{line}\n")),
        Ok(Err(error)) => refused(&error),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "this witness failed; nothing was cosigned\n".into()),
    }
}

async fn checkpoint(State(witness): State<Arc<Witness>>, Path(hash): Path<String>) -> Response {
    let answer = tokio::task::spawn_blocking(move || witness.checkpoint(&hash)).await;
    match answer {
        Ok(Ok(Some(checkpoint))) => text(StatusCode::OK, checkpoint.encode()),
        Ok(Ok(None)) => text(StatusCode::NOT_FOUND, "no checkpoint of such a log was cosigned here\n".into()),
        Ok(Err(error)) => refused(&error),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "this witness failed\n".into()),
    }
}

fn refused(error: &WitnessError) -> Response {
    match error {
        WitnessError::Refused(WitnessRefusal::Conflict { latest, .. }) => {
            (StatusCode::CONFLICT, [(CONTENT_TYPE, "text/x.tlog.size")], format!("{latest}\n")).into_response()
        }
        WitnessError::Refused(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            text(status, format!("{refusal}\n"))
        }
        // What its own disk says is for its operator alone.
        _ => {
            text(StatusCode::INTERNAL_SERVER_ERROR, "this witness cannot use its memory; nothing was cosigned\n".into())
        }
    }
}

fn text(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, TEXT)], body).into_response()
}
