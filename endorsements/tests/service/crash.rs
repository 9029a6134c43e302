//! A writer that is killed at any moment leaves a cache that can be used.

use core::sync::atomic::{AtomicU64, Ordering};
use std::process::{Command, Stdio};
use std::sync::Arc;

use core::time::Duration;
use sealroom_endorsements::{Clock, Settings, Source, State, Wait};

use crate::made::{NOW, revocation_list};
use crate::server::{Server, ok};
use crate::world::{TestClock, list, only, settings};

const WRITER: &str = "SEALROOM_TEST_WRITER";
const THIS: &str = "crash::a_writer_killed_at_any_moment_leaves_a_usable_cache";
const ROUNDS: usize = 16;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_killed_at_any_moment_leaves_a_usable_cache() {
    if let Some(task) = std::env::var_os(WRITER) {
        return write_for_ever(task.to_str().unwrap()).await;
    }
    let lists = [revocation_list("ARK-Milan"), revocation_list("ARK-Milan")];
    let served = lists.clone();
    let server = Server::start(move |asked| ok(&served[asked.before % 2])).await;
    let folder = tempfile::tempdir().unwrap();
    for round in 0..ROUNDS {
        let before = server.asked().len();
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args([THIS, "--exact"])
            .env(WRITER, format!("{} {}", server.url(), folder.path().display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // A second request comes after the first answer was kept; each further one is at another point of the writing.
        while server.asked().len() < before + 2 + round {
            assert_eq!(writer.try_wait().unwrap(), None, "the writer goes on until it is killed");
            tokio::task::yield_now().await;
        }
        writer.kill().unwrap();
        writer.wait().unwrap();

        let source = Source::with_clock(settings(&server, folder.path()), TestClock::at(NOW)).unwrap();
        let kept = only(source.cached(&[list()]).await).unwrap().into_files();
        assert!(lists.iter().any(|list| kept == [list.clone()]), "round {round}");
        let states: Vec<_> = source.show().await.unwrap().into_iter().map(|shown| shown.state).collect();
        assert_eq!(states, [State::Usable], "round {round}");
    }
}

/// Fetches and keeps again and again: each reading of its clock is a second later than the one before.
async fn write_for_ever(task: &str) {
    let (address, folder) = task.split_once(' ').unwrap();
    let mut settings = Settings::new(folder.into());
    settings.amd.address = address.into();
    settings.intel.address = address.into();
    settings.intel_root_revocation_list = address.into();
    settings.maximum_age = Some(Duration::ZERO);
    let source = Source::with_clock(settings, Arc::new(Ticking(AtomicU64::new(NOW)))).unwrap();
    loop {
        assert_eq!(only(source.fetch(&[list()]).await).unwrap().not_kept(), None);
    }
}

#[derive(Debug)]
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }

    fn wait(&self, _: Duration) -> Wait {
        Box::pin(core::future::ready(()))
    }
}
