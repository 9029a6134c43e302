//! Launch measurements of SEV-SNP guests, beside `sev-snp-measure` 0.0.13 and the crate `sev` 8.0.0 (see peers/).

use sealroom_attestation::Measurement;
use sealroom_attestation::measure::{Hypervisor, KernelHashes, Processor, SnpLaunch};
use serde_json::Value;

use crate::{beside, from_hex, ovmf};

/// A plain guest, to differ from.
pub(crate) fn plain(firmware: &[u8]) -> SnpLaunch<'_> {
    SnpLaunch {
        firmware,
        kernel: None,
        vcpus: 1,
        hypervisor: Hypervisor::Qemu(Processor::named("EPYC-v4").unwrap()),
        guest_features: SnpLaunch::SNP_ACTIVE,
    }
}

/// The last page of OVMF behind pages with the pattern of peers/launches.py.
fn image(case: &Value) -> Vec<u8> {
    let pages = case["pages_before"].as_u64().unwrap();
    let mut image: Vec<u8> = (0..pages * 4096).map(|index| (index * 7 + index / 4096).to_le_bytes()[0]).collect();
    image.extend(ovmf(case["firmware"].as_str().unwrap()));
    image
}

fn kernel(case: &Value) -> Option<KernelHashes> {
    let text = |name: &str| case[name].as_str().unwrap_or_default();
    case["kernel"]
        .as_str()
        .map(|kernel| KernelHashes::of(kernel.as_bytes(), text("initrd").as_bytes(), text("command_line")))
}

#[test]
fn launches_are_measured_as_two_other_implementations_do() {
    let cases: Vec<Value> = serde_json::from_slice(&beside("launches.json")).unwrap();
    let mut compared = [0, 0];
    for case in &cases {
        let firmware = image(case);
        let (hypervisor, at_first) = match case["vmm"].as_str().unwrap() {
            "qemu" => {
                let model = Hypervisor::Qemu(Processor::named(case["vcpu"].as_str().unwrap()).unwrap());
                (model, model)
            }
            // The crate `sev` 8.0.0 still has EDX zero for EC2, which Amazon's engineers changed in sev-snp-measure 0.0.13.
            "ec2" => (Hypervisor::Ec2, Hypervisor::Ec2EdxZero),
            "gce" => (Hypervisor::Gce, Hypervisor::Gce),
            other => panic!("{other}"),
        };
        let launch = SnpLaunch {
            kernel: kernel(case),
            vcpus: case["vcpus"].as_u64().unwrap().try_into().unwrap(),
            hypervisor,
            guest_features: case["guest_features"].as_u64().unwrap(),
            ..plain(&firmware)
        };
        let expected = Measurement::sha384(from_hex(case["sev_snp_measure"].as_str().unwrap()));
        assert_eq!(launch.measurement(), Ok(expected), "{case}");
        compared[0] += 1;
        if let Some(second) = case["sev"].as_str() {
            let launch = SnpLaunch { hypervisor: at_first, ..launch };
            assert_eq!(launch.measurement(), Ok(Measurement::sha384(from_hex(second))), "{case}");
            compared[1] += 1;
        }
    }
    assert_eq!(compared, [49, 41]);
}

#[test]
fn the_last_step_is_the_measurement() {
    let firmware = ovmf("ovmf_AmdSev_suffix.bin");
    let launch = SnpLaunch { kernel: Some(KernelHashes::of(b"kernel", b"", "")), vcpus: 2, ..plain(&firmware) };
    let steps = launch.steps().unwrap();
    let last = Measurement::sha384(steps.last().unwrap().digest);
    assert_eq!(launch.measurement(), Ok(last));
    let names: Vec<_> = steps.iter().map(|step| (step.name, step.address, step.pages)).collect();
    let expected = [
        ("firmware", 0xffff_f000, 1),
        ("secure-memory", 0x80_0000, 9),
        ("secure-memory", 0x80_a000, 3),
        ("secrets", 0x80_d000, 1),
        ("cpuid", 0x80_e000, 1),
        ("calling-area", 0x80_f000, 1),
        ("kernel-hashes", 0x81_0000, 1),
        ("secure-memory", 0x81_1000, 15),
        ("vcpu", 0, 1),
        ("vcpu", 1, 1),
    ];
    assert_eq!(names, expected);
}

#[test]
fn every_input_changes_the_step_that_it_belongs_to() {
    let firmware = ovmf("ovmf_AmdSev_suffix.bin");
    let mut other = firmware.clone();
    other[0] ^= 1;
    let hashes = KernelHashes::of(b"kernel", b"initrd", "quiet");
    let good = SnpLaunch { kernel: Some(hashes), vcpus: 2, ..plain(&firmware) };
    let booted = |hashes| SnpLaunch { kernel: Some(hashes), ..good };
    let changed = [
        ("firmware", SnpLaunch { firmware: &other, ..good }),
        ("kernel-hashes", booted(KernelHashes::of(b"Kernel", b"initrd", "quiet"))),
        ("kernel-hashes", booted(KernelHashes::of(b"kernel", b"Initrd", "quiet"))),
        ("kernel-hashes", booted(KernelHashes::of(b"kernel", b"initrd", "quiet "))),
        ("no-kernel-hashes", SnpLaunch { kernel: None, ..good }),
        ("vcpu", SnpLaunch { guest_features: 0x21, ..good }),
        ("vcpu", SnpLaunch { hypervisor: Hypervisor::Qemu(Processor::named("EPYC-Milan").unwrap()), ..good }),
        ("vcpu", SnpLaunch { vcpus: 3, ..good }),
        ("calling-area", SnpLaunch { hypervisor: Hypervisor::Ec2, ..good }), // EC2 has the CPUID page last
        ("secure-memory", SnpLaunch { hypervisor: Hypervisor::Gce, ..good }),
    ];
    let before = good.steps().unwrap();
    for (name, launch) in changed {
        assert_ne!(launch.measurement(), good.measurement(), "{name}");
        let after = launch.steps().unwrap();
        let parted = after.iter().enumerate().find(|(index, step)| before.get(*index) != Some(step)).unwrap().1;
        assert_eq!(parted.name, name);
    }
}
