//! The two files as a cheat writes them: by the specification and by hand, then signed again.

use super::rng::Counter;
use super::world::{Keys, World};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::encryption::{decrypt, encrypt_to};
use sealroom_protocol::hash::{labelled_sha256, length_prefixed};
use sealroom_protocol::identity::{EncryptionPublicKey, EncryptionSecret, SigningSecret};
use sealroom_protocol::recovery::{GivenShare, RecoverySet};

/// The set's payload as text.
pub(crate) fn payload(set: &RecoverySet) -> String {
    let envelope = Envelope::decode(&set.encode(), PayloadType::RecoverySet).unwrap();
    String::from_utf8(envelope.payload().to_vec()).unwrap()
}

/// Any text as the payload of a set, signed.
pub(crate) fn signed_set(payload: &str, owner: &SigningSecret) -> Vec<u8> {
    Envelope::signed(PayloadType::RecoverySet, payload.as_bytes().to_vec(), owner).encode()
}

/// The set's random id, as digits and as bytes.
pub(crate) fn id_of(set: &RecoverySet) -> (String, [u8; 32]) {
    let digits = payload(set)[r#"{"set":""#.len()..][..64].to_owned();
    let mut bytes = [0; 32];
    hex::decode_to_slice(&digits, &mut bytes).unwrap();
    (digits, bytes)
}

/// A share given back that says this value and blind, signed by `helper`.
pub(crate) fn given(
    set: &RecoverySet,
    index: u8,
    helper: &Keys,
    receiver: &EncryptionPublicKey,
    plaintext: &[u8],
) -> Vec<u8> {
    let (digits, id) = id_of(set);
    let label = "sealroom/1 recovery share given";
    let signing = helper.0.public();
    let fields: [&[u8]; 5] = [&id, set.signing_key().as_bytes(), &[index], signing.as_bytes(), receiver.as_bytes()];
    let data = length_prefixed(label, &fields);
    let ciphertext = STANDARD.encode(encrypt_to(receiver, label, &data, plaintext, &mut Counter::new()).unwrap());
    let owner = set.signing_key();
    let payload = format!(
        r#"{{"set":"{digits}","owner":"{owner}","index":{index},"receiver":"{receiver}","ciphertext":"{ciphertext}"}}"#
    );
    Envelope::signed(PayloadType::RecoveryShare, payload.into_bytes(), &helper.0).encode()
}

/// What a given share holds, for its receiver.
pub(crate) fn opened(set: &RecoverySet, share: &GivenShare, receiver: &EncryptionSecret) -> Vec<u8> {
    let envelope = Envelope::decode(&share.encode(), PayloadType::RecoveryShare).unwrap();
    let text = String::from_utf8(envelope.payload().to_vec()).unwrap();
    let ciphertext = text.rsplit('"').nth(1).unwrap();
    let held = &set.shares()[usize::from(share.index() - 1)];
    let (_, id) = id_of(set);
    let to = receiver.public();
    let owner = set.signing_key().as_bytes();
    let fields: [&[u8]; 5] = [&id, owner, &[share.index()], held.signing_key.as_bytes(), to.as_bytes()];
    let label = "sealroom/1 recovery share given";
    let data = length_prefixed(label, &fields);
    decrypt(receiver, label, &data, &STANDARD.decode(ciphertext).unwrap()).unwrap().to_vec()
}

/// The payload of a set like the world's, 2 of 2, whose every share is 64 zeros and a blind of zeros.
pub(crate) fn set_of_other_keys(world: &World) -> String {
    let (digits, id) = id_of(&world.set);
    let owner = (world.owner.0.public(), world.owner.1.public());
    let share = |index: u8| {
        let (signing, encryption) = &world.helpers[usize::from(index - 1)];
        let (signing, encryption) = (signing.public(), encryption.public());
        let numbers: [&[u8]; 3] = [&[2], &[2], &[index]];
        let place = [&[&id[..], owner.0.as_bytes()], &numbers[..]].concat();
        let committed = [place.as_slice(), &[&[0; 64], &[0; 32]]].concat();
        let commitment = hex::encode(labelled_sha256("sealroom/1 recovery commitment", &committed));
        let label = "sealroom/1 recovery share";
        let keys: [&[u8]; 3] = [&id, owner.0.as_bytes(), owner.1.as_bytes()];
        let data = [&keys[..], &numbers[..], &[signing.as_bytes().as_slice()]].concat();
        let data = length_prefixed(label, &data);
        let ciphertext = encrypt_to(&encryption, label, &data, &[0; 96], &mut Counter::new()).unwrap();
        let ciphertext = STANDARD.encode(ciphertext);
        format!(
            r#"{{"index":{index},"helper":"helper-{index}","signing_key":"{signing}","encryption_key":"{encryption}","commitment":"{commitment}","ciphertext":"{ciphertext}"}}"#
        )
    };
    format!(
        r#"{{"set":"{digits}","name":"cleveland","signing_key":"{}","encryption_key":"{}","threshold":2,"shares":[{},{}]}}"#,
        owner.0,
        owner.1,
        share(1),
        share(2)
    )
}
