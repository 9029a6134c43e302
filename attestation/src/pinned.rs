//! The policy that pins one piece of Evidence, as it is written for a person to review: by one writer, whoever asks.
//!
//! What always holds: the text says itself that nothing was verified.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::anchor::AnchorKind;
use crate::crypto::CryptoProvider;
use crate::error::PolicyError;
use crate::evidence::Evidence;
use crate::policy::{Accept, Policy};
use crate::text::Hex;

impl Policy {
    /// The policy of this one block, by the block's name, and its text: before the policy (TOML) stand which Evidence it was
    /// made from ([`Accept::pinning`]), whom it trusts, and what to do with it.
    ///
    /// # Errors
    /// [`PolicyError`] where no policy could accept the Evidence, such as Evidence of debug mode.
    pub fn pinning(
        block: Accept,
        evidence: &Evidence,
        provider: CryptoProvider,
    ) -> Result<(Self, String), PolicyError> {
        let anchor = match block.trust_anchor().kind() {
            AnchorKind::Vendor(root) => root.name,
            AnchorKind::Simulated => "no maker's root: marked as simulated, it protects nothing",
            AnchorKind::Vouched { .. } => "no maker's root: you vouch for it",
        };
        let head = format!(
            "# The strictest policy that this Evidence could pass. NOTHING WAS VERIFIED: it pins what the Evidence says of itself.\n\
             # Evidence: {}, sha256 {}\n\
             # Trust anchor: {anchor}\n\
             # Review every line; what is left out says why. `sealroom policy lint` warns, docs/policy.md explains each field.\n",
            evidence.platform(),
            Hex(&provider.sha256(evidence.bytes())),
        );
        let name = block.name().to_owned();
        let policy = Self::new(Vec::from([block]))?.named(name);
        let text = format!("{head}{}", policy.to_toml());
        Ok((policy, text))
    }
}
