//! Every recorded log: against the quote that was made with it, or another decoder's account of it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealroom_attestation::CryptoProvider;
use sealroom_attestation::event_log::{Algorithm, Digest, Event, EventLog, Register, Registers, ReportedRegister};

use crate::build::sha256;
use crate::vectors::{folder, google, read};

/// All in the folders `eventlog` and `tpm`, and the one beside a quote in `tdx`; with their number of events.
const LOGS: [(&str, usize); 5] = [
    ("eventlog/trustee/CCEL_data_gcp", 21),
    ("eventlog/trustee/CCEL_data_grub", 37),
    ("eventlog/trustee/CCEL_data_ovmf", 20),
    ("tdx/go-tdx-guest/ccel/ccel_data.dat", 43),
    ("tpm/dstack/tpm_eventlog.bin", 45),
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_recorded_log_decodes_and_every_type_in_it_has_a_name() {
    let Some(folder) = folder("every_recorded_log_decodes_and_every_type_in_it_has_a_name") else { return };
    for (name, count) in LOGS {
        let bytes = read(&folder, name);
        let log = EventLog::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(log.bytes(), bytes, "{name}");
        assert_eq!(log.unverified_events().count(), count, "{name}");
        let expected: &[Algorithm] = match name.starts_with("tpm") {
            true => &[Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha384],
            false => &[Algorithm::Sha384],
        };
        assert_eq!(log.algorithms(), expected, "{name}");
        for (position, event) in log.unverified_events().enumerate() {
            assert_eq!(event.index(), position + 1, "{name}");
            assert!(event.kind().name().is_some(), "{name}: {}", event.kind());
            assert_eq!(event.digests().count(), expected.len(), "{name}");
        }
    }
}

#[test]
fn every_recorded_log_is_in_the_list_of_these_tests() {
    let Some(folder) = folder("every_recorded_log_is_in_the_list_of_these_tests") else { return };
    for entry in std::fs::read_dir(folder.join("eventlog/trustee")).unwrap() {
        let name = format!("eventlog/trustee/{}", entry.unwrap().file_name().into_string().unwrap());
        let compared_with = name == "eventlog/trustee/CCEL_data_grub_out.json";
        assert!(compared_with || LOGS.iter().any(|(known, _)| *known == name), "{name}");
    }
}

#[test]
fn a_trust_domains_log_gives_the_run_time_registers_of_its_quote() {
    let Some(folder) = folder("a_trust_domains_log_gives_the_run_time_registers_of_its_quote") else { return };
    let (log, quoted) = google(&folder);
    let log = EventLog::decode(&log).unwrap();
    let replayed = log.verify(CryptoProvider::ring(), &quoted).unwrap();
    assert_eq!(replayed.quoted(), quoted);
    assert_eq!(replayed.events().count(), 43);
    let whole = read(&folder, "tdx/go-tdx-guest/ccel/ccel_data.dat");
    assert!(EventLog::decode(&whole).unwrap().verify(CryptoProvider::ring(), &quoted).is_ok());
}

/// The text that GRUB hashed is cut out of the event, and what is not behind its digest is not believed.
#[test]
fn a_trust_domains_kernel_command_line_is_believed_and_its_images_are_not() {
    let Some(folder) = folder("a_trust_domains_kernel_command_line_is_believed_and_its_images_are_not") else {
        return;
    };
    let (log, quoted) = google(&folder);
    let log = EventLog::decode(&log).unwrap();
    let replayed = log.verify(CryptoProvider::ring(), &quoted).unwrap();
    let events: BTreeMap<usize, _> = replayed.events().map(|event| (event.index(), event)).collect();

    let command_line = events[&41].measured().unwrap();
    assert!(
        command_line.starts_with(b"/syslinux/vmlinuz.A init=/usr/lib/systemd/systemd rootwait ro "),
        "{command_line:?}"
    );
    assert!(!command_line.contains(&0));
    assert_eq!(events[&26].measured().unwrap(), b"defaultA=2");
    assert_eq!(events[&42].measured().unwrap(), b"Exit Boot Services Invocation");
    assert_eq!(events[&13].measured().unwrap().len(), 96, "the value of Boot0001");
    let unknown: Vec<usize> =
        events.values().filter(|event| event.measured().is_none()).map(|event| event.index()).collect();
    // Tables, images, files and lists of keys: their digests are of what they are, which the log does not hold.
    assert_eq!(unknown, [1, 2, 9, 10, 11, 18, 19, 20, 23, 24, 25, 40]);
}

#[test]
fn a_virtual_tpms_log_gives_the_digest_of_its_quote() {
    let Some(folder) = folder("a_virtual_tpms_log_gives_the_digest_of_its_quote") else { return };
    let log = EventLog::decode(&read(&folder, "tpm/dstack/tpm_eventlog.bin")).unwrap();
    let quote = read(&folder, "tpm/dstack/tpm_quote_sample.bin");
    // TPMS_QUOTE_INFO at the end: PCR 0 to 2 of SHA-256, and one digest over their values.
    let (selection, digest) = quote[quote.len() - 44..].split_at(12);
    assert_eq!(selection, [0, 0, 0, 1, 0, 0x0b, 3, 7, 0, 0, 0, 32]);
    let replay = |index| log.replay(CryptoProvider::ring(), Algorithm::Sha256, Register::Pcr(index)).unwrap();
    let values: Vec<u8> = (0..3).flat_map(|index| replay(index).as_bytes().to_vec()).collect();
    assert_eq!(sha256(&values), digest);
}

/// For these logs no quote is recorded. The values were computed from the files by a script that shares nothing with this crate.
#[test]
fn logs_without_a_quote_replay_as_another_implementation_does() {
    let Some(folder) = folder("logs_without_a_quote_replay_as_another_implementation_does") else { return };
    let expected = [
        ("gcp", 0, "3300980705adf09d28b707b79699d9874892164280832be2c386a715b6e204e0897fb564a064f810659207ba862b304f"),
        ("gcp", 1, "204d49f78d29918fe7b2f694e76653861a0c2a018987d2c3a54266eff737232524cf0af68c4d180e2f8c2c0937f21967"),
        ("grub", 0, "cec0a104f691f60da2387fea3c2de00c4ac035e2bb479ff02edcce69039d9e9907f0b3e55031da3dc7038f423adebd79"),
        ("grub", 1, "6c289e0c62182d41ebe97bdbc9872d10998a08eaa86adcdc684001a363207ee72942c7522cdf00a4bbc3d784bed7b670"),
        ("grub", 2, "08919d017ba0e52cd6d966351c7de16fe76c1d3d3d3da4554239e4c7d16cb8b82a94e7eaea3a0e6e18eb690b999fd31e"),
        ("ovmf", 0, "8566f998798db09443b244c62de9a3041fb02e2e6936c4396d784bba2e90177329ec5aba3bb484404f2ab9cc90abe193"),
        ("ovmf", 1, "775b9f6bfe99f8a31396f0d0218e67ffa796d3b96ccf961cbb0deba48c79c00f082cda1a5567c1c16305f1fc210c13c6"),
        ("ovmf", 2, "94eaf7a7bf398ed8d888c91057ae0261802e4f3df084213a76ca7f0b5055ac9d2241de43cd58d9e8b49c503bbf25f34a"),
    ];
    for (name, index, value) in expected {
        let log = EventLog::decode(&read(&folder, &format!("eventlog/trustee/CCEL_data_{name}"))).unwrap();
        let replayed = log.replay(CryptoProvider::ring(), Algorithm::Sha384, Register::Rtmr(index)).unwrap();
        assert_eq!(hex(replayed.as_bytes()), value, "{name} RTMR {index}");
    }
}

#[test]
fn the_first_event_by_which_two_real_logs_differ_is_found() {
    let Some(folder) = folder("the_first_event_by_which_two_real_logs_differ_is_found") else { return };
    let log = |name: &str| EventLog::decode(&read(&folder, name)).unwrap();
    let (grub, ovmf) = (log("eventlog/trustee/CCEL_data_grub"), log("eventlog/trustee/CCEL_data_ovmf"));
    assert_eq!(grub.first_difference_from(&grub, Algorithm::Sha384, Registers::Rtmrs), None);
    let difference = grub.first_difference_from(&ovmf, Algorithm::Sha384, Registers::Rtmrs).unwrap();
    assert_eq!((difference.register, difference.position, difference.event), (Register::Rtmr(0), 0, Some(1)));
    let (gcp, google) = (log("eventlog/trustee/CCEL_data_gcp"), log("tdx/go-tdx-guest/ccel/ccel_data.dat"));
    let difference = google.first_difference_from(&gcp, Algorithm::Sha384, Registers::Rtmrs).unwrap();
    assert_eq!((difference.register, difference.position, difference.event), (Register::Rtmr(0), 1, Some(2)));
}

/// Another decoder wrote down what it read in one of the logs.
#[test]
fn another_decoders_account_of_a_log_agrees_with_ours() {
    let Some(folder) = folder("another_decoders_account_of_a_log_agrees_with_ours") else { return };
    let log = EventLog::decode(&read(&folder, "eventlog/trustee/CCEL_data_grub")).unwrap();
    let account: serde_json::Value =
        serde_json::from_slice(&read(&folder, "eventlog/trustee/CCEL_data_grub_out.json")).unwrap();
    let account = account["uefi_event_logs"].as_array().unwrap();
    let replay = |index| ReportedRegister {
        register: Register::Rtmr(index),
        value: log.replay(CryptoProvider::ring(), Algorithm::Sha384, Register::Rtmr(index)).unwrap(),
    };
    let replayed = log.verify(CryptoProvider::ring(), &[replay(0), replay(1), replay(2)]).unwrap();
    let events: Vec<_> = replayed.events().collect();
    assert_eq!(events.len(), account.len());
    for (event, theirs) in events.iter().zip(account) {
        let line: &Event<'_> = event.unverified_event();
        assert_eq!(u64::from(line.register()), theirs["index"].as_u64().unwrap());
        assert_eq!(line.kind().name().unwrap(), theirs["type_name"].as_str().unwrap());
        assert_eq!(line.data(), STANDARD.decode(theirs["event"].as_str().unwrap()).unwrap());
        let digest = &theirs["digests"].as_array().unwrap()[0];
        assert_eq!(digest["alg"].as_str().unwrap(), "SHA-384");
        assert_eq!(hex(event.digest().as_bytes()), digest["digest"].as_str().unwrap());
        let whole = event.measured() == Some(line.data());
        assert_eq!(whole, theirs["digest_matches_event"].as_bool().unwrap(), "event {}", event.index());
        compare_details(&line.describe(), &theirs["details"]);
    }
}

fn compare_details(ours: &str, theirs: &serde_json::Value) {
    if let Some(name) = theirs["unicode_name"].as_str() {
        assert!(ours.starts_with(&format!("{name} = ")), "{ours}: {name}");
    }
    if let Some(text) = theirs["string"].as_str() {
        assert!(ours.contains(text), "{ours}: {text}");
    }
    for node in theirs["device_paths"].as_array().into_iter().flatten() {
        let node = node.as_str().unwrap();
        let expected = match node.strip_prefix("File(") {
            Some(path) => path.strip_suffix(')').unwrap().to_owned(),
            None if node.starts_with("HD(") => node.to_lowercase().replace("hd(", "HD(").replace("gpt", "GPT"),
            // That decoder writes the function of a PCI node before the device, UEFI after it.
            None => continue,
        };
        assert!(ours.contains(&expected), "{ours}: {expected}");
    }
}

/// A digest by its parts, for the tests beside this one.
pub(crate) fn digest(algorithm: Algorithm, bytes: &[u8]) -> Digest {
    Digest::new(algorithm, bytes).unwrap()
}
