//! Step 6: the extensions of a VCEK or VLEK certificate (AMD 57230, table of extensions). Exact DER, each exactly once.

use alloc::format;
use alloc::string::String;

use der::asn1::{Ia5StringRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode};

use super::{Product, SigningKey};
use crate::certificate::Certificate;

/// AMD's arc for these certificates.
const ARC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1");
const STRUCT_VERSION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.1");
const PRODUCT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.2");
const BOOTLOADER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.3.1");
const TEE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.3.2");
const SNP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.3.3");
/// Reserved components; zero where present.
const RESERVED: [ObjectIdentifier; 4] = [
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.3.4"),
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.3.5"),
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.3.6"),
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.3.7"),
];
const MICROCODE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.3.8");
/// From structVersion 1 on.
const FMC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.3.9");
/// VCEK only.
const HARDWARE_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.4");
/// VLEK only.
const CSP_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3704.1.5");

/// What a leaf certificate says of itself. Having one means: its extensions are complete, exact, and fit its product line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) product: Product,
    pub(super) product_name: String,
    /// TCB_VERSION as the report must have it, byte for byte (step 8).
    pub(super) tcb: [u8; 8],
    /// VCEK: as CHIP_ID has it, padded with zeros. VLEK: none.
    pub(super) hardware_id: Option<[u8; 64]>,
}

/// Whether it is, by what it says, a VCEK made for this level and, where the chip is known, for this chip.
pub(crate) fn is_leaf_of(certificate: &Certificate, chip_id: Option<&[u8; 64]>, tcb: &[u8; 8]) -> bool {
    let fits = |leaf: Leaf| leaf.tcb == *tcb && chip_id.is_none_or(|id| leaf.hardware_id.as_ref() == Some(id));
    Leaf::read(certificate, SigningKey::Vcek).is_ok_and(fits)
}

impl Leaf {
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn read(certificate: &Certificate, kind: SigningKey) -> Result<Self, String> {
        let extensions = Extensions { certificate };
        extensions.refuse_unknown()?;
        let product_name = extensions.text(PRODUCT_NAME)?;
        let Some(product) = Product::from_product_name(&product_name) else {
            return Err(format!("productName \"{}\" is no known product line", product_name.escape_debug()));
        };
        let struct_version = extensions.byte(STRUCT_VERSION)?;
        if struct_version != product.struct_version() {
            return Err(format!("structVersion {struct_version}, {product} has {}", product.struct_version()));
        }
        let tcb = extensions.tcb(product)?;
        let hardware_id = match kind {
            SigningKey::Vcek => {
                extensions.absent(CSP_ID)?;
                Some(extensions.hardware_id(product)?)
            }
            SigningKey::Vlek => {
                extensions.absent(HARDWARE_ID)?;
                extensions.text(CSP_ID)?;
                None
            }
        };
        Ok(Self { product, product_name, tcb, hardware_id })
    }
}

struct Extensions<'a> {
    certificate: &'a Certificate,
}

impl<'a> Extensions<'a> {
    /// No extension occurs twice: the certificate's decoder has refused that.
    fn find(&self, oid: ObjectIdentifier) -> Option<&'a [u8]> {
        self.certificate.extension(&oid)
    }

    fn value(&self, oid: ObjectIdentifier) -> Result<&'a [u8], String> {
        self.find(oid).ok_or_else(|| format!("extension {oid} is missing"))
    }

    fn absent(&self, oid: ObjectIdentifier) -> Result<(), String> {
        self.find(oid).map_or(Ok(()), |_| Err(format!("extension {oid} belongs to the other kind of key")))
    }

    fn refuse_unknown(&self) -> Result<(), String> {
        let known = [STRUCT_VERSION, PRODUCT_NAME, BOOTLOADER, TEE, SNP, MICROCODE, FMC, HARDWARE_ID, CSP_ID];
        for extension in &self.certificate.extensions {
            let oid = extension.id;
            let is_amds = oid.as_bytes().starts_with(ARC.as_bytes());
            if is_amds && !known.contains(&oid) && !RESERVED.contains(&oid) {
                return Err(format!("extension {oid} is unknown"));
            }
        }
        Ok(())
    }

    /// An INTEGER from 0 to 255 in DER: `02 01 xx`, or `02 02 00 xx` from 128 on.
    fn byte(&self, oid: ObjectIdentifier) -> Result<u8, String> {
        let value = self.value(oid)?;
        u8::from_der(value).map_err(|_| format!("extension {oid} is not an integer from 0 to 255 in der"))
    }

    fn text(&self, oid: ObjectIdentifier) -> Result<String, String> {
        let value = self.value(oid)?;
        let text = Ia5StringRef::from_der(value).map_err(|_| format!("extension {oid} is not an ia5string in der"))?;
        let canonical = text.to_der().is_ok_and(|der| der == value);
        if canonical { Ok(String::from(text.as_str())) } else { Err(format!("extension {oid} is not canonical")) }
    }

    /// Steps 6 and 8: the components, laid out as TCB_VERSION of the line.
    fn tcb(&self, product: Product) -> Result<[u8; 8], String> {
        for oid in RESERVED {
            if self.find(oid).is_some() && self.byte(oid)? != 0 {
                return Err(format!("extension {oid} is reserved and not zero"));
            }
        }
        let bootloader = self.byte(BOOTLOADER)?;
        let tee = self.byte(TEE)?;
        let snp = self.byte(SNP)?;
        let microcode = self.byte(MICROCODE)?;
        match product {
            Product::Milan | Product::Genoa => {
                self.absent(FMC).map_err(|_| format!("extension {FMC} does not exist on {product}"))?;
                Ok([bootloader, tee, 0, 0, 0, 0, snp, microcode])
            }
            Product::Turin => Ok([self.byte(FMC)?, bootloader, tee, snp, 0, 0, 0, microcode]),
        }
    }

    /// The id as raw bytes, or, in certificates of another time, as an OCTET STRING around them.
    fn hardware_id(&self, product: Product) -> Result<[u8; 64], String> {
        let value = self.value(HARDWARE_ID)?;
        let length = product.chip_id_bytes();
        let id = if value.len() == length {
            Some(value)
        } else {
            <&OctetStringRef>::from_der(value).ok().map(|id| id.as_bytes())
        };
        let Some(id) = id.filter(|id| id.len() == length) else {
            return Err(format!("extension {HARDWARE_ID} has {} bytes, {product} has {length}", value.len()));
        };
        let mut padded = [0; 64];
        for (to, from) in padded.iter_mut().zip(id) {
            *to = *from;
        }
        Ok(padded)
    }
}
