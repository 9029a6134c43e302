//! What was seen of the checks of SGX.

use super::sources::{DCAP_QVL, QVL, TRUSTEE};
use super::{Group, Seen, asked, does, out, policy};

const QVL_VERIFIER: Seen = out(
    &QVL,
    "Src/AttestationLibrary/src/Verifiers/QuoteVerifier.cpp",
    "QuoteVerifier::verify",
    "leaves the enclave's own report to its caller",
);
const DCAP_QVL_ATTRIBUTES: Seen = out(&DCAP_QVL, "src/verify.rs", "validate_sgx_attrs", "looks at the debug bit alone");
const TRUSTEE_CLAIM: Seen = policy(
    &TRUSTEE,
    "deps/verifier/src/sgx/claims.rs",
    "generate_parsed_claims",
    "a claim; the default policy has no block for SGX",
);

pub(crate) const SEEN: &[Group] = &[
    (&["sgx.debug"], &[QVL_VERIFIER, TRUSTEE_CLAIM, does(&DCAP_QVL, "src/verify.rs", "validate_sgx_attrs")]),
    (
        &[
            "sgx.attributes",
            "sgx.xfrm",
            "sgx.misc-select",
            "sgx.identity",
            "sgx.config-svn",
            "sgx.extended-product-id",
            "sgx.family-id",
        ],
        &[QVL_VERIFIER, DCAP_QVL_ATTRIBUTES, TRUSTEE_CLAIM],
    ),
    (
        &["sgx.config-id"],
        &[QVL_VERIFIER, DCAP_QVL_ATTRIBUTES, asked(&TRUSTEE, "deps/verifier/src/sgx/mod.rs", "verify_evidence")],
    ),
];
