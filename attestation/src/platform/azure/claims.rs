//! All that Azure's Evidence says, for people: the VM, the hardware's report, the quote. Not verified.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::evidence::{Evidence, Hardware};
use crate::evidence::Claim;
use crate::platform::tpm;
use crate::text::Hex;

pub(super) fn describe(evidence: &Evidence) -> Vec<Claim> {
    let vm = &evidence.runtime.vm;
    let flag = |flag: Option<bool>| flag.map_or_else(|| String::from("not said"), |flag| flag.to_string());
    let claim = |name, value| Claim { name, value };
    let mut claims = alloc::vec![
        claim("paravisor-report-version", evidence.report_version.to_string()),
        claim("vm-id", vm.id.as_deref().map_or_else(|| String::from("not said"), printable)),
        claim("vm-secure-boot", flag(vm.secure_boot)),
        claim("vm-console", flag(vm.console)),
        claim("vm-tpm", flag(vm.tpm)),
        claim("vm-user-data", Hex(&evidence.runtime.user_data).to_string()),
    ];
    claims.extend(match &evidence.hardware {
        Hardware::Snp(report) => report.claims().describe(),
        Hardware::Tdx(quote) => quote.describe(),
    });
    claims.extend(tpm::describe_quote(&evidence.quote));
    claims
}

/// Nothing in it steers a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_default).collect()
}
