//! Which maker's root Evidence would have to be under, for somebody who writes a policy that pins it.
//!
//! What always holds: nothing is verified. Whom to trust is said by whoever takes the answer into a policy and reads it there.

use crate::anchor::{VendorRoot, vendor_roots};
use crate::endorsements::Endorsements;
use crate::evidence::Evidence;
use crate::needed::Needed;
use crate::platform::Platform;
use crate::platform::snp::Product;

impl VendorRoot {
    /// By what the Evidence says of itself and, for AMD, by the processor line that its report or an authority among
    /// `endorsements` names. `None` where that is not known, and for platforms that have no one maker.
    #[must_use]
    pub fn alleged(evidence: &Evidence, endorsements: &Endorsements) -> Option<&'static Self> {
        let name = match evidence.platform() {
            Platform::AmdSevSnp | Platform::AzureSnp => of_amd(evidence, endorsements),
            Platform::IntelTdx | Platform::IntelSgx | Platform::AzureTdx => Some("Intel SGX Root CA"),
            Platform::AwsNitro => Some("aws.nitro-enclaves"),
            Platform::NvidiaGpu => Some("NVIDIA Device Identity CA"),
            Platform::ArmCca | Platform::Tpm => None,
        };
        name.and_then(|name| vendor_roots().find(|root| root.name == name))
    }
}

/// By the processor that the report names, else by the authority that signed a leaf among the Endorsements.
fn of_amd(evidence: &Evidence, endorsements: &Endorsements) -> Option<&'static str> {
    let alleged = evidence.needed().into_iter().find_map(|needed| match needed {
        Needed::AmdChain { product, .. } => product,
        _ => None,
    });
    let lines = [(Product::Milan, "ARK-Milan"), (Product::Genoa, "ARK-Genoa"), (Product::Turin, "ARK-Turin")];
    let named = |product: Product| {
        let ends = |name: &str| name.rsplit('-').next() == Some(product.as_str());
        endorsements.certificates().iter().any(|certificate| ends(certificate.issuer()) || ends(certificate.subject()))
    };
    let is = |product: Product| alleged.map_or_else(|| named(product), |alleged| alleged == product);
    lines.into_iter().find(|(product, _)| is(*product)).map(|(_, root)| root)
}
