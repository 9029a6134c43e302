//! Step 1: the attestation report (AMD 56860, table ATTESTATION_REPORT), decoded strictly into typed claims.

use alloc::boxed::Box;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::error::DecodeError;
use crate::reader::Reader;

/// Bytes of a report.
const SIZE: usize = 1184;
/// The signature covers what stands before it.
const SIGNED: usize = 0x2a0;
const VERSIONS: &str = "2, 3, 4 or 5";

/// A report that decodes: exact length, a known version, reserved bytes zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    bytes: Box<[u8; SIZE]>,
    claims: Claims,
    /// Big-endian r, s.
    signature: [u8; 96],
}

/// What a report says. An allegation until the report was appraised.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claims {
    /// Layout of the report: 2 to 5.
    pub version: u32,
    /// Security version of the guest, set by whoever signed its ID block.
    pub guest_svn: u32,
    /// See [`guest_policy`](super::guest_policy).
    pub guest_policy: u64,
    /// Family of the image, from the ID block.
    pub family_id: [u8; 16],
    /// The image, from the ID block.
    pub image_id: [u8; 16],
    /// Privilege level that asked for the report; 0xffffffff where the host did.
    pub vmpl: u32,
    /// 1: ECDSA P-384 with SHA-384.
    pub signature_algorithm: u32,
    /// Firmware level that runs now, raw.
    pub current_tcb: [u8; 8],
    /// See [`platform_info`](super::platform_info).
    pub platform_info: u64,
    /// Whether the author key's digest is present.
    pub author_key_enabled: bool,
    /// Whether the signing key is masked: then there is no signature.
    pub chip_key_masked: bool,
    /// Which key signed it, 0 to 7; see [`SigningKey`].
    pub signing_key: u8,
    /// What the guest put in.
    pub report_data: [u8; 64],
    /// SHA-384 of what was loaded.
    pub measurement: [u8; 48],
    /// What the host put in at launch.
    pub host_data: [u8; 32],
    /// SHA-384 of the key that signed the ID block, or zero.
    pub id_key_digest: [u8; 48],
    /// SHA-384 of the key that signed the ID key, or zero.
    pub author_key_digest: [u8; 48],
    /// Id of this guest.
    pub report_id: [u8; 32],
    /// Id of its migration agent; all ones where there is none.
    pub report_id_migration_agent: [u8; 32],
    /// Firmware level that the signing key was derived for, raw.
    pub reported_tcb: [u8; 8],
    /// The processor, from version 3 on.
    pub cpuid: Option<Cpuid>,
    /// Id of the chip; zero where masked.
    pub chip_id: [u8; 64],
    /// Firmware level below which the platform can not go back, raw.
    pub committed_tcb: [u8; 8],
    /// Firmware that runs now.
    pub current_version: FirmwareVersion,
    /// Firmware below which the platform can not go back.
    pub committed_version: FirmwareVersion,
    /// Firmware level at launch, raw.
    pub launch_tcb: [u8; 8],
    /// Mitigations at launch, from version 5 on.
    pub launch_mitigations: Option<u64>,
    /// Mitigations now, from version 5 on.
    pub current_mitigations: Option<u64>,
}

/// A processor by family, model and stepping, each with its extension added in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete: what CPUID says of a processor's identity")]
pub struct Cpuid {
    /// 0x19 Milan and Genoa, 0x1a Turin.
    pub family: u8,
    /// Model.
    pub model: u8,
    /// Stepping.
    pub stepping: u8,
}

/// Version of the SNP firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete: three numbers")]
pub struct FirmwareVersion {
    /// Build number.
    pub build: u8,
    /// ABI, minor.
    pub minor: u8,
    /// ABI, major.
    pub major: u8,
}

/// Which kind of key signed a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it")]
pub enum SigningKey {
    /// Versioned chip endorsement key: of one chip.
    Vcek,
    /// Versioned loaded endorsement key: of a cloud provider, the same on its machines.
    Vlek,
}

impl SigningKey {
    /// `VCEK` or `VLEK`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vcek => "VCEK",
            Self::Vlek => "VLEK",
        }
    }
}

impl Report {
    /// VERSION is a small little-endian number, and a report has one length.
    pub(crate) fn sniff(bytes: &[u8]) -> bool {
        bytes.len() == SIZE || matches!(bytes, [2..=5, 0, 0, 0, ..])
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let wrong_size = DecodeError::EvidenceSize { expected: SIZE, found: bytes.len() };
        let bytes: Box<[u8; SIZE]> = Box::new(bytes.try_into().map_err(|_| wrong_size.clone())?);
        let mut fields = Fields { reader: Reader::new(bytes.as_slice()), reserved: Vec::with_capacity(16) };
        let (claims, signature) = fields.report().ok_or(wrong_size)?;
        if !(2..=5).contains(&claims.version) {
            return Err(DecodeError::EvidenceVersion { expected: VERSIONS, found: claims.version });
        }
        for Reserved { offset, length, mask } in fields.reserved {
            let mut field = bytes.iter().enumerate().skip(offset).take(length);
            // All at once first: a good report has hundreds of them.
            let any = bytes.get(offset..).unwrap_or_default().iter().take(length).fold(0, |any, byte| any | byte);
            if any & mask != 0
                && let Some((offset, found)) = field.find(|(_, byte)| **byte & mask != 0)
            {
                return Err(DecodeError::EvidenceReserved { offset, found: *found });
            }
        }
        Ok(Self { bytes, claims, signature })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.as_slice()
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What the signature covers, as received.
    pub(super) fn signed_bytes(&self) -> &[u8] {
        self.bytes.first_chunk::<SIGNED>().map_or(&[], |signed| signed.as_slice())
    }

    pub(super) fn signature(&self) -> &[u8; 96] {
        &self.signature
    }
}

/// Bits that must be zero in each of some bytes.
struct Reserved {
    offset: usize,
    length: usize,
    mask: u8,
}

/// The report's fields in their order, and what it keeps at zero.
struct Fields<'a> {
    reader: Reader<'a>,
    reserved: Vec<Reserved>,
}

impl Fields<'_> {
    fn reserved(&mut self, length: usize) -> Option<()> {
        self.reserve_bits(length, 0xff)?;
        self.reader.skip(length)
    }

    /// Of the next `length` bytes, which are not read yet.
    fn reserve_bits(&mut self, length: usize, mask: u8) -> Option<()> {
        let offset = SIZE.checked_sub(self.reader.rest().len())?;
        self.reserved.push(Reserved { offset, length, mask });
        Some(())
    }

    /// `None` where bytes are missing, which the length has ruled out.
    fn report(&mut self) -> Option<(Claims, [u8; 96])> {
        let version = self.reader.u32()?; // 0x000
        let guest_svn = self.reader.u32()?; // 0x004
        let guest_policy = self.reader.u64()?; // 0x008
        let family_id = self.reader.bytes()?; // 0x010
        let image_id = self.reader.bytes()?; // 0x020
        let vmpl = self.reader.u32()?; // 0x030
        let signature_algorithm = self.reader.u32()?; // 0x034
        let current_tcb = self.reader.bytes()?; // 0x038
        let platform_info = self.reader.u64()?; // 0x040
        // 0x048: AUTHOR_KEY_EN bit 0, MASK_CHIP_KEY bit 1, SIGNING_KEY bits 4:2, the others reserved.
        self.reserve_bits(1, 0xe0)?;
        let flags = self.reader.u8()?;
        self.reserved(3)?;
        self.reserved(4)?; // 0x04c
        let report_data = self.reader.bytes()?; // 0x050
        let measurement = self.reader.bytes()?; // 0x090
        let host_data = self.reader.bytes()?; // 0x0c0
        let id_key_digest = self.reader.bytes()?; // 0x0e0
        let author_key_digest = self.reader.bytes()?; // 0x110
        let report_id = self.reader.bytes()?; // 0x140
        let report_id_migration_agent = self.reader.bytes()?; // 0x160
        let reported_tcb = self.reader.bytes()?; // 0x180
        let cpuid = self.since(3, version, 3, |reader| {
            Some(Cpuid { family: reader.u8()?, model: reader.u8()?, stepping: reader.u8()? })
        })?; // 0x188
        self.reserved(21)?; // 0x18b
        let chip_id = self.reader.bytes()?; // 0x1a0
        let committed_tcb = self.reader.bytes()?; // 0x1e0
        let current_version = self.firmware_version()?; // 0x1e8
        let committed_version = self.firmware_version()?; // 0x1ec
        let launch_tcb = self.reader.bytes()?; // 0x1f0
        let launch_mitigations = self.since(5, version, 8, |reader| reader.u64())?; // 0x1f8
        let current_mitigations = self.since(5, version, 8, |reader| reader.u64())?; // 0x200
        self.reserved(152)?; // 0x208
        let r = self.scalar()?; // 0x2a0
        let s = self.scalar()?; // 0x2e8
        self.reserved(368)?; // 0x330
        let mut signature = [0; 96];
        for (to, from) in signature.iter_mut().zip(r.into_iter().chain(s)) {
            *to = from;
        }
        let claims = Claims {
            version,
            guest_svn,
            guest_policy,
            family_id,
            image_id,
            vmpl,
            signature_algorithm,
            current_tcb,
            platform_info,
            author_key_enabled: flags & 1 != 0,
            chip_key_masked: flags & 2 != 0,
            signing_key: flags >> 2 & 7,
            report_data,
            measurement,
            host_data,
            id_key_digest,
            author_key_digest,
            report_id,
            report_id_migration_agent,
            reported_tcb,
            cpuid,
            chip_id,
            committed_tcb,
            current_version,
            committed_version,
            launch_tcb,
            launch_mitigations,
            current_mitigations,
        };
        Some((claims, signature))
    }

    /// A field that came with version `first`; before, its bytes are reserved.
    fn since<T>(
        &mut self,
        first: u32,
        version: u32,
        length: usize,
        read: fn(&mut Reader<'_>) -> Option<T>,
    ) -> Option<Option<T>> {
        if version >= first { read(&mut self.reader).map(Some) } else { self.reserved(length).map(|()| None) }
    }

    fn firmware_version(&mut self) -> Option<FirmwareVersion> {
        let version = FirmwareVersion { build: self.reader.u8()?, minor: self.reader.u8()?, major: self.reader.u8()? };
        self.reserved(1)?;
        Some(version)
    }

    /// Step 2: 72 bytes little-endian, of which P-384 uses 48; returned big-endian.
    fn scalar(&mut self) -> Option<[u8; 48]> {
        let mut scalar: [u8; 48] = self.reader.bytes()?;
        self.reserved(24)?;
        scalar.reverse();
        Some(scalar)
    }
}

impl Claims {
    /// Step 3: `None` for "none" (7) and for values that mean nothing.
    pub(super) fn key_kind(&self) -> Option<SigningKey> {
        match self.signing_key {
            0 => Some(SigningKey::Vcek),
            1 => Some(SigningKey::Vlek),
            _ => None,
        }
    }

    /// All zero: the host masks it.
    pub(super) fn chip_id_masked(&self) -> bool {
        self.chip_id.iter().all(|byte| *byte == 0)
    }
}
