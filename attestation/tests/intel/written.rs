//! Policies for TDX and SGX as text: what is written reads back, in words that people know.

use sealroom_attestation::intel::{Machine, TcbAge, TcbStatus};
use sealroom_attestation::sgx::Identity;
use sealroom_attestation::{Policy, PolicyTextError, Requirement, Rule};

use crate::world::{Kind, World};

fn policy() -> Policy {
    let mut worlds = [Kind::Tdx15, Kind::Tdx4, Kind::Sgx3, Kind::Sgx5].map(World::new);
    for (number, world) in worlds.iter_mut().enumerate() {
        let name = format!("block {number}");
        if number < 2 {
            world.accept_tdx().name = name;
        } else {
            world.accept_sgx().name = name;
        }
    }
    let [tdx_15, tdx_4, sgx_3, sgx_5] = &mut worlds;
    let rules = tdx_15.rules();
    rules.tcb_statuses = vec![TcbStatus::SwHardeningNeeded, TcbStatus::TdRelaunchAdvised, TcbStatus::UpToDate];
    rules.tcb_age = TcbAge::Grace { seconds: 86_400 };
    rules.machines = Rule::Require(vec![Machine::Package([1; 16]), Machine::Instance([2; 16])]);
    tdx_15.accept_tdx().runtime_registers[3] = Rule::skip("the application measures there");
    let rules = tdx_4.rules();
    rules.tcb_age = TcbAge::Skip { reason: "an archive".to_owned() };
    rules.revocation = Requirement::skip("an archive");
    rules.smt = Rule::skip("either");
    sgx_3.accept_sgx().identities.push(Identity::Signer { signer: [3; 32], product_id: 1, minimum_svn: 2 });
    sgx_5.accept_sgx().xfrm = Rule::skip("either");
    Policy::new(worlds.map(|world| world.accept).into()).unwrap().named("all of it")
}

#[test]
fn a_policy_reads_back_from_toml_and_json_as_it_was_written() {
    let policy = policy();
    let toml = policy.to_toml();
    assert_eq!(Policy::from_toml(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}")), policy);
    assert_eq!(Policy::from_json(&policy.to_json().to_string()), Ok(policy));
}

#[test]
fn values_stand_there_in_intels_words() {
    let toml = policy().to_toml();
    for words in [
        "SWHardeningNeeded",
        "TDRelaunchAdvised",
        "grace_seconds",
        "minimum_evaluation",
        "sept-ve-disable",
        "processor-trace",
    ] {
        assert!(toml.contains(words), "{words} in\n{toml}");
    }
}

#[test]
fn a_value_that_is_none_of_them_is_refused_where_it_stands() {
    let toml = policy().to_toml();
    for (from, to, expected) in [
        ("SWHardeningNeeded", "SwHardeningNeeded", "unknown variant `SwHardeningNeeded`"),
        ("sept-ve-disable", "sept-ve", "unknown bit `sept-ve`"),
        ("\"scalable\"", "\"scaleable\"", "unknown variant `scaleable`"),
        ("grace_seconds", "grace", "unknown variant `grace`"),
        ("quote_versions", "quote_version", "unknown field `quote_version`"),
        ("minimum_svn", "svn", "unexpected keys in table: svn"),
    ] {
        assert!(toml.contains(from), "{from} in\n{toml}");
        let error = Policy::from_toml(&toml.replacen(from, to, 1)).unwrap_err();
        let PolicyTextError::Text { line, column, message } = error else { panic!("{error}") };
        assert!(message.contains(expected), "{message}");
        assert!(line > 0 && column > 0, "{line}:{column}");
    }
}
