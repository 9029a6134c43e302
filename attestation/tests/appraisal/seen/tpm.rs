//! What was seen of the checks of TPMs and of Azure's paravisor.

use super::sources::{ATTESTATION_RS, AZURE, DSTACK, GO_TPM, TRUSTEE, VERAISON};
use super::{Group, Seen, asked, does, out, part, policy};

const ATTESTATION: &str = "crates/attestation/src/platforms/tpm_common.rs";
const AZURE_QUOTE: &str = "az-cvm-vtpm/src/vtpm/verify.rs";
const AZURE_REPORT: &str = "az-cvm-vtpm/src/hcl/mod.rs";
const DSTACK_TPM: &str = "dstack/tpm-qvl/src/verify.rs";
const TOKEN: &str = "scheme/tpm-enacttrust/token.go";
const TRUSTEE_TPM: &str = "deps/verifier/src/tpm/mod.rs";
const TRUSTEE_AZURE: &str = "deps/verifier/src/az_snp_vtpm/mod.rs";

/// What a quote says of clock, boots and firmware.
const COUNTERS: &[Seen] = &[
    out(&DSTACK, DSTACK_TPM, "parse_tpm_attest", "reads it, and compares it with nothing"),
    out(&ATTESTATION_RS, ATTESTATION, "parse_quote_info", "passes over it"),
    out(&AZURE, AZURE_QUOTE, "verify_pcrs", ""),
    out(&TRUSTEE, TRUSTEE_TPM, "parse_tee_evidence", "not among its claims"),
    out(&VERAISON, "scheme/tpm-enacttrust/scheme.go", "AppraiseClaims", "compares the digest of the registers alone"),
];

/// What the paravisor says of the virtual machine.
const MACHINE: &[Seen] = &[
    out(&AZURE, AZURE_REPORT, "ak_pub", "reads the keys alone"),
    out(&ATTESTATION_RS, ATTESTATION, "extract_ak_pub_from_jwk_json", "reads the keys alone"),
    out(&TRUSTEE, TRUSTEE_AZURE, "get_user_data", "reads the keys and the guest's data alone"),
];

pub(crate) const SEEN: &[Group] = &[
    (
        &["tpm.format"],
        &[
            part(&DSTACK, DSTACK_TPM, "parse_tpm_attest", "magic number and type; what follows is passed over"),
            part(&ATTESTATION_RS, ATTESTATION, "extract_tpm_nonce", "the magic number; not the type"),
            part(&AZURE, AZURE_QUOTE, "verify_pcrs", "by tss-esapi, and that it is a quote"),
            part(&VERAISON, TOKEN, "Decode", "by go-tpm; that it is a quote where claims are taken out"),
        ],
    ),
    (
        &["tpm.chain"],
        &[
            out(&TRUSTEE, TRUSTEE_TPM, "verify_signature", "believes the key that comes with the quote"),
            part(&GO_TPM, "server/verify.go", "VerifyAKCert", "the rules of Go's x509"),
            part(&DSTACK, DSTACK_TPM, "verify_ak_chain_with_collateral", "the rules of webpki"),
        ],
    ),
    (
        &["tpm.signature-scheme"],
        &[
            out(&VERAISON, TOKEN, "VerifySignature", "takes it for ECDSA with SHA-256"),
            does(&DSTACK, DSTACK_TPM, "verify_signature_with_key"),
            does(&TRUSTEE, TRUSTEE_TPM, "extract_raw_signature_bytes"),
            does(&AZURE, AZURE_QUOTE, "verify_signature"),
            does(&ATTESTATION_RS, ATTESTATION, "verify_tpm_signature"),
        ],
    ),
    (
        &["tpm.signature"],
        &[
            does(&DSTACK, DSTACK_TPM, "verify_signature_with_key"),
            does(&AZURE, AZURE_QUOTE, "verify_signature"),
            does(&ATTESTATION_RS, ATTESTATION, "verify_tpm_signature"),
            does(&TRUSTEE, TRUSTEE_AZURE, "verify_tpm_signature"),
            does(&VERAISON, TOKEN, "VerifySignature"),
            does(&GO_TPM, "server/verify.go", "VerifyAttestation"),
        ],
    ),
    (
        &["tpm.pcr-digest"],
        &[
            does(&DSTACK, DSTACK_TPM, "compute_pcr_digest"),
            does(&AZURE, AZURE_QUOTE, "verify_pcrs"),
            does(&ATTESTATION_RS, ATTESTATION, "verify_tpm_pcrs"),
            does(&TRUSTEE, TRUSTEE_AZURE, "verify_tpm_pcrs"),
            does(&GO_TPM, "server/verify.go", "VerifyAttestation"),
        ],
    ),
    (
        &["tpm.pcr-values"],
        &[
            out(&AZURE, AZURE_QUOTE, "verify", "leaves the values to its caller"),
            out(&DSTACK, DSTACK_TPM, "VerifiedReport", "hands the values to its caller"),
            part(
                &ATTESTATION_RS,
                ATTESTATION,
                "check_init_data",
                "register 8, where the caller gives what was measured into it",
            ),
            policy(
                &TRUSTEE,
                "attestation-service/src/ear_token/ear_default_policy_cpu.rego",
                "executables",
                "register 11 alone in the default policy",
            ),
            does(&VERAISON, "scheme/tpm-enacttrust/scheme.go", "AppraiseClaims"),
        ],
    ),
    (
        &["tpm.event-log"],
        &[
            out(&TRUSTEE, TRUSTEE_TPM, "evaluate", "takes none"),
            out(&AZURE, AZURE_QUOTE, "verify", "takes none"),
            out(&ATTESTATION_RS, ATTESTATION, "verify_tpm_pcrs", "takes none"),
            out(&VERAISON, TOKEN, "Decode", "takes none"),
            part(&DSTACK, DSTACK_TPM, "verify_event_log", "a register of which the log has no event passes"),
            does(&GO_TPM, "server/verify.go", "parseMachineStateFromTPM"),
        ],
    ),
    (
        &["tpm.events"],
        &[
            out(&TRUSTEE, TRUSTEE_TPM, "evaluate", "takes no log"),
            out(&DSTACK, DSTACK_TPM, "verify_event_log", "writes one of them to its own log"),
            asked(&GO_TPM, "server/policy.go", "EvaluatePolicy"),
        ],
    ),
    (&["tpm.clock", "tpm.boot", "tpm.firmware"], COUNTERS),
    (
        &["azure.format"],
        &[
            part(
                &AZURE,
                AZURE_REPORT,
                "HclReport::new",
                "sizes and the kind of hardware; another digest than SHA-256 panics",
            ),
            part(&ATTESTATION_RS, ATTESTATION, "parse_hcl_report", "the magic number, sizes and the kind of hardware"),
        ],
    ),
    (
        &["azure.attestation-key"],
        &[
            part(&AZURE, AZURE_REPORT, "ak_pub", "the first key of the name; not what it is for"),
            part(
                &ATTESTATION_RS,
                ATTESTATION,
                "extract_ak_pub_from_jwk_json",
                "the first RSA key of the name; not what it is for, and another form where there is none",
            ),
        ],
    ),
    (
        &["azure.runtime-data"],
        &[
            out(&AZURE, AZURE_REPORT, "var_data_sha256", "offers the digest to its caller"),
            does(&TRUSTEE, TRUSTEE_AZURE, "verify_report_data"),
            does(&ATTESTATION_RS, ATTESTATION, "verify_hcl_var_data_binding"),
        ],
    ),
    (&["azure.secure-boot", "azure.console", "azure.vm-id"], MACHINE),
    (
        &["azure.user-data"],
        &[
            out(&AZURE, AZURE_REPORT, "ak_pub", "reads the keys alone"),
            out(&ATTESTATION_RS, ATTESTATION, "extract_ak_pub_from_jwk_json", "reads the keys alone"),
            part(
                &TRUSTEE,
                TRUSTEE_AZURE,
                "verify_user_data",
                "from evidence of version 2 on, and as many bytes as were given",
            ),
        ],
    ),
];
