//! Which checks fail for one flipped bit of a field: each flip must end in one of a row's sets, and each set must be seen.

use sealroom_attestation::Platform;

/// Fields that end alike.
pub(crate) struct Row {
    pub(crate) platforms: &'static [Platform],
    pub(crate) fields: &'static [&'static str],
    pub(crate) ends: &'static [&'static [&'static str]],
    /// Why more than one check fails, or one flip ends otherwise than another.
    pub(crate) why: &'static str,
}

pub(super) const fn row(
    platforms: &'static [Platform],
    fields: &'static [&'static str],
    ends: &'static [&'static [&'static str]],
    why: &'static str,
) -> Row {
    Row { platforms, fields, ends, why }
}

const SNP: &[Platform] = &[Platform::AmdSevSnp];
const AZURE: &[Platform] = &[Platform::AzureSnp];
const AMD: &[Platform] = &[Platform::AmdSevSnp, Platform::AzureSnp];
const CCA: &[Platform] = &[Platform::ArmCca];
const GPU: &[Platform] = &[Platform::NvidiaGpu];

const SHAPE: &str = "some bits make it another platform's, or nobody's";

pub(super) const ROWS: &[Row] = &[
    row(
        AMD,
        &[
            "guest svn",
            "guest policy",
            "family and image id",
            "vmpl",
            "current firmware",
            "platform info",
            "measurement",
            "host data",
            "id key digest",
            "author key digest",
            "report id",
            "migration agent's report id",
            "committed firmware",
            "current version",
            "committed version",
            "launch firmware",
            "signature",
        ],
        &[&["snp.signature"]],
        "",
    ),
    row(AMD, &["reserved", "signature: unused"], &[&["snp.reserved"]], ""),
    row(SNP, &["report data"], &[&["snp.signature"]], ""),
    row(
        AZURE,
        &["report data"],
        &[&["snp.signature", "azure.runtime-data"]],
        "it is signed, and is the digest of the runtime data",
    ),
    row(
        AMD,
        &["reported firmware"],
        &[&["snp.signature", "snp.firmware-certified"]],
        "it is signed, and stands in the certificate too",
    ),
    row(
        SNP,
        &["version"],
        &[&["snp.version"], &["snp.reserved"], &["snp.signature", "snp.product"]],
        "3 becomes 2, where the processor's bytes are reserved, and 2 becomes 3, where they name no processor",
    ),
    row(AZURE, &["version"], &[&["snp.version"]], ""),
    row(
        AMD,
        &["signature algorithm"],
        &[&["snp.signature-algorithm", "snp.signature"]],
        "it is signed, and no other is known",
    ),
    row(SNP, &["signing key"], &[&["snp.signature"]], ""),
    row(
        AZURE,
        &["signing key"],
        &[&["snp.signing-key", "snp.signature"]],
        "the flipped bit says that the chip's key is masked",
    ),
    row(
        AMD,
        &["processor"],
        &[&["snp.signature"], &["snp.signature", "snp.product"]],
        "the stepping, and low bits of the model, are of the same line",
    ),
    row(
        SNP,
        &["chip id"],
        &[&["snp.signature", "snp.chip-id"], &["snp.signature"]],
        "it stands in a VCEK too; a VLEK names no chip",
    ),
    row(AZURE, &["chip id"], &[&["snp.signature", "snp.chip-id"]], "it stands in the VCEK too"),
    // Azure.
    row(AZURE, &["container: name"], &[&["common.evidence-kind"]], ""),
    row(
        AZURE,
        &[
            "container: length",
            "paravisor: header",
            "paravisor: runtime header",
            "runtime data: length",
            "paravisor: padding",
        ],
        &[&["azure.format"]],
        "",
    ),
    row(
        AZURE,
        &["runtime data"],
        &[&["azure.runtime-data"], &["azure.runtime-data", "tpm.signature"], &["azure.attestation-key"]],
        "where the key stands, another key results, or none; what is no JSON any more does not decode",
    ),
    row(
        AZURE,
        &["attest: signer", "attest: extra data", "attest: clock", "attest: firmware", "tpm signature"],
        &[&["tpm.signature"]],
        "",
    ),
    row(AZURE, &["attest: safe"], &[&["tpm.signature"], &["tpm.format"]], "it is 0 or 1, and nothing else"),
    row(
        AZURE,
        &["attest: bank", "attest: selection", "attest: digest"],
        &[&["tpm.signature", "tpm.pcr-digest"]],
        "it is signed, and the values are compared with it",
    ),
    row(
        AZURE,
        &[
            "attest: magic and type",
            "attest: signer: length",
            "attest: extra data: length",
            "attest: selections",
            "attest: selection: length",
            "attest: digest: length",
            "tpm signature: length",
            "values: bank",
            "values: index",
        ],
        &[&["tpm.format"]],
        "",
    ),
    row(
        AZURE,
        &["tpm signature: scheme"],
        &[&["tpm.signature-scheme"], &["tpm.format"]],
        "a scheme that is known is not this key's; another is unknown",
    ),
    row(AZURE, &["values"], &[&["tpm.pcr-digest"]], ""),
    // Arm CCA.
    row(
        CCA,
        &["platform: config", "platform: implementation id", "platform: lifecycle", "platform: signature"],
        &[&["cca.platform-signature"]],
        "",
    ),
    row(
        CCA,
        &["platform: challenge"],
        &[&["cca.platform-signature", "cca.binding"]],
        "it is signed, and is the digest of the realm's key",
    ),
    row(
        CCA,
        &["platform: instance id"],
        &[&["cca.instance-id", "cca.platform-signature"], &["cca.platform-claims"]],
        "it is signed, and the policy's key belongs to it; its first byte says its kind",
    ),
    row(
        CCA,
        &["platform: components", "platform: verification service"],
        &[&["cca.platform-signature"], &["cca.platform-claims"]],
        "keys, and text that is no UTF-8 or not what may stand there, do not decode",
    ),
    row(
        CCA,
        &[
            "platform: challenge: shape",
            "platform: components: shape",
            "platform: config: shape",
            "platform: hash algorithm",
            "platform: hash algorithm: shape",
            "platform: implementation id: shape",
            "platform: instance id: shape",
            "platform: keys",
            "platform: lifecycle: shape",
            "platform: profile",
            "platform: profile: shape",
            "platform: verification service: shape",
        ],
        &[&["cca.platform-claims"]],
        "",
    ),
    row(
        CCA,
        &[
            "platform: protected header",
            "platform: protected header: shape",
            "platform: signature: shape",
            "platform: unprotected header: shape",
            "realm: protected header",
            "realm: protected header: shape",
            "realm: signature: shape",
            "realm: unprotected header: shape",
        ],
        &[&["cca.token"]],
        "",
    ),
    row(
        CCA,
        &["platform: shape"],
        &[&["cca.token"], &["cca.platform-claims"]],
        "the head of the claims' map is theirs",
    ),
    row(CCA, &["realm: shape"], &[&["cca.token"], &["cca.realm-claims"]], "the head of the claims' map is theirs"),
    row(CCA, &["shape"], &[&["cca.token"], &["common.evidence-kind"]], SHAPE),
    row(
        CCA,
        &[
            "realm: challenge",
            "realm: extensible measurements",
            "realm: initial measurement",
            "realm: personalization value",
            "realm: signature",
        ],
        &[&["cca.realm-signature"]],
        "",
    ),
    row(
        CCA,
        &["realm: public key"],
        &[&["cca.binding", "cca.realm-signature"], &["cca.realm-claims"]],
        "another key neither signed the realm's token nor is bound in the platform's; its first byte says its form",
    ),
    row(
        CCA,
        &[
            "realm: challenge: shape",
            "realm: extensible measurements: shape",
            "realm: hash algorithm",
            "realm: hash algorithm of the public key",
            "realm: hash algorithm of the public key: shape",
            "realm: hash algorithm: shape",
            "realm: initial measurement: shape",
            "realm: keys",
            "realm: personalization value: shape",
            "realm: public key: shape",
        ],
        &[&["cca.realm-claims"]],
        "",
    ),
    // NVIDIA.
    row(
        GPU,
        &["measurement", "block: kind", "nonce", "nonce of the response", "other opaque data", "signature"],
        &[&["gpu.signature"]],
        "",
    ),
    row(
        GPU,
        &["firmware id"],
        &[&["gpu.firmware-certified", "gpu.signature"]],
        "it is signed, and stands in the certificate too",
    ),
    row(GPU, &["request: version, code, what is asked"], &[&["gpu.request"], &["common.evidence-kind"]], SHAPE),
    row(GPU, &["request: slot"], &[&["gpu.request"]], ""),
    row(
        GPU,
        &[
            "response: version and code",
            "response: slot",
            "number of blocks",
            "measurements: length",
            "block: specification",
            "block: length",
            "opaque data: length",
        ],
        &[&["gpu.response"]],
        "",
    ),
    row(GPU, &["block: index"], &[&["gpu.response"], &["gpu.signature"]], "indices ascend, each once"),
    row(
        GPU,
        &["driver version", "vbios version"],
        &[&["gpu.signature"], &["gpu.response"]],
        "what is no text or no version does not decode",
    ),
    row(
        GPU,
        &["opaque data: kind", "opaque data: field: length"],
        &[&["gpu.response"], &["gpu.signature"]],
        "a kind that the Verifier reads must be there, once and of its length; of another the kind is signed and no more",
    ),
];
