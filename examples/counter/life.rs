//! The enclave's part: one life of a counter that only grows.

use crate::disk::{Cosigners, Disk};
use crate::platform::Platform;
use anyhow::Context;
use sealroom::random;
use sealroom_enclave_core::sealed::{
    Change, FreshnessLevel, HostRegister, Means, Owners, Register, SealTo, SealedError, SessionRegister, Store,
    StoreTerms, WitnessRegister, seal, unseal,
};
use sealroom_protocol::id::StoreId;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::provider::RustCrypto;

/// Which store: a constant of the program, since a host that chooses it serves one store for another.
pub(crate) const COUNTER: StoreId = StoreId::from_bytes(*b"the counter of examples/counter!");
const NAME: &str = "count";

/// One life of the enclave: a register that has seen nothing yet, and a store once it is open.
pub(crate) struct Life<'l> {
    platform: &'l mut Platform,
    disk: Disk,
    level: FreshnessLevel,
    register: Box<dyn Register>,
    store: Option<Store>,
}

impl<'l> Life<'l> {
    /// Over this disk, which is the host's, and carries checkpoints to these witnesses.
    pub(crate) fn begin(
        disk: Disk,
        platform: &'l mut Platform,
        level: FreshnessLevel,
        witnesses: &dyn Cosigners,
    ) -> anyhow::Result<Self> {
        let register: Box<dyn Register> = match level {
            FreshnessLevel::None => Box::new(HostRegister::new(disk.clone())),
            FreshnessLevel::Session => Box::new(SessionRegister::new(disk.clone())),
            FreshnessLevel::Witness => {
                let quorum = witnesses.quorum()?;
                Box::new(WitnessRegister::new(quorum, log_key(platform, &disk, witnesses)?, disk.clone()))
            }
        };
        Ok(Self { platform, disk, level, register, store: None })
    }

    fn means<'m>(
        platform: &'m mut Platform,
        disk: &'m mut Disk,
        register: &'m mut dyn Register,
        rng: &'m mut dyn rand_core::CryptoRng,
    ) -> Means<'m> {
        Means { platform, blobs: disk, register, provider: &RustCrypto, rng }
    }

    /// Begins the counter, once.
    pub(crate) fn create(&mut self) -> anyhow::Result<()> {
        let (seal_to, owners) = (vec![SealTo::Measurement], Owners::nobody());
        let terms = StoreTerms { id: COUNTER, seal_to, owners, demand: self.level };
        let mut rng = random();
        let mut means = Self::means(self.platform, &mut self.disk, self.register.as_mut(), &mut rng);
        self.store = Some(Store::create(&mut means, &terms)?);
        Ok(())
    }

    /// Opens the newest state that the register knows.
    pub(crate) fn open(&mut self) -> Result<(), SealedError> {
        let mut rng = random();
        let mut means = Self::means(self.platform, &mut self.disk, self.register.as_mut(), &mut rng);
        self.store = Some(Store::open(&mut means, COUNTER, self.level)?);
        Ok(())
    }

    pub(crate) fn value(&mut self) -> anyhow::Result<u64> {
        let store = self.store.as_ref().context("not open")?;
        if store.entries()?.all(|(name, _)| name != NAME) {
            // Begun, and killed before it counted: to begin and to count are two changes.
            return Ok(0);
        }
        let mut rng = random();
        let mut means = Self::means(self.platform, &mut self.disk, self.register.as_mut(), &mut rng);
        let opened = store.read(&mut means, NAME, self.level)?;
        Ok(u64::from_le_bytes(opened.plaintext.as_slice().try_into()?))
    }

    /// One more. When this returns the register has it.
    pub(crate) fn count(&mut self) -> anyhow::Result<u64> {
        let next = self.value()?.checked_add(1).context("the counter is full")?;
        let store = self.store.as_mut().context("not open")?;
        let mut rng = random();
        let mut means = Self::means(self.platform, &mut self.disk, self.register.as_mut(), &mut rng);
        store.commit(&mut means, Change::new().write(NAME, &next.to_le_bytes())?)?;
        Ok(next)
    }

    pub(crate) fn report(&self) -> anyhow::Result<String> {
        Ok(self.store.as_ref().context("not open")?.report()?.to_string())
    }
}

/// The key of the store's log: drawn once, sealed, unsealed in every life. It never changes, so an old copy of it is no
/// rollback.
pub(crate) fn log_key(
    platform: &mut Platform,
    disk: &Disk,
    witnesses: &dyn Cosigners,
) -> anyhow::Result<SigningSecret> {
    const PURPOSE: &str = "log key of the counter";
    if let Some(sealed) = disk.sealed_key()? {
        let seed = unseal(platform, &RustCrypto, PURPOSE, &sealed, FreshnessLevel::None)?.plaintext;
        let seed: &[u8; 32] = seed.as_slice().try_into().context("a key of 32 bytes")?;
        return Ok(SigningSecret::from_seed(seed));
    }
    let key = SigningSecret::generate(&mut random());
    let sealed = seal(platform, &RustCrypto, &mut random(), SealTo::Measurement, PURPOSE, key.expose_seed())?;
    disk.keep_sealed_key(&sealed)?;
    witnesses.trust(key.public())?;
    Ok(key)
}
