//! Format and lints as tests, so that nothing is checked in CI alone.

#[path = "support/cargo.rs"]
mod cargo;
#[path = "support/not_run.rs"]
mod not_run;

use cargo::cargo;
use not_run::not_run;
use std::process::Command;

#[test]
fn the_code_is_formatted() {
    if !has("fmt") {
        return not_run("the_code_is_formatted", "`rustup component add rustfmt` brings cargo fmt");
    }
    cargo(&["fmt", "--all", "--check"]);
}

#[test]
fn no_lint_is_broken() {
    // It compiles the workspace a second way, which takes minutes: not something to wait for at every `cargo test`.
    if std::env::var_os("SEALROOM_REQUIRE_ALL").is_none() || !has("clippy") {
        let missing =
            "`cargo clippy --workspace --all-targets -- -D warnings` runs it, and so does SEALROOM_REQUIRE_ALL=1";
        return not_run("no_lint_is_broken", missing);
    }
    cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"]);
    // Parts of the program are left out of this one, and others become unused.
    let alone =
        ["clippy", "--no-default-features", "--features", "verify", "--bin", "sealroom", "--test", "verifier_cli"];
    cargo(&[alone.as_slice(), &["--locked", "--quiet", "--", "-D", "warnings"]].concat());
}

fn has(subcommand: &str) -> bool {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Command::new(program).args([subcommand, "--version"]).output().is_ok_and(|output| output.status.success())
}
