//! Parties with real keys, a contract they all signed, and real encrypted objects.

use crate::refused::secret;
use core::convert::Infallible;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sealroom_protocol::contract::{
    Column, Contract, CrossBorder, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms,
    ResultTerms, Role, Terms, Validity, write,
};
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::encryption::encrypt_to;
use sealroom_protocol::hash::sha256;
use sealroom_protocol::id::{ContractId, GrantId, ObjectId, ProposalId, RequestId};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::message::HostMessage;
use sealroom_protocol::object::{DataKey, Writer};
use sealroom_protocol::provider::RustCrypto;
use sealroom_protocol::run::{
    Announcement, DatasetHeader, Grant, Proposal, RequestHeader, RequestKey, SignedAnnouncement, SignedGrant,
    SignedStatement, SignedStop, Statement, Stop, schema_digest,
};

/// 1 September 2026, inside every test contract.
pub(crate) const NOW: u64 = 1_788_220_800;
const DAY: u64 = 86_400;

/// A party, with its secrets.
pub(crate) struct TestParty {
    pub(crate) name: String,
    pub(crate) signing: SigningSecret,
    pub(crate) encryption: EncryptionSecret,
}

/// An encrypted object and its key.
pub(crate) struct TestObject {
    pub(crate) id: ObjectId,
    pub(crate) key: DataKey,
    pub(crate) manifest: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

/// What a test contract may differ in.
#[derive(Clone, Copy, Default)]
pub(crate) struct Options {
    pub(crate) choices: bool,
    pub(crate) cross_border: bool,
    pub(crate) single_run: bool,
    pub(crate) minimum_group_size: Option<u64>,
    pub(crate) maximum_bytes: Option<u64>,
    pub(crate) work: Option<u64>,
    pub(crate) random: u8,
}

/// Parties, contract and data.
pub(crate) struct World {
    pub(crate) contract: Contract,
    pub(crate) envelope: Vec<u8>,
    pub(crate) parties: Vec<TestParty>,
    pub(crate) objects: Vec<TestObject>,
    pub(crate) rng: ChaCha20Rng,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let parties: Vec<TestParty> = ["north", "south", "institute"].map(|name| party(name, &mut rng)).into();
        let contract = Contract::parse(write(&terms(&parties, options)).as_bytes()).unwrap();
        let mut envelope = Envelope::unsigned(PayloadType::Contract, contract.text().as_bytes().to_vec());
        parties.iter().for_each(|party| envelope.sign(&party.signing));
        let objects = ["north", "south"].map(|owner| {
            let dataset = contract.dataset(&format!("{owner}-rows")).unwrap().clone();
            let owner = parties.iter().find(|party| party.name == owner).unwrap();
            dataset_object(&dataset, &owner.signing, b"age\n30\n40\n50\n", &mut rng)
        });
        Self { contract, envelope: envelope.encode(), parties, objects: objects.into(), rng }
    }

    pub(crate) fn party(&self, name: &str) -> &TestParty {
        self.parties.iter().find(|party| party.name == name).unwrap()
    }

    pub(crate) fn datasets(&self) -> Vec<ObjectId> {
        self.objects.iter().map(|object| object.id).collect()
    }

    /// What an honest party would grant: its own objects' keys, to this proposal.
    pub(crate) fn grant_body(&self, party: &str, proposal: &Proposal) -> Grant {
        Grant {
            contract: proposal.contract,
            proposal: proposal.id(),
            party: party.into(),
            grant: GrantId::from_bytes(sha256(party.as_bytes())),
            run: proposal.run,
            count: proposal.head_run + 1,
            clock: NOW,
            expires: NOW + DAY,
            ciphertext: String::new(),
        }
    }

    /// Encrypts a party's keys and signs its grant.
    pub(crate) fn sign_grant(&mut self, mut grant: Grant, proposal: &Proposal, signer: &str) -> (Vec<u8>, Vec<u8>) {
        let owned = self.contract.datasets_of(&grant.party).map(|dataset| dataset.name.clone()).collect::<Vec<_>>();
        let datasets = proposal.datasets.iter().filter(|dataset| owned.contains(&dataset.name));
        let asked = proposal.request.iter().filter(|request| request.requester == grant.party);
        let ids: Vec<ObjectId> =
            datasets.map(|dataset| dataset.object).chain(asked.map(|request| request.object)).collect();
        let keys: Vec<(ObjectId, &DataKey)> = self
            .objects
            .iter()
            .filter(|object| ids.contains(&object.id))
            .map(|object| (object.id, &object.key))
            .collect();
        let ciphertext = Grant::encrypt_keys(
            &grant.contract,
            &grant.proposal,
            &grant.party,
            &grant.grant,
            &proposal.run_key,
            &keys,
            &mut self.rng,
        )
        .unwrap();
        grant.ciphertext = hex(&sha256(&ciphertext));
        (SignedGrant::sign(grant, &self.party(signer).signing).encode(), ciphertext)
    }

    /// An honest grant.
    pub(crate) fn grant(&mut self, party: &str, proposal: &Proposal) -> HostMessage {
        let body = self.grant_body(party, proposal);
        let (grant, ciphertext) = self.sign_grant(body, proposal, party);
        HostMessage::Grant { now: NOW, grant, ciphertext }
    }

    pub(crate) fn stop(&self, party: &str, contract: ContractId, signer: &str) -> HostMessage {
        let stop = Stop { contract, party: party.into(), reason: "test".into(), clock: NOW };
        HostMessage::Stop { now: NOW, stop: SignedStop::sign(stop, &self.party(signer).signing).encode() }
    }

    pub(crate) fn statement(&self, proposal: ProposalId, region: &str, signer: &str) -> HostMessage {
        let statement =
            Statement::HostRegion { contract: self.contract.id(), proposal, region: region.into(), clock: NOW };
        let statement = SignedStatement::sign(statement, &self.party(signer).signing).encode();
        HostMessage::State { now: NOW, statement }
    }

    /// A request of the institute for these arguments.
    pub(crate) fn request(&mut self, content: &[u8], id: u8) -> (TestObject, Announcement) {
        let request = RequestId::from_bytes([id; 32]);
        let requester = self.parties.iter().find(|party| party.name == "institute").unwrap();
        let header = RequestHeader::new(self.contract.id(), request, requester.signing.public());
        let object = encrypt(&header.encode(), content, &mut self.rng);
        let mut keys = Vec::new();
        for party in self.contract.data_parties() {
            let associated = RequestKey::associated_data(&self.contract.id(), &request, &object.id, &party.name);
            let key = object.key.expose_secret();
            let key = encrypt_to(&party.encryption_key, RequestKey::LABEL, &associated, key, &mut self.rng).unwrap();
            keys.push(RequestKey { party: party.name.clone(), key });
        }
        let announcement = Announcement {
            contract: self.contract.id(),
            requester: "institute".into(),
            request,
            object: object.id,
            keys,
        };
        (object, announcement)
    }

    pub(crate) fn announce(&self, announcement: Announcement, signer: &str) -> Vec<u8> {
        SignedAnnouncement::sign(announcement, &self.party(signer).signing).encode()
    }
}

fn party(name: &str, rng: &mut ChaCha20Rng) -> TestParty {
    let (signing, encryption) = (SigningSecret::generate(rng), EncryptionSecret::generate(rng));
    secret(signing.expose_seed());
    secret(encryption.expose_secret());
    TestParty { name: name.into(), signing, encryption }
}

fn terms(parties: &[TestParty], options: Options) -> Terms {
    let validity = Validity { not_before: NOW - DAY, expires: NOW + 30 * DAY };
    let mut program = ProgramTerms::native("count-rows");
    if options.choices {
        program = program.with_choice("side", vec!["left".into(), "right".into()]);
    }
    let runs = if options.single_run { 1 } else { 5 };
    let limits = Limits::new(runs, 64, options.work.unwrap_or(1_000));
    let mut terms = Terms::new("test", "to test rooms", validity, [options.random; 32], program, limits);
    for party in parties {
        let roles: &[Role] = match (party.name.as_str(), options.choices) {
            ("institute", true) => &[Role::Request, Role::Result],
            ("institute", false) => &[Role::Result],
            _ => &[Role::Data],
        };
        terms.parties.push(Party::new(&party.name, roles, party.signing.public(), party.encryption.public()));
    }
    for owner in ["north", "south"] {
        let columns = vec![Column::integer("age", 0, 120)];
        terms.datasets.push(Dataset::new(&format!("{owner}-rows"), owner, 1_000, columns));
    }
    let rules = OutputRules::new(options.minimum_group_size.unwrap_or(2), 10, options.maximum_bytes.unwrap_or(4_096));
    let columns = vec![Column::integer("rows", 0, 1_000_000)];
    terms.results.push(ResultTerms::new("count", &["institute"], columns, rules));
    terms.enclaves.push(EnclaveTerms::amd_sev_snp([1; 32], [2; 48], FirmwareLevel::new(0, 0, 0, 0)).simulated());
    if options.cross_border {
        terms.cross_border = Some(CrossBorder::new(&["CH", "DE"], &["CH"], "institute"));
    }
    terms
}

pub(crate) fn dataset_object(
    dataset: &Dataset,
    owner: &SigningSecret,
    csv: &[u8],
    rng: &mut ChaCha20Rng,
) -> TestObject {
    let header = DatasetHeader::new(owner.public(), dataset.name.clone(), schema_digest(&dataset.columns));
    encrypt(&header.encode(), csv, rng)
}

pub(crate) fn encrypt(header: &[u8], content: &[u8], rng: &mut ChaCha20Rng) -> TestObject {
    let key = DataKey::generate(rng);
    secret(key.expose_secret());
    if content.len() >= 12 {
        secret(content);
    }
    let mut body = Vec::new();
    let mut sink = |bytes: &[u8]| {
        body.extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    };
    let mut writer = Writer::new(&RustCrypto, &key, header, rng).unwrap();
    writer.write(content, &mut sink).unwrap();
    let manifest = writer.finish(&mut sink).unwrap();
    TestObject { id: manifest.id(), key, manifest: manifest.encode(), body }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
