//! What a kit makes once and every schedule begins with: keys of all parties, the contract that they signed, their encrypted
//! datasets, requests, and each party's memory as it was before the first run.
//!
//! What always holds: all of it is made by the code that real parties run.

use crate::appraisals::Appraisals;
use crate::disk::Disk;
use crate::enclave::Bodies;
use crate::platform::Platform;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sealroom::{
    Arguments, Contract, ContractFile, DatasetSource, Identity, Memory, PreparedRequest, encrypt_dataset, make_request,
    now,
};
use sealroom_enclave_core::Programs;
use sealroom_protocol::contract::{Role, Terms, write};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::run::SignedAnnouncement;
use std::path::Path;

/// How long before now contracts of the kit begin, and how long after they end, in seconds.
const BEGUN: u64 = 3_600;
pub(crate) const LASTS: u64 = 30 * 86_400;
/// Most requests that are prepared.
const REQUESTS: u64 = 6;

/// What is to be tested.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "arguments by name")]
pub struct Material<'a> {
    /// Your programs, as your image has them.
    pub programs: Programs,
    /// The contract. Its parties get keys of the kit, its enclaves are those of the kit's platform, and it begins now; where
    /// it names witnesses, pins objects or amends another, that is left out. All else stays.
    pub terms: Terms,
    /// For every dataset of the contract its table, as CSV with the line of names.
    pub datasets: &'a [(&'a str, &'a str)],
    /// What requests choose, where the contract leaves a choice.
    pub arguments: Arguments,
}

/// Why there is no kit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KitError {
    /// The contract breaks a rule.
    #[error("expected terms that make a contract, found: {0}; correct them")]
    Contract(Box<dyn core::error::Error + Send + Sync>),
    /// A dataset without a table.
    #[error("expected a table for dataset \"{0}\", found none; add one")]
    Dataset(String),
    /// A table that breaks its schema.
    #[error("expected a table that keeps the schema of \"{dataset}\", found: {source}; correct the table")]
    Table {
        /// The dataset.
        dataset: String,
        /// What it breaks.
        source: Box<dyn core::error::Error + Send + Sync>,
    },
    /// Arguments that the contract does not leave open.
    #[error("expected arguments that the contract leaves open, found: {0}; choose others")]
    Arguments(Box<dyn core::error::Error + Send + Sync>),
    /// The honest party.
    #[error("expected one of {} as the honest party, found \"{found}\"; only they grant, so only they have limits", expected.join(", "))]
    Honest {
        /// Parties that grant.
        expected: Vec<String>,
        /// The name given.
        found: String,
    },
    /// The room refuses the contract.
    #[error("expected a contract that the room opens, found: {0}")]
    Refused(String),
}

/// One party's keys, and what it has before the first run.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) identity: Identity,
    /// Keys of its objects.
    pub(crate) keys: Vec<(ObjectId, [u8; 32])>,
    /// Its memory's bytes.
    pub(crate) memory: Vec<u8>,
}

/// See the top of this file.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) programs: Programs,
    pub(crate) contract: Contract,
    pub(crate) envelope: Vec<u8>,
    pub(crate) people: Vec<Person>,
    pub(crate) bodies: Bodies,
    /// For every dataset the object that its owner encrypted last, and the one before.
    pub(crate) datasets: Vec<ObjectId>,
    pub(crate) older: Vec<ObjectId>,
    pub(crate) requests: Vec<PreparedRequest>,
    /// Keys of the requests, encrypted to the data parties.
    pub(crate) encapsulated: Vec<Vec<u8>>,
    pub(crate) now: u64,
    pub(crate) appraisals: Appraisals,
}

impl World {
    pub(crate) fn new(material: Material<'_>, seed: u64) -> Result<Self, KitError> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let now = now();
        let Material { programs, mut terms, datasets: tables, arguments } = material;
        let identity = |party: &sealroom_protocol::contract::Party| Identity::generate(&party.name, &mut rng);
        let identities: Result<Vec<Identity>, _> = terms.parties.iter().map(identity).collect();
        let identities = identities.map_err(|error| KitError::Contract(error.into()))?;
        for (party, identity) in terms.parties.iter_mut().zip(&identities) {
            (party.signing_key, party.encryption_key) = (identity.signing().public(), identity.encryption().public());
        }
        (terms.not_before, terms.expires) = (now.saturating_sub(BEGUN), now.saturating_add(LASTS));
        rng.fill_bytes(&mut terms.random);
        terms.enclaves = vec![Platform::shared().terms()];
        (terms.log, terms.amends) = (None, None);
        terms.datasets.iter_mut().for_each(|dataset| dataset.object = None);
        let contract =
            Contract::parse(write(&terms).as_bytes()).map_err(|error| KitError::Contract(Box::new(error)))?;
        let mut file = ContractFile::new(contract.clone());
        identities.iter().for_each(|identity| file.sign(identity).unwrap());
        let signed = file.complete().unwrap();
        let (mut bodies, mut datasets, mut older) = (Bodies::default(), Vec::new(), Vec::new());
        let disks: Vec<Disk> = identities.iter().map(|_| Disk::new(Vec::new())).collect();
        let open = |(identity, disk): (&Identity, &Disk)| {
            let memory = Memory::open_on(disk.clone(), &identity.signing().public()).unwrap();
            memory.remember_contract(&signed).unwrap();
            memory
        };
        let memories: Vec<Memory> = identities.iter().zip(&disks).map(open).collect();
        let mut keys = vec![Vec::new(); identities.len()];
        let folder = tempfile::tempdir().unwrap();
        for dataset in &contract.terms().datasets {
            let table = tables.iter().find(|(name, _)| *name == dataset.name);
            let (_, csv) = table.ok_or_else(|| KitError::Dataset(dataset.name.clone()))?;
            let owner = identities.iter().position(|identity| identity.name() == dataset.owner).unwrap();
            let ((identity, memory), keys) = (identities.iter().zip(&memories).zip(&mut keys)).nth(owner).unwrap();
            for objects in [&mut older, &mut datasets] {
                let object = encrypt(csv, folder.path(), &contract, &dataset.name, identity, memory, &mut bodies);
                let object = object.map_err(|source| KitError::Table { dataset: dataset.name.clone(), source })?;
                keys.push((object, *memory.data_key(&object).unwrap().expose_secret()));
                objects.push(object);
            }
        }
        let mut requests = Vec::new();
        if contract.leaves_choices() {
            let asks = |party: &&sealroom_protocol::contract::Party| party.has(Role::Request);
            let asker = contract.terms().parties.iter().find(asks).map(|party| party.name.clone());
            let asker = identities.iter().position(|identity| Some(identity.name()) == asker.as_deref()).unwrap();
            let ((identity, memory), keys) = (identities.iter().zip(&memories).zip(&mut keys)).nth(asker).unwrap();
            for _ in 0..REQUESTS {
                let request = make_request(&contract, identity, &arguments, memory, &mut rng)
                    .map_err(|error| KitError::Arguments(Box::new(error)))?;
                bodies.insert(request.object, request.manifest.clone(), request.body.clone());
                keys.push((request.object, *memory.data_key(&request.object).unwrap().expose_secret()));
                requests.push(request);
            }
        }
        let announced = requests.iter().map(|request| SignedAnnouncement::decode(&request.announcement).unwrap());
        let announced = announced.flat_map(|signed| signed.allegation().keys.clone());
        let encapsulated = announced.map(|key| key.key).collect();
        drop(memories);
        let people = identities.into_iter().zip(keys).zip(&disks);
        let person =
            |((identity, keys), disk): ((Identity, _), &Disk)| Person { identity, keys, memory: disk.durable() };
        let people = people.map(person).collect();
        let (envelope, appraisals) = (file.encode(), Appraisals::default());
        Ok(Self {
            programs,
            contract,
            envelope,
            people,
            bodies,
            datasets,
            older,
            requests,
            encapsulated,
            now,
            appraisals,
        })
    }

    pub(crate) fn person(&self, name: &str) -> &Person {
        self.people.iter().find(|person| person.identity.name() == name).unwrap()
    }

    /// Names of the parties that grant, in the contract's order.
    pub(crate) fn granting(&self) -> Vec<String> {
        self.contract.granting_parties().iter().map(|party| party.name.clone()).collect()
    }
}

/// Encrypts a table as its owner does at home.
fn encrypt(
    csv: &str,
    folder: &Path,
    contract: &Contract,
    dataset: &str,
    identity: &Identity,
    memory: &Memory,
    bodies: &mut Bodies,
) -> Result<ObjectId, Box<dyn core::error::Error + Send + Sync>> {
    let path = folder.join("table.csv");
    std::fs::write(&path, csv)?;
    let source = DatasetSource { csv: &path, contract, dataset, folder };
    // Keys of datasets are drawn by the operating system, as at home: no schedule depends on them.
    let encrypted = encrypt_dataset(source, identity, memory, &mut sealroom::random(), &mut |_| {})?;
    bodies.insert(encrypted.object, std::fs::read(&encrypted.manifest)?, std::fs::read(&encrypted.body)?);
    Ok(encrypted.object)
}
