//! A sealed store whose newest state real witnesses know: some down, one lying, and a disk that its owner puts back.

use crate::disk::copy;
use crate::platform::Platform;
use crate::remote::Remote;
use crate::seats::{Seat, life, platform, quietly, told};
use sealroom_enclave_core::sealed::{FreshnessLevel, RegisterError, SealedError};
use std::path::Path;

/// Three of four must cosign, one of which may lie: 2·3 > 4 + 1.
const NEEDED: usize = 3;
const LIARS: usize = 1;

fn remote(seats: &[Seat]) -> Remote {
    let others = seats.iter().map(|seat| seat.argument().split_once('=').map(|(url, key)| (url.into(), key.into())));
    let others = others.map(|other: Option<(String, String)>| other.unwrap());
    Remote::new(others.map(|(url, key)| (url, key.parse().unwrap())).collect(), NEEDED, LIARS).unwrap()
}

/// What the counter says in a new life, or why it does not open.
fn value(folder: &Path, platform: &mut Platform, seats: &[Seat]) -> Result<u64, SealedError> {
    let mut life = life(folder, platform, FreshnessLevel::Witness, remote(seats), quietly());
    life.open()?;
    Ok(life.value().unwrap())
}

fn cosignatures(found: usize) -> Result<u64, SealedError> {
    Err(RegisterError::Cosignatures { needed: NEEDED, found }.into())
}

#[test]
fn real_witnesses_hold_a_store_with_one_down_and_one_lying_and_not_with_one_more_of_either() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let platform = &mut platform(folder);
    let log = told(folder, platform);
    let mut seats: Vec<Seat> = (0..4).map(|number| Seat::new(folder, number, &log)).collect();
    for honest in [0, 1, 3] {
        seats[honest].serve();
    }
    seats[2].lie();
    let disk = |name: &str| folder.join(name);
    {
        let mut life = life(folder, platform, FreshnessLevel::Witness, remote(&seats), quietly());
        life.create().unwrap();
        assert_eq!(life.count().unwrap(), 1);
    }
    copy(&disk("disk"), &disk("old")).unwrap();

    // One is down and one lies.
    seats[3].fall_silent();
    {
        let mut life = life(folder, platform, FreshnessLevel::Witness, remote(&seats), quietly());
        life.open().unwrap();
        assert_eq!(life.count().unwrap(), 2);
    }
    assert_eq!(value(folder, platform, &seats), Ok(2));
    // One more is down: refused, and open again when it is back.
    seats[1].fall_silent();
    assert_eq!(value(folder, platform, &seats), cosignatures(2));
    seats[1].serve();
    assert_eq!(value(folder, platform, &seats), Ok(2));
    copy(&disk("disk"), &disk("newest")).unwrap();

    // The old disk: the liar cosigns it, and so does the one that was down when the counter went on.
    seats[3].serve();
    copy(&disk("old"), &disk("disk")).unwrap();
    assert_eq!(value(folder, platform, &seats), cosignatures(2));
    copy(&disk("disk"), &disk("forked")).unwrap();
    copy(&disk("newest"), &disk("disk")).unwrap();
    assert_eq!(value(folder, platform, &seats), Ok(2));

    // With one liar more than was allowed for, the same attack goes through: it is one.
    seats[1].lie();
    copy(&disk("forked"), &disk("disk")).unwrap();
    assert_eq!(value(folder, platform, &seats), Ok(1));
}
