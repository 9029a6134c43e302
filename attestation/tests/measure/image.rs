//! Enclave images: registers beside those of AWS's builder and reader (see peers/), and files that differ in one thing.

use sealroom_attestation::measure::{Architecture, EnclaveImage, MeasureError};
use serde_json::Value;

use crate::{beside, from_hex};

const KERNEL: u16 = 1;
const COMMAND_LINE: u16 = 2;
const RAMDISK: u16 = 3;
pub(crate) const SIGNATURE: u16 = 4;
const METADATA: u16 = 5;

/// Sections of an unsigned image.
pub(crate) const PLAIN: &[(u16, &[u8])] =
    &[(KERNEL, b"kernel"), (COMMAND_LINE, b"quiet"), (RAMDISK, b"init"), (RAMDISK, b"app")];

/// Puts an image together, with a right checksum.
pub(crate) fn build(version: u16, sections: &[(u16, &[u8])]) -> Vec<u8> {
    let mut file = b".eif".to_vec();
    file.extend(version.to_be_bytes());
    file.extend([0; 20]); // flags, memory, processors, reserved
    file.extend(u16::try_from(sections.len()).unwrap().to_be_bytes());
    let lengths: Vec<u64> = sections.iter().map(|(_, content)| u64::try_from(content.len()).unwrap()).collect();
    let mut offset = 548;
    for index in 0..32 {
        file.extend(if index < lengths.len() { offset } else { 0_u64 }.to_be_bytes());
        offset += lengths.get(index).map_or(0, |length| 12 + length);
    }
    for index in 0..32 {
        file.extend(lengths.get(index).copied().unwrap_or_default().to_be_bytes());
    }
    file.extend([0; 8]); // unused, checksum
    for ((kind, content), length) in sections.iter().zip(lengths) {
        file.extend(kind.to_be_bytes());
        file.extend([0; 2]);
        file.extend(length.to_be_bytes());
        file.extend(*content);
    }
    sign(file)
}

/// Writes the right checksum into a file.
pub(crate) fn sign(mut file: Vec<u8>) -> Vec<u8> {
    let covered: Vec<u8> = file[..544].iter().chain(&file[548..]).copied().collect();
    file[544..548].copy_from_slice(&checksum(&covered).to_be_bytes());
    file
}

/// CRC-32 bit by bit, as the standard writes it.
fn checksum(bytes: &[u8]) -> u32 {
    let mut value = u32::MAX;
    for byte in bytes {
        value ^= u32::from(*byte);
        for _ in 0..8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0xedb8_8320 } else { value >> 1 };
        }
    }
    !value
}

fn refused(file: &[u8]) -> MeasureError {
    EnclaveImage::decode(file).map(|image| image.pcr0()).unwrap_err()
}

#[test]
fn registers_are_those_of_the_vendors_own_tools() {
    let images: Vec<Value> = serde_json::from_slice(&beside("images.json")).unwrap();
    let text = |case: &Value, name: &str| case[name].as_str().map(from_hex::<48>);
    for case in &images {
        let file = beside(&format!("images/{}", case["image"].as_str().unwrap()));
        let image = EnclaveImage::decode(&file).unwrap();
        assert_eq!(Some(image.pcr0()), text(case, "PCR0"), "{case}");
        assert_eq!(Some(image.pcr1()), text(case, "PCR1"), "{case}");
        assert_eq!(Some(image.pcr2()), text(case, "PCR2"), "{case}");
        assert_eq!(image.pcr8(), text(case, "PCR8"), "{case}");
        assert_eq!(image.signing_certificate().is_some(), case["image"] == "signed.eif");
        assert_eq!(u64::try_from(image.ramdisks()).unwrap(), case["ramdisks"].as_u64().unwrap());
        assert_eq!(image.command_line(), b"reboot=k panic=30 pci=off nomodules console=ttyS0");
        assert!(image.metadata().unwrap().starts_with(b"{\"ImageName\""));
        assert_eq!(image.version(), 4);
        let arm = case["image"] == "three-ramdisks-arm.eif";
        assert_eq!(image.architecture(), if arm { Architecture::Arm } else { Architecture::X86 });
    }
    assert_eq!(images.len(), 3);
}

#[test]
fn metadata_and_the_suggested_size_are_not_measured_and_everything_else_is() {
    let file = build(4, PLAIN);
    let good = EnclaveImage::decode(&file).unwrap();
    let registers = |image: &EnclaveImage<'_>| [image.pcr0(), image.pcr1(), image.pcr2()];
    let mut described = PLAIN.to_vec();
    described.insert(2, (METADATA, b"{}"));
    let mut sized = file.clone();
    sized[8..24].fill(7);
    for file in [build(4, &described), sign(sized)] {
        assert_eq!(registers(&EnclaveImage::decode(&file).unwrap()), registers(&good));
    }
    for (section, differs) in
        [(0, [true, true, false]), (1, [true, true, false]), (2, [true, true, false]), (3, [true, false, true])]
    {
        let mut sections = PLAIN.to_vec();
        sections[section].1 = b"other";
        let file = build(4, &sections);
        let other = registers(&EnclaveImage::decode(&file).unwrap());
        assert_eq!(other.iter().zip(registers(&good)).map(|(a, b)| *a != b).collect::<Vec<_>>(), differs, "{section}");
    }
}

#[test]
fn an_image_that_differs_from_a_good_one_in_one_thing_is_refused_for_it() {
    let good = build(4, PLAIN);
    let cases: &[(usize, &[u8], MeasureError)] = &[
        (0, b"Q", MeasureError::EifKind { version: 4 }),
        (4, &[0, 1], MeasureError::EifKind { version: 1 }),
        (4, &[0, 5], MeasureError::EifKind { version: 5 }),
        (6, &[0, 2], MeasureError::EifReserved { field: "flags", found: 2 }),
        (24, &[1], MeasureError::EifReserved { field: "reserved", found: 0x100 }),
        (26, &[0, 0], MeasureError::EifSections { found: 0, limit: 32 }),
        (26, &[0, 33], MeasureError::EifSections { found: 33, limit: 32 }),
        (26, &[0, 3], MeasureError::EifSectionPlace { number: 3, expected: 0, found: 599 }),
        (26, &[0, 5], MeasureError::EifSectionPlace { number: 4, expected: 614, found: 0 }),
        (35, &[0x25], MeasureError::EifSectionPlace { number: 0, expected: 548, found: 549 }),
        (28 + 8 * 2 + 7, &[0x25], MeasureError::EifSectionPlace { number: 2, expected: 583, found: 0x225 }),
        (28 + 8 * 40 + 7, &[1], MeasureError::EifSectionPlace { number: 8, expected: 0, found: 1 }),
        (284 + 7, &[7], MeasureError::EifSectionSize { number: 0, expected: 7, found: 6 }),
        (540, &[1], MeasureError::EifReserved { field: "unused", found: 0x0100_0000 }),
        (549, &[0], MeasureError::EifSectionKind { number: 0, version: 4, found: 0 }),
        (549, &[6], MeasureError::EifSectionKind { number: 0, version: 4, found: 6 }),
        (551, &[1], MeasureError::EifReserved { field: "section flags", found: 1 }),
        (552, &[1], MeasureError::EifSectionSize { number: 0, expected: 6, found: (1 << 56) + 6 }),
    ];
    for (offset, bytes, expected) in cases {
        let mut file = good.clone();
        file[*offset..offset + bytes.len()].copy_from_slice(bytes);
        assert_eq!(refused(&sign(file)), *expected, "{offset}");
    }
}

#[test]
fn sections_out_of_place_are_refused() {
    let order = |version, sections: &[(u16, &[u8])]| refused(&build(version, sections));
    let place = |number, kind| MeasureError::EifOrder { number, kind };
    let [kernel, command_line, init, app] = PLAIN else { panic!() };
    assert_eq!(order(4, &[*command_line, *kernel, *init]), place(0, "command line"));
    assert_eq!(order(4, &[*kernel, *init, *command_line]), place(1, "ramdisk"));
    assert_eq!(order(4, &[*kernel, *kernel, *command_line, *init]), place(1, "kernel"));
    assert_eq!(order(4, &[*kernel, *command_line, *command_line, *init]), place(2, "command line"));
    assert_eq!(order(4, &[*kernel, *command_line, *init, *kernel]), place(3, "kernel"));
    let metadata = (METADATA, b"{}".as_slice());
    assert_eq!(order(4, &[metadata, *kernel, *command_line, *init, *app, metadata]), place(5, "metadata"));
    let signature = (SIGNATURE, b"".as_slice());
    assert_eq!(order(4, &[*kernel, *command_line, *init, signature, signature]), place(4, "signature"));
    assert_eq!(order(4, &[*kernel, *command_line]), MeasureError::EifWithoutRamdisk);
    assert_eq!(order(4, &[*kernel]), MeasureError::EifWithoutRamdisk);
    let newer = |number, version, found| MeasureError::EifSectionKind { number, version, found };
    assert_eq!(order(3, &[*kernel, *command_line, metadata, *init]), newer(2, 3, METADATA));
    assert_eq!(order(2, &[*kernel, *command_line, *init, signature]), newer(3, 2, SIGNATURE));
}

#[test]
fn a_file_cut_short_or_with_a_tail_is_refused() {
    let good = build(4, PLAIN);
    for length in 0..548 {
        assert_eq!(refused(&good[..length]), MeasureError::EifSize { expected: 548, found: length });
    }
    for length in 548..good.len() {
        assert!(matches!(refused(&good[..length]), MeasureError::EifChecksum { .. }), "{length}");
        let number = [566, 583, 599].iter().filter(|end| length >= **end).count();
        let file = sign(good[..length].to_vec());
        assert!(matches!(refused(&file), MeasureError::EifSectionSize { number: n, .. } if n == number), "{length}");
    }
    let longer: Vec<u8> = good.iter().copied().chain([0]).collect();
    let end = u64::try_from(good.len()).unwrap();
    assert_eq!(refused(&sign(longer)), MeasureError::EifTrailing { expected: end, found: end + 1 });
}

#[test]
fn a_flipped_bit_in_any_byte_of_an_image_is_noticed() {
    for name in ["images/three-ramdisks-arm.eif", "images/signed.eif"] {
        let mut file = beside(name);
        for index in 0..file.len() {
            file[index] ^= 1 << (index % 8);
            assert!(EnclaveImage::decode(&file).is_err(), "{name}: byte {index}");
            file[index] ^= 1 << (index % 8);
        }
    }
}
