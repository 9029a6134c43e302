//! What this crate's tests build on: parties, a contract between them, and an enclave's part of a run.

pub(crate) mod disk;

use crate::{EvidenceBundle, Identity, random};
use sealroom_protocol::binding::{ChallengeList, room_report_data};
use sealroom_protocol::contract::{
    ArgumentValue, Column, Contract, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms,
    ResultTerms, Role, SignedContract, Terms, Validity, write,
};
use sealroom_protocol::id::{GrantId, ObjectId, ReceiptId, RequestId};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::run::{
    Count, Ending, Grant, Outcome, Output, Proposal, ProposedDataset, ProposedRequest, Receipt, SignedGrant,
    SignedReceipt, SignedStop,
};
use sealroom_simulated_platform::{Image, Measurement, Root};
use std::sync::OnceLock;
use std::time::SystemTime;

/// Two data parties and an institute that asks and receives.
pub(crate) struct Parties {
    pub(crate) alpha: Identity,
    pub(crate) beta: Identity,
    pub(crate) institute: Identity,
}

impl Parties {
    pub(crate) fn new() -> Self {
        let identity = |name| Identity::generate(name, &mut random()).unwrap();
        Self { alpha: identity("alpha"), beta: identity("beta"), institute: identity("institute") }
    }

    pub(crate) fn all(&self) -> [&Identity; 3] {
        [&self.alpha, &self.beta, &self.institute]
    }
}

/// Begins 2026-01-01, ends 2027-01-01.
pub(crate) const NOT_BEFORE: u64 = 1_767_225_600;
pub(crate) const EXPIRES: u64 = 1_798_761_600;
pub(crate) const NOW: u64 = NOT_BEFORE + 86_400;
/// Runs that the contract allows.
pub(crate) const RUNS: u64 = 3;

pub(crate) fn contract_of(parties: &Parties) -> Contract {
    contract_with(parties, |_| {})
}

pub(crate) fn contract_with(parties: &Parties, change: impl FnOnce(&mut Terms)) -> Contract {
    let validity = Validity { not_before: NOT_BEFORE, expires: EXPIRES };
    let program = ProgramTerms::native("statistics")
        .with_choice("question", vec![ArgumentValue::from("mean"), ArgumentValue::from("count")]);
    let mut seed = [0; 32];
    rand_core::Rng::fill_bytes(&mut random(), &mut seed);
    let mut terms =
        Terms::new("heart-study", "How common is it?", validity, seed, program, Limits::new(RUNS, 64, 1 << 20));
    let roles: [&[Role]; 3] = [&[Role::Data], &[Role::Data], &[Role::Request, Role::Result]];
    for (identity, roles) in parties.all().into_iter().zip(roles) {
        let card = identity.card();
        terms.parties.push(Party::new(&card.name, roles, card.signing_key, card.encryption_key));
    }
    for owner in ["alpha", "beta"] {
        let columns = vec![Column::integer("age", 0, 120), Column::text("city", 32).or_null()];
        terms.datasets.push(Dataset::new(&format!("patients-{owner}"), owner, 1000, columns));
    }
    let columns = vec![Column::text("group", 32), Column::integer("n", 0, 1 << 40)];
    terms.results.push(ResultTerms::new("summary", &["institute"], columns, OutputRules::new(10, 100, 10_000)));
    terms.enclaves.push(EnclaveTerms::amd_sev_snp([7; 32], [8; 48], FirmwareLevel::new(1, 0, 1, 1)).simulated());
    change(&mut terms);
    Contract::parse(write(&terms).as_bytes()).unwrap()
}

pub(crate) fn sign(contract: &Contract, parties: &Parties) -> SignedContract {
    let mut envelope = contract.unsigned_envelope();
    for identity in parties.all() {
        contract.sign(&mut envelope, identity.signing()).unwrap();
    }
    SignedContract::verify(&envelope).unwrap()
}

/// An enclave's keys for one run, and what it signs.
pub(crate) struct Enclave {
    pub(crate) signing: SigningSecret,
    pub(crate) run_secret: EncryptionSecret,
}

impl Enclave {
    pub(crate) fn new() -> Self {
        Self { signing: SigningSecret::generate(&mut random()), run_secret: EncryptionSecret::generate(&mut random()) }
    }

    pub(crate) fn proposal(
        &self,
        contract: &Contract,
        run: u64,
        objects: [ObjectId; 2],
        request: Option<RequestId>,
    ) -> Proposal {
        let names = contract.terms().datasets.iter().map(|dataset| dataset.name.clone());
        let datasets = names.zip(objects).map(|(name, object)| ProposedDataset { name, object }).collect();
        Proposal {
            contract: contract.id(),
            run,
            head: None,
            head_run: 0,
            datasets,
            request: request.map(|request| ProposedRequest {
                requester: "institute".into(),
                request,
                object: ObjectId::from_bytes([0x77; 32]),
            }),
            enclave_key: self.signing.public(),
            run_key: self.run_secret.public(),
        }
    }

    pub(crate) fn evidence(&self) -> EvidenceBundle {
        EvidenceBundle {
            enclave_key: self.signing.public(),
            evidence: Vec::new(),
            endorsements: Vec::new(),
            challenges: Vec::new(),
            operator_statement: None,
            appraised: NOW,
        }
    }

    pub(crate) fn complete(
        &self,
        contract: &Contract,
        proposal: &Proposal,
        grants: &[SignedGrant],
        before: u64,
    ) -> SignedReceipt {
        self.receipt(contract, proposal, grants, Outcome::Complete, before)
    }

    pub(crate) fn void(
        &self,
        contract: &Contract,
        proposal: &Proposal,
        grants: &[SignedGrant],
        before: u64,
    ) -> SignedReceipt {
        self.receipt(contract, proposal, grants, Outcome::Void, before)
    }

    /// A void receipt that carries this stop.
    pub(crate) fn stopped(&self, contract: &Contract, proposal: &Proposal, stop: &SignedStop) -> SignedReceipt {
        let void = self.void(contract, proposal, &[], 0).allegation().clone();
        let stopped = Receipt { ending: Ending::Stopped, stop: Some(stop.envelope().clone()), ..void };
        SignedReceipt::sign(stopped, &self.signing)
    }

    fn receipt(
        &self,
        contract: &Contract,
        proposal: &Proposal,
        grants: &[SignedGrant],
        outcome: Outcome,
        before: u64,
    ) -> SignedReceipt {
        let complete = outcome == Outcome::Complete;
        let counts = contract.granting_parties().into_iter().map(|party| {
            let said = grants.iter().map(SignedGrant::allegation).find(|grant| grant.party == party.name);
            let after = if complete { (before + 1).max(said.map_or(0, |grant| grant.count)) } else { before };
            Count { party: party.name.clone(), before, after }
        });
        let outputs = if complete {
            let results = contract.terms().results.iter();
            let of = |result: &ResultTerms| Output {
                name: result.name.clone(),
                recipients: result.recipients.clone(),
                object: ObjectId::from_bytes([0x99; 32]),
            };
            results.map(of).collect()
        } else {
            Vec::new()
        };
        let receipt = Receipt {
            contract: contract.id(),
            outcome,
            ending: if complete { Ending::Released } else { Ending::Abandoned },
            proposal: proposal.clone(),
            grants: grants.iter().map(|grant| grant.envelope().clone()).collect(),
            statement: None,
            stop: None,
            outputs,
            counts: counts.collect(),
            gap: (proposal.head_run + 1..proposal.run).take(sealroom_protocol::run::GAP_LISTED).collect(),
            time: NOW,
        };
        SignedReceipt::sign(receipt, &self.signing)
    }
}

/// A grant as an honest party would sign it, with a ciphertext that nobody opens.
pub(crate) fn grant_of(identity: &Identity, proposal: &Proposal, count: u64) -> SignedGrant {
    let mut id = [0; 32];
    rand_core::Rng::fill_bytes(&mut random(), &mut id);
    let grant = Grant {
        contract: proposal.contract,
        proposal: proposal.id(),
        party: identity.name().into(),
        grant: GrantId::from_bytes(id),
        run: proposal.run,
        count,
        clock: NOW,
        expires: NOW + 600,
        ciphertext: hex::encode([0; 32]),
    };
    SignedGrant::sign(grant, identity.signing())
}

/// The id that a receipt is known by.
pub(crate) fn id_of(receipt: &SignedReceipt) -> ReceiptId {
    receipt.allegation().id()
}

/// A simulated platform, made once for all tests (two RSA-4096 keys take seconds), and Evidence by it.
pub(crate) struct Platform {
    root: Root,
    measurement: Measurement,
}

impl Platform {
    pub(crate) fn shared() -> &'static Self {
        static PLATFORM: OnceLock<Platform> = OnceLock::new();
        PLATFORM.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            // Lets the state be private, as the platform demands of its folder.
            let root = Root::open(&folder.path().join("state"), SystemTime::now()).unwrap();
            let file = folder.path().join("image");
            std::fs::write(&file, b"an image that only these tests measure").unwrap();
            Self { root, measurement: Image::measure(&file).unwrap() }
        })
    }

    /// The terms that accept this platform and image.
    pub(crate) fn terms(&self) -> EnclaveTerms {
        let anchor = self.root.anchor();
        let mut fingerprint = [0; 32];
        hex::decode_to_slice(anchor.strip_prefix("sha256:").unwrap(), &mut fingerprint).unwrap();
        EnclaveTerms::amd_sev_snp(fingerprint, *self.measurement.as_bytes(), FirmwareLevel::new(4, 0, 24, 219))
            .simulated()
    }

    /// Evidence of an enclave with this key, under this contract, that answers these challenges.
    pub(crate) fn evidence(
        &self,
        contract: &Contract,
        enclave: &SigningSecret,
        challenges: &[[u8; 32]],
    ) -> EvidenceBundle {
        let list = ChallengeList::new(challenges.to_vec()).unwrap();
        let report_data = room_report_data(&contract.id(), &enclave.public(), &list);
        let certificates = self.root.certificates();
        EvidenceBundle {
            enclave_key: enclave.public(),
            evidence: self.root.report(self.measurement, report_data, [3; 32]),
            endorsements: vec![
                certificates.vcek.clone(),
                certificates.ask.clone(),
                certificates.ark.clone(),
                self.root.revocation_list(SystemTime::now()).unwrap(),
            ],
            challenges: list.as_slice().to_vec(),
            operator_statement: None,
            appraised: 0,
        }
    }
}
