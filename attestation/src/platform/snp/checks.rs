//! The closed list of checks of an SEV-SNP appraisal, in the order of the steps. None is ever left out of an answer.

use crate::check::{CheckDefinition, Step, TrustClaim, common};

pub(crate) static VERSION: CheckDefinition = CheckDefinition {
    id: "snp.version",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The report has a layout that is known: version 2, 3, 4 or 5.",
    stops: "Bytes read by the wrong layout.",
    hint: "update the verifier if the platform is newer than it; else the bytes are no attestation report",
};
pub(crate) static RESERVED: CheckDefinition = CheckDefinition {
    id: "snp.reserved",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "Every byte that the layout keeps at zero is zero.",
    stops: "Meaning that a newer firmware gave to a byte and this Verifier would not see; bytes hidden in a report.",
    hint: "the report was altered, or is of a firmware newer than this verifier",
};
pub(crate) static SIGNATURE_ALGORITHM: CheckDefinition = CheckDefinition {
    id: "snp.signature-algorithm",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The report says that it is signed with ECDSA P-384 and SHA-384.",
    stops: "A signature of another kind taken for one.",
    hint: "the report was altered: ask the host for the one that the platform made",
};
pub(crate) static SIGNING_KEY: CheckDefinition = CheckDefinition {
    id: "snp.signing-key",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The report is signed with a VCEK or a VLEK that the host does not mask.",
    stops: "A report that nothing signs, which a host can ask for.",
    hint: "the machine's owner sets MASK_CHIP_KEY to 0; a report signed by \"none\" is worth nothing",
};
pub(crate) static CHAIN: CheckDefinition = CheckDefinition {
    id: "snp.chain",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The three certificates have the shape of AMD's: version 3, RSA-4096 with PSS above, P-384 in the leaf, authorities that may sign, no unknown critical extension.",
    stops: "A leaf used as an authority; weaker algorithms.",
    hint: "the certificates are not those of AMD's key service (or of the simulated platform): fetch them again",
};
pub(crate) static LEAF_EXTENSIONS: CheckDefinition = CheckDefinition {
    id: "snp.leaf-extensions",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The leaf has every extension of its kind, exactly once, in exact DER.",
    stops: "A check that is left out because its extension is missing.",
    hint: "fetch the VCEK or VLEK certificate again from AMD's key service",
};
pub(crate) static LEAF_KIND: CheckDefinition = CheckDefinition {
    id: "snp.leaf-kind",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The leaf and its issuer are of the kind that the report says signed it.",
    stops: "A VLEK, shared by many machines, passed off as one chip's key.",
    hint: "bring the VCEK certificate for a report signed by a VCEK, the VLEK certificate for one signed by a VLEK",
};
pub(crate) static PRODUCT: CheckDefinition = CheckDefinition {
    id: "snp.product",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "Processor, leaf, issuer and root name one product line.",
    stops: "Firmware levels read by the layout of another line.",
    hint: "bring the certificates of the line of this processor; a version 2 report does not name it and is not accepted for Turin",
};
pub(crate) static SIGNATURE: CheckDefinition = CheckDefinition {
    id: "snp.signature",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The leaf's key signed bytes 0 to 0x2a0 of the report, as received.",
    stops: "A report that was altered or made up.",
    hint: "the report was altered, or the certificate belongs to another chip or firmware level: fetch the one for this chip and level",
};
pub(crate) static FIRMWARE_CERTIFIED: CheckDefinition = CheckDefinition {
    id: "snp.firmware-certified",
    step: Step::Authentic,
    claim: TrustClaim::Hardware,
    meaning: "The firmware level in the leaf is the report's REPORTED_TCB, byte for byte.",
    stops: "A key of an older firmware that was broken since.",
    hint: "fetch the VCEK certificate for the level that the report names",
};
pub(crate) static CHIP_ID: CheckDefinition = CheckDefinition {
    id: "snp.chip-id",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The chip that the VCEK was issued for is the chip that the report names.",
    stops: "A report of one machine under the certificate of another.",
    hint: "fetch the certificate for this chip; where the host masks the chip id, have it shown (MASK_CHIP_ID 0) or let the policy skip this with a reason",
};
pub(crate) static VERSION_ACCEPTED: CheckDefinition = CheckDefinition {
    id: "snp.version-accepted",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The policy accepts reports of this version.",
    stops: "An old layout that leaves out what the policy wants to know.",
    hint: "the machine's owner updates the SNP firmware, or the parties accept this version",
};
pub(crate) static SIGNING_KEY_ACCEPTED: CheckDefinition = CheckDefinition {
    id: "snp.signing-key-accepted",
    step: Step::Policy,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The policy accepts this kind of signing key.",
    stops: "A VLEK, which many machines share, where one chip's key was agreed.",
    hint: "the machine's owner has the report signed by the kind of key that the policy names",
};
pub(crate) static MEASUREMENT: CheckDefinition = CheckDefinition {
    id: "snp.measurement",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "What was loaded is one of the images that the policy names.",
    stops: "Any other code, with a genuine processor around it.",
    hint: "the host runs another image: ask it to start the one in the contract, or agree on a new contract",
};
pub(crate) static DEBUG: CheckDefinition = CheckDefinition {
    id: "snp.debug",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The host may not debug the guest.",
    stops: "A host that reads the guest's memory by the debug commands.",
    hint: "start the guest with the DEBUG bit of its policy at 0; no policy here accepts it",
};
pub(crate) static MIGRATION: CheckDefinition = CheckDefinition {
    id: "snp.migration",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "No migration agent may move the guest, and none does.",
    stops: "A migration agent that hands the guest's memory to another machine.",
    hint: "start the guest with the MIGRATE_MA bit of its policy at 0; no policy here accepts it",
};
pub(crate) static GUEST_POLICY: CheckDefinition = CheckDefinition {
    id: "snp.guest-policy",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The other bits of the guest policy are as the policy wants them, and none is unknown.",
    stops: "Protections that the host left off when it started the guest.",
    hint: "start the guest with the guest policy that the parties agreed on",
};
pub(crate) static GUEST_ABI: CheckDefinition = CheckDefinition {
    id: "snp.guest-abi",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The guest policy demands at least the firmware ABI that the policy names.",
    stops: "A guest that its host may start again, or move, under firmware with an older interface.",
    hint: "start the guest with the ABI version that the parties agreed on in bits 15 to 0 of its policy",
};
pub(crate) static PLATFORM_INFO: CheckDefinition = CheckDefinition {
    id: "snp.platform-info",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The machine is set up as the policy wants it, and says nothing unknown.",
    stops: "Memory whose addresses lie (BadRAM), missing error correction, multithreading where it was excluded.",
    hint: "the machine's owner changes the setting in the firmware setup and restarts it",
};
pub(crate) static VMPL: CheckDefinition = CheckDefinition {
    id: "snp.vmpl",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The report was asked for at an allowed privilege level, not by the host.",
    stops: "A report that the host asked for; a less privileged part of the guest that speaks for all of it.",
    hint: "ask for the report from inside the guest, at the level that the policy names",
};
pub(crate) static FIRMWARE_ORDER: CheckDefinition = CheckDefinition {
    id: "snp.firmware-order",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "Reported and committed firmware levels are not above the current one, and no level sets a reserved byte.",
    stops: "Levels that can not be true.",
    hint: "the firmware reports an impossible state: the machine's owner updates it",
};
pub(crate) static FIRMWARE_COMMITTED: CheckDefinition = CheckDefinition {
    id: "snp.firmware-committed",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The firmware that runs is committed: it can not be taken back to an older one without a reset.",
    stops: "A firmware update that is undone after the appraisal.",
    hint: "the machine's owner commits the firmware (SNP_COMMIT), or the policy skips this with a reason",
};
pub(crate) static FIRMWARE_MINIMUM: CheckDefinition = CheckDefinition {
    id: "snp.firmware-minimum",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "Each component of the reported firmware level is at least the policy's.",
    stops: "Firmware with known holes. AMD revokes VCEKs only by raising this level.",
    hint: "the machine's owner updates BIOS, SNP firmware or microcode: the component named",
};
pub(crate) static FIRMWARE_LAUNCH: CheckDefinition = CheckDefinition {
    id: "snp.firmware-launch",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "Each component of the firmware level at launch is at least the policy's.",
    stops: "A guest that was started under old firmware and lives on under new.",
    hint: "restart the guest after the firmware update",
};
pub(crate) static MITIGATIONS: CheckDefinition = CheckDefinition {
    id: "snp.mitigations",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "Every mitigation bit that the policy wants is on, at launch and now.",
    stops: "A known attack whose mitigation this machine lacks.",
    hint: "the machine's owner updates the firmware; only report version 5 tells of mitigations",
};
pub(crate) static HOST_DATA: CheckDefinition = CheckDefinition {
    id: "snp.host-data",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "What the host put in at launch is what the policy names.",
    stops: "A configuration that the host chose.",
    hint: "start the guest with the host data that the parties agreed on",
};
pub(crate) static IMAGE: CheckDefinition = CheckDefinition {
    id: "snp.image",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Family and image ids are among those that the policy names.",
    stops: "Another product of the same signer.",
    hint: "start the guest with the ID block that the parties agreed on",
};
pub(crate) static GUEST_SVN: CheckDefinition = CheckDefinition {
    id: "snp.guest-svn",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The security version in the ID block is at least the policy's.",
    stops: "An old release with known holes, signed well at its time.",
    hint: "start a release of the guest with a higher security version",
};
pub(crate) static ID_KEY: CheckDefinition = CheckDefinition {
    id: "snp.id-key",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The key that signed the ID block is one that the policy names.",
    stops: "An image of another signer.",
    hint: "start the guest with an ID block signed by a named key",
};
pub(crate) static AUTHOR_KEY: CheckDefinition = CheckDefinition {
    id: "snp.author-key",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The key that signed the ID key is present and one that the policy names.",
    stops: "An ID key that its author did not approve.",
    hint: "start the guest with AUTHOR_KEY_EN and an ID key signed by a named author key",
};

/// Every check, each once, in the order of appraisal.
pub(crate) static ALL: &[&CheckDefinition] = &[
    &common::EVIDENCE_SIZE,
    &VERSION,
    &RESERVED,
    &common::PLATFORM,
    &SIGNATURE_ALGORITHM,
    &SIGNING_KEY,
    &common::ENDORSEMENTS,
    &common::TRUST_ANCHOR,
    &CHAIN,
    &common::CHAIN_SIGNATURES,
    &common::TIME,
    &common::REVOCATION,
    &LEAF_KIND,
    &SIGNATURE,
    &LEAF_EXTENSIONS,
    &PRODUCT,
    &FIRMWARE_CERTIFIED,
    &CHIP_ID,
    &common::FRESHNESS,
    &VERSION_ACCEPTED,
    &SIGNING_KEY_ACCEPTED,
    &common::MACHINE,
    &MEASUREMENT,
    &DEBUG,
    &MIGRATION,
    &GUEST_POLICY,
    &GUEST_ABI,
    &PLATFORM_INFO,
    &VMPL,
    &FIRMWARE_ORDER,
    &FIRMWARE_COMMITTED,
    &FIRMWARE_MINIMUM,
    &FIRMWARE_LAUNCH,
    &MITIGATIONS,
    &HOST_DATA,
    &IMAGE,
    &GUEST_SVN,
    &ID_KEY,
    &AUTHOR_KEY,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_occurs_once_and_steps_follow_each_other() {
        let rank = |step: Step| match step {
            Step::Evidence => 0,
            Step::Authentic => 1,
            Step::Fresh => 2,
            Step::Policy => 3,
        };
        for (index, check) in ALL.iter().enumerate() {
            assert!(ALL[index + 1..].iter().all(|other| other.id != check.id), "{}", check.id);
            assert!(ALL[index + 1..].iter().all(|other| rank(other.step) >= rank(check.step)), "{}", check.id);
        }
    }
}
