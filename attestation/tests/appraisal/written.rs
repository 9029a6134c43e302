//! Policies as text: what is written reads back, one policy has one hash, and nothing wrong is passed over.

use sealroom_attestation::snp::{Bits, Image, Mitigations, guest_policy, platform_info};
use sealroom_attestation::{
    CryptoProvider, Fingerprint, Policy, PolicyError, PolicyTextError, Requirement, Rule, TrustAnchor, vendor_roots,
};

use crate::world::World;

fn policy() -> Policy {
    let mut block = World::milan().accept;
    block.trust_anchor = TrustAnchor::new(Fingerprint::from_sha256([7; 32]), true).unwrap();
    block.machines = Rule::skip("a public cloud: \"no list\",\n\u{7f}\\ nowhere");
    block.host_data = Rule::Require(vec![[1; 32], [2; 32]]);
    block.images = Rule::Require(vec![Image { family_id: [3; 16], image_id: [4; 16] }]);
    block.mitigations = Rule::Require(Mitigations { launch: 1, current: 6 });
    block.guest_policy = Bits { set: guest_policy::SMT | 0x1f, clear: guest_policy::DEBUG };
    block.platform_info = Bits { set: platform_info::ALIAS_CHECK_COMPLETE, clear: 0 };
    let mut second = block.clone();
    second.name = "release B".to_owned();
    second.trust_anchor = TrustAnchor::new(vendor_roots().next().unwrap().fingerprint, false).unwrap();
    second.revocation = Requirement::skip("an archive");
    Policy::new(vec![block.into(), second.into()]).unwrap().named("all of it")
}

fn text_error(text: &str) -> (usize, usize, String) {
    match Policy::from_toml(text).unwrap_err() {
        PolicyTextError::Text { line, column, message } => (line, column, message),
        other => panic!("{other}"),
    }
}

#[test]
fn a_policy_reads_back_from_toml_and_json_as_it_was_written() {
    let policy = policy();
    let toml = policy.to_toml();
    assert_eq!(Policy::from_toml(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}")), policy);
    assert_eq!(Policy::from_json(&policy.to_json().to_string()), Ok(policy));
}

#[test]
fn one_policy_has_one_hash_whatever_its_layout() {
    let provider = CryptoProvider::ring();
    let policy = policy();
    let toml = policy.to_toml();
    let other_layout = toml.replace(" = ", "=").replace("\n[[", "\n# a remark\n\n[[");
    assert_ne!(toml, other_layout);
    assert_eq!(Policy::from_toml(&other_layout).unwrap().hash(provider), policy.hash(provider));
    assert_ne!(policy.clone().named("another").hash(provider), policy.hash(provider));
    let relaxed = toml.replacen("maximum_vmpl = 0", "maximum_vmpl = 1", 1);
    assert_ne!(Policy::from_toml(&relaxed).unwrap().hash(provider), policy.hash(provider));
}

#[test]
fn json_that_is_no_policy_says_once_where_it_stops() {
    let error = Policy::from_json("{\"version\": 1,\n \"nam\": \"\"}").unwrap_err().to_string();
    assert_eq!(error, "line 2, column 6: unknown field `nam`, expected one of `version`, `name`, `accept`");
}

#[test]
fn a_misspelt_key_is_an_error_with_its_line_and_column() {
    let toml = policy().to_toml();
    let misspelt = toml.replacen("host_data", "hostdata", 1);
    let line = misspelt.lines().position(|line| line.starts_with("hostdata")).unwrap() + 1;
    let (at, column, message) = text_error(&misspelt);
    assert_eq!((at, column), (line, 1), "{message}");
    assert!(message.contains("unknown field `hostdata`"), "{message}");
}

#[test]
fn what_is_left_out_or_of_another_form_is_refused_where_it_stands() {
    let toml = policy().to_toml();
    let cases: [(&str, &str, &str); 12] = [
        ("maximum_vmpl = 0\n", "", "missing field `maximum_vmpl`"),
        ("maximum_vmpl = 0", "maximum_vmpl = -1", "invalid value"),
        ("maximum_vmpl = 0", "maximum_vmpl = \"0\"", "invalid type"),
        ("revocation = \"required\"", "revocation = \"optional\"", "invalid value"),
        ("revocation = \"required\"", "revocation = { skip = \"why\", hard = 1 }", "unknown field"),
        ("revocation = \"required\"", "revocation = false", "invalid type"),
        ("\"0101", "\"101", "hexadecimal"),
        ("sha384:3e", "sha384:3E", "expected a measurement"),
        ("simulated = true", "simulated = false", "no vendor's root"),
        ("\"alias-check-complete\"", "\"alias-check\"", "unknown bit"),
        ("[[accept.amd-sev-snp]]", "[[accept.amd-snp]]", "unknown field `amd-snp`"),
        ("version = 1\n", "version = 1\nversion = 1\n", "duplicate key"),
    ];
    for (from, to, expected) in cases {
        assert!(toml.contains(from), "{from} is in\n{toml}");
        let (line, column, message) = text_error(&toml.replacen(from, to, 1));
        assert!(message.contains(expected), "{from} -> {to}: {message}");
        assert!(line > 0 && column > 0, "{from} -> {to}: {line}:{column}");
    }
}

#[test]
fn a_policy_of_another_version_or_without_a_reason_is_refused() {
    let toml = policy().to_toml();
    let newer = toml.replacen("version = 1", "version = 2", 1);
    assert_eq!(Policy::from_toml(&newer), Err(PolicyTextError::Version { found: 2 }));
    let unreasoned = toml.replacen("skip = \"an archive\"", "skip = \" \"", 1);
    let error = PolicyError::ReasonMissing { block: "release B".to_owned(), field: "revocation" };
    assert_eq!(Policy::from_toml(&unreasoned), Err(PolicyTextError::Policy(error)));
    assert_eq!(Policy::from_toml("version = 1\nname = \"x\"\naccept = {}"), Err(PolicyError::Empty.into()));
    let long = " ".repeat(1024 * 1024 + 1);
    assert_eq!(text_error(&long).2, "1048577 bytes, expected at most 1048576");
}
