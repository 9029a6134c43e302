//! What was seen of the checks of SEV-SNP that a policy asks for.

use super::sources::{ATTESTATION_RS, GO_SEV, OAK, SNPGUEST, TRUSTEE};
use super::{Group, Seen, asked, out, part, policy};

const OAK_VALUES: (&str, &str) =
    ("oak_attestation_verification/src/platform.rs", "verify_amd_sev_attestation_report_values");
const TRUSTEE_CLAIMS: (&str, &str) = ("deps/verifier/src/snp/mod.rs", "parse_tee_evidence");
const NO_FLAG: &str = "its flags are for measurement, host data and report data";

const fn oak() -> Seen {
    out(&OAK, OAK_VALUES.0, OAK_VALUES.1, "")
}

const fn trustee() -> Seen {
    out(&TRUSTEE, TRUSTEE_CLAIMS.0, TRUSTEE_CLAIMS.1, "not among its claims")
}

const fn snpguest(note: &'static str) -> Seen {
    out(&SNPGUEST, "src/verify.rs", "verify_report_fields", note)
}

const fn go_sev(symbol: &'static str) -> Seen {
    asked(&GO_SEV, "validate/validate.go", symbol)
}

pub(crate) const SEEN: &[Group] = &[
    (
        &["snp.version-accepted"],
        &[
            part(&TRUSTEE, "deps/verifier/src/snp/mod.rs", "evaluate", "a fixed range from 3 on"),
            part(
                &ATTESTATION_RS,
                "crates/attestation/src/platforms/snp/verify.rs",
                "verify_evidence",
                "a fixed range from 3 to 5",
            ),
            part(&SNPGUEST, "src/verify.rs", "verify_attestation_tcb", "refuses version 2 for Turin alone"),
            out(&GO_SEV, "validate/validate.go", "Options", "no option for it"),
        ],
    ),
    (
        &["snp.signing-key-accepted"],
        &[
            out(&GO_SEV, "validate/validate.go", "validateKeyKind", "takes the certificate of either kind"),
            out(&TRUSTEE, "deps/verifier/src/snp/mod.rs", "evaluate", "takes the first of either kind"),
            out(
                &ATTESTATION_RS,
                "crates/attestation/src/platforms/snp/verify.rs",
                "verify_evidence",
                "takes either kind, each with its own authority",
            ),
        ],
    ),
    (
        &["snp.guest-abi"],
        &[
            snpguest(NO_FLAG),
            oak(),
            go_sev("validatePolicy"),
            policy(
                &TRUSTEE,
                "attestation-service/src/ear_token/ear_default_policy_cpu.rego",
                "configuration",
                "equal to a reference value, else a lower grade",
            ),
        ],
    ),
    (
        &["snp.firmware-launch"],
        &[
            trustee(),
            oak(),
            snpguest(NO_FLAG),
            out(
                &ATTESTATION_RS,
                "crates/attestation/src/platforms/snp/verify.rs",
                "enforce_min_tcb",
                "looks at the reported level alone",
            ),
            go_sev("validateTcb"),
        ],
    ),
    (
        &["snp.host-data"],
        &[
            oak(),
            go_sev("validateVerbatimFields"),
            asked(&TRUSTEE, "deps/verifier/src/snp/mod.rs", "evaluate"),
            asked(&SNPGUEST, "src/verify.rs", "verify_report_fields"),
            asked(&ATTESTATION_RS, "crates/attestation/src/platforms/snp/verify.rs", "verify_evidence"),
        ],
    ),
    (&["snp.image"], &[trustee(), oak(), snpguest(NO_FLAG), go_sev("validateVerbatimFields")]),
    (&["snp.guest-svn"], &[trustee(), oak(), snpguest(NO_FLAG), go_sev("SnpAttestation")]),
];
