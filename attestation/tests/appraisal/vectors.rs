//! Recorded Evidence of real machines: from `SEALROOM_VECTORS` (default `../shared/vectors` beside the repository), and from
//! the package `sev`, which every machine that runs the tests has.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealroom_attestation::snp::{self, Bits, SigningKey, TcbVersion};
use sealroom_attestation::{Evidence, Measurement, Requirement, Rule, TrustAnchor, vendor_roots};

pub(crate) use crate::folder::{folder, read};

/// One recorded report with what it needs.
pub(crate) struct Recorded {
    pub(crate) name: &'static str,
    pub(crate) evidence: Vec<u8>,
    pub(crate) endorsements: Vec<Vec<u8>>,
    pub(crate) root: &'static str,
    /// A time at which its certificates are valid.
    pub(crate) at: u64,
}

/// 2023-06-01, for the certificates of that year.
const IN_2023: u64 = 1_685_577_600;
/// 2025-06-01.
const IN_2025: u64 = 1_748_736_000;

fn from_hex(text: &[u8]) -> Vec<u8> {
    let digits = core::str::from_utf8(text).unwrap().trim();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// The SNP report inside a report of Azure's paravisor: after a header of 32 bytes.
fn inside_hcl(report: &[u8]) -> Vec<u8> {
    report[32..32 + 1184].to_vec()
}

fn json(folder: &Path, name: &str) -> serde_json::Value {
    serde_json::from_slice(&read(folder, name)).unwrap()
}

fn base64(value: &serde_json::Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap().trim_end_matches('=')).unwrap()
}

/// Every recorded report.
pub(crate) fn all(folder: &Path) -> Vec<Recorded> {
    let file = |name: &str| read(folder, name);
    let milan = || file("snp/roots/milan/ask.pem");
    let genoa = || file("snp/roots/genoa/ask.pem");
    let azure = |name: &'static str, endorsement: Vec<u8>, root| {
        let value = json(folder, name);
        let (report, leaf) = match value.get("hcl_report") {
            Some(report) => (base64(report), base64(&value["vcek"])),
            None => {
                let bytes = value["report"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|byte| u8::try_from(byte.as_u64().unwrap()).unwrap());
                (bytes.collect(), value["vcek"].as_str().unwrap().as_bytes().to_vec())
            }
        };
        Recorded { name, evidence: inside_hcl(&report), endorsements: vec![leaf, endorsement], root, at: IN_2025 }
    };
    vec![
        Recorded {
            name: "snp/trustee/test-report.bin",
            evidence: file("snp/trustee/test-report.bin"),
            endorsements: vec![file("snp/trustee/test-vcek.der"), milan()],
            root: "ARK-Milan",
            at: IN_2023,
        },
        Recorded {
            name: "snp/trustee/test-vlek-report.bin",
            evidence: file("snp/trustee/test-vlek-report.bin"),
            endorsements: vec![file("snp/trustee/test-vlek.der"), file("snp/go-sev-guest/milanvlek.pem")],
            root: "ARK-Milan",
            at: IN_2025,
        },
        Recorded {
            name: "snp/virtee/report_milan.hex",
            evidence: from_hex(&file("snp/virtee/report_milan.hex")),
            endorsements: vec![file("snp/virtee/vcek_milan.der"), file("snp/virtee/cert_chain_milan")],
            root: "ARK-Milan",
            at: IN_2023,
        },
        Recorded {
            name: "azure-vtpm/snp/hcl-report.bin",
            evidence: inside_hcl(&file("azure-vtpm/snp/hcl-report.bin")),
            endorsements: vec![file("azure-vtpm/snp/vcek.pem")],
            root: "ARK-Milan",
            at: IN_2023,
        },
        azure("azure-vtpm/snp/evidence-v0.json", milan(), "ARK-Milan"),
        azure("azure-vtpm/snp/evidence-v1.json", milan(), "ARK-Milan"),
        azure("azure-vtpm/snp/evidence-v2.json", milan(), "ARK-Milan"),
        azure("azure-vtpm/snp/evidence-genoa.json", genoa(), "ARK-Genoa"),
    ]
}

/// Genuine, of a guest whose memory the host may read: its guest policy allows debugging.
pub(crate) fn with_debugging(folder: &Path) -> Recorded {
    Recorded {
        name: "snp/go-sev-guest/attestation.bin",
        evidence: read(folder, "snp/go-sev-guest/attestation.bin"),
        endorsements: vec![read(folder, "snp/go-sev-guest/vcek.der"), read(folder, "snp/go-sev-guest/milan.pem")],
        root: "ARK-Milan",
        at: IN_2023,
    }
}

/// The report that the package `sev` carries.
pub(crate) fn packaged() -> Recorded {
    let folder = package_folder("sev").join("tests/certs_data");
    Recorded {
        name: "sev: tests/certs_data/report_milan.hex",
        evidence: from_hex(&read(&folder, "report_milan.hex")),
        endorsements: vec![read(&folder, "vcek_milan.der"), read(&folder, "cert_chain_milan")],
        root: "ARK-Milan",
        at: IN_2023,
    }
}

/// Where cargo keeps the source of a package that the tests depend on.
pub(crate) fn package_folder(package: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = metadata["packages"].as_array().unwrap().iter().find(|found| found["name"] == package).unwrap();
    Path::new(found["manifest_path"].as_str().unwrap()).parent().unwrap().to_path_buf()
}

pub(crate) fn vendor_anchor(name: &str) -> TrustAnchor {
    let root = vendor_roots().find(|root| root.name == name).unwrap();
    TrustAnchor::new(root.fingerprint, false).unwrap()
}

/// A policy that pins all that this Evidence says, so far as no check forbids it.
pub(crate) fn pinning(evidence: &Evidence, anchor: TrustAnchor) -> snp::Accept {
    let claims = evidence.unverified_snp_claims().unwrap();
    // Milan and Genoa.
    let level =
        |[bootloader, tee, _, _, _, _, snp, microcode]: [u8; 8]| TcbVersion { fmc: 0, bootloader, tee, snp, microcode };
    let vlek = claims.signing_key == 1;
    let committed = claims.committed_tcb == claims.current_tcb && claims.committed_version == claims.current_version;
    // All but the least firmware ABI, which is below, and what is refused whatever a policy says.
    let pinned_bits = 0xffff_0000 & !(snp::guest_policy::DEBUG | snp::guest_policy::MIGRATION_AGENT);
    snp::Accept {
        name: "pinned".to_owned(),
        trust_anchor: anchor,
        report_versions: vec![claims.version],
        signing_keys: vec![if vlek { SigningKey::Vlek } else { SigningKey::Vcek }],
        revocation: Requirement::skip("no list was recorded"),
        visible_chip_id: Requirement::Required,
        measurements: vec![Measurement::sha384(claims.measurement)],
        machines: if vlek { Rule::skip("a VLEK is shared") } else { Rule::Require(vec![claims.chip_id]) },
        minimum_firmware: Rule::Require(level(claims.reported_tcb)),
        minimum_launch_firmware: Rule::Require(level(claims.launch_tcb)),
        committed_firmware: if committed {
            Requirement::Required
        } else {
            Requirement::skip("recorded between update and commit")
        },
        guest_policy: Bits { set: claims.guest_policy & pinned_bits, clear: !claims.guest_policy & pinned_bits },
        minimum_guest_abi: Rule::Require(snp::GuestAbi::of_guest_policy(claims.guest_policy)),
        platform_info: Bits { set: claims.platform_info, clear: !claims.platform_info },
        maximum_vmpl: claims.vmpl,
        host_data: Rule::Require(vec![claims.host_data]),
        images: Rule::Require(vec![snp::Image { family_id: claims.family_id, image_id: claims.image_id }]),
        minimum_guest_svn: Rule::Require(claims.guest_svn),
        id_key_digests: Rule::Require(vec![claims.id_key_digest]),
        author_key_digests: Rule::skip("none is in use"),
        mitigations: Rule::skip("no report of version 5 was recorded"),
    }
}
