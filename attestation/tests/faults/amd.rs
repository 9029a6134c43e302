//! Faults of verifiers of AMD SEV-SNP.

use sealroom_attestation::snp::{Mitigations, Product, SigningKey};
use sealroom_attestation::{Rule, TrustAnchor, vendor_roots};

use crate::snp_world::World;
use crate::{caught, der};

const AMD: &str = "1.3.6.1.4.1.3704.1.";

fn vlek() -> World {
    World::new(Product::Milan, SigningKey::Vlek, 3)
}

pub(crate) fn vendor(name: &str) -> TrustAnchor {
    let root = vendor_roots().find(|root| root.name == name).unwrap();
    TrustAnchor::new(root.fingerprint, false).unwrap()
}

/// go-sev-guest issue 185; TEE-Attestation-Verification pull request 140: the chain was followed up to whatever root came along.
#[test]
fn fault_01_attacker_made_root_with_the_real_layout() {
    // All names, extensions and algorithms of the world's chain are AMD's; only the keys are not.
    let failed = caught(World::milan, |world| world.pinned = Some(vendor("ARK-Milan")));
    assert_eq!(failed, ["common.trust-anchor"]);
    let failed = caught(vlek, |world| world.pinned = Some(vendor("ARK-Milan")));
    assert_eq!(failed, ["common.trust-anchor"]);
}

/// The `sev` crate verified a report written anew from its fields: bytes that are no field were not under the signature.
#[test]
fn fault_02_re_encoded_report_with_changed_reserved_bytes() {
    // In the body, and in the halves of the signature's fields that hold no number. Signed again or not: they must be zero.
    for at in [0x1f8_usize, 0x29f] {
        assert_eq!(caught(World::milan, |world| world.put(at, &[1])), ["snp.reserved"], "{at:#x}");
    }
    let tampers: [fn(&mut Vec<u8>); 4] = [
        |report| report[0x1f8] = 1,
        |report| report[0x2a0 + 48] = 1,
        |report| report[0x2e8 + 71] = 1,
        |report| report[0x49f] = 1,
    ];
    for tamper in tampers {
        assert_eq!(caught(World::milan, |world| world.tamper = tamper), ["snp.reserved"]);
    }
}

/// The `sev` crate read every version that it did not know as version 5.
#[test]
fn fault_03_unknown_report_version() {
    for version in [0_u32, 1, 6, 7, 255, u32::MAX] {
        let failed = caught(World::milan, |world| {
            world.put(0, &version.to_le_bytes());
            world.accept.report_versions = vec![2, 3, 4, 5];
        });
        assert_eq!(failed, ["snp.version"], "{version}");
    }
}

/// Several: the certificate was taken by its name or its place in a table, whatever key the report says that it was signed with.
#[test]
fn fault_04_vlek_report_with_vcek_certificate_and_back() {
    assert_eq!(caught(World::milan, |world| world.put(0x048, &[4])), ["snp.leaf-kind"]);
    assert_eq!(caught(vlek, |world| world.put(0x048, &[0])), ["snp.leaf-kind"]);
}

/// snpguest pull request 159 and Trustee: the comparison stood in code that never ran.
#[test]
fn fault_05_hardware_id_differs() {
    assert_eq!(caught(World::milan, |world| world.put(0x1a0, &[0xc2])), ["snp.chip-id"]);
    let last = |world: &mut World| world.leaf.set_extension(&format!("{AMD}4"), &[vec![0xc1; 63], vec![0]].concat());
    assert_eq!(caught(World::milan, last), ["snp.chip-id"]);
}

/// snpguest: `if let Some(extension)`, and nothing where it was missing.
#[test]
fn fault_06_missing_tcb_extension() {
    for extension in ["3.1", "3.2", "3.3", "3.8"] {
        let failed = caught(World::milan, |world| world.leaf.remove_extension(&format!("{AMD}{extension}")));
        assert_eq!(failed, ["snp.leaf-extensions"], "{extension}");
    }
    let turin = || World::new(Product::Turin, SigningKey::Vcek, 5);
    let failed = caught(turin, |world| world.leaf.remove_extension(&format!("{AMD}3.9")));
    assert_eq!(failed, ["snp.leaf-extensions"]);
}

/// Trustee, Oak, TEE-Attestation-Verification: the last byte of the extension was taken for the level.
#[test]
fn fault_07_integer_of_two_bytes() {
    // From 128 on a level takes two bytes, as the microcode's of the good world does.
    assert_eq!(der::integer(&[0xd5]), [2, 2, 0, 0xd5]);
    for value in
        [vec![2, 2, 1, 0xd5], vec![2, 1, 0xd5], vec![2, 3, 0, 0, 0xd5], vec![4, 1, 0xd5], vec![2, 2, 0, 0xd5, 0]]
    {
        let failed = caught(World::milan, |world| world.leaf.set_extension(&format!("{AMD}3.8"), &value));
        assert_eq!(failed, ["snp.leaf-extensions"], "{value:02x?}");
    }
    // 8 as it is on the card, in two bytes where one is enough.
    let failed = caught(World::milan, |world| world.leaf.set_extension(&format!("{AMD}3.3"), &[2, 2, 0, 8]));
    assert_eq!(failed, ["snp.leaf-extensions"]);
}

/// The `sev` crate, snpguest, Trustee: dates were not compared at all, or those of the leaf alone.
#[test]
fn fault_08_expired_leaf_and_expired_ask() {
    assert_eq!(caught(World::milan, |world| world.leaf.not_after = "260501000000Z"), ["common.time"]);
    assert_eq!(caught(World::milan, |world| world.intermediate.not_after = "260501000000Z"), ["common.time"]);
    assert_eq!(caught(World::milan, |world| world.root.not_after = "260501000000Z"), ["common.time"]);
}

/// go-sev-guest pull request 191: a list was believed whatever its next update.
#[test]
fn fault_09_stale_revocation_list() {
    assert_eq!(caught(World::milan, |world| world.list.next_update = Some("260515000000Z")), ["common.revocation"]);
    assert_eq!(caught(World::milan, |world| world.list.next_update = None), ["common.revocation"]);
}

/// go-sev-guest: the serial number of the ASK was looked up, and no other's.
#[test]
fn fault_10_revoked_asvk() {
    let authority = vlek().intermediate.serial;
    assert_eq!(caught(vlek, |world| world.list.serials.push(authority)), ["common.revocation"]);
    assert_eq!(caught(vlek, |world| world.list.serials.push(vec![0])), ["common.revocation"], "the leaf");
}

/// go-sev-guest: a chip id of zeros, as a host can ask for, passed every comparison in silence.
#[test]
fn fault_11_zero_chip_id() {
    let masked = |world: &mut World| {
        world.put(0x1a0, &[0; 64]);
        world.accept.machines = Rule::skip("any machine");
    };
    assert_eq!(caught(World::milan, masked), ["snp.chip-id"]);
}

/// Trustee, the `sev` crate, snpguest, go-tdx-guest: left to the caller, to a policy, or off until asked for.
#[test]
fn fault_12_debug_bit() {
    let failed = caught(World::milan, |world| world.put(0x008, &0xb_0000_u64.to_le_bytes()));
    assert_eq!(failed, ["snp.debug"]);
    assert_eq!(caught(crate::world::World::tdx, |world| world.put(120, &[1])), ["tdx.debug"]);
    assert_eq!(caught(crate::world::World::sgx, |world| world.put(48, &[0x87])), ["sgx.debug"]);
}

/// The `sev` crate, snpguest; go-sev-guest where nobody asked for it: any privilege level was as good as the guest's own, and so
/// was the host that asks for a report itself.
#[test]
fn fault_13_vmpl_1_and_of_the_host() {
    assert_eq!(caught(World::milan, |world| world.put(0x030, &[1])), ["snp.vmpl"]);
    let of_the_host = |world: &mut World| {
        world.put(0x030, &[0xff; 4]);
        world.accept.maximum_vmpl = 3;
    };
    assert_eq!(caught(World::milan, of_the_host), ["snp.vmpl"]);
}

/// Oak: bits were compared as numbers, and 0b10 is more than 0b01.
#[test]
fn fault_14_mitigation_vector_as_a_number() {
    let world = || {
        let mut world = World::new(Product::Milan, SigningKey::Vcek, 5);
        world.accept.mitigations = Rule::Require(Mitigations { launch: 0b01, current: 0b01 });
        world
    };
    assert_eq!(caught(world, |world| world.put(0x1f8, &[0b10])), ["snp.mitigations"]);
    assert_eq!(caught(world, |world| world.put(0x200, &[0b110])), ["snp.mitigations"]);
}
