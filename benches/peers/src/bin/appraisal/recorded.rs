//! Evidence recorded on real hardware, what it is accepted with, and when.

use sealroom_attestation::{
    Accept, AttestationResult, Binding, CryptoProvider, Endorsements, Evidence, EvidenceFile, Policy, Requirement,
    TrustAnchor, VerifiedSignatures, Verifier, vendor_roots,
};
use std::path::{Path, PathBuf};

/// 2025-06-25.
const LATE_JUNE_2025: u64 = 1_750_809_600;

pub(crate) struct Recorded {
    pub(crate) evidence: Vec<u8>,
    pub(crate) endorsements: Vec<Vec<u8>>,
    /// The strictest one that it passes.
    policy: Policy,
    /// What answers in it.
    answer: Option<Vec<u8>>,
    /// Unix seconds.
    pub(crate) at: u64,
}

/// The folder, or `None` after saying so.
pub(crate) fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let folder = std::env::var_os("SEALROOM_VECTORS").map_or_else(beside, PathBuf::from);
    let found = folder.join("tdx").is_dir();
    if !found {
        eprintln!("appraisal: no recorded Evidence in {} (set SEALROOM_VECTORS)", folder.display());
    }
    found.then_some(folder)
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// With the chain as AMD's service gives it: the leaf, and intermediate and root in one file. No revocation list was recorded.
pub(crate) fn snp(folder: &Path) -> Recorded {
    let endorsements = ["snp/trustee/test-vcek.der", "snp/virtee/cert_chain_milan"].map(|name| read(folder, name));
    let evidence = read(folder, "snp/trustee/test-report.bin");
    let answer = evidence[0x50..0x90].to_vec();
    Recorded::new(evidence, endorsements.to_vec(), "ARK-Milan", Some(answer), LATE_JUNE_2025)
}

/// With the collateral recorded beside it.
pub(crate) fn tdx(folder: &Path) -> Recorded {
    let evidence = read(folder, "tdx/dcap-qvl/tdx_quote");
    let answer = Evidence::decode(&evidence).unwrap().unverified_td_report().unwrap().report_data;
    let collateral = read(folder, "tdx/dcap-qvl/tdx_quote_collateral.json");
    Recorded::new(evidence, vec![collateral], "Intel SGX Root CA", Some(answer.to_vec()), LATE_JUNE_2025)
}

/// Its chain is in it. Recorded without a challenge.
pub(crate) fn nitro(folder: &Path) -> Recorded {
    let file = read(folder, "nitro/dstack/nitro_attestation.bin");
    let evidence = EvidenceFile::read(&file).unwrap().evidence; // its recorder's header stands before it
    Recorded::new(evidence, Vec::new(), "aws.nitro-enclaves", None, NITRO_MADE + 1)
}

/// When that document says it was made.
pub(crate) const NITRO_MADE: u64 = 1_766_668_537;

impl Recorded {
    fn new(evidence: Vec<u8>, endorsements: Vec<Vec<u8>>, root: &str, answer: Option<Vec<u8>>, at: u64) -> Self {
        let decoded = Evidence::decode(&evidence).unwrap();
        let root = vendor_roots().find(|known| known.name == root).unwrap();
        let mut accept = Accept::pinning(&decoded, TrustAnchor::new(root.fingerprint, false).unwrap(), "pinned");
        if let Accept::Snp(accept) = &mut accept {
            accept.revocation = Requirement::skip("no revocation list was recorded with it");
        }
        let policy = Policy::new(vec![accept]).unwrap();
        Self { evidence, endorsements, policy, answer, at }
    }

    /// With what was verified before, where something was. Whoever measures a refusal measures the wrong thing.
    pub(crate) fn appraise(
        &self,
        provider: CryptoProvider,
        verified: Option<&mut VerifiedSignatures>,
        endorsements: &Endorsements,
    ) -> AttestationResult {
        let binding = match &self.answer {
            Some(answer) => Binding::bytes(answer.as_slice()).unwrap(),
            None => Binding::skip("recorded without a challenge").unwrap(),
        };
        let verifier = Verifier::new(provider, &self.policy);
        let evidence = Evidence::decode(&self.evidence).unwrap();
        match verified {
            Some(verified) => verifier.appraise_remembering(verified, evidence, endorsements, binding, self.at),
            None => verifier.appraise(evidence, endorsements, binding, self.at),
        }
        .unwrap_or_else(|rejection| panic!("{rejection}"))
    }
}
