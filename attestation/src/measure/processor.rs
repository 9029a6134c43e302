//! What a hypervisor puts into the registers of a vCPU before it runs: the part of a launch measurement that is neither
//! firmware nor kernel. Each hypervisor does it its own way.

use core::fmt::{self, Display};

use super::error::MeasureError;

/// The processor that a vCPU is said to be, by its CPUID signature.
///
/// QEMU puts that signature into EDX, as the hardware does after a reset, and so it is measured. It says nothing of the
/// chip: any model can run on any chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Processor {
    signature: u32,
}

/// QEMU's models (`target/i386/cpu.c`): name, family, model, stepping. Their versions (`-v1`, `-v2`, …) have the same.
const MODELS: &[(&str, u32, u32, u32)] = &[
    ("EPYC", 23, 1, 2),
    ("EPYC-IBPB", 23, 1, 2),
    ("EPYC-Rome", 23, 49, 0),
    ("EPYC-Milan", 25, 1, 1),
    ("EPYC-Genoa", 25, 17, 0),
    ("EPYC-Turin", 26, 0, 0),
];

impl Processor {
    /// One of QEMU's AMD models by its name, with or without a version: `EPYC-Milan`, `EPYC-v4`.
    ///
    /// # Errors
    /// [`MeasureError::Processor`]: no such model is known here. It may still be given by number.
    pub fn named(name: &str) -> Result<Self, MeasureError> {
        let base = match name.rsplit_once("-v") {
            Some((base, version)) if matches!(version.as_bytes(), [b'1'..=b'9']) => base,
            _ => name,
        };
        let known = MODELS.iter().find(|(name, ..)| *name == base);
        match known {
            Some(&(_, family, model, stepping)) => Self::from_family(family, model, stepping),
            None => Err(MeasureError::Processor),
        }
    }

    /// From family, model and stepping, as `/proc/cpuinfo` writes them: extended family and model added in.
    ///
    /// # Errors
    /// [`MeasureError::ProcessorRange`]: a number that CPUID has no room for.
    pub fn from_family(family: u32, model: u32, stepping: u32) -> Result<Self, MeasureError> {
        // AMD 25481, CPUID Fn0000_0001_EAX: stepping 3:0, base model 7:4, base family 11:8, extended model 19:16, extended
        // family 27:20; the extended family is added to the base one only where that is full.
        if family > 0xf + 0xff || model > 0xff || stepping > 0xf {
            return Err(MeasureError::ProcessorRange { family, model, stepping });
        }
        let base = family.min(0xf);
        let extended = family - base;
        Ok(Self { signature: extended << 20 | (model >> 4) << 16 | base << 8 | (model & 0xf) << 4 | stepping })
    }

    /// From CPUID Fn0000_0001_EAX as it is.
    #[must_use]
    pub fn from_signature(signature: u32) -> Self {
        Self { signature }
    }

    /// CPUID Fn0000_0001_EAX.
    #[must_use]
    pub fn signature(&self) -> u32 {
        self.signature
    }

    /// The names that [`Processor::named`] knows, without versions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        MODELS.iter().map(|(name, ..)| *name)
    }
}

/// Who starts the guest, which decides the first values of its registers and the order of its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hypervisor {
    /// QEMU on KVM, since Linux 6.9.
    Qemu(Processor),
    /// Amazon EC2, as of 2026: EDX is 0x600. (Its engineers' change to `sev-snp-measure`, released in 0.0.13.)
    Ec2,
    /// Amazon EC2 as it was at first, with EDX zero; guests that were started then still report it.
    Ec2EdxZero,
    /// Google Compute Engine: memory to be validated is not measured as zero pages, and its page attribute table is its own.
    Gce,
}

impl Display for Hypervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Qemu(_) => "qemu",
            Self::Ec2 => "ec2",
            Self::Ec2EdxZero => "ec2-edx-0",
            Self::Gce => "gce",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_put_together_as_the_processor_does_it() {
        // AMD 57930, Revision Guide for family 19h models 10h-1Fh: Genoa B1 is 0x00a10f11.
        assert_eq!(Processor::from_family(25, 17, 1).unwrap().signature(), 0x00a1_0f11);
        assert_eq!(Processor::named("EPYC-Genoa").unwrap().signature(), 0x00a1_0f10);
        assert_eq!(Processor::named("EPYC-v4").unwrap(), Processor::named("EPYC").unwrap());
        assert_eq!(Processor::from_family(6, 15, 11).unwrap().signature(), 0x6fb);
    }

    #[test]
    fn a_model_that_nobody_knows_and_numbers_without_room_are_refused() {
        for name in ["", "epyc", "EPYC-v", "EPYC-v10", "EPYC-Milan-v2-v1", "EPYC-v0", "host", "max"] {
            assert_eq!(Processor::named(name), Err(MeasureError::Processor), "{name}");
        }
        for (family, model, stepping) in [(271, 0, 0), (25, 256, 0), (25, 0, 16)] {
            assert_eq!(
                Processor::from_family(family, model, stepping),
                Err(MeasureError::ProcessorRange { family, model, stepping })
            );
        }
    }
}
