//! A forgery beside the genuine one changes no verdict, whoever brought which first: signatures decide.

use sealroom_attestation::{
    CryptoProvider, Endorsements, Evidence, Fingerprint, Outcome, Policy, TrustAnchor, VerifiedSignatures, Verifier,
};

use crate::world::{Draft, ListDraft, World, rsa_key, rsa_public_key};

const OTHER: &str = "other-ark";

/// How it ends, and the checks that fail.
type Verdict = (Outcome, Vec<&'static str>);

/// With `forged` brought before the genuine ones, or after them.
fn verdict(world: World, forged: &[Vec<u8>], before: bool) -> Verdict {
    let genuine = world.endorsements();
    let digest = ring::digest::digest(&ring::digest::SHA256, &genuine[0]);
    let root = Fingerprint::from_sha256(digest.as_ref().try_into().unwrap());
    let evidence = Evidence::decode(&world.evidence()).unwrap();
    let World { mut accept, binding, now, .. } = world;
    accept.trust_anchor = TrustAnchor::new(root, true).unwrap();
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let files: Vec<_> =
        if before { forged.iter().chain(&genuine).collect() } else { genuine.iter().chain(forged).collect() };
    let endorsements = Endorsements::decode_all(files.into_iter().map(Vec::as_slice)).unwrap();
    let appraisal = Verifier::new(CryptoProvider::ring(), &policy).appraise(evidence, &endorsements, binding, now);
    let failed = appraisal.as_ref().err().map(crate::failed).unwrap_or_default();
    (Outcome::of(&appraisal), failed)
}

/// Signed by somebody else.
fn forged(draft: &Draft) -> Vec<u8> {
    Draft { signer: OTHER, not_before: "260101000000Z", ..draft.clone() }.sign()
}

/// With somebody else's key, too.
fn taken_over(draft: &Draft) -> Vec<u8> {
    forged(&Draft { public_key: rsa_public_key(rsa_key(OTHER)), ..draft.clone() })
}

fn changes_nothing(forgery: fn(&World) -> Vec<Vec<u8>>) {
    let revoked = || {
        let mut world = World::milan();
        world.list.serials.push(vec![0]);
        world
    };
    let worlds: [(&dyn Fn() -> World, Verdict); 3] = [
        (&World::milan, (Outcome::Accepted, vec![])),
        (&revoked, (Outcome::NotAuthentic, vec!["common.revocation"])),
        (
            &|| World { brought: [true, true, true, false], ..World::milan() },
            (Outcome::Undecided, vec!["common.revocation"]),
        ),
    ];
    for (world, expected) in worlds {
        assert_eq!(verdict(world(), &[], true), expected);
        // A list that somebody else signed stands for itself where there is none but it.
        let brings_a_list = !Endorsements::decode_all(forgery(&world()).iter().map(Vec::as_slice))
            .unwrap()
            .revocation_lists()
            .is_empty();
        if expected.0 == Outcome::Undecided && brings_a_list {
            continue;
        }
        for before in [true, false] {
            assert_eq!(verdict(world(), &forgery(&world()), before), expected, "before: {before}");
        }
    }
}

#[test]
fn a_forged_revocation_list_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(|world| {
        let list = ListDraft { this_update: "260527000000Z", signer: OTHER, serials: vec![], ..world.list.clone() };
        vec![list.sign(), ListDraft { next_update: None, ..list }.sign()]
    });
    // Nor one that lists what the genuine one does not.
    let genuine = World::milan().list;
    let serials = vec![vec![0], vec![1, 0, 1]];
    let listing = ListDraft { this_update: "260527000000Z", signer: OTHER, serials, ..genuine }.sign();
    for before in [true, false] {
        let accepted = (Outcome::Accepted, vec![]);
        assert_eq!(verdict(World::milan(), core::slice::from_ref(&listing), before), accepted);
    }
}

#[test]
fn a_forged_leaf_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(|world| vec![forged(&world.leaf)]);
    changes_nothing(|world| (0..9).map(|_| forged(&world.leaf)).collect());
}

#[test]
fn a_forged_authority_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(|world| vec![forged(&world.intermediate)]);
    changes_nothing(|world| vec![taken_over(&world.intermediate)]);
    // With a leaf that is really signed by it.
    changes_nothing(|world| vec![taken_over(&world.intermediate), forged(&world.leaf)]);
}

#[test]
fn a_forged_root_beside_the_genuine_one_changes_no_verdict() {
    changes_nothing(|world| vec![taken_over(&world.root)]);
    changes_nothing(|world| vec![taken_over(&world.root), taken_over(&world.intermediate), forged(&world.leaf)]);
}

#[test]
fn of_two_genuine_revocation_lists_the_newer_counts() {
    let mut world = World::milan();
    world.list.serials.push(vec![0]);
    let newer = ListDraft { this_update: "260520000000Z", ..world.list.clone() }.sign();
    for before in [true, false] {
        let revoked = (Outcome::NotAuthentic, vec!["common.revocation"]);
        assert_eq!(verdict(World::milan(), core::slice::from_ref(&newer), before), revoked);
    }
}

#[test]
fn nothing_but_the_genuine_signatures_is_remembered() {
    let remembered = |forgery: &[Vec<u8>]| {
        let world = World::milan();
        let mut files = world.endorsements();
        let digest = ring::digest::digest(&ring::digest::SHA256, &files[0]);
        let root = Fingerprint::from_sha256(digest.as_ref().try_into().unwrap());
        files.extend_from_slice(forgery);
        let evidence = Evidence::decode(&world.evidence()).unwrap();
        let World { mut accept, binding, now, .. } = world;
        accept.trust_anchor = TrustAnchor::new(root, true).unwrap();
        let policy = Policy::new(vec![accept.into()]).unwrap();
        let endorsements = Endorsements::decode_all(files.iter().map(Vec::as_slice)).unwrap();
        let mut memory = VerifiedSignatures::new(64);
        let verifier = Verifier::new(CryptoProvider::ring(), &policy);
        verifier.appraise_remembering(&mut memory, evidence, &endorsements, binding, now).unwrap();
        memory.len()
    };
    assert_eq!(remembered(&[]), 3, "leaf, authority, list");
    assert_eq!(remembered(&[forged(&World::milan().leaf), taken_over(&World::milan().intermediate)]), 3);
}

#[test]
fn what_is_missing_is_listed_and_what_was_brought_is_not() {
    let missing = |brought: [bool; 4], version: u8, now: u64| -> Vec<String> {
        use sealroom_attestation::snp::{Product, SigningKey};
        let world = World { brought, ..World::new(Product::Genoa, SigningKey::Vcek, version) };
        let policy = Policy::new(vec![world.accept.clone().into()]).unwrap();
        let endorsements = Endorsements::decode_all(world.endorsements().iter().map(Vec::as_slice)).unwrap();
        let evidence = Evidence::decode(&world.evidence()).unwrap();
        evidence.missing(&policy, &endorsements, now).iter().map(ToString::to_string).collect()
    };
    let list = "revocation list of AMD's VCEK keys (Genoa)";
    assert_eq!(missing([true; 4], 3, crate::world::NOW), [""; 0]);
    // A report of version 2 does not say its line; the leaf does.
    assert_eq!(missing([true, true, true, false], 2, crate::world::NOW), [list]);
    assert_eq!(missing([true; 4], 2, 1_780_300_000), [list], "it has ended");
    assert_eq!(
        missing([true, false, true, true], 2, crate::world::NOW),
        ["certificate chain of AMD's VCEK keys (Genoa)"]
    );
    let nothing = missing([false; 4], 3, crate::world::NOW);
    assert_eq!(nothing.len(), 3);
    assert!(nothing[0].starts_with("VCEK certificate (Genoa) of chip c1c1"), "{nothing:?}");
}
