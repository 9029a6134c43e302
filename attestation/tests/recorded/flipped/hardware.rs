//! The layouts of AMD's report and of Intel's quotes.

use super::layout::{Field, Layout, pem};

/// AMD 56860, table ATTESTATION_REPORT.
pub(crate) fn snp(layout: &mut Layout<'_>) {
    let version = layout.bytes[layout.at];
    layout.all([
        ("version", 4),
        ("guest svn", 4),
        ("guest policy", 8),
        ("family and image id", 32),
        ("vmpl", 4),
        ("signature algorithm", 4),
        ("current firmware", 8),
        ("platform info", 8),
        ("signing key", 1),
        ("reserved", 7),
        ("report data", 64),
        ("measurement", 48),
        ("host data", 32),
        ("id key digest", 48),
        ("author key digest", 48),
        ("report id", 32),
        ("migration agent's report id", 32),
        ("reported firmware", 8),
    ]);
    if version == 2 {
        layout.take("reserved", 24);
    } else {
        layout.all([("processor", 3), ("reserved", 21)]);
    }
    layout.all([
        ("chip id", 64),
        ("committed firmware", 8),
        ("current version", 3),
        ("reserved", 1),
        ("committed version", 3),
        ("reserved", 1),
        ("launch firmware", 8),
    ]);
    // Mitigation vectors are of version 5.
    assert!(version < 5);
    layout.all([
        ("reserved", 168),
        ("signature", 48),
        ("signature: unused", 24),
        ("signature", 48),
        ("signature: unused", 24),
        ("reserved", 368),
    ]);
}

fn enclave_report(layout: &mut Layout<'_>, of: &str) {
    for (name, length) in [
        ("cpu svn", 16),
        ("miscselect", 4),
        ("reserved", 12),
        ("extended product id", 16),
        ("attributes", 8),
        ("xfrm", 8),
        ("mrenclave", 32),
        ("reserved", 32),
        ("mrsigner", 32),
        ("reserved", 32),
        ("config id", 64),
        ("product id", 2),
        ("svn", 2),
        ("config svn", 2),
        ("reserved", 42),
        ("family id", 16),
        ("report data", 64),
    ] {
        layout.take(format!("{of}{name}"), length);
    }
}

fn td_report(layout: &mut Layout<'_>, is_15: bool) {
    layout.all([
        ("tee tcb svn", 16),
        ("mrseam", 48),
        ("mrsignerseam", 48),
        ("seam attributes", 8),
        ("td attributes", 8),
        ("xfam", 8),
        ("mrtd", 48),
        ("mrconfigid", 48),
        ("mrowner and mrownerconfig", 96),
        ("rtmr", 192),
        ("report data", 64),
    ]);
    if is_15 {
        layout.all([("tee tcb svn 2", 16), ("mrservicetd", 48)]);
    }
}

/// Intel's quote library API, appendix A: versions 3, 4 and 5. The certificates are fields of their own, in DER.
pub(crate) fn quote(bytes: &[u8]) -> (Vec<Field>, core::ops::Range<usize>) {
    let mut layout = Layout::new(bytes);
    let (version, is_tdx) = (bytes[0], bytes[4] != 0);
    layout.all([("version", 2), ("key type", 2), ("tee type", 4)]);
    layout.take(if version == 3 { "svns of the header" } else { "reserved" }, 4);
    layout.all([("vendor", 16), ("user data", 20)]);
    if version == 5 {
        layout.all([("body: kind", 2), ("body: length", 4)]);
    }
    if is_tdx {
        td_report(&mut layout, version == 5 && bytes[48] == 3);
    } else {
        enclave_report(&mut layout, "");
    }
    layout.length("signatures", 4, false);
    layout.all([("signature", 64), ("attestation key", 64)]);
    if version > 3 {
        layout.take("certification data: kind", 2);
        layout.length("certification data", 4, false);
    }
    enclave_report(&mut layout, "quoting enclave: ");
    layout.take("quoting enclave: signature", 64);
    let length = layout.length("authentication data", 2, false);
    layout.take("authentication data", length);
    layout.take("certificates: kind", 2);
    let length = layout.length("certificates", 4, false);
    let text = layout.at..layout.at + length;
    for (index, name) in ["pck", "ca", "root"].into_iter().enumerate() {
        let der = pem::decode(&bytes[text.clone()]).swap_remove(index);
        let mut certificate = Layout::new(&der);
        certificate.certificate(name);
        layout.fields.extend(certificate.fields.into_iter().map(|field| Field { pem: Some(index), ..field }));
    }
    (layout.fields, text)
}
