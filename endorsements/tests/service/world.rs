//! What the tests share: a clock that is set, settings that point to the local service, a few needed items.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sealroom_attestation::Needed;
use sealroom_attestation::snp::{Product, SigningKey};
use sealroom_endorsements::{Clock, Endorsement, FetchError, Settings, Source, Wait};
use tempfile::TempDir;

use crate::made::NOW;
use crate::server::{Asked, Reply, Server};

/// A clock that stands still but for the waits, which take no time.
#[derive(Debug)]
pub(crate) struct TestClock {
    now: AtomicU64,
    waits: Mutex<Vec<Duration>>,
}

impl TestClock {
    pub(crate) fn at(now: u64) -> Arc<Self> {
        Arc::new(Self { now: AtomicU64::new(now), waits: Mutex::default() })
    }

    pub(crate) fn set(&self, now: u64) {
        self.now.store(now, Ordering::SeqCst);
    }

    /// Every wait so far.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

impl Clock for TestClock {
    fn now(&self) -> u64 {
        self.now.load(Ordering::SeqCst)
    }

    fn wait(&self, duration: Duration) -> Wait {
        self.waits.lock().unwrap().push(duration);
        self.now.fetch_add(duration.as_secs(), Ordering::SeqCst);
        Box::pin(core::future::ready(()))
    }
}

/// A source, its service, clock and folder.
pub(crate) struct World {
    pub(crate) source: Source,
    pub(crate) server: Server,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) folder: TempDir,
}

/// Settings whose services are all this one.
pub(crate) fn settings(server: &Server, folder: &Path) -> Settings {
    let mut settings = Settings::new(folder.to_owned());
    settings.amd.address = server.url();
    settings.intel.address = server.url();
    settings.intel_root_revocation_list = format!("{}/root.der", server.url());
    settings
}

impl World {
    pub(crate) async fn new(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(|_| {}, reply).await
    }

    pub(crate) async fn with(
        change: impl FnOnce(&mut Settings),
        reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let server = Server::start(reply).await;
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(&server, folder.path());
        change(&mut settings);
        let clock = TestClock::at(NOW);
        let source = Source::with_clock(settings, clock.clone()).unwrap();
        Self { source, server, clock, folder }
    }

    /// Where the list of [`list`] is asked for.
    pub(crate) fn list_address(&self) -> String {
        format!("{}/vcek/v1/Milan/crl", self.server.url())
    }

    pub(crate) async fn fetch(&self, needed: Needed) -> Result<Endorsement, FetchError> {
        only(self.source.fetch(&[needed]).await)
    }

    pub(crate) async fn cached(&self, needed: Needed) -> Result<Endorsement, FetchError> {
        only(self.source.cached(&[needed]).await)
    }

    /// The files in the cache with content.
    pub(crate) fn contents(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.folder.path().join("files")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

pub(crate) fn only(outcomes: Vec<(Needed, Result<Endorsement, FetchError>)>) -> Result<Endorsement, FetchError> {
    let [(_, outcome)] = <[_; 1]>::try_from(outcomes).expect("one outcome for one item");
    outcome
}

/// The revocation list of AMD's root for Milan.
pub(crate) fn list() -> Needed {
    Needed::AmdRevocationList { product: Some(Product::Milan), signing_key: SigningKey::Vcek }
}

pub(crate) fn vcek(product: Option<Product>) -> Needed {
    Needed::AmdVcek { product, chip_id: [0xab; 64], reported_tcb: [3, 0, 0, 0, 0, 0, 8, 115] }
}

/// The path that a VCEK of [`vcek`] is asked for under.
pub(crate) fn vcek_path(line: &str) -> String {
    format!("/vcek/v1/{line}/{}?blSPL=03&teeSPL=00&snpSPL=08&ucodeSPL=115", "ab".repeat(64))
}
