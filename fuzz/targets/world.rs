//! Two data parties and an institute that asks and receives, the contract between them and their objects. All of it is
//! made from fixed numbers: nothing here is secret.

use super::rng::Counter;
use core::convert::Infallible;
use sealroom_protocol::contract::{
    ArgumentValue, Column, Contract, CrossBorder, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party,
    ProgramTerms, ResultTerms, Role, Terms, Validity, write,
};
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::encryption::encrypt_to;
use sealroom_protocol::hash::sha256;
use sealroom_protocol::id::{GrantId, ObjectId, RequestId};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::object::{DataKey, Writer};
use sealroom_protocol::provider::RustCrypto;
use sealroom_protocol::run::{
    Announcement, DatasetHeader, Grant, Proposal, RequestHeader, RequestKey, SignedAnnouncement, SignedGrant,
    SignedStatement, SignedStop, Statement, Stop, schema_digest,
};
use std::sync::LazyLock;

/// 1 September 2026, inside the contract.
pub(super) const NOW: u64 = 1_788_220_800;
const DAY: u64 = 86_400;
const REQUEST: RequestId = RequestId::from_bytes([0x52; 32]);

/// A party, with its secrets.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) signing: SigningSecret,
    pub(super) encryption: EncryptionSecret,
}

/// An encrypted object and its key.
pub(super) struct Encrypted {
    pub(super) id: ObjectId,
    pub(super) key: DataKey,
    pub(super) manifest: Vec<u8>,
    pub(super) body: Vec<u8>,
}

/// See the top of this file.
pub(super) struct World {
    pub(super) members: [Member; 3],
    pub(super) contract: Contract,
    pub(super) envelope: Envelope,
    /// The datasets in the order of the contract, and then the request.
    pub(super) objects: [Encrypted; 3],
    pub(super) announcement: Vec<u8>,
}

impl World {
    /// Made once a process.
    pub(super) fn shared() -> &'static Self {
        static WORLD: LazyLock<World> = LazyLock::new(World::new);
        &WORLD
    }

    fn new() -> Self {
        let mut rng = Counter::new();
        let members = ["north", "south", "institute"].map(|name| {
            let (signing, encryption) = (SigningSecret::generate(&mut rng), EncryptionSecret::generate(&mut rng));
            Member { name, signing, encryption }
        });
        let contract = Contract::parse(write(&terms(&members)).as_bytes()).expect("terms that hold");
        let mut envelope = Envelope::unsigned(PayloadType::Contract, contract.text().as_bytes().to_vec());
        members.iter().for_each(|member| envelope.sign(&member.signing));
        let [north, south, institute] = &members;
        let dataset = |place: usize, owner: &Member, csv: &[u8], rng: &mut Counter| {
            let dataset = contract.terms().datasets.get(place).expect("two datasets");
            let digest = schema_digest(&dataset.columns);
            encrypt(&DatasetHeader::new(owner.signing.public(), dataset.name.clone(), digest).encode(), csv, rng)
        };
        let header = RequestHeader::new(contract.id(), REQUEST, institute.signing.public());
        let objects = [
            dataset(0, north, b"age,city\n30,bern\n40,basel\n50,\n", &mut rng),
            dataset(1, south, b"age,city\n30,bern\n41,basel\n50,chur\n", &mut rng),
            encrypt(&header.encode(), br#"{"key":["age"]}"#, &mut rng),
        ];
        let [.., request] = &objects;
        let announcement = announce(&contract, institute, request, &mut rng);
        Self { members, contract, envelope, objects, announcement }
    }

    fn member(&self, name: &str) -> &Member {
        self.members.iter().find(|member| member.name == name).expect("a member of this name")
    }

    /// The datasets' objects, in the order of the contract.
    pub(super) fn datasets(&self) -> Vec<ObjectId> {
        let [north, south, _] = &self.objects;
        vec![north.id, south.id]
    }

    /// What an honest party grants: its own objects' keys, to this proposal. The envelope and the ciphertext.
    pub(super) fn grant(&self, name: &str, proposal: &Proposal, rng: &mut Counter) -> (Vec<u8>, Vec<u8>) {
        let member = self.member(name);
        let own = self.members.iter().zip(&self.objects).find(|(other, _)| other.name == name);
        let keys: Vec<(ObjectId, &DataKey)> = own.iter().map(|(_, object)| (object.id, &object.key)).collect();
        let (contract, id) = (proposal.contract, GrantId::from_bytes(sha256(name.as_bytes())));
        let encrypted = Grant::encrypt_keys(&contract, &proposal.id(), name, &id, &proposal.run_key, &keys, rng);
        let ciphertext = encrypted.expect("a run's key can be encrypted to");
        let grant = Grant {
            contract,
            proposal: proposal.id(),
            party: name.into(),
            grant: id,
            run: proposal.run,
            count: proposal.head_run + 1,
            clock: NOW,
            expires: NOW + DAY,
            ciphertext: sha256(&ciphertext).iter().map(|byte| format!("{byte:02x}")).collect(),
        };
        (SignedGrant::sign(grant, &member.signing).encode(), ciphertext)
    }

    /// The south stops the room.
    pub(super) fn stop(&self) -> Vec<u8> {
        let stop = Stop { contract: self.contract.id(), party: "south".into(), reason: "enough".into(), clock: NOW };
        SignedStop::sign(stop, &self.member("south").signing).encode()
    }

    /// The institute says where the host stands.
    pub(super) fn statement(&self, proposal: &Proposal) -> Vec<u8> {
        let (contract, proposal) = (self.contract.id(), proposal.id());
        let statement = Statement::HostRegion { contract, proposal, region: "CH".into(), clock: NOW };
        SignedStatement::sign(statement, &self.member("institute").signing).encode()
    }
}

fn terms(members: &[Member; 3]) -> Terms {
    let validity = Validity { not_before: NOW - DAY, expires: NOW + 30 * DAY };
    let keys = [["age"], ["city"]].map(|key| ArgumentValue::from(key.as_slice()));
    let program =
        ProgramTerms::native("overlap").with("list_result", "shared".into()).with_choice("key", keys.to_vec());
    let mut terms = Terms::new("fuzz", "to test rooms", validity, [5; 32], program, Limits::new(5, 64, 1_000));
    let roles: [&[Role]; 3] = [&[Role::Data], &[Role::Data], &[Role::Request, Role::Result]];
    for (member, roles) in members.iter().zip(roles) {
        terms.parties.push(Party::new(member.name, roles, member.signing.public(), member.encryption.public()));
    }
    for owner in ["north", "south"] {
        let columns = vec![Column::integer("age", 0, 120), Column::text("city", 20).or_null()];
        terms.datasets.push(Dataset::new(&format!("{owner}-rows"), owner, 1_000, columns));
    }
    let columns = vec![Column::integer("age", 0, 120)];
    terms.results.push(ResultTerms::new("shared", &["institute"], columns, OutputRules::new(2, 10, 4_096)));
    terms.enclaves.push(EnclaveTerms::amd_sev_snp([1; 32], [2; 48], FirmwareLevel::new(0, 0, 0, 0)).simulated());
    terms.cross_border = Some(CrossBorder::new(&["CH", "DE"], &["CH"], "institute"));
    terms
}

fn announce(contract: &Contract, institute: &Member, request: &Encrypted, rng: &mut Counter) -> Vec<u8> {
    let mut keys = Vec::new();
    for party in contract.data_parties() {
        let associated = RequestKey::associated_data(&contract.id(), &REQUEST, &request.id, &party.name);
        let key = request.key.expose_secret();
        let key = encrypt_to(&party.encryption_key, RequestKey::LABEL, &associated, key, rng);
        keys.push(RequestKey { party: party.name.clone(), key: key.expect("a party's key can be encrypted to") });
    }
    let (contract, requester) = (contract.id(), institute.name.into());
    let announcement = Announcement { contract, requester, request: REQUEST, object: request.id, keys };
    SignedAnnouncement::sign(announcement, &institute.signing).encode()
}

/// An object of this header and content.
pub(super) fn encrypt(header: &[u8], content: &[u8], rng: &mut Counter) -> Encrypted {
    let key = DataKey::generate(rng);
    let mut body = Vec::new();
    let mut sink = |bytes: &[u8]| {
        body.extend_from_slice(bytes);
        Ok::<(), Infallible>(())
    };
    let mut writer = Writer::new(&RustCrypto, &key, header, rng).expect("a short header");
    writer.write(content, &mut sink).expect("memory takes what is written");
    let manifest = writer.finish(&mut sink).expect("memory takes what is written");
    Encrypted { id: manifest.id(), key, manifest: manifest.encode(), body }
}
