//! What is typed for `measure snp` reaches the measurement, and what would not is refused.

use super::*;
use clap::Parser;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    typed: Typed,
}

fn typed(words: &[&str]) -> Result<Typed, clap::error::ErrorKind> {
    let line = Line::try_parse_from([&["snp"], words].concat());
    line.map(|line| line.typed).map_err(|error| error.kind())
}

/// A page that says of itself what OVMF must: no areas but one for hashes at 0x1000, other vCPUs begin at 0x00ff_f123.
fn firmware() -> Vec<u8> {
    let guid = |digits: &str| {
        let mut bytes = hex::decode(digits.replace('-', "")).unwrap();
        bytes[..4].reverse();
        bytes[4..6].reverse();
        bytes[6..8].reverse();
        bytes
    };
    let length = |data: &[u8]| u16::try_from(data.len() + 18).unwrap().to_le_bytes();
    let entry = |data: &[u8], digits: &str| [data, &length(data), &guid(digits)].concat();
    let entries = [
        entry(&4096_u32.to_le_bytes(), "dc886566-984a-4798-a75e-5585a7bf67cc"),
        entry(&[0, 0x18, 0, 0, 0, 4, 0, 0], "7255371f-3a3b-4b04-927b-1da6efa8d454"),
        entry(&[0x23, 0xf1, 0xff, 0], "00f771de-1a7e-4fcb-890e-68c77e2fb44e"),
    ]
    .concat();
    let footer = [&length(&entries)[..], &guid("96b582de-1fb2-45f7-baea-a366c55a082d")].concat();
    let metadata =
        [&b"ASEV"[..], &[28, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0x10, 0, 0, 0, 0x10, 0, 0, 0x10, 0, 0, 0]].concat();
    let mut page = metadata;
    page.resize(4096 - 32 - footer.len() - entries.len(), 0);
    [page, entries, footer, vec![0; 32]].concat()
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in
            [("ovmf", firmware()), ("kernel", b"a kernel".to_vec()), ("initrd", b"an initrd".to_vec())]
        {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        Self(folder)
    }

    /// The words with each @name as the path of that file, behind the firmware's.
    fn typed(&self, words: &[&str]) -> Typed {
        let path = |name: &str| self.0.path().join(name).to_str().unwrap().to_owned();
        let words: Vec<String> = ["--ovmf", "@ovmf"]
            .iter()
            .chain(words)
            .map(|word| word.strip_prefix('@').map_or_else(|| (*word).to_owned(), path))
            .collect();
        typed(&words.iter().map(String::as_str).collect::<Vec<_>>()).unwrap()
    }

    fn run(&self, words: &[&str]) -> Result<(), Failure> {
        run(&self.typed(words), Output { json: true, command: "measure snp" })
    }
}

#[test]
fn everything_that_is_typed_is_measured() {
    let files = Files::new();
    let words = [
        "--kernel",
        "@kernel",
        "--initrd",
        "@initrd",
        "--cmdline",
        "-quiet",
        "--vcpus",
        "3",
        "--vcpu-type",
        "EPYC-Milan",
        "--guest-features",
        "21",
    ];
    let typed = files.typed(&words);
    let kernel = kernel_hashes(typed.kernel.as_deref().unwrap(), &typed).unwrap();
    assert_eq!(kernel, KernelHashes::of(b"a kernel", b"an initrd", "-quiet"));
    assert_eq!(hypervisor(&typed).unwrap(), Hypervisor::Qemu(Processor::named("EPYC-Milan").unwrap()));
    assert_eq!((typed.vcpus, typed.guest_features), (3, 0x21));
    files.run(&words).unwrap();

    let bare = files.typed(&["--kernel", "@kernel", "--vcpus", "1", "--vcpu-signature", "0xa00f11"]);
    assert_eq!(kernel_hashes(bare.kernel.as_deref().unwrap(), &bare).unwrap(), KernelHashes::of(b"a kernel", b"", ""));
    assert_eq!(hypervisor(&bare).unwrap(), Hypervisor::Qemu(Processor::named("EPYC-Milan").unwrap()));
    assert_eq!(bare.guest_features, SnpLaunch::SNP_ACTIVE);
    for (name, expected) in [("ec2", Hypervisor::Ec2), ("ec2-edx-0", Hypervisor::Ec2EdxZero), ("gce", Hypervisor::Gce)]
    {
        assert_eq!(hypervisor(&files.typed(&["--vcpus", "1", "--vmm", name])).unwrap(), expected);
    }
}

#[test]
fn the_answer_names_every_input_and_ends_with_the_measurement() {
    let firmware = firmware();
    let launch = SnpLaunch {
        firmware: &firmware,
        kernel: None,
        vcpus: 2,
        hypervisor: Hypervisor::Gce,
        guest_features: SnpLaunch::SNP_ACTIVE,
    };
    let (steps, measurement) = (launch.steps().unwrap(), launch.measurement().unwrap());
    let typed = Files::new().typed(&["--vcpus", "2", "--vmm", "gce"]);
    let fields = fields(&typed, &launch, &measurement, &steps);
    assert_eq!(fields["measurement"], measurement.to_string());
    assert_eq!(
        (&fields["vmm"], &fields["vcpu_signature"], &fields["boot"]),
        (&json!("gce"), &json!(null), &json!(null))
    );
    let last = fields["steps"].as_array().unwrap().last().unwrap();
    assert_eq!(measurement.to_string(), format!("sha384:{}", last["digest"].as_str().unwrap()));
    let text = listed(&steps, &measurement);
    assert_eq!(text.lines().count(), steps.len() + 1);
    assert_eq!(text.lines().last(), Some(measurement.to_string().as_str()));
}

#[test]
fn what_would_not_be_measured_and_what_is_missing_is_wrong_usage() {
    let files = Files::new();
    for (words, why) in [
        (&["--vcpus", "1"][..], "QEMU's processor model is measured, and was not given"),
        (&["--vcpus", "1", "--vmm", "ec2", "--vcpu-type", "EPYC"], "ec2 does not measure the processor model"),
        (&["--vcpus", "1", "--vmm", "gce", "--vcpu-signature", "1"], "gce does not measure the processor model"),
        (
            &["--vcpus", "1", "--vmm", "ec2", "--kernel", "@kernel"],
            "ec2 does not boot a kernel directly, only QEMU does",
        ),
        (&["--vcpus", "1", "--vcpu-signature", "100000000"], "--vcpu-signature has 32 bits at most"),
        (&["--vcpus", "0", "--vmm", "gce"], "0 vcpus, expected 1 to 4096"),
    ] {
        let failure = files.run(words).unwrap_err();
        assert_eq!((failure.exit, failure.message.as_str()), (Exit::Local, why), "{words:?}");
    }
    let failure = files.run(&["--vcpus", "1", "--vcpu-type", "host"]).unwrap_err();
    assert_eq!(failure.exit, Exit::Local);
    assert!(failure.message.starts_with("host: no such processor model"), "{}", failure.message);

    use clap::error::ErrorKind;
    let missing = |words: &[&str]| typed(&[&["--ovmf", "f", "--vcpus", "1"], words].concat()).map(drop).unwrap_err();
    assert_eq!(missing(&["--initrd", "i"]), ErrorKind::MissingRequiredArgument);
    assert_eq!(missing(&["--cmdline", "c"]), ErrorKind::MissingRequiredArgument);
    assert_eq!(missing(&["--vcpu-type", "EPYC", "--vcpu-signature", "1"]), ErrorKind::ArgumentConflict);
    for number in ["", "0x", "+1", "1_0", "g", "10000000000000000"] {
        assert_eq!(missing(&["--guest-features", number]), ErrorKind::ValueValidation, "{number:?}");
    }
}

#[test]
fn firmware_that_is_none_is_malformed() {
    let files = Files::new();
    std::fs::write(files.0.path().join("ovmf"), [0; 4096]).unwrap();
    let failure = files.run(&["--vcpus", "1", "--vmm", "gce"]).unwrap_err();
    assert_eq!(failure.exit, Exit::Malformed);
    // What never ends is not read to its end.
    let endless = typed(&["--ovmf", "/dev/zero", "--vcpus", "1", "--vmm", "gce"]).unwrap();
    let failure = run(&endless, Output { json: true, command: "measure snp" }).unwrap_err();
    assert_eq!(failure.exit, Exit::Malformed);
    assert!(failure.message.starts_with("/dev/zero: firmware has 16777217 bytes"), "{}", failure.message);
}
