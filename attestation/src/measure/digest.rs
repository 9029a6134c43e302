//! The launch digest of a SEV-SNP guest as the firmware chains it: one SHA-384 a page, over the digest before and the page.
//!
//! Source: AMD 56860, SEV Secure Nested Paging Firmware ABI, section 8.17 (SNP_LAUNCH_UPDATE), 8.17.2 (PAGE_INFO).

use sha2::{Digest, Sha384};

pub(super) const PAGE: usize = 4096;

/// Where the firmware says that a VMSA lies: the last page of 48 bits of address space, for each vCPU.
const SAVE_AREA_ADDRESS: u64 = 0xffff_ffff_f000;

/// What a page is measured as. (AMD 56860 table 66: PAGE_TYPE.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageType {
    Normal,
    SaveArea,
    Zero,
    Unmeasured,
    Secrets,
    Cpuid,
}

impl PageType {
    fn code(self) -> u8 {
        match self {
            Self::Normal => 1,
            Self::SaveArea => 2,
            Self::Zero => 3,
            Self::Unmeasured => 4,
            Self::Secrets => 5,
            Self::Cpuid => 6,
        }
    }
}

/// The digest so far. It begins as zeros.
#[derive(Clone, Copy)]
pub(super) struct LaunchDigest([u8; 48]);

impl LaunchDigest {
    pub(super) fn new() -> Self {
        Self([0; 48])
    }

    pub(super) fn value(&self) -> [u8; 48] {
        self.0
    }

    /// Pages with content from `address` on. What does not fill a page is not measured, so callers bring whole pages.
    pub(super) fn normal(&mut self, address: u64, content: &[u8]) {
        for (page, at) in content.as_chunks::<PAGE>().0.iter().zip(addresses(address)) {
            self.extend(PageType::Normal, Sha384::digest(page).into(), at);
        }
    }

    /// `count` pages whose content the digest does not cover (zero, unmeasured, secrets, CPUID), from `address` on.
    pub(super) fn without_content(&mut self, kind: PageType, address: u64, count: u64) {
        for (_, at) in (0..count).zip(addresses(address)) {
            self.extend(kind, [0; 48], at);
        }
    }

    /// The initial registers of one vCPU.
    pub(super) fn save_area(&mut self, page: &[u8; PAGE]) {
        self.extend(PageType::SaveArea, Sha384::digest(page).into(), SAVE_AREA_ADDRESS);
    }

    /// PAGE_INFO: digest before (48), content (48), length (2), type (1), IMI (1), VMPL3 to VMPL1 permissions and a reserved
    /// byte (4), guest physical address (8). Hypervisors here give no lower VMPL anything, and have no migration image (IMI).
    fn extend(&mut self, kind: PageType, content: [u8; 48], address: u64) {
        let mut hasher = Sha384::new();
        hasher.update(self.0);
        hasher.update(content);
        hasher.update(0x70_u16.to_le_bytes());
        hasher.update([kind.code(), 0, 0, 0, 0, 0]);
        hasher.update(address.to_le_bytes());
        self.0 = hasher.finalize().into();
    }
}

fn addresses(first: u64) -> impl Iterator<Item = u64> {
    (first..).step_by(PAGE)
}
