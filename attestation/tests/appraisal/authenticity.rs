//! What is not genuine: one thing changed, everything signed again, exactly the checks that must fail.

use sealroom_attestation::snp::{Product, SigningKey};
use sealroom_attestation::{Requirement, Rule, TrustAnchor, vendor_roots};

use crate::world::{World, p384_public_key, rsa_key, rsa_public_key};
use crate::{Case, der, failed, run};

const AMD: &str = "1.3.6.1.4.1.3704.1.";

pub(crate) const CASES: &[Case] = &[
    ("signed with an unknown algorithm", |w| w.put(0x034, &[2]), &["snp.signature-algorithm"]),
    ("signed by none", |w| w.put(0x048, &[7 << 2]), &["snp.signing-key"]),
    ("signed by an unknown kind of key", |w| w.put(0x048, &[2 << 2]), &["snp.signing-key"]),
    ("the chip key is masked", |w| w.put(0x048, &[2]), &["snp.signing-key"]),
    ("the root is missing", |w| w.brought[0] = false, &["common.endorsements"]),
    ("the authority is missing", |w| w.brought[1] = false, &["common.endorsements"]),
    ("the leaf is missing", |w| w.brought[2] = false, &["common.endorsements"]),
    ("nothing was brought", |w| w.brought = [false; 4], &["common.endorsements"]),
    ("the root is the attacker's", |w| w.pinned = Some(vendor_milan()), &["common.trust-anchor"]),
    ("the attacker's root signs", |w| w.intermediate.signer = "other-ark", &["common.chain-signatures"]),
    ("the attacker's authority signs", |w| w.leaf.signer = "other-ark", &["common.chain-signatures"]),
    ("the leaf is signed by the root", |w| w.leaf.signer = "ark", &["common.chain-signatures"]),
    ("another salt is declared", |w| w.leaf.algorithm = der::pss(32, false), &["snp.chain", "common.chain-signatures"]),
    (
        "the leaf has an RSA key",
        |w| w.leaf.public_key = rsa_public_key(rsa_key("ark")),
        &["snp.chain", "snp.signature"],
    ),
    (
        "the authority has a P-384 key",
        |w| w.intermediate.public_key = p384_public_key(),
        &["snp.chain", "common.chain-signatures"],
    ),
    ("the authority is none", |w| w.intermediate.remove_extension("2.5.29.19"), &["snp.chain"]),
    (
        "the authority may not sign certificates",
        |w| w.intermediate.set_extension("2.5.29.15", &der::tlv(0x03, &[7, 0x80])),
        &["snp.chain"],
    ),
    ("the authority says nothing of key usage", |w| w.intermediate.remove_extension("2.5.29.15"), &["snp.chain"]),
    (
        "the root allows no authority below",
        |w| w.root.extensions[0].2 = der::sequence(&[der::boolean_true(), der::integer(&[0])]),
        &["snp.chain"],
    ),
    (
        "the leaf is an authority",
        |w| w.leaf.extensions.push(("2.5.29.19".into(), true, der::sequence(&[der::boolean_true()]))),
        &["snp.chain"],
    ),
    (
        "an unknown critical extension",
        |w| w.leaf.extensions.push(("2.5.29.99".into(), true, vec![5, 0])),
        &["snp.chain"],
    ),
    ("the leaf has expired", |w| w.leaf.not_after = "260501000000Z", &["common.time"]),
    ("the leaf is not valid yet", |w| w.leaf.not_before = "260601000000Z", &["common.time"]),
    ("the authority has expired", |w| w.intermediate.not_after = "260501000000Z", &["common.time"]),
    ("the root has expired", |w| w.root.not_after = "260501000000Z", &["common.time"]),
    ("the revocation list is missing", |w| w.brought[3] = false, &["common.revocation"]),
    ("the revocation list is stale", |w| w.list.next_update = Some("260515000000Z"), &["common.revocation"]),
    ("the revocation list is of the future", |w| w.list.this_update = "260530000000Z", &["common.revocation"]),
    ("the revocation list has no end", |w| w.list.next_update = None, &["common.revocation"]),
    ("the revocation list is another's", |w| w.list.signer = "other-ark", &["common.revocation"]),
    (
        "the revocation list has an unknown critical extension",
        |w| w.list.extensions.push(der::extension("2.5.29.27", true, &der::integer(&[1]))),
        &["common.revocation"],
    ),
    (
        "the root may not sign revocation lists",
        |w| w.root.set_extension("2.5.29.15", &der::tlv(0x03, &[2, 0x04])),
        &["common.revocation"],
    ),
    ("the authority is revoked", |w| w.list.serials.push(vec![1, 0, 1]), &["common.revocation"]),
    ("the leaf is revoked", |w| w.list.serials.push(vec![0]), &["common.revocation"]),
    ("a VCEK for a report that names a VLEK", |w| w.put(0x048, &[4]), &["snp.leaf-kind"]),
    ("another processor", |w| w.put(0x188, &[0x19, 0x11]), &["snp.product"]),
    ("an unknown processor", |w| w.put(0x188, &[0x17, 0x31]), &["snp.product"]),
    ("another line in the leaf", |w| w.leaf.set_extension(&format!("{AMD}2"), &der::ia5("Genoa")), &["snp.product"]),
    ("the report was altered", |w| w.tamper = |report| report[0x090] ^= 1, &["snp.signature"]),
    (
        "firmware of the leaf differs from the report's",
        |w| w.leaf.set_extension(&format!("{AMD}3.3"), &der::integer(&[7])),
        &["snp.firmware-certified"],
    ),
    ("firmware of the report differs from the leaf's", |w| w.put(0x180, &[2]), &["snp.firmware-certified"]),
    ("another chip", |w| w.put(0x1a0, &[0xc2]), &["snp.chip-id"]),
    ("the chip id is masked", |w| w.put(0x1a0, &[0; 64]), &["snp.chip-id"]),
];

/// The leaf's extensions (AMD 57230).
pub(crate) const LEAF_CASES: &[Case] = &[
    ("no structVersion", |w| w.leaf.remove_extension(&format!("{AMD}1")), &["snp.leaf-extensions"]),
    (
        "structVersion of another line",
        |w| w.leaf.set_extension(&format!("{AMD}1"), &der::integer(&[1])),
        &["snp.leaf-extensions"],
    ),
    ("no productName", |w| w.leaf.remove_extension(&format!("{AMD}2")), &["snp.leaf-extensions"]),
    ("an unknown product", |w| w.leaf.set_extension(&format!("{AMD}2"), &der::ia5("Rome")), &["snp.leaf-extensions"]),
    (
        "productName is no ia5string",
        |w| w.leaf.set_extension(&format!("{AMD}2"), &der::tlv(0x0c, b"Milan")),
        &["snp.leaf-extensions"],
    ),
    ("no firmware level", |w| w.leaf.remove_extension(&format!("{AMD}3.3")), &["snp.leaf-extensions"]),
    ("no microcode level", |w| w.leaf.remove_extension(&format!("{AMD}3.8")), &["snp.leaf-extensions"]),
    (
        "a level of two bytes where one is enough",
        |w| w.leaf.set_extension(&format!("{AMD}3.3"), &[2, 2, 0, 8]),
        &["snp.leaf-extensions"],
    ),
    ("a level above 255", |w| w.leaf.set_extension(&format!("{AMD}3.3"), &[2, 2, 1, 8]), &["snp.leaf-extensions"]),
    ("a negative level", |w| w.leaf.set_extension(&format!("{AMD}3.8"), &[2, 1, 0xd5]), &["snp.leaf-extensions"]),
    ("bytes after a level", |w| w.leaf.set_extension(&format!("{AMD}3.3"), &[2, 1, 8, 0]), &["snp.leaf-extensions"]),
    (
        "a reserved level that is not zero",
        |w| w.leaf.set_extension(&format!("{AMD}3.5"), &der::integer(&[1])),
        &["snp.leaf-extensions"],
    ),
    (
        "the level of a part that the line has not",
        |w| w.leaf.extensions.push((format!("{AMD}3.9"), false, der::integer(&[0]))),
        &["snp.leaf-extensions"],
    ),
    ("no hardware id", |w| w.leaf.remove_extension(&format!("{AMD}4")), &["snp.leaf-extensions"]),
    ("a short hardware id", |w| w.leaf.set_extension(&format!("{AMD}4"), &[0xc1; 8]), &["snp.leaf-extensions"]),
    (
        "a VCEK with a provider's name",
        |w| w.leaf.extensions.push((format!("{AMD}5"), false, der::ia5("x"))),
        &["snp.leaf-extensions"],
    ),
    (
        "an unknown extension of AMD's",
        |w| w.leaf.extensions.push((format!("{AMD}6"), false, vec![5, 0])),
        &["snp.leaf-extensions"],
    ),
];

fn vendor_milan() -> TrustAnchor {
    TrustAnchor::new(vendor_roots().next().unwrap().fingerprint, false).unwrap()
}

#[test]
fn what_is_not_genuine_fails_the_check_made_for_it() {
    run(CASES, World::milan);
}

#[cfg(feature = "rustcrypto")]
#[test]
fn both_providers_refuse_the_same() {
    crate::run_with(sealroom_attestation::CryptoProvider::rustcrypto(), CASES, World::milan);
}

#[test]
fn a_leaf_that_is_not_exact_fails() {
    run(LEAF_CASES, World::milan);
}

#[test]
fn a_vlek_must_come_with_its_own_authority_and_provider() {
    let vlek = || World::new(Product::Milan, SigningKey::Vlek, 3);
    let cases: &[Case] = &[
        ("a VLEK for a report that names a VCEK", |w| w.put(0x048, &[0]), &["snp.leaf-kind"]),
        ("no provider", |w| w.leaf.remove_extension(&format!("{AMD}5")), &["snp.leaf-extensions"]),
        (
            "a hardware id",
            |w| w.leaf.extensions.push((format!("{AMD}4"), false, vec![1; 64])),
            &["snp.leaf-extensions"],
        ),
        (
            "the ASK signs a VLEK",
            |w| {
                w.intermediate.subject = "SEV-Milan".into();
                w.leaf.issuer = "SEV-Milan".into();
            },
            &["snp.leaf-kind", "snp.product"],
        ),
        ("the ASVK is revoked", |w| w.list.serials.push(vec![1, 0, 1]), &["common.revocation"]),
    ];
    run(cases, vlek);
}

#[test]
fn turin_has_its_own_layout_and_no_version_2() {
    let turin = || World::new(Product::Turin, SigningKey::Vcek, 5);
    let cases: &[Case] = &[
        (
            "a hardware id as long as Milan's",
            |w| w.leaf.set_extension(&format!("{AMD}4"), &[0xc1; 64]),
            &["snp.leaf-extensions"],
        ),
        (
            "no level of the microcontroller",
            |w| w.leaf.remove_extension(&format!("{AMD}3.9")),
            &["snp.leaf-extensions"],
        ),
        ("firmware laid out as on Milan", |w| w.put(0x180, &[3, 1, 0, 0, 0, 0, 8, 0xd5]), &["snp.firmware-certified"]),
        ("bytes after the chip id", |w| w.put(0x1a8, &[1]), &["snp.chip-id"]),
    ];
    run(cases, turin);
    let cases: &[Case] = &[("a report that does not name its processor", |_| {}, &["snp.product"])];
    run(cases, || World::new(Product::Turin, SigningKey::Vcek, 2));
}

#[test]
fn a_chip_id_that_is_shown_must_agree_even_where_masking_is_let_pass() {
    let cases: &[Case] = &[(
        "another chip",
        |w| {
            w.put(0x1a0, &[0xc2]);
            w.accept.machines = Rule::skip("any machine");
            w.accept.visible_chip_id = Requirement::skip("the cloud masks chip ids");
        },
        &["snp.chip-id"],
    )];
    run(cases, World::milan);
}

#[test]
fn all_failures_are_reported_not_the_first_only() {
    let mut world = World::milan();
    world.leaf.not_after = "260501000000Z";
    world.list.signer = "other-ark";
    world.put(0x1a0, &[0xc2]);
    world.tamper = |report| report[0x050] ^= 1;
    let rejection = world.appraise().unwrap_err();
    assert_eq!(failed(&rejection), ["common.time", "common.revocation", "snp.signature", "snp.chip-id"]);
}
