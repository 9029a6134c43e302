//! `sealroom measure snp`: the launch measurement of an AMD SEV-SNP guest.
//!
//! What always holds: a flag that does not change the measurement is refused, so nobody believes that it was measured.

use super::super::exit::{Exit, Failure};
use super::super::output::Output;
use clap::{Args, ValueEnum};
use core::fmt::Write;
use sealroom_attestation::Measurement;
use sealroom_attestation::measure::{Hypervisor, KernelHashes, LaunchStep, MeasureError, Processor, SnpLaunch};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Largest firmware that is read, in bytes: the largest that can be measured.
const FIRMWARE_LIMIT: u64 = 16 << 20;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "What is measured, by whom and what is not: docs/measure.md.

Examples:
  sealroom measure snp --ovmf OVMF.fd --vcpus 4 --vcpu-type EPYC-Milan
  sealroom measure snp --ovmf OVMF.fd --kernel vmlinuz --initrd initrd.img --cmdline \"console=ttyS0\" --vcpus 1 --vcpu-type EPYC-v4
  sealroom measure snp --ovmf ovmf_img.fd --vcpus 4 --vmm ec2
  sealroom measure snp --ovmf OVMF.fd --vcpus 2 --vcpu-type EPYC-Genoa --guest-features 0x21 --steps")]
pub(crate) struct Typed {
    /// Firmware: OVMF built for SEV, as one file
    #[arg(long, value_name = "FILE")]
    ovmf: PathBuf,
    /// Kernel, where QEMU boots it directly with kernel-hashes=on
    #[arg(long, value_name = "FILE")]
    kernel: Option<PathBuf>,
    /// Initrd of that kernel
    #[arg(long, value_name = "FILE", requires = "kernel")]
    initrd: Option<PathBuf>,
    /// Command line of that kernel, exactly as given to QEMU
    #[arg(long, value_name = "TEXT", requires = "kernel", visible_alias = "append", allow_hyphen_values = true)]
    cmdline: Option<String>,
    /// How many vCPUs the guest has
    #[arg(long, value_name = "N")]
    vcpus: u32,
    /// QEMU's processor model, as in -cpu: EPYC, EPYC-IBPB, EPYC-Rome, EPYC-Milan, EPYC-Genoa or EPYC-Turin, with or without -v1 to -v9
    #[arg(long, value_name = "MODEL", conflicts_with = "vcpu_signature")]
    vcpu_type: Option<String>,
    /// The same as a number: CPUID Fn0000_0001_EAX
    #[arg(long, value_name = "HEX", value_parser = hexadecimal)]
    vcpu_signature: Option<u64>,
    /// Who starts the guest
    #[arg(long, value_enum, default_value_t = Vmm::Qemu)]
    vmm: Vmm,
    /// SEV features of each vCPU: 1 SNP, 20 debug swap, 200 secure TSC, …
    #[arg(long, value_name = "HEX", value_parser = hexadecimal, default_value = "0x1")]
    guest_features: u64,
    /// Print the digest after each step too, to find where two launches part
    #[arg(long)]
    steps: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Vmm {
    /// QEMU on KVM, since Linux 6.9
    Qemu,
    /// Amazon EC2, as of 2026
    Ec2,
    /// Amazon EC2 as it was at first: EDX zero
    #[value(name = "ec2-edx-0")]
    Ec2EdxZero,
    /// Google Compute Engine
    Gce,
}

/// Works it out, and prints it.
pub(super) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let hypervisor = hypervisor(typed)?;
    let firmware = super::read(&typed.ovmf, FIRMWARE_LIMIT)?;
    let kernel = typed.kernel.as_deref().map(|kernel| kernel_hashes(kernel, typed)).transpose()?;
    let launch =
        SnpLaunch { firmware: &firmware, kernel, vcpus: typed.vcpus, hypervisor, guest_features: typed.guest_features };
    let steps = launch.steps().map_err(|error| refused(&error, &typed.ovmf))?;
    let measurement = launch.measurement().map_err(|error| refused(&error, &typed.ovmf))?;
    let fields = fields(typed, &launch, &measurement, &steps);
    let text = if typed.steps { listed(&steps, &measurement) } else { measurement.to_string() };
    output.answer(fields, text)
}

/// What is measured for who starts the guest. What it does not measure must not be given.
fn hypervisor(typed: &Typed) -> Result<Hypervisor, Failure> {
    let processor = match (&typed.vcpu_type, typed.vcpu_signature) {
        (Some(name), _) => Some(Processor::named(name).map_err(|error| Failure::local(format!("{name}: {error}")))?),
        (None, Some(signature)) => {
            let signature = u32::try_from(signature);
            let signature = signature.map_err(|_| Failure::local("--vcpu-signature has 32 bits at most"))?;
            Some(Processor::from_signature(signature))
        }
        (None, None) => None,
    };
    let hypervisor = match (typed.vmm, processor) {
        (Vmm::Qemu, Some(processor)) => return Ok(Hypervisor::Qemu(processor)),
        (Vmm::Qemu, None) => {
            let missing = Failure::local("QEMU's processor model is measured, and was not given");
            return Err(missing.hint("give --vcpu-type, as in QEMU's -cpu; it need not be the model of the chip"));
        }
        (Vmm::Ec2, _) => Hypervisor::Ec2,
        (Vmm::Ec2EdxZero, _) => Hypervisor::Ec2EdxZero,
        (Vmm::Gce, _) => Hypervisor::Gce,
    };
    if processor.is_some() {
        return Err(Failure::local(format!("{hypervisor} does not measure the processor model"))
            .hint("leave --vcpu-type and --vcpu-signature out"));
    }
    if typed.kernel.is_some() {
        return Err(Failure::local(format!("{hypervisor} does not boot a kernel directly, only QEMU does"))
            .hint("leave --kernel out: there the guest's own disk has the kernel, which is not part of the launch measurement"));
    }
    Ok(hypervisor)
}

fn kernel_hashes(kernel: &Path, typed: &Typed) -> Result<KernelHashes, Failure> {
    let initrd = typed.initrd.as_deref().map(super::digest::<Sha256>).transpose()?;
    Ok(KernelHashes {
        kernel: super::digest::<Sha256>(kernel)?.into(),
        initrd: initrd.unwrap_or_else(|| Sha256::digest([])).into(),
        command_line: KernelHashes::of_command_line(typed.cmdline.as_deref().unwrap_or_default()),
    })
}

/// What was typed is wrong usage; what a file says makes it malformed.
fn refused(error: &MeasureError, firmware: &Path) -> Failure {
    match error {
        MeasureError::Vcpus { .. } | MeasureError::GuestFeatures { .. } => Failure::local(error),
        _ => Failure::new(Exit::Malformed, format!("{}: {error}", firmware.display())),
    }
}

fn fields(typed: &Typed, launch: &SnpLaunch<'_>, measurement: &Measurement, steps: &[LaunchStep]) -> Value {
    let processor = match launch.hypervisor {
        Hypervisor::Qemu(processor) => Some(format!("{:#x}", processor.signature())),
        _ => None,
    };
    let kernel = launch.kernel.map(|hashes| {
        json!({
            "kernel_sha256": hex::encode(hashes.kernel),
            "initrd_sha256": hex::encode(hashes.initrd),
            "command_line": typed.cmdline.as_deref().unwrap_or_default(),
        })
    });
    let step = |step: &LaunchStep| json!({ "name": step.name, "address": format!("{:#x}", step.address), "pages": step.pages, "digest": hex::encode(step.digest) });
    json!({
        "measurement": measurement.to_string(),
        "platform": "amd-sev-snp",
        "firmware": typed.ovmf,
        "firmware_sha256": hex::encode(Sha256::digest(launch.firmware)),
        "boot": kernel,
        "vcpus": launch.vcpus,
        "vcpu_signature": processor,
        "vmm": launch.hypervisor.to_string(),
        "guest_features": format!("{:#x}", launch.guest_features),
        "steps": steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn listed(steps: &[LaunchStep], measurement: &Measurement) -> String {
    let mut text = String::new();
    for step in steps {
        let digest = hex::encode(step.digest);
        // Writing to a String does not fail.
        writeln!(text, "{:<16} {:#12x} {:>6} {digest}", step.name, step.address, step.pages).unwrap_or_default();
    }
    text + &measurement.to_string()
}

/// With or without 0x.
fn hexadecimal(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = plain.then(|| u64::from_str_radix(digits, 16).ok()).flatten();
    number.ok_or_else(|| "expected a hexadecimal number of 64 bits at most, for example 0x21".to_owned())
}

#[cfg(test)]
mod tests;
