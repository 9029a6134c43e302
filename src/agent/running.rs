//! An agent at work: opened, run, stopped.
//!
//! What always holds: each contract has a thread of its own; a stop by a signal ends between two steps where there is time, and
//! at any point without harm, since every grant is on disk before it is sent.

use super::admit::{Ready, Served};
use super::decisions::{Decisions, token_in};
use super::desk::Shown;
use super::error::AgentError;
use super::page::{Page, serve};
use super::plan::{AgentPlan, Entry};
use super::site::Site;
use super::worker::Worker;
use crate::blocking::Host;
use crate::log::NoteKey;
use crate::memory::Memory;
use crate::witness::{Witness, serve_witness};
use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;
use sealroom_protocol::id::ContractId;
use sealroom_protocol::log::VerifierKey;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long looks that are under way may take once the agent is to stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// An agent that is ready to run: its memory is open.
pub struct Agent {
    site: Arc<Site>,
    contracts: Vec<(Served, Option<Ready>)>,
    witness: Option<(Witness, SocketAddr)>,
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").field("site", &self.site).finish_non_exhaustive()
    }
}

/// What the metrics say of one contract.
#[derive(Debug)]
pub(super) struct Counter<'a> {
    pub(super) contract: ContractId,
    pub(super) most: u64,
    pub(super) shown: &'a Shown,
}

impl Agent {
    /// Opens the party's memory and the agent's folder, and draws the page's token. `log` gets one line at a time, without data.
    /// A contract that cannot be used is shown and looked at again; it keeps no other from being served.
    ///
    /// To be called before the page's address is bound: who holds that address meanwhile learns no token that is good.
    ///
    /// # Errors
    /// [`AgentError::Memory`], also where another process has the memory open; [`AgentError::Io`] of the folder;
    /// [`AgentError::WitnessKey`], [`AgentError::Log`], [`AgentError::Witness`].
    pub fn open(plan: AgentPlan, log: impl Fn(&str) + Send + Sync + 'static) -> Result<Self, AgentError> {
        let AgentPlan { config, identity, contracts } = plan;
        // First the memory: while another agent has it, that one's token stays.
        let memory = Memory::open(&config.memory(), &identity.signing().public())?;
        let decisions = Decisions::open(&config.state).map_err(|(path, source)| AgentError::Io { path, source })?;
        let witness = match &config.witness {
            None => None,
            Some(named) => {
                let signer = NoteKey::load(&named.key)?.witness()?;
                let logs: Result<Vec<VerifierKey>, _> = named.logs.iter().map(|text| text.parse()).collect();
                Some((Witness::open(&named.state, signer, logs?)?, named.listen))
            }
        };
        let site = Arc::new(Site::new(identity, memory, decisions, Box::new(log)));
        let begin = |entry: Entry| {
            let served = Served::new(entry.settings);
            let ready = served.admit(&site, entry.planned);
            (served, ready)
        };
        let contracts = contracts.into_iter().map(begin).collect();
        Ok(Self { site, contracts, witness })
    }

    /// Serves contracts, page, metrics and witness until `shutdown`. Needs a tokio runtime with time and I/O.
    ///
    /// A look that is under way may end first; after ten seconds it is left. Nothing is lost by it: a grant is on disk before
    /// it is sent, and is sent again at the next start.
    ///
    /// # Errors
    /// [`AgentError::Io`] where the witness cannot listen, [`AgentError::Host`], [`AgentError::Thread`].
    pub async fn run(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), AgentError> {
        let Self { site, contracts, witness } = self;
        let of = |source| AgentError::Io { path: "the page's address".into(), source };
        let shown: Vec<Served> = contracts.iter().map(|(served, _)| served.clone()).collect();
        let page = Page::new(Arc::clone(&site), shown.clone(), listener.local_addr().map_err(of)?);
        let (stop, stopped) = watch::channel(false);
        let mut tasks = vec![tokio::spawn(serve(page, listener, until(stopped.clone())))];
        if let Some((witness, address)) = witness {
            let listener = TcpListener::bind(address).await;
            let listener = listener
                .map_err(|source| AgentError::Io { path: format!("the witness's address {address}").into(), source })?;
            tasks.push(tokio::spawn(serve_witness(witness, listener, until(stopped))));
        }
        let begin = |(place, (served, ready))| start(&site, place, served, ready);
        let threads = contracts.into_iter().enumerate().map(begin).collect::<Result<Vec<_>, _>>()?;
        shutdown.await;
        site.stop();
        shown.iter().for_each(|served| served.desk.wake());
        // Nobody listens where every task has ended.
        let _ = stop.send(true);
        let begun = Instant::now();
        while !threads.iter().all(JoinHandle::is_finished) && begun.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for task in tasks {
            // A connection that somebody holds open keeps nothing from ending.
            drop(tokio::time::timeout(Duration::from_secs(1), task).await);
        }
        Ok(())
    }
}

/// The token of the agent's page, for the person at its machine.
///
/// # Errors
/// [`AgentError::Io`]: there is none before the agent's first start, and none where others could read it.
pub fn agent_token(state: &Path) -> Result<String, AgentError> {
    token_in(state).map_err(|source| AgentError::Io { path: state.join("token"), source })
}

fn start(site: &Arc<Site>, place: usize, served: Served, ready: Option<Ready>) -> Result<JoinHandle<()>, AgentError> {
    let site = Arc::clone(site);
    let work = move || {
        // None where the agent stops before the contract can be used.
        let Some(Ready { planned, warning }) = ready.or_else(|| served.wait(&site)) else { return };
        // In its thread: it has a runtime of its own, which must not be another's.
        match Host::new(&planned.host) {
            Ok(host) => Worker::new(planned, &served, warning, host).work(&site),
            Err(error) => site.log(planned.signed.contract(), &format!("failed: {error}")),
        }
    };
    let name = format!("contract {}", place.saturating_add(1));
    std::thread::Builder::new().name(name).spawn(work).map_err(AgentError::Thread)
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // Who tells is there for as long as anything runs; an error is as good as being told.
    drop(stopped.wait_for(|stopped| *stopped).await);
}
