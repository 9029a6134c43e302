//! The strictest policy that an SGX quote could pass, for a person to loosen: what it says is demanded. Nothing in it is verified.

use alloc::string::String;
use alloc::vec;

use super::quote::Quote;
use super::{Accept, Identity, attributes};
use crate::anchor::TrustAnchor;
use crate::platform::intel::{Bits, PlatformRules, states};
use crate::policy::Rule;

impl Accept {
    pub(crate) fn pinning(evidence: &Quote, trust_anchor: TrustAnchor, name: String) -> Self {
        let report = evidence.report();
        let pinned = attributes::KNOWN & !(attributes::DEBUG | attributes::INIT);
        let misc_select = u64::from(report.misc_select);
        Self {
            name,
            trust_anchor,
            platform: PlatformRules::pinning(evidence.quote()),
            identities: vec![Identity::Measurement(evidence.measurement())],
            attributes: Bits { set: report.attributes & pinned, clear: !report.attributes & pinned },
            xfrm: Rule::Require(Bits { set: report.xfrm, clear: !report.xfrm & states::KNOWN }),
            misc_select: Rule::Require(Bits { set: misc_select, clear: !misc_select & 0xf }),
            config_ids: Rule::Require(vec![report.config_id]),
            minimum_config_svn: Rule::Require(report.config_svn),
            extended_product_ids: Rule::Require(vec![report.extended_product_id]),
            family_ids: Rule::Require(vec![report.family_id]),
        }
    }
}
