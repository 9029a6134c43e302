//! A report's claims in words, for people. Not verified where the report was not appraised.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Claims, guest_policy, platform_info};
use crate::evidence::Claim;
use crate::text::{Hex, joined};

impl Claims {
    /// Every field, in the report's order.
    pub(crate) fn describe(&self) -> Vec<Claim> {
        let claim = |name, value: String| Claim { name, value };
        let hex = |name, bytes: &[u8]| claim(name, Hex(bytes).to_string());
        let mitigations =
            |vector: Option<u64>| vector.map_or(String::from("none before version 5"), |bits| format!("{bits:#x}"));
        let version =
            |version: super::FirmwareVersion| format!("{}.{} build {}", version.major, version.minor, version.build);
        let cpuid = self.cpuid.map_or(String::from("none before version 3"), |cpuid| {
            format!("family {:#x}, model {:#x}, stepping {}", cpuid.family, cpuid.model, cpuid.stepping)
        });
        Vec::from([
            claim("version", self.version.to_string()),
            claim("guest-svn", self.guest_svn.to_string()),
            claim(
                "guest-policy",
                format!("{:#x} ({})", self.guest_policy, bit_names(self.guest_policy, &guest_policy::NAMES)),
            ),
            hex("family-id", &self.family_id),
            hex("image-id", &self.image_id),
            claim(
                "vmpl",
                if self.vmpl == u32::MAX { String::from("asked for by the host") } else { self.vmpl.to_string() },
            ),
            claim("signature-algorithm", self.signature_algorithm.to_string()),
            hex("current-tcb", &self.current_tcb),
            claim(
                "platform-info",
                format!("{:#x} ({})", self.platform_info, bit_names(self.platform_info, &platform_info::NAMES)),
            ),
            claim("author-key-enabled", self.author_key_enabled.to_string()),
            claim("chip-key-masked", self.chip_key_masked.to_string()),
            claim(
                "signing-key",
                self.key_kind().map_or_else(|| self.signing_key.to_string(), |kind| kind.as_str().to_string()),
            ),
            hex("report-data", &self.report_data),
            claim("measurement", format!("sha384:{}", Hex(&self.measurement))),
            hex("host-data", &self.host_data),
            hex("id-key-digest", &self.id_key_digest),
            hex("author-key-digest", &self.author_key_digest),
            hex("report-id", &self.report_id),
            hex("report-id-migration-agent", &self.report_id_migration_agent),
            hex("reported-tcb", &self.reported_tcb),
            claim("cpuid", cpuid),
            hex("chip-id", &self.chip_id),
            hex("committed-tcb", &self.committed_tcb),
            claim("current-version", version(self.current_version)),
            claim("committed-version", version(self.committed_version)),
            hex("launch-tcb", &self.launch_tcb),
            claim("launch-mitigations", mitigations(self.launch_mitigations)),
            claim("current-mitigations", mitigations(self.current_mitigations)),
        ])
    }
}

/// Names of the bits that are set; "none" where none is.
pub(super) fn bit_names(bits: u64, names: &[(u64, &'static str)]) -> String {
    let set = joined(names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| name), ", ");
    if set.is_empty() { String::from("none") } else { set }
}
