//! What was seen of the checks that every platform has.

use super::sources::{ATTESTATION_DOC, ATTESTATION_RS, DCAP_QVL, GO_SEV, GO_TDX, NITRITE, NVIDIA_SDK, OAK, TRUSTEE};
use super::{Group, asked, does, out, part, policy};

pub(crate) const SEEN: &[Group] = &[
    (
        &["common.evidence-kind"],
        &[
            out(
                &TRUSTEE,
                "deps/verifier/src/lib.rs",
                "to_verifier",
                "the caller names the platform, whose parser then reads the bytes",
            ),
            does(&DCAP_QVL, "src/verify.rs", "verify_impl"),
            does(&GO_TDX, "abi/abi.go", "QuoteToProto"),
        ],
    ),
    (
        &["common.closed-list"],
        &[
            out(&DCAP_QVL, "src/verify.rs", "verify_impl", "ends at the first failure, and answers with no list"),
            out(&GO_TDX, "verify/verify.go", "verifyEvidence", "ends at the first failure, and answers with no list"),
            out(
                &ATTESTATION_RS,
                "crates/attestation/src/platforms/tdx/verify.rs",
                "verify_evidence",
                "without a source of collateral a warning is logged and three steps are left out",
            ),
            part(
                &GO_SEV,
                "validate/validate.go",
                "SnpAttestation",
                "gathers the failures of one stage; what was not asked for is passed over in silence",
            ),
            part(
                &NVIDIA_SDK,
                "nv-attestation-sdk-cpp/src/gpu/claims.cpp",
                "SerializableGpuClaimsV3",
                "a list of claims, but any failure on the way ends it",
            ),
        ],
    ),
    (
        &["common.platform"],
        &[
            policy(
                &TRUSTEE,
                "attestation-service/src/ear_token/ear_default_policy_cpu.rego",
                "trust_claims",
                "what no block of the policy speaks of keeps the claims of the unrecognised",
            ),
            does(&OAK, "oak_attestation_verification/src/policy/platform.rs", "IntelTdxPolicy"),
            does(&GO_TDX, "verify/verify.go", "verifyEvidence"),
        ],
    ),
    (
        &["common.machine"],
        &[
            out(&NITRITE, "nitrite.go", "Verify", "wants a module id, and compares it with nothing"),
            out(
                &ATTESTATION_DOC,
                "attestation-doc-validation/src/attestation_doc.rs",
                "validate_attestation_document_structure",
                "wants a module id, and compares it with nothing",
            ),
            out(&DCAP_QVL, "src/verify.rs", "VerifiedReport", "hands the PPID to its caller"),
            asked(&GO_SEV, "validate/validate.go", "validateVerbatimFields"),
            policy(
                &TRUSTEE,
                "deps/verifier/src/tdx/claims.rs",
                "generate_parsed_claim",
                "the platform instance's id is a claim, on which the default policy says nothing",
            ),
        ],
    ),
];
