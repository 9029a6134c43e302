//! Steps 1 to 8 and 10: is the report genuine? Every check runs; each that stands on a failed one says so.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::leaf::Leaf;
use super::{Accept, Product, Report, SigningKey, TcbVersion, checks};
use crate::anchor::VendorRoot;
use crate::certificate::Certificate;
use crate::chain::{Chain, Revocable};
use crate::check::common;
use crate::crypto::{Crypto, PublicKey, SignatureKind};
use crate::endorsements::Endorsements;
use crate::ledger::Ledger;
use crate::path::{Height, Paths};
use crate::policy::Requirement;
use crate::result::Established;
use crate::text::{Hex, joined};

const RSA_4096_BYTES: usize = 512;
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];

/// What authenticity established. Having one means: every check of the step holds.
#[derive(Clone, Debug)]
pub(crate) struct Genuine {
    pub(crate) product: Product,
    pub(crate) signing_key: SigningKey,
    /// The level that the signing key was derived for.
    pub(crate) reported: TcbVersion,
    /// None where masked, and under a VLEK, whose certificate vouches for no chip.
    pub(crate) machine: Option<[u8; 64]>,
    pub(crate) valid_until: u64,
}

impl Genuine {
    pub(crate) fn established(&self) -> Established {
        Established {
            valid_until: self.valid_until,
            machine: self.machine.map(|id| id.to_vec()),
            hardware: format!("{}, {}", self.product, self.reported),
        }
    }
}

/// Enters every check of [`Step::Authentic`](crate::Step) and of the format into the ledger.
pub(crate) fn authenticate(
    report: &Report,
    block: &Accept,
    endorsements: &Endorsements,
    crypto: &Crypto<'_>,
    now: u64,
    ledger: &mut Ledger,
) -> Option<Genuine> {
    let claims = report.claims();
    // Step 1: what decoding has shown.
    ledger.pass(&common::EVIDENCE_SIZE, "1184 bytes", "1184 bytes");
    ledger.pass(&checks::VERSION, "version 2, 3, 4 or 5", format!("version {}", claims.version));
    ledger.pass(&checks::RESERVED, "reserved bytes zero", "reserved bytes zero");
    // Steps 2 and 3.
    ledger.judge(
        &checks::SIGNATURE_ALGORITHM,
        claims.signature_algorithm == 1,
        "1 (ECDSA P-384 with SHA-384)",
        claims.signature_algorithm.to_string(),
    );
    let kind = judge_signing_key(report, ledger);

    // Decoded here only where it was not brought: AMD's service gives it with the intermediate.
    let brought = |root: &&VendorRoot| endorsements.certificates().iter().any(|brought| brought.der() == root.der);
    let missing = block.trust_anchor.vendor_root().filter(|root| !brought(root));
    let built_in = missing.and_then(|root| Certificate::from_der(root.der).ok());
    let paths = Paths {
        endorsements,
        built_in: built_in.as_ref(),
        anchor: &block.trust_anchor,
        height: Height::Exactly(2),
        crypto,
        now,
    };
    let (leaf, chain) = find_chain(report, &paths, ledger);
    // Steps 5 and 10.
    let revocation_until = match &chain {
        Some(chain) => {
            chain.judge_trust_anchor(&block.trust_anchor, crypto, ledger);
            judge_shape(chain, ledger);
            chain.judge_signatures(crypto, ledger);
            chain.judge_time(now, ledger);
            // Step 10: AMD's root signs one list for all certificates below it.
            let revocable = Revocable {
                expected: "a current revocation list of the root that lists no certificate of the chain".into(),
                links: chain.below_root().map(|certificate| (certificate, chain.root)).collect(),
                unlisted: Vec::new(),
            };
            revocable.judge(&block.revocation, endorsements, crypto, now, ledger)
        }
        None => {
            for check in
                [&common::TRUST_ANCHOR, &checks::CHAIN, &common::CHAIN_SIGNATURES, &common::TIME, &common::REVOCATION]
            {
                ledger.not_judged(check, &common::ENDORSEMENTS);
            }
            None
        }
    };
    // Steps 2 to 4 and 6 to 8.
    let facts = match leaf {
        Some((certificate, leaf_kind)) => {
            judge_leaf_kind(kind, leaf_kind, certificate, ledger);
            judge_signature(report, certificate, crypto, ledger);
            judge_leaf(report, certificate, leaf_kind, chain.as_ref(), block, ledger)
        }
        None => {
            for check in [
                &checks::LEAF_KIND,
                &checks::SIGNATURE,
                &checks::LEAF_EXTENSIONS,
                &checks::PRODUCT,
                &checks::FIRMWARE_CERTIFIED,
                &checks::CHIP_ID,
            ] {
                ledger.not_judged(check, &common::ENDORSEMENTS);
            }
            None
        }
    };
    let (product, reported) = facts?;
    let not_after = chain?.not_after();
    Some(Genuine {
        product,
        signing_key: kind?,
        reported,
        machine: (kind == Some(SigningKey::Vcek) && !claims.chip_id_masked()).then_some(claims.chip_id),
        valid_until: revocation_until.map_or(not_after, |until| until.min(not_after)),
    })
}

/// Step 3: which kind of key signed, by the report.
fn judge_signing_key(report: &Report, ledger: &mut Ledger) -> Option<SigningKey> {
    const EXPECTED: &str = "VCEK or VLEK, not masked";
    let claims = report.claims();
    match claims.key_kind() {
        Some(_) if claims.chip_key_masked => ledger.fail(&checks::SIGNING_KEY, EXPECTED, "masked"),
        Some(kind) => ledger.pass(&checks::SIGNING_KEY, EXPECTED, kind.as_str()),
        None if claims.signing_key == 7 => {
            ledger.fail(&checks::SIGNING_KEY, EXPECTED, "none: the report is not signed");
        }
        None => ledger.fail(&checks::SIGNING_KEY, EXPECTED, format!("unknown kind {}", claims.signing_key)),
    }
    claims.key_kind()
}

type LeafCertificate<'a> = (&'a Certificate, SigningKey);

/// The leaf of the kind that the report names (or of the other, for `snp.leaf-kind` to say so), then issuer by issuer. A
/// vendor's root need not be brought: the one pinned is built in.
fn find_chain<'a>(
    report: &Report,
    paths: &Paths<'a, '_, '_>,
    ledger: &mut Ledger,
) -> (Option<LeafCertificate<'a>>, Option<Chain<'a>>) {
    let kind = report.claims().key_kind();
    let of_kind = |kind: SigningKey| {
        let (leaf, path) = paths.find(&leaves(report, kind, paths.endorsements))?;
        Some(((leaf, kind), path))
    };
    let (wanted, other) = match kind {
        Some(SigningKey::Vlek) => (SigningKey::Vlek, SigningKey::Vcek),
        Some(SigningKey::Vcek) | None => (SigningKey::Vcek, SigningKey::Vlek),
    };
    let expected = format!("{}, its issuer (ASK or ASVK), the root (ARK)", leaf_name(wanted));
    let Some((leaf, path)) = of_kind(wanted).or_else(|| of_kind(other)) else {
        ledger.undecided(&common::ENDORSEMENTS, expected, format!("no certificate {}", leaf_name(wanted)));
        return (None, None);
    };
    match path {
        Ok(chain) => {
            let names = joined(chain.certificates().map(Certificate::subject), ", ");
            ledger.pass(&common::ENDORSEMENTS, expected, names);
            (Some(leaf), Some(chain))
        }
        Err(problem) => {
            ledger.undecided(&common::ENDORSEMENTS, expected, problem.to_string());
            (Some(leaf), None)
        }
    }
}

/// Every VCEK has the same subject. Of several, those made for this chip and level; else the first, for the checks to say what
/// does not fit.
fn leaves<'a>(report: &Report, kind: SigningKey, endorsements: &'a Endorsements) -> Vec<&'a Certificate> {
    let claims = report.claims();
    let fits = |certificate: &&Certificate| {
        Leaf::read(certificate, kind).is_ok_and(|leaf| {
            leaf.tcb == claims.reported_tcb
                && (claims.chip_id_masked() || leaf.hardware_id.is_none_or(|id| id == claims.chip_id))
        })
    };
    let all: Vec<_> = endorsements.by_common_name(leaf_name(kind)).collect();
    if all.len() < 2 {
        return all;
    }
    let fitting: Vec<_> = all.iter().copied().filter(fits).collect();
    if fitting.is_empty() { all.into_iter().take(1).collect() } else { fitting }
}

fn leaf_name(kind: SigningKey) -> &'static str {
    match kind {
        SigningKey::Vcek => "SEV-VCEK",
        SigningKey::Vlek => "SEV-VLEK",
    }
}

/// Step 5: version, algorithms, key kinds, constraints and names, as AMD's chains have them.
fn judge_shape(chain: &Chain<'_>, ledger: &mut Ledger) {
    let mut problems: Vec<String> = Vec::new();
    for certificate in chain.certificates() {
        let name = certificate.subject();
        if !certificate.is_version_3 {
            problems.push(format!("{name} is not of version 3"));
        }
        if certificate.signature_kind != Some(SignatureKind::RsaPssSha384) {
            problems.push(format!("{name} is not signed with RSASSA-PSS, SHA-384 and a salt of 48 bytes"));
        }
        if let Some(oid) = certificate.unknown_critical_extension() {
            problems.push(format!("{name} has the unknown critical extension {oid}"));
        }
    }
    for authority in chain.certificates().skip(1) {
        let name = authority.subject();
        if !matches!(&authority.key, PublicKey::Rsa { modulus, exponent } if modulus.len() == RSA_4096_BYTES && *exponent == RSA_EXPONENT)
        {
            problems.push(format!("{name} has no RSA-4096 key with exponent 65537"));
        }
        if !authority.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca) {
            problems.push(format!("{name} is no certificate authority"));
        }
        if !authority.key_usage.as_ref().is_some_and(|usage| usage.key_cert_sign()) {
            problems.push(format!("{name} may not sign certificates"));
        }
    }
    // RFC 5280 section 4.2.1.9: how many authorities may stand below the root. One does.
    if chain.root.basic_constraints.as_ref().and_then(|constraints| constraints.path_len_constraint) == Some(0) {
        problems.push(format!("{} allows no authority below it", chain.root.subject()));
    }
    if !matches!(chain.leaf.key, PublicKey::P384(_)) {
        problems.push(format!("{} has no P-384 key", chain.leaf.subject()));
    }
    if chain.leaf.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca) {
        problems.push(format!("{} is a certificate authority", chain.leaf.subject()));
    }
    if chain.root.subject != chain.root.issuer {
        problems.push(format!("{} names another issuer", chain.root.subject()));
    }
    const EXPECTED: &str = "a chain of three in the shape of AMD's";
    let found = if problems.is_empty() { String::from(EXPECTED) } else { joined(&problems, "; ") };
    ledger.judge(&checks::CHAIN, problems.is_empty(), EXPECTED, found);
}

/// Step 3: the leaf's names agree with the report's SIGNING_KEY.
fn judge_leaf_kind(kind: Option<SigningKey>, leaf_kind: SigningKey, certificate: &Certificate, ledger: &mut Ledger) {
    let Some(kind) = kind else {
        return ledger.not_judged(&checks::LEAF_KIND, &checks::SIGNING_KEY);
    };
    let expected = format!("{} by {}", leaf_name(kind), issuer_prefix(kind));
    let found = format!("{} by {}", certificate.subject(), certificate.issuer());
    let holds = kind == leaf_kind && line_of_issuer(certificate, kind).is_some();
    ledger.judge(&checks::LEAF_KIND, holds, format!("{expected}<line>"), found);
}

fn issuer_prefix(kind: SigningKey) -> &'static str {
    match kind {
        SigningKey::Vcek => "SEV-",
        SigningKey::Vlek => "SEV-VLEK-",
    }
}

fn line_of_issuer(leaf: &Certificate, kind: SigningKey) -> Option<Product> {
    leaf.issuer().strip_prefix(issuer_prefix(kind)).and_then(Product::from_line)
}

/// Step 2: over the bytes received.
fn judge_signature(report: &Report, leaf: &Certificate, crypto: &Crypto<'_>, ledger: &mut Ledger) {
    const EXPECTED: &str = "a signature by the leaf's key over bytes 0 to 0x2a0";
    if !matches!(leaf.key, PublicKey::P384(_)) {
        return ledger.fail(&checks::SIGNATURE, EXPECTED, "a leaf without a P-384 key");
    }
    let kind = SignatureKind::EcdsaP384Sha384Fixed;
    let verified = crypto.verify(&leaf.key, kind, report.signed_bytes(), report.signature());
    let found = if verified.is_ok() { "a valid signature" } else { "no valid signature" };
    ledger.judge(&checks::SIGNATURE, verified.is_ok(), EXPECTED, found);
}

/// Steps 4 and 6 to 8: what the leaf says of itself, and whether the report says the same.
fn judge_leaf(
    report: &Report,
    certificate: &Certificate,
    kind: SigningKey,
    chain: Option<&Chain<'_>>,
    block: &Accept,
    ledger: &mut Ledger,
) -> Option<(Product, TcbVersion)> {
    const EXPECTED: &str = "every extension of a VCEK or VLEK, exact, once";
    let claims = report.claims();
    let leaf = match Leaf::read(certificate, kind) {
        Ok(leaf) => leaf,
        Err(problem) => {
            ledger.fail(&checks::LEAF_EXTENSIONS, EXPECTED, problem);
            for check in [&checks::PRODUCT, &checks::FIRMWARE_CERTIFIED, &checks::CHIP_ID] {
                ledger.not_judged(check, &checks::LEAF_EXTENSIONS);
            }
            return None;
        }
    };
    ledger.pass(&checks::LEAF_EXTENSIONS, EXPECTED, format!("{} {}", leaf.product_name, kind.as_str()));
    judge_product(report, certificate, kind, &leaf, chain, ledger);
    // Step 7: not CURRENT_TCB. All eight bytes, reserved ones too.
    let certified = TcbVersion::from_bytes(leaf.tcb, leaf.product);
    let reported = TcbVersion::from_bytes(claims.reported_tcb, leaf.product);
    let words = |level: Option<TcbVersion>, raw: [u8; 8]| {
        level.map_or_else(|| format!("bytes {}", Hex(&raw)), |level| format!("{level}"))
    };
    let agree = leaf.tcb == claims.reported_tcb;
    ledger.judge(&checks::FIRMWARE_CERTIFIED, agree, words(certified, leaf.tcb), words(reported, claims.reported_tcb));
    judge_chip_id(report, &leaf, block, ledger);
    Some((leaf.product, reported?))
}

/// Step 4: version 2 does not name the processor; there the verified chain alone tells, and there is none for Turin.
fn judge_product(
    report: &Report,
    certificate: &Certificate,
    kind: SigningKey,
    leaf: &Leaf,
    chain: Option<&Chain<'_>>,
    ledger: &mut Ledger,
) {
    let claims = report.claims();
    let by_processor = match claims.cpuid {
        Some(cpuid) => Product::from_cpuid(cpuid),
        None if leaf.product == Product::Turin => None,
        None => Some(leaf.product),
    };
    let by_root = chain.and_then(|chain| chain.root.subject().strip_prefix("ARK-")).and_then(Product::from_line);
    let lines = [
        ("leaf", Some(leaf.product)),
        ("issuer", line_of_issuer(certificate, kind)),
        ("root", if chain.is_some() { by_root } else { Some(leaf.product) }),
        ("processor", by_processor),
    ];
    let holds = lines.iter().all(|(_, line)| *line == Some(leaf.product));
    let found = joined(lines.map(|(who, line)| format!("{who} {}", line.map_or("unknown", Product::as_str))), ", ");
    ledger.judge(&checks::PRODUCT, holds, format!("{} everywhere", leaf.product), found);
}

/// Step 7: a VCEK belongs to the chip that the report names.
fn judge_chip_id(report: &Report, leaf: &Leaf, block: &Accept, ledger: &mut Ledger) {
    let claims = report.claims();
    let hardware_id = match (leaf.hardware_id, claims.key_kind()) {
        (Some(hardware_id), _) => hardware_id,
        (None, Some(SigningKey::Vlek)) => {
            return ledger.pass(&checks::CHIP_ID, "nothing: a VLEK names no chip", "a VLEK");
        }
        (None, Some(SigningKey::Vcek)) => return ledger.not_judged(&checks::CHIP_ID, &checks::LEAF_KIND),
        (None, None) => return ledger.not_judged(&checks::CHIP_ID, &checks::SIGNING_KEY),
    };
    match (claims.chip_id_masked(), &block.visible_chip_id) {
        (true, Requirement::Skip { reason }) => ledger.skip(&checks::CHIP_ID, reason),
        (true, Requirement::Required) => ledger.fail(&checks::CHIP_ID, Hex(&hardware_id), "a masked chip id"),
        (false, _) => {
            ledger.judge(&checks::CHIP_ID, hardware_id == claims.chip_id, Hex(&hardware_id), Hex(&claims.chip_id));
        }
    }
}
