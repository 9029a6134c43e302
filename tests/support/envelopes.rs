//! Envelopes whose signature was taken away or swapped, for every signed object alike.

const SIGNATURES: &str = "\"signatures\":";

/// The same envelope without a signature.
fn unsigned(envelope: &[u8]) -> Vec<u8> {
    with_signatures(envelope, "[]}")
}

/// The payload of one envelope under the signatures of another.
fn swapped(envelope: &[u8], donor: &[u8]) -> Vec<u8> {
    let donor = core::str::from_utf8(donor).unwrap();
    with_signatures(envelope, donor.split_once(SIGNATURES).unwrap().1)
}

fn with_signatures(envelope: &[u8], signatures: &str) -> Vec<u8> {
    let text = core::str::from_utf8(envelope).unwrap();
    let (before, _) = text.split_once(SIGNATURES).unwrap();
    format!("{before}{SIGNATURES}{signatures}").into_bytes()
}

/// What is tried on one envelope: without its signature, and with one that its signer made for something else.
pub(crate) fn attacks(genuine: &[u8], donor: &[u8]) -> [Vec<u8>; 2] {
    let attacks = [unsigned(genuine), swapped(genuine, donor)];
    assert!(attacks.iter().all(|attack| attack != genuine));
    attacks
}
