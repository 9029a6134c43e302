//! The strictest policy that a report could pass, for a person to loosen: what it says is demanded, what it does not say is
//! left out with a reason. Nothing in it is verified; who pins Evidence says that it is the right one.

use alloc::string::String;
use alloc::vec;

use super::{
    Accept, Bits, GuestAbi, Image, Mitigations, Product, Report, SigningKey, TcbVersion, guest_policy, platform_info,
};
use crate::anchor::TrustAnchor;
use crate::measurement::Measurement;
use crate::policy::{Requirement, Rule};

impl Accept {
    pub(crate) fn pinning(report: &Report, trust_anchor: TrustAnchor, name: String) -> Self {
        let claims = report.claims();
        let by_anchor = trust_anchor.vendor_root().and_then(|root| root.name.strip_prefix("ARK-"));
        let product = claims.cpuid.and_then(Product::from_cpuid).or_else(|| by_anchor.and_then(Product::from_line));
        let level = |raw: [u8; 8]| {
            product
                .and_then(|product| TcbVersion::from_bytes(raw, product))
                .map_or_else(|| Rule::skip("the report does not name its product line"), Rule::Require)
        };
        let signing_key = claims.key_kind().unwrap_or(SigningKey::Vcek);
        let one_chip = signing_key == SigningKey::Vcek && !claims.chip_id_masked();
        let committed =
            claims.committed_tcb == claims.current_tcb && claims.committed_version == claims.current_version;
        let low_bits = 0xffff;
        Self {
            name,
            report_versions: vec![claims.version],
            signing_keys: vec![signing_key],
            revocation: Requirement::Required,
            visible_chip_id: if claims.chip_id_masked() {
                Requirement::skip("the host masks the chip id")
            } else {
                Requirement::Required
            },
            measurements: vec![Measurement::sha384(claims.measurement)],
            machines: if one_chip {
                Rule::Require(vec![claims.chip_id])
            } else {
                Rule::skip("the report names no machine that its key belongs to")
            },
            minimum_firmware: level(claims.reported_tcb),
            minimum_launch_firmware: level(claims.launch_tcb),
            committed_firmware: if committed {
                Requirement::Required
            } else {
                Requirement::skip("the firmware of this report is not committed")
            },
            guest_policy: Bits {
                set: claims.guest_policy
                    & guest_policy::KNOWN
                    & !(low_bits | guest_policy::DEBUG | guest_policy::MIGRATION_AGENT),
                clear: !claims.guest_policy & guest_policy::KNOWN & !low_bits,
            },
            minimum_guest_abi: Rule::Require(GuestAbi::of_guest_policy(claims.guest_policy)),
            platform_info: Bits {
                set: claims.platform_info & platform_info::KNOWN,
                clear: !claims.platform_info & platform_info::KNOWN,
            },
            maximum_vmpl: claims.vmpl.min(3),
            host_data: Rule::Require(vec![claims.host_data]),
            images: Rule::Require(vec![Image { family_id: claims.family_id, image_id: claims.image_id }]),
            minimum_guest_svn: Rule::Require(claims.guest_svn),
            // All zeros where the guest was launched without one, and then no other may be.
            id_key_digests: Rule::Require(vec![claims.id_key_digest]),
            author_key_digests: if claims.author_key_enabled {
                Rule::Require(vec![claims.author_key_digest])
            } else {
                Rule::skip("the report has none")
            },
            mitigations: match (claims.launch_mitigations, claims.current_mitigations) {
                (Some(launch), Some(current)) => Rule::Require(Mitigations { launch, current }),
                _ => Rule::skip("only report version 5 tells"),
            },
            trust_anchor,
        }
    }
}
