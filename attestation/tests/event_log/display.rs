//! What people are shown: by type, and that no log can steer their terminal.

use sealroom_attestation::event_log::{Algorithm, EventLog, EventType};

use crate::build::{Log, NO_ACTION, SEPARATOR};
use crate::vectors::{folder, read};

fn describe(kind: u32, data: &[u8]) -> String {
    let log = EventLog::decode(&Log::two_banks().measure(4, kind, b"", data).bytes).unwrap();
    log.unverified_events().next().unwrap().describe()
}

fn kinds() -> impl Iterator<Item = u32> {
    (0..0x20).chain(0x8000_0000..0x8000_0020).chain(0x8000_00e0..0x8000_00f0).chain([u32::MAX])
}

#[test]
fn events_of_real_logs_are_put_into_words() {
    let Some(folder) = folder("events_of_real_logs_are_put_into_words") else { return };
    let words = |name: &str| -> Vec<String> {
        let log = EventLog::decode(&read(&folder, name)).unwrap();
        log.unverified_events().map(|event| event.describe()).collect()
    };
    let google = words("tdx/go-tdx-guest/ccel/ccel_data.dat");
    assert_eq!(google[0], "TdxTable");
    assert_eq!(google[1], "Fv(48DB5E17-707C-472D-91CD-1613E7EF51B0)");
    assert_eq!(google[2], "SecureBoot = off (8be4df61-93ca-11d2-aa0d-00e098032b8c)");
    assert_eq!(google[7], "separator 00000000");
    assert_eq!(google[11], "BootOrder = 0001 0000 (8be4df61-93ca-11d2-aa0d-00e098032b8c)");
    assert_eq!(google[13], "Boot0000 = \"UiApp\" (8be4df61-93ca-11d2-aa0d-00e098032b8c)");
    assert_eq!(
        google[17],
        "image of 924688 bytes from PciRoot(0x0)/Pci(0x4,0x0)/NVMe(0x1)/\
         HD(12,GPT,58ec8b8f-8e5b-ed42-83a4-0691abb8f3c7,0x3d000,0x10000)/\\EFI\\BOOT\\BOOTX64.EFI"
    );
    assert_eq!(google[25], "grub_cmd: defaultA=2");

    let tpm = words("tpm/dstack/tpm_eventlog.bin");
    assert_eq!(tpm[0], "SP800-155 Event3, 160 bytes");
    assert_eq!(tpm[2], "GCE Virtual Firmware v2");
    assert_eq!(tpm[28], ".linux");
    assert_eq!(tpm[41], "tag 0x8f3b22ed LOADED_IMAGE::LoadOptions");
}

#[test]
fn small_things_are_put_into_words() {
    assert_eq!(describe(SEPARATOR, &[1, 0, 0, 0]), "separator after an error");
    assert_eq!(describe(SEPARATOR, &[2]), "1 bytes 02");
    assert_eq!(describe(NO_ACTION, b"StartupLocality\0\x03"), "start-up locality 3");
    assert_eq!(describe(0x8000_0008, &[&[0; 8][..], &[2, 0, 0, 0, 0, 0, 0, 0]].concat()), "firmware of 2 bytes at 0x0");
    assert_eq!(describe(0x8000_0003, &[0; 32]), "image of 0 bytes from memory");
    assert_eq!(describe(0x77, &[0xab; 40]), format!("40 bytes {}...", "ab".repeat(32)));
    let log = EventLog::decode(&Log::two_banks().measure(4, 0x77, b"", b"").bytes).unwrap();
    let kind: EventType = log.unverified_events().next().unwrap().kind();
    assert_eq!((kind.to_string().as_str(), kind.number(), kind.name()), ("event type 0x00000077", 0x77, None));
}

#[test]
fn no_event_of_any_type_steers_a_terminal() {
    let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}\r\n\u{9b}31m".as_bytes();
    let utf16: Vec<u8> = "\u{1b}[2J\u{202e}\u{9b}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap().to_le_bytes();
    let counted = |text: &[u8]| [&[9][..], text].concat();
    let variable = |name: &[u8], value: &[u8]| {
        let (characters, length) = (length(&name[..name.len() / 2]), length(value));
        [&[9; 16][..], &characters, &length, name, value].concat()
    };
    let node = |kind: u8, subkind: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 4).unwrap();
        [&[kind, subkind][..], &length.to_le_bytes(), content].concat()
    };
    let image = |path: &[u8]| [&[0; 24][..], &length(path), path].concat();
    let mut datas = vec![
        hostile.to_vec(),
        utf16.clone(),
        counted(hostile),
        variable(&utf16, hostile),
        variable(
            "Boot0000".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice(),
            &[&[0; 6][..], &utf16].concat(),
        ),
        [&[0x55; 92 + 8][..], &[0; 56], &utf16, &[0x1b; 128]].concat(),
        [&[1, 0, 0, 0][..], &u32::try_from(hostile.len()).unwrap().to_le_bytes(), hostile].concat(),
        image(&node(4, 4, &utf16)),
        image(&[node(4, 4, &utf16), node(0x7f, 0xff, b"")].concat()),
        image(hostile),
    ];
    // Every node, of every short length, and one that says it is shorter than its own header.
    for kind in 0..6 {
        for subkind in 0..32 {
            datas.extend((0..44).step_by(5).map(|length| image(&node(kind, subkind, &vec![0x1b; length]))));
        }
    }
    datas.push(image(&[4, 4, 1, 0, 0x1b]));
    datas.push(image(&node(4, 4, b"a\0").repeat(100)));
    for data in &datas {
        for kind in kinds() {
            let text = describe(kind, data);
            assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{kind:#x}: {text}");
            assert!(text.len() < 10_000, "{kind:#x}: {}", text.len());
        }
    }
}

#[test]
fn algorithms_have_one_name_and_one_number() {
    for (id, name) in [(4, "sha1"), (11, "sha256"), (12, "sha384"), (13, "sha512"), (18, "sm3")] {
        let algorithm = Algorithm::from_tpm_id(id).unwrap();
        assert_eq!(algorithm.to_string(), name);
        assert_eq!(Algorithm::from_name(name), Some(algorithm));
    }
    assert_eq!((Algorithm::from_tpm_id(0x27), Algorithm::from_name("SHA256")), (None, None));
}
