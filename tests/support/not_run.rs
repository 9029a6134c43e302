//! How a test that needs more than Rust and a C compiler says that it did not run.

use std::io::Write as _;

/// Says by name that a test did not run and what it lacks. Fails where nothing may be left out.
pub(crate) fn not_run(test: &str, missing: &str) {
    assert!(
        std::env::var_os("SEALROOM_REQUIRE_ALL").is_none(),
        "{test} did not run, and SEALROOM_REQUIRE_ALL forbids it: {missing}"
    );
    // Past the capture of the test harness, which hides what a passing test prints.
    drop(writeln!(std::io::stderr(), "NOT RUN {test}: {missing}"));
}
