//! A writer that is killed at any moment leaves a cache that can be used.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use core::time::Duration;
use sealroom_endorsements::{Clock, Settings, Source, State, Wait};

use crate::made::{NOW, revocation_list, revocation_list_of};
use crate::server::{Server, ok};
use crate::world::{TestClock, list, only, settings};

const WRITER: &str = "SEALROOM_TEST_WRITER";
const ROUNDS: usize = 16;
/// Of the file-size limit (Linux).
const SIGXFSZ: i32 = 25;

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
        let mut writer = writer(Command::new(std::env::current_exe().unwrap()), &server.url(), folder.path());
        // A second request comes after the first answer was kept; each further one is at another point of the writing.
        while server.asked().len() < before + 2 + round {
            assert_eq!(writer.try_wait().unwrap(), None, "the writer goes on until it is killed");
            tokio::task::yield_now().await;
        }
        // From waiting for the answer to well after it is kept.
        std::thread::sleep(Duration::from_micros(200) * u32::try_from(round).unwrap());
        writer.kill().unwrap();
        writer.wait().unwrap();

        let source = Source::with_clock(settings(&server, folder.path()), TestClock::at(NOW)).unwrap();
        let kept = only(source.cached(&[list()]).await).unwrap().into_files();
        assert!(lists.iter().any(|list| kept == [list.clone()]), "round {round}");
        let states: Vec<_> = source.show().await.unwrap().into_iter().map(|shown| shown.state).collect();
        assert_eq!(states, [State::Usable], "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_killed_in_the_middle_of_a_file_leaves_what_was_there() {
    // The limit on a file's size kills who exceeds it: in content that is there already, in new content, in an entry.
    let (long, other, short) = (made_with(400), made_with(400), made_with(0));
    let long_address = format!("/{}", "x".repeat(5000));
    for (list_before, list_then, address) in
        [(&long, &long, ""), (&long, &other, ""), (&short, &short, long_address.as_str())]
    {
        let served = [list_before.clone(), list_then.clone()];
        let asked = AtomicUsize::new(0);
        let server = Server::start(move |_| ok(&served[asked.fetch_add(1, Ordering::SeqCst)])).await;
        let folder = tempfile::tempdir().unwrap();
        let source = Source::with_clock(settings(&server, folder.path()), TestClock::at(NOW)).unwrap();
        only(source.fetch(&[list()]).await).unwrap();

        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -f 1; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
        let mut writer = writer(limited, &format!("{}{address}", server.url()), folder.path());
        let status = tokio::task::block_in_place(|| writer.wait().unwrap());
        assert_eq!(status.signal(), Some(SIGXFSZ), "{status}");
        assert_eq!(server.asked().len(), 2);

        assert_eq!(only(source.cached(&[list()]).await).unwrap().into_files(), core::slice::from_ref(list_before));
        let states: Vec<_> = source.show().await.unwrap().into_iter().map(|shown| shown.state).collect();
        assert_eq!(states, [State::Usable]);
    }
}

fn made_with(revoked: u64) -> Vec<u8> {
    revocation_list_of("ARK-Milan", revoked)
}

/// Starts this program again as a writer, by this command.
fn writer(mut command: Command, address: &str, folder: &Path) -> Child {
    command
        .args(["crash::a_writer_killed_at_any_moment_leaves_a_usable_cache", "--exact"])
        .env(WRITER, format!("{address} {}", folder.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
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
