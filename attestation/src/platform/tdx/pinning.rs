//! The strictest policy that a TDX quote could pass, for a person to loosen: what it says is demanded. Nothing in it is verified.

use alloc::string::String;
use alloc::vec;

use super::report::Quote;
use super::{Accept, EventRules, Evidence, ModuleVersion, attributes};
use crate::anchor::TrustAnchor;
use crate::platform::intel::{Bits, PlatformRules, states};
use crate::policy::Rule;

impl Accept {
    pub(crate) fn pinning(evidence: &Evidence, trust_anchor: TrustAnchor, name: String) -> Self {
        Self::pinning_quote(evidence.quote(), evidence.pinned_events(), trust_anchor, name)
    }

    pub(crate) fn pinning_quote(
        evidence: &Quote,
        event_log: Rule<EventRules>,
        trust_anchor: TrustAnchor,
        name: String,
    ) -> Self {
        let report = evidence.report();
        let [svn, major, ..] = report.tee_tcb_svn_2.unwrap_or(report.tee_tcb_svn);
        let pinned = attributes::KNOWN & !attributes::UNTRUSTED;
        Self {
            name,
            trust_anchor,
            platform: PlatformRules::pinning(evidence.quote()),
            minimum_module: Rule::Require(ModuleVersion { major, svn }),
            seam_measurements: Rule::skip("each update of the TDX module changes it; its version is demanded"),
            attributes: Bits { set: report.attributes & pinned, clear: !report.attributes & pinned },
            xfam: Bits {
                set: report.xfam & attributes::XFAM_KNOWN,
                clear: !report.xfam & attributes::XFAM_KNOWN & !states::ALWAYS,
            },
            measurements: vec![evidence.measurement()],
            runtime_registers: report.runtime_registers.map(|value| Rule::Require(vec![value])),
            event_log,
            config_ids: Rule::Require(vec![report.config_id]),
            owners: Rule::Require(vec![report.owner]),
            owner_configs: Rule::Require(vec![report.owner_config]),
            service_tds: report.service_td.map_or_else(
                || Rule::skip("quotes of TDX 1.0 do not say it"),
                |service_td| Rule::Require(vec![service_td]),
            ),
        }
    }
}
