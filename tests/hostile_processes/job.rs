//! Three parties with their sites, each acting as a process of its own (`sealroom grant`), and one host for all contracts.
//!
//! What always holds: a party's memory is opened here only while none of its processes runs.

use crate::host::HostProcess;
use crate::image::built;
use crate::recorder::Recorder;
use crate::seen;
use sealroom::blocking::Host;
use sealroom::{
    Contract, ContractFile, DatasetSource, GrantState, Identity, Memory, SignedContract, SignedReceipt, WantedRun,
    encrypt_dataset, now, open_result, random,
};
use sealroom_protocol::contract::{
    Column, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms, ResultTerms, Role, Terms,
    Validity, write,
};
use sealroom_protocol::id::{ObjectId, ReceiptId};
use sealroom_protocol::run::{Ending, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

pub(crate) const OWNERS: [&str; 2] = ["left", "right"];
const NAMES: [&str; 3] = ["left", "right", "institute"];

/// Everyone, at their sites.
pub(crate) struct Job {
    folder: TempDir,
    identities: Vec<Identity>,
    pub(crate) host: HostProcess,
    /// Every ciphertext that was ever looked at.
    pub(crate) recorder: Recorder,
}

/// A contract in force, with its data at the host.
pub(crate) struct InForce {
    pub(crate) contract: Contract,
    signed: SignedContract,
    datasets: BTreeMap<String, ObjectId>,
    /// Every complete receipt that was ever seen, whatever the host remembers.
    pub(crate) complete: BTreeMap<ReceiptId, SignedReceipt>,
}

/// What a party's process said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) exit: Option<i32>,
    pub(crate) json: serde_json::Value,
}

impl Job {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identities: Vec<Identity> =
            NAMES.iter().map(|name| Identity::generate(name, &mut random()).unwrap()).collect();
        for identity in &identities {
            let site = folder.path().join(identity.name());
            std::fs::create_dir(&site).unwrap();
            identity.save(&site.join("party.key"), None, &mut random()).unwrap();
        }
        let allowed: Vec<&Identity> = identities.iter().collect();
        let host = HostProcess::start(folder.path().join("host"), platform(), &allowed);
        Self { folder, identities, host, recorder: Recorder::default() }
    }

    pub(crate) fn identity(&self, name: &str) -> &Identity {
        self.identities.iter().find(|identity| identity.name() == name).unwrap()
    }

    /// A party's folder.
    pub(crate) fn site(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn memory(&self, name: &str) -> Memory {
        Memory::open(&self.site(name).join("party.memory"), &self.identity(name).signing().public()).unwrap()
    }

    pub(crate) fn client(&self) -> Host {
        Host::new(&self.host.options()).unwrap()
    }

    /// A new contract that allows so many runs, signed by all, its datasets encrypted and uploaded.
    pub(crate) fn contract(&self, runs: u64) -> InForce {
        let contract = Contract::parse(write(&self.terms(runs)).as_bytes()).unwrap();
        let mut file = ContractFile::new(contract.clone());
        self.identities.iter().for_each(|identity| file.sign(identity).unwrap());
        let signed = file.complete().unwrap();
        let mut datasets = BTreeMap::new();
        for name in OWNERS {
            let (identity, memory, site) = (self.identity(name), self.memory(name), self.site(name));
            let (csv, dataset) = (site.join("list.csv"), format!("{name}-list"));
            std::fs::write(&csv, format!("domain\n{name}.example\nb.example\nc.example\n")).unwrap();
            let source = DatasetSource { csv: &csv, contract: &contract, dataset: &dataset, folder: &site };
            memory.remember_contract(&signed).unwrap();
            let encrypted = encrypt_dataset(source, identity, &memory, &mut random(), &mut |_| {}).unwrap();
            self.client().upload(&encrypted, identity, &mut |_| {}).unwrap();
            datasets.insert(dataset, encrypted.object);
        }
        InForce { contract, signed, datasets, complete: BTreeMap::new() }
    }

    /// Has the host open a room; gives its name.
    pub(crate) fn open_room(&self, job: &InForce) -> String {
        self.client().open_room(&job.signed, self.identity("institute")).unwrap().room
    }

    /// The institute asks for a run; `run` is its number, or the host's next.
    pub(crate) fn propose(&self, job: &InForce, room: &str, run: Option<u64>) -> Result<(), sealroom::HostError> {
        let wanted = WantedRun { run, datasets: job.datasets.clone(), request: None, receipts: vec![] };
        self.client().room(room).propose(&wanted, self.identity("institute")).map(|_| ())
    }

    /// One above every number that a party granted.
    pub(crate) fn next_run(&self, job: &InForce) -> u64 {
        let highest = |name: &&str| {
            let state = self.memory(name).state(&job.contract).unwrap();
            state.grants.iter().map(|grant| grant.run).max().unwrap_or(0)
        };
        OWNERS.iter().map(highest).max().unwrap() + 1
    }

    /// Starts a party's process, which appraises, settles what the host has, reviews and grants.
    pub(crate) fn granting(&self, name: &str, room: &str) -> Child {
        let url = format!("{}/rooms/{room}", self.host.url());
        Command::new(env!("CARGO_BIN_EXE_sealroom"))
            .current_dir(self.site(name))
            .args(["--json", "grant", "--room", &url, "--as", "party.key", "--yes"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// The same, to its end.
    pub(crate) fn grant(&self, name: &str, room: &str) -> Said {
        said(self.granting(name, room))
    }

    /// Takes in every receipt that the host has, and shows them to both owners.
    pub(crate) fn settle(&self, job: &mut InForce) {
        let receipts = self.client().receipts(&job.contract.id()).unwrap();
        for receipt in receipts.into_iter().filter(|receipt| receipt.allegation().outcome == Outcome::Complete) {
            job.complete.insert(receipt.allegation().id(), receipt);
        }
        for name in OWNERS {
            self.client().settle(&job.contract, &self.memory(name)).unwrap();
        }
    }

    /// What must hold of both owners, whatever was killed: every complete run was granted by both, none counts twice, and
    /// neither spent more than the limit.
    #[track_caller]
    pub(crate) fn assert_limits(&self, job: &InForce, what: &str) {
        let limit = job.contract.terms().limits.runs;
        let runs: BTreeSet<u64> = job.complete.values().map(|receipt| receipt.allegation().proposal.run).collect();
        assert_eq!(runs.len(), job.complete.len(), "{what}: one run number has two receipts");
        assert!(u64::try_from(runs.len()).unwrap() <= limit, "{what}: {} runs of {limit}", runs.len());
        for name in OWNERS {
            let state = self.memory(name).state(&job.contract).unwrap();
            let spent = state.grants.iter().filter(|grant| grant.state != GrantState::GivenBack).count();
            assert_eq!((state.count, state.restored), (u64::try_from(spent).unwrap(), false), "{what}: {name}");
            assert!(state.count <= limit, "{what}: {name} spent {} of {limit}", state.count);
            for receipt in job.complete.values() {
                let receipt = receipt.verify(&job.contract).unwrap();
                let known = state.grants.iter().find(|grant| grant.run == receipt.proposal.run);
                let known = known.unwrap_or_else(|| panic!("{what}: a run that {name} did not grant"));
                assert_eq!(known.proposal(), receipt.proposal.id(), "{what}: {name}");
            }
        }
    }

    /// Results that the institute can open, each of which must be right.
    #[track_caller]
    pub(crate) fn results(&self, job: &InForce) -> usize {
        let released = |receipt: &&SignedReceipt| receipt.allegation().ending == Ending::Released;
        let mut opened = 0;
        for receipt in job.complete.values().filter(released) {
            let output = receipt.allegation().outputs.first().unwrap();
            let path = self.folder.path().join("result");
            let Ok(manifest) = self.client().download(&output.object, &path, &mut |_| {}) else { continue };
            let body = std::fs::File::open(&path).unwrap();
            let institute = self.identity("institute");
            let result = open_result(&job.contract, institute, receipt, &manifest.encode(), body).unwrap();
            assert_eq!(result.plaintext.csv, "size\n2\n");
            opened += 1;
        }
        opened
    }

    /// Looks at all ciphertext that there is at the host and at the parties' sites: no two of it are under one key and nonce.
    /// None of the parties' processes may run.
    #[track_caller]
    pub(crate) fn look(&self) {
        seen::look(self.host.folder(), &self.recorder);
        NAMES.iter().for_each(|name| seen::remembered(&self.memory(name), &self.recorder));
        assert_eq!(self.recorder.repeated(), None);
    }

    fn terms(&self, runs: u64) -> Terms {
        let mut seed = [0; 32];
        rand_core::Rng::fill_bytes(&mut random(), &mut seed);
        let validity = Validity { not_before: now() - 3_600, expires: now() + 86_400 };
        let program = ProgramTerms::native("overlap").with("key", "domain".into()).with("count_result", "size".into());
        let limits = Limits::new(runs, 64, 10_000);
        let mut terms = Terms::new("killed", "to be killed at any moment", validity, seed, program, limits);
        for identity in &self.identities {
            let card = identity.card();
            let roles: &[Role] = if card.name == "institute" { &[Role::Result] } else { &[Role::Data] };
            terms.parties.push(Party::new(&card.name, roles, card.signing_key, card.encryption_key));
        }
        for owner in OWNERS {
            terms.datasets.push(Dataset::new(&format!("{owner}-list"), owner, 100, vec![Column::text("domain", 60)]));
        }
        let columns = vec![Column::integer("size", 0, 1_000)];
        terms.results.push(ResultTerms::new("size", &["institute"], columns, OutputRules::new(1, 10, 1_000)));
        terms.enclaves.push(enclave_terms());
        terms
    }
}

/// Waits for a party's process.
pub(crate) fn said(child: Child) -> Said {
    let output = child.wait_with_output().unwrap();
    Said { exit: output.status.code(), json: serde_json::from_slice(&output.stdout).unwrap_or_default() }
}

/// One platform for all tests: its root's two RSA-4096 keys take seconds to make.
fn platform() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    static STATE: OnceLock<PathBuf> = OnceLock::new();
    STATE.get_or_init(|| FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path().join("state"))
}

fn enclave_terms() -> EnclaveTerms {
    static TERMS: OnceLock<EnclaveTerms> = OnceLock::new();
    let run = |arguments: &[&str]| {
        let output = Command::new(&built().0).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().rsplit(':').next().unwrap().to_owned()
    };
    let made = TERMS.get_or_init(|| {
        let (mut fingerprint, mut measurement) = ([0; 32], [0; 48]);
        hex::decode_to_slice(run(&["anchor", "--state", platform().to_str().unwrap()]), &mut fingerprint).unwrap();
        hex::decode_to_slice(run(&["measure", built().1.to_str().unwrap()]), &mut measurement).unwrap();
        EnclaveTerms::amd_sev_snp(fingerprint, measurement, FirmwareLevel::new(0, 0, 0, 0)).simulated()
    });
    made.clone()
}
