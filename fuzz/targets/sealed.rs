//! What a host shows to an enclave that keeps secrets between lives: blobs, records, the end of a log, orders to restore.

use super::rng::Counter;
use super::shown::plain;
use core::cell::RefCell;
use sealroom_enclave_core::sealed::{
    Anchored, Behind, Blobs, Change, Extension, FreshnessLevel, HostRegister, Identity, KeyRequest, Means, Owners,
    PlatformKey, Pointer, Quorum, Register, RegisterError, SealTo, SealingPlatform, Store, StoreTerms, Tail,
    Unavailable, WitnessKey, WitnessLog, WitnessRegister, seal, unseal,
};
use sealroom_protocol::id::{ObjectId, StoreId};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::object::Manifest;
use sealroom_protocol::provider::RustCrypto;
use sealroom_protocol::restore::SignedRestore;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::OnceLock;

/// The store of all seeds.
pub(super) const STORE: StoreId = StoreId::from_bytes([3; 32]);
const SECRET: &[u8] = b"what was sealed";
const LEVEL: FreshnessLevel = FreshnessLevel::None;

/// One key for every request.
struct Platform;

impl SealingPlatform for Platform {
    fn identity(&self) -> Identity {
        Identity { version: 1, debug: false }
    }

    fn request(&mut self, _seal_to: SealTo) -> Result<Vec<u8>, Unavailable> {
        Ok(vec![1])
    }

    fn key(&mut self, _request: &KeyRequest) -> Result<PlatformKey, Unavailable> {
        Ok(PlatformKey { bytes: vec![7; 32].into(), excludes_debug: true })
    }
}

#[derive(Clone, Default)]
struct Host(Rc<RefCell<Disk>>);

#[derive(Clone, Default)]
struct Disk {
    blobs: BTreeMap<ObjectId, Vec<u8>>,
    record: Option<Vec<u8>>,
}

impl Blobs for Host {
    fn put(&mut self, name: &ObjectId, bytes: &[u8]) -> Result<(), Unavailable> {
        self.0.borrow_mut().blobs.insert(*name, bytes.to_vec());
        Ok(())
    }

    fn get(&mut self, name: &ObjectId) -> Result<Option<Vec<u8>>, Unavailable> {
        Ok(self.0.borrow().blobs.get(name).cloned())
    }
}

impl Pointer for Host {
    fn read(&mut self, _store: &StoreId) -> Result<Option<Vec<u8>>, Unavailable> {
        Ok(self.0.borrow().record.clone())
    }

    fn write(&mut self, _store: &StoreId, record: &[u8; 40]) -> Result<(), Unavailable> {
        self.0.borrow_mut().record = Some(record.to_vec());
        Ok(())
    }
}

/// A log that ends with these bytes, under a signature that is none.
struct Log(Vec<u8>);

impl WitnessLog for Log {
    fn tail(&mut self, _origin: &str) -> Result<Option<Tail>, Unavailable> {
        Ok(Some(Tail { size: 0, peaks: Vec::new(), leaf: self.0.clone(), signature: [0; 64] }))
    }

    fn extend(&mut self, _extension: &Extension<'_>) -> Result<Result<Vec<String>, Behind>, Unavailable> {
        Ok(Err(Behind))
    }
}

/// A single sealed piece, and a store with one object.
pub(super) struct Genuine {
    pub(super) single: Vec<u8>,
    pub(super) blobs: BTreeMap<ObjectId, Vec<u8>>,
    pub(super) record: Vec<u8>,
    pub(super) manifest: ObjectId,
    pub(super) object: ObjectId,
}

pub(super) fn genuine() -> &'static Genuine {
    static GENUINE: OnceLock<Genuine> = OnceLock::new();
    GENUINE.get_or_init(|| {
        let mut rng = Counter::new();
        let to = SealTo::Signer { minimum_version: 1 };
        let single = seal(&mut Platform, &RustCrypto, &mut rng, to, "purpose", SECRET).expect("a good key");
        let host = Host::default();
        let owners = Owners::nobody();
        let terms = StoreTerms { id: STORE, seal_to: vec![to, SealTo::Measurement], owners, demand: LEVEL };
        let (manifest, object) = with(&host, |means| {
            let mut store = Store::create(means, &terms).expect("a new store");
            let change = Change::new().write("name", SECRET).expect("a good name");
            store.commit(means, change).expect("a good host");
            let object = store.entries().expect("an open store").next().expect("one object").1.object;
            (store.report().expect("an open store").digest, object)
        });
        let Disk { blobs, record } = host.0.borrow().clone();
        Genuine { single, blobs, record: record.expect("a pointer"), manifest, object }
    })
}

fn with<T>(host: &Host, work: impl FnOnce(&mut Means<'_>) -> T) -> T {
    let mut register = HostRegister::new(host.clone());
    let (platform, blobs) = (&mut Platform, &mut host.clone());
    work(&mut Means { platform, blobs, register: &mut register, provider: &RustCrypto, rng: &mut Counter::new() })
}

/// What opens is what was sealed and nothing else, whatever is shown in its place; what decodes has one spelling; and what is
/// wrong is said without a character that steers a terminal.
pub(crate) fn sealed(bytes: &[u8]) -> bool {
    [single(bytes), blob(bytes), record(bytes), leaf(bytes), order(bytes)].contains(&true)
}

fn single(bytes: &[u8]) -> bool {
    let opened = unseal(&mut Platform, &RustCrypto, "purpose", bytes, LEVEL);
    let opened = opened.inspect_err(|error| plain(&error.to_string())).is_ok();
    assert_eq!(opened, bytes == genuine().single, "only what was sealed is unsealed");
    opened
}

/// Shows the bytes as the newest manifest, as the object, and as a manifest that the host points at itself.
fn blob(bytes: &[u8]) -> bool {
    let genuine = genuine();
    let shown = |name: ObjectId, record: Vec<u8>| {
        let mut blobs = genuine.blobs.clone();
        blobs.insert(name, bytes.to_vec());
        let host = Host(Rc::new(RefCell::new(Disk { blobs, record: Some(record) })));
        with(&host, |means| {
            let store = Store::open(means, STORE, LEVEL).inspect_err(|error| plain(&error.to_string())).ok()?;
            let read = store.read(means, "name", LEVEL).inspect_err(|error| plain(&error.to_string())).ok()?;
            assert_eq!(read.plaintext.as_slice(), SECRET);
            Some(())
        })
    };
    let is = |name: ObjectId| genuine.blobs.get(&name).is_some_and(|blob| blob == bytes);
    let manifest = shown(genuine.manifest, genuine.record.clone()).is_some();
    let object = shown(genuine.object, genuine.record.clone()).is_some();
    assert_eq!(manifest, is(genuine.manifest), "only the newest manifest opens");
    assert_eq!(object, is(genuine.object), "only the object is read");
    let length = bytes.get(8..12).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
    let length = length.and_then(|length| usize::try_from(length).ok()).and_then(|length| length.checked_add(12));
    let parts = length.and_then(|length| bytes.get(12..length)).and_then(|parts| Manifest::decode(parts).ok());
    if let Some(id) = parts.map(|parts| parts.id()) {
        let record = [genuine.record.get(..8).unwrap_or_default(), id.as_bytes()].concat();
        assert!(shown(id, record).is_none() || is(genuine.manifest), "a host makes no manifest");
    }
    manifest || object
}

fn record(bytes: &[u8]) -> bool {
    let host = Host(Rc::new(RefCell::new(Disk { record: Some(bytes.to_vec()), ..Disk::default() })));
    let read = HostRegister::new(host).read(&STORE, &[0; 32]).inspect_err(|error| plain(&error.to_string()));
    let Ok(Some(Anchored { version, digest })) = read else { return false };
    assert_eq!([version.to_le_bytes().as_slice(), digest.as_bytes()].concat(), bytes);
    true
}

fn leaf(bytes: &[u8]) -> bool {
    let key = SigningSecret::from_seed(&[5; 32]).public();
    let quorum = Quorum::new(vec![WitnessKey { name: "w.example".into(), key }], 1, 0).expect("one of one");
    let mut register = WitnessRegister::new(quorum, SigningSecret::from_seed(&[6; 32]), Log(bytes.to_vec()));
    let error = register.read(&STORE, &[0; 32]).expect_err("nobody signed this log");
    plain(&error.to_string());
    error == RegisterError::LogSignature
}

fn order(bytes: &[u8]) -> bool {
    let order = SignedRestore::decode(bytes).inspect_err(|error| plain(&error.to_string()));
    order.is_ok_and(|order| {
        assert_eq!(order.encode(), bytes);
        true
    })
}
