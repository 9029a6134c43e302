//! Manifests of the good worlds' values, in each way in which they can be written.

use super::corim::manifest;
use super::worlds::WORLDS;
use sealroom_attestation::{CorimExport, CorimProfile};

/// Bare, signed, and for the target to sign.
pub(super) fn corims() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for world in WORLDS.iter() {
        for profile in CorimProfile::ALL.into_iter().map(Some).chain([None]) {
            let how = CorimExport { id: "a manifest", profile, blocks: &[], leave_out: &[] };
            let Ok(exported) = world.policy.to_corim(&how) else { continue };
            seeds.push([&[0], exported.bytes.as_slice()].concat());
        }
    }
    let bare: Vec<u8> = seeds.iter().take(1).flat_map(|seed| seed.iter().skip(1)).copied().collect();
    seeds.push([&[1], manifest(&bare).as_slice()].concat());
    seeds.push([&[2], bare.as_slice()].concat());
    seeds
}
