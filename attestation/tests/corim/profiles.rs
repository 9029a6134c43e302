//! Manifests as the published profiles have them, byte by byte, and what no policy can say of them.

use sealroom_attestation::{Corim, CorimError, Policy};
use serde_json::{Value, json};

use crate::cbor::{array, bytes, claim, corim, digest, int, map, module, named, negative, tag, text, triple, uri};
use crate::policies::one;
use crate::round_trip::NOW;

/// 111(1.3.6.1.4.1.3704.3.1), as RFC 9090 has it.
const BY_CHIP: [u8; 9] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x03, 0x01];

fn amd_class() -> Vec<u8> {
    map(&[(int(0), tag(111, bytes(&BY_CHIP)))])
}

fn amd(triples: &[Vec<u8>]) -> Vec<u8> {
    corim(&[module("a release", triples)], &[(int(3), uri("tag:amd.com,2024:snp-corim-profile"))])
}

fn measurement(value: u8) -> Vec<u8> {
    claim(int(641), &[(2, array(&[digest(7, &[value; 48])]))])
}

fn import(manifest: &[u8], into: &Policy) -> Result<Policy, CorimError> {
    Ok(Corim::dangerous_unverified(manifest, NOW)?.import(into, None)?.policy)
}

fn snp(manifest: &[u8]) -> Result<Value, CorimError> {
    let policy = import(manifest, &one("amd-sev-snp", 1))?;
    Ok(policy.to_json()["accept"]["amd-sev-snp"].clone())
}

/// Where it stopped, and at what.
fn stopped(result: Result<Value, CorimError>) -> (String, String) {
    match result.unwrap_err() {
        CorimError::Unmappable { path, found, .. } => (path, found),
        error => panic!("{error}"),
    }
}

#[test]
fn amds_measurements_svn_and_bits_become_fields_of_the_block() {
    let chip = tag(560, bytes(&[9; 64]));
    let claims = [
        measurement(1),
        claim(int(0), &[(0, map(&[(int(0), text("3")), (int(1), int(4))]))]),
        claim(int(1), &[(1, tag(553, int(7)))]),
        claim(int(2), &[(4, tag(560, bytes(&[0, 0, 3, 0, 0, 0, 0, 0]))), (5, bytes(&[0, 0, 0xb, 0, 0, 0, 0, 0]))]),
        claim(int(3), &[(4, tag(560, bytes(&[3; 16])))]),
        claim(int(4), &[(4, tag(560, bytes(&[4; 16])))]),
        claim(int(5), &[(15, int(0))]),
        claim(int(7), &[(4, tag(563, array(&[bytes(&[1, 0, 0, 0, 0, 0, 0, 0]), bytes(&[5, 0, 0, 0, 0, 0, 0, 0])])))]),
        claim(int(642), &[(2, array(&[digest(7, &[6; 32])]))]),
        claim(int(643), &[(2, array(&[digest(7, &[7; 48])]))]),
        map(&[(int(1), map(&[(int(3), map(&[(int(3), vec![0xf4])]))]))]),
    ];
    let reference = array(&[map(&[(int(0), amd_class()), (int(1), chip)]), array(&claims)]);
    let blocks = snp(&amd(&[reference])).unwrap();
    let block = &blocks[0];
    assert_eq!(block["name"], json!("a release"));
    assert_eq!(block["measurements"], json!([format!("sha384:{}", "01".repeat(48))]));
    assert_eq!(block["report_versions"], json!([3]));
    assert_eq!(block["signing_keys"], json!(["vcek"]));
    assert_eq!(block["machines"], json!(["09".repeat(64)]));
    assert_eq!(block["minimum_guest_svn"], json!(7));
    assert_eq!(block["guest_policy"], json!({ "set": ["smt", "reserved-one"], "clear": ["debug"] }));
    assert_eq!(block["images"], json!([{ "family_id": "03".repeat(16), "image_id": "04".repeat(16) }]));
    assert_eq!(block["maximum_vmpl"], json!(0));
    assert_eq!(block["platform_info"], json!({ "set": ["smt"], "clear": ["ecc"] }));
    assert_eq!(block["host_data"], json!(["06".repeat(32)]));
    assert_eq!(block["id_key_digests"], json!(["07".repeat(48)]));
    assert_eq!(block["revocation"], json!("required"), "a decision stays");
}

#[test]
fn the_class_with_tag_and_length_as_the_profile_writes_it_is_the_same() {
    let class = map(&[(int(0), tag(111, bytes(&[&[0x06, 0x09][..], &BY_CHIP].concat())))]);
    assert_eq!(snp(&amd(&[triple(class, &[measurement(1)])])), snp(&amd(&[triple(amd_class(), &[measurement(1)])])));
}

#[test]
fn states_that_are_every_combination_are_one_block_and_others_one_each() {
    let state = |value, host| {
        let host = claim(int(642), &[(2, array(&[digest(7, &[host; 32])]))]);
        triple(amd_class(), &[measurement(value), host])
    };
    let blocks = snp(&amd(&[state(1, 5), state(1, 6), state(2, 5), state(2, 6)])).unwrap();
    assert_eq!(blocks.as_array().unwrap().len(), 1);
    assert_eq!(blocks[0]["host_data"], json!(["05".repeat(32), "06".repeat(32)]));
    let blocks = snp(&amd(&[state(1, 5), state(2, 6)])).unwrap();
    let names: Vec<_> = blocks.as_array().unwrap().iter().map(|block| block["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["a release (1)", "a release (2)"],
        "release 1 with the host data of release 2 is nobody's state"
    );
}

#[test]
fn what_no_policy_can_say_stops_at_its_place() {
    let at = |claim: Vec<u8>| stopped(snp(&amd(&[triple(amd_class(), &[measurement(1), claim])])));
    let place = "tags[0].triples.reference[0].claims[1]";
    for (more, path, found) in [
        (claim(int(647), &[(1, tag(553, int(1)))]), "", "mkey 647"),
        (claim(int(1), &[(1, tag(552, int(7)))]), ".svn", "an exact svn, 7"),
        (claim(int(1), &[(1, int(7))]), ".svn", "an exact svn, 7"),
        (claim(int(643), &[(2, array(&[digest(1, &[7; 32])]))]), ".digests", "a digest of 32 bytes by algorithm 1"),
        (claim(int(643), &[(4, tag(560, bytes(&[7; 48])))]), ".raw-value", "raw-value of mkey 643"),
        (claim(int(5), &[(15, int(2))]), ".int-range", "such a range"),
        (claim(int(5), &[(4, tag(560, bytes(&[1, 0, 0, 0])))]), ".raw-value", "a value that is not zero"),
        (claim(text("host_data"), &[(11, text("x"))]), "", "mkey \"host_data\""),
        (map(&[(int(1), map(&[(int(3), map(&[(int(3), vec![0xf5])]))]))]), ".flags", "flags"),
    ] {
        assert_eq!(at(more), (format!("{place}{path}"), found.to_owned()));
    }
    for (more, found) in [
        (claim(int(1), &[(6, bytes(&[1; 6]))]), "mac-addr"),
        (map(&[(int(0), int(1)), (int(1), map(&[(negative(-83), int(1))]))]), "code point -83"),
        (map(&[(int(0), tag(37, bytes(&[1; 16]))), (int(1), map(&[(int(1), int(1))]))]), "an mkey of tag 37"),
        (map(&[(int(1), map(&[(int(1), int(1))])), (int(2), array(&[]))]), "authorized-by"),
        (claim(int(643), &[(13, array(&[tag(554, text("a key"))]))]), "a key of tag 554"),
    ] {
        assert_eq!(at(more), (place.to_owned(), found.to_owned()));
    }
}

#[test]
fn parts_of_a_manifest_that_are_no_reference_values_stop_it() {
    let good = || triple(amd_class(), &[measurement(1)]);
    let profile = || (int(3), uri("tag:amd.com,2024:snp-corim-profile"));
    let identity = || (int(1), map(&[(int(0), text("a release"))]));
    let references = || (int(0), array(&[good()]));
    let with = |tags: &[Vec<u8>], more: &[(Vec<u8>, Vec<u8>)]| stopped(snp(&corim(tags, more)));
    let module_of = crate::cbor::module_of;
    let endorsed = map(&[references(), (int(1), array(&[good()]))]);
    let keys = map(&[references(), (int(3), array(&[good()]))]);
    let extension = map(&[references(), (int(77), array(&[good()]))]);
    for (triples, found) in
        [(endorsed, "endorsed-triples"), (keys, "attest-key-triples"), (extension, "triples of kind 77")]
    {
        let tags = [module_of(&[identity(), (int(4), triples)])];
        assert_eq!(with(&tags, &[profile()]), ("tags[0].triples".into(), found.into()));
    }
    let tags = [module_of(&[identity(), (int(3), array(&[])), (int(4), map(&[references()]))])];
    assert_eq!(with(&tags, &[profile()]).1, "a relation to other tags");
    assert_eq!(with(&[tag(505, bytes(&[]))], &[profile()]).1, "a CoSWID tag (505)");
    assert_eq!(with(&[tag(508, bytes(&[]))], &[profile()]).1, "a list of tags (508)");
    let linked = (int(2), array(&[map(&[(int(0), uri("https://example.org"))])]));
    assert_eq!(with(&[module("a release", &[good()])], &[linked, profile()]).0, "dependent-rims");
    let group = array(&[map(&[(int(0), amd_class()), (int(2), tag(560, bytes(&[1])))]), array(&[measurement(1)])]);
    assert_eq!(stopped(snp(&amd(&[group]))).1, "a group");
    let masked = array(&[map(&[(int(0), amd_class()), (int(1), tag(550, bytes(&[1])))]), array(&[measurement(1)])]);
    assert_eq!(stopped(snp(&amd(&[masked]))).1, "an instance of tag 550");
    let short = array(&[map(&[(int(0), amd_class()), (int(1), tag(560, bytes(&[1; 48])))]), array(&[measurement(1)])]);
    assert_eq!(stopped(snp(&amd(&[short]))).1, "an instance of 48 bytes of a vcek");
}

#[test]
fn an_unknown_profile_or_class_refuses_the_whole_manifest() {
    let good = || module("a release", &[triple(amd_class(), &[measurement(1)])]);
    for profile in [uri("tag:amd.com,2026:snp-corim-profile"), tag(111, bytes(&[0x2b]))] {
        let (path, found) = stopped(snp(&corim(&[good()], &[(int(3), profile)])));
        assert_eq!(path, "tags[0].triples.reference[0]");
        assert!(found.starts_with("profile "), "{found}");
    }
    let (_, found) = stopped(snp(&corim(&[good()], &[])));
    assert!(found.starts_with("no profile, class-id (object identifier) 2b06"), "{found}");
    let other = triple(named("AMD", "SEV-ES"), &[measurement(1)]);
    let (_, found) = stopped(snp(&corim(&[module("a release", &[other])], &[])));
    assert_eq!(found, "no profile, no class-id, vendor \"AMD\", model \"SEV-ES\"");
    let both = module(
        "a release",
        &[
            triple(named("AMD", "SEV-SNP"), &[claim(text("host_data"), &[(4, tag(560, bytes(&[1; 32])))])]),
            triple(named("Intel", "TDX"), &[claim(text("owners"), &[(4, tag(560, bytes(&[1; 48])))])]),
        ],
    );
    assert_eq!(stopped(snp(&corim(&[both], &[]))).1, "another platform");
}

#[test]
fn a_half_said_pair_makes_no_block() {
    let alone = triple(amd_class(), &[measurement(1), claim(int(3), &[(4, tag(560, bytes(&[3; 16])))])]);
    let Err(CorimError::Block { path, problem }) = snp(&amd(&[alone])) else { panic!() };
    assert_eq!(path, "tags[0]");
    assert!(problem.contains("missing field `image_id`"), "{problem}");
}

#[test]
fn a_realm_is_known_by_its_initial_measurement() {
    let realm = |class: u8, measured: u8| {
        let class = map(&[(int(0), tag(560, bytes(&[class; 32])))]);
        let claims = [
            claim(text("cca.rim"), &[(2, array(&[digest(1, &[measured; 32])]))]),
            claim(text("cca.rem1"), &[(2, array(&[digest(8, &[5; 64])]))]),
            claim(text("cca.rpv"), &[(4, tag(560, bytes(&[6; 64])))]),
        ];
        corim(&[module("a realm", &[triple(class, &claims)])], &[(int(3), uri("tag:arm.com,2025:cca_realm#1.0.0"))])
    };
    let policy = import(&realm(1, 1), &one("arm-cca", 1)).unwrap().to_json();
    let block = &policy["accept"]["arm-cca"][0];
    assert_eq!(block["measurements"], json!([format!("sha256:{}", "01".repeat(32))]));
    assert_eq!(block["extensible_measurements"][1]["values"], json!([format!("sha512:{}", "05".repeat(64))]));
    assert_eq!(block["personalization_values"], json!(["06".repeat(64)]));
    let Err(CorimError::Form { problem, .. }) = import(&realm(1, 2), &one("arm-cca", 1)) else { panic!() };
    assert_eq!(problem, "the class-id is not the one digest of cca.rim, expected both to be the same");
}

#[test]
fn the_platform_below_a_realm_is_all_of_its_components() {
    let class = map(&[(int(0), tag(560, bytes(&[1; 32])))]);
    let component = |name: &str, measured: u8| {
        let signer = array(&[tag(560, bytes(&[9; 32]))]);
        claim(
            text("cca.software-component"),
            &[(2, array(&[digest(1, &[measured; 32])])), (11, text(name)), (13, signer)],
        )
    };
    let claims = [component("BL1", 2), component("BL2", 3)];
    let manifest = corim(
        &[module("a platform", &[triple(class.clone(), &claims)])],
        &[(int(3), uri("tag:arm.com,2025:cca_platform#1.0.0"))],
    );
    let policy = import(&manifest, &one("arm-cca", 1)).unwrap().to_json();
    let block = &policy["accept"]["arm-cca"][0];
    assert_eq!(block["implementation_ids"], json!(["01".repeat(32)]));
    let value = |byte: &str| json!([{ "measurement": byte.repeat(32), "signer_id": "09".repeat(32) }]);
    let expected = json!([
        { "component_type": "BL1", "values": value("02") },
        { "component_type": "BL2", "values": value("03") },
    ]);
    assert_eq!(block["components"], expected);
}
