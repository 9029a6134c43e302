//! The shape of a certificate chain on P-384 from leaf to root, as AWS's and NVIDIA's are.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::crypto::{PublicKey, SignatureKind};

/// What is wrong with it, each in words; empty where nothing is. Signatures, dates and the root itself are judged elsewhere.
pub(crate) fn problems(chain: &Chain<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for certificate in chain.certificates() {
        let name = certificate.subject();
        if !certificate.is_version_3 {
            problems.push(format!("{name} is not of version 3"));
        }
        if certificate.signature_kind != Some(SignatureKind::EcdsaP384Sha384Der) {
            problems.push(format!("{name} is not signed with ECDSA and SHA-384"));
        }
        if !matches!(certificate.key, PublicKey::P384(_)) {
            problems.push(format!("{name} has no P-384 key"));
        }
        if let Some(oid) = certificate.unknown_critical_extension() {
            problems.push(format!("{name} has the unknown critical extension {oid}"));
        }
    }
    for (subject, issuer) in chain.below_root().zip(chain.certificates().skip(1)) {
        if subject.issuer != issuer.subject {
            problems.push(format!("{} names another issuer than {}", subject.subject(), issuer.subject()));
        }
    }
    if chain.root.subject != chain.root.issuer {
        problems.push(format!("{} names another issuer", chain.root.subject()));
    }
    // RFC 5280 section 4.2.1.9: how many authorities may stand below each. The first above the leaf has none.
    for (below, authority) in (0_u8..).zip(chain.certificates().skip(1)) {
        authority_problems(authority, below, &mut problems);
    }
    let name = chain.leaf.subject();
    if chain.leaf.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca) {
        problems.push(format!("{name} is a certificate authority"));
    }
    if chain.leaf.basic_constraints.as_ref().is_some_and(|constraints| constraints.path_len_constraint.is_some()) {
        problems.push(format!("{name} has a path length, which is an authority's"));
    }
    problems
}

fn authority_problems(authority: &Certificate, below: u8, problems: &mut Vec<String>) {
    let name = authority.subject();
    match &authority.basic_constraints {
        Some(constraints) if constraints.ca => {
            if let Some(limit) = constraints.path_len_constraint
                && limit < below
            {
                problems.push(format!("{name} lets {limit} authorities stand below it, and {below} do"));
            }
        }
        Some(_) | None => problems.push(format!("{name} is no certificate authority")),
    }
    if !authority.key_usage.as_ref().is_some_and(|usage| usage.key_cert_sign()) {
        problems.push(format!("{name} may not sign certificates"));
    }
}
