//! Appraisals of real-format Evidence, each refused for one changed thing.

use super::*;
use crate::testing::{Parties, Platform, contract_with};
use crate::{OperatorEnvelope, now, random};
use sealroom_protocol::contract::{EnclaveTerms, FirmwareLevel};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::run::{SignedStatement, Statement};

struct World {
    contract: Contract,
    enclave: SigningSecret,
    operator: SigningSecret,
}

const OURS: [u8; 32] = [0x41; 32];
const THEIRS: [u8; 32] = [0x42; 32];

impl World {
    fn new(change: impl FnOnce(&mut EnclaveTerms, &SigningSecret)) -> Self {
        let operator = SigningSecret::generate(&mut random());
        let mut terms = Platform::shared().terms();
        change(&mut terms, &operator);
        let contract = contract_with(&Parties::new(), |all| all.enclaves = vec![terms]);
        Self { contract, enclave: SigningSecret::generate(&mut random()), operator }
    }

    fn evidence(&self) -> EvidenceBundle {
        Platform::shared().evidence(&self.contract, &self.enclave, &[OURS, THEIRS])
    }

    fn appraise(&self, evidence: EvidenceBundle, stricter: &Stricter) -> Result<AppraisedRoom, Refusal> {
        match appraise(&self.contract, evidence, Challenge::from_random(OURS), stricter, now()) {
            Ok(room) => Ok(room),
            Err(AppraisalError::Refused(refusal)) => Err(*refusal),
            Err(AppraisalError::Policy(error)) => panic!("{error}"),
        }
    }

    fn refused_by(&self, evidence: EvidenceBundle) -> Vec<&'static str> {
        let refusal = self.appraise(evidence, &Stricter::as_signed()).unwrap_err();
        refusal.failed().map(|check| check.id).collect()
    }
}

#[test]
fn an_enclave_that_the_contract_accepts_is_appraised_with_every_check_shown() {
    let world = World::new(|_, _| {});
    let room = world.appraise(world.evidence(), &Stricter::as_signed()).unwrap();
    assert_eq!(room.enclave_key(), &world.enclave.public());
    assert!(room.simulated());
    let checks = room.checks();
    assert!(checks.len() > 20 && checks.iter().all(RoomCheck::holds), "{checks:#?}");
    assert_eq!(checks[0].id, "room.challenge");
    assert!(room.evidence().appraised > 0);
}

#[test]
fn evidence_that_answers_somebody_else_is_refused() {
    let world = World::new(|_, _| {});
    let theirs = Platform::shared().evidence(&world.contract, &world.enclave, &[THEIRS]);
    assert_eq!(world.refused_by(theirs.clone()), ["room.challenge"]);
    // Our challenge put into the list afterwards: the report data does not have it.
    assert_eq!(world.refused_by(EvidenceBundle { challenges: vec![OURS, THEIRS], ..theirs }), ["common.freshness"]);
    let unsorted = EvidenceBundle { challenges: vec![THEIRS, OURS], ..world.evidence() };
    assert_eq!(world.refused_by(unsorted), ["room.challenge"]);
}

#[test]
fn evidence_of_another_key_or_contract_is_refused() {
    let world = World::new(|_, _| {});
    let other = SigningSecret::generate(&mut random()).public();
    assert_eq!(world.refused_by(EvidenceBundle { enclave_key: other, ..world.evidence() }), ["common.freshness"]);
    let another = World::new(|_, _| {});
    let relayed = Platform::shared().evidence(&another.contract, &world.enclave, &[OURS]);
    assert_eq!(world.refused_by(relayed), ["common.freshness"]);
}

#[test]
fn another_measurement_anchor_or_firmware_is_refused_as_genuine_or_not() {
    let measured = World::new(|terms, _| terms.measurement = [9; 48]);
    let refusal = measured.appraise(measured.evidence(), &Stricter::as_signed()).unwrap_err();
    assert_eq!(refusal.failed().map(|check| check.id).collect::<Vec<_>>(), ["snp.measurement"]);
    assert!(refusal.genuine && refusal.held() > 20);
    let anchored = World::new(|terms, _| terms.trust_anchor = [9; 32]);
    let refusal = anchored.appraise(anchored.evidence(), &Stricter::as_signed()).unwrap_err();
    assert_eq!(refusal.failed().map(|check| check.id).collect::<Vec<_>>(), ["common.trust-anchor"]);
    assert!(!refusal.genuine);
    let world = World::new(|_, _| {});
    let stricter = Stricter { minimum_firmware: Some(FirmwareLevel::new(4, 0, 25, 0)), ..Stricter::as_signed() };
    let refusal = world.appraise(world.evidence(), &stricter).unwrap_err();
    assert!(refusal.failed().all(|check| check.id.contains("firmware") || check.id.contains("tcb")), "{refusal}");
}

#[test]
fn whether_evidence_answers_us_is_known_though_nothing_else_of_it_holds() {
    let world = World::new(|_, _| {});
    let answers = |mut evidence: EvidenceBundle| {
        // Without its revocation list no step after the first is judged.
        drop(evidence.endorsements.pop());
        let refusal = world.appraise(evidence, &Stricter::as_signed()).unwrap_err();
        assert_eq!(refusal.failed().map(|check| check.id).collect::<Vec<_>>(), ["common.revocation"]);
        assert!(!refusal.genuine);
        refusal.answers
    };
    assert!(answers(world.evidence()));
    // A report that somebody kept, with our challenge put into its list.
    let old = Platform::shared().evidence(&world.contract, &world.enclave, &[THEIRS]);
    assert!(!answers(EvidenceBundle { challenges: vec![OURS], ..old.clone() }));
    assert!(!answers(EvidenceBundle { challenges: vec![OURS, THEIRS], ..old }));
}

#[test]
fn a_party_may_refuse_simulation_and_name_its_machines() {
    let world = World::new(|_, _| {});
    let stricter = Stricter { refuse_simulated: true, ..Stricter::as_signed() };
    let refusal = world.appraise(world.evidence(), &stricter).unwrap_err();
    assert_eq!(refusal.failed().map(|check| check.id).collect::<Vec<_>>(), ["room.simulated"]);
    let stricter = Stricter { machines: Some(vec![[9; 64]]), ..Stricter::as_signed() };
    let refusal = world.appraise(world.evidence(), &stricter).unwrap_err();
    assert_eq!(refusal.failed().map(|check| check.id).collect::<Vec<_>>(), ["common.machine"]);
}

#[test]
fn where_the_contract_names_an_operator_its_statement_must_be_about_this_enclave() {
    let world = World::new(|terms, operator| terms.operator = Some(operator.public()));
    assert_eq!(world.refused_by(world.evidence()), ["room.operator"]);
    let good = Statement::Operator {
        contract: world.contract.id(),
        enclave_key: world.enclave.public(),
        site: "Basel".into(),
        expires: now() + 3600,
    };
    let with = |statement: &Statement, signer: &SigningSecret| {
        let bytes = SignedStatement::sign(statement.clone(), signer).encode();
        EvidenceBundle { operator_statement: Some(OperatorEnvelope(bytes)), ..world.evidence() }
    };
    let room = world.appraise(with(&good, &world.operator), &Stricter::as_signed()).unwrap();
    assert!(room.checks().iter().any(|check| check.id == "room.operator" && check.found.contains("Basel")));
    let stranger = SigningSecret::generate(&mut random());
    assert_eq!(world.refused_by(with(&good, &stranger)), ["room.operator"]);
    for change in 0..3 {
        let mut bad = good.clone();
        let Statement::Operator { contract, enclave_key, expires, .. } = &mut bad else { panic!("not an operator's") };
        match change {
            0 => *contract = sealroom_protocol::id::ContractId::from_bytes([1; 32]),
            1 => *enclave_key = stranger.public(),
            _ => *expires = 1,
        }
        assert_eq!(world.refused_by(with(&bad, &world.operator)), ["room.operator"], "{change}");
    }
}
