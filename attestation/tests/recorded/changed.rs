//! Recorded Evidence that is accepted, with one thing changed: exactly the checks that must fail.

use std::path::Path;

use sealroom_attestation::{Endorsements, Evidence, Fingerprint, Outcome, TrustAnchor};

use crate::entry::{self, Asked, At, Case, Entry, JUNE_2025};
use crate::folder::folder;
use crate::run::{self, Appraisal, End};

/// Those that are accepted as they are.
pub(crate) fn accepted() -> impl Iterator<Item = (&'static Entry, &'static Case)> {
    entry::cases().filter(|(_, case)| matches!(case.outcome, Outcome::Accepted | Outcome::AcceptedWithWarnings))
}

/// The checks that fail, by a fresh look at what the case describes.
fn failed(folder: &Path, entry: &Entry, case: &Case, change: impl FnOnce(&mut Appraisal)) -> Vec<&'static str> {
    let mut appraisal = run::appraisal(folder, entry, case);
    change(&mut appraisal);
    End::of(&appraisal.run()).failed
}

#[test]
fn without_one_of_its_endorsements_it_is_undecided() {
    let Some(folder) = folder("without_one_of_its_endorsements_it_is_undecided") else { return };
    let mut left_out = 0;
    for (entry, case) in accepted() {
        for index in 0..case.endorsements.len() {
            let mut appraisal = run::appraisal(&folder, entry, case);
            appraisal.endorsements.remove(index);
            let end = End::of(&appraisal.run());
            let expected: &[_] = if entry.file.starts_with("tdx") || entry.file.starts_with("sgx") {
                &["common.endorsements", "common.revocation"]
            } else {
                &["common.endorsements"]
            };
            assert_eq!(
                (end.outcome, &end.failed[..]),
                (Outcome::Undecided, expected),
                "{} without {index}",
                entry.file
            );
            left_out += 1;
        }
    }
    assert!(left_out > 15, "{left_out}");
}

#[test]
fn before_and_after_its_certificates_are_valid_it_is_not_accepted() {
    let Some(folder) = folder("before_and_after_its_certificates_are_valid_it_is_not_accepted") else { return };
    for (entry, case) in accepted().filter(|(_, case)| !matches!(case.at, At::Any)) {
        // 2001 and 2099.
        for now in [1_000_000_000, 4_070_908_800] {
            // NVIDIA's certificates end in the year 9999 (RFC 5280 section 4.1.2.5: they have no end).
            if entry.file.starts_with("nvidia") && now > JUNE_2025 {
                continue;
            }
            let found = failed(&folder, entry, case, |appraisal| appraisal.now = now);
            let mut expected = vec!["common.time"];
            if entry.file.starts_with("tdx") || entry.file.starts_with("sgx") {
                expected.extend(["common.revocation", "dcap.collateral-time"]);
            }
            assert_eq!(found, expected, "{} at {now}", entry.file);
        }
    }
}

#[test]
fn under_a_simulated_root_it_is_not_authentic() {
    let Some(folder) = folder("under_a_simulated_root_it_is_not_authentic") else { return };
    for (entry, case) in accepted() {
        let mut appraisal = run::appraisal(&folder, entry, case);
        let other = TrustAnchor::new(Fingerprint::from_sha256([1; 32]), true).unwrap();
        *run::trust_anchor(appraisal.accept.as_mut().unwrap()) = other;
        let end = End::of(&appraisal.run());
        // AMD's root is brought or built in by its name; a simulated one is not there to be compared.
        let expected = match end.failed[..] {
            ["common.endorsements"] => Outcome::Undecided,
            ["common.trust-anchor"] => Outcome::NotAuthentic,
            _ => panic!("{}: {:?}", entry.file, end.failed),
        };
        assert_eq!(end.outcome, expected, "{}", entry.file);
    }
}

#[test]
fn to_another_challenge_it_is_no_answer() {
    let Some(folder) = folder("to_another_challenge_it_is_no_answer") else { return };
    let mut asked = 0;
    for (entry, case) in accepted() {
        let changes: [fn(&mut Vec<u8>); 4] = [
            |binding| binding[0] ^= 1,
            |binding| *binding.last_mut().unwrap() ^= 0x80,
            |binding| binding.push(0),
            |binding| *binding = vec![0x5a; 32],
        ];
        for change in changes {
            let found = failed(&folder, entry, case, |appraisal| {
                if matches!(case.challenge, Asked::Nothing(_)) {
                    appraisal.unasked = None;
                    appraisal.binding = vec![0x5a; 64];
                }
                change(&mut appraisal.binding);
            });
            assert_eq!(found, ["common.freshness"], "{}", entry.file);
            asked += 1;
        }
    }
    assert!(asked >= 4 * 14, "{asked}");
}

/// What tells one machine's Endorsements from another's: the first certificate, or Intel's whole answer.
fn leaf(appraisal: &Appraisal) -> Option<Vec<u8>> {
    let first = appraisal.endorsements.first()?;
    let decoded = Endorsements::decode(first).unwrap();
    let certificate = decoded.certificates().first().map(|certificate| certificate.der().to_vec());
    if decoded.tcb_infos().is_empty() { certificate } else { Some(first.clone()) }
}

/// Whose Endorsements instead of its own, and exactly what fails then. Of some of them the chips are the same: those are no pair.
type Swapped = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const VLEK: &[&str] = &["snp/trustee/test-vlek-report.bin"];
const MILAN: &[&str] = &["azure-vtpm/snp/hcl-report.bin", "snp/trustee/test-report.bin", "snp/virtee/report_milan.hex"];
const AZURE_GENOA: &[&str] = &["azure-vtpm/snp/evidence-genoa.json"];
/// Two machines: the first two are of one.
const AZURE_2025: &[&str] =
    &["azure-vtpm/snp/evidence-v0.json", "azure-vtpm/snp/evidence-v1.json", "azure-vtpm/snp/evidence-v2.json"];
const AZURE_2023: &[&str] = &["azure-vtpm/snp/quote.bin", "azure-vtpm/snp/tpm-quote-v1.json"];
const TDX: &[&str] = &["tdx/dcap-qvl/tdx_quote", "tdx/go-tdx-guest/quote_v5_sample.dat"];

const SWAPPED: &[Swapped] = &[
    // Another chip of the same line and level.
    (MILAN, MILAN, &["snp.signature", "snp.chip-id"]),
    (AZURE_2025, AZURE_2025, &["snp.signature", "snp.chip-id"]),
    // Of another level, too; of those of 2025, none was valid in 2023 yet.
    (AZURE_2025, AZURE_2023, &["snp.signature", "snp.firmware-certified", "snp.chip-id"]),
    (AZURE_2023, AZURE_2025, &["common.time", "snp.signature", "snp.firmware-certified", "snp.chip-id"]),
    // Another kind of key, which names no chip; the VLEK was not valid in 2023 yet.
    (MILAN, VLEK, &["common.time", "snp.leaf-kind", "snp.signature", "snp.firmware-certified"]),
    (VLEK, MILAN, &["snp.leaf-kind", "snp.signature", "snp.firmware-certified"]),
    // Another line: its root is not there or not the pinned one. Of those of 2023 the report does not name its line.
    (
        AZURE_GENOA,
        AZURE_2025,
        &["common.endorsements", "snp.signature", "snp.product", "snp.firmware-certified", "snp.chip-id"],
    ),
    (
        AZURE_2025,
        AZURE_GENOA,
        &["common.endorsements", "snp.signature", "snp.product", "snp.firmware-certified", "snp.chip-id"],
    ),
    (
        AZURE_GENOA,
        AZURE_2023,
        &["common.trust-anchor", "snp.signature", "snp.product", "snp.firmware-certified", "snp.chip-id"],
    ),
    (AZURE_2023, AZURE_GENOA, &["common.endorsements", "snp.signature", "snp.firmware-certified", "snp.chip-id"]),
    // Intel's are of a line of machines, and of a day.
    (TDX, TDX, &["common.revocation", "dcap.collateral-time", "dcap.fmspc"]),
];

#[test]
fn with_the_endorsements_of_another_machine_exactly_what_differs_fails() {
    let Some(folder) = folder("with_the_endorsements_of_another_machine_exactly_what_differs_fails") else { return };
    let mut swapped = 0;
    for (entry, case) in accepted() {
        let mine = run::appraisal(&folder, entry, case);
        let platform = Evidence::sniff(&mine.evidence);
        for (other_entry, other_case) in accepted() {
            let other = run::appraisal(&folder, other_entry, other_case);
            if Evidence::sniff(&other.evidence) != platform || leaf(&other) == leaf(&mine) {
                continue;
            }
            let mut appraisal = mine.clone();
            appraisal.endorsements.clone_from(&other.endorsements);
            let end = End::of(&appraisal.run());
            let expected =
                SWAPPED.iter().find(|(own, others, _)| own.contains(&entry.file) && others.contains(&other_entry.file));
            let (_, _, expected) = expected.unwrap_or_else(|| panic!("{} with {}", entry.file, other_entry.file));
            assert_eq!(end.failed, *expected, "{} with {}", entry.file, other_entry.file);
            swapped += 1;
        }
    }
    assert_eq!(swapped, 40);
}
