//! What was seen of the checks of Nitro, of Arm CCA and of NVIDIA's GPUs.

use super::sources::{
    ATTESTATION_DOC, CCATOKEN, DSTACK, NITRITE, NVIDIA_SDK, NVTRUST, RUST_CCATOKEN, TRUSTEE, VERAISON,
};
use super::{Group, Seen, asked, does, out, part, policy};

const DOCUMENT: &str = "attestation-doc-validation/src/attestation_doc.rs";
const DSTACK_NITRO: &str = "dstack/nsm-qvl/src/verify.rs";
const TOKEN: &str = "evidence.go";
const RUST_TOKEN: &str = "src/token/evidence.rs";
const SCHEME: &str = "scheme/arm-cca/scheme.go";
const GPU_EVIDENCE: &str = "nv-attestation-sdk-cpp/src/gpu/evidence.cpp";
const GPU_VERIFY: &str = "nv-attestation-sdk-cpp/src/gpu/verify.cpp";
const GPU_ADMIN: &str = "guest_tools/gpu_verifiers/local_gpu_verifier/src/verifier/cc_admin_utils.py";
const TRUSTEE_GPU_POLICY: &str = "attestation-service/src/ear_token/ear_default_policy_gpu.rego";

const TOKEN_ALONE: Seen = out(&CCATOKEN, TOKEN, "Verify", "offers the claim to its caller");
const TRUSTEE_CCA: Seen = out(
    &TRUSTEE,
    "deps/verifier/src/cca/local.rs",
    "verify",
    "appraises by rust-ccatoken, and refuses for the realm's identity alone",
);

pub(crate) const SEEN: &[Group] = &[
    (
        &["nitro.payload"],
        &[
            part(&NITRITE, "nitrite.go", "Verify", "sizes; a field of no name it knows is passed over"),
            part(
                &ATTESTATION_DOC,
                DOCUMENT,
                "validate_attestation_document_structure",
                "sizes; an empty bundle of authorities passes",
            ),
            part(&DSTACK, DSTACK_NITRO, "validate_attestation_document", "the digest's name and the registers' sizes"),
        ],
    ),
    (
        &["nitro.signature"],
        &[
            does(&NITRITE, "nitrite.go", "checkECDSASignature"),
            does(&ATTESTATION_DOC, DOCUMENT, "validate_cose_signature"),
            does(&DSTACK, DSTACK_NITRO, "verify_cose_signature"),
        ],
    ),
    (
        &["nitro.user-data"],
        &[
            out(&NITRITE, "nitrite.go", "Verify", "its size alone"),
            out(&DSTACK, DSTACK_NITRO, "NsmVerifiedReport", "hands it to its caller"),
            asked(&ATTESTATION_DOC, DOCUMENT, "validate_expected_challenge"),
        ],
    ),
    (
        &["nitro.public-key"],
        &[
            out(&NITRITE, "nitrite.go", "Verify", "its size alone"),
            out(&DSTACK, DSTACK_NITRO, "NsmVerifiedReport", "hands it to its caller"),
            out(&ATTESTATION_DOC, DOCUMENT, "validate_attestation_document_structure", "its size alone"),
        ],
    ),
    (
        &["cca.token"],
        &[
            part(
                &CCATOKEN,
                TOKEN,
                "UnmarshalCBOR",
                "two tokens in either collection; what else their headers say is not looked at",
            ),
            part(
                &RUST_CCATOKEN,
                RUST_TOKEN,
                "CBORCollection",
                "the older collection alone; what follows it is not looked at",
            ),
        ],
    ),
    (
        &["cca.platform-claims"],
        &[
            part(
                &RUST_CCATOKEN,
                "src/token/platform.rs",
                "validate",
                "every claim there, each once; others are passed over",
            ),
            does(&CCATOKEN, "platform/iclaims.go", "ValidateClaims"),
        ],
    ),
    (
        &["cca.realm-claims"],
        &[
            part(&RUST_CCATOKEN, "src/token/realm.rs", "validate", "every claim there; others are passed over"),
            does(&CCATOKEN, "realm/iclaims.go", "ValidateClaims"),
        ],
    ),
    (
        &["cca.instance-id"],
        &[
            TOKEN_ALONE,
            does(&VERAISON, SCHEME, "GetTrustAnchorIDs"),
            part(
                &RUST_CCATOKEN,
                RUST_TOKEN,
                "verify",
                "a failure is an `Ok` with a word in the trust vector, for the caller to look at",
            ),
        ],
    ),
    (
        &["cca.platform-signature", "cca.realm-signature"],
        &[
            part(
                &RUST_CCATOKEN,
                RUST_TOKEN,
                "verify",
                "a failure is an `Ok` with a word in the trust vector, for the caller to look at",
            ),
            does(&CCATOKEN, TOKEN, "Verify"),
            does(&VERAISON, SCHEME, "ValidateEvidenceIntegrity"),
        ],
    ),
    (
        &["cca.binding"],
        &[
            part(
                &RUST_CCATOKEN,
                RUST_TOKEN,
                "check_binding",
                "a failure is an `Ok` with a word in the trust vector, for the caller to look at",
            ),
            does(&CCATOKEN, TOKEN, "checkBinding"),
            does(&VERAISON, SCHEME, "ValidateEvidenceIntegrity"),
        ],
    ),
    (
        &["cca.profile"],
        &[
            part(&CCATOKEN, "platform/claims.go", "GetProfile", "a fixed list"),
            part(&RUST_CCATOKEN, "src/token/platform.rs", "set_profile", "a fixed list"),
        ],
    ),
    (
        &["cca.implementation-id"],
        &[
            TOKEN_ALONE,
            TRUSTEE_CCA,
            does(&VERAISON, SCHEME, "GetTrustAnchorIDs"),
            does(&RUST_CCATOKEN, RUST_TOKEN, "appraise"),
        ],
    ),
    (
        &["cca.platform-config", "cca.components"],
        &[
            out(&CCATOKEN, TOKEN, "Verify", "that it is there, not what it is"),
            TRUSTEE_CCA,
            does(&VERAISON, SCHEME, "matchPlatformClaimsToReferenceValues"),
            does(&RUST_CCATOKEN, RUST_TOKEN, "appraise_platform"),
        ],
    ),
    (
        &["cca.measurement"],
        &[
            TOKEN_ALONE,
            TRUSTEE_CCA,
            does(&VERAISON, SCHEME, "AppraiseRealm"),
            does(&RUST_CCATOKEN, RUST_TOKEN, "appraise"),
        ],
    ),
    (
        &["cca.extensible-measurements"],
        &[
            TOKEN_ALONE,
            TRUSTEE_CCA,
            part(&VERAISON, SCHEME, "AppraiseRealm", "those that differ lower the grade, which stays an affirming one"),
            part(&RUST_CCATOKEN, RUST_TOKEN, "appraise_realm", "where the reference value has them"),
        ],
    ),
    (
        &["cca.personalization"],
        &[
            TOKEN_ALONE,
            out(&RUST_CCATOKEN, RUST_TOKEN, "appraise_realm", "among its reference values, and not compared"),
            part(&VERAISON, SCHEME, "AppraiseRealm", "where the reference value has one"),
            asked(&TRUSTEE, "deps/verifier/src/cca/mod.rs", "evaluate"),
        ],
    ),
    (
        &["gpu.request"],
        &[
            part(&TRUSTEE, "deps/verifier/src/nvidia/spdm_request.rs", "decode", "the version alone"),
            part(
                &NVIDIA_SDK,
                "nv-attestation-sdk-cpp/src/spdm/spdm_req.cpp",
                "SpdmMeasurementRequestMessage11::parse",
                "version and code; not that all measurements were asked for, signed",
            ),
        ],
    ),
    (
        &["gpu.response"],
        &[
            part(
                &TRUSTEE,
                "deps/verifier/src/nvidia/spdm_response.rs",
                "decode",
                "not its code; what follows it is not looked at",
            ),
            does(
                &NVIDIA_SDK,
                "nv-attestation-sdk-cpp/src/spdm/spdm_resp.cpp",
                "SpdmMeasurementResponseMessage11::parse",
            ),
        ],
    ),
    (
        &["gpu.chain"],
        &[
            part(
                &TRUSTEE,
                "deps/verifier/src/nvidia/cert_chain.rs",
                "verify",
                "OpenSSL's rules; the root by SHA-1 of it",
            ),
            part(
                &NVIDIA_SDK,
                "nv-attestation-sdk-cpp/src/nv_x509.cpp",
                "X509CertChain::verify",
                "OpenSSL's rules, with its look at the time switched off",
            ),
            part(&NVTRUST, GPU_ADMIN, "verify_certificate_chain", "the number of certificates, and OpenSSL's rules"),
        ],
    ),
    (
        &["gpu.firmware-certified"],
        &[
            part(&NVTRUST, GPU_ADMIN, "verify_gpu_certificate_chain", "a report without the id passes"),
            does(&TRUSTEE, "deps/verifier/src/nvidia/cert_chain.rs", "verify"),
            does(&NVIDIA_SDK, GPU_EVIDENCE, "generate_attestation_report_claims"),
        ],
    ),
    (
        &["gpu.signature"],
        &[
            does(&TRUSTEE, "deps/verifier/src/nvidia/report.rs", "verify_signature"),
            does(&NVIDIA_SDK, GPU_EVIDENCE, "generate_attestation_report_claims"),
            does(&NVTRUST, GPU_ADMIN, "verify_attestation_report"),
        ],
    ),
    (
        &["gpu.driver", "gpu.vbios"],
        &[
            part(
                &NVIDIA_SDK,
                GPU_VERIFY,
                "generate_claims_v3",
                "that NVIDIA has reference values for the version that the report names, whichever it is",
            ),
            part(&NVTRUST, GPU_ADMIN, "verify_attestation_report", "that the report says what the driver says"),
            policy(
                &TRUSTEE,
                TRUSTEE_GPU_POLICY,
                "configuration",
                "another version lowers the grade, which stays an affirming one",
            ),
        ],
    ),
    (
        &["gpu.firmware-id"],
        &[
            out(
                &NVIDIA_SDK,
                GPU_EVIDENCE,
                "generate_attestation_report_claims",
                "that certificate and report agree, not which it is",
            ),
            out(
                &NVTRUST,
                GPU_ADMIN,
                "verify_gpu_certificate_chain",
                "that certificate and report agree, not which it is",
            ),
            out(
                &TRUSTEE,
                "deps/verifier/src/nvidia/cert_chain.rs",
                "verify",
                "that certificate and report agree, not which it is",
            ),
        ],
    ),
];
