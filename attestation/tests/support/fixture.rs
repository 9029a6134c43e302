//! Writes a world down for the fuzzer: `fuzz/fixture/NAME.world`. Each part with its length (two bytes, big-endian) before it: the
//! policy as TOML, the time, the challenge, the Evidence, and every Endorsement.

use std::path::Path;

use sealroom_attestation::{Accept, Policy};

/// After a format has changed: `cargo test -p sealroom-attestation -- --ignored good_world`.
pub(crate) fn write(name: &str, accept: Accept, now: u64, challenge: &[u8], evidence: &[u8], endorsements: &[Vec<u8>]) {
    let policy = Policy::new(vec![accept]).unwrap().to_toml();
    let now = now.to_be_bytes();
    let parts = [policy.as_bytes(), &now, challenge, evidence].into_iter();
    let mut world = Vec::new();
    for part in parts.chain(endorsements.iter().map(Vec::as_slice)) {
        world.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
        world.extend(part);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fixture");
    std::fs::write(folder.join(format!("{name}.world")), world).unwrap();
}
