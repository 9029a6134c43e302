//! What is still to bring for an appraisal: of what it needs, what is not among the Endorsements or has ended.
//!
//! What always holds: nothing is verified, so what is not listed may still turn out not to count; then a check says so.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::anchor::TrustAnchor;
use crate::certificate::Certificate;
use crate::endorsements::Endorsements;
use crate::evidence::{Evidence, Format};
use crate::needed::Needed;
use crate::platform::gpu::{has_firmware_id, names_a_list};
use crate::platform::intel::PckCa;
use crate::platform::snp::{Product, SigningKey, is_leaf_of};
use crate::platform::tpm;
use crate::policy::{Accept, Policy};

/// No maker's chain is longer.
const MAX_CHAIN: usize = 9;

impl Evidence {
    /// Of the Endorsements that its appraisal under `policy` needs, those that are not there at `now` (seconds since 1970), or
    /// that have ended; revocation lists only where a block for its platform wants them. Where what was brought names more, such as the issuers of a certificate and their revocation lists,
    /// these are asked for too.
    #[must_use]
    pub fn missing(&self, policy: &Policy, endorsements: &Endorsements, now: u64) -> Vec<Needed> {
        let brought = Brought { policy, endorsements, now };
        let mut missing: Vec<Needed> = Vec::new();
        match self.format() {
            Format::Gpu(_) => {
                let leaves = || endorsements.certificates().iter().filter(|one| has_firmware_id(one));
                leaves().for_each(|leaf| brought.above(leaf, names_a_list, &mut missing));
                if leaves().next().is_none() {
                    missing.extend(self.needed());
                }
            }
            Format::Tpm(quote) => {
                if let Some(leaf) = tpm::leaf(quote) {
                    brought.above(leaf, |_| true, &mut missing);
                }
            }
            _ => {
                let line = brought.line();
                let needed = self.needed().into_iter().map(|needed| with_line(needed, line));
                missing.extend(needed.filter(|needed| !brought.has(needed)));
            }
        }
        if !self.wants_lists(policy) {
            missing.retain(|needed| !needed.is_revocation_list());
        }
        missing
    }

    /// Whether some block for its platform looks at revocation lists; where none does, none is missing.
    fn wants_lists(&self, policy: &Policy) -> bool {
        let own = |block: &&Accept| block.platform() == self.platform();
        policy.blocks().iter().filter(own).any(Accept::wants_revocation_lists)
    }
}

impl Needed {
    fn is_revocation_list(&self) -> bool {
        match self {
            Self::AmdRevocationList { .. }
            | Self::IntelPckRevocationList { .. }
            | Self::IntelRootRevocationList
            | Self::RevocationList { .. } => true,
            Self::AmdVcek { .. }
            | Self::AmdVlek { .. }
            | Self::AmdChain { .. }
            | Self::IntelTcbInfo { .. }
            | Self::IntelQeIdentity { .. }
            | Self::Certificate { .. } => false,
        }
    }
}

struct Brought<'a> {
    policy: &'a Policy,
    endorsements: &'a Endorsements,
    now: u64,
}

impl Brought<'_> {
    /// The line of AMD's that a leaf among the Endorsements is of, by the authority that it names.
    fn line(&self) -> Option<Product> {
        let leaves = ["SEV-VCEK", "SEV-VLEK"].into_iter().flat_map(|name| self.endorsements.by_common_name(name));
        leaves.into_iter().find_map(|leaf| leaf.issuer().rsplit('-').next().and_then(Product::from_line))
    }

    fn has(&self, needed: &Needed) -> bool {
        let current = |(from, until): (u64, u64)| from <= self.now && self.now < until;
        let endorsements = self.endorsements;
        match needed {
            Needed::AmdVcek { chip_id, reported_tcb, .. } => {
                let masked = chip_id.iter().all(|byte| *byte == 0);
                let chip = (!masked).then_some(chip_id);
                self.certificates("SEV-VCEK").any(|one| is_leaf_of(one, chip, reported_tcb))
            }
            Needed::AmdVlek { .. } => self.certificates("SEV-VLEK").next().is_some(),
            Needed::AmdChain { product: Some(line), signing_key } => {
                let authority = match signing_key {
                    SigningKey::Vcek => format!("SEV-{line}"),
                    SigningKey::Vlek => format!("SEV-VLEK-{line}"),
                };
                self.authority(&authority) && self.authority(&format!("ARK-{line}"))
            }
            Needed::AmdRevocationList { product: Some(line), .. } => self.list(&format!("ARK-{line}")),
            Needed::IntelTcbInfo { tee, fmspc } => endorsements
                .tcb_infos()
                .iter()
                .any(|info| info.tee == *tee && info.fmspc == *fmspc && current(info.validity_unix_seconds())),
            Needed::IntelQeIdentity { tee } => endorsements
                .qe_identities()
                .iter()
                .any(|identity| identity.tee == *tee && current(identity.validity_unix_seconds())),
            Needed::IntelPckRevocationList { ca } => self.list(match ca {
                PckCa::Platform => "Intel SGX PCK Platform CA",
                PckCa::Processor => "Intel SGX PCK Processor CA",
            }),
            Needed::IntelRootRevocationList => self.list("Intel SGX Root CA"),
            Needed::Certificate { subject } => self.authority(subject),
            Needed::RevocationList { issuer } => self.list(issuer),
            Needed::AmdChain { product: None, .. } | Needed::AmdRevocationList { product: None, .. } => false,
        }
    }

    /// Issuer by issuer: those that are not there, and the lists of those that sign one for a certificate of the chain.
    fn above(&self, leaf: &Certificate, is_listed: fn(&Certificate) -> bool, missing: &mut Vec<Needed>) {
        let mut add = |needed: Needed| {
            if !self.has(&needed) && !missing.contains(&needed) {
                missing.push(needed);
            }
        };
        let mut last = leaf;
        for _ in 0..MAX_CHAIN {
            if last.issuer == last.subject {
                return;
            }
            add(Needed::Certificate { subject: last.issuer().to_string() });
            if is_listed(last) {
                add(Needed::RevocationList { issuer: last.issuer().to_string() });
            }
            let Some(issuer) = self.endorsements.by_subject(&last.issuer).next() else { return };
            last = issuer;
        }
    }

    fn certificates(&self, common_name: &str) -> impl Iterator<Item = &Certificate> {
        let is_current = |one: &&Certificate| one.not_before <= self.now && self.now <= one.not_after;
        self.endorsements.certificates().iter().filter(move |one| one.subject() == common_name).filter(is_current)
    }

    /// A maker's root that the policy pins is built in.
    fn authority(&self, common_name: &str) -> bool {
        let is_built_in = |anchor: &TrustAnchor| {
            anchor.vendor_root().is_some_and(|root| root.name == common_name) || tpm::knows_root(anchor, common_name)
        };
        let mut anchors = self.policy.blocks().iter().map(Accept::trust_anchor);
        self.certificates(common_name).next().is_some() || anchors.any(is_built_in)
    }

    fn list(&self, issuer: &str) -> bool {
        let mut lists = self.endorsements.revocation_lists().iter().filter(|list| list.issuer() == issuer);
        lists.any(|list| list.not_current(self.now).is_none())
    }
}

fn with_line(needed: Needed, line: Option<Product>) -> Needed {
    match needed {
        Needed::AmdVcek { product, chip_id, reported_tcb } => {
            Needed::AmdVcek { product: product.or(line), chip_id, reported_tcb }
        }
        Needed::AmdVlek { product } => Needed::AmdVlek { product: product.or(line) },
        Needed::AmdChain { product, signing_key } => Needed::AmdChain { product: product.or(line), signing_key },
        Needed::AmdRevocationList { product, signing_key } => {
            Needed::AmdRevocationList { product: product.or(line), signing_key }
        }
        other => other,
    }
}
