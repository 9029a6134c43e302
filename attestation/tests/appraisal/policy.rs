//! What is genuine and yet refused, or stale; and policies that contradict themselves.

use sealroom_attestation::snp::{self, SigningKey, TcbVersion};
use sealroom_attestation::{
    Accept, Binding, Challenge, CryptoProvider, Fingerprint, Measurement, Policy, PolicyError, Requirement, Rule, Step,
    TrustAnchor, vendor_roots,
};

use crate::world::{ATTESTED_KEY, REPORT_DATA, World};
use crate::{Case, failed, run};

const LEVEL: TcbVersion = TcbVersion { fmc: 0, bootloader: 3, tee: 1, snp: 8, microcode: 0xd5 };

pub(crate) const CASES: &[Case] = &[
    ("one bit of the report data", |w| w.report[0x050 + 63] ^= 0x80, &["common.freshness"]),
    ("a prefix of the report data", |w| w.put(0x050 + 32, &[0; 32]), &["common.freshness"]),
    ("another report version", |w| w.accept.report_versions = vec![2, 5], &["snp.version-accepted"]),
    (
        "a VCEK where a VLEK is demanded",
        |w| {
            w.accept.signing_keys = vec![SigningKey::Vlek];
            w.accept.machines = Rule::skip("a VLEK is shared");
        },
        &["snp.signing-key-accepted"],
    ),
    ("a machine that is not pinned", |w| w.accept.machines = Rule::Require(vec![[0xc2; 64]]), &["common.machine"]),
    ("another image", |w| w.report[0x090] ^= 1, &["snp.measurement"]),
    ("debugging is allowed", |w| w.put(0x008, &0xb_0000_u64.to_le_bytes()), &["snp.debug"]),
    ("migration is allowed", |w| w.put(0x008, &0x7_0000_u64.to_le_bytes()), &["snp.migration"]),
    ("there is a migration agent", |w| w.put(0x160, &[0xfe]), &["snp.migration"]),
    ("the reserved one is zero", |w| w.put(0x008, &0x1_0000_u64.to_le_bytes()), &["snp.guest-policy"]),
    ("a bit that must be clear", |w| w.put(0x008, &0x23_0000_u64.to_le_bytes()), &["snp.guest-policy"]),
    ("a bit that must be set", |w| w.accept.guest_policy.set = snp::guest_policy::SINGLE_SOCKET, &["snp.guest-policy"]),
    ("an unknown bit of the guest policy", |w| w.put(0x008, &0x403_0000_u64.to_le_bytes()), &["snp.guest-policy"]),
    ("an older ABI, by its minor version", |w| demand_abi(w, 0x3_0136), &["snp.guest-abi"]),
    ("an older ABI, by its major version", |w| demand_abi(w, 0x3_00ff), &["snp.guest-abi"]),
    ("no ABI where one is demanded", |w| demand_abi(w, 0x3_0000), &["snp.guest-abi"]),
    ("no alias check", |w| w.put(0x040, &[0x05]), &["snp.platform-info"]),
    ("trusted input and output", |w| w.put(0x040, &[0xa5]), &["snp.platform-info"]),
    ("an unknown bit of the platform", |w| w.put(0x040, &[0x65]), &["snp.platform-info"]),
    ("VMPL above the allowed", |w| w.put(0x030, &[1]), &["snp.vmpl"]),
    (
        "asked for by the host",
        |w| {
            w.put(0x030, &[0xff; 4]);
            w.accept.maximum_vmpl = 3;
        },
        &["snp.vmpl"],
    ),
    (
        "reported above current",
        |w| {
            w.put(0x038, &[2]);
            w.accept.committed_firmware = Requirement::skip("test");
        },
        &["snp.firmware-order"],
    ),
    ("a reserved byte of the current level", |w| w.put(0x03a, &[1]), &["snp.firmware-order"]),
    ("not committed", |w| w.put(0x1e0, &[2]), &["snp.firmware-committed"]),
    ("a version that is not committed", |w| w.put(0x1ec, &[28]), &["snp.firmware-committed"]),
    (
        "firmware below the minimum",
        |w| w.accept.minimum_firmware = Rule::Require(TcbVersion { snp: 9, microcode: 0, ..LEVEL }),
        &["snp.firmware-minimum"],
    ),
    (
        "a part that the line has not",
        |w| w.accept.minimum_firmware = Rule::Require(TcbVersion { fmc: 1, ..LEVEL }),
        &["snp.firmware-minimum"],
    ),
    ("launched under older firmware", |w| w.put(0x1f0, &[2]), &["snp.firmware-launch"]),
    (
        "mitigations that version 3 does not tell",
        |w| w.accept.mitigations = Rule::Require(snp::Mitigations { launch: 0, current: 0 }),
        &["snp.mitigations"],
    ),
    ("other host data", |w| w.report[0x0c0] ^= 1, &["snp.host-data"]),
    ("another family", |w| w.report[0x010] ^= 1, &["snp.image"]),
    ("another image id", |w| w.report[0x020] ^= 1, &["snp.image"]),
    ("an older security version", |w| w.put(0x004, &[4]), &["snp.guest-svn"]),
    ("another ID key", |w| w.report[0x0e0] ^= 1, &["snp.id-key"]),
    (
        "another author key",
        |w| {
            w.report[0x048] |= 1;
            w.accept.author_key_digests = Rule::Require(vec![[1; 48]]);
        },
        &["snp.author-key"],
    ),
    (
        "an author key that is not in use",
        |w| w.accept.author_key_digests = Rule::Require(vec![[0xa0; 48]]),
        &["snp.author-key"],
    ),
    (
        "several at once",
        |w| {
            w.put(0x030, &[2]);
            w.put(0x008, &0xb_0000_u64.to_le_bytes());
            w.report[0x090] ^= 1;
        },
        &["snp.measurement", "snp.debug", "snp.vmpl"],
    ),
];

/// A guest of this policy, where ABI 1.55 is demanded.
fn demand_abi(world: &mut World, guest_policy: u64) {
    world.accept.minimum_guest_abi = Rule::Require(snp::GuestAbi { major: 1, minor: 55 });
    world.put(0x008, &guest_policy.to_le_bytes());
}

#[test]
fn a_guest_that_demands_the_abi_or_a_newer_one_is_accepted() {
    for guest_policy in [0x3_0137, 0x3_0138, 0x3_0200] {
        let mut world = World::milan();
        demand_abi(&mut world, guest_policy);
        assert!(world.appraise_with(CryptoProvider::ring()).is_ok(), "{guest_policy:#x}");
    }
}

#[test]
fn what_is_genuine_and_not_good_enough_fails_the_check_made_for_it() {
    run(CASES, World::milan);
}

#[test]
fn a_vlek_where_a_vcek_is_demanded_is_refused() {
    let cases: &[Case] = &[("VLEK", |w| w.accept.signing_keys = vec![SigningKey::Vcek], &["snp.signing-key-accepted"])];
    run(cases, || World::new(snp::Product::Genoa, SigningKey::Vlek, 3));
}

#[test]
fn mitigations_are_bits_and_not_numbers() {
    let cases: &[Case] = &[
        ("a higher number without the bit", |w| w.put(0x1f8, &[0b10]), &["snp.mitigations"]),
        ("off now", |w| w.put(0x200, &[0b010]), &["snp.mitigations"]),
    ];
    run(cases, || World::new(snp::Product::Milan, SigningKey::Vcek, 5));
}

#[test]
fn evidence_for_another_challenge_or_key_is_stale_and_not_judged_further() {
    let mut world = World::milan();
    world.binding = Binding::new(Challenge::from_random([8; 32]), ATTESTED_KEY, [0xd5; 64]);
    let rejection = world.appraise().unwrap_err();
    assert_eq!(failed(&rejection), ["common.freshness"]);
    assert_eq!(rejection.step(), Step::Fresh);
    let measurement = rejection.verdict().checks().iter().find(|check| check.id() == "snp.measurement").unwrap();
    assert_eq!(measurement.to_string(), "not judged snp.measurement because common.freshness failed");
}

#[test]
fn a_refusal_says_check_expected_found_and_what_to_do() {
    let mut world = World::milan();
    world.accept.minimum_firmware = Rule::Require(TcbVersion { snp: 24, ..LEVEL });
    let rejection = world.appraise().unwrap_err();
    assert_eq!(rejection.step(), Step::Policy);
    let check = rejection.verdict().failed().next().unwrap();
    assert_eq!(
        check.to_string(),
        "FAIL snp.firmware-minimum expected at least bootloader 3, tee 1, snp 24, microcode 213, found snp 8, needs 24: \
         the machine's owner updates BIOS, SNP firmware or microcode: the component named"
    );
    assert_eq!(
        rejection.to_string(),
        "refused: snp.firmware-minimum expected at least bootloader 3, tee 1, snp 24, microcode 213, found snp 8, needs 24"
    );
}

#[test]
fn one_good_accept_block_is_enough_and_the_closest_is_shown_where_none_is() {
    use sealroom_attestation::{CryptoProvider, Endorsements, Evidence, Verifier};
    let world = World::milan();
    let files = world.endorsements();
    let digest = ring::digest::digest(&ring::digest::SHA256, &files[0]);
    let anchor = TrustAnchor::new(Fingerprint::from_sha256(digest.as_ref().try_into().unwrap()), true).unwrap();
    let block = |name: &str, measurement: u8, svn: u32| -> Accept {
        let mut block = world.accept.clone();
        block.name = name.to_owned();
        block.trust_anchor = anchor.clone();
        block.measurements = vec![Measurement::sha384([measurement; 48])];
        block.minimum_guest_svn = Rule::Require(svn);
        block.into()
    };
    let appraise = |blocks: Vec<Accept>| {
        let policy = Policy::new(blocks).unwrap();
        let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice)).unwrap();
        let binding = Binding::new(Challenge::from_random([7; 32]), ATTESTED_KEY, REPORT_DATA);
        let evidence = Evidence::decode(&world.evidence()).unwrap();
        Verifier::new(CryptoProvider::ring(), &policy).appraise(evidence, &endorsements, binding, world.now)
    };
    let accepted = appraise(vec![block("release A", 1, 5), block("release B", 0x3e, 5)]).unwrap();
    assert_eq!(accepted.verdict().accept_block(), "release B");

    let rejection =
        appraise(vec![block("two fail", 1, 6), block("one fails", 1, 5), block("one fails too", 0x3e, 6)]).unwrap_err();
    assert_eq!(rejection.verdict().accept_block(), "one fails");
    assert_eq!(failed(&rejection), ["snp.measurement"]);
    let others: Vec<_> = rejection.other_verdicts().iter().map(|verdict| verdict.accept_block()).collect();
    assert_eq!(others, ["two fail", "one fails too"]);
}

#[test]
fn a_policy_that_contradicts_itself_is_refused() {
    let impossible = |field, problem| PolicyError::Impossible { block: "test".into(), field, problem };
    let empty = |field| PolicyError::EmptyList { block: "test".into(), field };
    let unexplained = |field| PolicyError::ReasonMissing { block: "test".into(), field };
    type Change = fn(&mut snp::Accept);
    let cases: [(Change, PolicyError); 16] = [
        (|a| a.measurements.clear(), empty("measurements")),
        (|a| a.signing_keys.clear(), empty("signing_keys")),
        (|a| a.report_versions.clear(), empty("report_versions")),
        (|a| a.host_data = Rule::Require(vec![]), empty("host_data")),
        (|a| a.report_versions = vec![3, 6], impossible("report_versions", "names a version that is not 2 to 5")),
        (|a| a.maximum_vmpl = 4, impossible("maximum_vmpl", "is above 3")),
        (
            |a| a.guest_policy = snp::Bits { set: 1, clear: 1 },
            impossible("guest_policy", "wants a bit both set and clear"),
        ),
        (
            |a| a.platform_info = snp::Bits { set: 3, clear: 2 },
            impossible("platform_info", "wants a bit both set and clear"),
        ),
        (
            |a| a.signing_keys.push(SigningKey::Vlek),
            impossible("machines", "are pinned, so signing_keys must be VCEK alone: a VLEK is shared by many"),
        ),
        (
            |a| a.visible_chip_id = Requirement::skip("masked"),
            impossible("machines", "are pinned, so visible_chip_id must be required"),
        ),
        (
            |a| a.machines = Rule::Require(vec![[0; 64]]),
            impossible("machines", "list the id of all zeros, which is a masked one"),
        ),
        (|a| a.guest_policy.set = 1 << 26, impossible("guest_policy", "wants a bit set that has no meaning")),
        (|a| a.platform_info.set = 1 << 6, impossible("platform_info", "wants a bit set that has no meaning")),
        (
            |a| a.guest_policy.set = snp::guest_policy::DEBUG,
            impossible("guest_policy", "wants debugging or migration, which is always refused"),
        ),
        (|a| a.minimum_firmware = Rule::skip(" "), unexplained("minimum_firmware")),
        (|a| a.revocation = Requirement::skip(""), unexplained("revocation")),
    ];
    for (change, error) in cases {
        let mut block = World::milan().accept;
        change(&mut block);
        assert_eq!(Policy::new(vec![block.into()]), Err(error));
    }
    assert_eq!(Policy::new(vec![]), Err(PolicyError::Empty));
    let block: Accept = World::milan().accept.into();
    assert_eq!(Policy::new(vec![block.clone(), block]), Err(PolicyError::DuplicateName { name: "test".into() }));
}

#[test]
fn a_root_of_another_maker_is_warned_of_since_nothing_can_pass_under_it() {
    let warned = |root: &str| {
        let root = vendor_roots().find(|known| known.name == root).unwrap();
        let mut block = World::milan().accept;
        block.trust_anchor = TrustAnchor::new(root.fingerprint, false).unwrap();
        let warnings = Policy::new(vec![block.into()]).unwrap().lint();
        warnings.into_iter().find(|warning| warning.id == "foreign-anchor").map(|warning| warning.text)
    };
    for own in ["ARK-Milan", "ARK-Genoa", "ARK-Turin"] {
        assert_eq!(warned(own), None);
    }
    for foreign in ["Intel SGX Root CA", "aws.nitro-enclaves", "NVIDIA Device Identity CA"] {
        let text = format!("the root {foreign} is none of the maker of amd-sev-snp: no Evidence can pass");
        assert_eq!(warned(foreign), Some(text));
    }
}
