//! A platform that derives sealing keys as hardware does, and one defect at a time; what each defect ends in.

use crate::recorder::Recorder;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sealroom_enclave_core::sealed::{
    FreshnessLevel, Identity, KeyRequest, PlatformKey, SealTo, SealedError, SealingPlatform, Unavailable, seal, unseal,
};
use sealroom_protocol::hash::labelled_sha256;
use zeroize::Zeroizing;

/// What is wrong with a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    None,
    Silent,
    Short,
    Zero,
    Unstable,
    IgnoresDebug,
}

/// One enclave image on one machine.
#[derive(Debug, Clone)]
pub(crate) struct TestPlatform {
    pub(crate) machine: u8,
    pub(crate) measurement: u8,
    pub(crate) signer: u8,
    pub(crate) version: u32,
    /// Firmware level: stands in every request; keys of levels above it are not derived.
    pub(crate) firmware: u8,
    pub(crate) debug: bool,
    pub(crate) defect: Defect,
    pub(crate) derived: u8,
}

impl TestPlatform {
    pub(crate) const fn new(measurement: u8, version: u32) -> Self {
        let defect = Defect::None;
        Self { machine: 1, measurement, signer: 1, version, firmware: 1, debug: false, defect, derived: 0 }
    }
}

impl SealingPlatform for TestPlatform {
    fn identity(&self) -> Identity {
        Identity { version: self.version, debug: self.debug }
    }

    fn request(&mut self, _seal_to: SealTo) -> Result<Vec<u8>, Unavailable> {
        if self.defect == Defect::Silent { Err(Unavailable) } else { Ok(vec![self.firmware]) }
    }

    fn key(&mut self, request: &KeyRequest) -> Result<PlatformKey, Unavailable> {
        if self.defect == Defect::Silent || request.platform.first().is_none_or(|level| *level > self.firmware) {
            return Err(Unavailable);
        }
        let to = match request.seal_to {
            SealTo::Measurement => [0, self.measurement, 0, 0, 0, 0],
            SealTo::Signer { minimum_version } => {
                // As hardware does: no key of a version above one's own.
                if minimum_version > self.version {
                    return Err(Unavailable);
                }
                let [a, b, c, d] = minimum_version.to_le_bytes();
                [1, self.signer, a, b, c, d]
            }
        };
        self.derived = self.derived.wrapping_add(1);
        let salt = if self.defect == Defect::Unstable { self.derived } else { 0 };
        let mut key = labelled_sha256("platform", &[&[self.machine, salt], &to, &request.platform]).to_vec();
        match self.defect {
            Defect::Short => key.truncate(31),
            Defect::Zero => key.fill(0),
            Defect::None | Defect::Silent | Defect::Unstable | Defect::IgnoresDebug => {}
        }
        Ok(PlatformKey { bytes: Zeroizing::new(key), excludes_debug: self.defect != Defect::IgnoresDebug })
    }
}

const HERE: SealTo = SealTo::Measurement;

fn sealed_by(platform: &mut TestPlatform, seal_to: SealTo) -> Result<Vec<u8>, SealedError> {
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    seal(platform, &Recorder::default(), &mut rng, seal_to, "purpose", b"secret")
}

fn unsealed_by(platform: &mut TestPlatform, sealed: &[u8]) -> Result<Vec<u8>, SealedError> {
    let level = FreshnessLevel::None;
    unseal(platform, &Recorder::default(), "purpose", sealed, level).map(|unsealed| unsealed.plaintext.to_vec())
}

#[test]
fn a_key_that_must_not_be_used_is_refused_by_what_is_wrong_with_it() {
    let good = sealed_by(&mut TestPlatform::new(1, 1), HERE).unwrap();
    for (defect, expected) in [
        (Defect::Silent, SealedError::Platform),
        (Defect::Short, SealedError::KeyLength { expected: 32, found: 31 }),
        (Defect::Zero, SealedError::KeyZero),
        (Defect::Unstable, SealedError::KeyUnstable),
        (Defect::IgnoresDebug, SealedError::DebugReachable),
    ] {
        let mut platform = TestPlatform { defect, ..TestPlatform::new(1, 1) };
        assert_eq!(sealed_by(&mut platform, HERE), Err(expected.clone()), "{defect:?}");
        assert_eq!(unsealed_by(&mut platform, &good), Err(expected), "{defect:?}");
    }
    let mut debug = TestPlatform { debug: true, ..TestPlatform::new(1, 1) };
    assert_eq!(sealed_by(&mut debug, HERE), Err(SealedError::DebugEnclave));
    assert_eq!(unsealed_by(&mut debug, &good), Err(SealedError::DebugEnclave));
}

#[test]
fn what_is_sealed_to_a_measurement_opens_for_it_alone_and_on_its_machine() {
    let sealed = sealed_by(&mut TestPlatform::new(1, 1), HERE).unwrap();
    assert_eq!(unsealed_by(&mut TestPlatform::new(1, 1), &sealed).unwrap(), b"secret");
    // A newer firmware derives the key of the level that stands in the header.
    let mut updated = TestPlatform { firmware: 2, ..TestPlatform::new(1, 1) };
    assert_eq!(unsealed_by(&mut updated, &sealed).unwrap(), b"secret");
    let elsewhere = Err(SealedError::OtherEnclave { slots: 1 });
    assert_eq!(unsealed_by(&mut TestPlatform::new(2, 1), &sealed), elsewhere);
    assert_eq!(unsealed_by(&mut TestPlatform { machine: 2, ..TestPlatform::new(1, 1) }, &sealed), elsewhere);
}

#[test]
fn what_is_sealed_to_a_signer_opens_for_its_newer_images_and_for_no_older_one() {
    let seal_to = SealTo::Signer { minimum_version: 5 };
    let sealed = sealed_by(&mut TestPlatform::new(1, 5), seal_to).unwrap();
    assert_eq!(unsealed_by(&mut TestPlatform::new(2, 5), &sealed).unwrap(), b"secret");
    assert_eq!(unsealed_by(&mut TestPlatform::new(3, 9), &sealed).unwrap(), b"secret");
    let downgrade = Err(SealedError::Downgrade { minimum: 5, found: 4 });
    assert_eq!(unsealed_by(&mut TestPlatform::new(4, 4), &sealed), downgrade);
    assert_eq!(
        sealed_by(&mut TestPlatform::new(4, 4), seal_to).map(|_| ()),
        Err(SealedError::Downgrade { minimum: 5, found: 4 })
    );
    let foreign = TestPlatform { signer: 2, ..TestPlatform::new(1, 9) };
    assert_eq!(unsealed_by(&mut foreign.clone(), &sealed), Err(SealedError::OtherEnclave { slots: 1 }));
}

#[test]
fn a_single_sealed_object_is_not_fresh_and_says_so() {
    let sealed = sealed_by(&mut TestPlatform::new(1, 1), HERE).unwrap();
    let mut platform = TestPlatform::new(1, 1);
    for demanded in [FreshnessLevel::Session, FreshnessLevel::Witness] {
        let refused = unseal(&mut platform, &Recorder::default(), "purpose", &sealed, demanded).map(|_| ());
        assert_eq!(refused, Err(SealedError::Freshness { demanded, offered: FreshnessLevel::None }));
    }
    let other = unseal(&mut platform, &Recorder::default(), "other", &sealed, FreshnessLevel::None).map(|_| ());
    assert_eq!(other, Err(SealedError::Misplaced { field: "name" }));
}
