//! A forgery beside the genuine one changes no verdict, whoever brought which first: signatures decide.

use sealroom_attestation::{
    Accept, CryptoProvider, Endorsements, Evidence, Fingerprint, Outcome, Policy, TrustAnchor, Verifier,
};
use serde_json::{Value, json};

use crate::certificates::{Draft, Key, ListDraft};
use crate::documents::answer;
use crate::world::{World, sha256};

const ROOT: &str = "Intel SGX Root CA";
const SIGNER: &str = "Intel SGX TCB Signing";

/// How it ends, and the checks that fail.
type Verdict = (Outcome, Vec<&'static str>);

/// With `forged` brought before the genuine ones, or after them.
fn verdict(world: World, forged: &[Vec<u8>], before: bool) -> Verdict {
    let chain = world.sign_chain();
    let anchor = TrustAnchor::new(Fingerprint::from_sha256(sha256(&chain[2])), true).unwrap();
    let evidence = Evidence::decode(&world.quote(&chain)).unwrap();
    let genuine = world.endorsements();
    let files: Vec<_> =
        if before { forged.iter().chain(&genuine).collect() } else { genuine.iter().chain(forged).collect() };
    let endorsements = Endorsements::decode_all(files.into_iter().map(Vec::as_slice)).unwrap();
    let World { mut accept, binding, now, .. } = world;
    match &mut accept {
        Accept::Tdx(accept) => accept.trust_anchor = anchor,
        Accept::Sgx(accept) => accept.trust_anchor = anchor,
        _ => panic!("not of Intel's"),
    }
    let policy = Policy::new(vec![accept]).unwrap();
    let appraisal = Verifier::new(CryptoProvider::ring(), &policy).appraise(evidence, &endorsements, binding, now);
    let failed = appraisal.as_ref().err().map(crate::failed).unwrap_or_default();
    (Outcome::of(&appraisal), failed)
}

fn changes_nothing(forgery: fn(&World) -> Vec<Vec<u8>>) {
    let out_of_date = || {
        let mut world = World::tdx();
        world.extension.components[0] = 3;
        world
    };
    let revoked = || {
        let mut world = World::tdx();
        world.ca_list.serials.push(world.pck.serial.clone());
        world
    };
    let worlds: [(&dyn Fn() -> World, Outcome); 4] = [
        (&World::tdx, Outcome::Accepted),
        (&World::sgx, Outcome::Accepted),
        (&out_of_date, Outcome::Refused),
        (&revoked, Outcome::NotAuthentic),
    ];
    for (world, outcome) in worlds {
        let expected = verdict(world(), &[], true);
        assert_eq!(expected.0, outcome);
        for before in [true, false] {
            assert_eq!(verdict(world(), &forgery(&world()), before), expected, "before: {before}");
        }
    }
}

/// Newer, and good for whatever asks.
fn newer(document: &Value) -> Value {
    let mut newer = document.clone();
    newer["issueDate"] = json!("2026-05-27T00:00:00Z");
    newer["tcbLevels"][0]["tcbStatus"] = json!("Revoked");
    newer
}

fn tcb_info(world: &World) -> Vec<u8> {
    answer("tcbInfo", &newer(&world.tcb_info), Key::Other)
}

fn qe_identity(world: &World) -> Vec<u8> {
    answer("enclaveIdentity", &newer(&world.qe_identity), Key::Other)
}

/// A certificate of somebody's own for the key that the forged documents are signed with.
fn signer() -> Vec<u8> {
    Draft::leaf(ROOT, SIGNER, Key::Other, Key::Other).sign()
}

#[test]
fn forged_tcb_info_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(|world| vec![tcb_info(world)]);
    changes_nothing(|world| vec![tcb_info(world), signer()]);
}

#[test]
fn a_forged_qe_identity_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(|world| vec![qe_identity(world)]);
    changes_nothing(|world| vec![signer(), qe_identity(world)]);
}

#[test]
fn a_forged_signer_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(|_| vec![signer()]);
    // With the genuine one's key.
    changes_nothing(|world| vec![Draft { signer: Key::Other, ..world.signer.clone() }.sign()]);
    changes_nothing(|_| (0..9).map(|_| signer()).collect());
}

#[test]
fn a_forged_revocation_list_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(|world| vec![forged_list(&world.root_list)]);
    changes_nothing(|world| vec![forged_list(&world.ca_list)]);
}

fn forged_list(genuine: &ListDraft) -> Vec<u8> {
    ListDraft { this_update: "260527000000Z", signer: Key::Other, serials: vec![vec![9]], ..genuine.clone() }.sign()
}

#[test]
fn what_is_missing_is_listed_and_what_was_brought_is_not() {
    let missing = |change: fn(&mut World)| -> Vec<String> {
        let mut world = World::tdx();
        change(&mut world);
        let policy = Policy::new(vec![world.accept.clone()]).unwrap();
        let endorsements = Endorsements::decode_all(world.endorsements().iter().map(Vec::as_slice)).unwrap();
        let evidence = Evidence::decode(&world.quote(&world.sign_chain())).unwrap();
        evidence.missing(&policy, &endorsements, world.now).iter().map(ToString::to_string).collect()
    };
    assert_eq!(missing(|_| {}), [""; 0]);
    assert_eq!(missing(|world| world.brought.ca_list = false), ["revocation list of Intel's PCK Platform CA"]);
    assert_eq!(
        missing(|world| world.root_list.next_update = "260520000000Z"),
        ["revocation list of Intel's SGX Root CA"]
    );
    assert_eq!(missing(|world| world.brought.signer = false), ["certificate of Intel SGX TCB Signing"]);
    let other_line = missing(|world| world.tcb_info["fmspc"] = json!("00906EA10000"));
    assert_eq!(other_line, ["TCB info of Intel's for TDX on FMSPC 90c06f000000"]);
}
