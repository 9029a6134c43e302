//! Files that commands of the Verifier read: Evidence in the forms in which tools hand it on, folders of Endorsements, roots that
//! a policy is to pin.
//!
//! What always holds: no file is read beyond its limit; what is no Endorsement is refused by name, never skipped.

use super::exit::{Exit, Failure};
use sealroom_attestation::event_log::EventLog;
use sealroom_attestation::{
    Accept, Bundle, DecodeError, Endorsements, EnvelopeError, Evidence, EvidenceFile, Fingerprint, Platform,
    TrustAnchor, VendorRoot, tpm, vendor_roots,
};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The same as for Evidence: a bundle is both.
const LIMIT: usize = EvidenceFile::LIMIT;
/// Files of one folder of Endorsements.
const MAX_FILES: usize = 1024;

/// Name of a policy that pins one piece of Evidence, and of its block, where none is given.
pub(crate) const PINNED: &str = "pinned Evidence";
/// How standard input is written as a file.
const STANDARD_INPUT: &str = "-";

/// Every byte of a file or of standard input (`-`), which is at most [`EvidenceFile::LIMIT`] long.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    read_limited(path)?.map_err(|error| Failure::new(Exit::Malformed, format!("{}: {error}", path.display())))
}

/// The same of what is no Evidence, such as a policy: one that is too long is wrong usage.
pub(crate) fn read_given(path: &Path) -> Result<Vec<u8>, Failure> {
    read_limited(path)?.map_err(|error| {
        let problem = match error {
            EnvelopeError::TooLarge { limit, found } => format!("{found} bytes, expected at most {limit}"),
            error => error.to_string(),
        };
        Failure::local(format!("{}: {problem}", path.display()))
    })
}

/// The same, where a file that is too long is one that an appraisal refuses by name.
pub(crate) fn read_limited(path: &Path) -> Result<Result<Vec<u8>, EnvelopeError>, Failure> {
    let of = |source: std::io::Error| Failure::local(format!("{}: {source}", path.display()));
    let limit = u64::try_from(LIMIT).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let mut length = None;
    if path.as_os_str() == STANDARD_INPUT {
        std::io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(of)?;
    } else {
        let file = std::fs::File::open(path).map_err(of)?;
        length = file.metadata().ok().map(|metadata| metadata.len());
        // What says that it is too long is not read at all.
        if length.is_none_or(|length| length <= limit) {
            file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(of)?;
        }
    }
    let found = length.and_then(|length| usize::try_from(length).ok()).unwrap_or(0).max(bytes.len());
    if found > LIMIT {
        return Ok(Err(EnvelopeError::TooLarge { limit: LIMIT, found }));
    }
    Ok(Ok(bytes))
}

/// Evidence with what came along in its file.
pub(crate) fn read_evidence(path: &Path) -> Result<EvidenceFile, Failure> {
    EvidenceFile::read(&read_bytes(path)?).map_err(|error| malformed(path, &error))
}

/// The same, decoded.
pub(crate) fn decode_evidence(path: &Path) -> Result<(EvidenceFile, Evidence), Failure> {
    let file = read_evidence(path)?;
    let evidence = Evidence::decode(&file.evidence).map_err(|error| {
        let failure = malformed(path, &error);
        match other_kind(&file.evidence) {
            Some(hint) if matches!(error, DecodeError::EvidenceKind { .. }) => failure.hint(hint),
            _ => failure,
        }
    })?;
    Ok((file, evidence))
}

/// What to do with a file that is no Evidence, and something else that people have beside it.
fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    // TPM_GENERATED_VALUE (TPM 2.0 part 2, section 6.2).
    if bytes.starts_with(b"\xffTCG") {
        return Some(
            "a TPM's quote alone: `sealroom evidence tpm` puts it together with its signature, registers and key",
        );
    }
    if EventLog::decode(bytes).is_ok() {
        return Some("an event log: `sealroom replay` compares it with the registers of a quote");
    }
    Endorsements::decode(bytes).is_ok().then_some("an Endorsement: give it with --endorsements, beside the Evidence")
}

fn malformed(path: &Path, error: &dyn core::fmt::Display) -> Failure {
    Failure::new(Exit::Malformed, format!("{}: {error}", path.display()))
        .hint("docs/appraisal.md lists the forms that are read")
}

/// The files that these paths stand for: a folder's own files in the order of their names, a bundle's Endorsements, or the file
/// itself. Every one of them is an Endorsement.
pub(crate) fn read_endorsements(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            for path in folder(path)? {
                files.extend(endorsement(&path)?);
            }
        } else {
            files.extend(endorsement(path)?);
        }
    }
    Ok(files)
}

/// Those that came with the Evidence first, then those that were given.
pub(crate) fn decode_endorsements(brought: &[Vec<u8>], given: &[Vec<u8>]) -> Result<Endorsements, Failure> {
    let all = |endorsements: Endorsements, files: &[Vec<u8>], whose: &str, exit: Exit| {
        files.iter().try_fold(endorsements, |endorsements, file| endorsements.with(file)).map_err(|error| {
            Failure::new(exit, format!("endorsements {whose}: {error}"))
                .hint("give each once; several are told apart by what they certify, not by their file's name")
        })
    };
    let endorsements = all(Endorsements::none(), brought, "that came with the evidence", Exit::Malformed)?;
    all(endorsements, given, "given with --endorsements", Exit::Local)
}

fn folder(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let of = |source: std::io::Error| Failure::local(format!("{}: {source}", path.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(of)? {
        let entry = entry.map_err(of)?;
        // Hidden files are the file manager's.
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            files.push(entry.path());
        }
        if files.len() > MAX_FILES {
            return Err(Failure::local(format!("{}: expected at most {MAX_FILES} files, found more", path.display())));
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::local(format!("{} is an empty folder, expected Endorsements", path.display())));
    }
    match files.iter().find(|file| file.is_dir()) {
        Some(inner) => Err(Failure::local(format!("{} is a folder, expected files alone", inner.display()))
            .hint("name each folder with an --endorsements of its own")),
        None => Ok(files),
    }
}

fn endorsement(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let bytes = read_given(path)?;
    let refused = |error: &dyn core::fmt::Display| {
        Failure::local(format!("{} is no Endorsement: {error}", path.display()))
            .hint("a folder of Endorsements holds certificates, revocation lists and Intel's JSON, and nothing else")
    };
    if Bundle::sniff(&bytes) {
        return Bundle::read(&bytes).map(|bundle| bundle.endorsements).map_err(|error| refused(&error));
    }
    Endorsements::decode(&bytes).map_err(|error| refused(&error))?;
    Ok(vec![bytes])
}

/// The strictest block that this Evidence could pass: under the root of its platform's maker, or under `anchor`, a file with
/// another root certificate, (Arm CCA) the platform's public key or (TPM) the attestation key. Nothing of the Evidence is verified. A policy with an anchor that
/// somebody has to vouch for is read only after its words were edited.
pub(crate) fn pinning(
    evidence: &Evidence,
    endorsements: &Endorsements,
    anchor: Option<&Path>,
    name: &str,
) -> Result<Accept, Failure> {
    let Some(path) = anchor else {
        return Ok(Accept::pinning(evidence, makers_root(evidence, endorsements)?, name));
    };
    let der = anchor_file(path, evidence.platform())?;
    let fingerprint = Fingerprint::from_sha256(Sha256::digest(&der).into());
    let anchor = match evidence.platform() {
        Platform::AmdSevSnp
        | Platform::IntelTdx
        | Platform::IntelSgx
        | Platform::AwsNitro
        | Platform::AzureSnp
        | Platform::AzureTdx
        | Platform::NvidiaGpu => {
            let is_makers = vendor_roots().any(|root| root.fingerprint == fingerprint);
            TrustAnchor::new(fingerprint, !is_makers)
        }
        Platform::ArmCca | Platform::Tpm if vendor_roots().any(|root| root.fingerprint == fingerprint) => {
            TrustAnchor::new(fingerprint, false)
        }
        Platform::ArmCca | Platform::Tpm => TrustAnchor::to_be_vouched(fingerprint, &path.display().to_string()),
    };
    let anchor = anchor.map_err(|error| Failure::local(format!("{}: {error}", path.display())))?;
    let mut accept = Accept::pinning(evidence, anchor, name);
    if let Accept::Cca(block) = &mut accept {
        // The token does not hold its platform's key; the file does.
        block.platform_key = der;
    }
    Ok(accept)
}

/// A root certificate or a public key, DER out of DER or PEM; of a TPM the key with its attributes (TPMT_PUBLIC), which is what an
/// attestation key without a certificate is pinned by.
fn anchor_file(path: &Path, platform: Platform) -> Result<Vec<u8>, Failure> {
    let bytes = read_given(path)?;
    let refused = || {
        Failure::local(format!("{} is neither a root certificate nor a public key", path.display()))
            .hint("--anchor takes one certificate or one SubjectPublicKeyInfo, DER or PEM")
    };
    if let Ok(endorsements) = Endorsements::decode(&bytes) {
        return match endorsements.certificates() {
            [certificate] => Ok(certificate.der().to_vec()),
            _ => Err(refused()),
        };
    }
    if platform == Platform::Tpm {
        return tpm::attestation_key(&bytes).map_err(|error| {
            Failure::local(format!("{} is neither a root certificate nor an attestation key: {error}", path.display()))
        });
    }
    let file = EvidenceFile::read(&bytes).map_err(|_| refused())?;
    // A SubjectPublicKeyInfo is a sequence.
    if file.evidence.first() == Some(&0x30) { Ok(file.evidence) } else { Err(refused()) }
}

fn makers_root(evidence: &Evidence, endorsements: &Endorsements) -> Result<TrustAnchor, Failure> {
    let root = VendorRoot::alleged(evidence, endorsements).ok_or_else(|| {
        let message = match evidence.platform() {
            Platform::AmdSevSnp | Platform::AzureSnp => "the report does not name its product line, so its maker's root is not known",
            _ => "this platform has no one maker's root, so whom to trust must be said",
        };
        Failure::local(message).hint(
            "give the root (for Arm CCA the platform's public key, for a TPM without a certificate its attestation key) with --anchor FILE, or the chain with --endorsements",
        )
    })?;
    TrustAnchor::new(root.fingerprint, false).map_err(Failure::local)
}
