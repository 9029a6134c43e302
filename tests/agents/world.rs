//! The demo's four hospitals and institute, with contracts between them, and a place on this machine for each.

use crate::image::built;
use sealroom::{
    Contract, ContractFile, DatasetSource, Draft, Identity, Memory, SignedContract, encrypt_dataset, now, random,
};
use sealroom_protocol::contract::time_text;
use sealroom_protocol::id::ObjectId;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// The hospitals, in the order of the contract, each with its patients.
pub(crate) const HOSPITALS: [(&str, &str); 4] = [
    ("cleveland", include_str!("../../examples/data/heart/cleveland.csv")),
    ("budapest", include_str!("../../examples/data/heart/budapest.csv")),
    ("zurich", include_str!("../../examples/data/heart/zurich.csv")),
    ("long-beach", include_str!("../../examples/data/heart/long-beach.csv")),
];
const DRAFT: &str = include_str!("../../examples/contracts/heart.toml");
/// Who states where the host stands, and where.
pub(crate) const STATES: (&str, &str) = ("zurich", "CH");
pub(crate) const INSTITUTE: &str = "institute";

/// A contract that all signed, and the hospitals' objects under it.
pub(crate) struct Agreed {
    pub(crate) file: PathBuf,
    pub(crate) signed: SignedContract,
    pub(crate) datasets: BTreeMap<String, ObjectId>,
    uploads: Vec<(usize, sealroom::EncryptedDataset)>,
}

impl Agreed {
    pub(crate) fn contract(&self) -> &Contract {
        self.signed.contract()
    }
}

/// Everybody, at home on this machine.
pub(crate) struct World {
    folder: TempDir,
    identities: Vec<Identity>,
    pub(crate) agreed: Vec<Agreed>,
    pub(crate) port: u16,
}

impl World {
    /// Contracts of the demo with so many runs each.
    pub(crate) fn new(contracts: usize, runs: u64) -> Self {
        Self::for_purpose(contracts, runs, "How common is heart disease, by age and sex?")
    }

    /// The same for what somebody wrote as their purpose.
    pub(crate) fn for_purpose(contracts: usize, runs: u64, purpose: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = HOSPITALS.iter().map(|(name, _)| *name).chain([INSTITUTE]);
        let identities = names.map(|name| {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            let identity = Identity::generate(name, &mut random()).unwrap();
            identity.save(&folder.path().join(name).join("party.key"), None, &mut random()).unwrap();
            identity
        });
        let identities = identities.collect();
        let mut world = Self { folder, identities, agreed: Vec::new(), port: free_port() };
        let memories: Vec<Memory> = HOSPITALS.iter().map(|(name, _)| world.memory(name)).collect();
        world.agreed = (0..contracts).map(|place| world.agree(place, runs, purpose, 86_400, &memories)).collect();
        world
    }

    /// One contract that ends in so many seconds, and says that its rooms are evaluated every minute.
    pub(crate) fn ending(seconds: u64) -> Self {
        let mut world = Self::for_purpose(0, 1, "");
        let memories: Vec<Memory> = HOSPITALS.iter().map(|(name, _)| world.memory(name)).collect();
        world.agreed.push(world.agree(0, 9, "It ends.", seconds, &memories));
        world
    }

    /// One contract in which the institute chooses whose rows count.
    pub(crate) fn asking(runs: u64) -> Self {
        let mut world = Self::for_purpose(0, 1, "");
        let memories: Vec<Memory> = HOSPITALS.iter().map(|(name, _)| world.memory(name)).collect();
        let draft = DRAFT.replace("roles = [\"result\"]", "roles = [\"request\", \"result\"]").replacen(
            "\n[[result]]\n",
            "\n[program.choices]\nwhere = [\"num > 0\", \"age > 50\"]\n\n[[result]]\n",
            1,
        );
        world.agreed.push(world.agree_on(&draft, 0, runs, "A choice.", 86_400, &memories));
        world
    }

    fn agree(&self, place: usize, runs: u64, purpose: &str, life: u64, memories: &[Memory]) -> Agreed {
        self.agree_on(DRAFT, place, runs, purpose, life, memories)
    }

    fn agree_on(&self, draft: &str, place: usize, runs: u64, purpose: &str, life: u64, memories: &[Memory]) -> Agreed {
        let text = draft
            .replace("\"How common is heart disease, by age and sex?\"", &format!("\"{purpose}\""))
            .replace(
                "\nruns = 1\n",
                &format!("\nruns = {runs}\n{}", if life < 3_600 { "evaluate_every = 60\n" } else { "" }),
            )
            .replace("\"<not before>\"", &time_text(now() - 3_600))
            .replace("\"<expires>\"", &time_text(now() + life))
            .replace("\"heart-study\"", &format!("\"heart-study-{}\"", place + 1));
        let mut draft = Draft::new(&text);
        for identity in &self.identities {
            draft.card(&identity.card()).unwrap();
        }
        let (anchor, measurement) = platform_values();
        draft.fill("trust anchor", anchor).unwrap().fill("measurement", measurement).unwrap();
        draft.random(&mut random()).unwrap();
        let mut file = ContractFile::new(draft.contract().unwrap());
        self.identities.iter().for_each(|identity| file.sign(identity).unwrap());
        let signed = file.complete().unwrap();
        let path = self.folder.path().join(format!("heart-{}.contract", place + 1));
        file.save(&path).unwrap();
        let mut uploads = Vec::new();
        for (index, (name, patients)) in HOSPITALS.into_iter().enumerate() {
            let folder = self.home(name).join(format!("data-{}", place + 1));
            std::fs::create_dir(&folder).unwrap();
            let csv = folder.join("patients.csv");
            std::fs::write(&csv, patients).unwrap();
            let source = DatasetSource { csv: &csv, contract: signed.contract(), dataset: name, folder: &folder };
            let (identity, memory) = (&self.identities[index], &memories[index]);
            uploads.push((index, encrypt_dataset(source, identity, memory, &mut random(), &mut |_| {}).unwrap()));
        }
        let datasets = uploads.iter().map(|(index, upload)| (HOSPITALS[*index].0.to_owned(), upload.object)).collect();
        Agreed { file: path, signed, datasets, uploads }
    }

    /// Gives the host every ciphertext.
    pub(crate) fn upload(&self) {
        let host = self.host();
        for (index, dataset) in self.agreed.iter().flat_map(|agreed| &agreed.uploads) {
            host.upload(dataset, &self.identities[*index], &mut |_| {}).unwrap();
        }
    }

    pub(crate) fn host(&self) -> sealroom::blocking::Host {
        let mut options = sealroom::HostOptions::new(self.url());
        options.timeout = core::time::Duration::from_secs(10);
        options.exchange_timeout = core::time::Duration::from_secs(30);
        sealroom::blocking::Host::new(&options).unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn identity(&self, name: &str) -> &Identity {
        self.identities.iter().find(|identity| identity.name() == name).unwrap()
    }

    pub(crate) fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// A party's memory, which nobody else has open.
    pub(crate) fn memory(&self, name: &str) -> Memory {
        Memory::open(&self.home(name).join("party.memory"), &self.identity(name).signing().public()).unwrap()
    }
}

/// A port that nobody listens on: a process that is killed comes back where it was.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The platform's state: its root's two RSA-4096 keys take seconds to make.
pub(crate) fn platform_state() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    static STATE: OnceLock<PathBuf> = OnceLock::new();
    STATE.get_or_init(|| FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path().join("state"))
}

/// What the contract says of the enclave: anchor and measurement.
fn platform_values() -> &'static (String, String) {
    static VALUES: OnceLock<(String, String)> = OnceLock::new();
    VALUES.get_or_init(|| {
        let run = |arguments: &[&str]| {
            let output = Command::new(&built().0).args(arguments).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        let anchor = run(&["anchor", "--state", platform_state().to_str().unwrap()]);
        (anchor, format!("sha384:{}", run(&["measure", built().1.to_str().unwrap()])))
    })
}
