//! Recorded Evidence that is accepted, with one thing changed: exactly the checks that must fail.

use std::path::Path;

use sealroom_attestation::{Endorsements, Evidence, Fingerprint, Outcome, Platform, TrustAnchor, VerifiedSignatures};

use crate::entry::{self, Asked, At, Case, Entry, JUNE_2025};
use crate::folder::folder;
use crate::run::{self, Appraisal, End};

/// Those that are accepted as they are.
fn accepted() -> impl Iterator<Item = (&'static Entry, &'static Case)> {
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

#[test]
fn with_the_endorsements_of_another_machine_it_is_not_accepted() {
    let Some(folder) = folder("with_the_endorsements_of_another_machine_it_is_not_accepted") else { return };
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
            let expected: &[&str] = match platform {
                // Another chip; with it, of some, other firmware, another line or kind of key.
                Some(Platform::AmdSevSnp | Platform::AzureSnp) => &[
                    "common.trust-anchor",
                    "common.endorsements",
                    "common.time",
                    "snp.leaf-kind",
                    "snp.signature",
                    "snp.product",
                    "snp.firmware-certified",
                    "snp.chip-id",
                ],
                _ => &["common.time", "common.revocation", "dcap.collateral-time", "dcap.fmspc"],
            };
            assert!(!end.failed.is_empty(), "{} with {}", entry.file, other_entry.file);
            for id in &end.failed {
                assert!(expected.contains(id), "{} with {}: {id}", entry.file, other_entry.file);
            }
            swapped += 1;
        }
    }
    assert!(swapped > 20, "{swapped}");
}

/// What is signed counts, to the last byte: a change either does not decode, or fails the signature over it.
#[test]
fn with_a_byte_changed_it_is_malformed_or_its_signature_fails() {
    let Some(folder) = folder("with_a_byte_changed_it_is_malformed_or_its_signature_fails") else { return };
    let mut verified = VerifiedSignatures::new(256);
    for (entry, case) in accepted() {
        let good = run::appraisal(&folder, entry, case);
        let platform = Evidence::sniff(&good.evidence).unwrap();
        let mut appraised = 0;
        for at in (0..good.evidence.len()).step_by(STEP) {
            let mut changed = good.clone();
            changed.evidence[at] ^= 1 << (at / STEP % 8);
            if Evidence::decode(&changed.evidence).is_err() {
                continue;
            }
            let Err(rejection) = changed.run_remembering(&mut verified) else {
                panic!("{}: accepted with byte {at} changed", entry.file)
            };
            let failed: Vec<_> = rejection.verdict().failed().map(|check| check.id()).collect();
            let expected = signed_by(platform);
            assert!(failed.iter().any(|id| expected.contains(id)), "{} byte {at}: {failed:?}", entry.file);
            appraised += 1;
        }
        assert!(appraised > 20, "{}: {appraised} of its bytes", entry.file);
    }
}

/// Every so many bytes; the platforms' own tests flip every bit of one.
const STEP: usize = 13;

/// The checks of which one stands over each byte.
fn signed_by(platform: Platform) -> &'static [&'static str] {
    match platform {
        Platform::AmdSevSnp => &["snp.signature", "snp.signature-algorithm", "snp.signing-key"],
        Platform::IntelTdx | Platform::IntelSgx => &[
            "dcap.signature",
            "dcap.qe-signature",
            "dcap.qe-report-data",
            "common.endorsements",
            "common.chain-signatures",
            "common.trust-anchor",
            "dcap.chain",
            "dcap.qe-vendor",
        ],
        Platform::AwsNitro => &["nitro.signature", "common.endorsements"],
        Platform::ArmCca => &["cca.platform-signature", "cca.realm-signature"],
        Platform::NvidiaGpu => &["gpu.signature"],
        // The hardware's signature, the digest of the runtime data under it, the quote's signature by the key in there, the
        // digest of the registers' values under that.
        Platform::AzureSnp => &[
            "snp.signature",
            "snp.signature-algorithm",
            "snp.signing-key",
            "azure.runtime-data",
            "tpm.signature",
            "tpm.pcr-digest",
        ],
        other => panic!("{other}: no recorded Evidence of it is accepted"),
    }
}
