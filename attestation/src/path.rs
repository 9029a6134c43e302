//! From a leaf up to the root, out of what was brought: names find the candidates, signatures decide between them.
//!
//! What always holds: where each name has one candidate, nothing is verified here. Where one has several, the path is taken
//! whose every signature verifies up to the pinned root, whatever was brought beside it and in whatever order; without such a
//! path the first of each is taken, for the checks to say what does not hold. Work is bounded: the number of certificates is,
//! and a signature is tried only under a certificate whose own path to the pinned root was found.

use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use crate::anchor::{Fingerprint, TrustAnchor};
use crate::certificate::Certificate;
use crate::chain::Chain;
use crate::crypto::Crypto;
use crate::endorsements::Endorsements;

/// Where the way up ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Height {
    /// This many authorities above the leaf, the last of them the root.
    Exactly(usize),
    /// An authority that names itself as its issuer, and at most this many.
    AtMost(usize),
}

/// What there is to choose from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paths<'a, 'c, 'm> {
    pub(crate) endorsements: &'a Endorsements,
    /// The pinned root, where it is a maker's: it need not be brought.
    pub(crate) built_in: Option<&'a Certificate>,
    pub(crate) anchor: &'c TrustAnchor,
    pub(crate) height: Height,
    pub(crate) crypto: &'c Crypto<'m>,
    pub(crate) now: u64,
}

/// Why there is no chain.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NoPath<'a> {
    /// Nothing was brought for the issuer that this one names.
    IssuerOf(&'a Certificate),
    /// No root within so many certificates.
    TooLong(usize),
}

impl fmt::Display for NoPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IssuerOf(certificate) => write!(f, "no certificate {}", certificate.issuer()),
            Self::TooLong(most) => write!(f, "no root within {most} certificates"),
        }
    }
}

/// Certificates whose issuers were looked for: at which place, and the authorities above it, where they lead to the root.
type Known<'a> = Vec<(usize, &'a Certificate, Option<Vec<&'a Certificate>>)>;

impl<'a> Paths<'a, '_, '_> {
    /// Of several leaves, all of which would do, the one that the root stands behind. None only where there is no leaf.
    pub(crate) fn find(&self, leaves: &[&'a Certificate]) -> Option<(&'a Certificate, Result<Chain<'a>, NoPath<'a>>)> {
        let first = *leaves.first()?;
        let (path, only) = self.first_of_each(first);
        if !only || leaves.len() > 1 {
            let mut known = Known::new();
            for leaf in self.by_age(leaves.to_vec()) {
                if let Some(chain) = self.verified(leaf, 1, &mut known).and_then(|above| chain(leaf, above)) {
                    return Some((leaf, Ok(chain)));
                }
            }
        }
        Some((first, path.and_then(|above| chain(first, above).ok_or(NoPath::IssuerOf(first)))))
    }

    /// The first candidate of each name, and whether each was the only one.
    fn first_of_each(&self, leaf: &'a Certificate) -> (Result<Vec<&'a Certificate>, NoPath<'a>>, bool) {
        let (mut above, mut only, mut last) = (Vec::new(), true, leaf);
        for place in 1..=self.most() {
            let mut candidates = self.issuers_of(last);
            let Some(issuer) = candidates.next() else { return (Err(NoPath::IssuerOf(last)), only) };
            only &= candidates.next().is_none();
            above.push(issuer);
            if self.ends(place, issuer) {
                return (Ok(above), only);
            }
            last = issuer;
        }
        (Err(NoPath::TooLong(self.most() + 1)), only)
    }

    /// The authorities from `place` upwards that `child` is signed by, each by the next, up to the pinned root.
    fn verified(&self, child: &'a Certificate, place: usize, known: &mut Known<'a>) -> Option<Vec<&'a Certificate>> {
        if place > self.most() {
            return None;
        }
        if let Some((.., found)) = known.iter().find(|(at, of, _)| *at == place && core::ptr::eq(*of, child)) {
            return found.clone();
        }
        let found = self.by_age(self.issuers_of(child).collect()).into_iter().find_map(|issuer| {
            let mut above = match self.ends(place, issuer) {
                true => self.is_pinned(issuer).then(Vec::new)?,
                false => self.verified(issuer, place + 1, known)?,
            };
            above.insert(0, issuer);
            child.is_signed_by(issuer, self.crypto).then_some(above)
        });
        known.push((place, child, found.clone()));
        found
    }

    fn issuers_of(&self, child: &'a Certificate) -> impl Iterator<Item = &'a Certificate> + use<'a> {
        let brought = self.endorsements.by_subject(&child.issuer);
        let endorsements = self.endorsements;
        let is_brought = |root: &Certificate| endorsements.by_subject(&root.subject).any(|one| one.der() == root.der());
        let root = self.built_in.filter(|root| root.subject == child.issuer && !is_brought(root));
        brought.chain(root)
    }

    /// Authorities first, then those that are valid now, then the newest.
    fn by_age(&self, mut candidates: Vec<&'a Certificate>) -> Vec<&'a Certificate> {
        candidates.sort_by_key(|one| {
            let is_current = one.not_before <= self.now && self.now <= one.not_after;
            Reverse((one.is_authority(), is_current, one.not_before))
        });
        candidates
    }

    fn ends(&self, place: usize, authority: &Certificate) -> bool {
        match self.height {
            Height::Exactly(authorities) => place == authorities,
            Height::AtMost(_) => authority.subject == authority.issuer,
        }
    }

    fn most(&self) -> usize {
        match self.height {
            Height::Exactly(authorities) | Height::AtMost(authorities) => authorities,
        }
    }

    fn is_pinned(&self, root: &Certificate) -> bool {
        Fingerprint::from_sha256(self.crypto.sha256(root.der())) == *self.anchor.fingerprint()
    }
}

fn chain<'a>(leaf: &'a Certificate, mut above: Vec<&'a Certificate>) -> Option<Chain<'a>> {
    let root = above.pop()?;
    Some(Chain { leaf, intermediates: above, root })
}

#[cfg(all(test, feature = "ring"))]
mod tests {
    use super::*;
    use crate::anchor::vendor_roots;
    use crate::crypto::{CryptoProvider, VerifiedSignatures};

    #[test]
    fn nothing_is_verified_where_there_is_one_candidate_and_the_genuine_one_is_found_beside_another() {
        let root = vendor_roots().find(|root| root.name == "ARK-Milan").unwrap();
        let anchor = TrustAnchor::new(root.fingerprint, false).unwrap();
        let genuine = Certificate::from_der(root.der).unwrap();
        let mut forged = root.der.to_vec();
        *forged.last_mut().unwrap() ^= 1;
        for (endorsements, verified) in [
            (Endorsements::none(), 0),
            (Endorsements::decode(root.der).unwrap(), 0),
            (Endorsements::decode(&forged).unwrap(), 1),
        ] {
            let mut memory = VerifiedSignatures::new(8);
            let crypto = Crypto::remembering(CryptoProvider::ring(), &mut memory);
            let (built_in, height) = (Some(&genuine), Height::AtMost(3));
            let paths =
                Paths { endorsements: &endorsements, built_in, anchor: &anchor, height, crypto: &crypto, now: 0 };
            // The root is its own issuer, so it serves as a leaf under itself.
            let (leaf, path) = paths.find(&[&genuine]).unwrap();
            assert_eq!((leaf, path.unwrap().root), (&genuine, &genuine));
            assert_eq!(memory.len(), verified, "a signature that verified would be remembered");
        }
    }
}
