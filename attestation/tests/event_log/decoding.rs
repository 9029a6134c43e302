//! What does not decode, by name; every byte of a real log changed; input that costs no more than it is long.

use core::time::Duration;
use std::time::Instant;

use sealroom_attestation::CryptoProvider;
use sealroom_attestation::event_log::{EventLog, LogError, ReplayError};

use crate::build::{IPL, Log, NO_ACTION, sha1_event, sha256, sha384, spec_id};
use crate::vectors::{folder, google};

fn refused(bytes: &[u8]) -> LogError {
    EventLog::decode(bytes).unwrap_err()
}

#[test]
fn a_header_that_says_what_it_does_not_hold_is_refused() {
    let banks = [(0x000b, 32), (0x000c, 48)];
    let header = |data: &[u8]| refused(&sha1_event(0, NO_ACTION, [0; 20], data));
    let good = spec_id(2, &banks, b"vendor");
    assert!(EventLog::decode(&sha1_event(0, NO_ACTION, [0; 20], &good)).is_ok());

    assert_eq!(header(&spec_id(3, &banks, b"")), LogError::HeaderVersion { major: 3, minor: 0 });
    let count = LogError::Header { problem: "lists no algorithm, or more than 8" };
    assert_eq!(header(&spec_id(2, &[], b"")), count);
    assert_eq!(header(&spec_id(2, &[(0x000b, 32); 9], b"")), count);
    for cut in 16..28 {
        assert_eq!(header(&good[..cut]), LogError::Header { problem: "is shorter than what it lists" }, "{cut}");
    }
    assert_eq!(header(&good[..30]), LogError::Header { problem: "is shorter than what it lists" });
    let vendor = LogError::Header { problem: "has other vendor bytes than it says" };
    assert_eq!(header(&good[..36]), vendor);
    assert_eq!(header(&good[..good.len() - 1]), vendor);
    assert_eq!(header(&[good, vec![0]].concat()), vendor);
    for (id, size) in [(0x000b, 20), (0x0099, 32)] {
        assert_eq!(header(&spec_id(2, &[(id, size)], b"")), LogError::HeaderAlgorithm { id, size });
    }
    assert_eq!(header(&spec_id(2, &[(0x000b, 32); 2], b"")), LogError::HeaderAlgorithm { id: 0x000b, size: 32 });
}

#[test]
fn an_event_has_one_digest_of_each_bank() {
    let (two, three) = (sha256(b""), sha384(b""));
    let event = |digests: &[(u16, Vec<u8>)]| refused(&Log::two_banks().event(4, IPL, digests, b"").bytes);
    assert_eq!(event(&[]), LogError::DigestCount { event: 1, expected: 2, found: 0 });
    assert_eq!(event(&[(0x000b, two.clone())]), LogError::DigestCount { event: 1, expected: 2, found: 1 });
    let twice = [(0x000b, two.clone()), (0x000b, two.clone())];
    assert_eq!(event(&twice), LogError::DigestAlgorithm { event: 1, found: 0x000b });
    let unknown = [(0x000b, two.clone()), (0x0099, three.clone())];
    assert_eq!(event(&unknown), LogError::DigestAlgorithm { event: 1, found: 0x0099 });
    // In which order does not matter: they say what they are.
    assert!(EventLog::decode(&Log::two_banks().event(4, IPL, &[(0x000c, three), (0x000b, two)], b"").bytes).is_ok());
}

#[test]
fn a_log_cut_anywhere_but_between_events_is_refused() {
    let header = Log::two_banks().bytes.len();
    let log = Log::two_banks().measure(4, IPL, b"a", b"data").measure(4, IPL, b"b", b"more");
    let second = Log::two_banks().measure(4, IPL, b"a", b"data").bytes.len();
    for cut in 1..log.bytes.len() {
        match EventLog::decode(&log.bytes[..cut]) {
            Ok(_) => assert!(
                cut == header
                    || cut == second
                    || log.bytes[header..cut].iter().all(|byte| *byte == 0)
                    || log.bytes[second.min(cut)..cut].iter().all(|byte| *byte == 0),
                "{cut}"
            ),
            Err(LogError::Truncated { event, offset, wanted, left }) => {
                assert_eq!(offset + left, cut);
                assert!(wanted > left && event <= 2);
            }
            Err(LogError::DigestCount { .. } | LogError::DigestAlgorithm { .. }) => panic!("{cut}"),
            Err(error) => assert!(cut < header, "{cut}: {error}"),
        }
    }
    assert_eq!(refused(b""), LogError::Truncated { event: 0, offset: 0, wanted: 4, left: 0 });
}

#[test]
fn unused_bytes_of_a_table_are_one_filler_and_nothing_else() {
    let log = Log::two_banks().measure(4, IPL, b"a", b"data").bytes;
    for filler in [0x00, 0xff] {
        let padded = [log.clone(), vec![filler; 1000]].concat();
        assert_eq!(EventLog::decode(&padded).unwrap().unverified_events().count(), 1);
        let mixed = [padded.clone(), vec![0x77]].concat();
        assert!(matches!(refused(&mixed), LogError::DigestCount { event: 2, .. }));
        let mixed = [padded, vec![!filler; 1000]].concat();
        assert!(matches!(refused(&mixed), LogError::DigestCount { event: 2, .. }));
    }
}

#[test]
fn a_start_up_locality_is_one_that_a_tpm_has_and_said_once() {
    let event =
        |log: Log, locality| log.measure(0, NO_ACTION, b"", &[b"StartupLocality\0".as_slice(), &[locality]].concat());
    let found = |event, found| LogError::StartupLocality { event, found };
    assert_eq!(refused(&event(Log::two_banks(), 1).bytes), found(1, 1));
    assert_eq!(refused(&event(event(Log::two_banks(), 3), 3).bytes), found(2, 3));
}

#[test]
fn a_log_of_the_old_form_is_decoded() {
    let log = [sha1_event(0, 8, [1; 20], b"version"), sha1_event(7, 4, [2; 20], &[0; 4])].concat();
    let log = EventLog::decode(&log).unwrap();
    let events: Vec<_> = log.unverified_events().map(|event| (event.index(), event.register())).collect();
    assert_eq!(events, [(0, 0), (1, 7)]);
    let digests: Vec<_> =
        log.unverified_events().flat_map(|event| event.digests()).map(|one| one.to_string()).collect();
    assert_eq!(digests, [format!("sha1:{}", "01".repeat(20)), format!("sha1:{}", "02".repeat(20))]);
}

/// Whatever changes, the digests that come out are those that were measured, or nothing comes out.
#[test]
fn a_real_log_with_any_byte_changed_gives_the_same_digests_or_none() {
    let Some(folder) = folder("a_real_log_with_any_byte_changed_gives_the_same_digests_or_none") else { return };
    let (bytes, quoted) = google(&folder);
    let measured = |log: &EventLog| -> Result<Vec<_>, ReplayError> {
        let replayed = log.verify(CryptoProvider::ring(), &quoted)?;
        Ok(replayed.events().map(|event| (event.index(), event.register(), *event.digest())).collect())
    };
    let good = measured(&EventLog::decode(&bytes).unwrap()).unwrap();
    let (mut undecodable, mut diverging, mut unmeasured) = (0, 0, 0);
    for offset in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[offset] ^= 1 << (offset % 8);
        match EventLog::decode(&changed) {
            Err(_) => undecodable += 1,
            Ok(log) => match measured(&log) {
                Err(ReplayError::Diverges { .. }) => diverging += 1,
                Err(error) => panic!("{offset}: {error}"),
                Ok(events) => {
                    assert_eq!(events, good, "{offset}");
                    unmeasured += 1;
                }
            },
        }
    }
    // 43 digests of 48 bytes and 43 registers of 4; lengths, counts and identifiers; types, data and most of the header.
    assert!(diverging >= 43 * 52 && undecodable >= 43 * 6 && unmeasured > 0, "{undecodable} {diverging} {unmeasured}");
}

/// Data are not measured themselves, so a changed byte in them must not be believed.
#[test]
fn changed_data_of_a_real_log_are_not_believed() {
    let Some(folder) = folder("changed_data_of_a_real_log_are_not_believed") else { return };
    let (bytes, quoted) = google(&folder);
    let needle = b"kernel_cmdline: /syslinux";
    let offset = bytes.windows(needle.len()).position(|window| window == needle).unwrap();
    for changed_at in [offset, offset + 20] {
        let mut changed = bytes.clone();
        changed[changed_at] ^= 1;
        let log = EventLog::decode(&changed).unwrap();
        let replayed = log.verify(CryptoProvider::ring(), &quoted).unwrap();
        let event = replayed.events().find(|event| event.index() == 41).unwrap();
        assert_eq!(event.measured(), None);
    }
}

#[test]
fn garbage_costs_no_more_than_it_is_long() {
    let limit = 16 * 1024 * 1024;
    let huge = vec![0x5a; 100_000_000];
    let start = Instant::now();
    assert_eq!(refused(&huge), LogError::Size { limit, found: huge.len() });
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());

    // Events of zeros only, all the way, with one byte at the end that is none.
    let mut zeros = vec![0; limit];
    zeros[limit - 1] = 1;
    let start = Instant::now();
    assert_eq!(refused(&zeros), LogError::EventCount { limit: 65_536 });
    let filler = [Log::two_banks().bytes, vec![0xff; limit - 1000]].concat();
    assert_eq!(EventLog::decode(&filler).unwrap().unverified_events().count(), 0);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn lengths_beyond_the_log_are_refused_before_anything_is_allocated() {
    let mut log = Log::two_banks().measure(4, IPL, b"a", b"").bytes;
    let end = log.len();
    log[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
    let wanted = usize::try_from(u32::MAX).unwrap();
    // The length's bytes are all 0xff, but they are a length: an event that was begun is read to its end.
    assert_eq!(refused(&log), LogError::Truncated { event: 1, offset: end, wanted, left: 0 });
}
