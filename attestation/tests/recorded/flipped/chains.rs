//! The same of Evidence that brings its chain of certificates: AWS Nitro's documents and Intel's quotes.

use sealroom_attestation::Platform;

use super::expected::{Row, row};

const NITRO: &[Platform] = &[Platform::AwsNitro];
const TDX: &[Platform] = &[Platform::IntelTdx];
const SGX: &[Platform] = &[Platform::IntelSgx];
const INTEL: &[Platform] = &[Platform::IntelTdx, Platform::IntelSgx];

const DECODES: &str = "what is no certificate any more does not decode";
const NAMES: &str = "names are compared, and its issuer signed it; what is no certificate any more does not decode";
const POINT: &str = "what the key signed is not by the new one; a point in another form is of no shape known here, and what is no certificate any more does not decode";

pub(super) const ROWS: &[Row] = &[
    // AWS Nitro.
    row(NITRO, &["timestamp", "user_data", "signature"], &[&["nitro.signature"]], ""),
    row(
        NITRO,
        &["module_id", "pcrs"],
        &[&["nitro.signature"], &["nitro.payload"]],
        "text that is no id, and a register's number, do not decode",
    ),
    row(
        NITRO,
        &[
            "authority: length",
            "cabundle: shape",
            "digest",
            "digest: shape",
            "leaf: length",
            "module_id: shape",
            "nonce: shape",
            "payload: keys",
            "pcrs: shape",
            "public_key: shape",
            "timestamp: shape",
            "user_data: shape",
        ],
        &[&["nitro.payload"]],
        "",
    ),
    row(
        NITRO,
        &["protected header", "protected header: shape", "signature: shape", "unprotected header: shape"],
        &[&["nitro.cose"]],
        "",
    ),
    row(
        NITRO,
        &["shape"],
        &[&["nitro.cose"], &["nitro.payload"], &["common.evidence-kind"]],
        "the payload's map is its own; some bits make it nobody's",
    ),
    row(
        NITRO,
        &[
            "leaf: shape",
            "leaf: version",
            "leaf: algorithm",
            "authority: shape",
            "authority: version",
            "authority: algorithm",
            "root: shape",
            "root: version",
            "root: algorithm",
        ],
        &[&["common.endorsements"]],
        "",
    ),
    row(
        NITRO,
        &["authority: serial number", "leaf: signature", "authority: signature"],
        &[&["common.chain-signatures", "nitro.signature"], &["common.endorsements"]],
        "the certificate is in the document that is signed; what is no certificate any more does not decode",
    ),
    row(
        NITRO,
        &["leaf: serial number"],
        &[&["common.chain-signatures", "nitro.signature"]],
        "the certificate is in the document that is signed",
    ),
    row(
        NITRO,
        &["leaf: subject"],
        &[&["common.chain-signatures", "nitro.signature"], &["common.endorsements"]],
        DECODES,
    ),
    row(
        NITRO,
        &["leaf: issuer", "authority: issuer", "authority: subject"],
        &[&["nitro.chain", "common.chain-signatures", "nitro.signature"], &["common.endorsements"]],
        NAMES,
    ),
    row(
        NITRO,
        &["leaf: validity"],
        &[&["common.chain-signatures", "common.time", "nitro.signature"], &["common.endorsements"]],
        "its hours are another's, and its issuer signed them; what is no time does not decode",
    ),
    row(
        NITRO,
        &["authority: validity"],
        &[
            &["common.chain-signatures", "nitro.signature"],
            &["common.chain-signatures", "common.time", "nitro.signature"],
            &["common.endorsements"],
        ],
        "its issuer signed its days, which may hold all the same; what is no time does not decode",
    ),
    row(
        NITRO,
        &["leaf: public key", "authority: public key", "leaf: extensions", "authority: extensions"],
        &[
            &["common.chain-signatures", "nitro.signature"],
            &["nitro.chain", "common.chain-signatures", "nitro.signature"],
            &["common.endorsements"],
        ],
        "its issuer signed it; what is of another shape is not AWS's, and what is no certificate any more does not decode",
    ),
    row(
        NITRO,
        &["root: serial number", "root: signature", "root: validity"],
        &[&["common.trust-anchor", "nitro.signature"], &["common.endorsements"]],
        "the policy pins the root's every byte, and it is in the document that is signed",
    ),
    row(
        NITRO,
        &["root: issuer", "root: subject"],
        &[&["common.trust-anchor", "nitro.chain", "nitro.signature"], &["common.endorsements"]],
        "the policy pins the root's every byte; what it issued names it",
    ),
    row(
        NITRO,
        &["root: extensions"],
        &[
            &["common.trust-anchor", "nitro.signature"],
            &["common.trust-anchor", "nitro.chain", "nitro.signature"],
            &["common.endorsements"],
        ],
        "the policy pins the root's every byte; what is of another shape is not AWS's",
    ),
    row(
        NITRO,
        &["root: public key"],
        &[
            &["common.trust-anchor", "common.chain-signatures", "nitro.signature"],
            &["common.trust-anchor", "nitro.chain", "common.chain-signatures", "nitro.signature"],
            &["common.endorsements"],
        ],
        POINT,
    ),
    // Intel: header and body.
    row(INTEL, &["user data", "report data", "signature"], &[&["dcap.signature"]], ""),
    row(
        SGX,
        &[
            "svns of the header",
            "cpu svn",
            "miscselect",
            "extended product id",
            "attributes",
            "xfrm",
            "mrenclave",
            "mrsigner",
            "config id",
            "product id",
            "svn",
            "config svn",
            "family id",
        ],
        &[&["dcap.signature"]],
        "",
    ),
    row(
        TDX,
        &["mrseam", "td attributes", "xfam", "mrtd", "mrconfigid", "mrowner and mrownerconfig", "rtmr", "mrservicetd"],
        &[&["dcap.signature"]],
        "",
    ),
    row(
        TDX,
        &["mrsignerseam", "seam attributes"],
        &[&["tdx.module", "dcap.signature"]],
        "it is signed, and Intel says what it must be",
    ),
    row(
        TDX,
        &["tee tcb svn"],
        &[&["dcap.signature"], &["tdx.module", "dcap.signature", "dcap.tcb-level"]],
        "a level that is higher or not compared is still listed; the module's version names an identity, and a level by it",
    ),
    row(
        TDX,
        &["tee tcb svn 2"],
        &[&["dcap.signature"], &["dcap.signature", "dcap.tcb-level"]],
        "a level that is higher or not compared is still listed",
    ),
    row(
        TDX,
        &["version"],
        &[&["dcap.version"], &["common.evidence-kind"], &["common.evidence-size"]],
        "4 becomes 5, whose body has a length of its own; some bits make it nobody's",
    ),
    row(SGX, &["version"], &[&["dcap.version"], &["common.evidence-kind"]], "some bits make it nobody's"),
    row(INTEL, &["key type"], &[&["dcap.key-type"], &["common.evidence-kind"]], "some bits make it nobody's"),
    row(INTEL, &["tee type"], &[&["dcap.version"]], ""),
    row(TDX, &["body: kind"], &[&["dcap.version"], &["common.evidence-size"]], "3 becomes 2, which is shorter"),
    row(INTEL, &["reserved", "quoting enclave: reserved"], &[&["dcap.reserved"]], ""),
    row(
        INTEL,
        &["vendor"],
        &[&["dcap.qe-vendor", "dcap.signature"]],
        "it is signed, and no other quoting enclave is known",
    ),
    row(INTEL, &["signatures: length", "certificates: length"], &[&["common.evidence-size"]], ""),
    row(TDX, &["body: length", "certification data: length"], &[&["common.evidence-size"]], ""),
    row(TDX, &["certification data: kind", "authentication data: length"], &[&["dcap.certification-data"]], ""),
    row(
        SGX,
        &["authentication data: length"],
        &[&["dcap.certification-data"], &["common.evidence-size"]],
        "what follows is looked for elsewhere, or beyond the end",
    ),
    row(INTEL, &["certificates: kind"], &[&["dcap.certification-data"]], ""),
    row(
        INTEL,
        &["attestation key"],
        &[&["dcap.qe-report-data", "dcap.signature"]],
        "another key did not sign the quote, and is not the one that the quoting enclave vouches for",
    ),
    row(INTEL, &["authentication data"], &[&["dcap.qe-report-data"]], ""),
    // Intel: the quoting enclave.
    row(
        INTEL,
        &[
            "quoting enclave: cpu svn",
            "quoting enclave: extended product id",
            "quoting enclave: xfrm",
            "quoting enclave: mrenclave",
            "quoting enclave: config id",
            "quoting enclave: config svn",
            "quoting enclave: family id",
            "quoting enclave: signature",
        ],
        &[&["dcap.qe-signature"]],
        "",
    ),
    row(
        INTEL,
        &["quoting enclave: miscselect", "quoting enclave: mrsigner", "quoting enclave: product id"],
        &[&["dcap.qe-signature", "dcap.qe-identity"]],
        "it is signed, and stands in the QE identity",
    ),
    row(
        INTEL,
        &["quoting enclave: attributes"],
        &[&["dcap.qe-signature", "dcap.qe-identity"], &["dcap.qe-signature"]],
        "it is signed, and stands in the QE identity but for what its mask leaves out",
    ),
    row(
        INTEL,
        &["quoting enclave: svn"],
        &[&["dcap.qe-signature"], &["dcap.qe-signature", "dcap.tcb-level"]],
        "it is signed; one that is lower may be below every level",
    ),
    row(
        INTEL,
        &["quoting enclave: report data"],
        &[&["dcap.qe-signature", "dcap.qe-report-data"]],
        "it is signed, and is the digest of the attestation key",
    ),
    // Intel: the chain, a bit of the DER at a time.
    row(
        INTEL,
        &[
            "pck: shape",
            "pck: version",
            "pck: algorithm",
            "ca: shape",
            "ca: version",
            "ca: algorithm",
            "root: shape",
            "root: version",
            "root: algorithm",
        ],
        &[&["dcap.certification-data"]],
        "",
    ),
    row(INTEL, &["pck: serial number", "ca: serial number"], &[&["common.chain-signatures"]], ""),
    row(
        INTEL,
        &["pck: signature", "pck: validity", "ca: signature", "ca: validity", "ca: extensions"],
        &[&["common.chain-signatures"], &["dcap.certification-data"]],
        DECODES,
    ),
    row(
        INTEL,
        &["pck: issuer", "ca: issuer"],
        &[&["dcap.chain", "common.chain-signatures"], &["dcap.certification-data"]],
        NAMES,
    ),
    row(
        INTEL,
        &["pck: subject"],
        &[&["common.chain-signatures"], &["dcap.chain", "common.chain-signatures"], &["dcap.certification-data"]],
        "of its name, Intel fixes one part; what is no certificate any more does not decode",
    ),
    row(
        INTEL,
        &["ca: subject"],
        &[&["dcap.chain", "common.chain-signatures", "common.revocation"], &["dcap.certification-data"]],
        "names are compared, its issuer signed it, and its list names it",
    ),
    row(
        INTEL,
        &["pck: public key"],
        &[
            &["common.chain-signatures", "dcap.qe-signature"],
            &["dcap.chain", "common.chain-signatures", "dcap.qe-signature"],
            &["dcap.certification-data"],
        ],
        POINT,
    ),
    row(
        INTEL,
        &["ca: public key"],
        &[
            &["common.chain-signatures", "common.revocation"],
            &["dcap.chain", "common.chain-signatures", "common.revocation"],
            &["dcap.certification-data"],
        ],
        POINT,
    ),
    row(
        INTEL,
        &["pck: extensions"],
        &[
            &["common.chain-signatures"],
            &["common.chain-signatures", "dcap.pck-extension"],
            &["dcap.certification-data"],
        ],
        "its issuer signed it; Intel's extension is read in exact DER",
    ),
    row(INTEL, &["root: serial number"], &[&["common.trust-anchor"]], ""),
    row(
        INTEL,
        &["root: signature", "root: validity", "root: extensions"],
        &[&["common.trust-anchor"], &["dcap.certification-data"]],
        DECODES,
    ),
    row(
        INTEL,
        &["root: issuer"],
        &[&["common.trust-anchor", "dcap.chain"], &["dcap.certification-data"]],
        "the policy pins the root's every byte, and it issued itself",
    ),
    row(
        INTEL,
        &["root: subject"],
        &[&["common.trust-anchor", "dcap.chain", "common.revocation"], &["dcap.certification-data"]],
        "the policy pins the root's every byte; what it issued, and its list, name it",
    ),
    row(
        INTEL,
        &["root: public key"],
        &[
            &["common.trust-anchor", "common.chain-signatures", "common.revocation"],
            &["common.trust-anchor", "dcap.chain", "common.chain-signatures", "common.revocation"],
            &["dcap.certification-data"],
        ],
        POINT,
    ),
];
