//! The agent's page, for the person at its machine, and its metrics: HTTP on a loopback address.
//!
//! What always holds: a request that names another host than this address gets nothing, so no name that was pointed here by
//! somebody else's DNS reaches it; all but the empty page needs the token, in a header that no other site's page can send;
//! the page runs exactly its own script and reaches nothing but this agent.

use super::admit::Served;
use super::listen::{self, BOUNDS};
use super::metrics;
use super::plan::Planned;
use super::running::Counter;
use super::site::Site;
use crate::{now, stop};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;
use sealroom_protocol::contract::time_text;
use sealroom_protocol::hash::sha256;
use sealroom_protocol::id::{ContractId, ProposalId};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
/// Largest body of a request, in bytes.
const BODY_LIMIT: usize = 8 << 10;
/// How long a body may take.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

/// What the page is made of.
#[derive(Debug)]
pub(super) struct Page {
    site: Arc<Site>,
    contracts: Vec<Served>,
    /// As a browser names this address.
    names: Vec<String>,
    html: String,
    policy: HeaderValue,
    started: u64,
}

/// What a person decides about a proposal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    contract: ContractId,
    proposal: ProposalId,
}

/// What a person stops, and why, for the others to read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StopWanted {
    contract: ContractId,
    #[serde(default)]
    reason: String,
}

/// Serves it until `shutdown`.
pub(super) async fn serve(
    page: Page,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new().fallback(answer).with_state(Arc::new(page));
    listen::serve(router, listener, BOUNDS, shutdown).await;
    Ok(())
}

impl Page {
    pub(super) fn new(site: Arc<Site>, contracts: Vec<Served>, address: SocketAddr) -> Self {
        let names = vec![address.to_string(), format!("localhost:{}", address.port())];
        let html = PAGE.replace("/*STYLE*/", STYLE).replace("/*SCRIPT*/", SCRIPT);
        Self { site, contracts, names, html, policy: policy(), started: now() }
    }

    /// A contract that is served, in the version that is in force.
    fn contract(&self, id: &ContractId) -> Option<(&Served, Arc<Planned>)> {
        let planned = self.contracts.iter().filter_map(|served| Some((served, served.planned()?)));
        planned.into_iter().find(|(_, planned)| planned.signed.contract().id() == *id)
    }

    /// Why a request is not answered at all.
    fn refused(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
        let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        if !header(HOST).is_some_and(|host| self.names.iter().any(|name| name.eq_ignore_ascii_case(host))) {
            let expected = format!("expected this agent's address as Host: {}\n", self.names.join(" or "));
            return Some(text(StatusCode::MISDIRECTED_REQUEST, expected));
        }
        let own =
            |origin: &str| origin.strip_prefix("http://").is_some_and(|name| self.names.iter().any(|own| own == name));
        if method != Method::GET && header(ORIGIN).is_some_and(|origin| !own(origin)) {
            return Some(text(StatusCode::FORBIDDEN, "expected a request of this agent's own page\n".into()));
        }
        if path == "/" {
            return None;
        }
        let given = header(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        if given.is_some_and(|given| self.site.decisions.token().is(given)) {
            return None;
        }
        let mut response =
            text(StatusCode::UNAUTHORIZED, "expected the agent's token: Authorization: Bearer TOKEN\n".into());
        drop(response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        Some(response)
    }

    fn state(&self) -> Value {
        let contract = |served: &Served| {
            let Some(planned) = served.planned() else { return unusable(served) };
            let (contract, settings) = (planned.signed.contract(), &planned.settings);
            let terms = contract.terms();
            let mut value = served.desk.shown().json();
            if let Value::Object(fields) = &mut value {
                fields.extend([
                    ("id".to_owned(), json!(contract.id())),
                    ("name".to_owned(), json!(terms.name)),
                    ("purpose".to_owned(), json!(terms.purpose)),
                    ("host".to_owned(), json!(settings.host)),
                    ("most".to_owned(), json!(planned.most())),
                    ("expires".to_owned(), json!(time_text(terms.expires))),
                    ("simulated".to_owned(), json!(terms.enclaves.iter().any(|enclave| enclave.simulated))),
                ]);
            }
            value
        };
        json!({
            "party": self.site.identity.name(),
            "now": now(),
            "contracts": self.contracts.iter().map(contract).collect::<Vec<_>>(),
        })
    }

    fn metrics(&self) -> String {
        let usable = self.contracts.iter().filter_map(|served| Some((served.planned()?, served.desk.shown())));
        let usable: Vec<_> = usable.collect();
        let counters: Vec<Counter<'_>> = usable
            .iter()
            .map(|(planned, shown)| Counter { contract: planned.signed.contract().id(), most: planned.most(), shown })
            .collect();
        let unusable = self.contracts.len().saturating_sub(counters.len());
        metrics::text(&counters, unusable, self.started, metrics::resident())
    }

    fn approve(&self, body: &[u8]) -> Response {
        let Ok(decision) = serde_json::from_slice::<Decision>(body) else { return malformed() };
        let served = self.contract(&decision.contract);
        let approved = served.is_some_and(|(served, _)| served.desk.approve(&decision.proposal));
        if approved { text(StatusCode::OK, "approved\n".into()) } else { gone() }
    }

    fn refuse(&self, body: &[u8]) -> Response {
        let Ok(decision) = serde_json::from_slice::<Decision>(body) else { return malformed() };
        let Some((served, _)) = self.contract(&decision.contract) else { return gone() };
        {
            // A grant that is being written is waited for: then nothing waits here any more.
            let _deciding = self.site.deciding();
            if !served.desk.has(&decision.proposal) {
                return gone();
            }
            // On disk first: a proposal that was refused is not shown again.
            if let Err(error) = self.site.decisions.refuse(&decision.proposal) {
                return failed(&error);
            }
            let _ = served.desk.take(&decision.proposal);
        }
        served.desk.wake();
        text(StatusCode::OK, "refused\n".into())
    }

    fn stop(&self, body: &[u8]) -> Response {
        let Ok(wanted) = serde_json::from_slice::<StopWanted>(body) else { return malformed() };
        let Some((served, planned)) = self.contract(&wanted.contract) else { return gone() };
        let contract = planned.signed.contract();
        let signed = match stop(contract, &self.site.identity, &wanted.reason, now()) {
            Ok(signed) => signed,
            Err(error) => return text(StatusCode::BAD_REQUEST, format!("{error}\n")),
        };
        // In the memory first: a grant that is being written is waited for, and none is written after it.
        if let Err(error) = self.site.memory.write_stop(contract, &signed) {
            return failed(&error);
        }
        {
            let mut shown = served.desk.shown();
            shown.standing = "stopped";
            shown.pending.clear();
        }
        self.site.log(contract, "stopped by a person");
        served.desk.wake();
        text(StatusCode::OK, "stopped\n".into())
    }
}

async fn answer(State(page): State<Arc<Page>>, request: Request) -> Response {
    let policy = page.policy.clone();
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let mut response = match page.refused(&head.method, &path, &head.headers) {
        Some(refused) => refused,
        None => route(page, &head.method, &path, body).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ] {
        drop(headers.insert(name, value));
    }
    response
}

async fn route(page: Arc<Page>, method: &Method, path: &str, body: Body) -> Response {
    if method == Method::GET {
        return match path {
            "/" => typed(StatusCode::OK, HTML, page.html.clone()),
            "/api/state" => typed(StatusCode::OK, JSON, page.state().to_string()),
            "/metrics" => typed(StatusCode::OK, metrics::CONTENT_TYPE, page.metrics()),
            _ => text(StatusCode::NOT_FOUND, "there is nothing here\n".into()),
        };
    }
    let act: fn(&Page, &[u8]) -> Response = match (method, path) {
        (&Method::POST, "/api/approve") => Page::approve,
        (&Method::POST, "/api/refuse") => Page::refuse,
        (&Method::POST, "/api/stop") => Page::stop,
        _ => return text(StatusCode::NOT_FOUND, "there is nothing here\n".into()),
    };
    let Ok(Ok(body)) = tokio::time::timeout(BODY_PATIENCE, to_bytes(body, BODY_LIMIT)).await else {
        return malformed();
    };
    // It waits for the disk.
    let acted = tokio::task::spawn_blocking(move || act(&page, &body)).await;
    acted.unwrap_or_else(|_| text(StatusCode::INTERNAL_SERVER_ERROR, "this agent failed; look again\n".into()))
}

/// A contract of the configuration that cannot be used, for the page.
fn unusable(served: &Served) -> Value {
    let shown = served.desk.shown();
    let settings = &served.settings;
    json!({
        "id": null,
        "file": settings.file.display().to_string(),
        "host": settings.host,
        "standing": shown.standing,
        "trouble": shown.trouble,
    })
}

/// Exactly this style and this script, which reach this agent alone.
fn policy() -> HeaderValue {
    let digest = |text: &str| format!("'sha256-{}'", STANDARD.encode(sha256(text.as_bytes())));
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
        digest(SCRIPT),
        digest(STYLE)
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

fn malformed() -> Response {
    text(StatusCode::BAD_REQUEST, "expected a contract's id, and a proposal's where one is decided, as JSON\n".into())
}

fn gone() -> Response {
    text(
        StatusCode::CONFLICT,
        "no such proposal waits here: it is over, or another one took its place; look again\n".into(),
    )
}

fn failed(error: &dyn fmt::Display) -> Response {
    text(StatusCode::INTERNAL_SERVER_ERROR, format!("it could not be written down, so it does not hold: {error}\n"))
}

fn text(status: StatusCode, body: String) -> Response {
    typed(status, TEXT, body)
}

fn typed(status: StatusCode, content_type: &'static str, body: String) -> Response {
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}
