//! Which well-known verifiers leave a check out, as their sources say. Facts about others, so they stand with the page and not
//! with the checks; where nothing stands, nobody looked.

/// A step, by the ids of its checks here, and who leaves it out.
pub(crate) const LEFT_OUT: &[(&[&str], &str)] = &[
    (
        &["common.evidence-size"],
        "dcap-qvl before its audit took memory on the word of a length; snpguest (issue 38) panicked on odd input.",
    ),
    (
        &["common.endorsements"],
        "attestation-rs: without the chain of the TCB signer a warning is logged and the signature is not verified.",
    ),
    (
        &["common.trust-anchor"],
        "`sev` 7.1 to 8.0 (the caller brings the root); snpguest (takes the ARK from a folder); go-sev-guest before pull request \
         190; TEE-Attestation-Verification on its command line's path (140). In part: Oak, which pins the ASK.",
    ),
    (
        &["common.chain-signatures"],
        "snpguest, whose `verify attestation` leaves the chain to another command; `sev` leaves it to the caller. Off by default: \
         TEE-Attestation-Verification.",
    ),
    (
        &["common.time"],
        "`sev` 7.1 to 8.0, snpguest, Trustee (SEV-SNP), TEE-Attestation-Verification (in its pure Rust path). The leaf's \
         dates alone: attestation-rs, Oak.",
    ),
    (
        &["common.revocation"],
        "SEV-SNP: `sev`, snpguest (fetches the list and does not use it, issue 130), Trustee, TEE-Attestation-Verification, Oak; off \
         by default: go-sev-guest, attestation-rs; a stale list was accepted by go-sev-guest (pull request 191). TDX: Oak; off by \
         default: go-tdx-guest, attestation-rs. NVIDIA: Trustee's local path.",
    ),
    (
        &["common.freshness"],
        "Trustee's Azure verifiers compare as many bytes as were given, so a beginning is enough; hf/nitrite does not compare the \
         nonce; evervault's attestation-doc-validation does where the caller asks.",
    ),
    (
        &["snp.version"],
        "`sev` 7.1 to 8.0 (reads what it does not know as version 5), snpguest, TEE-Attestation-Verification before pull request \
         146. In part: Oak, which refuses those below 3.",
    ),
    (&["snp.reserved"], "TEE-Attestation-Verification, Oak. In part: `sev`, snpguest, Trustee, attestation-rs."),
    (&["snp.signature-algorithm"], "`sev`, snpguest, Trustee, attestation-rs, TEE-Attestation-Verification."),
    (
        &["snp.signing-key", "snp.leaf-kind"],
        "`sev`, snpguest, Trustee (goes by the label in the certificate table), TEE-Attestation-Verification, Oak. In part: \
         attestation-rs, by the certificate's name. VLEKs at all: TEE-Attestation-Verification, Oak.",
    ),
    (
        &["snp.chain", "snp.product"],
        "Names, issuer and product line: `sev`, snpguest, Trustee, attestation-rs. In part: TEE-Attestation-Verification; Oak, by a \
         part of the name.",
    ),
    (
        &["snp.signature"],
        "None leaves it out; `sev`, snpguest, Trustee and attestation-rs verify it over the report written anew from its fields, not \
         over the bytes received.",
    ),
    (
        &["snp.leaf-extensions"],
        "Their exact form: `sev`, snpguest, Trustee, TEE-Attestation-Verification, Oak. In part: attestation-rs.",
    ),
    (
        &["snp.firmware-certified"],
        "`sev`. In part: snpguest (a missing extension passes), Trustee, TEE-Attestation-Verification and Oak (the last byte of the \
         extension; in Oak a missing one is 0). Turin's levels: go-sev-guest (issue 165).",
    ),
    (
        &["snp.chip-id"],
        "`sev`, snpguest and Trustee (the comparison stands in code that does not run). In part: go-sev-guest (an id of zeros \
         passes in silence), TEE-Attestation-Verification.",
    ),
    (
        &["snp.measurement"],
        "attestation-rs returned `Ok` for another one (pull request 68). Left to a policy: Trustee. Where the caller gives one: \
         snpguest, go-sev-guest.",
    ),
    (&["snp.debug"], "`sev`, snpguest, TEE-Attestation-Verification (issue 152). Left to a policy: Trustee."),
    (
        &["snp.migration", "snp.guest-policy"],
        "`sev`, snpguest, attestation-rs, TEE-Attestation-Verification, Oak. Shown as claims and not judged: Trustee.",
    ),
    (
        &["snp.platform-info"],
        "`sev`, snpguest, TEE-Attestation-Verification. Shown as claims and not judged: Trustee, attestation-rs. In part: Oak, which \
         wants the alias check.",
    ),
    (
        &["snp.vmpl"],
        "`sev`, snpguest, TEE-Attestation-Verification. Where the caller asks: go-sev-guest. Trustee, attestation-rs and Oak want 0.",
    ),
    (
        &["snp.firmware-order", "snp.firmware-committed"],
        "`sev`, snpguest, Trustee, attestation-rs, TEE-Attestation-Verification, Oak.",
    ),
    (&["snp.firmware-minimum"], "`sev`, snpguest, TEE-Attestation-Verification. Left to a policy: Trustee."),
    (
        &["snp.mitigations"],
        "`sev`, snpguest, Trustee, attestation-rs, TEE-Attestation-Verification. Oak compares the bits as a number.",
    ),
    (&["snp.id-key", "snp.author-key"], "`sev`, Trustee, attestation-rs, TEE-Attestation-Verification, Oak."),
    (&["dcap.version"], "Version 5: Oak; go-tdx-guest verifies it, and validates version 4 alone."),
    (
        &["dcap.qe-vendor"],
        "dcap-qvl before pull request 134, attestation-rs, Oak. Where the caller asks: go-tdx-guest.",
    ),
    (
        &["dcap.tcb-info-signature", "dcap.qe-identity-signature"],
        "Oak, which reads neither document. In part: attestation-rs (see `common.endorsements`). That the signer is Intel's TCB \
         signer by name: dcap-qvl 0.5.2 and 0.7.1, attestation-rs, Oak.",
    ),
    (&["dcap.collateral-time"], "Oak; attestation-rs warns. In part: Trustee, which reports it in a claim."),
    (&["dcap.fmspc"], "attestation-rs, Oak."),
    (&["dcap.pce-id"], "dcap-qvl 0.5.2 and 0.7.1, attestation-rs, Oak."),
    (
        &["dcap.qe-identity"],
        "dcap-qvl before 0.3.9 (CVE-2026-22696), Oak. Off by default: go-tdx-guest. In part: attestation-rs.",
    ),
    (
        &["dcap.tcb-level"],
        "That components 0 and 1 are the module's own: dcap-qvl 0.5.2, attestation-rs (which also compares no further than the \
         shorter list), Oak.",
    ),
    (&["dcap.tcb-revoked"], "automata-dcap-attestation before pull request 144, for the quoting enclave."),
    (
        &["dcap.tcb-status"],
        "All but revoked pass: dcap-qvl 0.5.2, attestation-rs; the command line of dcap-qvl 0.7.1 ends with 0 unless `--strict` is \
         given; left to caller or policy: Intel's QVL, Trustee. Convergence of platform, quoting enclave and module: \
         attestation-rs, Oak; in part: dcap-qvl 0.5.2, go-tdx-guest. Advice to relaunch: dcap-qvl 0.5.2, go-tdx-guest, \
         attestation-rs, Oak.",
    ),
    (&["dcap.tcb-age", "dcap.advisories"], "dcap-qvl 0.5.2, go-tdx-guest, attestation-rs, Oak, Trustee."),
    (
        &["tdx.module"],
        "attestation-rs, Oak. In part: dcap-qvl 0.5.2, which dropped the identities while it read the JSON (issue 124). Off by \
         default: go-tdx-guest.",
    ),
    (&["tdx.debug"], "Intel's QVL, by design. Off by default: go-tdx-guest. Left to a policy: Trustee."),
    (
        &["nitro.cose"],
        "In part: evervault's attestation-doc-validation, whose list of algorithms has RSA and Ed25519 too.",
    ),
    (
        &["nitro.chain"],
        "Key usage and path length in part: hf/nitrite, evervault's attestation-doc-validation, Turnkey's qos.",
    ),
    (
        &["nitro.timestamp"],
        "hf/nitrite, evervault's attestation-doc-validation, Turnkey's qos (the caller picks the time of validity).",
    ),
    (
        &["nitro.debug"],
        "hf/nitrite, evervault's attestation-doc-validation. Turnkey's qos refuses it as another measurement.",
    ),
    (
        &["nitro.measurement", "nitro.registers"],
        "Those that the caller does not give: hf/nitrite, evervault's attestation-doc-validation.",
    ),
    (&["nitro.nonce"], "hf/nitrite. Where the caller asks: evervault's attestation-doc-validation."),
    (
        &["tpm.key"],
        "Trustee's policy for TPMs affirms the hardware of any RSA key; az-cvm-vtpm 0.8.2 leaves it to the caller.",
    ),
    (
        &["tpm.pcr-selection"],
        "Trustee's Azure verifiers, az-cvm-vtpm 0.8.2, attestation-rs before pull request 69: the values are hashed and compared \
         with the digest, and which registers were quoted is not looked at.",
    ),
    (&["cca.lifecycle"], "veraison/rust-ccatoken 0.1.0, which reads it and compares it with nothing."),
    (&["gpu.chip"], "Other architectures than Hopper: Trustee's local path."),
    (
        &["gpu.measurements"],
        "Left to a policy: Trustee's local path. attestation-rs asks NVIDIA's service and judges nothing itself.",
    ),
];

/// Who leaves this check out.
pub(crate) fn left_out(id: &str) -> &'static str {
    let known = LEFT_OUT.iter().find(|(ids, _)| ids.contains(&id));
    known.map_or("not looked at.", |(_, who)| who)
}
