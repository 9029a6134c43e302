//! The table of hashes that stands for kernel, initrd and command line where a guest is booted directly
//! (`kernel-hashes=on`): the firmware compares what it is given with it, and the hardware measures it.
//!
//! Source: QEMU, `target/i386/sev.c`, `sev_add_kernel_loader_hashes`, and EDK II, `OvmfPkg/AmdSev/BlobVerifierLibSevHashes`.

use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use super::digest::PAGE;
use super::error::MeasureError;
use super::firmware::{Area, HashTable};
use super::guid::Guid;

const TABLE: Guid = Guid::new(0x9438_d606, 0x4f22, 0x4cc9, 0xb479, 0xa793_d411_fd21);
const COMMAND_LINE: Guid = Guid::new(0x97d0_2dd8, 0xbd20, 0x4c94, 0xaa78, 0xe771_4d36_ab2a);
const INITRD: Guid = Guid::new(0x44ba_f731, 0x3a2f, 0x4bd7, 0x9af1, 0x41e2_9169_781d);
const KERNEL: Guid = Guid::new(0x4de7_9437, 0xabd2, 0x427f, 0xb835, 0xd5b1_72d2_045b);

/// Header (18), three entries (50 each), rounded up to 16.
const TABLE_BYTES: usize = 176;

/// SHA-256 of what a guest is booted with directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete: QEMU's table has these three entries")]
pub struct KernelHashes {
    /// Of the kernel file.
    pub kernel: [u8; 32],
    /// Of the initrd file; of no bytes where there is none.
    pub initrd: [u8; 32],
    /// Of the command line and the zero byte that ends it.
    pub command_line: [u8; 32],
}

impl KernelHashes {
    /// Hashes the files as they are. Without an initrd or a command line, give the empty one: it is measured too.
    #[must_use]
    pub fn of(kernel: &[u8], initrd: &[u8], command_line: &str) -> Self {
        Self {
            kernel: Sha256::digest(kernel).into(),
            initrd: Sha256::digest(initrd).into(),
            command_line: Self::of_command_line(command_line),
        }
    }

    /// Hashes a command line as QEMU passes it on: as typed, without trimming, and a zero byte.
    #[must_use]
    pub fn of_command_line(command_line: &str) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(command_line);
        hasher.update([0]);
        hasher.finalize().into()
    }

    /// The whole page: zeros but for the table, at the offset that the firmware names.
    pub(super) fn page(&self, area: &Area, table: HashTable) -> Result<[u8; PAGE], MeasureError> {
        let misplaced = MeasureError::HashTable {
            address: table.address,
            length: table.length,
            page: area.address,
            room: TABLE_BYTES,
        };
        let offset = u64::from(table.address).checked_sub(area.address).and_then(|offset| usize::try_from(offset).ok());
        let long_enough = usize::try_from(table.length).is_ok_and(|length| length >= TABLE_BYTES);
        let mut page = [0; PAGE];
        let room = offset.and_then(|offset| page.get_mut(offset..)?.first_chunk_mut::<TABLE_BYTES>());
        match room {
            Some(room) if long_enough => *room = self.table(),
            _ => return Err(misplaced),
        }
        Ok(page)
    }

    fn table(&self) -> [u8; TABLE_BYTES] {
        let mut bytes = Vec::with_capacity(TABLE_BYTES);
        bytes.extend(TABLE.0);
        bytes.extend(168_u16.to_le_bytes());
        for (guid, hash) in [(COMMAND_LINE, self.command_line), (INITRD, self.initrd), (KERNEL, self.kernel)] {
            bytes.extend(guid.0);
            bytes.extend(50_u16.to_le_bytes());
            bytes.extend(hash);
        }
        let mut table = [0; TABLE_BYTES];
        for (place, byte) in table.iter_mut().zip(bytes) {
            *place = byte;
        }
        table
    }
}
