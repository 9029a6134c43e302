//! `docs/appraisal-checks.md` is made from the checks themselves. `SEALROOM_WRITE_DOCS=1 cargo test -p sealroom-attestation`
//! writes it.

use core::fmt::Write as _;
use std::path::Path;

use sealroom_attestation::{CheckDefinition, Platform, check_definitions};

const HEAD: &str = "\
# Checks of an appraisal

A verdict on a platform's Evidence holds every check of its list, each as *pass*, *warn* (it holds, because the policy accepts
what others would not), *fail*, *not-judged* (an earlier one failed) or *skipped* (the policy says why). Evidence is accepted
when none failed and none was left unjudged. Steps are entered in order: a check of a later step is judged only when every
check of the earlier steps holds.

This page is made from the code; a test fails where it differs.
";

fn write_check(page: &mut String, check: &CheckDefinition) {
    write!(
        page,
        "\n### `{}`\n\n{}\n\n- Step: {}. Speaks of: {}.\n- Without it: {}\n- What to do: {}.\n",
        check.id,
        check.meaning,
        check.step.as_str(),
        check.claim.as_str(),
        check.stops,
        check.hint
    )
    .unwrap();
}

fn page() -> String {
    let mut page = String::from(HEAD);
    page.push_str("\n## The list of each platform\n");
    for platform in Platform::ALL {
        let ids: Vec<_> = platform.checks().iter().map(|check| format!("`{}`", check.id)).collect();
        write!(page, "\n**{platform}** ({}): {}.\n", ids.len(), ids.join(", ")).unwrap();
    }
    let mut family = "";
    for check in check_definitions() {
        let prefix = check.id.split_once('.').unwrap().0;
        if prefix != family {
            family = prefix;
            write!(page, "\n## `{family}.`\n").unwrap();
            for check in check_definitions().filter(|check| check.id.starts_with(&format!("{family}."))) {
                write_check(&mut page, check);
            }
        }
    }
    page
}

#[test]
fn the_page_of_checks_says_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/appraisal-checks.md");
    let page = page();
    if std::env::var_os("SEALROOM_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/appraisal-checks.md differs: SEALROOM_WRITE_DOCS=1 cargo test -p sealroom-attestation writes it"
    );
}
