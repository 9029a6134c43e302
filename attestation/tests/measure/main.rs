//! Launch measurements beside those of other implementations, and firmware and images that differ from a good one in one thing.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a test's failure report")]

mod firmware;
mod image;
mod launches;
mod signature;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The last page of a build of OVMF, which the package `sev` carries.
pub(crate) fn ovmf(name: &str) -> Vec<u8> {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    std::fs::read(FOLDER.get_or_init(|| package_folder("sev").join("tests/measurement")).join(name)).unwrap()
}

/// A file beside the tests.
pub(crate) fn beside(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/measure").join(name)).unwrap()
}

fn package_folder(package: &str) -> PathBuf {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let metadata = ["metadata", "--format-version", "1", "--manifest-path", manifest];
    let output = Command::new(env!("CARGO")).args(metadata).output().unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = metadata["packages"].as_array().unwrap().iter().find(|found| found["name"] == package).unwrap();
    Path::new(found["manifest_path"].as_str().unwrap()).parent().unwrap().to_path_buf()
}

/// The array of `N` bytes that 2 * `N` hexadecimal digits stand for.
pub(crate) fn from_hex<const N: usize>(digits: &str) -> [u8; N] {
    assert_eq!(digits.len(), 2 * N);
    core::array::from_fn(|index| u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).unwrap())
}
