//! The platform's part of the strictest policy that a quote could pass. Nothing in it is verified.

use alloc::vec;

use super::policy::{Machine, PlatformRules, TcbAge};
use super::quote::Quote;
use super::status::TcbStatus;
use crate::policy::{Requirement, Rule};

impl PlatformRules {
    pub(crate) fn pinning(quote: &Quote) -> Self {
        let platform = quote.unverified_platform();
        let flags = platform.as_ref().and_then(|platform| platform.registration);
        let flag = |flag: Option<bool>| {
            flag.map_or_else(|| Rule::skip("the certificate of this machine does not say it"), Rule::Require)
        };
        let unreadable = "the certificate of this machine can not be read";
        Self {
            quote_versions: vec![quote.version],
            revocation: Requirement::Required,
            tcb_statuses: vec![TcbStatus::UpToDate],
            tcb_age: TcbAge::Grace { seconds: 0 },
            rejected_advisories: Rule::skip("name those that the parties can not live with"),
            sgx_types: platform
                .as_ref()
                .map_or_else(|| Rule::skip(unreadable), |platform| Rule::Require(vec![platform.sgx_type])),
            dynamic_platform: flag(flags.map(|flags| flags.dynamic_platform)),
            cached_keys: flag(flags.map(|flags| flags.cached_keys)),
            smt: flag(flags.map(|flags| flags.smt)),
            machines: platform.map_or_else(
                || Rule::skip(unreadable),
                |platform| Rule::Require(vec![Machine::Package(platform.ppid)]),
            ),
        }
    }
}
