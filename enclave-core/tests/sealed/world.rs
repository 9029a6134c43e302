//! An enclave of a given image and level, over a host in memory.

use crate::host::Host;
use crate::platform::TestPlatform;
use crate::recorder::Recorder;
use crate::witnesses::{self, TestWitness};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sealroom_enclave_core::sealed::{
    Change, Committed, FreshnessLevel, HostRegister, Means, Owners, Quorum, Register, SealTo, SealedError,
    SessionRegister, Store, StoreTerms, WitnessRegister,
};
use sealroom_protocol::id::StoreId;
use sealroom_protocol::identity::SigningSecret;
use std::collections::BTreeMap;

pub(crate) const ID: StoreId = StoreId::from_bytes([0x51; 32]);
pub(crate) const LEVELS: [FreshnessLevel; 3] = [FreshnessLevel::None, FreshnessLevel::Session, FreshnessLevel::Witness];
pub(crate) const HERE: SealTo = SealTo::Measurement;

/// Names and contents.
pub(crate) type Content = BTreeMap<String, Vec<u8>>;

/// One life of an enclave, and what outlives it.
pub(crate) struct World {
    pub(crate) host: Host,
    pub(crate) platform: TestPlatform,
    pub(crate) recorder: Recorder,
    pub(crate) level: FreshnessLevel,
    pub(crate) register: Box<dyn Register>,
    pub(crate) rng: ChaCha20Rng,
}

impl World {
    /// Three witnesses, two of which must cosign.
    pub(crate) fn new(level: FreshnessLevel) -> Self {
        let host = Host::default();
        host.0.borrow_mut().witnesses = (1..=3).map(TestWitness::new).collect();
        let register = register(level, &host, 2, 0);
        let (platform, rng) = (TestPlatform::new(1, 1), ChaCha20Rng::from_seed([9; 32]));
        Self { host, platform, recorder: Recorder::default(), level, register, rng }
    }

    /// `count` witnesses, of which `needed` must cosign and `liars` may lie.
    pub(crate) fn with_witnesses(count: u8, needed: usize, liars: usize) -> Self {
        let mut world = Self::new(FreshnessLevel::Witness);
        world.host.0.borrow_mut().witnesses = (1..=count).map(TestWitness::new).collect();
        world.register = register(FreshnessLevel::Witness, &world.host, needed, liars);
        world
    }

    /// A process that begins anew: another register that has seen nothing, on the same host.
    pub(crate) fn restart(&mut self) {
        let quorum = self.host.0.borrow().witnesses.len();
        let (needed, liars) = if quorum == 3 { (2, 0) } else { (quorum - 1, 1) };
        self.register = register(self.level, &self.host, needed, liars);
    }

    pub(crate) fn means(&mut self) -> Means<'_> {
        Means {
            platform: &mut self.platform,
            blobs: &mut self.host,
            register: self.register.as_mut(),
            provider: &self.recorder,
            rng: &mut self.rng,
        }
    }

    pub(crate) fn terms(&self) -> StoreTerms {
        StoreTerms { id: ID, seal_to: vec![HERE], owners: Owners::nobody(), demand: self.level }
    }

    pub(crate) fn create(&mut self) -> Result<Store, SealedError> {
        let terms = self.terms();
        Store::create(&mut self.means(), &terms)
    }

    pub(crate) fn open(&mut self) -> Result<Store, SealedError> {
        let level = self.level;
        Store::open(&mut self.means(), ID, level)
    }

    /// Writes one object.
    pub(crate) fn write(&mut self, store: &mut Store, name: &str, value: &[u8]) -> Result<Committed, SealedError> {
        let change = Change::new().write(name, value)?;
        store.commit(&mut self.means(), change)
    }

    /// Reads one object at the store's level.
    pub(crate) fn read(&mut self, store: &Store, name: &str) -> Result<Vec<u8>, SealedError> {
        let level = self.level;
        store.read(&mut self.means(), name, level).map(|opened| opened.plaintext.to_vec())
    }

    /// Reads everything.
    pub(crate) fn content(&mut self, store: &Store) -> Result<Content, SealedError> {
        let names: Vec<String> = store.entries()?.map(|(name, _)| name.into()).collect();
        names.into_iter().map(|name| self.read(store, &name).map(|value| (name.clone(), value))).collect()
    }
}

/// Fails the test where one key and nonce encrypted twice.
impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.recorder.repeated(), None);
        }
    }
}

pub(crate) fn register(level: FreshnessLevel, host: &Host, needed: usize, liars: usize) -> Box<dyn Register> {
    match level {
        FreshnessLevel::None => Box::new(HostRegister::new(host.clone())),
        FreshnessLevel::Session => Box::new(SessionRegister::new(host.clone())),
        FreshnessLevel::Witness => {
            let keys = host.0.borrow().witnesses.iter().map(TestWitness::key).collect();
            let quorum = Quorum::new(keys, needed, liars).unwrap();
            Box::new(WitnessRegister::new(quorum, SigningSecret::from_seed(&witnesses::LOG_SEED), host.clone()))
        }
    }
}
