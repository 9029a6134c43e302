//! Firmware that differs from OVMF in one thing, and guests that nobody can launch.

use sealroom_attestation::measure::{KernelHashes, MeasureError, SnpLaunch};

use crate::launches::plain;
use crate::ovmf;

const AMD: &str = "ovmf_AmdSev_suffix.bin";
const X64: &str = "ovmf_OvmfX64_suffix.bin";

// Offsets in the file AMD: of the lengths of the table's footer and entries (data before them, GUID behind), and of the metadata.
const FOOTER: usize = 0xfce;
const RESET: usize = 0xfbc;
const HASH_TABLE: usize = 0xf8c;
const METADATA_ENTRY: usize = 0xf72;
const LAST_ENTRY: usize = 0xf5c;
const METADATA: usize = 0xaac;

const HASHES_GUID: [u8; 16] =
    [0x1f, 0x37, 0x55, 0x72, 0x3b, 0x3a, 4, 0x4b, 0x92, 0x7b, 0x1d, 0xa6, 0xef, 0xa8, 0xd4, 0x54];

fn measured(firmware: &[u8]) -> Result<(), MeasureError> {
    let kernel = Some(KernelHashes::of(b"kernel", b"", ""));
    SnpLaunch { kernel, vcpus: 2, ..plain(firmware) }.measurement().map(drop)
}

/// An offset, and the bytes that stand there instead.
type Change<'a> = (usize, &'a [u8]);

/// OVMF with some bytes replaced.
fn with(changes: &[Change<'_>]) -> Vec<u8> {
    let mut firmware = ovmf(AMD);
    for (offset, bytes) in changes {
        firmware[*offset..offset + bytes.len()].copy_from_slice(bytes);
    }
    firmware
}

/// Of the entry whose length is there.
fn guid(firmware: &[u8], at: usize) -> [u8; 16] {
    firmware[at + 2..at + 18].try_into().unwrap()
}

#[test]
fn the_offsets_of_these_tests_are_those_of_the_file() {
    let good = ovmf(AMD);
    assert_eq!(good[FOOTER..FOOTER + 2], [0x88, 0]);
    assert_eq!(good[RESET - 4..RESET + 2], [4, 0xb0, 0x80, 0, 0x16, 0]);
    assert_eq!(guid(&good, HASH_TABLE), HASHES_GUID);
    assert_eq!(good[METADATA..METADATA + 4], *b"ASEV");
    assert_eq!(measured(&good), Ok(()));
}

#[test]
fn firmware_that_differs_from_a_good_one_in_one_thing_is_refused_for_it() {
    let good = ovmf(AMD);
    let footer_guid = guid(&good, FOOTER);
    let reset_guid = guid(&good, RESET);
    let last_guid = guid(&good, LAST_ENTRY);
    let area = |number: usize, field: usize| METADATA + 16 + 12 * number + 4 * field;
    let cases: &[(&[Change<'_>], MeasureError)] = &[
        (&[(FOOTER + 2, &[0; 16])], MeasureError::FirmwareTable { found: [0; 16] }),
        (&[(FOOTER, &[17, 0])], MeasureError::FirmwareEntry { guid: footer_guid, length: 17, room: 0xfe0 }),
        (&[(FOOTER, &[0xff, 0xff])], MeasureError::FirmwareEntry { guid: footer_guid, length: 0xffff, room: 0xfe0 }),
        (&[(RESET, &[17, 0])], MeasureError::FirmwareEntry { guid: reset_guid, length: 17, room: 0x76 }),
        (&[(RESET, &[0x77, 0])], MeasureError::FirmwareEntry { guid: reset_guid, length: 0x77, room: 0x76 }),
        (&[(FOOTER, &[0x87, 0])], MeasureError::FirmwareEntry { guid: last_guid, length: 22, room: 21 }),
        (&[(FOOTER, &[0x77, 0])], MeasureError::FirmwareEntry { guid: [0; 16], length: 0, room: 5 }),
        (&[(RESET, &[48, 0])], MeasureError::FirmwareEntrySize { guid: reset_guid, expected: 4, found: 30 }),
        (&[(HASH_TABLE + 2, &reset_guid)], MeasureError::FirmwareEntryRepeated { guid: reset_guid }),
        (&[(METADATA_ENTRY + 2, &[7; 16])], MeasureError::FirmwareWithoutMetadata),
        (&[(METADATA_ENTRY + 2, &HASHES_GUID)], MeasureError::FirmwareEntryRepeated { guid: HASHES_GUID }),
        (&[(METADATA_ENTRY - 4, &[1, 0x10, 0, 0])], MeasureError::MetadataOffset { from_end: 0x1001, image: 4096 }),
        (&[(METADATA_ENTRY - 4, &[15, 0, 0, 0])], MeasureError::MetadataOffset { from_end: 15, image: 4096 }),
        (&[(METADATA_ENTRY - 4, &[0, 0, 0, 0])], MeasureError::MetadataOffset { from_end: 0, image: 4096 }),
        (&[(METADATA, b"TDVF")], MeasureError::MetadataKind { signature: *b"TDVF", version: 1 }),
        (&[(METADATA + 8, &[2])], MeasureError::MetadataKind { signature: *b"ASEV", version: 2 }),
        (&[(METADATA + 12, &[6])], MeasureError::MetadataLength { count: 6, found: 100 }),
        (&[(METADATA + 4, &[99])], MeasureError::MetadataLength { count: 7, found: 99 }),
        (
            &[(METADATA + 12, &[0xff; 4]), (METADATA + 4, &[4, 0, 0, 0])],
            MeasureError::MetadataLength { count: u32::MAX, found: 4 },
        ),
        (
            // 0x100 areas reach over the end of the image.
            &[(METADATA + 12, &[0, 1]), (METADATA + 4, &[0x10, 0xc])],
            MeasureError::AreaKind { number: 7, found: 0x0011_000d },
        ),
        (&[(area(2, 2), &[5])], MeasureError::AreaKind { number: 2, found: 5 }),
        (&[(area(0, 0), &[1])], MeasureError::AreaRange { number: 0, address: 0x80_0001, size: 0x9000, single: false }),
        (&[(area(1, 1), &[0; 4])], MeasureError::AreaRange { number: 1, address: 0x80_a000, size: 0, single: false }),
        (
            &[(area(2, 1), &[0, 0x20])],
            MeasureError::AreaRange { number: 2, address: 0x80_d000, size: 0x2000, single: true },
        ),
        (
            &[(area(6, 0), &[0, 0xf0, 0xfe, 0xff]), (area(6, 1), &[0, 0x20, 1, 0])],
            MeasureError::AreaRange { number: 6, address: 0xfffe_f000, size: 0x1_2000, single: false },
        ),
        (&[(area(6, 1), &[0, 0, 0, 0x10])], MeasureError::AreaPages { found: 0x1_0000 + 16, limit: 0x1_0000 }),
        (&[(area(0, 1), &[0, 0xb0])], MeasureError::AreaOverlap { address: 0x80_a000 }),
        (&[(area(3, 0), &[0, 0xd0])], MeasureError::AreaOverlap { address: 0x80_d000 }),
        (&[(area(5, 2), &[1])], MeasureError::FirmwareWithoutHashes { missing: "a page for them" }),
        (&[(HASH_TABLE - 8, &[0; 4])], MeasureError::FirmwareWithoutHashes { missing: "the entry that says where" }),
        (
            &[(HASH_TABLE - 8, &[0x60, 0x0f])],
            MeasureError::HashTable { address: 0x81_0f60, length: 0x400, page: 0x81_0000, room: 176 },
        ),
        (
            &[(HASH_TABLE - 8, &[0, 0xf0, 0x80])],
            MeasureError::HashTable { address: 0x80_f000, length: 0x400, page: 0x81_0000, room: 176 },
        ),
        (
            &[(HASH_TABLE - 4, &[175, 0])],
            MeasureError::HashTable { address: 0x81_0c00, length: 175, page: 0x81_0000, room: 176 },
        ),
        (&[(RESET - 4, &[0; 4])], MeasureError::FirmwareWithoutReset { vcpus: 2 }),
        (&[(RESET + 2, &[7; 16])], MeasureError::FirmwareWithoutReset { vcpus: 2 }),
    ];
    for (changes, expected) in cases {
        assert_eq!(measured(&with(changes)), Err(expected.clone()), "{changes:x?}");
    }
}

#[test]
fn firmware_of_another_size_is_refused() {
    let limit = 16 << 20;
    for found in [0, 1, 4095, 4097, limit + 4096] {
        assert_eq!(measured(&vec![0; found]), Err(MeasureError::FirmwareSize { found, limit }));
    }
    assert_eq!(measured(&vec![0; limit]), Err(MeasureError::FirmwareTable { found: [0; 16] }));
}

#[test]
fn firmware_without_room_for_hashes_is_measured_without_a_kernel_only() {
    let firmware = ovmf(X64);
    assert_eq!(measured(&firmware), Err(MeasureError::FirmwareWithoutHashes { missing: "a page for them" }));
    assert!(plain(&firmware).measurement().is_ok());
}

#[test]
fn one_vcpu_needs_no_reset_block() {
    let firmware = with(&[(RESET + 2, &[7; 16])]);
    assert!(plain(&firmware).measurement().is_ok());
}

#[test]
fn guests_that_nobody_can_launch_are_refused() {
    let firmware = ovmf(AMD);
    for found in [0, 4097, u32::MAX] {
        let launch = SnpLaunch { vcpus: found, ..plain(&firmware) };
        assert_eq!(launch.measurement(), Err(MeasureError::Vcpus { found, limit: 4096 }));
    }
    for found in [0, 0x20, u64::MAX - 1] {
        let launch = SnpLaunch { guest_features: found, ..plain(&firmware) };
        assert_eq!(launch.measurement(), Err(MeasureError::GuestFeatures { found }));
    }
}

#[test]
fn a_flipped_bit_in_any_byte_of_the_firmware_changes_the_measurement_or_is_refused() {
    let mut firmware = ovmf(AMD);
    let good = plain(&firmware).measurement().unwrap();
    let mut refused = 0;
    for index in 0..firmware.len() {
        firmware[index] ^= 1 << (index % 8);
        match plain(&firmware).measurement() {
            Ok(measurement) => assert_ne!(measurement, good, "byte {index}"),
            Err(_) => refused += 1,
        }
        firmware[index] ^= 1 << (index % 8);
    }
    // The footer and the lengths of its entries, the metadata's head and most of its areas.
    assert!(refused > 80, "{refused}");
}
