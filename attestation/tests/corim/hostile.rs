//! Manifests that nobody should have written: each is refused by name, in bounded work, and none is read in part.

use sealroom_attestation::{Corim, CorimError, Policy};

use crate::cbor::{array, bytes, claim, corim, digest, head, int, map, module, module_of, named, tag, text, triple};
use crate::policies::{Numbers, block, one, policy};
use crate::round_trip::{NOW, plain};

fn read(bytes: &[u8]) -> Result<Corim, CorimError> {
    Corim::dangerous_unverified(bytes, NOW)
}

fn problem(bytes: &[u8]) -> (String, String) {
    match read(bytes).unwrap_err() {
        CorimError::Form { path, problem } => (path, problem),
        error => panic!("{error}"),
    }
}

fn host_data(value: u8) -> Vec<u8> {
    claim(text("host_data"), &[(4, tag(560, bytes(&[value; 32])))])
}

fn snp(claims: &[Vec<u8>]) -> Vec<u8> {
    triple(named("AMD", "SEV-SNP"), claims)
}

fn manifest(claims: &[Vec<u8>]) -> Vec<u8> {
    corim(&[module("x", &[snp(claims)])], &[])
}

#[test]
fn every_prefix_and_every_longer_form_is_refused() {
    let good = one("amd-sev-snp", 1).to_corim(&plain()).unwrap().bytes;
    assert!(read(&good).is_ok());
    for length in 0..good.len() {
        assert!(matches!(read(&good[..length]), Err(CorimError::Form { .. })), "{length}");
    }
    let longer = [&good[..], &[0]].concat();
    assert_eq!(problem(&longer), ("corim".into(), "1 bytes follow the manifest".into()));
}

#[test]
fn no_changed_bit_makes_it_panic_or_goes_unseen() {
    // Without masks: there bits that the mask leaves out mean nothing.
    let policy = one("aws-nitro", 2);
    let good = policy.to_corim(&plain()).unwrap().bytes;
    let imported =
        |bytes: &[u8]| read(bytes).and_then(|corim| Ok((corim.id().to_owned(), corim.import(&policy, None)?)));
    let expected = imported(&good).unwrap();
    for place in 0..good.len() {
        // One bit of each byte, another one each time.
        let bit = place % 8;
        let mut changed = good.clone();
        changed[place] ^= 1 << bit;
        if let Ok(found) = imported(&changed) {
            assert_ne!(found, expected, "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn sizes_and_counts_are_bounded() {
    let large = vec![0; (1 << 20) + 1];
    assert_eq!(read(&large), Err(CorimError::Size { limit: 1 << 20, found: large.len() }));
    assert_eq!(problem(&[]).1, "there is nothing, expected a manifest");
    // A length that no memory has.
    let endless = [tag(501, vec![]), head(5, u64::MAX)].concat();
    assert_eq!(problem(&endless).0, "corim");
    let tags: Vec<_> = (0..65).map(|index| module(&format!("{index}"), &[snp(&[host_data(1)])])).collect();
    assert_eq!(problem(&corim(&tags, &[])).1, "the tags has more than 64 items");
    let triples: Vec<_> = (0..257).map(|_| snp(&[host_data(1)])).collect();
    assert_eq!(problem(&corim(&[module("x", &triples)], &[])).1, "the reference-triples has more than 256 items");
    let digests: Vec<_> = (1..10).map(|algorithm| digest(algorithm, &[1; 48])).collect();
    let many = manifest(&[claim(text("measurements"), &[(2, array(&digests))])]);
    assert_eq!(problem(&many).1, "the digests has more than 8 items");
}

#[test]
fn nesting_gets_nobody_anywhere() {
    for opening in [0x81, 0xa1, 0xd8] {
        let deep = [tag(501, vec![]), vec![opening; 100_000]].concat();
        assert_eq!(problem(&deep).0, "corim");
        let inside = corim(&[tag(506, bytes(&vec![opening; 100_000]))], &[]);
        assert_eq!(problem(&inside).0, "tags[0]");
    }
}

#[test]
fn what_is_said_twice_is_refused() {
    assert_eq!(
        problem(&manifest(&[claim(text("host_data"), &[(4, tag(560, bytes(&[]))), (4, tag(560, bytes(&[])))])])).1,
        "raw-value occurs twice"
    );
    let twins = array(&[digest(7, &[1; 48]), digest(7, &[2; 48])]);
    assert_eq!(
        problem(&manifest(&[claim(text("measurements"), &[(2, twins)])])).1,
        "two digests of one algorithm (states that differ are triples of their own)"
    );
    let tags = [module("x", &[snp(&[host_data(1)])]), module("x", &[snp(&[host_data(2)])])];
    assert_eq!(problem(&corim(&tags, &[])), ("tags".into(), "two tags have the identifier \"x\"".into()));
    let corim = read(&manifest(&[host_data(1), host_data(2)])).unwrap();
    let Err(CorimError::Form { path, problem }) = corim.import(&one("amd-sev-snp", 1), None) else { panic!() };
    assert_eq!(path, "tags[0].triples.reference[0].claims[1].raw-value");
    assert_eq!(problem, "host_data is said twice in one triple");
}

#[test]
fn what_is_empty_or_of_another_type_is_refused() {
    for (bytes, expected) in [
        (corim(&[], &[]), "there is none, expected one or more"),
        (corim(&[module("x", &[])], &[]), "there are no reference-triples, expected one or more"),
        (manifest(&[]), "there is no claim, expected one or more"),
        (manifest(&[claim(text("host_data"), &[])]), "there is no value, expected one or more"),
        (corim(&[module(" ", &[snp(&[host_data(1)])])], &[]), "the identifier is empty"),
        (
            corim(&[module("a \u{202e}b", &[snp(&[host_data(1)])])], &[]),
            "the identifier has characters that steer a terminal",
        ),
        (manifest(&[claim(text("host_data"), &[(4, bytes(&[1; 32]))])]), "the raw-value has no tag"),
        (
            manifest(&[claim(text("host_data"), &[(4, tag(561, bytes(&[1; 32])))])]),
            "a raw-value of tag 561, expected 560 or 563",
        ),
        (manifest(&[claim(text("host_data"), &[(5, bytes(&[1; 32]))])]), "raw-value-mask without raw-value"),
        (
            manifest(&[claim(text("maximum_vmpl"), &[(15, tag(564, array(&[int(2), int(1)])))])]),
            "the range from 2 to 1 is empty",
        ),
        (tag(502, map(&[])), "tag 502, expected 501 (a manifest)"),
        (corim(&[module_of(&[(int(1), map(&[(int(0), text("x"))]))])], &[]), "triples is missing"),
    ] {
        assert_eq!(problem(&bytes).1, expected);
    }
}

#[test]
fn the_states_of_one_tag_are_bounded() {
    let of = |value: u16| {
        let [one, other] = value.to_be_bytes();
        let mut digests = [0; 32];
        digests[0] = one;
        digests[1] = other;
        snp(&[claim(text("host_data"), &[(4, tag(560, bytes(&digests)))])])
    };
    let triples: Vec<_> = (0..256).map(of).collect();
    let corim = read(&corim(&[module("x", &triples)], &[])).unwrap();
    let imported = corim.import(&one("amd-sev-snp", 1), None).unwrap();
    assert_eq!(imported.blocks.len(), 1, "all of them are values of one list");
}

#[test]
fn a_block_is_taken_by_name_and_never_guessed() {
    let mut numbers = Numbers::new(3);
    let two = policy(&[
        ("amd-sev-snp", block("amd-sev-snp", "release 1", &mut numbers)),
        ("amd-sev-snp", block("amd-sev-snp", "release 2", &mut numbers)),
    ]);
    let corim = read(&manifest(&[host_data(7)])).unwrap();
    let Err(CorimError::Template { path, named, .. }) = corim.import(&two, None) else { panic!() };
    assert_eq!((path.as_str(), named), ("tags[0]", vec!["\"release 1\"".into(), "\"release 2\"".into()]));
    let imported = corim.import(&two, Some("release 2")).unwrap();
    assert_eq!(imported.blocks[0].template, "release 2");
    assert_eq!(imported.policy.blocks().iter().map(|block| block.name()).collect::<Vec<_>>(), ["release 1", "x"]);
    assert_eq!(imported.policy.blocks()[0], two.blocks()[0]);
    let Err(CorimError::NoSuchBlock { name, .. }) = corim.import(&two, Some("x")) else { panic!() };
    assert_eq!(name, "x");
    let other: Policy = one("intel-tdx", 1);
    let Err(CorimError::Template { named, .. }) = corim.import(&other, None) else { panic!() };
    assert!(named.is_empty());
    let Err(CorimError::Template { .. }) = corim.import(&other, Some("release 1")) else { panic!() };
}

#[test]
fn values_that_make_no_policy_make_none() {
    // Debugging and migration are never accepted, so a manifest can not ask for them.
    let bits =
        |value: u8| tag(563, array(&[bytes(&[0, 0, value, 0, 0, 0, 0, 0]), bytes(&[0, 0, value, 0, 0, 0, 0, 0])]));
    let corim = read(&manifest(&[claim(text("guest_policy"), &[(4, bits(8))])])).unwrap();
    let Err(CorimError::Policy(error)) = corim.import(&one("amd-sev-snp", 1), None) else { panic!() };
    assert!(error.to_string().contains("wants debugging or migration"), "{error}");
}
