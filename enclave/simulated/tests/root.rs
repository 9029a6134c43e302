//! The state directory: one root whoever comes first, private keys private, damage refused.

#![expect(clippy::unwrap_used, reason = "a panic is the failure report of a test")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::SystemTime;

use sealroom_simulated_platform::{Error, Image, Root};

mod support;
use support::Scratch;

/// Two roots, made once for all tests of this file: it takes seconds.
static MADE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("roots");
    drop(fs::remove_dir_all(&folder));
    for name in ["one", "other"] {
        open(&folder.join(name)).unwrap();
    }
    folder
});

/// A copy of the state directory of one of them.
fn copy(name: &str, scratch: &Scratch) -> PathBuf {
    let copy = scratch.path(name);
    let output = Command::new("cp").arg("-a").args([&MADE.join(name), &copy]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    copy
}

fn open(state: &Path) -> Result<Root, Error> {
    Root::open(state, SystemTime::now())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn processes_that_start_at_once_agree_on_one_root() {
    let scratch = Scratch::new();
    let state = scratch.path("deep/state");
    let start = |_| {
        Command::new(env!("CARGO_BIN_EXE_sealroom-simulated-platform"))
            .args(["anchor", "--state"])
            .arg(&state)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..4).map(start).collect();
    let anchors: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap().stdout).collect();
    let root = open(&state).unwrap();
    for anchor in anchors {
        assert_eq!(String::from_utf8(anchor).unwrap(), format!("{}\n", root.anchor()));
    }
    assert!(root.anchor().starts_with("sha256:") && root.anchor().len() == 71);

    assert_eq!(mode(&state), 0o700);
    assert_eq!(mode(&state.join("root")), 0o700);
    for entry in fs::read_dir(state.join("root")).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    assert!(!state.join("root.unfinished").exists());
}

#[test]
fn a_root_that_others_could_have_read_or_changed_is_refused_until_repaired() {
    let scratch = Scratch::new();
    let state = copy("one", &scratch);
    let anchor = open(&state).unwrap().anchor();
    for (name, bad, good) in
        [("root/ark.key", 0o640, 0o600), ("root/vcek.key", 0o604, 0o600), ("root", 0o750, 0o700), ("", 0o720, 0o700)]
    {
        let path = state.join(name);
        fs::set_permissions(&path, Permissions::from_mode(bad)).unwrap();
        let error = open(&state).unwrap_err();
        assert!(
            matches!(&error, Error::Permissions { found, expected, .. } if (*found, *expected) == (bad, good)),
            "{name}: {error}"
        );
        fs::set_permissions(&path, Permissions::from_mode(good)).unwrap();
    }
    assert_eq!(open(&state).unwrap().anchor(), anchor);
}

#[test]
fn what_a_killed_process_left_is_not_a_root() {
    let scratch = Scratch::new();
    let state = scratch.path("state");
    fs::create_dir_all(state.join("root.unfinished")).unwrap();
    fs::set_permissions(&state, Permissions::from_mode(0o700)).unwrap();
    fs::write(state.join("root.unfinished/ark.key"), b"half a key").unwrap();
    let anchor = open(&state).unwrap().anchor();
    assert_eq!(open(&state).unwrap().anchor(), anchor);
    assert!(!state.join("root.unfinished").exists());
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let scratch = Scratch::new();
    let [one, other] = ["one", "other"].map(|name| copy(name, &scratch));
    let [first, second] = [&one, &other].map(|state| open(state).unwrap());
    assert_ne!(first.anchor(), second.anchor());
    for (name, expected) in [
        ("ark.der", "not the certificate of ark.key"),
        ("vcek.der", "not the certificate of vcek.key"),
        ("ark.key", "not the certificate of ark.key"),
    ] {
        let (path, foreign) = (one.join("root").join(name), other.join("root").join(name));
        let saved = fs::read(&path).unwrap();
        fs::copy(&foreign, &path).unwrap();
        let error = open(&one).unwrap_err();
        assert!(matches!(&error, Error::Damaged { what, .. } if *what == expected), "{name}: {error}");
        fs::write(&path, saved).unwrap();
    }
    let secret = one.join("root/sealing.secret");
    fs::write(&secret, [7; 47]).unwrap();
    assert!(matches!(open(&one), Err(Error::Damaged { what: "not 48 bytes", .. })));
    fs::write(&secret, vec![7; 17 << 10]).unwrap();
    assert!(matches!(open(&one), Err(Error::Damaged { what: "it is not a file of a root", .. })));
    fs::remove_file(&secret).unwrap();
    assert!(matches!(open(&one), Err(Error::State { action: "read", path, .. }) if path == secret));
}

#[test]
fn sealing_keys_differ_by_root_measurement_and_context_and_by_nothing_else() {
    let scratch = Scratch::new();
    let [first, second] = ["one", "other"].map(|name| open(&copy(name, &scratch)).unwrap());
    let [image, changed] = [b"image", b"imagf"].map(|bytes| {
        let path = scratch.path("image");
        fs::write(&path, bytes).unwrap();
        Image::measure(&path).unwrap()
    });
    let key = *first.sealing_key(&image, b"purpose");
    assert_eq!(*open(&scratch.path("one")).unwrap().sealing_key(&image, b"purpose"), key);
    assert_ne!(*second.sealing_key(&image, b"purpose"), key);
    assert_ne!(*first.sealing_key(&changed, b"purpose"), key);
    assert_ne!(*first.sealing_key(&image, b"purposf"), key);
    assert_ne!(*first.sealing_key(&image, b"purpose\0"), key);
}
