//! The parties of the job, with the SDK's blocking form: two owners of lists, and an institute that asks how many
//! entries they share.

use crate::host::HostProcess;
use crate::image::built;
use crate::process;
use core::time::Duration;
use sealroom::blocking::{Host, Room};
use sealroom::{
    Contract, ContractFile, DatasetSource, EncryptedDataset, GrantTimes, Granted, HostError, Identity, Memory,
    OpenError, OpenedResult, ReceiptBundle, ReceiptLog, WantedRun, encrypt_dataset, make_request, now, open_result,
    open_witnessed_result, random, stop,
};
use sealroom_protocol::contract::{
    ArgumentValue, Column, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms, ResultTerms,
    Role, SignedContract, Terms, Validity, write,
};
use sealroom_protocol::run::SignedReceipt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// The one entry that both lists have, and so the result.
pub(crate) const SHARED: &str = "canary-shared-91c7.example";

/// The request's plaintext: the arguments that the institute chooses, as canonical JSON.
pub(crate) const REQUEST: &str = r#"{"minimum_parties":2}"#;

const NAMES: [&str; 3] = ["left", "right", "institute"];

/// How far the job is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    Open,
    Proposed,
    OneGrant,
    /// All granted, and the enclave's process is held in the middle of the run: SIGCONT lets it go on.
    Running,
    End,
}

/// A job as far as it was played.
pub(crate) struct Told {
    pub(crate) room: String,
    granted: Vec<(&'static str, Granted)>,
    pub(crate) receipt: Option<SignedReceipt>,
}

impl Told {
    /// The same room, with nothing granted in it yet.
    pub(crate) fn again(&self) -> Self {
        Self { room: self.room.clone(), granted: Vec::new(), receipt: None }
    }
}

/// All parties at their sites.
pub(crate) struct Parties {
    folder: TempDir,
    pub(crate) sites: Vec<(Identity, Memory)>,
    pub(crate) contract: Contract,
    pub(crate) signed: SignedContract,
    datasets: Vec<EncryptedDataset>,
    pub(crate) rows: Vec<String>,
    pub(crate) platform: PathBuf,
}

impl Parties {
    pub(crate) fn new() -> Self {
        Self::with_rows(50)
    }

    /// Owners with so many rows each, besides the shared one.
    pub(crate) fn with_rows(rows_each: usize) -> Self {
        Self::with(rows_each, 5)
    }

    /// Owners with so many rows each, under a contract of so many runs.
    pub(crate) fn with(rows_each: usize, runs: u64) -> Self {
        Self::with_terms(rows_each, runs, |_| {})
    }

    /// The same, with a change to the contract's terms.
    pub(crate) fn with_terms(rows_each: usize, runs: u64, change: impl FnOnce(&mut Terms)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sites = NAMES.map(|name| {
            let identity = Identity::generate(name, &mut random()).unwrap();
            let memory = Memory::open(&folder.path().join(name), &identity.signing().public()).unwrap();
            (identity, memory)
        });
        let platform = shared_platform();
        let mut terms = terms(&sites, platform, runs);
        change(&mut terms);
        let contract = Contract::parse(write(&terms).as_bytes()).unwrap();
        let signed = sign(&sites, &contract);
        let mut rows = Vec::new();
        let mut datasets = Vec::new();
        for (identity, memory) in &sites[..2] {
            let name = identity.name();
            let own: Vec<String> =
                (0..rows_each).map(|number| format!("canary-{name}-{number:06}-7d1f.example")).collect();
            let csv = folder.path().join(format!("{name}.csv"));
            std::fs::write(&csv, format!("domain\n{}\n{SHARED}\n", own.join("\n"))).unwrap();
            let dataset = format!("{name}-list");
            let source = DatasetSource { csv: &csv, contract: &contract, dataset: &dataset, folder: folder.path() };
            datasets.push(encrypt_dataset(source, identity, memory, &mut random(), &mut |_| {}).unwrap());
            memory.remember_contract(&signed).unwrap();
            rows.extend(own);
        }
        Self { folder, sites: sites.into(), contract, signed, datasets, rows, platform: platform.to_owned() }
    }

    pub(crate) fn identities(&self) -> Vec<&Identity> {
        self.sites.iter().map(|(identity, _)| identity).collect()
    }

    pub(crate) fn site(&self, name: &str) -> &(Identity, Memory) {
        self.sites.iter().find(|(identity, _)| identity.name() == name).unwrap()
    }

    pub(crate) fn host(&self, host: &HostProcess) -> Host {
        assert!(self.folder.path().exists());
        Host::new(&host.options()).unwrap()
    }

    pub(crate) fn room(&self, host: &HostProcess, told: &Told) -> Room {
        self.host(host).room(&told.room)
    }

    /// Uploads, opens a room, and plays the job so far.
    pub(crate) fn play(&self, host: &HostProcess, at: At) -> Told {
        let client = self.host(host);
        for (dataset, (identity, _)) in self.datasets.iter().zip(&self.sites) {
            client.upload(dataset, identity, &mut |_| {}).unwrap();
        }
        self.play_again(host, at)
    }

    /// Opens a room and plays the job so far; what was uploaded is there.
    pub(crate) fn play_again(&self, host: &HostProcess, at: At) -> Told {
        let client = self.host(host);
        let room = client.open_room(&self.signed, &self.site("institute").0).unwrap().room;
        let mut told = Told { room, granted: Vec::new(), receipt: None };
        if at != At::Open {
            self.propose(host, &told).unwrap();
            self.go_on(host, &mut told, at);
        }
        told
    }

    /// Plays what comes after a proposal.
    pub(crate) fn go_on(&self, host: &HostProcess, told: &mut Told, at: At) {
        let granting: &[&'static str] = match at {
            At::Open | At::Proposed => &[],
            At::OneGrant => &NAMES[..1],
            At::Running | At::End => &NAMES,
        };
        for name in granting {
            let granted = self.grant(host, told, name);
            told.granted.push((name, granted));
        }
        if at == At::Running {
            process::signal(host.enclave_pid(), process::Signal::STOP);
            assert_eq!(self.room(host, told).status().unwrap().phase, "run", "the run is longer than a grant's answer");
        }
        if at == At::End {
            self.room(host, told).wait_for_run(Duration::from_millis(20)).unwrap();
            told.receipt = self.receipts(host).pop();
            self.settle(host);
        }
    }

    /// Every receipt that the host has, oldest first.
    pub(crate) fn receipts(&self, host: &HostProcess) -> Vec<SignedReceipt> {
        self.host(host).receipts(&self.contract.id()).unwrap()
    }

    /// Sends what was granted in one room to another. Gives how each grant was refused.
    pub(crate) fn deliver_again(&self, host: &HostProcess, told: &Told, to: &Told) -> Vec<HostError> {
        let room = self.room(host, to);
        let send = |(name, granted): &(&str, _)| room.send_grant(granted, &self.site(name).0).unwrap_err();
        told.granted.iter().map(send).collect()
    }

    /// The institute asks, with a request that both owners will read.
    pub(crate) fn propose(&self, host: &HostProcess, told: &Told) -> Result<(), HostError> {
        let (institute, memory) = self.site("institute");
        let chosen = [("minimum_parties".to_owned(), ArgumentValue::from(2))].into();
        let request = make_request(&self.contract, institute, &chosen, memory, &mut random()).unwrap();
        let client = self.host(host);
        client.upload_request(&request, institute)?;
        let named = self.datasets.iter().zip(["left-list", "right-list"]);
        let datasets = named.map(|(dataset, name)| (name.to_owned(), dataset.object)).collect();
        // A run number that this host may not know of: above everything that any party granted. The host knows where it begins.
        let highest = NAMES.iter().map(|name| self.highest(name)).max().unwrap_or(0);
        let run = (highest > 0).then(|| highest + 1);
        let wanted = WantedRun { run, datasets, request: Some(request.announcement), receipts: vec![] };
        self.room(host, told).propose(&wanted, institute).map(|_| ())
    }

    fn highest(&self, name: &str) -> u64 {
        let state = self.site(name).1.state(&self.contract).unwrap();
        state.grants.iter().map(|grant| grant.run).max().unwrap_or(0)
    }

    /// An honest party appraises, settles what the host has, reviews and grants.
    pub(crate) fn grant(&self, host: &HostProcess, told: &Told, name: &str) -> Granted {
        let (identity, memory) = self.site(name);
        let room = self.room(host, told);
        let appraised = self.appraise(host, told, name, &self.contract).unwrap();
        self.host(host).settle(&self.contract, memory).unwrap();
        let proposal = room.proposal().unwrap().unwrap();
        let request = room.fetch_request(&proposal).unwrap();
        let reviewed = appraised.review(proposal.brought(request.as_ref()), identity, memory, now()).unwrap();
        assert!(reviewed.explain().contains("minimum_parties"), "{}", reviewed.explain());
        let times = GrantTimes { clock: now(), expires: now() + 600 };
        let granted = reviewed.grant(identity, memory, times, &mut random()).unwrap();
        room.send_grant(&granted, identity).unwrap();
        granted
    }

    pub(crate) fn stop(&self, host: &HostProcess, told: &Told, name: &str) -> Result<Option<SignedReceipt>, HostError> {
        let identity = &self.site(name).0;
        let stop = stop(&self.contract, identity, "enough", now()).unwrap();
        self.room(host, told).stop(&stop, identity)
    }

    pub(crate) fn settle(&self, host: &HostProcess) {
        for (_, memory) in &self.sites {
            self.host(host).settle(&self.contract, memory).unwrap();
        }
    }

    pub(crate) fn count(&self, name: &str) -> u64 {
        self.site(name).1.state(&self.contract).unwrap().count
    }

    /// Runs that each party counts, in the order of the contract.
    pub(crate) fn counts(&self) -> [u64; 3] {
        NAMES.map(|name| self.count(name))
    }

    /// The run as a stranger gets it: contract, receipt, and the Evidence that left appraised.
    pub(crate) fn bundle(&self, told: &Told) -> Vec<u8> {
        let receipt = told.receipt.as_ref().unwrap();
        let run = receipt.allegation().proposal.run;
        let record = self.site("left").1.grant(&self.contract.id(), run).unwrap().unwrap();
        ReceiptBundle::new(&self.signed, receipt).with_grant(&record).encode()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The host's log of this contract, as a file of it is.
    pub(crate) fn log_file(&self, host: &HostProcess) -> ReceiptLog {
        self.host(host).log(&self.signed).unwrap()
    }

    /// Opens with the proof that the host's log gives now.
    pub(crate) fn open_witnessed(
        &self,
        host: &HostProcess,
        told: &Told,
        name: &str,
        result: &str,
    ) -> Result<OpenedResult, OpenError> {
        let receipt = told.receipt.as_ref().unwrap();
        let log = self.log_file(host);
        let proof = log.prove(log.place_of(receipt.allegation()).unwrap()).unwrap();
        let (manifest, body) = self.download(host, told, name, result);
        open_witnessed_result(&self.contract, &self.site(name).0, receipt, &proof, &manifest, body)
    }

    fn download(&self, host: &HostProcess, told: &Told, name: &str, result: &str) -> (Vec<u8>, std::fs::File) {
        let receipt = told.receipt.as_ref().unwrap();
        let output = receipt.allegation().outputs.iter().find(|output| output.name == result).unwrap();
        let path = self.folder.path().join(format!("{name}-{result}.result"));
        let manifest = self.host(host).download(&output.object, &path, &mut |_| {}).unwrap();
        (manifest.encode(), std::fs::File::open(&path).unwrap())
    }

    pub(crate) fn open(
        &self,
        host: &HostProcess,
        told: &Told,
        name: &str,
        result: &str,
    ) -> Result<OpenedResult, OpenError> {
        let (manifest, body) = self.download(host, told, name, result);
        open_result(&self.contract, &self.site(name).0, told.receipt.as_ref().unwrap(), &manifest, body)
    }
}

/// Signed by every party.
pub(crate) fn sign(sites: &[(Identity, Memory)], contract: &Contract) -> SignedContract {
    let mut file = ContractFile::new(contract.clone());
    sites.iter().for_each(|(identity, _)| file.sign(identity).unwrap());
    SignedContract::decode(&file.encode()).unwrap()
}

/// One platform for all tests: its root's two RSA-4096 keys take seconds to make.
fn shared_platform() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    static STATE: OnceLock<PathBuf> = OnceLock::new();
    STATE.get_or_init(|| FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path().join("state"))
}

fn enclave_terms(state: &Path) -> EnclaveTerms {
    let run = |arguments: &[&str]| {
        let output = Command::new(&built().0).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().rsplit(':').next().unwrap().to_owned()
    };
    let (mut fingerprint, mut measurement) = ([0; 32], [0; 48]);
    hex::decode_to_slice(run(&["anchor", "--state", state.to_str().unwrap()]), &mut fingerprint).unwrap();
    hex::decode_to_slice(run(&["measure", built().1.to_str().unwrap()]), &mut measurement).unwrap();
    EnclaveTerms::amd_sev_snp(fingerprint, measurement, FirmwareLevel::new(0, 0, 0, 0)).simulated()
}

fn terms(sites: &[(Identity, Memory)], state: &Path, runs: u64) -> Terms {
    let mut seed = [0; 32];
    rand_core::Rng::fill_bytes(&mut random(), &mut seed);
    let validity = Validity { not_before: now() - 3_600, expires: now() + 86_400 };
    let program = ProgramTerms::native("overlap")
        .with("key", "domain".into())
        .with("count_result", "size".into())
        .with("list_result", "shared".into())
        .with_choice("minimum_parties", vec![ArgumentValue::from(2)]);
    let mut terms =
        Terms::new("lists", "how many entries both have", validity, seed, program, Limits::new(runs, 512, 10_000_000));
    let roles: [&[Role]; 3] =
        [&[Role::Data, Role::Result], &[Role::Data, Role::Result], &[Role::Request, Role::Result]];
    for ((identity, _), roles) in sites.iter().zip(roles) {
        let card = identity.card();
        terms.parties.push(Party::new(&card.name, roles, card.signing_key, card.encryption_key));
    }
    for owner in ["left", "right"] {
        terms.datasets.push(Dataset::new(&format!("{owner}-list"), owner, 1_000_000, vec![Column::text("domain", 60)]));
    }
    let rules = OutputRules::new(1, 100, 10_000);
    terms.results.push(ResultTerms::new("size", &["institute"], vec![Column::integer("size", 0, 1_000)], rules));
    terms.results.push(ResultTerms::new("shared", &["left", "right"], vec![Column::text("domain", 60)], rules));
    terms.enclaves.push(enclave_terms(state));
    terms
}
