//! The crate `corim` of another author: it reads what is exported here, to the last value, and what it writes and signs is read
//! here. It has its own CBOR, and verifies no signatures.

use corim::builder::{ComidBuilder, CorimBuilder};
use corim::types::common::{CborTime, MeasuredElement, TagIdChoice, ValidityMap};
use corim::types::corim::{CorimId, CorimMetaMap, CorimSignerMap};
use corim::types::environment::EnvironmentMap;
use corim::types::measurement::{
    Digest, IntegrityRegisterId, IntegrityRegisters, MeasurementMap, MeasurementValuesMap, RawValueChoice, SvnChoice,
};
use corim::types::signed::SignedCorimBuilder;
use corim::types::triples::ReferenceTriple;
use corim::validate::decode_and_validate_at;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use sealroom_attestation::{Corim, CorimExport, CorimProfile, CryptoProvider, EarKey, Policy};
use serde_json::json;

use crate::policies::{PLATFORMS, one};
use crate::round_trip::{NOW, by, plain};

/// Every byte that is exported, decoded by the other implementation and encoded by it again.
fn again(bytes: &[u8]) -> Vec<u8> {
    let (manifest, tags) = decode_and_validate_at(bytes, NOW as i64).unwrap_or_else(|error| panic!("{error}"));
    let mut builder = CorimBuilder::new(manifest.id);
    if let Some(profile) = manifest.profile {
        builder = builder.set_profile(profile);
    }
    for tag in tags {
        builder = builder.add_comid_tag(tag).unwrap();
    }
    builder.build_bytes().unwrap()
}

#[test]
fn what_is_exported_is_read_by_another_implementation_and_written_by_it_as_the_same_bytes() {
    let amd = CorimExport {
        leave_out: &["minimum_firmware", "minimum_launch_firmware", "minimum_guest_abi", "mitigations", "maximum_vmpl"],
        ..by(CorimProfile::AmdSevSnp)
    };
    for seed in 0..20 {
        for platform in PLATFORMS {
            let hows = match platform {
                "arm-cca" => vec![by(CorimProfile::ArmCcaPlatform), by(CorimProfile::ArmCcaRealm)],
                "amd-sev-snp" => vec![plain(), amd.clone()],
                _ => vec![plain()],
            };
            for how in hows {
                let exported = one(platform, seed).to_corim(&how).unwrap();
                assert_eq!(again(&exported.bytes), exported.bytes, "{platform}, seed {seed}");
            }
        }
    }
}

fn claim(key: &str, fill: impl FnOnce(&mut MeasurementValuesMap)) -> MeasurementMap {
    let mut values = MeasurementValuesMap::new();
    fill(&mut values);
    MeasurementMap { mkey: Some(MeasuredElement::Text(key.into())), mval: values, authorized_by: None }
}

/// A trust domain's values as the other implementation writes them.
fn written_by_it() -> Vec<u8> {
    let digest = |value: u8| vec![Digest::new(7, vec![value; 48])];
    let registers = [(IntegrityRegisterId::Uint(1), digest(5)), (IntegrityRegisterId::Uint(3), digest(6))];
    let claims = vec![
        claim("measurements", |values| values.digests = Some(digest(4))),
        claim("runtime_registers", |values| {
            values.integrity_registers = Some(IntegrityRegisters(registers.into_iter().collect()));
        }),
        claim("minimum_module", |values| values.svn = Some(SvnChoice::MinValue(0x0105))),
        claim("attributes", |values| {
            let [value, mask] = [[0, 0, 0, 0x10, 0, 0, 0, 0].to_vec(), [1, 0, 0, 0x10, 0, 0, 0, 0].to_vec()];
            values.raw_value = Some(RawValueChoice::Masked { value, mask });
        }),
        claim("owners", |values| values.raw_value = Some(RawValueChoice::Bytes(vec![9; 48]))),
    ];
    let triple = ReferenceTriple::new(EnvironmentMap::for_class("Intel", "TDX"), claims);
    let tag = ComidBuilder::new(TagIdChoice::Text("a release".into())).set_language("en");
    let tag = tag.add_reference_triple(triple).build().unwrap();
    CorimBuilder::new(CorimId::Text("theirs".into())).add_comid_tag(tag).unwrap().build_bytes().unwrap()
}

fn imported(corim: &Corim) -> serde_json::Value {
    let policy = corim.import(&one("intel-tdx", 1), None).unwrap().policy;
    assert_eq!(Policy::from_toml(&policy.to_toml()), Ok(policy.clone()));
    policy.to_json()["accept"]["intel-tdx"][0].clone()
}

#[test]
fn what_another_implementation_writes_is_read() {
    let corim = Corim::dangerous_unverified(&written_by_it(), NOW).unwrap();
    assert_eq!(corim.id(), "theirs");
    let block = imported(&corim);
    assert_eq!(block["name"], json!("a release"));
    assert_eq!(block["measurements"], json!([format!("sha384:{}", "04".repeat(48))]));
    assert_eq!(block["runtime_registers"][1], json!(["05".repeat(48)]));
    assert_eq!(block["runtime_registers"][3], json!(["06".repeat(48)]));
    assert_eq!(block["minimum_module"], json!({ "major": 1, "svn": 5 }));
    assert_eq!(block["attributes"], json!({ "set": ["sept-ve-disable"], "clear": ["debug"] }));
    assert_eq!(block["owners"], json!(["09".repeat(48)]));
}

#[test]
fn what_it_has_signed_is_verified() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    let key = EarKey::ed25519(pair.public_key().as_ref().try_into().unwrap());
    let now = NOW as i64;
    let meta = CorimMetaMap {
        signer: CorimSignerMap { signer_name: "ACME".into(), signer_uri: None },
        signature_validity: Some(ValidityMap { not_before: Some(CborTime(now - 1)), not_after: CborTime(now + 1) }),
    };
    let mut builder = SignedCorimBuilder::new(-8_i64, written_by_it()).set_corim_meta(meta).kid(b"a key".to_vec());
    let signature = pair.sign(&builder.to_be_signed(&[]).unwrap()).as_ref().to_vec();
    let manifest = builder.build_with_signature(signature).unwrap();
    let corim = Corim::signed_by(&key, &manifest, CryptoProvider::ring(), NOW).unwrap();
    assert_eq!((corim.verified(), corim.signer()), (true, Some("ACME")));
    assert_eq!(imported(&corim)["owners"], json!(["09".repeat(48)]));
}
