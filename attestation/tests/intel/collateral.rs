//! Intel's JSON in every shape that files have, and what is refused of it.

use sealroom_attestation::intel::CollateralError;
use sealroom_attestation::{DecodeError, Endorsements};
use serde_json::{Value, json};

use crate::certificates::Key;
use crate::documents::answer;
use crate::world::{World, hex, pem};

fn combined(world: &World) -> Value {
    let signed = |document: &Value, key: Key| hex(&key.sign(document.to_string().as_bytes()));
    let [_, ca, root] = world.sign_chain();
    let signers = pem("CERTIFICATE", &world.signer.sign()) + &pem("CERTIFICATE", &root);
    json!({
        "pck_crl_issuer_chain": pem("CERTIFICATE", &ca) + &pem("CERTIFICATE", &root),
        "root_ca_crl": hex(&world.root_list.sign()),
        "pck_crl": hex(&world.ca_list.sign()),
        "tcb_info_issuer_chain": signers,
        "tcb_info": world.tcb_info.to_string(),
        "tcb_info_signature": signed(&world.tcb_info, Key::Signer),
        "qe_identity_issuer_chain": signers,
        "qe_identity": world.qe_identity.to_string(),
        "qe_identity_signature": signed(&world.qe_identity, Key::Signer),
    })
}

fn decode(document: &Value) -> Result<Endorsements, DecodeError> {
    Endorsements::decode(document.to_string().as_bytes())
}

#[test]
fn what_the_dcap_tools_combine_is_read_whole() {
    let endorsements = decode(&combined(&World::tdx())).unwrap();
    assert_eq!(endorsements.tcb_infos().len(), 1);
    assert_eq!(endorsements.qe_identities().len(), 1);
    assert_eq!(endorsements.certificates().len(), 3, "signer, root, ca");
    assert_eq!(endorsements.revocation_lists().len(), 2);
}

#[test]
fn lists_may_be_pem_and_documents_whole_answers() {
    let world = World::sgx();
    let mut document = combined(&world);
    document["root_ca_crl"] = json!(pem("X509 CRL", &world.root_list.sign()));
    let text = |bytes: Vec<u8>| json!(String::from_utf8(bytes).unwrap());
    document["tcb_info"] = text(answer("tcbInfo", &world.tcb_info, Key::Signer));
    document["qe_identity"] = text(answer("enclaveIdentity", &world.qe_identity, Key::Signer));
    let members = document.as_object_mut().unwrap();
    members.remove("tcb_info_signature");
    members.remove("qe_identity_signature");
    document["version"] = json!(3);
    let endorsements = decode(&document).unwrap();
    assert_eq!(endorsements.tcb_infos()[0].evaluation_number(), 18);
}

fn problem(document: &Value) -> String {
    match decode(document).unwrap_err() {
        DecodeError::Collateral(CollateralError::Json { problem, .. }) => problem,
        other => panic!("{other}"),
    }
}

fn tcb_info_problem(change: fn(&mut Value)) -> String {
    let mut world = World::tdx();
    change(&mut world.tcb_info);
    let mut document = combined(&world);
    document["tcb_info"] = json!(world.tcb_info.to_string());
    problem(&document)
}

#[test]
fn a_key_that_is_unknown_missing_or_out_of_range_is_refused_by_name() {
    type Wrong = (fn(&mut Value), &'static str);
    let cases: [Wrong; 12] = [
        (|info| info["allowDebug"] = json!(true), "unknown field `allowDebug`"),
        (|info| info["tcbLevels"][0]["test"] = json!(1), "unknown field `test`"),
        (|info| info["tcbLevels"][0]["tcbStatus"] = json!("Good"), "unknown variant `Good`"),
        (|info| info["nextUpdate"] = json!("tomorrow"), "expected a date"),
        (|info| info["fmspc"] = json!("90C06F00000"), "expected hexadecimal digits"),
        (|info| info["tcbType"] = json!(1), "tcbType is not 0"),
        (|info| info["id"] = json!("SGY"), "id is neither"),
        (|info| info["id"] = json!("SGX"), "tdxModule belongs to TDX"),
        (|info| info["tcbLevels"][0]["tcb"]["pcesvn"] = json!(70_000), "invalid value"),
        (
            |info| {
                info["tcbLevels"][0]["tcb"]["sgxtcbcomponents"].as_array_mut().unwrap().pop();
            },
            "invalid length 15",
        ),
        (
            |info| {
                info["tcbLevels"][0]["tcb"].as_object_mut().unwrap().remove("tdxtcbcomponents");
            },
            "tdxtcbcomponents belongs to each level",
        ),
        (|info| info["tdxModuleIdentities"][0]["id"] = json!("TDX_01"), "two identities for one version"),
    ];
    for (change, expected) in cases {
        let problem = tcb_info_problem(change);
        assert!(problem.contains(expected), "{problem}, expected {expected}");
    }
}

/// Puts a list in.
type Put = fn(&mut World, Vec<Value>);

#[test]
fn a_list_or_a_word_that_is_longer_than_any_of_intels_is_refused_where_it_is_read() {
    let level = |world: &World| world.tcb_info["tcbLevels"][1].clone();
    let part = |world: &World| world.qe_identity["tcbLevels"][1].clone();
    let advisory = |number: usize| json!(format!("INTEL-SA-{number:05}"));
    let module = |world: &World, major: usize| {
        let mut module = world.tcb_info["tdxModuleIdentities"][0].clone();
        module["id"] = json!(format!("TDX_{:02x}", major % 256));
        module
    };
    let of_level = |world: &World, count: usize| vec![level(world); count];
    let of_part = |world: &World, count: usize| vec![part(world); count];
    let advisories = |_: &World, count: usize| (0..count).map(advisory).collect();
    let modules = |world: &World, count: usize| (0..count).map(|major| module(world, major)).collect();
    type Make<'a> = &'a dyn Fn(&World, usize) -> Vec<Value>;
    let cases: [(Put, Make<'_>, usize, &str); 8] = [
        (|world, list| world.tcb_info["tcbLevels"] = list.into(), &of_level, 256, "more than 256"),
        (|world, list| world.tcb_info["tdxModuleIdentities"] = list.into(), &modules, 256, "more than 256"),
        (
            |world, list| world.tcb_info["tdxModuleIdentities"][0]["tcbLevels"] = list.into(),
            &of_part,
            256,
            "more than 256",
        ),
        (|world, list| world.qe_identity["tcbLevels"] = list.into(), &of_part, 256, "more than 256"),
        (|world, list| world.level()["advisoryIDs"] = list.into(), &advisories, 64, "more than 64"),
        (
            |world, list| world.tcb_info["tdxModuleIdentities"][0]["tcbLevels"][0]["advisoryIDs"] = list.into(),
            &advisories,
            64,
            "more than 64",
        ),
        (|world, list| world.qe_identity["tcbLevels"][0]["advisoryIDs"] = list.into(), &advisories, 64, "more than 64"),
        (
            |world, list| world.level()["advisoryIDs"] = json!(["A".repeat(list.len())]),
            &advisories,
            64,
            "at most 64 bytes",
        ),
    ];
    for (put, make, limit, expected) in cases {
        let brought = |count: usize| {
            let mut world = World::tdx();
            let list = make(&world, count);
            put(&mut world, list);
            combined(&world)
        };
        decode(&brought(limit)).unwrap();
        let problem = problem(&brought(limit + 1));
        assert!(problem.contains(expected), "{problem}, expected {expected}");
    }
}

#[test]
fn a_key_that_is_there_twice_is_refused() {
    let world = World::tdx();
    let text = world.tcb_info.to_string().replacen('{', "{\"tcbType\":0,", 1);
    let mut document = combined(&world);
    document["tcb_info"] = json!(text);
    assert!(problem(&document).contains("duplicate field `tcbType`"));
    let outer = combined(&world).to_string().replacen('{', "{\"pck_crl\":\"\",", 1);
    let error = Endorsements::decode(outer.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("duplicate field `pck_crl`"), "{error}");
}

#[test]
fn another_version_shape_or_signature_is_refused_by_name() {
    let mut world = World::tdx();
    world.tcb_info["version"] = json!(2);
    assert_eq!(
        decode(&combined(&world)).unwrap_err(),
        DecodeError::Collateral(CollateralError::Version { what: "tcb info", expected: 3, found: 2 })
    );
    let mut world = World::tdx();
    world.qe_identity["version"] = json!(1);
    assert_eq!(
        decode(&combined(&world)).unwrap_err(),
        DecodeError::Collateral(CollateralError::Version { what: "qe identity", expected: 2, found: 1 })
    );
    for shape in [json!({}), json!({ "tcbInfo": {}, "enclaveIdentity": {}, "signature": "" })] {
        assert_eq!(decode(&shape).unwrap_err(), DecodeError::Collateral(CollateralError::Shape));
    }
    let mut document = combined(&World::tdx());
    document["tcb_info_signature"] = json!("00");
    assert_eq!(
        decode(&document).unwrap_err(),
        DecodeError::Collateral(CollateralError::Signature { what: "tcb info" })
    );
    let mut document = combined(&World::tdx());
    document["pck_crl"] = json!("zz");
    assert_eq!(
        decode(&document).unwrap_err(),
        DecodeError::Collateral(CollateralError::RevocationList { field: "pck_crl" })
    );
    let mut document = combined(&World::tdx());
    document["pck_crl_issuer_chain"] = json!("no pem");
    assert_eq!(decode(&document).unwrap_err(), DecodeError::Pem);
}

#[test]
fn deep_and_cut_json_is_refused_without_a_panic() {
    let deep = format!("{{\"tcb_info\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Endorsements::decode(deep.as_bytes()).is_err());
    let whole = combined(&World::sgx()).to_string();
    for length in (1..whole.len()).step_by(97) {
        assert!(Endorsements::decode(&whole.as_bytes()[..length]).is_err(), "{length}");
    }
}
