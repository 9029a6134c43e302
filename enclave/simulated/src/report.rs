//! AMD's ATTESTATION_REPORT, version 3, byte by byte (AMD document 56860, table "ATTESTATION_REPORT Structure"). A
//! report is written in the order of its fields; what is between them is reserved and zero.

use p384::ecdsa::signature::Signer;
use p384::ecdsa::{Signature, SigningKey};

use crate::certificates::TcbVersion;
use crate::image::Measurement;

/// Length of a report in bytes, signature included.
pub const REPORT_LENGTH: usize = 0x4A0;
/// The signature covers the bytes before this offset.
const SIGNED_LENGTH: usize = 0x2A0;

/// The guest policy that every enclave here runs under: bit 17 (must be one) and bit 16 (SMT may be on); no debugging,
/// no migration.
pub const GUEST_POLICY: u64 = 1 << 17 | 1 << 16;

/// First version of the format with the processor's family, model and stepping.
const VERSION: u32 = 3;
/// ECDSA on P-384 with SHA-384.
const SIGNATURE_ALGORITHM: u32 = 1;
/// SMT on, ECC memory, no memory aliases found: what a well-kept machine says.
const PLATFORM_INFO: u64 = 1 | 1 << 2 | 1 << 5;
/// Family, model and stepping of a Milan processor.
const PROCESSOR: [u8; 3] = [0x19, 0x01, 0x01];
/// Build, minor and major number of the firmware interface whose format this is.
const FIRMWARE: [u8; 3] = [1, 56, 1];

/// What differs from report to report. Version, policy and privilege level do not: no report of this platform allows
/// debugging.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// SHA-384 of the image, as loaded.
    pub measurement: Measurement,
    /// What the enclave asked to be bound.
    pub report_data: [u8; 64],
    /// Drawn anew for each start of an enclave.
    pub report_id: [u8; 32],
    /// Which (simulated) processor, as its certificate says.
    pub chip_id: [u8; 64],
    /// Which firmware level, as its certificate says.
    pub tcb: TcbVersion,
}

impl Report {
    /// The report's bytes, signed with `vcek`.
    #[must_use]
    pub fn sign(&self, vcek: &SigningKey) -> Vec<u8> {
        let mut bytes = self.signed_part();
        let signature: Signature = vcek.sign(&bytes);
        let (r, s) = signature.split_bytes();
        for number in [r, s] {
            // AMD 56860, "Format for an ECDSA P-384 with SHA-384 Signature": 72 bytes each, the least significant
            // first.
            let little_endian: Vec<u8> = number.iter().rev().copied().collect();
            let end = bytes.len() + 72;
            bytes.extend_from_slice(&little_endian);
            bytes.resize(end, 0);
        }
        bytes.resize(REPORT_LENGTH, 0);
        bytes
    }

    fn signed_part(&self) -> Vec<u8> {
        let tcb = self.tcb.to_bytes();
        let mut layout = Layout(Vec::with_capacity(REPORT_LENGTH));
        layout.at(0x000, &VERSION.to_le_bytes());
        layout.at(0x008, &GUEST_POLICY.to_le_bytes());
        layout.at(0x030, &0_u32.to_le_bytes()); // VMPL: the most privileged level of the guest
        layout.at(0x034, &SIGNATURE_ALGORITHM.to_le_bytes());
        layout.at(0x038, &tcb); // CURRENT_TCB
        layout.at(0x040, &PLATFORM_INFO.to_le_bytes());
        layout.at(0x048, &0_u32.to_le_bytes()); // no author key; signed by the VCEK, which is not masked
        layout.at(0x050, &self.report_data);
        layout.at(0x090, self.measurement.as_bytes());
        layout.at(0x140, &self.report_id);
        layout.at(0x160, &[0xFF; 32]); // REPORT_ID_MA: no migration agent
        layout.at(0x180, &tcb); // REPORTED_TCB
        layout.at(0x188, &PROCESSOR);
        layout.at(0x1A0, &self.chip_id);
        layout.at(0x1E0, &tcb); // COMMITTED_TCB
        layout.at(0x1E8, &FIRMWARE); // CURRENT
        layout.at(0x1EC, &FIRMWARE); // COMMITTED
        layout.at(0x1F0, &tcb); // LAUNCH_TCB
        layout.at(SIGNED_LENGTH, &[]);
        layout.0
    }
}

/// Bytes that grow from field to field.
struct Layout(Vec<u8>);

impl Layout {
    /// Fills with zeros up to `offset` and writes `field` there.
    fn at(&mut self, offset: usize, field: &[u8]) {
        debug_assert!(self.0.len() <= offset, "fields are written in order");
        self.0.resize(offset, 0);
        self.0.extend_from_slice(field);
    }
}
