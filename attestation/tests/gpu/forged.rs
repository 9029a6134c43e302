//! A forgery beside the genuine one changes no verdict, whoever brought which first; what was taken back outweighs what is
//! missing; and what is missing is listed.

use sealroom_attestation::{Endorsements, Evidence, Outcome, Policy, Requirement};

use crate::draft::{Draft, ListDraft, public_key};
use crate::world::{NOW, World};

type Bring = fn(&mut Vec<Vec<u8>>);

fn outcome(world: World) -> Outcome {
    Outcome::of(&world.appraise())
}

/// Signed by somebody else, and newer.
fn forged(draft: &Draft) -> Vec<u8> {
    Draft { signer: "other".into(), not_before: "260101000000Z", ..draft.clone() }.sign()
}

/// With somebody else's key, too.
fn taken_over(draft: &Draft) -> Vec<u8> {
    forged(&Draft { public_key: public_key("other"), ..draft.clone() })
}

fn forged_list(list: &ListDraft) -> Vec<u8> {
    ListDraft { this_update: "260527000000Z", signer: "other".into(), serials: vec![], ..list.clone() }.sign()
}

fn changes_nothing(cases: &[Bring]) {
    for bring in cases {
        let mut world = World::good();
        world.bring = *bring;
        assert_eq!(outcome(world), Outcome::AcceptedWithWarnings);
        let mut world = World::good();
        world.lists[0].serials.push(vec![2]);
        world.bring = *bring;
        assert_eq!(outcome(world), Outcome::NotAuthentic);
    }
}

#[test]
fn a_forged_leaf_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(&[
        |files| files.insert(0, forged(&World::good().leaf)),
        |files| files.push(forged(&World::good().leaf)),
        |files| files.insert(0, taken_over(&World::good().leaf)),
    ]);
}

#[test]
fn a_forged_authority_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(&[
        |files| files.insert(0, forged(&World::good().authorities[3])),
        |files| files.push(forged(&World::good().authorities[3])),
        |files| files.insert(0, taken_over(&World::good().authorities[2])),
        |files| files.push(taken_over(&World::good().authorities[1])),
        |files| files.insert(0, taken_over(&World::good().authorities[0])),
        // Each that there is, and one that leads back to where it came from.
        |files| {
            let world = World::good();
            let mut circle = world.authorities[1].clone();
            circle.issuer = "chip".into();
            files.insert(0, taken_over(&circle));
            world.authorities.iter().for_each(|authority| files.insert(0, taken_over(authority)));
            files.insert(0, forged(&world.leaf));
        },
    ]);
}

#[test]
fn a_forged_revocation_list_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(&[
        |files| files.insert(0, forged_list(&World::good().lists[0])),
        |files| files.push(forged_list(&World::good().lists[0])),
        |files| files.push(forged_list(&World::good().lists[1])),
    ]);
}

#[test]
fn a_certificate_that_was_taken_back_outweighs_a_list_that_is_missing() {
    let mut world = World::good();
    world.lists[0].serials.push(vec![2]);
    world.bring = |files| drop(files.remove(6));
    assert_eq!(outcome(world), Outcome::NotAuthentic, "the identity, by the root's list");
    let mut world = World::good();
    world.lists[1].serials.push(vec![3]);
    world.bring = |files| drop(files.remove(5));
    assert_eq!(outcome(world), Outcome::NotAuthentic, "the provisioner, by the identity's list");
    let mut world = World::good();
    world.lists[0].serials.push(vec![2]);
    world.lists[0].next_update = Some("260515000000Z");
    assert_eq!(outcome(world), Outcome::NotAuthentic, "by a list that has ended");
}

#[test]
fn what_is_missing_is_listed_and_what_was_brought_is_not() {
    let under = |bring: Bring, revocation: Requirement| -> Vec<String> {
        let mut world = World::good();
        world.accept.revocation = revocation;
        let mut files: Vec<_> = world.authorities.iter().map(Draft::sign).collect();
        files.push(world.leaf.sign());
        files.extend(world.lists.iter().map(ListDraft::sign));
        bring(&mut files);
        let policy = Policy::new(vec![world.accept.clone().into()]).unwrap();
        let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice)).unwrap();
        let evidence = Evidence::decode(&world.report()).unwrap();
        evidence.missing(&policy, &endorsements, NOW).iter().map(ToString::to_string).collect()
    };
    let missing = |bring: Bring| under(bring, Requirement::Required);
    assert_eq!(missing(|_| {}), [""; 0]);
    let both = ["revocation list of NVIDIA GH100 Identity", "revocation list of root"];
    assert_eq!(missing(|files| files.truncate(5)), both);
    assert_eq!(missing(|files| drop(files.remove(6))), both[..1]);
    assert_eq!(missing(|files| drop(files.remove(2))), ["certificate of provisioner"]);
    assert_eq!(missing(Vec::clear).len(), 2, "what the Evidence asks for");
    // Where the policy looks at no list, none is missing.
    let without = |bring: Bring| under(bring, Requirement::skip("no lists are kept here"));
    assert_eq!(without(|files| files.truncate(5)), [""; 0]);
    assert_eq!(without(|files| files.truncate(4)).len(), 1, "the leaf, without its lists");
}
