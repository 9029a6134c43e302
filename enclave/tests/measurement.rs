//! The measurement is a fact about the source: whoever builds it, wherever it lies and whatever their environment says,
//! gets equal bytes.

#![expect(clippy::unwrap_used, reason = "a panic is the failure report of a test")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The repository that this test is in.
fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Runs a command to its end and returns what it wrote to stdout.
fn run(command: &mut Command) -> String {
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{command:?} ended with {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// The image's path, which `enclave/build` says on its last line.
fn built_by(command: &mut Command) -> PathBuf {
    run(command).lines().last().unwrap().into()
}

/// Copies what belongs to the source: files that git tracks, and new ones that it would not ignore.
fn copy_source(to: &Path) {
    let list = run(Command::new("git").current_dir(repository()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]));
    for name in list.split('\0').filter(|name| !name.is_empty()) {
        let (source, copy) = (repository().join(name), to.join(name));
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        // A file that git knows may have been removed and not yet committed.
        if source.is_file() {
            fs::copy(source, copy).unwrap();
        }
    }
}

/// Another path to the same downloaded crates, so that the path of cargo's folder is another one too.
fn second_cargo_home(at: &Path) {
    let home = std::env::var_os("CARGO_HOME")
        .map_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".cargo"), PathBuf::from);
    fs::create_dir_all(at).unwrap();
    for entry in fs::read_dir(home).unwrap() {
        let entry = entry.unwrap();
        symlink(entry.path(), at.join(entry.file_name())).unwrap();
    }
}

#[test]
fn the_image_is_built_to_equal_bytes_from_two_places() {
    let here = built_by(Command::new(repository().join("enclave/build")).arg("image"));

    let elsewhere = std::env::temp_dir().join(format!("sealroom measurement {}", std::process::id()));
    let (source, cargo_home) = (elsewhere.join("another place"), elsewhere.join("cargo home"));
    copy_source(&source);
    second_cargo_home(&cargo_home);
    let there = built_by(
        Command::new(source.join("enclave/build"))
            .arg("image")
            .current_dir("/")
            .env_remove("SEALROOM_ENCLAVE_TARGET_DIR")
            .env("CARGO_HOME", &cargo_home)
            // What a caller's environment could do to a build that listened to it.
            .env("RUSTFLAGS", "-Copt-level=1 -Cdebuginfo=2")
            .env("CFLAGS", "-O0 -g")
            .env("CARGO_PROFILE_MEASURED_OPT_LEVEL", "1")
            .env("CARGO_BUILD_TARGET_DIR", elsewhere.join("unused"))
            .env("SOURCE_DATE_EPOCH", "1700000000")
            .env("TZ", "Asia/Tokyo"),
    );
    assert!(there.starts_with(&source), "{} was built by the copy", there.display());
    let [here, there] = [here, there].map(|image| fs::read(image).unwrap());
    assert_eq!(here.len(), there.len());
    let difference = here.iter().zip(&there).position(|(one, other)| one != other);
    assert_eq!(difference, None, "first byte that differs");

    // Nothing of this machine is in it.
    for path in [repository(), &elsewhere, Path::new(&std::env::var_os("HOME").unwrap())] {
        let path = path.as_os_str().as_encoded_bytes();
        assert!(
            path.len() < 2 || !here.windows(path.len()).any(|window| window == path),
            "the image contains a path of this machine"
        );
    }
    fs::remove_dir_all(&elsewhere).unwrap();
}

#[test]
fn a_build_that_cannot_be_done_says_why() {
    let fails = |arguments: &[&str], variable: (&str, &str)| {
        let output = Command::new(repository().join("enclave/build"))
            .args(arguments)
            .env(variable.0, variable.1)
            .output()
            .unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    let log = fails(&["everything"], ("LANG", "C"));
    assert!(log.contains("usage: enclave/build [image]"), "{log}");
    let log = fails(&["image"], ("CARGO", "/no/such/cargo"));
    assert!(log.contains("cargo was not found"), "{log}");
    let log = fails(&["image"], ("SEALROOM_ENCLAVE_TARGET_DIR", "relative"));
    assert!(log.contains("must be an absolute path, not relative"), "{log}");
}
