//! A result, and each way in which it is not the one that the receipt names.

use super::*;
use crate::ReceiptLog;
use crate::random;
use crate::testing::{Enclave, Parties, contract_of, contract_with, grant_of, sign};
use sealroom_protocol::contract::{LogTerms, Terms};
use sealroom_protocol::encryption::encrypt_to;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{LogSigner, QuorumError, WitnessSigner, origin_of};
use sealroom_protocol::object::Writer;
use sealroom_protocol::run::{Proposal, Receipt, SignedGrant};
use sealroom_protocol::table::result::{Outcome as RulesOutcome, encode};

struct World {
    parties: Parties,
    contract: Contract,
    enclave: Enclave,
    proposal: Proposal,
    grants: Vec<SignedGrant>,
}

/// A result's parts.
struct Made {
    manifest: Vec<u8>,
    body: Vec<u8>,
    object: ObjectId,
}

impl World {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Terms)) -> Self {
        let parties = Parties::new();
        let contract = contract_with(&parties, change);
        let enclave = Enclave::new();
        let proposal =
            enclave.proposal(&contract, 1, [ObjectId::from_bytes([1; 32]), ObjectId::from_bytes([2; 32])], None);
        let grants = parties.all().map(|party| grant_of(party, &proposal, 1)).to_vec();
        Self { parties, contract, enclave, proposal, grants }
    }

    /// What the enclave makes of a run, but for the given change of its header.
    fn result(&self, change: impl FnOnce(&mut ResultHeader)) -> Made {
        let plaintext = ResultPlaintext {
            outcome: RulesOutcome { rows: 1, suppressed: 2, withheld: None },
            csv: "group,n\nall,12\n".into(),
        };
        let key = DataKey::generate(&mut random());
        let associated = Stanza::associated_data(&self.contract.id(), 1, &self.proposal.id(), "summary", "institute");
        let institute = self.parties.institute.encryption().public();
        let stanza = encrypt_to(&institute, Stanza::LABEL, &associated, key.expose_secret(), &mut random()).unwrap();
        let stanzas = vec![Stanza::new("institute".into(), stanza)];
        let mut header = ResultHeader::new(self.contract.id(), 1, self.proposal.id(), "summary".into(), stanzas);
        change(&mut header);
        let mut body = Vec::new();
        let mut sink = |bytes: &[u8]| {
            body.extend_from_slice(bytes);
            Ok::<(), io::Error>(())
        };
        let mut writer = Writer::new(provider::fastest(), &key, &header.encode(), &mut random()).unwrap();
        writer.write(&encode(&plaintext).unwrap(), &mut sink).unwrap();
        let manifest = writer.finish(&mut sink).unwrap();
        Made { manifest: manifest.encode(), body, object: manifest.id() }
    }

    fn receipt(&self, made: &Made) -> SignedReceipt {
        let receipt = self.enclave.complete(&self.contract, &self.proposal, &self.grants, 0);
        let mut receipt: Receipt = receipt.allegation().clone();
        receipt.outputs[0].object = made.object;
        SignedReceipt::sign(receipt, &self.enclave.signing)
    }

    fn open(&self, made: &Made, receipt: &SignedReceipt) -> Result<OpenedResult, OpenError> {
        open_result(&self.contract, &self.parties.institute, receipt, &made.manifest, made.body.as_slice())
    }
}

#[test]
fn a_result_opens_with_the_receipt_that_names_it() {
    let world = World::new();
    let made = world.result(|_| {});
    let receipt = world.receipt(&made);
    let opened = world.open(&made, &receipt).unwrap();
    assert_eq!((opened.name.as_str(), opened.run, opened.object), ("summary", 1, made.object));
    assert_eq!(opened.plaintext.csv, "group,n\nall,12\n");
    assert_eq!(opened.plaintext.outcome.suppressed, 2);
    let error =
        open_result(&world.contract, &world.parties.alpha, &receipt, &made.manifest, made.body.as_slice()).unwrap_err();
    assert!(matches!(error, OpenError::NotARecipient { .. }), "{error}");
}

#[test]
fn a_result_that_the_receipt_does_not_name_is_refused() {
    let world = World::new();
    let (made, other) = (world.result(|_| {}), world.result(|_| {}));
    let error = world.open(&other, &world.receipt(&made)).unwrap_err();
    assert!(matches!(error, OpenError::NotInReceipt { run: 1, found, .. } if found == other.object), "{error}");
    let void = world.enclave.void(&world.contract, &world.proposal, &[], 0);
    assert!(matches!(world.open(&made, &void), Err(OpenError::NothingLeft { .. })));
}

#[test]
fn a_receipt_without_every_grant_or_by_another_key_opens_nothing() {
    let world = World::new();
    let made = world.result(|_| {});
    let good = world.receipt(&made);
    // A stolen platform key makes an enclave, but no grant of alpha.
    let mut without = good.allegation().clone();
    without.grants.remove(0);
    let without = SignedReceipt::sign(without, &world.enclave.signing);
    assert!(
        matches!(world.open(&made, &without), Err(OpenError::Receipt(ReceiptError::Grants { party })) if party == "alpha")
    );
    let forged = SignedReceipt::sign(good.allegation().clone(), &Enclave::new().signing);
    assert!(matches!(world.open(&made, &forged), Err(OpenError::Receipt(ReceiptError::Signature(_)))));
    let elsewhere = contract_of(&world.parties);
    let error =
        open_result(&elsewhere, &world.parties.institute, &good, &made.manifest, made.body.as_slice()).unwrap_err();
    assert!(matches!(error, OpenError::Receipt(ReceiptError::Contract { .. })), "{error}");
}

#[test]
fn a_result_of_another_run_name_or_recipient_is_refused_even_where_the_receipt_names_it() {
    let world = World::new();
    let what = |made: &Made| match world.open(made, &world.receipt(made)) {
        Err(OpenError::Header { what }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(what(&world.result(|header| header.run = 2)), "run");
    assert_eq!(what(&world.result(|header| header.name = "other".into())), "result");
    assert_eq!(
        what(&world.result(|header| header.contract = sealroom_protocol::id::ContractId::from_bytes([1; 32]))),
        "contract"
    );
    assert_eq!(
        what(&world.result(|header| header.proposal = sealroom_protocol::id::ProposalId::from_bytes([1; 32]))),
        "proposal"
    );
    assert_eq!(what(&world.result(|header| header.stanzas.clear())), "list of recipients");
    let swapped = world.result(|header| header.stanzas[0].key[1120] ^= 1);
    assert!(matches!(world.open(&swapped, &world.receipt(&swapped)), Err(OpenError::Undecryptable)));
}

#[test]
fn a_changed_or_shortened_body_is_refused() {
    let world = World::new();
    let made = world.result(|_| {});
    let receipt = world.receipt(&made);
    for place in [0, PREFIX_LENGTH, made.body.len() - 1] {
        let mut body = made.body.clone();
        body[place] ^= 1;
        let changed = Made { manifest: made.manifest.clone(), body, object: made.object };
        assert!(matches!(world.open(&changed, &receipt), Err(OpenError::Object(_))), "{place}");
    }
    let short = Made { manifest: made.manifest.clone(), body: made.body[..100].to_vec(), object: made.object };
    assert!(matches!(world.open(&short, &receipt), Err(OpenError::Io(_))));
}

#[test]
fn a_contract_that_names_witnesses_opens_only_what_enough_of_them_cosigned() {
    let witness = |number: u8| {
        WitnessSigner::new(&format!("w.example/{number}"), SigningSecret::from_seed(&[number; 32])).unwrap()
    };
    let witnesses = [witness(51), witness(52), witness(53)];
    let named = witnesses.each_ref().map(|witness| (witness.verifier().name(), *witness.verifier().key()));
    let world = World::with(|terms| terms.log = Some(LogTerms::new(2, &named)));
    let made = world.result(|_| {});
    let receipt = world.receipt(&made);
    let signed = sign(&world.contract, &world.parties);
    let signer = LogSigner::new(&origin_of(&world.contract.id()), SigningSecret::generate(&mut random())).unwrap();
    let mut log = ReceiptLog::begin(&signed, &signer).unwrap();
    log.append(core::slice::from_ref(&receipt), &signer).unwrap();
    let open = |log: &ReceiptLog| {
        let proof = log.prove(0).unwrap();
        let institute = &world.parties.institute;
        open_witnessed_result(&world.contract, institute, &receipt, &proof, &made.manifest, made.body.as_slice())
    };
    let bundle = crate::ReceiptBundle::new(&signed, &receipt);
    let of_log = |bundle: &crate::ReceiptBundle| {
        let report = bundle.verify(None);
        let check = report.checks.iter().find(|check| check.id == "receipt.log").unwrap();
        (report.holds(), check.meaning.clone())
    };

    assert!(matches!(world.open(&made, &receipt), Err(OpenError::Unwitnessed { needed: 2 })));
    assert!(!of_log(&bundle).0);
    log.add_cosignature(witnesses[0].cosign(log.checkpoint(), 5)).unwrap();
    let few = open(&log).unwrap_err();
    let expected = LogFailure::Witnesses(QuorumError::UnderCosigned { needed: 2, found: 1 });
    assert!(matches!(&few, OpenError::Log(failure) if *failure == expected), "{few}");
    assert!(!of_log(&bundle.clone().with_log_proof(log.prove(0).unwrap())).0);
    log.add_cosignature(witnesses[2].cosign(log.checkpoint(), 6)).unwrap();
    assert_eq!(open(&log).unwrap().plaintext.csv, "group,n\nall,12\n");
    let whole = bundle.with_log_proof(log.prove(0).unwrap());
    let again = crate::ReceiptBundle::decode(&whole.encode()).unwrap();
    assert_eq!(again, whole);
    let meaning = "receipt 0 of the contract's log, cosigned by w.example/51, w.example/53";
    assert_eq!(of_log(&again), (true, meaning.into()));
}
