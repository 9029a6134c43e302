//! What was seen of the checks that TDX and SGX share.

use super::sources::{ATTESTATION_RS, DCAP_QVL, GO_TDX, OAK, QVL, TRUSTEE};
use super::{Group, Seen, does, out, part, policy};

const ATTESTATION_DCAP: &str = "crates/attestation/src/platforms/tdx/dcap.rs";
const ATTESTATION_VERIFY: &str = "crates/attestation/src/platforms/tdx/verify.rs";
const OAK_INTEL: &str = "oak_attestation_verification/src/intel.rs";
const OAK_QUOTE: &str = "oak_tdx_quote/src/lib.rs";
const OAK_VALIDITY: &str = "verify_intel_tdx_quote_validity";
const QVL_QUOTE: &str = "Src/AttestationLibrary/src/QuoteVerification/Quote.cpp";
const QVL_VERIFIER: &str = "Src/AttestationLibrary/src/Verifiers/QuoteVerifier.cpp";
const TRUSTEE_QUOTE: &str = "deps/verifier/src/intel_dcap/quote.rs";

/// What a PCK certificate says of its platform's configuration, which nobody judges.
const PLATFORM: &[Seen] = &[
    out(&DCAP_QVL, "src/intel.rs", "parse_pck_extension_with", "offers a look-up to its caller, and judges nothing"),
    out(&GO_TDX, "pcs/pcs.go", "extractSgxExtensions", "not among what it keeps"),
    out(&QVL, QVL_VERIFIER, "QuoteVerifier::verify", "nothing there compares it"),
    out(&ATTESTATION_RS, ATTESTATION_DCAP, "extract_fmspc_from_sgx_extension", "reads the FMSPC alone"),
    out(&OAK, OAK_INTEL, OAK_VALIDITY, "does not read the extension"),
    policy(
        &TRUSTEE,
        "deps/verifier/src/intel_dcap/claims.rs",
        "prepare_custom_claims_map",
        "a claim, on which the default policy says nothing",
    ),
];

pub(crate) const SEEN: &[Group] = &[
    (
        &["dcap.key-type"],
        &[
            out(&ATTESTATION_RS, ATTESTATION_VERIFY, "parse_tdx_quote", "reads it, and compares it with nothing"),
            out(&OAK, OAK_QUOTE, "TdxQuoteHeader", "reads it, and compares it with nothing"),
            does(&DCAP_QVL, "src/verify.rs", "verify_impl"),
            does(&QVL, QVL_QUOTE, "Quote::validate"),
            does(&GO_TDX, "abi/abi.go", "checkHeader"),
            does(&TRUSTEE, TRUSTEE_QUOTE, "parse_quote"),
        ],
    ),
    (
        &["dcap.reserved"],
        &[
            out(
                &QVL,
                "Src/AttestationLibrary/src/QuoteVerification/QuoteStructures.cpp",
                "reserved1",
                "read and not compared",
            ),
            out(&GO_TDX, "abi/abi.go", "checkQeReport", "looks at lengths"),
            out(&TRUSTEE, TRUSTEE_QUOTE, "parse_quote", ""),
            out(&ATTESTATION_RS, ATTESTATION_VERIFY, "parse_tdx_quote", ""),
            out(&OAK, OAK_QUOTE, "EnclaveReportBody", ""),
            part(&DCAP_QVL, "src/verify.rs", "validate_attrs", "the reserved bits of TD attributes"),
        ],
    ),
    (
        &["dcap.certification-data"],
        &[
            part(
                &DCAP_QVL,
                "src/verify.rs",
                "verify_pck_cert_chain",
                "a chain that comes with the collateral goes before the one in the quote",
            ),
            part(&ATTESTATION_RS, ATTESTATION_DCAP, "verify_pck_cert_chain", "three certificates or more"),
            part(
                &OAK,
                OAK_INTEL,
                "verify_quote_cert_chain_and_extract_leaf",
                "any number; the last one is exchanged for the known root",
            ),
            does(&QVL, QVL_QUOTE, "Quote::validate"),
            does(&GO_TDX, "verify/verify.go", "extractChainFromQuote"),
            does(&TRUSTEE, TRUSTEE_QUOTE, "parse_certification_data"),
        ],
    ),
    (
        &["dcap.chain"],
        &[
            out(
                &ATTESTATION_RS,
                ATTESTATION_DCAP,
                "verify_pck_cert_chain",
                "signatures, the root's key and dates alone",
            ),
            part(
                &DCAP_QVL,
                "src/utils.rs",
                "verify_certificate_chain",
                "the rules of webpki; whose name stands where is not compared",
            ),
            part(
                &OAK,
                OAK_INTEL,
                "verify_quote_cert_chain_and_extract_leaf",
                "issuers, basic constraints, key usage where there is one; Intel's names are not compared",
            ),
            does(&QVL, "Src/AttestationLibrary/src/Verifiers/PckCertVerifier.cpp", "PckCertVerifier::verify"),
            does(&GO_TDX, "verify/verify.go", "validateCertificate"),
        ],
    ),
    (
        &["dcap.pck-extension"],
        &[
            out(&OAK, OAK_INTEL, OAK_VALIDITY, "does not read it"),
            part(
                &DCAP_QVL,
                "src/intel.rs",
                "parse_pck_extension_with",
                "finds what it needs, and leaves the rest unread",
            ),
            part(
                &ATTESTATION_RS,
                ATTESTATION_DCAP,
                "extract_fmspc_from_sgx_extension",
                "finds what it needs, and leaves the rest unread",
            ),
            part(
                &TRUSTEE,
                "deps/verifier/src/intel_dcap/pck.rs",
                "parse_platform_info",
                "reads it strictly, to choose collateral",
            ),
            does(&GO_TDX, "pcs/pcs.go", "PckCertificateExtensions"),
        ],
    ),
    (
        &["dcap.collateral-issue"],
        &[
            out(
                &QVL,
                "Src/AttestationLibrary/src/QuoteVerification/VerificationCollateralInfo.cpp",
                "VerificationCollateralInfo",
                "reports the smaller number",
            ),
            out(&DCAP_QVL, "src/tcb_info.rs", "tcb_evaluation_data_number", "read and not compared"),
            out(&GO_TDX, "verify/verify.go", "verifyQeIdentity", ""),
            out(&ATTESTATION_RS, ATTESTATION_DCAP, "evaluate_tcb_status", ""),
            out(&OAK, OAK_INTEL, OAK_VALIDITY, "reads neither document"),
        ],
    ),
    (
        &["dcap.qe-signature"],
        &[
            part(
                &GO_TDX,
                "verify/verify.go",
                "tdxProtoQeReportSignature",
                "over the report written anew from its fields",
            ),
            does(&DCAP_QVL, "src/verify.rs", "verify_qe_report_signature"),
            does(&QVL, QVL_VERIFIER, "QuoteVerifier::verify"),
            does(&ATTESTATION_RS, ATTESTATION_DCAP, "verify_qe_report_signature"),
            does(&OAK, OAK_INTEL, OAK_VALIDITY),
        ],
    ),
    (
        &["dcap.qe-report-data"],
        &[
            part(&DCAP_QVL, "src/verify.rs", "verify_qe_report_data", "not the 32 bytes after the digest"),
            part(&QVL, QVL_VERIFIER, "QuoteVerifier::verify", "not the 32 bytes after the digest"),
            does(&GO_TDX, "verify/verify.go", "verifyHash256"),
            does(&ATTESTATION_RS, ATTESTATION_DCAP, "verify_qe_report_binding"),
            does(&OAK, OAK_INTEL, OAK_VALIDITY),
        ],
    ),
    (
        &["dcap.signature"],
        &[
            part(
                &GO_TDX,
                "verify/verify.go",
                "getHeaderAndTdQuoteBodyInAbiBytes",
                "over header and body written anew from their fields",
            ),
            does(&DCAP_QVL, "src/verify.rs", "verify_isv_report_signature"),
            does(&QVL, QVL_VERIFIER, "QuoteVerifier::verify"),
            does(&ATTESTATION_RS, ATTESTATION_VERIFY, "verify_quote_signature"),
            does(&OAK, OAK_INTEL, OAK_VALIDITY),
        ],
    ),
    (
        &["dcap.version-accepted"],
        &[
            part(&DCAP_QVL, "src/verify.rs", "verify_impl", "a fixed list"),
            part(&QVL, QVL_QUOTE, "Quote::validate", "a fixed list"),
            part(&GO_TDX, "validate/validate.go", "TdxQuote", "version 4 alone"),
            policy(
                &TRUSTEE,
                "deps/verifier/src/tdx/claims.rs",
                "generate_parsed_claim",
                "a claim, on which the default policy says nothing",
            ),
        ],
    ),
    (&["dcap.sgx-type", "dcap.dynamic-platform", "dcap.cached-keys", "dcap.smt"], PLATFORM),
];
