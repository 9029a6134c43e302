//! The strictest policy that a VM could pass: all that its Evidence says, demanded. Nothing is verified by this.

use alloc::string::String;
use alloc::vec;

use super::evidence::{Evidence, Hardware};
use super::policy::{Accept, Report, VmRules};
use crate::anchor::TrustAnchor;
use crate::platform::tpm::QuoteRules;
use crate::platform::{snp, tdx};
use crate::policy::{Requirement, Rule};

impl Accept {
    /// Under an anchor that somebody names: the root of the hardware's maker.
    pub(crate) fn pinning(evidence: &Evidence, trust_anchor: TrustAnchor, name: String) -> Self {
        let report = match &evidence.hardware {
            Hardware::Snp(report) => Report::Snp(snp::Accept::pinning(report, trust_anchor, name.clone())),
            Hardware::Tdx(quote) => {
                let no_log = Rule::skip("the log of such a vm is of its virtual tpm");
                Report::Tdx(tdx::Accept::pinning_quote(quote, no_log, trust_anchor, name.clone()))
            }
        };
        let vm = &evidence.runtime.vm;
        let wanted = |holds: bool, otherwise: &str| {
            if holds { Requirement::Required } else { Requirement::skip(otherwise) }
        };
        let vm = VmRules {
            secure_boot: wanted(vm.secure_boot == Some(true), "the vm was started without secure boot"),
            no_console: wanted(vm.console == Some(false), "the vm has a console"),
            ids: match &vm.id {
                Some(id) => Rule::Require(vec![id.clone()]),
                None => Rule::skip("the paravisor does not say which vm it is"),
            },
            user_data: Rule::Require(vec![evidence.runtime.user_data]),
        };
        Self { name, report, quote: QuoteRules::pinning(&evidence.quote), vm }
    }
}
