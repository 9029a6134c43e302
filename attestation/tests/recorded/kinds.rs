//! Which test makes which kind of change on which platform: the words are names of cases and tests in the named file, so none
//! can be said and not be there.

/// The columns of the table.
pub(crate) const PLATFORMS: [&str; 8] = ["SEV-SNP", "TDX", "SGX", "Nitro", "CCA", "GPU", "TPM", "Azure vTPM"];

/// Where it is made, or why it can not be.
pub(crate) enum Made {
    /// File below `attestation/tests`, and the case or test in it.
    At(&'static str, &'static str),
    /// There is nothing of the kind on the platform.
    None(&'static str),
}

use Made::{At, None};

const RECORDED: Made =
    At("recorded/flipped/mod.rs", "a_flipped_bit_of_any_field_trips_exactly_the_checks_of_that_field");
const NO_CERTIFICATES: &str = "a token has no certificates: the policy has the platform's key";
const NO_LINES: &str = "no list of firmware levels is kept for it";
const CHAIN: &str = "intel/chain.rs";

pub(crate) const KINDS: [(&str, [Made; 8]); 8] = [
    (
        "any signed field flipped",
        [
            RECORDED,
            RECORDED,
            RECORDED,
            RECORDED,
            RECORDED,
            RECORDED,
            At("vtpm/tpm_flips.rs", "every_byte_of_a_quote_trips_exactly_the_check_of_its_field"),
            RECORDED,
        ],
    ),
    (
        "a certificate swapped",
        [
            At("recorded/changed.rs", "with_the_endorsements_of_another_machine_exactly_what_differs_fails"),
            At(CHAIN, "the ca has another key"),
            At(CHAIN, "the ca has another key"),
            At("nitro/cases.rs", "another key signs the document"),
            None(NO_CERTIFICATES),
            At("gpu/cases.rs", "the certificate of another GPU"),
            At("vtpm/tpm_cases.rs", "a key without a certificate"),
            At("recorded/changed.rs", "with_the_endorsements_of_another_machine_exactly_what_differs_fails"),
        ],
    ),
    (
        "a certificate or document missing",
        [
            At("appraisal/authenticity.rs", "the authority is missing"),
            At("intel/authenticity.rs", "no tcb info"),
            At("intel/authenticity.rs", "no qe identity"),
            At("nitro/cases.rs", "an authority is left out"),
            None(NO_CERTIFICATES),
            At("gpu/cases.rs", "an authority is missing"),
            At("vtpm/tpm_cases.rs", "no intermediate"),
            At("vtpm/azure_cases.rs", "no certificate of the chip"),
        ],
    ),
    (
        "expired",
        [
            At("appraisal/authenticity.rs", "the leaf has expired"),
            At(CHAIN, "the pck is expired"),
            At(CHAIN, "the tcb signer is expired"),
            At("nitro/cases.rs", "the leaf has expired"),
            None(NO_CERTIFICATES),
            At("gpu/cases.rs", "the leaf has expired"),
            At("vtpm/tpm_cases.rs", "an expired leaf"),
            At("vtpm/azure_cases.rs", "an expired certificate of the chip"),
        ],
    ),
    (
        "revoked",
        [
            At("appraisal/authenticity.rs", "the leaf is revoked"),
            At(CHAIN, "the pck is revoked"),
            At(CHAIN, "the ca is revoked"),
            None("AWS keeps no revocation list for enclaves: a leaf lives for hours"),
            None(NO_CERTIFICATES),
            At("gpu/cases.rs", "the provisioner is revoked"),
            At("vtpm/tpm_cases.rs", "a revoked key"),
            At("vtpm/azure_cases.rs", "a revoked certificate of the chip"),
        ],
    ),
    (
        "the wrong product",
        [
            At("appraisal/authenticity.rs", "another line in the leaf"),
            At("intel/authenticity.rs", "tcb info of another line"),
            At("intel/authenticity.rs", "tcb info of another line"),
            None("there is one line"),
            At("cca/cases.rs", "another implementation"),
            At("gpu/cases.rs", "another chip under the same root"),
            At("vtpm/azure_cases.rs", "other firmware"),
            At("vtpm/azure_tdx.rs", "TCB info of another line"),
        ],
    ),
    (
        "the firmware level lowered",
        [
            At("appraisal/policy.rs", "firmware below the minimum"),
            At("intel/authenticity.rs", "firmware below every level"),
            At("intel/authenticity.rs", "quoting enclave below every level"),
            None(NO_LINES),
            At("cca/cases.rs", "another measurement of a component"),
            At("gpu/cases.rs", "another vbios"),
            None(NO_LINES),
            At("vtpm/azure_tdx.rs", "firmware below every level"),
        ],
    ),
    (
        "debugging on, signed again",
        [
            At("appraisal/policy.rs", "debugging is allowed"),
            At("intel/policy.rs", "debug"),
            At("intel/policy.rs", "debug"),
            At("nitro/cases.rs", "debug mode"),
            At("cca/cases.rs", "lifecycle recoverable debug"),
            None("a report does not say it"),
            None("a quote does not say it"),
            At("vtpm/azure_cases.rs", "debugging"),
        ],
    ),
];

#[test]
fn every_kind_of_change_has_its_case_where_the_table_says() {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for (kind, made) in &KINDS {
        for (platform, made) in PLATFORMS.iter().zip(made) {
            let At(file, name) = made else { continue };
            let text = std::fs::read_to_string(tests.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            let there = text.contains(&format!("\"{name}\"")) || text.contains(&format!("fn {name}()"));
            assert!(there, "{kind}, {platform}: {file} has no {name}");
        }
    }
}
