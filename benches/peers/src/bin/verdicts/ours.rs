//! Our verdict: under the strictest policy that the Evidence as recorded could pass.

use sealroom_attestation::{
    Accept, Binding, CryptoProvider, Endorsements, Evidence, Outcome, Policy, Rejection, TrustAnchor, Verifier,
    vendor_roots,
};

pub(crate) fn pinning(recorded: &[u8], root: &str) -> Accept {
    let root = vendor_roots().find(|known| known.name == root).unwrap();
    let anchor = TrustAnchor::new(root.fingerprint, false).unwrap();
    Accept::pinning(&Evidence::decode(recorded).unwrap(), anchor, "pinned")
}

pub(crate) fn verdict(accept: Accept, evidence: &[u8], endorsements: &[Vec<u8>], now: u64) -> String {
    let policy = Policy::new(vec![accept]).unwrap();
    let appraise = || {
        let evidence = Evidence::decode(evidence)?;
        let endorsements = Endorsements::decode_all(endorsements.iter().map(Vec::as_slice))?;
        let binding = Binding::skip("recorded without a challenge of ours")?;
        Verifier::new(CryptoProvider::ring(), &policy).appraise(evidence, &endorsements, binding, now)
    };
    let result: Result<_, Rejection> = appraise();
    let failed: Vec<_> = match &result {
        Ok(_) => Vec::new(),
        Err(rejection) => rejection.verdict().failed().map(|check| format!("`{}`", check.id())).collect(),
    };
    let outcome = Outcome::of(&result).as_str();
    if failed.is_empty() { outcome.to_owned() } else { format!("{outcome}: {}", failed.join(", ")) }
}
