//! `docs/appraisal-vectors.md` is made from the entries and from what their appraisals say. `SEALROOM_WRITE_DOCS=1 cargo test
//! -p sealroom-attestation --test recorded` writes it.

use core::fmt::Write as _;
use std::path::{Path, PathBuf};

use sealroom_attestation::{Evidence, Platform, Status};

use crate::entry::{self, Anchor, Asked, At, Case, Entry, Kind};
use crate::flipped::rows;
use crate::folder::folder;
use crate::kinds::{KINDS, Made, PLATFORMS};
use crate::run::{self, End};

const HEAD: &str = "\
# Recorded Evidence

What was recorded of real machines and published with other projects' tests, and how each of its files ends here. No file is
unlisted. Evidence is appraised under the strictest policy that it could pass (`Accept::pinning`), at the time named, and the
policy is loosened only as the table says. Where each file comes from is said in `SOURCES.tsv` beside the files.

*Skipped* counts the checks that the policy leaves out with a reason: what the Evidence does not say, or what was not recorded.

This page is made by the tests; one of them fails where it differs.
";

/// Seconds since 1970 as a date, of the Gregorian calendar.
fn date(seconds: u64) -> String {
    let days = i64::try_from(seconds / 86_400).unwrap();
    // Days from 0000-03-01, in eras of 400 years.
    let day = days + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (of_month, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    format!("{:04}-{month:02}-{of_month:02}", year + era * 400 + i64::from(month <= 2))
}

fn time(at: At, now: u64) -> String {
    match at {
        At::Seconds(seconds) => date(seconds),
        At::AfterMade(seconds) => format!("{} ({seconds} s after it was made)", date(now)),
        At::Any => "any".to_owned(),
    }
}

fn anchor(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Vendor(name) => name,
        Anchor::Key(_, reason) => reason,
    }
}

fn ids(ids: &[&str]) -> String {
    if ids.is_empty() {
        return "none".to_owned();
    }
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}

fn case_row(page: &mut String, folder: &Path, entry: &Entry, case: &Case) {
    let appraisal = run::appraisal(folder, entry, case);
    let now = appraisal.now;
    let result = appraisal.run();
    let end = End::of(&result);
    let verdict = match &result {
        Ok(result) => result.verdict(),
        Err(rejection) => rejection.verdict(),
    };
    let count = |wanted: fn(&Status) -> bool| verdict.checks().iter().filter(|check| wanted(check.status())).count();
    let passed = count(|status| matches!(status, Status::Pass | Status::Warn));
    let skipped = count(|status| matches!(status, Status::Skipped { .. }));
    writeln!(
        page,
        "| {} | {} | {} | {} | {} | {passed} | {skipped} |",
        case.name,
        anchor(case.anchor),
        time(case.at, now),
        end.outcome.as_str(),
        ids(&end.failed),
    )
    .unwrap();
}

fn evidence(page: &mut String, folder: &Path) {
    page.push_str("\n## Evidence\n");
    for entry in entry::all() {
        let Kind::Evidence { cases, .. } = &entry.kind else { continue };
        let bytes = run::appraisal(folder, entry, &cases[0]).evidence;
        let platform = Evidence::sniff(&bytes).map_or("none", Platform::as_str);
        write!(page, "\n### `{}`\n\n{platform}.", entry.file).unwrap();
        for case in cases.iter().filter(|case| !case.loosened.is_empty()).take(1) {
            let reasons: Vec<_> = case.loosened.iter().map(|(_, reason)| *reason).collect();
            write!(page, " Loosened: {}.", reasons.join("; ")).unwrap();
        }
        match cases[0].challenge {
            Asked::AsRecorded => page.push_str(" Challenge: what it says itself."),
            Asked::Text(text) => write!(page, " Challenge: the text \"{text}\".").unwrap(),
            Asked::File(file) => write!(page, " Challenge: `{file}`.").unwrap(),
            Asked::Nothing(reason) => write!(page, " Challenge: none, {reason}.").unwrap(),
        }
        page.push_str("\n\n| appraised | trust anchor | time | outcome | failed checks | passed | skipped |\n");
        page.push_str("|---|---|---|---|---|---:|---:|\n");
        for case in *cases {
            case_row(page, folder, entry, case);
        }
    }
}

fn others(page: &mut String) {
    page.push_str("\n## What is no Evidence\n\n| file | what it is |\n|---|---|\n");
    for entry in entry::all() {
        let what = match &entry.kind {
            Kind::Evidence { .. } => continue,
            Kind::Endorsement { what, .. } => format!("Endorsement: {what}"),
            Kind::Root { built_in: Some(name) } => format!("root: `{name}`, as it is built in"),
            Kind::Root { built_in: None } => {
                "root: no maker's of a platform here; a policy may vouch for it in words".to_owned()
            }
            Kind::EventLog(log) => format!(
                "event log: {} events, replays to {} registers of {} named in the tests",
                log.events,
                log.registers.len(),
                log.algorithm.as_str()
            ),
            Kind::Other { why } => (*why).to_owned(),
        };
        writeln!(page, "| `{}` | {what} |", entry.file).unwrap();
    }
}

/// Platform by check: how many recorded appraisals passed it, failed it, left it out.
fn coverage(page: &mut String, folder: &Path) {
    page.push_str(
        "\n## Platform, check, vector\n\nHow many of the appraisals above passed, failed or skipped each check. Where a number is \
         missing, recorded Evidence says nothing of the check; the platform's own tests trip each one by a world of their own.\n",
    );
    let results: Vec<_> = entry::cases().map(|(entry, case)| run::appraise(folder, entry, case)).collect();
    for platform in Platform::ALL {
        let verdicts: Vec<_> = results
            .iter()
            .map(|result| match result {
                Ok(result) => result.verdict(),
                Err(rejection) => rejection.verdict(),
            })
            .filter(|verdict| verdict.platform() == Some(platform))
            .collect();
        if verdicts.is_empty() {
            continue;
        }
        write!(page, "\n### {platform}\n\n| check | passed | failed | skipped |\n|---|---:|---:|---:|\n").unwrap();
        for definition in platform.checks() {
            let statuses = || {
                let checks = verdicts.iter().flat_map(|verdict| verdict.checks());
                checks.filter(|check| check.id() == definition.id).map(|check| check.status())
            };
            let count = |wanted: fn(&Status) -> bool| match statuses().filter(|status| wanted(status)).count() {
                0 => String::new(),
                count => count.to_string(),
            };
            writeln!(
                page,
                "| `{}` | {} | {} | {} |",
                definition.id,
                count(|status| matches!(status, Status::Pass | Status::Warn)),
                count(|status| matches!(status, Status::Fail)),
                count(|status| matches!(status, Status::Skipped { .. })),
            )
            .unwrap();
        }
    }
}

/// What was changed in good Evidence, and where; then field by field which checks a flipped bit trips.
fn changes(page: &mut String) {
    page.push_str(
        "\n## Changes\n\nWhat is changed in Evidence that is good, one thing at a time, and the case or test of \
         `attestation/tests` that says exactly which checks fail for it. What a maker signed is signed again by a root of the \
         test's, where the maker's key would be needed.\n\n| change |",
    );
    PLATFORMS.iter().for_each(|platform| write!(page, " {platform} |").unwrap());
    page.push_str("\n|---|");
    page.push_str(&"---|".repeat(PLATFORMS.len()));
    for (kind, made) in &KINDS {
        write!(page, "\n| {kind} |").unwrap();
        for made in made {
            match made {
                Made::At(file, name) => write!(page, " \"{}\" in `{file}` |", name.replace('_', " ")).unwrap(),
                Made::None(why) => write!(page, " none: {why} |").unwrap(),
            }
        }
    }
    page.push_str(
        "\n\n## One bit of a field\n\nA bit of every field of accepted recorded Evidence is flipped; of certificates, of \
         their DER. Each flip fails exactly one of the sets of checks that stand in its row, and each set was seen.\n",
    );
    for platform in Platform::ALL {
        let rows: Vec<_> = rows().filter(|row| row.platforms.contains(&platform)).collect();
        if rows.is_empty() {
            continue;
        }
        write!(page, "\n### {platform}, by field\n\n| fields | fails | why |\n|---|---|---|\n").unwrap();
        for row in rows {
            let ends: Vec<_> = row.ends.iter().map(|end| ids(end)).collect();
            writeln!(page, "| {} | {} | {} |", row.fields.join(", "), ends.join("; or "), row.why).unwrap();
        }
    }
}

#[test]
fn the_page_of_vectors_says_what_the_appraisals_say() {
    let Some(folder) = folder("the_page_of_vectors_says_what_the_appraisals_say") else { return };
    let mut page = String::from(HEAD);
    evidence(&mut page, &folder);
    others(&mut page);
    coverage(&mut page, &folder);
    changes(&mut page);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/appraisal-vectors.md");
    if std::env::var_os("SEALROOM_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/appraisal-vectors.md differs: SEALROOM_WRITE_DOCS=1 cargo test -p sealroom-attestation --test recorded writes it"
    );
}

#[test]
fn dates_are_of_the_calendar() {
    for (seconds, expected) in [
        (0, "1970-01-01"),
        (951_782_400, "2000-02-29"),
        (1_685_577_600, "2023-06-01"),
        (1_772_323_200, "2026-03-01"),
        (1_798_675_200, "2026-12-31"),
    ] {
        assert_eq!(date(seconds), expected);
    }
}
