//! A whole machine with a TPM that is good: root, certificate or pinned key, quote, policy.

use sealroom_attestation::event_log::Algorithm;
use sealroom_attestation::tpm::{self, AttestationKey, QuoteRules, Register};
use sealroom_attestation::{
    AttestationResult, Binding, CryptoProvider, Ear, Endorsements, Evidence, Fingerprint, Measurement, Platform,
    Policy, PolicyError, Rejection, Requirement, Rule, Status, TrustAnchor, Verifier,
};

use crate::azure::{executables, left_out};
use crate::quote::{ATTRIBUTES, Draft, public, sha256};
use crate::world::rsa_public_key;
use crate::{der, recorded, world};

pub(crate) const NONCE: [u8; 20] = [0x6e; 20];

/// Everything that goes into one appraisal.
pub(crate) struct World {
    pub(crate) quote: Draft,
    pub(crate) attributes: u32,
    pub(crate) key: AttestationKey,
    /// Whether a certificate is brought, where the policy may want the bare key, and the other way round.
    pub(crate) brings: AttestationKey,
    pub(crate) root: world::Draft,
    pub(crate) intermediate: world::Draft,
    pub(crate) leaf: world::Draft,
    /// The root's, the intermediate's.
    pub(crate) lists: [world::ListDraft; 2],
    /// Which of root, intermediate, root's list, intermediate's list are brought.
    pub(crate) brought: [bool; 4],
    pub(crate) pinned: Option<TrustAnchor>,
    pub(crate) key_purpose: Requirement,
    pub(crate) revocation: Requirement,
    pub(crate) machines: Rule<Vec<[u8; 32]>>,
    pub(crate) rules: QuoteRules,
    pub(crate) now: u64,
}

/// Extended key usage.
pub(crate) const PURPOSES: &str = "2.5.29.37";

pub(crate) fn purposes(oids: &[&str]) -> Vec<u8> {
    der::sequence(&oids.iter().map(|oid| der::oid(oid)).collect::<Vec<_>>())
}

/// Of nothing in the chain, current in May of 2026.
fn list(issuer: &str, signer: &'static str) -> world::ListDraft {
    world::ListDraft {
        issuer: issuer.to_owned(),
        this_update: "260501000000Z",
        next_update: Some("260601000000Z"),
        serials: vec![vec![9, 9]],
        extensions: vec![],
        signer,
    }
}

/// SHA-256 with RSA (RFC 8017 section 8.2), as makers of TPMs sign; the other worlds' keys sign it with PSS all the same.
fn certificate(issuer: &str, subject: &str, key: &'static str, signer: &'static str, ca: Option<u8>) -> world::Draft {
    let extensions = match ca {
        Some(below) => vec![
            ("2.5.29.19".to_owned(), true, der::sequence(&[der::boolean_true(), der::integer(&[below])])),
            ("2.5.29.15".to_owned(), true, der::tlv(0x03, &[1, 0x06])),
        ],
        None => vec![
            ("2.5.29.15".to_owned(), true, der::tlv(0x03, &[7, 0x80])),
            (PURPOSES.to_owned(), false, purposes(&["2.23.133.8.3"])),
        ],
    };
    world::Draft {
        version: 2,
        serial: vec![1, u8::from(ca.is_none())],
        algorithm: der::pss(48, true),
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        not_before: "240101000000Z",
        not_after: "310101000000Z",
        public_key: rsa_public_key(world::rsa_key(key)),
        extensions,
        signer,
    }
}

impl World {
    pub(crate) fn certified() -> Self {
        let quote = Draft::new(&NONCE);
        let registers = quote.values.iter().map(|(index, value)| Register {
            index: *index,
            values: Rule::Require(vec![Measurement::sha256(value.as_slice().try_into().unwrap())]),
        });
        let registers = registers.collect();
        let info = rsa_public_key(world::rsa_key("other-ark"));
        Self {
            rules: QuoteRules {
                bank: Algorithm::Sha256,
                registers,
                event_log: Rule::skip("whole registers are pinned"),
                safe_clock: Requirement::Required,
                boots: Rule::skip("any boot"),
                firmware_versions: Rule::skip("any firmware"),
            },
            quote,
            attributes: ATTRIBUTES,
            key: AttestationKey::Certified,
            brings: AttestationKey::Certified,
            root: certificate("TPM Root", "TPM Root", "ark", "ark", Some(1)),
            intermediate: certificate("TPM Root", "TPM CA", "intermediate", "ark", Some(0)),
            leaf: certificate("TPM CA", "AK 1", "other-ark", "intermediate", None),
            lists: [list("TPM Root", "ark"), list("TPM CA", "intermediate")],
            brought: [true; 4],
            pinned: None,
            key_purpose: Requirement::Required,
            revocation: Requirement::Required,
            machines: Rule::Require(vec![sha256(&info).try_into().unwrap()]),
            now: world::NOW,
        }
    }

    pub(crate) fn pinned() -> Self {
        Self {
            key: AttestationKey::Pinned,
            brings: AttestationKey::Pinned,
            brought: [false; 4],
            revocation: Requirement::skip("the key is pinned"),
            ..Self::certified()
        }
    }

    pub(crate) fn evidence(&self) -> Result<Vec<u8>, sealroom_attestation::DecodeError> {
        let key = match self.brings {
            AttestationKey::Certified => self.leaf.sign(),
            AttestationKey::Pinned => public(&self.quote, self.attributes),
        };
        tpm::assemble(&self.quote.parts(), &key)
    }

    /// `root` as it is brought: no two signatures of one certificate are the same.
    pub(crate) fn policy(&self, root: &[u8]) -> Result<Policy, PolicyError> {
        let anchor = match self.key {
            AttestationKey::Certified => sha256(root),
            AttestationKey::Pinned => sha256(&public(&Draft::new(&NONCE), ATTRIBUTES)),
        };
        let anchor = Fingerprint::from_sha256(anchor.try_into().unwrap());
        let anchor = TrustAnchor::vouched(anchor, "made in this test").unwrap();
        let accept = tpm::Accept {
            name: "tpm".to_owned(),
            trust_anchor: self.pinned.clone().unwrap_or(anchor),
            attestation_key: self.key,
            key_purpose: self.key_purpose.clone(),
            revocation: self.revocation.clone(),
            machines: self.machines.clone(),
            quote: self.rules.clone(),
        };
        Policy::new(vec![accept.into()])
    }

    pub(crate) fn appraise(self) -> Result<AttestationResult, Rejection> {
        let [roots, intermediates] = &self.lists;
        let root = self.root.sign();
        let policy = self.policy(&root).unwrap();
        let files = [root, self.intermediate.sign(), roots.sign(), intermediates.sign()];
        let evidence = Evidence::decode(&self.evidence()?)?;
        let brought = files.iter().zip(self.brought).filter_map(|(file, brought)| brought.then_some(file.as_slice()));
        let endorsements = Endorsements::decode_all(brought)?;
        let binding = Binding::bytes(NONCE).unwrap();
        Verifier::new(CryptoProvider::ring(), &policy).appraise(evidence, &endorsements, binding, self.now)
    }
}

#[test]
fn a_quote_by_a_certified_key_and_one_by_a_pinned_key_are_accepted() {
    for world in [World::certified(), World::pinned()] {
        let result = world.appraise().unwrap_or_else(|rejection| panic!("{rejection}"));
        assert_eq!(result.platform(), Platform::Tpm);
        assert!(!result.simulated());
        assert_eq!(result.verdict().checks().len(), Platform::Tpm.checks().len());
    }
}

/// What a result says of the code that runs, and what the policy is warned of.
fn judged(world: World) -> (Option<i8>, Option<String>) {
    let policy = world.policy(&[]).unwrap();
    let appraisal = world.appraise();
    assert_eq!(appraisal.as_ref().err().map(ToString::to_string), None);
    let ear = Ear::of(&appraisal, &policy, CryptoProvider::ring(), None, world::NOW).unwrap();
    executables(&ear, &policy)
}

/// Of each register that measures code.
fn whole() -> World {
    let mut world = World::pinned();
    world.quote.selections[0].1.push(2);
    world.quote.values.insert(1, (2, vec![0xa2; 32]));
    let values = Rule::Require(vec![Measurement::sha256([0xa2; 32])]);
    world.rules.registers.insert(1, Register { index: 2, values });
    world
}

/// One rule says what a policy is warned of and what a result does not affirm: a register that neither its value nor its events judge.
#[test]
fn a_register_that_the_policy_skips_is_warned_of_and_its_executables_are_not_affirmed() {
    let ear = |change: fn(&mut World)| {
        let mut world = whole();
        change(&mut world);
        judged(world)
    };
    assert_eq!(ear(|_| {}), (Some(2), None));
    let text = left_out("PCR4");
    let one = ear(|world| world.rules.registers[2].values = Rule::skip("changes with every kernel"));
    assert_eq!(one, (Some(32), Some(text.clone())), "though the other registers hold");
    // A true log of anything replays, and an event that is wanted says nothing of those beside it.
    assert_eq!(ear(crate::tpm_cases::merely_replayed), (Some(32), Some(text.clone())));
    assert_eq!(ear(crate::tpm_cases::one_event_wanted), (Some(32), Some(text)));
    // A register of which the policy names every event is judged by them.
    assert_eq!(ear(crate::tpm_cases::replayed), (Some(2), None));
}

#[test]
fn a_policy_that_names_no_event_has_the_check_of_events_skipped() {
    let mut world = World::pinned();
    crate::tpm_cases::merely_replayed(&mut world);
    let result = world.appraise().unwrap();
    let status = |id: &str| result.verdict().checks().iter().find(|check| check.id() == id).unwrap().status().clone();
    assert_eq!(status("tpm.event-log"), Status::Pass);
    let reason = "the policy names no event: the replay alone is demanded".to_owned();
    assert_eq!(status("tpm.events"), Status::Skipped { reason });
}

/// What is not quoted at all is judged as little as what is skipped.
#[test]
fn a_register_of_code_that_the_policy_does_not_name_is_warned_of_and_its_executables_are_not_affirmed() {
    let without = |index: u8| {
        let mut world = whole();
        world.quote.selections[0].1.retain(|number| *number != index);
        world.quote.values.retain(|(number, _)| *number != index);
        world.rules.registers.retain(|register| register.index != index);
        judged(world)
    };
    for (index, register) in [(0, "PCR0"), (2, "PCR2"), (4, "PCR4")] {
        assert_eq!(without(index), (Some(32), Some(left_out(register))));
    }
    // Which keys secure boot goes by is a setting, not code.
    assert_eq!(without(7), (Some(2), None));
}

#[test]
fn a_quote_by_an_elliptic_key_is_accepted() {
    let mut world = World::pinned();
    world.quote.scheme = crate::quote::ECDSA;
    let key = public(&world.quote, ATTRIBUTES);
    let anchor = Fingerprint::from_sha256(sha256(&key).try_into().unwrap());
    world.pinned = Some(TrustAnchor::vouched(anchor, "made in this test").unwrap());
    world.machines = Rule::skip("the key is the machine");
    world.appraise().unwrap_or_else(|rejection| panic!("{rejection}"));
}

#[test]
fn the_strictest_policy_for_a_quote_reads_back_as_it_was_written() {
    let evidence = Evidence::decode(&World::pinned().evidence().unwrap()).unwrap();
    let anchor = TrustAnchor::vouched(Fingerprint::from_sha256([7; 32]), "made in this test").unwrap();
    let accept = sealroom_attestation::Accept::pinning(&evidence, anchor, "mine");
    let policy = Policy::new(vec![accept]).unwrap();
    let read = Policy::from_toml(&policy.to_toml()).unwrap_or_else(|error| panic!("{error}\n{}", policy.to_toml()));
    assert_eq!(read.blocks(), policy.blocks());
}

/// Its signature was not recorded, so it is read and no more.
#[test]
fn a_recorded_quote_of_google_cloud_decodes_with_its_log() {
    let Some(folder) = recorded::folder("a_recorded_quote_of_google_cloud_decodes_with_its_log") else { return };
    let mut parts = Draft::new(&NONCE).parts();
    parts.quote = recorded::read(&folder, "tpm/dstack/tpm_quote_sample.bin");
    parts.event_log = recorded::read(&folder, "tpm/dstack/tpm_eventlog.bin");
    let evidence = tpm::assemble(&parts, &public(&Draft::new(&NONCE), ATTRIBUTES)).unwrap();
    let evidence = Evidence::decode(&evidence).unwrap();
    let said = |name: &str| evidence.unverified_claims().into_iter().find(|claim| claim.name == name).unwrap().value;
    assert_eq!(said("pcr-selection"), "sha256 PCR 0,1,2");
    assert_eq!(said("extra-data"), "12345678");
    assert_eq!(said("event-log"), "45 events of sha1, sha256, sha384");
    assert_eq!(said("pcr-digest"), "d8de2be2e8a319cddf3d1ce1a310f45e30fd335255278e4fcbd59a5f58887648");
}

#[test]
fn a_recorded_quote_without_its_key_decodes() {
    let Some(folder) = recorded::folder("a_recorded_quote_without_its_key_decodes") else { return };
    let mut parts = Draft::new(&NONCE).parts();
    parts.quote = recorded::read(&folder, "azure-vtpm/snp/tpm-quote.msg");
    parts.signature = tpm::rsassa_sha256(&recorded::read(&folder, "azure-vtpm/snp/tpm-quote.sig"));
    let evidence = tpm::assemble(&parts, &public(&Draft::new(&NONCE), ATTRIBUTES)).unwrap();
    let evidence = Evidence::decode(&evidence).unwrap();
    let selection = evidence.unverified_claims().into_iter().find(|claim| claim.name == "pcr-selection").unwrap();
    assert_eq!(selection.value, "sha256 PCR 0,1,2,3,4,5,6,7,14");
}
