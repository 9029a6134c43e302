//! Honest parties with real keys and memories, a contract that they all signed, and their encrypted data.

use crate::enclave::{Bodies, Enclave};
use crate::image::built;
use crate::refused::secret;
use sealroom::{
    AppraisedRoom, BroughtProposal, Contract, ContractFile, DatasetSource, EncryptedDataset, EvidenceBundle,
    GrantTimes, Granted, Identity, Memory, ReviewError, Stricter, appraise, encrypt_dataset, now, random,
};
use sealroom_attestation::Challenge;
use sealroom_protocol::contract::{
    Column, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms, ResultTerms, Role, Terms,
    Validity, write,
};
use sealroom_protocol::id::ObjectId;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// Text that stands in north's data and in no other place.
pub(crate) const CANARY: &str = "canary-north-7d1f0c.example";

/// One party at its own site.
pub(crate) struct Site {
    pub(crate) identity: Identity,
    pub(crate) memory: Memory,
    pub(crate) dataset: Option<EncryptedDataset>,
}

/// Everything but the enclave.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) contract: Contract,
    pub(crate) envelope: Vec<u8>,
    pub(crate) sites: Vec<Site>,
    pub(crate) bodies: Bodies,
    pub(crate) state: PathBuf,
}

/// The enclave terms that name this platform's root and the built image.
pub(crate) fn enclave_terms(state: &Path) -> EnclaveTerms {
    let run = |arguments: &[&str]| {
        let output = Command::new(&built().0).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let anchor = run(&["anchor", "--state", state.to_str().unwrap()]);
    let measurement = run(&["measure", built().1.to_str().unwrap()]);
    let mut fingerprint = [0; 32];
    hex::decode_to_slice(anchor.rsplit(':').next().unwrap(), &mut fingerprint).unwrap();
    let mut measured = [0; 48];
    hex::decode_to_slice(measurement.rsplit(':').next().unwrap(), &mut measured).unwrap();
    EnclaveTerms::amd_sev_snp(fingerprint, measured, FirmwareLevel::new(0, 0, 0, 0)).simulated()
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Terms)) -> Self {
        secret(CANARY.as_bytes());
        let folder = tempfile::tempdir().unwrap();
        let state = shared_platform().to_path_buf();
        let mut sites: Vec<Site> =
            ["north", "south", "institute"].into_iter().map(|name| site(folder.path(), name)).collect();
        let mut terms = terms(&sites, &state);
        change(&mut terms);
        let contract = Contract::parse(write(&terms).as_bytes()).unwrap();
        let mut file = ContractFile::new(contract.clone());
        sites.iter().for_each(|site| file.sign(&site.identity).unwrap());
        let mut bodies = Bodies::default();
        for (owner, rows) in [
            ("north", format!("{CANARY}\na.example\nb.example\nc.example\n")),
            ("south", "b.example\nc.example\nd.example\n".into()),
        ] {
            let site = sites.iter_mut().find(|site| site.identity.name() == owner).unwrap();
            let csv = folder.path().join(format!("{owner}.csv"));
            std::fs::write(&csv, format!("domain\n{rows}")).unwrap();
            let dataset = format!("{owner}-list");
            let source = DatasetSource { csv: &csv, contract: &contract, dataset: &dataset, folder: folder.path() };
            let encrypted = encrypt_dataset(source, &site.identity, &site.memory, &mut random(), &mut |_| {}).unwrap();
            let (manifest, body) =
                (std::fs::read(&encrypted.manifest).unwrap(), std::fs::read(&encrypted.body).unwrap());
            bodies.0.insert(encrypted.object, (manifest, body));
            site.dataset = Some(encrypted);
        }
        Self { folder, envelope: file.encode(), contract, sites, bodies, state }
    }

    pub(crate) fn site(&self, name: &str) -> &Site {
        self.sites.iter().find(|site| site.identity.name() == name).unwrap()
    }

    pub(crate) fn datasets(&self) -> Vec<ObjectId> {
        self.sites.iter().filter_map(|site| site.dataset.as_ref()).map(|dataset| dataset.object).collect()
    }

    /// An enclave of the signed image, with the contract open and the manifests brought.
    pub(crate) fn enclave(&self) -> Enclave {
        let mut enclave = Enclave::start(&built().1, &self.state);
        enclave.open(now(), self.envelope.clone());
        for object in self.datasets() {
            enclave.bring(&self.bodies.0[&object].0);
        }
        enclave
    }

    /// An honest appraisal by a party, of whatever Evidence `show` makes of its challenge.
    pub(crate) fn appraise(
        &self,
        show: impl FnOnce([u8; 32]) -> EvidenceBundle,
    ) -> Result<AppraisedRoom, sealroom::AppraisalError> {
        let mut bytes = [0; 32];
        rand_core::Rng::fill_bytes(&mut random(), &mut bytes);
        appraise(&self.contract, show(bytes), Challenge::from_random(bytes), &Stricter::as_signed(), now())
    }

    /// An honest review and grant by a party.
    pub(crate) fn grant(&self, name: &str, room: &AppraisedRoom, proposal: &[u8]) -> Result<Granted, ReviewError> {
        let Site { identity, memory, .. } = self.site(name);
        let brought = BroughtProposal { proposal, request: None };
        let reviewed = room.review(brought, identity, memory, now())?;
        let times = GrantTimes { clock: now(), expires: now() + 600 };
        Ok(reviewed.grant(identity, memory, times, &mut random()).unwrap())
    }

    /// One whole honest run; gives what came with the last grant.
    pub(crate) fn run(&self, enclave: &mut Enclave, run: u64, receipts: Vec<Vec<u8>>) -> crate::enclave::Delivered {
        let room = self.appraise(|challenge| enclave.attest(vec![challenge])).unwrap();
        let proposal = enclave.propose(now(), run, receipts, self.datasets());
        let north = self.grant("north", &room, &proposal).unwrap();
        let south = self.grant("south", &room, &proposal).unwrap();
        assert_eq!(enclave.grant(now(), &north, &self.bodies).missing, ["south"]);
        enclave.grant(now(), &south, &self.bodies)
    }
}

/// One platform for all tests: its root's two RSA-4096 keys take seconds to make.
fn shared_platform() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    // Its state is a folder of its own, which the platform makes private.
    static STATE: OnceLock<PathBuf> = OnceLock::new();
    STATE.get_or_init(|| FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path().join("state"))
}

fn site(folder: &Path, name: &str) -> Site {
    let identity = Identity::generate(name, &mut random()).unwrap();
    secret(identity.signing().expose_seed());
    secret(identity.encryption().expose_secret());
    let memory = Memory::open(&folder.join(format!("{name}.memory")), &identity.signing().public()).unwrap();
    Site { identity, memory, dataset: None }
}

fn terms(sites: &[Site], state: &Path) -> Terms {
    let mut seed = [0; 32];
    rand_core::Rng::fill_bytes(&mut random(), &mut seed);
    let validity = Validity { not_before: now() - 3_600, expires: now() + 86_400 };
    let program = ProgramTerms::native("overlap").with("key", "domain".into()).with("count_result", "size".into());
    let mut terms = Terms::new("hostile", "to be attacked", validity, seed, program, Limits::new(2, 64, 10_000));
    for site in sites {
        let card = site.identity.card();
        let roles: &[Role] = if site.identity.name() == "institute" { &[Role::Result] } else { &[Role::Data] };
        terms.parties.push(Party::new(&card.name, roles, card.signing_key, card.encryption_key));
    }
    for owner in ["north", "south"] {
        terms.datasets.push(Dataset::new(&format!("{owner}-list"), owner, 100, vec![Column::text("domain", 60)]));
    }
    let columns = vec![Column::integer("size", 0, 1_000)];
    terms.results.push(ResultTerms::new("size", &["institute"], columns, OutputRules::new(1, 10, 1_000)));
    terms.enclaves.push(enclave_terms(state));
    terms
}
