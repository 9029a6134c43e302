//! The vocabularies. Three are published profiles; where a platform has none that says what its policies demand, the class has the
//! maker's name, the claims have the policy's names, and their values mean what draft-ietf-rats-corim-11 says of them.

use super::vocabulary::{Entry, Environment, Kind, MeasuredKey, Vocabulary};
use crate::platform::intel::states;
use crate::platform::snp::{guest_policy, platform_info};
use crate::platform::{Platform, sgx, tdx};

/// Named Information Hash Algorithm Registry.
pub(super) const SHA256: i64 = 1;
pub(super) const SHA384: i64 = 7;
pub(super) const SHA512: i64 = 8;

pub(super) static ALL: [&Vocabulary; 7] =
    [&SNP, &AMD_PROFILE, &TDX, &SGX, &NITRO, &ARM_PLATFORM_PROFILE, &ARM_REALM_PROFILE];

const fn text(key: &'static str, kind: Kind) -> Entry {
    Entry { key: MeasuredKey::Text(key), kind, slot: key, written: true }
}

const fn part(key: &'static str, kind: Kind, slot: &'static str) -> Entry {
    Entry { key: MeasuredKey::Text(key), kind, slot, written: true }
}

const fn number(key: u64, kind: Kind, slot: &'static str) -> Entry {
    Entry { key: MeasuredKey::Number(key), kind, slot, written: true }
}

const fn read_only(key: u64, kind: Kind, slot: &'static str) -> Entry {
    Entry { key: MeasuredKey::Number(key), kind, slot, written: false }
}

const BYTE: Kind = Kind::Minimum { largest: 0xff };
const RAW_48: Kind = Kind::Raw { bytes: Some(48) };
const RAW_16: Kind = Kind::Raw { bytes: Some(16) };

static SNP: Vocabulary = Vocabulary {
    name: "sealroom",
    platform: Platform::AmdSevSnp,
    profiles: &[],
    environment: Environment::Named { vendor: "AMD", model: "SEV-SNP" },
    entries: &[
        text("measurements", Kind::Measurement(&[SHA384])),
        part("minimum_firmware.fmc", BYTE, "minimum_firmware/fmc"),
        part("minimum_firmware.bootloader", BYTE, "minimum_firmware/bootloader"),
        part("minimum_firmware.tee", BYTE, "minimum_firmware/tee"),
        part("minimum_firmware.snp", BYTE, "minimum_firmware/snp"),
        part("minimum_firmware.microcode", BYTE, "minimum_firmware/microcode"),
        part("minimum_launch_firmware.fmc", BYTE, "minimum_launch_firmware/fmc"),
        part("minimum_launch_firmware.bootloader", BYTE, "minimum_launch_firmware/bootloader"),
        part("minimum_launch_firmware.tee", BYTE, "minimum_launch_firmware/tee"),
        part("minimum_launch_firmware.snp", BYTE, "minimum_launch_firmware/snp"),
        part("minimum_launch_firmware.microcode", BYTE, "minimum_launch_firmware/microcode"),
        text("guest_policy", Kind::Bits { bytes: 8, names: &guest_policy::NAMES }),
        text("minimum_guest_abi", Kind::Pair { low: "minor" }),
        text("platform_info", Kind::Bits { bytes: 8, names: &platform_info::NAMES }),
        text("maximum_vmpl", Kind::AtMost { largest: 3 }),
        text("host_data", Kind::Raw { bytes: Some(32) }),
        part("images.family_id", RAW_16, "images/family_id"),
        part("images.image_id", RAW_16, "images/image_id"),
        text("minimum_guest_svn", Kind::Minimum { largest: 0xffff_ffff }),
        text("id_key_digests", Kind::Digest { algorithm: SHA384, bytes: 48 }),
        text("author_key_digests", Kind::Digest { algorithm: SHA384, bytes: 48 }),
        part("mitigations.launch", Kind::SetBits, "mitigations/launch"),
        part("mitigations.current", Kind::SetBits, "mitigations/current"),
    ],
    elsewhere: &[],
};

/// draft-deeglaze-amd-sev-snp-corim-profile-02, and its text of June 2025 for what that says in another way. Firmware levels
/// (mkeys 6, 647, 3329, 3968) are one number there, and compared part by part here.
static AMD_PROFILE: Vocabulary = Vocabulary {
    name: "amd-sev-snp",
    platform: Platform::AmdSevSnp,
    profiles: &["tag:amd.com,2024:snp-corim-profile", "tag:amd.com,2025:snp-corim-profile"],
    environment: Environment::Amd,
    entries: &[
        Entry { key: MeasuredKey::Anonymous, kind: Kind::NotDebug, slot: "debug", written: false },
        read_only(0, Kind::Version, "report_versions"),
        number(1, Kind::Minimum { largest: 0xffff_ffff }, "minimum_guest_svn"),
        number(2, Kind::Bits { bytes: 8, names: &guest_policy::NAMES }, "guest_policy"),
        number(3, RAW_16, "images/family_id"),
        number(4, RAW_16, "images/image_id"),
        number(5, Kind::RawZero, "maximum_vmpl"),
        read_only(5, Kind::AtMost { largest: 3 }, "maximum_vmpl"),
        number(7, Kind::Bits { bytes: 8, names: &platform_info::NAMES }, "platform_info"),
        number(641, Kind::Measurement(&[SHA384]), "measurements"),
        // 32 bytes that the profile calls a digest of SHA-384.
        number(642, Kind::Digest { algorithm: SHA384, bytes: 32 }, "host_data"),
        number(643, Kind::Digest { algorithm: SHA384, bytes: 48 }, "id_key_digests"),
        number(644, Kind::Digest { algorithm: SHA384, bytes: 48 }, "author_key_digests"),
    ],
    elsewhere: &[],
};

static TDX: Vocabulary = Vocabulary {
    name: "sealroom",
    platform: Platform::IntelTdx,
    profiles: &[],
    environment: Environment::Named { vendor: "Intel", model: "TDX" },
    entries: &[
        text("measurements", Kind::Measurement(&[SHA384])),
        part("runtime_registers", Kind::Registers { first: 0, last: 3 }, "runtime_registers/#"),
        text("minimum_module", Kind::Pair { low: "svn" }),
        text("seam_measurements", Kind::Digest { algorithm: SHA384, bytes: 48 }),
        text("attributes", Kind::Bits { bytes: 8, names: &tdx::attributes::NAMES }),
        text("xfam", Kind::Bits { bytes: 8, names: &states::NAMES }),
        text("config_ids", RAW_48),
        text("owners", RAW_48),
        text("owner_configs", RAW_48),
        text("service_tds", RAW_48),
    ],
    elsewhere: &[],
};

static SGX: Vocabulary = Vocabulary {
    name: "sealroom",
    platform: Platform::IntelSgx,
    profiles: &[],
    environment: Environment::Named { vendor: "Intel", model: "SGX" },
    entries: &[
        part("identities.measurement", Kind::Measurement(&[SHA256]), "identities/measurement"),
        part("identities.signer", Kind::Digest { algorithm: SHA256, bytes: 32 }, "identities/signer/signer"),
        part("identities.product_id", Kind::Exactly { largest: 0xffff }, "identities/signer/product_id"),
        part("identities.minimum_svn", Kind::Minimum { largest: 0xffff }, "identities/signer/minimum_svn"),
        text("attributes", Kind::Bits { bytes: 8, names: &sgx::attributes::NAMES }),
        text("xfrm", Kind::Bits { bytes: 8, names: &states::NAMES }),
        text("misc_select", Kind::Bits { bytes: 8, names: &[] }),
        text("config_ids", Kind::Raw { bytes: Some(64) }),
        text("minimum_config_svn", Kind::Minimum { largest: 0xffff }),
        text("extended_product_ids", RAW_16),
        text("family_ids", RAW_16),
    ],
    elsewhere: &[],
};

static NITRO: Vocabulary = Vocabulary {
    name: "sealroom",
    platform: Platform::AwsNitro,
    profiles: &[],
    environment: Environment::Named { vendor: "Amazon Web Services", model: "Nitro Enclaves" },
    entries: &[
        part("registers", Kind::MeasurementRegisters { algorithms: &[SHA384], first: 0, last: 0 }, "measurements"),
        part("registers", Kind::Registers { first: 1, last: 31 }, "registers/#"),
        text("nonce", Kind::Raw { bytes: None }),
        text("user_data", Kind::Raw { bytes: None }),
        text("public_key", Kind::Raw { bytes: None }),
    ],
    elsewhere: &[],
};

const ANY_HASH: &[i64] = &[SHA256, SHA384, SHA512];

/// draft-ydb-rats-cca-endorsements, the platform below the realms.
static ARM_PLATFORM_PROFILE: Vocabulary = Vocabulary {
    name: "arm-cca-platform",
    platform: Platform::ArmCca,
    profiles: &["tag:arm.com,2025:cca_platform#1.0.0"],
    environment: Environment::Arm { slot: "implementation_ids" },
    entries: &[
        part("cca.software-component", Kind::Component, "components/#"),
        part("cca.platform-config", Kind::Raw { bytes: None }, "platform_configs"),
    ],
    elsewhere: &["measurements", "extensible_measurements", "personalization_values"],
};

/// The same draft, a realm.
static ARM_REALM_PROFILE: Vocabulary = Vocabulary {
    name: "arm-cca-realm",
    platform: Platform::ArmCca,
    profiles: &["tag:arm.com,2025:cca_realm#1.0.0"],
    environment: Environment::Arm { slot: "measurements" },
    entries: &[
        part("cca.rim", Kind::Measurement(ANY_HASH), "measurements"),
        part("cca.rem0", Kind::Measurement(ANY_HASH), "extensible_measurements/0"),
        part("cca.rem1", Kind::Measurement(ANY_HASH), "extensible_measurements/1"),
        part("cca.rem2", Kind::Measurement(ANY_HASH), "extensible_measurements/2"),
        part("cca.rem3", Kind::Measurement(ANY_HASH), "extensible_measurements/3"),
        part("cca.rpv", Kind::Raw { bytes: Some(64) }, "personalization_values"),
    ],
    elsewhere: &["implementation_ids", "platform_configs", "components"],
};
