//! What ends in which error.

use super::forge::{given, payload, signed_set};
use super::world::{World, keys, split};
use sealroom_protocol::canonical::CanonicalError;
use sealroom_protocol::dsse::EnvelopeError;
use sealroom_protocol::identity::EncryptionSecret;
use sealroom_protocol::recovery::{GivenShare, RecoveryError, RecoverySet, SET_LIMIT, SHARE_LENGTH};

#[test]
fn a_wrong_share_is_found_and_its_helper_named() {
    let world = World::new(2, 3);
    let to = world.receiver.public();
    let wrong = |plaintext: &[u8]| {
        let forged = given(&world.set, 2, &world.helpers[1], &to, plaintext);
        let shares = [world.give(0), GivenShare::decode(&forged).unwrap(), world.give(2)];
        world.set.join(&world.receiver, &shares).unwrap_err()
    };
    let named = RecoveryError::Commitment { index: 2, helper: "helper-2".into() };
    assert_eq!(wrong(&[7; 96]), named);
    assert_eq!(wrong(&[0; 96]), named);
    // Without it the others are enough.
    assert!(world.set.join(&world.receiver, &[world.give(0), world.give(2)]).is_ok());
}

#[test]
fn every_flipped_bit_of_a_share_is_found() {
    let world = World::new(2, 2);
    let to = world.receiver.public();
    // A helper knows its share, so it can change one bit of it and sign that.
    let receiver = EncryptionSecret::from_seed(&[201; 32]);
    let own = world.give_to(1, &receiver);
    let plaintext = super::forge::opened(&world.set, &own, &receiver);
    let honest = given(&world.set, 2, &world.helpers[1], &to, &plaintext);
    let shares = |second: &[u8]| [world.give(0), GivenShare::decode(second).unwrap()];
    assert!(world.set.join(&world.receiver, &shares(&honest)).is_ok());
    let first = world.give(0);
    for bit in (0..96 * 8).step_by(7) {
        let mut changed = plaintext.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let forged = GivenShare::decode(&given(&world.set, 2, &world.helpers[1], &to, &changed)).unwrap();
        let named = RecoveryError::Commitment { index: 2, helper: "helper-2".into() };
        assert_eq!(world.set.join(&world.receiver, &[first.clone(), forged]).unwrap_err(), named, "bit {bit}");
    }
}

#[test]
fn a_helper_finds_out_that_the_owners_set_was_made_wrong() {
    let world = World::new(2, 2);
    let text = payload(&world.set);
    let start = text.find(r#""commitment":""#).unwrap() + r#""commitment":""#.len();
    let digit = if text.as_bytes()[start] == b'0' { "1" } else { "0" };
    let changed = [&text[..start], digit, &text[start + 1..]].concat();
    let set = RecoverySet::decode(&signed_set(&changed, &world.owner.0)).unwrap();
    let (signing, encryption) = &world.helpers[0];
    let refused = set.give(signing, encryption, &world.receiver.public(), &mut super::rng::Counter::new());
    assert_eq!(refused.unwrap_err(), RecoveryError::Commitment { index: 1, helper: "helper-1".into() });
}

#[test]
fn a_share_counts_once_and_share_0_is_none() {
    let world = World::new(2, 3);
    let twice = [world.give(0), world.give(0)];
    assert_eq!(world.set.join(&world.receiver, &twice).unwrap_err(), RecoveryError::Twice { index: 1 });
    let to = world.receiver.public();
    for (index, helpers) in [(0, 32), (33, 32), (255, 32)] {
        let forged = given(&world.set, index, &world.helpers[0], &to, &[1; 96]);
        assert_eq!(GivenShare::decode(&forged), Err(RecoveryError::Index { helpers, found: index }));
    }
    let forged = GivenShare::decode(&given(&world.set, 4, &world.helpers[0], &to, &[1; 96])).unwrap();
    let refused = world.set.join(&world.receiver, &[forged]).unwrap_err();
    assert_eq!(refused, RecoveryError::Index { helpers: 3, found: 4 });
}

#[test]
fn a_share_is_signed_by_its_own_helper_only() {
    let world = World::new(2, 3);
    let to = world.receiver.public();
    let forged = GivenShare::decode(&given(&world.set, 1, &world.helpers[1], &to, &[1; 96])).unwrap();
    let key = world.helpers[0].0.public();
    let missing = RecoveryError::Envelope(EnvelopeError::Missing { key });
    assert_eq!(world.set.join(&world.receiver, &[forged]).unwrap_err(), missing);
}

#[test]
fn shares_of_two_sets_do_not_mix() {
    let world = World::new(2, 3);
    // The same owner and helpers: only the number needed is another, and so all that is random.
    let helpers: Vec<_> = world.helpers.iter().collect();
    let other = split(&world.owner, &helpers[..2], 2).unwrap();
    let changed = payload(&other).replacen(&super::forge::id_of(&other).0, &"ab".repeat(32), 1);
    let other = RecoverySet::decode(&signed_set(&changed, &world.owner.0)).unwrap();
    let refused = other.join(&world.receiver, &[world.give(0)]).unwrap_err();
    assert_eq!(refused, RecoveryError::OtherSet { index: 1 });
    // Of another owner, under the same random id.
    let mallory = keys(99);
    let text = payload(&split(&mallory, &helpers, 2).unwrap());
    let set = RecoverySet::decode(&signed_set(&text, &mallory.0)).unwrap();
    assert_eq!(super::forge::id_of(&set), super::forge::id_of(&world.set));
    assert_eq!(set.join(&world.receiver, &[world.give(0)]).unwrap_err(), RecoveryError::OtherSet { index: 1 });
}

#[test]
fn a_share_opens_in_no_set_but_its_own() {
    let world = World::new(2, 2);
    let mallory = keys(99);
    // Mallory's own set, with the owner's ciphertexts in it.
    let text = payload(&world.set)
        .replacen(&world.owner.0.public().to_string(), &mallory.0.public().to_string(), 1)
        .replacen("cleveland", "mallory", 1);
    let set = RecoverySet::decode(&signed_set(&text, &mallory.0)).unwrap();
    let (signing, encryption) = &world.helpers[0];
    let refused = set.give(signing, encryption, &world.receiver.public(), &mut super::rng::Counter::new());
    assert_eq!(refused.unwrap_err(), RecoveryError::Decryption { index: 1 });
}

#[test]
fn a_share_is_given_to_one_receiver() {
    let world = World::new(2, 2);
    let other = EncryptionSecret::from_seed(&[201; 32]);
    let given = [world.give(0), world.give(1)];
    assert_eq!(world.set.join(&other, &given).unwrap_err(), RecoveryError::OtherReceiver { index: 1 });
}

#[test]
fn who_keeps_no_share_gives_none() {
    let world = World::new(2, 2);
    let (signing, encryption) = keys(77);
    let refused = world.set.give(&signing, &encryption, &world.receiver.public(), &mut super::rng::Counter::new());
    assert_eq!(refused.unwrap_err(), RecoveryError::NoHelper);
}

#[test]
fn a_changed_set_is_refused() {
    let world = World::new(2, 2);
    let good = world.set.encode();
    let key = world.owner.0.public();
    let text = payload(&world.set);
    // Signed by the owner over another payload.
    let other = signed_set(&text.replacen("helper-1", "helper-x", 1), &world.owner.0);
    let splice = |payload: &[u8], signature: &[u8]| {
        let (payload, signature) = (String::from_utf8_lossy(payload), String::from_utf8_lossy(signature));
        let payload = payload.split_once(r#""signatures""#).unwrap().0.to_owned();
        payload + r#""signatures""# + signature.split_once(r#""signatures""#).unwrap().1
    };
    let spliced = splice(&other, &good);
    let bad = RecoveryError::Envelope(EnvelopeError::Bad { key });
    assert_eq!(RecoverySet::decode(spliced.as_bytes()), Err(bad));
    // By somebody else.
    let missing = RecoveryError::Envelope(EnvelopeError::Missing { key });
    assert_eq!(RecoverySet::decode(&signed_set(&text, &keys(99).0)), Err(missing));
    // In another spelling.
    let spelt = signed_set(&text.replacen(r#","name""#, r#", "name""#, 1), &world.owner.0);
    assert_eq!(RecoverySet::decode(&spelt), Err(RecoveryError::Payload(CanonicalError::NotCanonical)));
    let long = vec![b' '; SET_LIMIT + 1];
    assert_eq!(RecoverySet::decode(&long), Err(RecoveryError::TooLong { limit: SET_LIMIT, found: SET_LIMIT + 1 }));
}

#[test]
fn each_rule_of_a_set_has_its_error() {
    let world = World::new(2, 3);
    let text = payload(&world.set);
    let decoded = |from: &str, to: &str| RecoverySet::decode(&signed_set(&text.replacen(from, to, 1), &world.owner.0));
    assert_eq!(decoded(r#""name":"cleveland""#, r#""name":"Cleveland""#), Err(RecoveryError::Name));
    assert_eq!(decoded("helper-3", "-helper-3"), Err(RecoveryError::Name));
    for threshold in ["0", "1", "4"] {
        let refused = RecoveryError::Threshold { threshold: threshold.parse().unwrap(), helpers: 3 };
        assert_eq!(decoded(r#""threshold":2"#, &format!(r#""threshold":{threshold}"#)), Err(refused));
    }
    for (from, to, expected, found) in [(1, 0, 1, 0), (2, 1, 2, 1), (3, 4, 3, 4)] {
        let refused = RecoveryError::ShareOrder { expected, found };
        assert_eq!(decoded(&format!(r#""index":{from}"#), &format!(r#""index":{to}"#)), Err(refused));
    }
    let start = text.find(r#""ciphertext":""#).unwrap() + r#""ciphertext":""#.len();
    let short = [&text[..start], &text[start + 4..]].concat();
    let refused = RecoveryError::Length { index: 1, found: SHARE_LENGTH - 3 };
    assert_eq!(RecoverySet::decode(&signed_set(&short, &world.owner.0)), Err(refused));
}

#[test]
fn each_helper_stands_in_a_set_once_and_the_owner_never() {
    let (owner, one, two) = (keys(1), keys(11), keys(12));
    let repeated = RecoveryError::Repeated { helper: "helper-2".into() };
    assert_eq!(split(&owner, &[&one, &one], 2).unwrap_err(), repeated);
    // One person with two signing keys, or with two encryption keys, is still one.
    let (half, other_half) = ((keys(11).0, keys(12).1), (keys(12).0, keys(11).1));
    assert_eq!(split(&owner, &[&one, &half], 2).unwrap_err(), repeated);
    assert_eq!(split(&owner, &[&one, &other_half], 2).unwrap_err(), repeated);
    let own = RecoveryError::Owner { helper: "helper-2".into() };
    assert_eq!(split(&owner, &[&one, &owner], 2).unwrap_err(), own);
    for (threshold, helpers) in [(0, 2), (1, 2), (3, 2)] {
        let refused = RecoveryError::Threshold { threshold: threshold.into(), helpers };
        assert_eq!(split(&owner, &[&one, &two], threshold).unwrap_err(), refused);
    }
    let many: Vec<_> = (0..33).map(|number| keys(20 + number)).collect();
    let refused = RecoveryError::Threshold { threshold: 2, helpers: 33 };
    assert_eq!(split(&owner, &many.iter().collect::<Vec<_>>(), 2).unwrap_err(), refused);
}

#[test]
fn a_set_whose_shares_give_other_keys_is_refused() {
    // The owner made shares of other keys than it names: each is what it committed to.
    let world = World::new(2, 2);
    let text = super::forge::set_of_other_keys(&world);
    let set = RecoverySet::decode(&signed_set(&text, &world.owner.0)).unwrap();
    let give = |helper: usize| {
        let (signing, encryption) = &world.helpers[helper];
        set.give(signing, encryption, &world.receiver.public(), &mut super::rng::Counter::new()).unwrap()
    };
    assert_eq!(set.join(&world.receiver, &[give(0), give(1)]).unwrap_err(), RecoveryError::Keys);
}
