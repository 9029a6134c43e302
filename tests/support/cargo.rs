//! Cargo, asked by tests about this workspace.

use std::process::Command;

/// What `cargo` with these arguments writes to stdout. It must succeed.
pub(crate) fn cargo(arguments: &[&str]) -> String {
    // The Cargo that runs this test, or the one on the path where a person runs the binary.
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`cargo {}` failed:\n{errors}", arguments.join(" "));
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}
