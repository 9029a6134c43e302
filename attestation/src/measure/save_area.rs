//! The VM save area (VMSA): the page that holds the registers with which a vCPU begins.
//!
//! Offsets: AMD 24593, Architecture Programmer's Manual volume 2, table B-4. Values: what KVM has after a reset (volume 2,
//! table 14-1) and what each hypervisor changes in it.

use super::digest::PAGE;
use super::processor::Hypervisor;

/// Where the first vCPU begins.
pub(super) const RESET_VECTOR: u32 = 0xffff_fff0;

/// The attributes of a segment, in the order in which the hypervisors differ: code, stack, task.
struct Attributes {
    code: u16,
    stack: u16,
    task: u16,
}

/// The page of a vCPU that begins at `start`.
pub(super) fn save_area(start: u32, hypervisor: Hypervisor, guest_features: u64) -> [u8; PAGE] {
    let [low, high, segment @ ..] = start.to_le_bytes();
    let [third, fourth] = segment;
    let code_base = u32::from_le_bytes([0, 0, third, fourth]);
    let attributes = match hypervisor {
        Hypervisor::Qemu(_) | Hypervisor::Gce => Attributes { code: 0x9b, stack: 0x93, task: 0x8b },
        Hypervisor::Ec2 | Hypervisor::Ec2EdxZero => {
            Attributes { code: if start == RESET_VECTOR { 0x9a } else { 0x9b }, stack: 0x92, task: 0x83 }
        }
    };
    let edx = match hypervisor {
        Hypervisor::Qemu(processor) => processor.signature(),
        Hypervisor::Ec2EdxZero => 0,
        Hypervisor::Ec2 | Hypervisor::Gce => 0x600,
    };
    let page_attributes: u64 = match hypervisor {
        Hypervisor::Gce => 0x0007_0106,
        Hypervisor::Qemu(_) | Hypervisor::Ec2 | Hypervisor::Ec2EdxZero => 0x0007_0406_0007_0406,
    };
    // KVM gives the floating-point unit its values before the launch since Linux 6.9, where QEMU asks for it.
    let (mxcsr, x87_control): (u32, u16) = match hypervisor {
        Hypervisor::Qemu(_) => (0x1f80, 0x037f),
        Hypervisor::Ec2 | Hypervisor::Ec2EdxZero | Hypervisor::Gce => (0, 0),
    };

    let mut page = SaveArea([0; PAGE]);
    page.segment(0x00, 0, 0x93, 0); // ES
    page.segment(0x10, 0xf000, attributes.code, code_base.into()); // CS
    page.segment(0x20, 0, attributes.stack, 0); // SS
    page.segment(0x30, 0, 0x93, 0); // DS
    page.segment(0x40, 0, 0x93, 0); // FS
    page.segment(0x50, 0, 0x93, 0); // GS
    page.segment(0x60, 0, 0, 0); // GDTR
    page.segment(0x70, 0, 0x82, 0); // LDTR
    page.segment(0x80, 0, 0, 0); // IDTR
    page.segment(0x90, 0, attributes.task, 0); // TR
    page.quad(0x0d0, 0x1000); // EFER: SVME, which the hardware wants
    page.quad(0x148, 0x40); // CR4: machine check
    page.quad(0x158, 0x10); // CR0: extension type
    page.quad(0x160, 0x400); // DR7
    page.quad(0x168, 0xffff_0ff0); // DR6
    page.quad(0x170, 0x2); // RFLAGS
    page.quad(0x178, u16::from_le_bytes([low, high]).into()); // RIP
    page.quad(0x268, page_attributes); // G_PAT
    page.quad(0x310, edx.into()); // RDX
    page.quad(0x3b0, guest_features); // SEV_FEATURES
    page.quad(0x3e8, 0x1); // XCR0: x87
    page.put(0x408, mxcsr.to_le_bytes());
    page.put(0x410, x87_control.to_le_bytes());
    page.0
}

struct SaveArea([u8; PAGE]);

impl SaveArea {
    /// Selector (2), attributes (2), limit (4), base (8). The limit is 64 KiB for all, as after a reset.
    fn segment(&mut self, offset: usize, selector: u16, attributes: u16, base: u64) {
        self.put(offset, selector.to_le_bytes());
        self.put(offset + 2, attributes.to_le_bytes());
        self.put(offset + 4, 0xffff_u32.to_le_bytes());
        self.quad(offset + 8, base);
    }

    fn quad(&mut self, offset: usize, value: u64) {
        self.put(offset, value.to_le_bytes());
    }

    /// Each offset above is far from the page's end.
    fn put<const N: usize>(&mut self, offset: usize, value: [u8; N]) {
        if let Some(place) = self.0.get_mut(offset..).and_then(<[u8]>::first_chunk_mut::<N>) {
            *place = value;
        }
    }
}
