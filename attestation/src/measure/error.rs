//! Why a launch measurement can not be worked out. In the order of the checks.

use super::guid::Guid;
use super::processor::Processor;
use crate::text::{Hex, any_of};

/// Inputs that no launch can have, or files that are not what they are said to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// No such processor model.
    #[error(
        "no such processor model, expected {}, with or without -v1 to -v9; or give its CPUID signature",
        any_of(Processor::names())
    )]
    Processor,
    /// CPUID has no room for it.
    #[error("processor family {family}, model {model}, stepping {stepping}: expected at most 270, 255, 15")]
    ProcessorRange {
        /// With the extended family added.
        family: u32,
        /// With the extended model in its upper half.
        model: u32,
        /// The stepping.
        stepping: u32,
    },
    /// A number of vCPUs that no hypervisor starts.
    #[error("{found} vcpus, expected 1 to {limit}")]
    Vcpus {
        /// What was given.
        found: u32,
        /// The limit.
        limit: u32,
    },
    /// Guest features that the hardware does not start an SNP guest with.
    #[error("guest features {found:#x} lack bit 0 (SNP active), without which no SNP guest runs")]
    GuestFeatures {
        /// What was given.
        found: u64,
    },
    /// Not the size of a firmware image.
    #[error(
        "firmware has {found} bytes, expected whole pages of 4096, at most {limit}; bring OVMF as one file (code, or code and variables)"
    )]
    FirmwareSize {
        /// Bytes given.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The table of GUIDs does not end where it must.
    #[error("firmware has {} where the footer of OVMF's table of GUIDs ({TABLE_FOOTER}) must be, 48 bytes before its end; only OVMF is known", Guid(*found))]
    FirmwareTable {
        /// What stands there.
        found: [u8; 16],
    },
    /// An entry that reaches out of its table.
    #[error("firmware table entry {} says {length} bytes, expected 18 to {room}", Guid(*guid))]
    FirmwareEntry {
        /// The entry's GUID as stored.
        guid: [u8; 16],
        /// What it says.
        length: u16,
        /// What is left.
        room: usize,
    },
    /// An entry that is there twice.
    #[error("firmware table entry {} occurs twice, expected once", Guid(*guid))]
    FirmwareEntryRepeated {
        /// The entry's GUID as stored.
        guid: [u8; 16],
    },
    /// An entry of a known kind with another length.
    #[error("firmware table entry {} has {found} bytes of data, expected {expected}", Guid(*guid))]
    FirmwareEntrySize {
        /// The entry's GUID as stored.
        guid: [u8; 16],
        /// Bytes of that kind.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// Firmware built without SEV.
    #[error(
        "firmware has no SEV metadata, so it is not built for SEV-SNP; bring OVMF for SEV (OvmfPkg/AmdSev or a later OvmfX64)"
    )]
    FirmwareWithoutMetadata,
    /// The metadata reaches out of the image.
    #[error("firmware metadata at {from_end} bytes before the end of {image} reaches out of the image")]
    MetadataOffset {
        /// Offset from the end of the image.
        from_end: u32,
        /// Bytes of the image.
        image: usize,
    },
    /// Metadata of another kind or version.
    #[error(
        "firmware metadata begins with {} and version {version}, expected 41534556 (ASEV) and version 1",
        Hex(signature)
    )]
    MetadataKind {
        /// The first four bytes.
        signature: [u8; 4],
        /// The version.
        version: u32,
    },
    /// Metadata whose length is not that of its areas.
    #[error("firmware metadata with {count} areas says {found} bytes, expected 16 and 12 for each area")]
    MetadataLength {
        /// Areas, as it says.
        count: u32,
        /// Bytes, as it says.
        found: u32,
    },
    /// An area of an unknown kind: how it is measured is unknown too.
    #[error(
        "firmware area {number} is of kind {found:#x}, expected 1, 2, 3, 4 or 0x10; update this program if the firmware is newer"
    )]
    AreaKind {
        /// The area's number, from 0.
        number: u32,
        /// What it says.
        found: u32,
    },
    /// An area that is not whole pages, or not below the firmware.
    #[error("firmware area {number} has {size} bytes at {address:#x}, expected {} below the firmware", if *single { "one page of 4096" } else { "whole pages of 4096" })]
    AreaRange {
        /// The area's number, from 0.
        number: u32,
        /// Guest physical address.
        address: u64,
        /// Bytes.
        size: u32,
        /// Whether its kind has exactly one page.
        single: bool,
    },
    /// More memory than any firmware asks for.
    #[error("firmware areas have {found} pages, expected at most {limit}")]
    AreaPages {
        /// Pages of all areas.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// Two areas share a page, which the hardware refuses.
    #[error("firmware areas overlap at {address:#x}; the hardware takes each page once")]
    AreaOverlap {
        /// Where the second begins.
        address: u64,
    },
    /// Direct boot was asked for, and the firmware can not do it measured.
    #[error(
        "firmware has no room for kernel hashes ({missing} is missing), so a kernel can not be measured; use OvmfPkg/AmdSev, or measure without a kernel"
    )]
    FirmwareWithoutHashes {
        /// What the firmware lacks.
        missing: &'static str,
    },
    /// The table of hashes does not lie in its page.
    #[error(
        "firmware puts the kernel hashes into {length} bytes at {address:#x}, expected at least {room} within the page at {page:#x}"
    )]
    HashTable {
        /// Guest physical address of the table.
        address: u32,
        /// Its bytes.
        length: u32,
        /// Guest physical address of the page.
        page: u64,
        /// Bytes that the table takes.
        room: usize,
    },
    /// Several vCPUs, and the firmware does not say where the others begin.
    #[error("firmware has no SEV-ES reset block, so {vcpus} vcpus can not start; expected one, or 1 vcpu")]
    FirmwareWithoutReset {
        /// How many were asked for.
        vcpus: u32,
    },
    /// Shorter than the header of an enclave image.
    #[error("enclave image has {found} bytes, expected at least {expected}")]
    EifSize {
        /// Bytes of the header.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// Not an enclave image, or of a version that is not known.
    #[error(
        "file does not begin with .eif and version 2, 3 or 4 (found version {version}); bring the file that nitro-cli build-enclave made"
    )]
    EifKind {
        /// What stands where the version is.
        version: u16,
    },
    /// Bits that must be zero.
    #[error("enclave image field {field} is {found:#x}, expected 0 in the bits that have no meaning")]
    EifReserved {
        /// Its name.
        field: &'static str,
        /// What it says.
        found: u32,
    },
    /// No section, or too many.
    #[error("enclave image says {found} sections, expected 1 to {limit}")]
    EifSections {
        /// What it says.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The file is damaged.
    #[error(
        "enclave image has checksum {found:#010x}, expected {expected:#010x} as its header says; the file is damaged or cut short"
    )]
    EifChecksum {
        /// As the header says.
        expected: u32,
        /// As computed.
        found: u32,
    },
    /// A section is not where the one before ends.
    #[error("enclave image section {number} is said to be at {found}, expected {expected}")]
    EifSectionPlace {
        /// The section's number, from 0.
        number: usize,
        /// Where the one before ends; 0 where no section is announced.
        expected: u64,
        /// Where the header puts it.
        found: u64,
    },
    /// A section's size is not the header's, or is more than the file has. AWS's tool leaves such a file when it signs an
    /// image a second time with a certificate of another size.
    #[error(
        "enclave image section {number} has {found} bytes, expected {expected} as the header says, within the file; if it was signed twice, build and sign it again"
    )]
    EifSectionSize {
        /// The section's number, from 0.
        number: usize,
        /// As the header says.
        expected: u64,
        /// As the section says; 0 where it is outside of the file.
        found: u64,
    },
    /// A kind of section that the version does not have.
    #[error("enclave image section {number} is of kind {found}, which version {version} does not have")]
    EifSectionKind {
        /// The section's number, from 0.
        number: usize,
        /// The version of the file.
        version: u16,
        /// What the section says.
        found: u16,
    },
    /// Bytes behind the last section, or sections that reach out of the file.
    #[error("enclave image sections end at {expected}, and the file at {found}; expected both at once")]
    EifTrailing {
        /// End of the last section.
        expected: u64,
        /// End of the file.
        found: u64,
    },
    /// A section twice, or before one that it must follow.
    #[error(
        "enclave image section {number} is a {kind} out of place; expected one kernel, one command line, then ramdisks, and at most one signature and one metadata"
    )]
    EifOrder {
        /// The section's number, from 0.
        number: usize,
        /// Its kind.
        kind: &'static str,
    },
    /// Nothing to run.
    #[error("enclave image has no ramdisk, expected at least one")]
    EifWithoutRamdisk,
    /// A signature section of another shape.
    #[error(
        "signature of the enclave image is not CBOR of the shape that AWS's tools write: one certificate and one signature"
    )]
    EifSignature,
    /// A signature over something else.
    #[error("signature of the enclave image is not a COSE_Sign1 over PCR0")]
    EifSignedPayload,
    /// A certificate that does not decode.
    #[error("signing certificate of the enclave image is not one PEM certificate")]
    EifCertificate,
    /// A signature over another image.
    #[error(
        "signature of the enclave image is over PCR0 {}, expected {}: it was made for another image; sign this one",
        Hex(found),
        Hex(expected)
    )]
    EifSignedValue {
        /// PCR0 of this image.
        expected: [u8; 48],
        /// PCR0 that was signed.
        found: [u8; 48],
    },
}

const TABLE_FOOTER: &str = "96b582de-1fb2-45f7-baea-a366c55a082d";
