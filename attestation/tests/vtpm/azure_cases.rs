//! One thing changed in a good VM, everything signed again, and exactly the checks that must fail for it.

use sealroom_attestation::azure::{self, HardwareParts};
use sealroom_attestation::event_log::Algorithm;
use sealroom_attestation::tpm::{EventRule, EventRules};
use sealroom_attestation::{
    Binding, CryptoProvider, DecodeError, Endorsements, Evidence, Fingerprint, Measurement, Platform, Policy,
    PolicyError, Requirement, Rule, TrustAnchor, Verifier,
};

use crate::azure::{World, runtime_data};
use crate::quote::{RSAPSS, sha256};
use crate::{failed, world};

type Case = (&'static str, fn(&mut World), &'static [&'static str]);

const CASES: &[Case] = &[
    // The join between hardware and TPM.
    ("runtime data of another VM", |w| w.second_half[0] = 1, &["azure.runtime-data"]),
    ("the last byte of the other half", |w| w.second_half[31] = 1, &["azure.runtime-data"]),
    ("a quote by another key", |w| w.quote.signer = "intermediate", &["tpm.signature"]),
    ("runtime data with another key", |w| w.runtime_data = runtime_data("intermediate"), &["tpm.signature"]),
    // The quote.
    ("a signature with RSAPSS", |w| w.quote.scheme = RSAPSS, &[]),
    ("SHA-1", |w| w.quote.hash = 0x04, &["tpm.signature-scheme"]),
    ("an elliptic signature by an RSA key", |w| w.quote.scheme = crate::quote::ECDSA, &["tpm.signature-scheme"]),
    (
        // A value under a number that was not quoted: PCR 16 can be set by anyone, PCR 7 can not.
        "registers swapped in the selection",
        |w| w.quote.selections = vec![(0x0b, vec![0, 4, 16])],
        &["tpm.pcr-digest"],
    ),
    ("a register more in the selection", |w| w.quote.selections[0].1.push(8), &["tpm.pcr-digest"]),
    ("a register less in the selection", |w| w.quote.selections = vec![(0x0b, vec![0, 4])], &["tpm.pcr-digest"]),
    ("another bank in the selection", |w| w.quote.selections[0].0 = 0x0c, &["tpm.pcr-digest"]),
    ("an unknown bank in the selection", |w| w.quote.selections[0].0 = 0x99, &["tpm.pcr-digest"]),
    ("two banks in the selection", |w| w.quote.selections.push((0x0c, vec![0])), &["tpm.pcr-digest"]),
    ("nothing selected", |w| w.quote.selections.clear(), &["tpm.pcr-digest"]),
    ("a digest over other values", |w| w.quote.digest_of = Some(vec![0; 96]), &["tpm.pcr-digest"]),
    (
        "PCR 16 quoted instead of PCR 7",
        |w| {
            w.quote.selections = vec![(0x0b, vec![0, 4, 16])];
            w.quote.values[2].0 = 16;
        },
        &["tpm.pcr-selection"],
    ),
    (
        "a register more than required",
        |w| {
            w.quote.selections = vec![(0x0b, vec![0, 4, 7, 8])];
            w.quote.values.push((8, vec![0; 32]));
        },
        &["tpm.pcr-selection"],
    ),
    (
        "a register less than required",
        |w| {
            w.quote.selections = vec![(0x0b, vec![0, 4])];
            w.quote.values.pop();
        },
        &["tpm.pcr-selection"],
    ),
    ("another value", |w| w.quote.values[1].1 = vec![0xee; 32], &["tpm.pcr-values"]),
    ("an unsafe clock", |w| w.quote.safe = 0, &["tpm.clock"]),
    ("other firmware", |w| w.quote.firmware += 1, &["tpm.firmware"]),
    (
        "another boot",
        |w| w.rules.boots = Rule::Require(vec![sealroom_attestation::tpm::BootCount { resets: 6, restarts: 1 }]),
        &["tpm.boot"],
    ),
    ("another challenge", |w| w.quote.extra_data = vec![0x6d; 32], &["common.freshness"]),
    ("a prefix of the challenge", |w| w.binding = Binding::bytes([0x6e; 31]).unwrap(), &["common.freshness"]),
    ("no log where one is wanted", |w| w.rules.event_log = log_rules(), &["tpm.event-log"]),
    // The VM.
    ("secure boot off", |w| replace(w, "\"secure-boot\":true", "\"secure-boot\":false"), &["azure.secure-boot"]),
    ("secure boot not said", |w| replace(w, "\"secure-boot\":true,", ""), &["azure.secure-boot"]),
    ("a console", |w| replace(w, "\"console-enabled\":false", "\"console-enabled\":true"), &["azure.console"]),
    ("another VM", |w| replace(w, "AB-1", "AB-2"), &["azure.vm-id"]),
    ("other user data", |w| replace(w, "0F0F0F", "0F0F0E"), &["azure.user-data"]),
    // The hardware, every check of it: a few that the recorded faults are about, and one of each step.
    ("asked for at VMPL 1", |w| w.hardware.put(0x030, &[1]), &["snp.vmpl"]),
    ("asked for by the host", |w| w.hardware.put(0x030, &[0xff; 4]), &["snp.vmpl"]),
    ("debugging", |w| w.hardware.put(0x008, &0xb_0000_u64.to_le_bytes()), &["snp.debug"]),
    ("another paravisor", |w| w.hardware.put(0x090, &[0x3f]), &["snp.measurement"]),
    ("another chip", |w| w.hardware.put(0x1a0, &[0xc2]), &["snp.chip-id"]),
    ("no certificate of the chip", |w| w.hardware.brought[2] = false, &["common.endorsements"]),
    ("another root's authority", |w| w.hardware.intermediate.signer = "other-ark", &["common.chain-signatures"]),
    ("an expired certificate of the chip", |w| w.hardware.leaf.not_after = "260501000000Z", &["common.time"]),
    ("a revoked certificate of the chip", |w| w.hardware.list.serials.push(vec![0]), &["common.revocation"]),
    ("another line of processors", |w| w.hardware.put(0x188, &[0x19, 0x11]), &["snp.product"]),
    ("an older level than the certificate's", |w| w.hardware.put(0x180, &[2]), &["snp.firmware-certified"]),
    ("no revocation list", |w| w.hardware.brought[3] = false, &["common.revocation"]),
    ("expired certificates", |w| w.hardware.now = 1_930_000_000, &["common.time", "common.revocation"]),
    ("a report changed after it was signed", |w| w.hardware.tamper = |report| report[0x0c0] ^= 1, &["snp.signature"]),
];

fn replace(world: &mut World, from: &str, to: &str) {
    assert!(world.runtime_data.contains(from));
    world.runtime_data = world.runtime_data.replacen(from, to, 1);
}

fn log_rules() -> Rule<EventRules> {
    Rule::Require(EventRules { registers: vec![4], events: vec![] })
}

#[test]
fn one_thing_changed_trips_exactly_its_checks() {
    for (name, change, expected) in CASES {
        let mut world = World::good();
        change(&mut world);
        match world.appraise() {
            Ok(_) => assert!(expected.is_empty(), "{name}: accepted, must fail {expected:?}"),
            Err(rejection) => assert_eq!(failed(Platform::AzureSnp, &rejection), *expected, "{name}: {rejection}"),
        }
    }
}

#[test]
fn every_check_that_is_azures_or_the_tpms_is_tripped_by_a_case() {
    let by_decoding = ["azure.format", "azure.attestation-key", "tpm.format"];
    // Tripped in the cases of the TPM, where the log is.
    let elsewhere = ["tpm.events"];
    for check in Platform::AzureSnp.checks() {
        let ours = check.id.starts_with("azure.") || check.id.starts_with("tpm.");
        let tripped = CASES.iter().any(|(_, _, expected)| expected.contains(&check.id));
        assert!(!ours || tripped || by_decoding.contains(&check.id) || elsewhere.contains(&check.id), "{}", check.id);
    }
}

fn refused(world: &mut World) -> (&'static str, String) {
    match world.evidence() {
        Err(DecodeError::EvidenceFormat { platform: Platform::AzureSnp, check, problem }) => (check, problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn runtime_data_without_exactly_one_signing_key_are_refused() {
    for (from, to) in [
        ("HCLAkPub", "HCLEkPub"),
        ("\"sign\"", "\"encrypt\""),
        ("\"sign\"", "\"sign\",\"encrypt\""),
        ("\"RSA\"", "\"EC\""),
        ("AQAB", "AAAB"),
        ("\"keys\":[", "\"keys\":[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\"},"),
        ("{\"keys\"", "{\"keys\":[],\"keys\""),
        ("0F0F0F", "0F0F0"),
        ("\"vm-configuration\"", "\"vm\""),
    ] {
        let mut world = World::good();
        replace(&mut world, from, to);
        assert_eq!(refused(&mut world).0, "azure.attestation-key", "{from} to {to}");
    }
}

#[test]
fn a_paravisors_report_that_is_not_strict_is_refused() {
    let good = World::good().paravisor_report();
    let quote = World::good().quote.parts();
    let check = |offset: usize, byte: u8, problem: &str| {
        let mut report = good.clone();
        report[offset] = byte;
        let hardware = HardwareParts { paravisor_report: report, td_quote: Vec::new() };
        match azure::assemble(&hardware, &quote) {
            Err(DecodeError::EvidenceFormat { check: "azure.format", problem: found, .. }) => {
                assert!(found.contains(problem), "{offset:#x}: {found}");
            }
            other => panic!("{offset:#x}: {other:?}"),
        }
    };
    check(0, b'X', "begins with");
    check(4, 3, "begins with");
    check(8, 0, "says that it has");
    check(12, 1, "of request 1");
    check(16, 1, "status 1");
    check(20, 1, "reserved bytes");
    check(0x4c0, 0, "says that it has");
    check(0x4c4, 2, "are of version 2");
    check(0x4c8, 3, "one of kind 3");
    check(0x4cc, 2, "with hash 2");
    check(0x4d0, 0, "says that it has");
    check(0x4d3, 1, "ends early");
    check(good.len() - 1, 1, "are not zero");
    let with = |paravisor_report: Vec<u8>, td_quote: Vec<u8>| {
        azure::assemble(&HardwareParts { paravisor_report, td_quote }, &quote).unwrap_err().to_string()
    };
    assert!(with(good[..1000].to_vec(), Vec::new()).contains("ends early"));
    assert!(with(good.clone(), vec![4]).contains("a td quote comes with a report of SEV-SNP"));
    let mut reserved = good;
    reserved[32 + 0x18b] = 1;
    assert!(with(reserved, Vec::new()).contains("is reserved and must be zero"));
}

#[test]
fn a_policy_that_lets_the_guest_be_the_paravisor_is_refused() {
    let world = World::good();
    let mut report = world.hardware.accept.clone();
    report.name = "azure".to_owned();
    let accept = azure::Accept {
        name: "azure".to_owned(),
        report: azure::Report::Snp(report),
        quote: world.rules.clone(),
        vm: world.vm.clone(),
    };
    let refused = |change: fn(&mut azure::Accept)| {
        let mut accept = accept.clone();
        change(&mut accept);
        Policy::new(vec![accept.into()]).unwrap_err()
    };
    let impossible = |field, problem| PolicyError::Impossible { block: "azure".to_owned(), field, problem };
    assert_eq!(
        refused(|accept| if let azure::Report::Snp(report) = &mut accept.report {
            report.maximum_vmpl = 1;
        }),
        impossible("report.maximum_vmpl", "is not 0, where the paravisor runs")
    );
    assert_eq!(
        refused(|accept| if let azure::Report::Snp(report) = &mut accept.report {
            report.name = "other".to_owned();
        }),
        impossible("report.name", "is not the name of the block it is in")
    );
    assert_eq!(
        refused(|accept| accept.name = " ".to_owned()),
        PolicyError::Impossible { block: " ".to_owned(), field: "name", problem: "is empty" }
    );
    assert_eq!(
        refused(|accept| accept.quote.bank = Algorithm::Sha1),
        impossible("bank", "is not sha256, sha384 or sha512")
    );
    assert_eq!(
        refused(|accept| accept.quote.registers.swap(0, 1)),
        impossible("registers", "are not in ascending order, each once")
    );
    assert_eq!(refused(|accept| accept.quote.registers[2].index = 24), impossible("registers", "name one above 23"));
    assert_eq!(
        refused(|accept| accept.quote.bank = Algorithm::Sha384),
        impossible("registers", "have a value of another algorithm than the bank's")
    );
    assert_eq!(
        refused(|accept| accept.quote.registers.clear()),
        PolicyError::EmptyList { block: "azure".to_owned(), field: "registers" }
    );
    assert_eq!(
        refused(|accept| accept.vm.secure_boot = Requirement::skip(" ")),
        PolicyError::ReasonMissing { block: "azure".to_owned(), field: "vm.secure_boot" }
    );
    let event = |register| EventRule {
        name: "kernel".to_owned(),
        register,
        digests: vec![Measurement::sha256([1; 32])],
        only: false,
    };
    let rules = |registers, events| Rule::Require(EventRules { registers, events });
    let with = |log: Rule<EventRules>| {
        let mut accept = accept.clone();
        accept.quote.event_log = log;
        Policy::new(vec![accept.into()]).unwrap_err()
    };
    assert_eq!(with(Rule::skip(" ")), PolicyError::ReasonMissing { block: "azure".to_owned(), field: "event_log" });
    assert_eq!(with(rules(vec![9], vec![])), impossible("event_log", "replays a register that is not quoted"));
    assert_eq!(
        with(rules(vec![4], vec![event(7)])),
        impossible("event_log", "has events in a register that it does not replay")
    );
}

#[test]
fn evidence_of_sev_snp_alone_is_not_azures() {
    let world = world::World::milan();
    assert_eq!(Evidence::decode(&world.evidence()).unwrap().platform(), Platform::AmdSevSnp);
    let azure = World::good().evidence().unwrap();
    assert_eq!(Evidence::sniff(&azure), Some(Platform::AzureSnp));
}

/// Every byte is signed, compared or has one form. Which check it is, the hardware's own tests and the cases above say.
#[test]
fn every_byte_of_a_vms_evidence_counts() {
    let mut world = World::good();
    let files = world.hardware.endorsements();
    let fingerprint = Fingerprint::from_sha256(sha256(&files[0]).try_into().unwrap());
    let mut report = world.hardware.accept.clone();
    report.name = "azure".to_owned();
    report.trust_anchor = TrustAnchor::new(fingerprint, true).unwrap();
    let accept = azure::Accept {
        name: "azure".to_owned(),
        report: azure::Report::Snp(report),
        quote: world.rules.clone(),
        vm: world.vm.clone(),
    };
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let verifier = Verifier::new(CryptoProvider::ring(), &policy);
    let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice)).unwrap();
    let good = world.evidence().unwrap();
    let now = world.hardware.now;
    let appraise = |bytes: &[u8]| {
        let binding = Binding::bytes(crate::azure::NONCE).unwrap();
        verifier.appraise(Evidence::decode(bytes)?, &endorsements, binding, now)
    };
    appraise(&good).unwrap_or_else(|rejection| panic!("{rejection}"));
    // Every third byte, each time with another bit.
    for offset in (0..good.len()).step_by(3) {
        let mut changed = good.clone();
        changed[offset] ^= 1 << (offset % 8);
        let rejection = appraise(&changed).err().unwrap_or_else(|| panic!("{offset:#x}: accepted"));
        assert!(rejection.verdict().failed().next().is_some(), "{offset:#x}");
    }
}
