//! The host as one value: [`serve`] starts it, [`Serving`] waits for its end.
//!
//! What always holds: when [`Serving::stopped`] returns, no enclave of this host runs any more and every receipt that
//! one gave is stored.

use crate::config::Config;
use crate::host::Host;
use crate::http::{Listener, TlsError, acceptor, router};
use crate::log::{PACE, ask_witnesses};
use crate::store::StoreError;
use core::net::SocketAddr;
use core::time::Duration;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// How often unfinished uploads are looked at.
const SWEEP: Duration = Duration::from_secs(600);

/// A host that is up.
#[derive(Debug)]
pub struct Serving {
    local_addr: SocketAddr,
    task: JoinHandle<()>,
}

/// Why a host does not start, or did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Store or state folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Certificate or key.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The host's task ended early: a defect.
    #[error("the host ended early; please report this")]
    Task,
}

/// Starts a host: opens store and state, listens, and serves until `shutdown` is ready. Needs a tokio runtime with time
/// and I/O.
///
/// # Errors
/// [`ServeError`] saying what cannot be used.
pub async fn serve(config: Config, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<Serving, ServeError> {
    let tls = config.tls.as_ref().map(acceptor).transpose()?;
    let failed = |source| ServeError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
    let local_addr = listener.local_addr().map_err(failed)?;
    let authorities = config.authorities(local_addr);
    let host = Arc::new(Host::open(config, authorities).await?);
    tracing::info!(%local_addr, "listening");
    Ok(begin(host, (listener, local_addr), tls, shutdown))
}

/// Serves a host that is open.
pub(crate) fn begin(
    host: Arc<Host>,
    (listener, local_addr): (TcpListener, SocketAddr),
    tls: Option<TlsAcceptor>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Serving {
    let limits = *host.limits();
    let listener = Listener { listener, tls, router: router(Arc::clone(&host)), limits };
    let task = tokio::spawn(async move {
        let sweeping = tokio::spawn(sweep(Arc::clone(&host)));
        let asking = tokio::spawn(ask_witnesses(Arc::clone(&host), PACE));
        let stopping = Arc::clone(&host);
        listener
            .serve(async move {
                shutdown.await;
                tracing::info!("shutting down");
                stopping.begin_shutdown();
            })
            .await;
        host.rooms_ended().await;
        sweeping.abort();
        asking.abort();
        tracing::info!("stopped");
    });
    Serving { local_addr, task }
}

async fn sweep(host: Arc<Host>) {
    let mut interval = tokio::time::interval(SWEEP);
    loop {
        let _ = interval.tick().await;
        host.uploads.drop_idle().await;
    }
}

impl Serving {
    /// Where it listens, also when the system chose the port.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Waits until the host has shut down.
    ///
    /// # Errors
    /// [`ServeError::Task`] if it ended by a defect.
    pub async fn stopped(self) -> Result<(), ServeError> {
        self.task.await.map_err(|_| ServeError::Task)
    }
}

/// Ready when the process is asked to end (SIGINT or SIGTERM): the `shutdown` of a program.
///
/// # Errors
/// The system's, when signals cannot be waited for.
pub fn termination() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
