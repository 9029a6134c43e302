//! Faults of verifiers of AWS Nitro Enclaves and Arm CCA.

use sealroom_attestation::Rule;

use crate::nitro_world::{NOW, World};
use crate::{caught, cbor, cca_world};

/// hf/nitrite, evervault: an enclave in debug mode, whose console its host reads, has registers of zeros; nobody looked.
#[test]
fn fault_29_nitro_registers_of_zeros() {
    let zero = |world: &mut World, registers: &[usize]| {
        for index in registers {
            world.set_pcr(*index, &[0; 48]);
        }
        world.accept.registers = Rule::skip("whatever runs");
    };
    for registers in [&[0, 1, 2][..], &[0], &[1], &[2]] {
        let failed = caught(World::good, |world| zero(world, registers));
        assert_eq!(failed[0], "nitro.debug", "{registers:?}");
        assert!(failed[1..].iter().all(|id| *id == "nitro.measurement"), "{failed:?}");
    }
}

/// aptos-core pull request 20103; hf/nitrite, evervault: a document is as good as ever while its certificates last.
#[test]
fn fault_30_stale_nitro_document() {
    let made = |world: &mut World, seconds: u64| world.timestamp = cbor::number(seconds * 1000);
    assert_eq!(caught(World::good, |world| made(world, NOW - 301)), ["nitro.timestamp"]);
    assert_eq!(caught(World::good, |world| made(world, NOW + 31)), ["nitro.timestamp"], "of the future");
}

/// world-chain pull request 956: the root was taken from the end of the bundle where AWS does not put it.
#[test]
fn fault_31_nitro_root_at_the_wrong_end() {
    let failed = caught(World::good, |world| world.rearrange = |bundle| bundle.reverse());
    assert_eq!(failed, ["common.trust-anchor", "nitro.chain", "common.chain-signatures"]);
    // The genuine root at one end, the attacker's at the other.
    let appended = |world: &mut World| {
        world.rearrange = |bundle| {
            let other = crate::draft::Draft::authority("other", "other", None).sign();
            bundle.push(other);
        };
    };
    assert_eq!(caught(World::good, appended), ["nitro.chain", "common.chain-signatures"]);
}

/// evervault: the list of algorithms that were accepted had RSA and Ed25519 in it.
#[test]
fn fault_32_nitro_rsa_algorithm_in_the_header() {
    // RFC 8230, RFC 8812 and RFC 9053: PS256, PS384, RS256, RS1, EdDSA, ES256, ES512.
    let names: [&[u8]; 7] =
        [&[0x38, 0x24], &[0x38, 0x25], &[0x39, 1, 0], &[0x39, 0xff, 0xfe], &[0x27], &[0x26], &[0x38, 0x23]];
    for name in names {
        let failed = caught(World::good, |world| world.protected = [&[0xa1, 0x01], name].concat());
        assert_eq!(failed, ["nitro.cose"], "{name:02x?}");
    }
    let unprotected = |world: &mut World| world.unprotected = [&[0xa1, 0x01][..], &[0x38, 0x24]].concat();
    assert_eq!(caught(World::good, unprotected), ["nitro.cose"]);
}

/// veraison/rust-ccatoken: the lifecycle was read and compared with nothing, and the platform called trustworthy.
#[test]
fn fault_35_cca_lifecycle_of_debugging() {
    // Arm DEN0094: 0x30xx is secured; these are unknown, provisioning, and the two kinds of debugging.
    for lifecycle in [0x0000, 0x2000, 0x4000, 0x4003, 0x5000, 0x50ff, 0x6000] {
        let failed = caught(cca_world::World::good, |world| world.set_platform(2395, cbor::number(lifecycle)));
        assert_eq!(failed, ["cca.lifecycle"], "{lifecycle:#x}");
    }
}
