//! Steps 2 and 3 with one thing wrong: the certificates and the revocation lists.

use sealroom_attestation::{Fingerprint, TrustAnchor};

use crate::certificates::Key;
use crate::world::{SGX_EXTENSION, World};
use crate::{Case, der, run};

pub(crate) const CASES: &[Case] = &[
    (
        "another root is pinned",
        |world| world.pinned = Some(TrustAnchor::new(Fingerprint::from_sha256([9; 32]), true).unwrap()),
        &["common.trust-anchor"],
    ),
    ("the pck has another name", |world| world.pck.subject.push('s'), &["dcap.chain"]),
    (
        "the ca is neither platform nor processor",
        |world| {
            for name in [&mut world.ca.subject, &mut world.pck.issuer, &mut world.ca_list.issuer] {
                *name = "Intel SGX PCK Other CA".to_owned();
            }
        },
        &["dcap.chain"],
    ),
    (
        "the root has another name",
        |world| {
            let World { root, ca, signer, root_list, .. } = world;
            for name in [&mut root.subject, &mut root.issuer, &mut ca.issuer, &mut signer.issuer, &mut root_list.issuer]
            {
                *name = "Intel SGX Root".to_owned();
            }
        },
        &["dcap.chain"],
    ),
    ("the pck names another issuer", |world| world.pck.issuer = "Intel SGX Root CA".to_owned(), &["dcap.chain"]),
    ("a certificate is of version 1", |world| world.ca.version = 0, &["dcap.chain"]),
    ("the ca is no authority", |world| world.ca.set_extension("2.5.29.19", &der::sequence(&[])), &["dcap.chain"]),
    (
        "the ca may not sign certificates",
        |world| world.ca.set_extension("2.5.29.15", &der::tlv(0x03, &[1, 0x02])),
        &["dcap.chain"],
    ),
    (
        "the pck is an authority",
        |world| world.pck.set_extension("2.5.29.19", &der::sequence(&[der::boolean_true()])),
        &["dcap.chain"],
    ),
    (
        "the root allows no authority below it",
        |world| world.root.set_extension("2.5.29.19", &der::sequence(&[der::boolean_true(), der::integer(&[0])])),
        &["dcap.chain"],
    ),
    (
        "an unknown critical extension",
        |world| world.pck.extensions.push(("1.2.3.4".to_owned(), true, vec![5, 0])),
        &["dcap.chain"],
    ),
    (
        "tcb info is signed by a certificate that the pck's ca issued",
        |world| {
            world.signer.issuer = world.ca.subject.clone();
            world.signer.signer = Key::Ca;
        },
        &["dcap.chain", "common.chain-signatures"],
    ),
    (
        "the tcb signer is signed by nobody known",
        |world| world.signer.signer = Key::Other,
        &["common.chain-signatures"],
    ),
    ("the pck is signed by nobody known", |world| world.pck.signer = Key::Other, &["common.chain-signatures"]),
    ("the ca is signed by nobody known", |world| world.ca.signer = Key::Other, &["common.chain-signatures"]),
    (
        "the ca has another key",
        |world| world.ca.public_key = Key::Other.public(),
        &["common.chain-signatures", "common.revocation"],
    ),
    ("the pck is expired", |world| world.pck.not_after = "260501000000Z", &["common.time"]),
    ("the pck is not valid yet", |world| world.pck.not_before = "260601000000Z", &["common.time"]),
    ("the ca is expired", |world| world.ca.not_after = "260501000000Z", &["common.time"]),
    ("the root is expired", |world| world.root.not_after = "260501000000Z", &["common.time"]),
    ("the tcb signer is expired", |world| world.signer.not_after = "260501000000Z", &["common.time"]),
    ("the pck is revoked", |world| world.ca_list.serials.push(world.pck.serial.clone()), &["common.revocation"]),
    ("the ca is revoked", |world| world.root_list.serials.push(world.ca.serial.clone()), &["common.revocation"]),
    (
        "the tcb signer is revoked",
        |world| world.root_list.serials.push(world.signer.serial.clone()),
        &["common.revocation"],
    ),
    ("no list of the root", |world| world.brought.root_list = false, &["common.revocation"]),
    ("no list of the ca", |world| world.brought.ca_list = false, &["common.revocation"]),
    ("the list of the root is stale", |world| world.root_list.next_update = "260520000000Z", &["common.revocation"]),
    ("the list of the ca is stale", |world| world.ca_list.next_update = "260520000000Z", &["common.revocation"]),
    (
        "the list of the ca is of the future",
        |world| {
            world.ca_list.this_update = "260601000000Z";
            world.ca_list.next_update = "260701000000Z";
        },
        &["common.revocation"],
    ),
    ("the list of the ca is signed by the root", |world| world.ca_list.signer = Key::Root, &["common.revocation"]),
    ("the list of the root is signed by the ca", |world| world.root_list.signer = Key::Ca, &["common.revocation"]),
    (
        "the list is of the other ca",
        |world| world.ca_list.issuer = "Intel SGX PCK Processor CA".to_owned(),
        &["common.revocation"],
    ),
    (
        "the ca may not sign lists",
        |world| world.ca.set_extension("2.5.29.15", &der::tlv(0x03, &[2, 0x04])),
        &["common.revocation"],
    ),
    (
        "the pck has no sgx extension",
        |world| world.pck.extensions.retain(|(id, ..)| id != SGX_EXTENSION),
        &["dcap.pck-extension"],
    ),
    ("the pck names an unknown sgx type", |world| world.extension.sgx_type = 9, &["dcap.pck-extension"]),
];

#[test]
fn each_certificate_and_list_with_one_thing_wrong_trips_its_check() {
    run(CASES, World::tdx);
    run(CASES, World::sgx);
}
