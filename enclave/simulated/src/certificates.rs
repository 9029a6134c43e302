//! The certificates and the revocation list, of the shape of AMD's (AMD document 57230, "VCEK Certificate and KDS
//! Interface"): ARK and ASK are RSA-4096, everything is signed RSASSA-PSS with SHA-384 and a salt of 48 bytes, the VCEK
//! is a P-384 key whose extensions name the chip and its firmware level. Common names are AMD's; organisation and unit
//! say that this is a simulation.

use core::str::FromStr;
use core::time::Duration;
use std::time::SystemTime;

use rsa::PrivateKey;
use rsa::pss::{Signature, SigningKey, VerifyingKey};
use rsa::signature::{self, Keypair, RandomizedSigner, Signer};
use sha2::Sha384;
use x509_cert::Certificate;
use x509_cert::builder::{self, Builder, CertificateBuilder, CrlBuilder, profile::BuilderProfile};
use x509_cert::certificate::{Rfc5280, TbsCertificate};
use x509_cert::der::asn1::{Any, Ia5StringRef, OctetString, Uint};
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::referenced::OwnedToRef;
use x509_cert::der::{self, Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CrlNumber, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{
    self, AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, EncodePublicKey, ObjectIdentifier,
    SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef,
};
use x509_cert::time::{Time, Validity};

use crate::error::Error;

/// Length of an RSA key in bits.
pub(crate) const RSA_BITS: usize = 4096;

/// Certificates begin an hour before they were made, so that a party whose clock is a little slow accepts them.
const BACKDATED: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
const CA_DAYS: u32 = 25 * 365;
const VCEK_DAYS: u32 = 7 * 365;
const REVOCATION_LIST_DAYS: u32 = 365;

const PRODUCT: &str = "Milan-B0";
/// Version of the extensions' structure on Milan.
const STRUCTURE: u8 = 0;

/// RSASSA-PSS-params as AMD encodes them: SHA-384, MGF1 with SHA-384, salt of 48 bytes, and the trailer field although
/// it has its default value (so this is not DER, and a Verifier has to accept it).
const PSS_PARAMETERS: [u8; 59] = [
    0x30, 0x39, 0xA0, 0x0F, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00,
    0xA1, 0x1C, 0x30, 0x1A, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, 0x30, 0x0D, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xA2, 0x03, 0x02, 0x01, 0x30, 0xA3, 0x03, 0x02,
    0x01, 0x01,
];
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// Firmware level of the (simulated) chip: security version numbers of its parts (AMD 56860, TCB_VERSION before Turin).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the parts are AMD's for this family of processors")]
pub struct TcbVersion {
    /// Boot loader.
    pub bootloader: u8,
    /// Operating system of the security processor.
    pub tee: u8,
    /// SNP firmware.
    pub snp: u8,
    /// Microcode.
    pub microcode: u8,
}

impl TcbVersion {
    /// The level that a new chip gets.
    pub const CURRENT: Self = Self { bootloader: 4, tee: 0, snp: 24, microcode: 219 };

    /// As it stands in a report.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 8] {
        [self.bootloader, self.tee, 0, 0, 0, 0, self.snp, self.microcode]
    }

    /// From the bytes of a report.
    #[must_use]
    pub fn from_bytes([bootloader, tee, _, _, _, _, snp, microcode]: [u8; 8]) -> Self {
        Self { bootloader, tee, snp, microcode }
    }

    /// Suffix of each part's extension, in AMD's order; parts 4 to 7 are reserved and zero.
    fn extensions(self) -> [(&'static str, u8); 8] {
        [
            ("3.1", self.bootloader),
            ("3.2", self.tee),
            ("3.4", 0),
            ("3.5", 0),
            ("3.6", 0),
            ("3.7", 0),
            ("3.3", self.snp),
            ("3.8", self.microcode),
        ]
    }
}

/// The chain under a root, each certificate as DER.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Certificates {
    /// Self-signed root. The SHA-256 of these bytes is the fingerprint that a policy names.
    pub ark: Vec<u8>,
    /// Intermediate.
    pub ask: Vec<u8>,
    /// The chip's.
    pub vcek: Vec<u8>,
}

impl Certificates {
    /// Makes the chain: `ark` signs itself and `ask`, `ask` signs the chip's key.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`].
    pub(crate) fn issue(keys: &Keys<'_>, chip_id: &[u8; 64], tcb: TcbVersion, now: SystemTime) -> Result<Self, Error> {
        const ARK: &str = "ARK-Milan";
        const ASK: &str = "SEV-Milan";
        const VCEK: &str = "SEV-VCEK";
        let (ark, ask) = (AmdSigner::new(keys.ark), AmdSigner::new(keys.ask));
        let make_ark = || {
            let names = Names { subject: ARK, issuer: ARK };
            issue(&ark, &names, 0x1_0000, public_key(&ark.verifying_key())?, times(now, CA_DAYS)?, &Role::Root)
        };
        let make_ask = || {
            let names = Names { subject: ASK, issuer: ARK };
            issue(&ark, &names, 0x1_0001, public_key(&ask.verifying_key())?, times(now, CA_DAYS)?, &Role::Intermediate)
        };
        let make_vcek = || {
            let names = Names { subject: VCEK, issuer: ASK };
            let role = Role::Chip { chip_id, tcb };
            // AMD's chip certificates all have the serial number 0.
            issue(&ask, &names, 0, public_key(keys.vcek)?, times(now, VCEK_DAYS)?, &role)
        };
        Ok(Self {
            ark: make_ark().map_err(failed("ARK certificate"))?,
            ask: make_ask().map_err(failed("ASK certificate"))?,
            vcek: make_vcek().map_err(failed("VCEK certificate"))?,
        })
    }

    /// Chip id and firmware level that the chip's certificate names. `None` if it is not a certificate of ours.
    pub(crate) fn chip(&self) -> Option<([u8; 64], TcbVersion)> {
        let certificate = Certificate::from_der(&self.vcek).ok()?;
        let extensions = certificate.tbs_certificate().extensions()?;
        let value =
            |id: ObjectIdentifier| extensions.iter().find(|one| one.extn_id == id).map(|one| one.extn_value.as_bytes());
        let part = |suffix| u8::from_der(value(amd(suffix).ok()?)?).ok();
        let tcb =
            TcbVersion { bootloader: part("3.1")?, tee: part("3.2")?, snp: part("3.3")?, microcode: part("3.8")? };
        Some((value(amd("4").ok()?)?.try_into().ok()?, tcb))
    }

    /// SubjectPublicKeyInfoOwned of the root and of the chip. `None` if these are not certificates.
    pub(crate) fn public_keys(&self) -> Option<[Vec<u8>; 2]> {
        let of = |der| Certificate::from_der(der).ok()?.tbs_certificate().subject_public_key_info().to_der().ok();
        Some([of(&self.ark)?, of(&self.vcek)?])
    }

    /// A list that revokes nothing, signed by the root, valid for a year from `now`: AMD publishes one for each family
    /// of processors.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`].
    pub(crate) fn revocation_list(&self, ark: &PrivateKey, now: SystemTime) -> Result<Vec<u8>, Error> {
        let build = || {
            let issuer = Certificate::from_der(&self.ark)?;
            let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
            let number = CrlNumber(Uint::new(&seconds.to_be_bytes())?);
            let [this_update, next_update] = times(now, REVOCATION_LIST_DAYS)?;
            let list = CrlBuilder::<Rfc5280>::new_with_this_update(&issuer, number, this_update)?
                .with_next_update(Some(next_update))
                .build::<_, Signature>(&AmdSigner::new(ark))?;
            Ok(list.to_der()?)
        };
        build().map_err(failed("revocation list"))
    }
}

/// The keys of a chain.
pub(crate) struct Keys<'keys> {
    pub(crate) ark: &'keys PrivateKey,
    pub(crate) ask: &'keys PrivateKey,
    pub(crate) vcek: &'keys p384::ecdsa::VerifyingKey,
}

/// Which certificate, and so which extensions.
enum Role<'chip> {
    Root,
    Intermediate,
    Chip { chip_id: &'chip [u8; 64], tcb: TcbVersion },
}

impl Role<'_> {
    /// The extensions of AMD's certificate of this role, in its order, without the address of a revocation list: there
    /// is none to fetch.
    fn extensions(
        &self,
        own: &SubjectPublicKeyInfoOwned,
        issuer: &SubjectPublicKeyInfoOwned,
    ) -> builder::Result<Vec<Extension>> {
        let own = SubjectKeyIdentifier::try_from(own.owned_to_ref())?;
        let certify = KeyUsages::KeyCertSign;
        Ok(match self {
            Self::Root => vec![
                extension(KeyUsage::OID, true, &KeyUsage(certify | KeyUsages::CRLSign))?,
                extension(SubjectKeyIdentifier::OID, false, &own)?,
                extension(BasicConstraints::OID, true, &BasicConstraints { ca: true, path_len_constraint: None })?,
            ],
            Self::Intermediate => {
                let issuer = SubjectKeyIdentifier::try_from(issuer.owned_to_ref())?;
                let authority = AuthorityKeyIdentifier { key_identifier: Some(issuer.0), ..Default::default() };
                vec![
                    extension(SubjectKeyIdentifier::OID, false, &own)?,
                    extension(AuthorityKeyIdentifier::OID, false, &authority)?,
                    extension(
                        BasicConstraints::OID,
                        true,
                        &BasicConstraints { ca: true, path_len_constraint: Some(0) },
                    )?,
                    extension(KeyUsage::OID, true, &KeyUsage(certify.into()))?,
                ]
            }
            Self::Chip { chip_id, tcb } => {
                let mut extensions = vec![
                    extension(amd("1")?, false, &STRUCTURE)?,
                    extension(amd("2")?, false, &Ia5StringRef::new(PRODUCT)?)?,
                ];
                for (suffix, part) in tcb.extensions() {
                    extensions.push(extension(amd(suffix)?, false, &part)?);
                }
                // The one value that is not DER inside: 64 raw bytes.
                let extn_value = OctetString::new(chip_id.as_slice())?;
                extensions.push(Extension { extn_id: amd("4")?, critical: false, extn_value });
                extensions
            }
        })
    }
}

/// An object identifier of the vendor's arc.
fn amd(suffix: &str) -> der::Result<ObjectIdentifier> {
    ObjectIdentifier::new(&format!("1.3.6.1.4.1.3704.1.{suffix}")).map_err(der::Error::from)
}

fn extension(extn_id: ObjectIdentifier, critical: bool, value: &impl Encode) -> der::Result<Extension> {
    Ok(Extension { extn_id, critical, extn_value: OctetString::new(value.to_der()?)? })
}

/// The name of a certificate: AMD's common name, and our organisation and unit, so that nobody takes it for AMD's.
fn name(common_name: &str) -> der::Result<Name> {
    Name::from_str(&format!("CN={common_name},O=Sealroom simulated platform,OU=SIMULATED: no hardware protection"))
}

/// From an hour before `now`, for `days`.
fn times(now: SystemTime, days: u32) -> der::Result<[Time; 2]> {
    Ok([Time::try_from(now - BACKDATED)?, Time::try_from(now + DAY * days)?])
}

fn public_key(key: &impl EncodePublicKey) -> spki::Result<SubjectPublicKeyInfoOwned> {
    Ok(SubjectPublicKeyInfoOwned::from_der(key.to_public_key_der()?.as_bytes())?)
}

/// Subject and issuer by common name.
struct Names {
    subject: &'static str,
    issuer: &'static str,
}

fn issue(
    signer: &AmdSigner,
    names: &Names,
    serial: u32,
    key: SubjectPublicKeyInfoOwned,
    [not_before, not_after]: [Time; 2],
    role: &Role<'_>,
) -> builder::Result<Vec<u8>> {
    let issuer_key = public_key(&signer.verifying_key())?;
    let profile = Profile {
        subject: name(names.subject)?,
        issuer: name(names.issuer)?,
        extensions: role.extensions(&key, &issuer_key)?,
    };
    let validity = Validity::new(not_before, not_after);
    let certificate = CertificateBuilder::new(profile, SerialNumber::new(&serial.to_be_bytes())?, validity, key)?
        .build::<_, Signature>(signer)?;
    Ok(certificate.to_der()?)
}

/// Subject, issuer and extensions, exactly ours: the library adds none.
struct Profile {
    subject: Name,
    issuer: Name,
    extensions: Vec<Extension>,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _own: SubjectPublicKeyInfoRef<'_>,
        _issuer: SubjectPublicKeyInfoRef<'_>,
        _certificate: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        Ok(self.extensions.clone())
    }
}

/// RSASSA-PSS whose algorithm identifier is encoded as AMD encodes it.
struct AmdSigner(SigningKey<Sha384>);

impl AmdSigner {
    fn new(key: &PrivateKey) -> Self {
        Self(SigningKey::new(key.clone()))
    }
}

impl Keypair for AmdSigner {
    type VerifyingKey = VerifyingKey<Sha384>;

    fn verifying_key(&self) -> Self::VerifyingKey {
        self.0.verifying_key()
    }
}

impl DynSignatureAlgorithmIdentifier for AmdSigner {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        Ok(AlgorithmIdentifierOwned { oid: RSASSA_PSS, parameters: Some(Any::from_der(&PSS_PARAMETERS)?) })
    }
}

impl Signer<Signature> for AmdSigner {
    fn try_sign(&self, message: &[u8]) -> signature::Result<Signature> {
        self.0.try_sign_with_rng(&mut getrandom::SysRng, message)
    }
}

fn failed(what: &'static str) -> impl Fn(builder::Error) -> Error {
    move |error| Error::Certificate { what, reason: error.to_string() }
}
