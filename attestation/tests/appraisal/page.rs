//! `docs/appraisal-checks.md` is made from the checks themselves. `SEALROOM_WRITE_DOCS=1 cargo test -p sealroom-attestation`
//! writes it.

use core::fmt::Write as _;
use std::path::Path;

use sealroom_attestation::{CheckDefinition, Platform, check_definition, check_definitions};

use crate::page_left_out::{LEFT_OUT, left_out};
use crate::seen::{SOURCES, Source, groups, left_out_and_made};

const HEAD: &str = "\
# Checks of an appraisal

A verdict on a platform's Evidence holds every check of its list, each as *pass*, *warn* (it holds, because the policy accepts
what others would not), *fail*, *not-judged* (an earlier one failed) or *skipped* (the policy says why). Evidence is accepted
when none failed and none was left unjudged. Steps are entered in order: a check of a later step is judged only when every
check of the earlier steps holds.

*Left out by* names well-known verifiers in whose sources the step was not found, or only a part of it, or only where somebody
switches it on. They were read in snapshots of mid-2026, each in the files that verify; what is not said of a verifier was found
in it, does not belong to it, or was not looked at. Numbers are of issues and pull requests in its own repository. Where a file
is named, it is the file at the commit that stands under [sources](#sources), and *Made by* names those that make the whole step.

How recorded Evidence ends here is in [appraisal-vectors.md](appraisal-vectors.md), and beside three other verifiers in
[appraisal-peers.md](appraisal-peers.md).

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
        check.hint,
    )
    .unwrap();
    match left_out_and_made(check.id) {
        Some((left_out, made)) => write!(page, "- Left out by: {left_out}\n- Made by: {made}.\n"),
        None => writeln!(page, "- Left out by: {}", left_out(check.id)),
    }
    .unwrap();
}

fn sources(page: &mut String) {
    page.push_str("\n## Sources\n\n| verifier | repository | commit | licence |\n|---|---|---|---|\n");
    for Source { name, repository, commit, licence } in SOURCES {
        writeln!(page, "| {name} | {repository} | `{commit}` | {licence} |").unwrap();
    }
}

fn page() -> String {
    let mut page = String::from(HEAD);
    page.push_str("\n## The list of each platform\n");
    for platform in Platform::ALL {
        let ids: Vec<_> = platform.checks().iter().map(|check| format!("`{}`", check.id)).collect();
        write!(page, "\n**{platform}** ({}): {}.\n", ids.len(), ids.join(", ")).unwrap();
    }
    let family = |check: &CheckDefinition| check.id.split_once('.').unwrap().0;
    let mut families: Vec<&str> = Vec::new();
    for check in check_definitions() {
        if families.contains(&family(check)) {
            continue;
        }
        families.push(family(check));
        write!(page, "\n## `{}.`\n", family(check)).unwrap();
        for other in check_definitions().filter(|other| family(other) == family(check)) {
            write_check(&mut page, other);
        }
    }
    sources(&mut page);
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

#[test]
fn what_others_leave_out_is_said_of_checks_that_there_are_and_once() {
    let ids: Vec<_> = LEFT_OUT.iter().flat_map(|(ids, _)| *ids).chain(groups().flat_map(|(ids, _)| *ids)).collect();
    for (index, id) in ids.iter().enumerate() {
        assert!(check_definition(id).is_some(), "{id}");
        assert!(!ids[..index].contains(id), "{id} is there twice");
    }
}

#[test]
fn every_check_was_looked_for_in_the_sources_of_others() {
    for definition in check_definitions() {
        let known = left_out_and_made(definition.id).is_some() || left_out(definition.id) != "not looked at.";
        assert!(known, "{}", definition.id);
    }
}

#[test]
fn every_source_that_is_listed_was_read_for_something() {
    for source in SOURCES {
        let read = groups().flat_map(|(_, seen)| *seen).filter(|seen| core::ptr::eq(seen.source, source)).count();
        assert!(read > 0, "{}", source.name);
        assert!(
            source.commit.len() >= 7 && source.commit.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{}",
            source.name
        );
    }
}
