//! The page, built in the one place that builds it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::not_run::not_run;

const TARGET: &str = "wasm32-unknown-unknown";

/// The line of the page that the Verifier is in, before and after it.
const VERIFIER: (&str, &str) = ("<script id=\"verifier\" type=\"application/wasm\">", "</script>");

/// The page that needs nothing else; `None` after saying by name that the test did not run.
pub(crate) fn page(test: &str) -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| library_of_the_target().then(build));
    if built.is_none() {
        not_run(test, &format!("`rustup target add {TARGET}` brings the target"));
    }
    built.as_deref()
}

fn library_of_the_target() -> bool {
    let output = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output().unwrap();
    Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
}

fn build() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("build");
    let output = Command::new(script).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "attestation/page/build failed");
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}

/// The page as its source has it, without a Verifier.
pub(crate) fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/verify.html")
}

/// What stands in the line that is there for the Verifier.
pub(crate) fn verifier_in(page: &str) -> &str {
    let (_, rest) = page.split_once(VERIFIER.0).expect("the page has a line for the Verifier");
    rest.split_once(VERIFIER.1).expect("the line ends").0
}
