//! What an accept block for SEV-SNP may have been meant otherwise.

use alloc::borrow::ToOwned;
use alloc::format;

use super::Warn;
use crate::platform::snp::{Accept, SigningKey, TcbVersion, guest_policy};
use crate::policy::{Requirement, Rule};

pub(super) fn lint(block: &Accept, warn: Warn<'_>) {
    if block.signing_keys.contains(&SigningKey::Vlek) {
        warn(
            "vlek",
            "a VLEK is accepted: the cloud's machines share it, so it names none of them, and AMD can not revoke one machine".to_owned(),
        );
    }
    if block.visible_chip_id != Requirement::Required {
        warn("masked-chip", "a hidden chip id passes: nobody can tell afterwards which machine it was".to_owned());
    }
    if block.maximum_vmpl > 0 {
        warn(
            "vmpl",
            format!(
                "levels up to {} may ask for the report: whatever runs at level 0 is trusted as well, and is measured only at launch",
                block.maximum_vmpl
            ),
        );
    }
    if block.report_versions.contains(&2) {
        warn("report-version", "version 2 does not name the processor: the line is the root's word alone".to_owned());
    }
    if block.guest_policy.clear & guest_policy::SMT == 0 {
        warn(
            "guest-policy",
            "the guest policy may allow multithreading: a sibling thread of the host shares the core".to_owned(),
        );
    }
    for (field, rule) in
        [("minimum_firmware", &block.minimum_firmware), ("minimum_launch_firmware", &block.minimum_launch_firmware)]
    {
        if matches!(rule, Rule::Require(level) if is_zero(level)) {
            warn("minimum-zero", format!("{field} is zero: every firmware passes, also those with published holes"));
        }
    }
}

fn is_zero(level: &TcbVersion) -> bool {
    level.fmc == 0 && level.bootloader == 0 && level.tee == 0 && level.snp == 0 && level.microcode == 0
}
