//! The SGX extension of a PCK certificate ("Intel SGX PCK Certificate and CRL Profile Specification", section 1.3.5): which
//! machine the key belongs to and which firmware level it was issued for. Exact DER, each element exactly once, in order.

use alloc::format;
use alloc::string::String;
use core::fmt::{self, Display};

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Tag, Tagged};
use serde::{Deserialize, Serialize};

/// Arc of Intel's for these certificates.
pub(super) const SGX_EXTENSION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113741.1.13.1");
/// Components of CPUSVN.
pub(super) const COMPONENTS: usize = 16;

/// What a PCK certificate says of its platform. Having one means: the extension is complete and exact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PckPlatform {
    /// Id of the processor package that the key was derived in, the same for all its life.
    pub ppid: [u8; 16],
    /// Firmware levels by component, as TCB info compares them.
    pub components: [u8; 16],
    /// Security version of the provisioning certification enclave.
    pub pce_svn: u16,
    /// Which provisioning certification enclave.
    pub pce_id: [u8; 2],
    /// Family, model, stepping, platform type: what TCB info is looked up by.
    pub fmspc: [u8; 6],
    /// How it protects memory.
    pub sgx_type: SgxType,
    /// Certificates of the Platform CA only.
    pub registration: Option<Registration>,
}

/// What only certificates of the Platform CA say: those of machines that were registered with Intel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registration {
    /// Platform instance id: of this set of packages, until it is registered anew.
    pub instance_id: [u8; 16],
    /// Packages can be added.
    pub dynamic_platform: bool,
    /// The platform's keys are cached at Intel's registration service.
    pub cached_keys: bool,
    /// Multithreading is on.
    pub smt: bool,
}

/// How a platform protects the memory of enclaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it")]
pub enum SgxType {
    /// Small memory with integrity and replay protection.
    Standard,
    /// Large memory, encrypted, without integrity by cryptography.
    Scalable,
    /// Large memory, encrypted, with integrity by cryptography.
    ScalableWithIntegrity,
}

impl SgxType {
    /// `standard`, `scalable` or `scalable-with-integrity`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Scalable => "scalable",
            Self::ScalableWithIntegrity => "scalable-with-integrity",
        }
    }
}

impl PckPlatform {
    /// From the value of the extension.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn read(der: &[u8]) -> Result<Self, String> {
        let value = AnyRef::from_der(der).map_err(|_| String::from("the sgx extension is not der"))?;
        let mut fields = Fields::of(value, None)?;
        let ppid = fields.octets(1)?;
        let mut levels = fields.nested(2)?;
        let mut components = [0; COMPONENTS];
        for (number, component) in (1_u8..).zip(&mut components) {
            *component = levels.number(number)?;
        }
        let pce_svn = levels.number(17)?;
        // CPUSVN as the processor has it: TCB info is about its components above alone.
        let _raw: [u8; 16] = levels.octets(18)?;
        levels.end()?;
        let pce_id = fields.octets(3)?;
        let fmspc = fields.octets(4)?;
        let sgx_type = fields.sgx_type(5)?;
        let registration = if fields.rest.is_empty() { None } else { Some(Registration::read(&mut fields)?) };
        fields.end()?;
        Ok(Self { ppid, components, pce_svn, pce_id, fmspc, sgx_type, registration })
    }
}

impl Registration {
    fn read(fields: &mut Fields<'_>) -> Result<Self, String> {
        let instance_id = fields.octets(6)?;
        let mut configuration = fields.nested(7)?;
        let dynamic_platform = configuration.boolean(1)?;
        let cached_keys = configuration.boolean(2)?;
        let smt = configuration.boolean(3)?;
        configuration.end()?;
        Ok(Self { instance_id, dynamic_platform, cached_keys, smt })
    }
}

/// A SEQUENCE of (object identifier, value), the identifiers counting up under the one of the whole.
struct Fields<'a> {
    rest: &'a [u8],
    /// The arc under Intel's that they stand under, where it is not Intel's itself.
    arc: Option<u8>,
}

impl<'a> Fields<'a> {
    fn of(value: AnyRef<'a>, arc: Option<u8>) -> Result<Self, String> {
        match value.tag() {
            Tag::Sequence => Ok(Self { rest: value.value(), arc }),
            _ => Err(format!("{} is not a sequence", Name { arc, number: None })),
        }
    }

    fn name(&self, number: u8) -> Name {
        Name { arc: self.arc, number: Some(number) }
    }

    fn end(&self) -> Result<(), String> {
        let name = Name { arc: self.arc, number: None };
        if self.rest.is_empty() { Ok(()) } else { Err(format!("{name} has an element that is not known")) }
    }

    fn value(&mut self, number: u8) -> Result<AnyRef<'a>, String> {
        let missing = |_: der::Error| format!("{} is missing or not der", self.name(number));
        let (pair, rest) = AnyRef::from_der_partial(self.rest).map_err(missing)?;
        if pair.tag() != Tag::Sequence {
            return Err(format!("{} is not a sequence", self.name(number)));
        }
        let (oid, value) = <ObjectIdentifier>::from_der_partial(pair.value()).map_err(missing)?;
        let value = AnyRef::from_der(value).map_err(missing)?;
        // Each arc here is below 128, so it is one byte.
        let expected = SGX_EXTENSION.as_bytes().iter().copied().chain(self.arc).chain([number]);
        if !expected.eq(oid.as_bytes().iter().copied()) {
            return Err(format!("{} is missing, found {oid} in its place", self.name(number)));
        }
        self.rest = rest;
        Ok(value)
    }

    fn nested(&mut self, number: u8) -> Result<Self, String> {
        let value = self.value(number)?;
        Fields::of(value, Some(number))
    }

    fn octets<const N: usize>(&mut self, number: u8) -> Result<[u8; N], String> {
        let value = self.value(number)?;
        let octets = (value.tag() == Tag::OctetString).then_some(value.value());
        octets
            .and_then(|octets| octets.try_into().ok())
            .ok_or_else(|| format!("{} is not an octet string of {N} bytes", self.name(number)))
    }

    /// An INTEGER from 0 on that fits.
    fn number<T: TryFrom<u32>>(&mut self, number: u8) -> Result<T, String> {
        let value = self.value(number)?;
        let decoded = value.decode_as::<u32>().ok().and_then(|decoded| decoded.try_into().ok());
        decoded.ok_or_else(|| format!("{} is not an integer in its range", self.name(number)))
    }

    fn boolean(&mut self, number: u8) -> Result<bool, String> {
        let value = self.value(number)?;
        value.decode_as().map_err(|_: der::Error| format!("{} is not a boolean", self.name(number)))
    }

    fn sgx_type(&mut self, number: u8) -> Result<SgxType, String> {
        let value = self.value(number)?;
        match (value.tag(), value.value()) {
            (Tag::Enumerated, [0]) => Ok(SgxType::Standard),
            (Tag::Enumerated, [1]) => Ok(SgxType::Scalable),
            (Tag::Enumerated, [2]) => Ok(SgxType::ScalableWithIntegrity),
            _ => Err(format!("{} is no known sgx type", self.name(number))),
        }
    }
}

/// An element by its object identifier, for errors.
struct Name {
    arc: Option<u8>,
    number: Option<u8>,
}

impl Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SGX_EXTENSION}")?;
        self.arc.into_iter().chain(self.number).try_for_each(|arc| write!(f, ".{arc}"))
    }
}
