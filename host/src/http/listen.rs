//! Connections: how many, how slow they may be, and how they end.
//!
//! What always holds: at most so many connections at once, and so many of one address; a client that sends no headers,
//! greets slowly in TLS, or does not take its answers, is dropped; at shutdown open requests are finished, for a while.

use super::addresses::Addresses;
use super::patient::Patient;
use crate::config::Limits;
use axum::Router;
use core::net::SocketAddr;
use core::time::Duration;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

/// Bytes of headers of a request.
const HEADERS_LIMIT: usize = 32 << 10;
/// A pause where the system has no descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

/// What serves connections.
pub(crate) struct Listener {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) router: Router,
    pub(crate) limits: Limits,
}

impl Listener {
    /// Serves until `shutdown`, then finishes what is open.
    pub(crate) async fn serve(self, shutdown: impl Future<Output = ()>) {
        let Self { listener, tls, router, limits } = self;
        let connections = Arc::new(Semaphore::new(limits.connections));
        let addresses = Addresses::new(limits.connections_per_address);
        let graceful = GracefulShutdown::new();
        let mut builder = http1::Builder::new();
        let _ = builder
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(limits.header_timeout_s))
            .max_buf_size(HEADERS_LIMIT);
        tokio::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = accept(&listener, &connections) => accepted,
            };
            let (stream, address, permit) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection is not accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            // One too many is closed at once: waiting would keep others waiting too.
            let Some(place) = addresses.enter(address.ip()) else {
                tracing::debug!(%address, "a connection too many of one address");
                continue;
            };
            let stream = Patient::new(stream, Duration::from_secs(limits.write_timeout_s));
            let serve = Connection { builder: builder.clone(), router: router.clone(), watcher: graceful.watcher() };
            let (tls, patience) = (tls.clone(), Duration::from_secs(limits.header_timeout_s));
            drop(tokio::spawn(async move {
                // Left in this order: first the address's place, then the host's.
                let _permit = permit;
                let _place = place;
                match tls {
                    None => serve.run(stream).await,
                    Some(tls) => match tokio::time::timeout(patience, tls.accept(stream)).await {
                        Ok(Ok(stream)) => serve.run(stream).await,
                        Ok(Err(error)) => tracing::debug!(%error, "TLS"),
                        Err(_) => tracing::debug!("TLS: too slow"),
                    },
                }
            }));
        }
        drop(listener);
        if tokio::time::timeout(Duration::from_secs(limits.shutdown_s), graceful.shutdown()).await.is_err() {
            tracing::warn!("connections were still open at the end");
        }
    }
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, address, permit))
}

struct Connection {
    builder: http1::Builder,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
}

impl Connection {
    async fn run(self, stream: impl AsyncRead + AsyncWrite + Unpin + 'static) {
        let service = TowerToHyperService::new(self.router);
        let connection = self.builder.serve_connection(TokioIo::new(stream), service);
        if let Err(error) = self.watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended");
        }
    }
}
