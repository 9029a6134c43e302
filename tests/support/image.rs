//! The launcher and the measured image, built in the one place that builds them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Launcher and image. Builds them at the first call.
pub(crate) fn built() -> &'static (PathBuf, PathBuf) {
    static BUILT: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    BUILT.get_or_init(|| {
        let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("enclave/build");
        let output = Command::new(build).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "enclave/build failed");
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines = text.lines().rev();
        let image = PathBuf::from(lines.next().unwrap());
        (PathBuf::from(lines.next().unwrap()), image)
    })
}
