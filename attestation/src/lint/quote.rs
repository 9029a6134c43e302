//! What the rules for a TPM's quote may have been meant otherwise.

use alloc::borrow::ToOwned;

use super::Warn;
use crate::platform::tpm::QuoteRules;
use crate::policy::Rule;

pub(super) fn lint(rules: &QuoteRules, warn: Warn<'_>) {
    let judged = rules.registers.iter().any(|register| matches!(register.values, Rule::Require(_)));
    if !judged && matches!(rules.event_log, Rule::Skip { .. }) {
        warn(
            "unmeasured-code",
            "no register's value and no event log is judged: anything may have been started".to_owned(),
        );
    }
}
