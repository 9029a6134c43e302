//! Bits of a TD's attributes that a policy has no say in, and the one that it must name to accept.

use sealroom_attestation::tdx::attributes::MIGRATABLE;
use sealroom_attestation::{Accept, Evidence, Fingerprint, Policy, PolicyError, TrustAnchor};

use crate::failed;
use crate::world::{Kind, World};

/// Bits 3:0 are of a TD under debug, 15:4 of one under profiling; those without a name are kept for more of the kind.
const UNTRUSTED: core::ops::Range<u32> = 0..16;

fn with_bit(bit: u32) -> World {
    let mut world = World::tdx();
    let attributes = u64::from_le_bytes(world.body[120..128].try_into().unwrap()) | 1 << bit;
    world.put(120, &attributes.to_le_bytes());
    world
}

#[test]
fn a_td_under_debug_or_profiling_is_refused_by_one_check_whichever_bit_says_so() {
    for bit in UNTRUSTED {
        let mut world = with_bit(bit);
        world.accept_tdx().attributes.clear = 0;
        let rejection = world.appraise().unwrap_err();
        assert_eq!(failed(&rejection), ["tdx.debug"], "bit {bit}");
        let check = rejection.verdict().failed().next().unwrap();
        let name = match bit {
            0 => "debug".to_owned(),
            4 => "hgs-plus-profiling".to_owned(),
            5 => "performance-profiling".to_owned(),
            6 => "pmt-profiling".to_owned(),
            _ => format!("bit {bit}"),
        };
        assert_eq!(check.found(), name);
    }
}

#[test]
fn a_policy_that_wants_debugging_or_profiling_is_refused() {
    for bit in UNTRUSTED {
        let mut world = World::tdx();
        world.accept_tdx().attributes.set |= 1 << bit;
        let named = [0, 4, 5, 6].contains(&bit);
        let problem =
            if named { "wants a bit set that is always refused" } else { "wants a bit set that has no meaning" };
        assert_eq!(
            Policy::new(vec![world.accept]).err(),
            Some(PolicyError::Impossible { block: "test".to_owned(), field: "attributes", problem }),
            "bit {bit}"
        );
    }
}

#[test]
fn pinning_a_td_under_debug_or_profiling_makes_a_policy_that_refuses_it() {
    for bit in UNTRUSTED {
        let mut world = with_bit(bit);
        let evidence = Evidence::decode(&world.quote(&world.sign_chain())).unwrap();
        let anchor = TrustAnchor::new(Fingerprint::from_sha256([1; 32]), true).unwrap();
        world.accept = Accept::pinning(&evidence, anchor, "pinned");
        assert_eq!(world.accept_tdx().attributes.set & 0xffff, 0, "bit {bit}");
        assert_eq!(failed(&world.appraise().unwrap_err()), ["tdx.debug"], "bit {bit}");
    }
}

#[test]
fn a_td_that_can_be_migrated_is_refused_unless_the_policy_names_the_bit() {
    for kind in [Kind::Tdx4, Kind::Tdx5, Kind::Tdx15] {
        let migratable = || {
            let mut world = World::new(kind);
            world.put(123, &[0x70]);
            world.accept_tdx().attributes.clear = 0;
            world
        };
        assert_eq!(failed(&migratable().appraise().unwrap_err()), ["tdx.attributes"], "{kind:?}");
        let mut world = migratable();
        world.accept_tdx().attributes.set |= MIGRATABLE;
        assert!(world.appraise().is_ok(), "{kind:?}");
    }
}
