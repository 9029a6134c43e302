//! The digest of an enclave's code and configuration as loaded, and how people read it.

use core::fmt;

use crate::text::Hex;

/// Digest of code and configuration as the hardware loaded them. It is compared with Reference Values and says nothing of
/// who wrote the code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Measurement {
    algorithm: Algorithm,
    /// Zeros after the algorithm's length.
    padded: [u8; 64],
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

impl Measurement {
    /// A SHA-256 measurement, as SGX and most vTPMs make it.
    #[must_use]
    pub fn sha256(digest: [u8; 32]) -> Self {
        Self::new(Algorithm::Sha256, &digest)
    }

    /// A SHA-384 measurement, as SEV-SNP, TDX and Nitro make it.
    #[must_use]
    pub fn sha384(digest: [u8; 48]) -> Self {
        Self::new(Algorithm::Sha384, &digest)
    }

    /// A SHA-512 measurement, as Arm CCA can make it.
    #[must_use]
    pub fn sha512(digest: [u8; 64]) -> Self {
        Self::new(Algorithm::Sha512, &digest)
    }

    fn new(algorithm: Algorithm, digest: &[u8]) -> Self {
        let mut padded = [0; 64];
        padded.iter_mut().zip(digest).for_each(|(to, from)| *to = *from);
        Self { algorithm, padded }
    }

    /// From text: the algorithm, a colon, lower-case hexadecimal of the algorithm's length.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (algorithm, digits) = text.split_once(':')?;
        match algorithm {
            "sha256" => crate::text::from_hex(digits).map(Self::sha256),
            "sha384" => crate::text::from_hex(digits).map(Self::sha384),
            "sha512" => crate::text::from_hex(digits).map(Self::sha512),
            _ => None,
        }
    }

    /// The digest: 32, 48 or 64 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        let length = match self.algorithm {
            Algorithm::Sha256 => 32,
            Algorithm::Sha384 => 48,
            Algorithm::Sha512 => 64,
        };
        self.padded.get(..length).unwrap_or(&self.padded)
    }

    /// `sha256`, `sha384` or `sha512`.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self.algorithm {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha384 => "sha384",
            Algorithm::Sha512 => "sha512",
        }
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm(), Hex(self.as_bytes()))
    }
}

impl fmt::Debug for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Measurement({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_measurement_reads_back_as_it_was_written_and_in_no_other_form() {
        for measurement in [Measurement::sha256([1; 32]), Measurement::sha384([2; 48]), Measurement::sha512([3; 64])] {
            let text = measurement.to_string();
            assert_eq!(Measurement::parse(&text), Some(measurement));
            assert_eq!(Measurement::parse(&text.replace("sha", "SHA")), None);
            assert_eq!(Measurement::parse(&text[..text.len() - 1]), None);
            assert_eq!(Measurement::parse(&text.replace(':', "")), None);
        }
        assert_ne!(Measurement::sha384([0; 48]), Measurement::sha512([0; 64]), "zeros of two lengths are two values");
    }
}
