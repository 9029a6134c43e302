//! From appraisal to grant with real Evidence, and each refusal on the way by one changed thing.

use super::*;
use crate::testing::{EXPIRES, Enclave, NOW, Parties, Platform, contract_with, id_of};
use crate::{
    AppraisedRoom, BroughtProposal, BroughtRequest, DatasetSource, GrantState, PreparedRequest, RequestError,
    ReviewError, Stricter, appraise, encrypt_dataset, make_request, now, random,
};
use sealroom_attestation::Challenge;
use sealroom_protocol::contract::{ArgumentValue, Arguments, Contract};
use sealroom_protocol::dsse::EnvelopeError;
use sealroom_protocol::run::{Announcement, Proposal, ProposedRequest, SignedAnnouncement, SignedProposal};

struct World {
    folder: tempfile::TempDir,
    parties: Parties,
    contract: Contract,
    enclave: Enclave,
    memory: Memory,
    asking: Memory,
    request: PreparedRequest,
    proposal: Proposal,
}

impl World {
    fn new() -> Self {
        Self::until(EXPIRES)
    }

    /// A world whose contract holds until then.
    fn until(expires: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let parties = Parties::new();
        let contract = contract_with(&parties, |terms| {
            terms.enclaves = vec![Platform::shared().terms()];
            terms.expires = expires;
        });
        let open =
            |party: &Identity| Memory::open(&folder.path().join(party.name()), &party.signing().public()).unwrap();
        let (memory, asking) = (open(&parties.alpha), open(&parties.institute));
        let csv = folder.path().join("patients.csv");
        std::fs::write(&csv, "age,city\n63,Basel\n").unwrap();
        let source = DatasetSource { csv: &csv, contract: &contract, dataset: "patients-alpha", folder: folder.path() };
        let dataset = encrypt_dataset(source, &parties.alpha, &memory, &mut random(), &mut |_| {}).unwrap();
        let arguments = Arguments::from([("question".to_owned(), ArgumentValue::from("mean"))]);
        let request = make_request(&contract, &parties.institute, &arguments, &asking, &mut random()).unwrap();
        let enclave = Enclave::new();
        let mut proposal = enclave.proposal(&contract, 1, [dataset.object, ObjectId::from_bytes([2; 32])], None);
        proposal.request =
            Some(ProposedRequest { requester: "institute".into(), request: request.request, object: request.object });
        Self { folder, parties, contract, enclave, memory, asking, request, proposal }
    }

    fn room(&self) -> AppraisedRoom {
        let evidence = Platform::shared().evidence(&self.contract, &self.enclave.signing, &[[1; 32]]);
        appraise(&self.contract, evidence, Challenge::from_random([1; 32]), &Stricter::as_signed(), now()).unwrap()
    }

    fn brought(&self) -> BroughtRequest<'_> {
        let PreparedRequest { announcement, manifest, body, .. } = &self.request;
        BroughtRequest { announcement, manifest, body }
    }

    fn refusal(&self, proposal: &Proposal) -> ReviewError {
        let bytes = SignedProposal::sign(proposal.clone(), &self.enclave.signing).encode();
        let brought = BroughtProposal { proposal: &bytes, request: Some(self.brought()) };
        self.room().review(brought, &self.parties.alpha, &self.memory, NOW).unwrap_err()
    }
}

const TIMES: GrantTimes = GrantTimes { clock: NOW, expires: NOW + 600 };

#[test]
fn a_reviewed_proposal_is_explained_granted_and_opens_in_the_enclave_only() {
    let world = World::new();
    let room = world.room();
    let bytes = SignedProposal::sign(world.proposal.clone(), &world.enclave.signing).encode();
    let brought = BroughtProposal { proposal: &bytes, request: Some(world.brought()) };
    let reviewed = room.review(brought, &world.parties.alpha, &world.memory, NOW).unwrap();
    let text = reviewed.explain();
    for part in [
        "Run number 1, 1 of the 3 runs that you grant at most",
        "institute asks statistics \"question = mean\"",
        "your patients-alpha",
        "SIMULATED",
        "after this: 2 runs",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let granted = reviewed.grant(&world.parties.alpha, &world.memory, TIMES, &mut random()).unwrap();
    let state = world.memory.state(&world.contract).unwrap();
    assert_eq!((state.count, state.grants[0].state), (1, GrantState::Open));
    assert_eq!(Granted::of(&state.grants[0]), granted);
    let grant = granted.grant().verify(&world.parties.alpha.signing().public()).unwrap();
    let keys = grant.decrypt_keys(&world.enclave.run_secret, granted.ciphertext()).unwrap().into_keys();
    let object = world.proposal.datasets[0].object;
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].0, object);
    assert_eq!(keys[0].1.expose_secret(), world.memory.data_key(&object).unwrap().expose_secret());
    assert!(grant.decrypt_keys(&Enclave::new().run_secret, granted.ciphertext()).is_err());
    // The requester grants the request's key.
    let reviewed = room.review(brought, &world.parties.institute, &world.asking, NOW).unwrap();
    let granted = reviewed.grant(&world.parties.institute, &world.asking, TIMES, &mut random()).unwrap();
    let keys = granted.grant().allegation().decrypt_keys(&world.enclave.run_secret, granted.ciphertext()).unwrap();
    assert!(keys.objects().eq([&world.request.object]));
    assert!(world.folder.path().join("patients-alpha.body").exists());
}

#[test]
fn a_proposal_by_another_enclave_than_the_appraised_one_is_refused() {
    let world = World::new();
    let other = Enclave::new();
    let proposal = Proposal { enclave_key: other.signing.public(), ..world.proposal.clone() };
    let bytes = SignedProposal::sign(proposal, &other.signing).encode();
    let brought = BroughtProposal { proposal: &bytes, request: Some(world.brought()) };
    let error = world.room().review(brought, &world.parties.alpha, &world.memory, NOW).unwrap_err();
    assert!(
        matches!(&error, ReviewError::Enclave(EnvelopeError::Missing { key }) if *key == world.enclave.signing.public())
    );
    assert_eq!(world.memory.state(&world.contract).unwrap().count, 0);
}

#[test]
fn a_proposal_that_does_not_fit_is_refused_by_what_does_not() {
    let world = World::new();
    let good = &world.proposal;
    let what = |proposal: &Proposal| match world.refusal(proposal) {
        ReviewError::Content { what } => what,
        error => panic!("{error}"),
    };
    let other = sealroom_protocol::id::ContractId::from_bytes([1; 32]);
    assert_eq!(what(&Proposal { contract: other, ..good.clone() }), "contract");
    assert_eq!(what(&Proposal { run: 0, ..good.clone() }), "run number");
    assert_eq!(
        what(&Proposal {
            head_run: 0,
            head: Some(id_of(&world.enclave.void(&world.contract, good, &[], 0))),
            ..good.clone()
        }),
        "head"
    );
    let mut swapped = good.clone();
    swapped.datasets.swap(0, 1);
    assert_eq!(what(&swapped), "list of datasets");
    assert_eq!(what(&Proposal { request: None, ..good.clone() }), "request");
    let mut other_object = good.clone();
    other_object.datasets[0].object = ObjectId::from_bytes([2; 32]);
    assert!(matches!(world.refusal(&other_object), ReviewError::Memory(MemoryError::OtherObject { .. })));
}

#[test]
fn outside_the_contracts_time_nothing_is_reviewed_or_granted() {
    let world = World::new();
    let room = world.room();
    let bytes = SignedProposal::sign(world.proposal.clone(), &world.enclave.signing).encode();
    let brought = BroughtProposal { proposal: &bytes, request: Some(world.brought()) };
    let review = |now| room.review(brought, &world.parties.alpha, &world.memory, now);
    assert!(matches!(review(1), Err(ReviewError::TooEarly { .. })));
    assert!(matches!(review(EXPIRES), Err(ReviewError::Expired { .. })));
    let grant = |times| review(NOW).unwrap().grant(&world.parties.alpha, &world.memory, times, &mut random());
    assert!(matches!(grant(GrantTimes { clock: NOW, expires: NOW }), Err(GrantError::Times { .. })));
    assert!(matches!(
        grant(GrantTimes { clock: EXPIRES, expires: EXPIRES + 1 }),
        Err(GrantError::OutsideContract { .. })
    ));
    let error = review(NOW).unwrap().grant(&world.parties.beta, &world.memory, TIMES, &mut random()).unwrap_err();
    assert!(matches!(error, GrantError::OtherParty { .. }), "{error}");
    assert_eq!(world.memory.state(&world.contract).unwrap().count, 0);
}

#[test]
fn after_the_end_of_the_appraisal_nothing_is_reviewed_or_granted() {
    let world = World::until(NOW + 20 * 365 * 86_400);
    let room = world.room();
    let end = room.attestation().valid_until_unix_seconds();
    let bytes = SignedProposal::sign(world.proposal.clone(), &world.enclave.signing).encode();
    let brought = BroughtProposal { proposal: &bytes, request: Some(world.brought()) };
    let review = |now| room.review(brought, &world.parties.alpha, &world.memory, now);
    let refused = review(end).unwrap_err();
    assert!(matches!(refused, ReviewError::StaleAppraisal { valid_until, now } if (valid_until, now) == (end, end)));
    // A person may think about what was reviewed for as long as they like.
    let times = GrantTimes { clock: end, expires: end + 600 };
    let refused = review(NOW).unwrap().grant(&world.parties.alpha, &world.memory, times, &mut random()).unwrap_err();
    assert!(matches!(refused, GrantError::StaleAppraisal { valid_until, clock } if (valid_until, clock) == (end, end)));
    assert_eq!(refused.check(), "granting.appraisal");
    assert_eq!(world.memory.state(&world.contract).unwrap().count, 0);
    let times = GrantTimes { clock: end - 1, expires: end + 600 };
    review(NOW).unwrap().grant(&world.parties.alpha, &world.memory, times, &mut random()).unwrap();
    assert_eq!(world.memory.state(&world.contract).unwrap().count, 1);
}

#[test]
fn a_request_that_is_not_shown_as_proposed_is_refused() {
    let world = World::new();
    let bytes = SignedProposal::sign(world.proposal.clone(), &world.enclave.signing).encode();
    let review = |request: Option<BroughtRequest<'_>>| {
        let brought = BroughtProposal { proposal: &bytes, request };
        world.room().review(brought, &world.parties.alpha, &world.memory, NOW).map(|_| ()).unwrap_err()
    };
    assert!(matches!(review(None), ReviewError::RequestMissing));
    let announced = SignedAnnouncement::decode(&world.request.announcement).unwrap().allegation().clone();
    let with = |announcement: Announcement| {
        let bytes = SignedAnnouncement::sign(announcement, world.parties.institute.signing()).encode();
        review(Some(BroughtRequest { announcement: &bytes, ..world.brought() }))
    };
    let binding = |error: ReviewError| match error {
        ReviewError::Request(RequestError::Binding { what }) => what,
        error => panic!("{error}"),
    };
    let object = ObjectId::from_bytes([9; 32]);
    assert_eq!(binding(with(Announcement { object, ..announced.clone() })), "object");
    let request = sealroom_protocol::id::RequestId::from_bytes([9; 32]);
    assert_eq!(binding(with(Announcement { request, ..announced.clone() })), "id");
    let mut swapped = announced.clone();
    let beta = swapped.keys[1].key.clone();
    swapped.keys[0].key = beta;
    assert!(matches!(with(swapped), ReviewError::Request(RequestError::Unreadable)));
    assert!(matches!(
        with(Announcement { keys: Vec::new(), ..announced }),
        ReviewError::Request(RequestError::Unreadable)
    ));
    // Another request of the same requester, shown in its place.
    let arguments = Arguments::from([("question".to_owned(), ArgumentValue::from("count"))]);
    let other =
        make_request(&world.contract, &world.parties.institute, &arguments, &world.asking, &mut random()).unwrap();
    let shown = BroughtRequest { manifest: &other.manifest, body: &other.body, ..world.brought() };
    assert!(matches!(review(Some(shown)), ReviewError::Request(RequestError::Object(_))));
}

#[test]
fn a_request_outside_the_contracts_choices_is_not_made() {
    let world = World::new();
    let make = |identity: &Identity, arguments: &[(&str, &str)]| {
        let arguments =
            arguments.iter().map(|(name, value)| ((*name).to_owned(), ArgumentValue::from(*value))).collect();
        make_request(&world.contract, identity, &arguments, &world.asking, &mut random()).unwrap_err()
    };
    let institute = &world.parties.institute;
    assert!(
        matches!(make(institute, &[]), RequestError::MissingArgument { allowed, .. } if allowed == ["mean", "count"])
    );
    assert!(matches!(make(institute, &[("question", "rows")]), RequestError::Value { .. }));
    assert!(matches!(make(institute, &[("question", "mean"), ("more", "x")]), RequestError::UnknownArgument { .. }));
    assert!(matches!(make(&world.parties.alpha, &[("question", "mean")]), RequestError::Role { .. }));
}
