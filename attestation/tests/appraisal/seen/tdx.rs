//! What was seen of the checks of TDX that a policy asks for.

use super::sources::{ATTESTATION_RS, DCAP_QVL, DSTACK, GO_TDX, OAK, QVL, TRUSTEE};
use super::{Group, Seen, asked, does, out, part, policy};

const ATTESTATION_VERIFY: &str = "crates/attestation/src/platforms/tdx/verify.rs";
const ATTESTATION_CCEL: &str = "crates/attestation/src/platforms/tdx/ccel.rs";
const TRUSTEE_POLICY: &str = "attestation-service/src/ear_token/ear_default_policy_cpu.rego";

const DCAP_QVL_ATTRIBUTES: Seen = out(&DCAP_QVL, "src/verify.rs", "validate_attrs", "");
const QVL_VERIFIER: Seen =
    out(&QVL, "Src/AttestationLibrary/src/Verifiers/QuoteVerifier.cpp", "QuoteVerifier::verify", "");
const OAK_VALUES: Seen =
    out(&OAK, "oak_attestation_verification/src/platform.rs", "verify_intel_tdx_attestation_quote", "");
const ATTESTATION: Seen = out(&ATTESTATION_RS, ATTESTATION_VERIFY, "verify_evidence", "");
const TRUSTEE_CLAIM: Seen = policy(
    &TRUSTEE,
    "deps/verifier/src/tdx/claims.rs",
    "generate_parsed_claim",
    "a claim, on which the default policy says nothing",
);
const GO_TDX_BYTES: Seen = asked(&GO_TDX, "validate/validate.go", "exactByteMatch");
const GO_TDX_REGISTERS: Seen = asked(&GO_TDX, "validate/validate.go", "byteCheckRtmr");
const ATTESTATION_LOG: Seen =
    part(&ATTESTATION_RS, ATTESTATION_VERIFY, "verify_evidence", "against an event log, where one is brought");
const TRUSTEE_LOG: Seen = part(
    &TRUSTEE,
    "deps/verifier/src/tdx/mod.rs",
    "verify_evidence",
    "against an event log, where one is brought; without one it logs a warning",
);
const DSTACK_LOG: Seen = part(
    &DSTACK,
    "dstack/dstack-attest/src/attestation.rs",
    "verify_tdx_quote_with_events",
    "register 3 alone, from a log of its own form",
);
const OAK_EMULATOR: Seen =
    out(&OAK, "oak_attestation_verification/src/intel.rs", "RtmrEmulator", "written, and used by its tests alone");

pub(crate) const SEEN: &[Group] = &[
    (
        &["tdx.module-version"],
        &[
            QVL_VERIFIER,
            DCAP_QVL_ATTRIBUTES,
            ATTESTATION,
            TRUSTEE_CLAIM,
            asked(&GO_TDX, "validate/validate.go", "minVersionCheck"),
            does(&OAK, "oak_attestation_verification/src/platform.rs", "verify_intel_tdx_attestation_quote"),
        ],
    ),
    (
        &["tdx.seam-measurement"],
        &[
            QVL_VERIFIER,
            DCAP_QVL_ATTRIBUTES,
            ATTESTATION,
            OAK_VALUES,
            GO_TDX_BYTES,
            policy(&TRUSTEE, TRUSTEE_POLICY, "hardware", "stands in the default policy as a comment"),
        ],
    ),
    (
        &["tdx.attributes"],
        &[
            QVL_VERIFIER,
            ATTESTATION,
            OAK_VALUES,
            part(
                &DCAP_QVL,
                "src/verify.rs",
                "validate_attrs",
                "reserved bits, and SEPT_VE_DISABLE, whatever the caller wants",
            ),
            part(
                &GO_TDX,
                "validate/validate.go",
                "validateTdAttributes",
                "which bits there may be; exact ones where the caller gives them",
            ),
            policy(&TRUSTEE, TRUSTEE_POLICY, "configuration", "the debug bit alone in the default policy"),
        ],
    ),
    (
        &["tdx.xfam"],
        &[
            QVL_VERIFIER,
            DCAP_QVL_ATTRIBUTES,
            ATTESTATION,
            OAK_VALUES,
            part(
                &GO_TDX,
                "validate/validate.go",
                "validateXfam",
                "which bits there may be; exact ones where the caller gives them",
            ),
            policy(&TRUSTEE, TRUSTEE_POLICY, "configuration", ""),
        ],
    ),
    (
        &["tdx.measurement"],
        &[
            QVL_VERIFIER,
            out(&DCAP_QVL, "src/verify.rs", "VerifiedReport", "hands it to its caller"),
            out(&ATTESTATION_RS, ATTESTATION_VERIFY, "verify_evidence", "hands it to its caller"),
            GO_TDX_BYTES,
            policy(&TRUSTEE, TRUSTEE_POLICY, "hardware", ""),
            does(&OAK, "oak_attestation_verification/src/policy/platform.rs", "IntelTdxPolicy"),
        ],
    ),
    (
        &["tdx.runtime-register-0", "tdx.runtime-register-3"],
        &[QVL_VERIFIER, DCAP_QVL_ATTRIBUTES, OAK_EMULATOR, ATTESTATION_LOG, TRUSTEE_LOG, GO_TDX_REGISTERS],
    ),
    (
        &["tdx.runtime-register-1", "tdx.runtime-register-2"],
        &[
            QVL_VERIFIER,
            DCAP_QVL_ATTRIBUTES,
            OAK_EMULATOR,
            ATTESTATION_LOG,
            TRUSTEE_LOG,
            GO_TDX_REGISTERS,
            policy(&TRUSTEE, TRUSTEE_POLICY, "executables", ""),
        ],
    ),
    (
        &["tdx.container"],
        &[
            part(
                &ATTESTATION_RS,
                ATTESTATION_CCEL,
                "parse_ccel",
                "where an event can not be read it stops, and what follows is passed over",
            ),
            part(&TRUSTEE, "deps/verifier/src/tdx/mod.rs", "TdxEvidence", "keys that it does not know are passed over"),
        ],
    ),
    (
        &["tdx.event-log"],
        &[
            QVL_VERIFIER,
            DCAP_QVL_ATTRIBUTES,
            OAK_EMULATOR,
            ATTESTATION_LOG,
            TRUSTEE_LOG,
            DSTACK_LOG,
            asked(&GO_TDX, "rtmr/ccel.go", "ParseCcelWithTdQuote"),
        ],
    ),
    (
        &["tdx.events"],
        &[
            QVL_VERIFIER,
            DCAP_QVL_ATTRIBUTES,
            out(&ATTESTATION_RS, ATTESTATION_CCEL, "verify_ccel_against_rtmrs", "looks at none of them"),
            out(&GO_TDX, "rtmr/ccel.go", "ParseCcelWithTdQuote", "hands them to its caller"),
            policy(
                &TRUSTEE,
                TRUSTEE_POLICY,
                "tdx_uefi_event_tdvfkernel_ok",
                "finds the kernel by an event's type and path, which are measured nowhere, and lets any other stand beside it",
            ),
        ],
    ),
    (
        &["tdx.config-id"],
        &[
            QVL_VERIFIER,
            DCAP_QVL_ATTRIBUTES,
            OAK_VALUES,
            GO_TDX_BYTES,
            asked(&TRUSTEE, "deps/verifier/src/tdx/mod.rs", "verify_evidence"),
            asked(&ATTESTATION_RS, ATTESTATION_VERIFY, "verify_evidence"),
        ],
    ),
    (
        &["tdx.owner", "tdx.owner-config"],
        &[QVL_VERIFIER, DCAP_QVL_ATTRIBUTES, OAK_VALUES, ATTESTATION, GO_TDX_BYTES, TRUSTEE_CLAIM],
    ),
    (
        &["tdx.service-td"],
        &[
            QVL_VERIFIER,
            ATTESTATION,
            out(&GO_TDX, "validate/validate.go", "TdxQuote", "judges version 4 alone, which does not have it"),
            out(&OAK, "oak_tdx_quote/src/lib.rs", "TdxQuoteBody", "reads version 4 alone, which does not have it"),
            TRUSTEE_CLAIM,
            does(&DCAP_QVL, "src/verify.rs", "validate_attrs"),
        ],
    ),
];
