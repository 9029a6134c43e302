//! `docs/checks.md` is made from the checks themselves. `SEALROOM_WRITE_DOCS=1 cargo test -p sealroom-attestation` writes it.

use core::fmt::Write as _;
use std::path::Path;

use sealroom_attestation::check_definitions;

const HEAD: &str = "\
# Checks

Every check of an appraisal, in its order. A verdict holds all of them, each as *pass*, *fail*, *not-judged* (an earlier
one failed) or *skipped* (the policy says why). Evidence is accepted when none failed and none was left unjudged. Steps are
entered in order: a check of a later step is judged only when every check of the earlier steps holds.

This page is made from the code; a test fails where it differs.
";

fn page() -> String {
    let mut page = String::from(HEAD);
    let mut step = None;
    for check in check_definitions() {
        if step != Some(check.step) {
            step = Some(check.step);
            write!(page, "\n## Step: {}\n", check.step.as_str()).unwrap();
        }
        write!(
            page,
            "\n### `{}`\n\n{}\n\n- Without it: {}\n- What to do: {}.\n",
            check.id, check.meaning, check.stops, check.hint
        )
        .unwrap();
    }
    page
}

#[test]
fn the_page_of_checks_says_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/checks.md");
    let page = page();
    if std::env::var_os("SEALROOM_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/checks.md differs: SEALROOM_WRITE_DOCS=1 cargo test -p sealroom-attestation writes it"
    );
}
