//! Built logs: how registers start, what goes into them, and that nothing but a full match gives events.

use sealroom_attestation::CryptoProvider;
use sealroom_attestation::event_log::{Algorithm, EventLog, Register, Registers, ReplayError, ReportedRegister};

use crate::build::{IPL, Log, NO_ACTION, SEPARATOR, sha1_event, sha256, sha384};
use crate::real::digest;

fn decode(log: &Log) -> EventLog {
    EventLog::decode(&log.bytes).unwrap()
}

fn replay(log: &Log, register: Register) -> Vec<u8> {
    decode(log).replay(CryptoProvider::ring(), Algorithm::Sha256, register).unwrap().as_bytes().to_vec()
}

/// As a TPM extends: hash of the old value and the digest.
fn extended(start: &[u8], measured: &[&[u8]]) -> Vec<u8> {
    measured.iter().fold(start.to_vec(), |value, bytes| sha256(&[value, sha256(bytes)].concat()))
}

fn quote(register: Register, value: &[u8]) -> ReportedRegister {
    ReportedRegister { register, value: digest(Algorithm::Sha256, value) }
}

fn verify(log: &Log, quoted: &[ReportedRegister]) -> Result<Vec<usize>, ReplayError> {
    let log = decode(log);
    log.verify(CryptoProvider::ring(), quoted).map(|log| log.events().map(|event| event.index()).collect())
}

#[test]
fn registers_start_as_hardware_starts_them() {
    let empty = Log::two_banks();
    for index in 0..24 {
        let start = if (17..=22).contains(&index) { [0xff; 32] } else { [0; 32] };
        assert_eq!(replay(&empty, Register::Pcr(index)), start, "PCR {index}");
        let log = empty.clone().measure(u32::from(index), SEPARATOR, b"a", b"a");
        assert_eq!(replay(&log, Register::Pcr(index)), extended(&start, &[b"a"]), "PCR {index}");
    }
}

#[test]
fn pcr_0_starts_at_the_start_up_locality() {
    for locality in [0, 3, 4] {
        let data = [b"StartupLocality\0".as_slice(), &[locality]].concat();
        let log = Log::two_banks().measure(0, NO_ACTION, b"", &data).measure(0, SEPARATOR, b"a", b"a");
        let mut start = [0; 32];
        start[31] = locality;
        assert_eq!(replay(&log, Register::Pcr(0)), extended(&start, &[b"a"]));
        assert_eq!(replay(&log, Register::Pcr(1)), [0; 32]);
        assert_eq!(decode(&log).unverified_startup_locality(), Some(locality));
    }
}

#[test]
fn events_go_into_their_register_in_order_and_unmeasured_ones_into_none() {
    let log = Log::two_banks()
        .measure(4, IPL, b"first", b"")
        .measure(4, NO_ACTION, b"not this", b"")
        .measure(5, IPL, b"elsewhere", b"")
        .measure(4, IPL, b"second", b"");
    let value = extended(&[0; 32], &[b"first", b"second"]);
    assert_eq!(replay(&log, Register::Pcr(4)), value);
    assert_eq!(verify(&log, &[quote(Register::Pcr(4), &value)]), Ok(vec![1, 4]));
    let other = extended(&[0; 32], &[b"elsewhere"]);
    let both = [quote(Register::Pcr(4), &value), quote(Register::Pcr(5), &other)];
    assert_eq!(verify(&log, &both), Ok(vec![1, 3, 4]));
}

#[test]
fn a_run_time_register_has_one_more_than_its_number_in_the_log() {
    let log = Log::two_banks().measure(0, IPL, b"no register", b"").measure(4, IPL, b"a", b"");
    let value = sha384(&[vec![0; 48], sha384(b"a")].concat());
    let quoted = ReportedRegister { register: Register::Rtmr(3), value: digest(Algorithm::Sha384, &value) };
    assert_eq!(verify(&log, &[quoted]), Ok(vec![2]));
}

#[test]
fn a_log_that_says_anything_else_than_the_quote_yields_no_event() {
    let good = Log::two_banks().measure(4, IPL, b"a", b"").measure(4, IPL, b"b", b"").measure(7, SEPARATOR, b"s", b"");
    let quoted = [
        quote(Register::Pcr(4), &extended(&[0; 32], &[b"a", b"b"])),
        quote(Register::Pcr(7), &extended(&[0; 32], &[b"s"])),
    ];
    assert_eq!(verify(&good, &quoted), Ok(vec![1, 2, 3]));
    let new = Log::two_banks;
    let wrong = [
        ("removed", new().measure(4, IPL, b"a", b"").measure(7, SEPARATOR, b"s", b"")),
        ("swapped", new().measure(4, IPL, b"b", b"").measure(4, IPL, b"a", b"").measure(7, SEPARATOR, b"s", b"")),
        ("changed", new().measure(4, IPL, b"a", b"").measure(4, IPL, b"c", b"").measure(7, SEPARATOR, b"s", b"")),
        ("moved", new().measure(4, IPL, b"a", b"").measure(5, IPL, b"b", b"").measure(7, SEPARATOR, b"s", b"")),
        ("hidden", new().measure(4, IPL, b"a", b"").measure(4, NO_ACTION, b"b", b"").measure(7, SEPARATOR, b"s", b"")),
        ("added", good.clone().measure(4, IPL, b"c", b"")),
    ];
    for (name, log) in wrong {
        let Err(ReplayError::Diverges { registers }) = verify(&log, &quoted) else { panic!("{name}") };
        assert_eq!(registers.len(), 1, "{name}");
        let difference = registers[0];
        assert_eq!(difference.register, Register::Pcr(4), "{name}");
        assert_eq!(difference.expected, quoted[0].value, "{name}");
        assert_eq!(difference.replayed.as_bytes(), replay(&log, Register::Pcr(4)), "{name}");
        assert_eq!(difference.agreed_before, (name == "added").then_some(4), "{name}");
    }
}

#[test]
fn every_register_that_differs_is_named() {
    let log = Log::two_banks().measure(4, IPL, b"a", b"");
    let quoted =
        [quote(Register::Pcr(7), &[1; 32]), quote(Register::Pcr(3), &[0; 32]), quote(Register::Pcr(4), &[2; 32])];
    let Err(ReplayError::Diverges { registers }) = verify(&log, &quoted) else { panic!() };
    let named: Vec<_> = registers.iter().map(|difference| difference.register).collect();
    assert_eq!(named, [Register::Pcr(7), Register::Pcr(4)]);
    assert_eq!(
        registers[0].to_string(),
        format!("PCR 7 expected sha256:{}, replayed sha256:{} from 0 events", "01".repeat(32), "00".repeat(32))
    );
}

#[test]
fn a_quote_that_decides_nothing_is_refused() {
    let log = Log::two_banks().measure(1, IPL, b"a", b"");
    assert_eq!(verify(&log, &[]), Err(ReplayError::NothingQuoted));
    let zero = |register, algorithm: Algorithm| ReportedRegister {
        register,
        value: digest(algorithm, &vec![0; algorithm.digest_bytes()]),
    };
    for (register, algorithm) in [
        (Register::Pcr(24), Algorithm::Sha256),
        (Register::Rtmr(4), Algorithm::Sha384),
        (Register::Rtmr(0), Algorithm::Sha256),
    ] {
        let expected = ReplayError::NoSuchRegister { register, algorithm };
        assert_eq!(verify(&log, &[zero(register, algorithm)]), Err(expected));
    }
    let sha512 = Algorithm::Sha512;
    let expected = ReplayError::NoSuchBank { algorithm: sha512 };
    assert_eq!(verify(&log, &[zero(Register::Pcr(1), sha512)]), Err(expected));
    // PCR 1 and RTMR 0 are one number in a log: it can not be both.
    let two = [zero(Register::Pcr(2), Algorithm::Sha256), zero(Register::Rtmr(1), Algorithm::Sha384)];
    assert_eq!(verify(&log, &two), Err(ReplayError::QuotedTwice { register: Register::Pcr(2) }));
}

#[test]
fn no_bank_of_sha_1_is_ever_accepted() {
    let modern = Log::new(&[(0x0004, 20), (0x000b, 32)]).bytes;
    let old = sha1_event(4, IPL, [7; 20], b"boot loader");
    for bytes in [modern, old] {
        let log = EventLog::decode(&bytes).unwrap();
        assert!(log.algorithms().contains(&Algorithm::Sha1));
        let refused = ReplayError::AlgorithmRefused { algorithm: Algorithm::Sha1 };
        let sha1 = ReportedRegister { register: Register::Pcr(0), value: digest(Algorithm::Sha1, &[0; 20]) };
        assert_eq!(log.verify(CryptoProvider::ring(), &[sha1]).unwrap_err(), refused);
        assert_eq!(log.replay(CryptoProvider::ring(), Algorithm::Sha1, Register::Pcr(0)), Err(refused));
    }
    let sm3 = EventLog::decode(&Log::new(&[(0x0012, 32)]).bytes).unwrap();
    let refused = ReplayError::AlgorithmRefused { algorithm: Algorithm::Sm3 };
    assert_eq!(sm3.replay(CryptoProvider::ring(), Algorithm::Sm3, Register::Pcr(0)), Err(refused));
}

#[test]
fn data_are_believed_only_where_the_digest_is_their_hash() {
    let variable = |value: &[u8]| {
        let length = u64::try_from(value.len()).unwrap();
        [&[9; 16][..], &2_u64.to_le_bytes(), &length.to_le_bytes(), b"P\0K\0", value].concat()
    };
    let tag = [&1_u32.to_le_bytes()[..], &3_u32.to_le_bytes(), b"tag"].concat();
    let (boot, config) = (0x8000_0002, 0x8000_0001);
    /// Type, what was hashed, data in the log, what is believed of them.
    type Case<'a> = (u32, &'a [u8], Vec<u8>, Option<&'a [u8]>);
    let cases: Vec<Case<'_>> = vec![
        (SEPARATOR, &[0, 0, 0, 0], vec![0; 4], Some(&[0, 0, 0, 0])),
        (SEPARATOR, &[0, 0, 0, 0], vec![0xff; 4], None),
        (IPL, b"x=1", b"grub_cmd: x=1\0".to_vec(), Some(b"x=1")),
        (IPL, b"quiet", b"kernel_cmdline: quiet\0".to_vec(), Some(b"quiet")),
        (IPL, b"grub_cmd: x=1", b"grub_cmd: x=1\0".to_vec(), Some(b"grub_cmd: x=1")),
        (IPL, b"a file", b"/boot/grub.cfg\0".to_vec(), None),
        (6, b"tag", tag.clone(), Some(b"tag")),
        (6, b"other", tag, None),
        (boot, b"value", variable(b"value"), Some(b"value")),
        // The value alone is what EV_EFI_VARIABLE_BOOT measures, and no other type.
        (config, b"value", variable(b"value"), None),
    ];
    for (kind, measured, data, believed) in cases {
        let log = decode(&Log::two_banks().measure(4, kind, measured, &data));
        let quoted = quote(Register::Pcr(4), &extended(&[0; 32], &[measured]));
        let replayed = log.verify(CryptoProvider::ring(), &[quoted]).unwrap();
        let events: Vec<_> = replayed.events().collect();
        assert_eq!(events[0].measured(), believed, "{kind:#x} {data:?}");
        assert_eq!(events[0].register(), Register::Pcr(4));
        assert_eq!(events[0].digest().as_bytes(), sha256(measured));
    }
}

#[test]
fn the_first_event_that_departs_from_what_is_expected_is_named() {
    let log =
        decode(&Log::two_banks().measure(4, IPL, b"a", b"").measure(5, IPL, b"x", b"").measure(4, IPL, b"b", b""));
    let expected = |all: &[&[u8]]| all.iter().map(|one| digest(Algorithm::Sha256, &sha256(one))).collect::<Vec<_>>();
    let first = |all: &[&[u8]]| log.first_difference(Algorithm::Sha256, Register::Pcr(4), &expected(all));
    assert_eq!(first(&[b"a", b"b"]), None);

    let changed = first(&[b"a", b"c"]).unwrap();
    assert_eq!((changed.position, changed.event), (1, Some(3)));
    assert_eq!((changed.expected, changed.found), (Some(expected(&[b"c"])[0]), Some(expected(&[b"b"])[0])));
    let more = first(&[b"a"]).unwrap();
    assert_eq!((more.position, more.event, more.expected), (1, Some(3), None));
    let fewer = first(&[b"a", b"b", b"c"]).unwrap();
    assert_eq!((fewer.position, fewer.event, fewer.found), (2, None, None));
    // A bank that the log does not have agrees with nothing.
    let other_bank = log.first_difference(Algorithm::Sha512, Register::Pcr(4), &[]).unwrap();
    assert_eq!((other_bank.event, other_bank.found), (Some(1), None));

    let reference =
        decode(&Log::two_banks().measure(5, IPL, b"x", b"").measure(4, IPL, b"a", b"").measure(4, IPL, b"z", b""));
    let difference = log.first_difference_from(&reference, Algorithm::Sha256, Registers::Pcrs).unwrap();
    assert_eq!((difference.register, difference.event), (Register::Pcr(4), Some(3)));
}
