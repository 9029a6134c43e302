//! The certificates of a chain in PEM (RFC 7468), as quotes and Intel's services carry them: one after the other, white
//! space between them, and at the end sometimes the zero of a C string.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::quote::QuoteError;
use crate::certificate::Certificate;
use crate::pem::Blocks;

/// A chain has three.
const MAX_CERTIFICATES: usize = 4;

/// The PCK chain of a quote: leaf, issuer, root.
pub(super) fn chain(text: &[u8]) -> Result<[Certificate; 3], QuoteError> {
    let blocks = blocks(text).ok_or_else(|| QuoteError::Chain { found: String::from("something that is not pem") })?;
    let decoded: Result<Vec<_>, _> = blocks.iter().map(|der| Certificate::from_der(der)).collect();
    let certificates = decoded.map_err(|error| QuoteError::Certificate(Box::new(error)))?;
    let count = certificates.len();
    certificates.try_into().map_err(|_| QuoteError::Chain { found: alloc::format!("{count} certificates") })
}

/// The certificates in their order, DER. `None` where it is not at least one strict block of a certificate, or where something else stands between them.
pub(super) fn blocks(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let text = core::str::from_utf8(text.strip_suffix(&[0]).unwrap_or(text)).ok()?;
    let mut blocks = Vec::new();
    for block in Blocks::new(text) {
        let block = block.ok()?;
        if block.label != "CERTIFICATE" || blocks.len() == MAX_CERTIFICATES {
            return None;
        }
        blocks.push(block.bytes);
    }
    (!blocks.is_empty()).then_some(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

    #[test]
    fn one_zero_or_white_space_may_follow_and_nothing_else() {
        for end in ["", "\0", "\n", "\r\n"] {
            assert_eq!(
                blocks(alloc::format!("{ONE}{ONE}{end}").as_bytes()),
                Some(alloc::vec![alloc::vec![0x30, 0]; 2])
            );
        }
        for text in ["", "\0", " \n", "x"] {
            assert_eq!(blocks(text.as_bytes()), None, "{text:?}");
        }
        for other in ["\0\0", "x", "-----BEGIN"] {
            assert_eq!(blocks(alloc::format!("{ONE}{other}").as_bytes()), None, "{other:?}");
            assert_eq!(blocks(alloc::format!("{other}{ONE}").as_bytes()), None, "{other:?}");
        }
    }

    #[test]
    fn more_certificates_than_a_chain_has_are_refused() {
        assert!(blocks(ONE.repeat(MAX_CERTIFICATES).as_bytes()).is_some());
        assert_eq!(blocks(ONE.repeat(MAX_CERTIFICATES + 1).as_bytes()), None);
    }
}
