//! What an accept block for TDX or SGX may have been meant otherwise.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;

use super::Warn;
use crate::platform::intel::{PlatformRules, TcbAge, TcbStatus};
use crate::platform::sgx::Identity;
use crate::platform::{sgx, tdx};
use crate::policy::Rule;

/// A month: what an update of firmware takes where somebody sees to it.
const LONG_GRACE: u64 = 31 * 24 * 3600;

pub(super) fn lint_tdx(block: &tdx::Accept, warn: Warn<'_>) {
    platform(&block.platform, warn);
    if matches!(&block.minimum_module, Rule::Require(module) if module.major == 0 && module.svn == 0) {
        warn("minimum-zero", "minimum_module is zero: every TDX module passes".to_owned());
    }
}

pub(super) fn lint_sgx(block: &sgx::Accept, warn: Warn<'_>) {
    platform(&block.platform, warn);
    for identity in &block.identities {
        match identity {
            Identity::Measurement(_) => {}
            Identity::Signer { minimum_svn, product_id, .. } => {
                warn(
                    "signer",
                    format!(
                        "whatever the signer signs as product {product_id} passes: who has the signer's key decides what runs"
                    ),
                );
                if *minimum_svn == 0 {
                    warn(
                        "minimum-zero",
                        format!("minimum_svn of product {product_id} is zero: old releases with known holes pass"),
                    );
                }
            }
        }
    }
}

fn platform(rules: &PlatformRules, warn: Warn<'_>) {
    let others = rules.tcb_statuses.iter().filter(|status| **status != TcbStatus::UpToDate);
    let others: Vec<&str> = others.map(|status| status.as_str()).collect();
    if !others.is_empty() {
        warn("tcb-status", format!("firmware passes that Intel calls {}", others.join(", ")));
    }
    match &rules.tcb_age {
        TcbAge::Grace { seconds: 0..=LONG_GRACE } => {}
        TcbAge::Grace { seconds } => warn(
            "tcb-age",
            format!("a level may be out of date for {} days: its holes are public by then", seconds / (24 * 3600)),
        ),
        TcbAge::MinimumEvaluation(0) => warn(
            "minimum-zero",
            "minimum_evaluation is zero: any word of Intel's that has not expired passes".to_owned(),
        ),
        TcbAge::MinimumEvaluation(_) => {}
        TcbAge::Skip { .. } => {
            warn("tcb-age", "any age passes: Intel's word on the level may be from before an advisory".to_owned());
        }
    }
}
