//! Where a fuzzer of the Verifier's decoders begins: the parts of good worlds, and files made byte by byte.

use super::formats::{self, base64};
use super::pck;
use super::worlds::{FIXTURES, WORLDS, World};
use sealroom_attestation::{Bundle, CryptoProvider, Ear, EarAlgorithm, Platform};

/// A target's seeds, each accepted by it.
pub(super) fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "cca_token" => evidence(&[Platform::ArmCca]),
        "collateral" => collateral(),
        "ear" => ears(),
        "enclave_image" => vec![image(&[(1, b"kernel"), (2, b"quiet"), (3, b"init"), (3, b"app")])],
        "event_log" => vec![log()],
        "evidence_file" => files(),
        "firmware" => vec![ovmf()],
        "gpu_report" => evidence(&[Platform::NvidiaGpu]),
        "nitro_document" => evidence(&[Platform::AwsNitro]),
        "pck_extension" => vec![pck::extension()],
        "policy" => policies(),
        "quote" => evidence(&[Platform::IntelTdx, Platform::IntelSgx]),
        "tpm_files" => quote_files(),
        "tpm_quote" => evidence(&[Platform::Tpm, Platform::AzureSnp]),
        "verifier" => WORLDS.iter().zip(0..).map(|(world, which)| whole(which, world)).collect(),
        _ => Vec::new(),
    }
}

fn evidence(platforms: &[Platform]) -> Vec<Vec<u8>> {
    let of = |world: &&World| world.policy.blocks().iter().any(|block| platforms.contains(&block.platform()));
    WORLDS.iter().filter(of).map(|world| world.evidence.clone()).collect()
}

fn whole(which: u8, world: &World) -> Vec<u8> {
    let parts = [&world.evidence].into_iter().chain(&world.endorsements);
    let framed = parts.flat_map(|part| {
        let length = u16::try_from(part.len()).expect("a part of a fixture").to_be_bytes();
        [&length, part.as_slice()].concat()
    });
    [which].into_iter().chain(framed).collect()
}

/// The parts of the TPM's world, with its registers in each of their forms: as they stand in its container behind the bank, and
/// each value behind its number, so bare, printed and marshaled.
fn quote_files() -> Vec<Vec<u8>> {
    let container = evidence(&[Platform::Tpm]).concat();
    let mut rest = container.get(8..).unwrap_or_default();
    let mut parts = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let (part, after) = after.split_at(usize::try_from(u32::from_be_bytes(*length)).expect("a part of a fixture"));
        parts.push(part);
        rest = after;
    }
    let [quote, signature, values, key, log] = parts.as_slice() else { return Vec::new() };
    let values: Vec<_> = values.get(2..).unwrap_or_default().chunks(33).filter_map(|one| one.split_first()).collect();
    let bare: Vec<u8> = values.iter().flat_map(|(_, value)| value.to_vec()).collect();
    let digits = |value: &[u8]| value.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let lines: String = values.iter().map(|(index, value)| format!("    {index:<2}: 0x{}\n", digits(value))).collect();
    let selected = values.iter().fold(0_u32, |bits, (index, _)| bits | 1 << **index);
    let [first, second, third, _] = selected.to_le_bytes();
    let bitmap = [first, second, third];
    let mut marshaled = [&[0, 0, 0, 1, 0, 0x0b, 3][..], &bitmap, &[0, 0, 0, 1, 0, 0, 0]].concat();
    marshaled.push(u8::try_from(values.len()).expect("a few registers"));
    values.iter().for_each(|(_, value)| marshaled.extend([&[0, 32][..], value].concat()));
    let framed = |registers: &[u8]| {
        let parts = [*quote, *signature, registers, *key, *log];
        let framed = parts.map(|part| {
            let length = u16::try_from(part.len()).expect("a part of a fixture").to_be_bytes();
            [&length, part].concat()
        });
        framed.concat()
    };
    [bare, format!("  sha256:\n{lines}").into_bytes(), marshaled].map(|registers| framed(&registers)).to_vec()
}

fn collateral() -> Vec<Vec<u8>> {
    let is_json = |part: &&Vec<u8>| part.first() == Some(&b'{');
    let intel = WORLDS.iter().zip(FIXTURES).filter(|(_, (name, _))| ["tdx-1.5", "sgx"].contains(name));
    intel.flat_map(|(world, _)| world.endorsements.iter().filter(is_json).cloned()).collect()
}

fn policies() -> Vec<Vec<u8>> {
    let texts = WORLDS.iter().flat_map(|world| [world.policy_text.clone(), world.policy.to_json().to_string()]);
    texts.map(String::into_bytes).collect()
}

fn files() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for world in WORLDS.iter() {
        let mut bundle = Bundle::new(world.evidence.clone());
        bundle.endorsements.clone_from(&world.endorsements);
        bundle.appraised_at = Some(world.now);
        bundle.challenge = Some(vec![0x5a; 32]);
        files.push(bundle.write().into_bytes());
        files.push(world.evidence.clone());
    }
    files.extend(WORLDS.iter().take(1).flat_map(|world| {
        {
            let digits: String = world.evidence.iter().map(|byte| format!("{byte:02x}")).collect();
            [base64(&world.evidence), digits, format!("{{\"quote\":\"{}\"}}", base64(&world.evidence))]
        }
        .map(String::into_bytes)
    }));
    files
}

/// What an accepted appraisal says, in each form and each bare.
fn ears() -> Vec<Vec<u8>> {
    let world = WORLDS.first().expect("a world");
    let appraisal = world.appraise_itself();
    let ear =
        Ear::of(&appraisal, &world.policy, CryptoProvider::ring(), Some(vec![7; 8]), world.now).expect("a result");
    let mut claims = Vec::new();
    let jwt = ear.to_jwt(EarAlgorithm::EdDsa, formats::sign).expect("signing cannot fail");
    let cwt = ear.to_cwt(EarAlgorithm::EdDsa, |message| {
        claims = message.to_vec();
        formats::sign(message)
    });
    let cwt = cwt.expect("signing cannot fail");
    // Array, context, header, no external data; the claims' length is of three bytes.
    let cbor = claims.get(1 + 11 + 4 + 1 + 3..).expect("claims after what is around them");
    [(0_u8, jwt.as_bytes()), (2, cwt.as_slice()), (3, cbor)].map(|(form, bytes)| [&[form], bytes].concat()).to_vec()
}

/// Of AWS's form, with a right checksum.
fn image(sections: &[(u16, &[u8])]) -> Vec<u8> {
    let mut file = b".eif".to_vec();
    file.extend([0, 4]);
    file.extend([0; 20]); // flags, memory, processors, reserved
    file.extend(u16::try_from(sections.len()).unwrap_or_default().to_be_bytes());
    let lengths: Vec<u64> =
        sections.iter().map(|(_, content)| u64::try_from(content.len()).unwrap_or_default()).collect();
    let mut offset = 548_u64;
    for place in 0..32 {
        let length = lengths.get(place);
        file.extend(length.map_or(0, |_| offset).to_be_bytes());
        offset += length.map_or(0, |length| 12 + length);
    }
    (0..32).for_each(|place| file.extend(lengths.get(place).copied().unwrap_or_default().to_be_bytes()));
    file.extend([0; 8]); // unused, checksum
    for ((kind, content), length) in sections.iter().zip(lengths) {
        file.extend(kind.to_be_bytes());
        file.extend([0; 2]);
        file.extend(length.to_be_bytes());
        file.extend(*content);
    }
    let covered = file.iter().enumerate().filter(|(at, _)| !(544..548).contains(at)).map(|(_, byte)| *byte);
    let mut value = u32::MAX;
    for byte in covered {
        value ^= u32::from(byte);
        (0..8).for_each(|_| value = if value & 1 == 1 { (value >> 1) ^ 0xedb8_8320 } else { value >> 1 });
    }
    file.get_mut(544..548).expect("a whole header").copy_from_slice(&(!value).to_be_bytes());
    file
}

/// TCG PC Client Platform Firmware Profile, section 10: a Spec ID event of two banks, and two events.
fn log() -> Vec<u8> {
    let mut data = b"Spec ID Event03\0".to_vec();
    data.extend([0, 0, 0, 0, 0, 2, 0, 2, 2, 0, 0, 0, 0x0b, 0, 32, 0, 0x0c, 0, 48, 0, 0]);
    let mut log = [0_u32, 3].map(u32::to_le_bytes).concat();
    log.extend([0; 20]);
    log.extend(u32::try_from(data.len()).unwrap_or_default().to_le_bytes());
    log.extend(data);
    for (register, kind, event) in [(1_u32, 13_u32, b"kernel".as_slice()), (4, 4, &[0; 4])] {
        log.extend([register, kind, 2].map(u32::to_le_bytes).concat());
        log.extend([&[0x0b, 0], [0x5a; 32].as_slice(), &[0x0c, 0], &[0xa5; 48]].concat());
        log.extend(u32::try_from(event.len()).unwrap_or_default().to_le_bytes());
        log.extend(event);
    }
    log
}

/// The least that is firmware for SEV-SNP: one page with a table at its end, and a list of four areas.
fn ovmf() -> Vec<u8> {
    let guid = |a: u32, b: u16, c: u16, rest: u64| {
        [&a.to_le_bytes()[..], &b.to_le_bytes(), &c.to_le_bytes(), &rest.to_be_bytes()].concat()
    };
    let entry = |words: &[u32], guid: Vec<u8>| {
        let data = words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        let length = u16::try_from(data.len() + 18).unwrap_or_default().to_le_bytes();
        [data, length.to_vec(), guid].concat()
    };
    let hashes = guid(0x7255_371f, 0x3a3b, 0x4b04, 0x927b_1da6_efa8_d454);
    let reset = guid(0x00f7_71de, 0x1a7e, 0x4fcb, 0x890e_68c7_7e2f_b44e);
    let metadata = guid(0xdc88_6566, 0x984a, 0x4798, 0xa75e_5585_a7bf_67cc);
    let footer = guid(0x96b5_82de, 0x1fb2, 0x45f7, 0xbaea_a366_c55a_082d);
    let table = [entry(&[4096], metadata), entry(&[0x0081_0c00, 0x400], hashes), entry(&[0x0080_b004], reset)].concat();
    let length = u16::try_from(table.len() + 18).unwrap_or_default().to_le_bytes();
    let areas =
        [(0x0080_0000_u32, 0x9000_u32, 1_u32), (0x0080_d000, 4096, 2), (0x0080_e000, 4096, 3), (0x0081_0000, 4096, 16)];
    let mut page = b"ASEV".to_vec();
    page.extend([16 + 12 * 4_u32, 1, 4].map(u32::to_le_bytes).concat());
    areas.iter().for_each(|(address, size, kind)| page.extend([*address, *size, *kind].map(u32::to_le_bytes).concat()));
    page.resize(4096 - 32 - 18 - table.len(), 0);
    page.extend(table);
    page.extend(length);
    page.extend(footer);
    page.resize(4096, 0x90);
    page
}
