//! The AWS Nitro enclave image file (EIF), and the PCRs that an enclave started from it will report.
//!
//! Source: the definitions and the builder of AWS (crate `aws-nitro-enclaves-image-format`, `defs/mod.rs`, `utils/mod.rs`).
//! A header of 548 bytes is followed by sections, each with a header of 12; numbers are big-endian.
//!
//! The header lists the sections' offsets and sizes, the sections have their own, and AWS's reader uses only the latter. Here
//! both must agree and the sections must fill the file, in the order of the builder: nothing in the file is left unread.

use alloc::vec::Vec;

use sha2::{Digest, Sha384};

use super::checksum::crc32;
use super::eif_signature::Signature;
use super::error::MeasureError;
use crate::reader::Reader;

const HEADER: usize = 548;
const SECTION_HEADER: u64 = 12;
const MAX_SECTIONS: usize = 32;
/// Version 2 brought the checksum, 3 signatures, 4 metadata.
const VERSIONS: core::ops::RangeInclusive<u16> = 2..=4;
const ARM: u16 = 1;

/// The processor that an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: the format has one bit for it")]
pub enum Architecture {
    /// `x86_64`
    X86,
    /// `aarch64`
    Arm,
}

/// A decoded enclave image file. Nothing in it is trusted: it says what would be measured.
#[derive(Clone, Debug)]
pub struct EnclaveImage<'a> {
    version: u16,
    architecture: Architecture,
    kernel: &'a [u8],
    command_line: &'a [u8],
    ramdisks: Vec<&'a [u8]>,
    metadata: Option<&'a [u8]>,
    signature: Option<Signature>,
}

impl<'a> EnclaveImage<'a> {
    /// Decodes a whole file.
    ///
    /// # Errors
    /// [`MeasureError`], its variants about enclave images: the file is not strictly one.
    pub fn decode(file: &'a [u8]) -> Result<Self, MeasureError> {
        let header = Header::decode(file)?;
        let mut image = Self {
            version: header.version,
            architecture: header.architecture,
            kernel: &[],
            command_line: &[],
            ramdisks: Vec::new(),
            metadata: None,
            signature: None,
        };
        let mut signature = None;
        let mut kernel_sections = 0_u8;
        for (number, &(kind, content)) in header.sections.iter().enumerate() {
            match (kind, kernel_sections) {
                (SectionKind::Kernel, 0) => image.kernel = content,
                (SectionKind::CommandLine, 1) => image.command_line = content,
                (SectionKind::Ramdisk, 2) => image.ramdisks.push(content),
                (SectionKind::Signature, _) if signature.is_none() => signature = Some(content),
                (SectionKind::Metadata, _) if image.metadata.is_none() => image.metadata = Some(content),
                _ => return Err(MeasureError::EifOrder { number, kind: kind.name() }),
            }
            if matches!(kind, SectionKind::Kernel | SectionKind::CommandLine) {
                kernel_sections = kernel_sections.saturating_add(1);
            }
        }
        if image.ramdisks.is_empty() {
            return Err(MeasureError::EifWithoutRamdisk);
        }
        if let Some(content) = signature {
            let signature = Signature::decode(content)?;
            let pcr0 = image.pcr0();
            if signature.pcr0 != pcr0 {
                return Err(MeasureError::EifSignedValue { expected: pcr0, found: signature.pcr0 });
            }
            image.signature = Some(signature);
        }
        Ok(image)
    }

    /// The version of the format, 2 to 4.
    #[must_use]
    pub fn version(&self) -> u16 {
        self.version
    }

    /// The processor that it is for; not measured.
    #[must_use]
    pub fn architecture(&self) -> Architecture {
        self.architecture
    }

    /// The kernel's command line.
    #[must_use]
    pub fn command_line(&self) -> &'a [u8] {
        self.command_line
    }

    /// How many ramdisks there are, at least one. AWS's own tools make two: their init, and the application.
    #[must_use]
    pub fn ramdisks(&self) -> usize {
        self.ramdisks.len()
    }

    /// JSON about how the file was made. **Not measured**: whoever passes the file on can change it.
    #[must_use]
    pub fn metadata(&self) -> Option<&'a [u8]> {
        self.metadata
    }

    /// The certificate of whoever signed the image, in DER. Its signature over PCR0 is not verified here: Nitro does so when
    /// it starts an enclave, and PCR8 is in the Evidence only if it held.
    #[must_use]
    pub fn signing_certificate(&self) -> Option<&[u8]> {
        self.signature.as_ref().map(|signature| signature.certificate.as_slice())
    }

    /// PCR0: kernel, command line and all ramdisks.
    #[must_use]
    pub fn pcr0(&self) -> [u8; 48] {
        register([self.kernel, self.command_line].into_iter().chain(self.ramdisks.iter().copied()))
    }

    /// PCR1: kernel, command line and the first ramdisk.
    #[must_use]
    pub fn pcr1(&self) -> [u8; 48] {
        register([self.kernel, self.command_line].into_iter().chain(self.ramdisks.iter().copied().take(1)))
    }

    /// PCR2: the ramdisks but for the first.
    #[must_use]
    pub fn pcr2(&self) -> [u8; 48] {
        register(self.ramdisks.iter().copied().skip(1))
    }

    /// PCR8: the signing certificate. None where the image is not signed; Evidence then has zeros there.
    #[must_use]
    pub fn pcr8(&self) -> Option<[u8; 48]> {
        self.signing_certificate().map(|certificate| register([certificate]))
    }
}

/// A register that was extended once from zeros, with the SHA-384 of all parts.
fn register<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 48] {
    let mut content = Sha384::new();
    for part in parts {
        content.update(part);
    }
    let mut register = Sha384::new();
    register.update([0; 48]);
    register.update(content.finalize());
    register.finalize().into()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SectionKind {
    Kernel,
    CommandLine,
    Ramdisk,
    Signature,
    Metadata,
}

impl SectionKind {
    fn name(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::CommandLine => "command line",
            Self::Ramdisk => "ramdisk",
            Self::Signature => "signature",
            Self::Metadata => "metadata",
        }
    }
}

struct Header<'a> {
    version: u16,
    architecture: Architecture,
    sections: Vec<(SectionKind, &'a [u8])>,
}

impl<'a> Header<'a> {
    fn decode(file: &'a [u8]) -> Result<Self, MeasureError> {
        let short = MeasureError::EifSize { expected: HEADER, found: file.len() };
        let (header, content) = file.split_first_chunk::<HEADER>().ok_or_else(|| short.clone())?;
        let mut reader = Reader::new(header);
        let mut next = || reader.bytes::<2>().map(u16::from_be_bytes).ok_or_else(|| short.clone());
        let (magic, version, flags) = ([next()?, next()?], next()?, next()?);
        if magic != [0x2e65, 0x6966] || !VERSIONS.contains(&version) {
            return Err(MeasureError::EifKind { version });
        }
        let architecture = match flags {
            0 => Architecture::X86,
            ARM => Architecture::Arm,
            found => return Err(MeasureError::EifReserved { field: "flags", found: found.into() }),
        };
        // Default memory and processors, which the host overrides.
        reader.skip(16).ok_or_else(|| short.clone())?;
        let mut next = || reader.bytes::<2>().map(u16::from_be_bytes).ok_or_else(|| short.clone());
        let (reserved, count) = (next()?, usize::from(next()?));
        if reserved != 0 {
            return Err(MeasureError::EifReserved { field: "reserved", found: reserved.into() });
        }
        if count == 0 || count > MAX_SECTIONS {
            return Err(MeasureError::EifSections { found: count, limit: MAX_SECTIONS });
        }
        let offsets = list(&mut reader).ok_or_else(|| short.clone())?;
        let sizes = list(&mut reader).ok_or_else(|| short.clone())?;
        let unused = reader.bytes().map(u32::from_be_bytes).ok_or_else(|| short.clone())?;
        let checksum = reader.bytes().map(u32::from_be_bytes).ok_or_else(|| short.clone())?;
        if unused != 0 {
            return Err(MeasureError::EifReserved { field: "unused", found: unused });
        }
        let (covered, _checksum) = header.split_at(HEADER - 4);
        let computed = crc32(&[covered, content]);
        if computed != checksum {
            return Err(MeasureError::EifChecksum { expected: checksum, found: computed });
        }
        let sections = sections(file, version, count, &offsets, &sizes)?;
        Ok(Self { version, architecture, sections })
    }
}

fn list(reader: &mut Reader<'_>) -> Option<[u64; MAX_SECTIONS]> {
    let mut list = [0; MAX_SECTIONS];
    for item in &mut list {
        *item = u64::from_be_bytes(reader.bytes()?);
    }
    Some(list)
}

/// The sections, which fill the file from the header's end on.
fn sections<'a>(
    file: &'a [u8],
    version: u16,
    count: usize,
    offsets: &[u64; MAX_SECTIONS],
    sizes: &[u64; MAX_SECTIONS],
) -> Result<Vec<(SectionKind, &'a [u8])>, MeasureError> {
    let mut sections = Vec::new();
    let mut next = u64::try_from(HEADER).unwrap_or_default();
    for (number, (&offset, &size)) in offsets.iter().zip(sizes).enumerate() {
        if number >= count {
            if (offset, size) != (0, 0) {
                return Err(MeasureError::EifSectionPlace { number, expected: 0, found: offset.max(size) });
            }
            continue;
        }
        if offset != next {
            return Err(MeasureError::EifSectionPlace { number, expected: next, found: offset });
        }
        let outside = MeasureError::EifSectionSize { number, expected: size, found: 0 };
        let rest = usize::try_from(offset).ok().and_then(|offset| file.get(offset..)).ok_or_else(|| outside.clone())?;
        let mut reader = Reader::new(rest);
        let code = reader.bytes().map(u16::from_be_bytes).ok_or_else(|| outside.clone())?;
        let flags = reader.bytes().map(u16::from_be_bytes).ok_or_else(|| outside.clone())?;
        let found = reader.bytes().map(u64::from_be_bytes).ok_or_else(|| outside.clone())?;
        if found != size {
            return Err(MeasureError::EifSectionSize { number, expected: size, found });
        }
        if flags != 0 {
            return Err(MeasureError::EifReserved { field: "section flags", found: flags.into() });
        }
        let length = usize::try_from(size).ok();
        let content = length.and_then(|length| reader.rest().get(..length)).ok_or_else(|| outside.clone())?;
        sections.push((section_kind(number, version, code)?, content));
        next = next.saturating_add(SECTION_HEADER).saturating_add(size);
    }
    let end = u64::try_from(file.len()).unwrap_or(u64::MAX);
    if next != end {
        return Err(MeasureError::EifTrailing { expected: next, found: end });
    }
    Ok(sections)
}

fn section_kind(number: usize, version: u16, code: u16) -> Result<SectionKind, MeasureError> {
    match code {
        1 => Ok(SectionKind::Kernel),
        2 => Ok(SectionKind::CommandLine),
        3 => Ok(SectionKind::Ramdisk),
        4 if version >= 3 => Ok(SectionKind::Signature),
        5 if version >= 4 => Ok(SectionKind::Metadata),
        found => Err(MeasureError::EifSectionKind { number, version, found }),
    }
}
