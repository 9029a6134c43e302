//! The launch measurement of a SEV-SNP guest, as its attestation report will carry it in MEASUREMENT.
//!
//! Steps, in the order in which hypervisors hand pages to the hardware, each extending the digest of the one before:
//! 1. the firmware image, page by page, so that it ends at 4 GiB;
//! 2. the memory areas of the firmware's metadata, in its order (EC2 puts the CPUID page last), where the page of kernel
//!    hashes has content if the guest is booted directly and else is a zero page;
//! 3. the save area of the first vCPU, then the one that all others share.

use alloc::vec::Vec;

use super::digest::{LaunchDigest, PageType};
use super::error::MeasureError;
use super::firmware::{Area, AreaKind, Firmware};
use super::hashes::KernelHashes;
use super::processor::Hypervisor;
use super::save_area::{RESET_VECTOR, save_area};
use crate::measurement::Measurement;

/// KVM_MAX_VCPUS is never more.
const MAX_VCPUS: u32 = 4096;

/// All that a SEV-SNP guest's launch measurement depends on.
///
/// ```
/// use sealroom_attestation::measure::{Hypervisor, KernelHashes, MeasureError, Processor, SnpLaunch};
///
/// let launch = SnpLaunch {
///     firmware: &[0; 4096],
///     kernel: Some(KernelHashes::of(b"kernel", b"", "console=ttyS0")),
///     vcpus: 2,
///     hypervisor: Hypervisor::Qemu(Processor::named("EPYC-Milan")?),
///     guest_features: SnpLaunch::SNP_ACTIVE,
/// };
/// // Zeros are no firmware.
/// assert_eq!(launch.measurement(), Err(MeasureError::FirmwareTable { found: [0; 16] }));
/// # Ok::<(), MeasureError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "complete: a field more is a measurement more")]
pub struct SnpLaunch<'a> {
    /// OVMF, the whole file: a multiple of 4096 bytes, at most 16 MiB.
    pub firmware: &'a [u8],
    /// What is booted directly with measured hashes; none where the firmware finds a disk, or QEMU has no `kernel-hashes=on`.
    pub kernel: Option<KernelHashes>,
    /// How many vCPUs, 1 to 4096.
    pub vcpus: u32,
    /// Who starts the guest.
    pub hypervisor: Hypervisor,
    /// SEV_FEATURES (AMD 24593 table B-4), decided by host kernel and hypervisor: bit 0 says SNP, 5 debug swap, 9 secure TSC.
    pub guest_features: u64,
}

/// The digest after one step, to find where two launches part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LaunchStep {
    /// `firmware`, `secure-memory`, `secrets`, `cpuid`, `calling-area`, `kernel-hashes`, `no-kernel-hashes`, `vcpu`.
    pub name: &'static str,
    /// Guest physical address of the first page; of a vCPU its number.
    pub address: u64,
    /// How many pages it has.
    pub pages: u64,
    /// SHA-384, after the last of them.
    pub digest: [u8; 48],
}

impl SnpLaunch<'_> {
    /// The guest features of a plain SNP guest: what QEMU has, unless told otherwise.
    pub const SNP_ACTIVE: u64 = 1;

    /// The expected MEASUREMENT.
    ///
    /// # Errors
    /// [`MeasureError`]: a value that no guest can be launched with, or firmware that is not OVMF for SEV-SNP.
    pub fn measurement(&self) -> Result<Measurement, MeasureError> {
        let mut steps = Steps::default();
        self.walk(&mut steps)?;
        Ok(Measurement::sha384(steps.digest.value()))
    }

    /// The digest after every step; the last one is the measurement.
    ///
    /// # Errors
    /// As for [`SnpLaunch::measurement`].
    pub fn steps(&self) -> Result<Vec<LaunchStep>, MeasureError> {
        let mut steps = Steps::default();
        self.walk(&mut steps)?;
        Ok(steps.taken)
    }

    fn walk(&self, steps: &mut Steps) -> Result<(), MeasureError> {
        if self.vcpus == 0 || self.vcpus > MAX_VCPUS {
            return Err(MeasureError::Vcpus { found: self.vcpus, limit: MAX_VCPUS });
        }
        // VMRUN of an SNP guest fails where this bit is clear. (AMD 24593 section 15.36.)
        if self.guest_features & Self::SNP_ACTIVE == 0 {
            return Err(MeasureError::GuestFeatures { found: self.guest_features });
        }
        let firmware = Firmware::decode(self.firmware)?;

        // 1
        let pages = u64::try_from(firmware.image().as_chunks::<4096>().0.len()).unwrap_or_default();
        steps.digest.normal(firmware.address(), firmware.image());
        steps.taken("firmware", firmware.address(), pages);

        // 2
        let last = |area: &&Area| area.kind == AreaKind::Cpuid && cpuid_last(self.hypervisor);
        for area in firmware.areas.iter().filter(|area| !last(area)).chain(firmware.areas.iter().filter(last)) {
            self.area(&firmware, area, steps)?;
        }
        if self.kernel.is_some() && !firmware.areas.iter().any(|area| area.kind == AreaKind::KernelHashes) {
            return Err(MeasureError::FirmwareWithoutHashes { missing: "a page for them" });
        }

        // 3
        steps.digest.save_area(&save_area(RESET_VECTOR, self.hypervisor, self.guest_features));
        steps.taken("vcpu", 0, 1);
        if self.vcpus > 1 {
            let start = firmware.reset_address.ok_or(MeasureError::FirmwareWithoutReset { vcpus: self.vcpus })?;
            let page = save_area(start, self.hypervisor, self.guest_features);
            for number in 1..self.vcpus {
                steps.digest.save_area(&page);
                steps.taken("vcpu", number.into(), 1);
            }
        }
        Ok(())
    }

    fn area(&self, firmware: &Firmware<'_>, area: &Area, steps: &mut Steps) -> Result<(), MeasureError> {
        let (name, kind) = match (area.kind, &self.kernel) {
            (AreaKind::KernelHashes, Some(hashes)) => {
                let table = firmware.hash_table;
                let table =
                    table.ok_or(MeasureError::FirmwareWithoutHashes { missing: "the entry that says where" })?;
                steps.digest.normal(area.address, &hashes.page(area, table)?);
                steps.taken("kernel-hashes", area.address, area.pages);
                return Ok(());
            }
            (AreaKind::KernelHashes, None) => ("no-kernel-hashes", PageType::Zero),
            (AreaKind::SecureMemory, _) => ("secure-memory", secure_memory(self.hypervisor)),
            (AreaKind::CallingArea, _) => ("calling-area", PageType::Zero),
            (AreaKind::Secrets, _) => ("secrets", PageType::Secrets),
            (AreaKind::Cpuid, _) => ("cpuid", PageType::Cpuid),
        };
        steps.digest.without_content(kind, area.address, area.pages);
        steps.taken(name, area.address, area.pages);
        Ok(())
    }
}

fn cpuid_last(hypervisor: Hypervisor) -> bool {
    match hypervisor {
        Hypervisor::Ec2 | Hypervisor::Ec2EdxZero => true,
        Hypervisor::Qemu(_) | Hypervisor::Gce => false,
    }
}

fn secure_memory(hypervisor: Hypervisor) -> PageType {
    match hypervisor {
        Hypervisor::Gce => PageType::Unmeasured,
        Hypervisor::Qemu(_) | Hypervisor::Ec2 | Hypervisor::Ec2EdxZero => PageType::Zero,
    }
}

struct Steps {
    digest: LaunchDigest,
    taken: Vec<LaunchStep>,
}

impl Default for Steps {
    fn default() -> Self {
        Self { digest: LaunchDigest::new(), taken: Vec::new() }
    }
}

impl Steps {
    fn taken(&mut self, name: &'static str, address: u64, pages: u64) {
        self.taken.push(LaunchStep { name, address, pages, digest: self.digest.value() });
    }
}
