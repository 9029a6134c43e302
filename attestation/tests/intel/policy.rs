//! Steps 13 to 19: a genuine quote that is not what the policy wants, and policies that could not mean what they say.

use sealroom_attestation::intel::{Machine, SgxType, TcbStatus};
use sealroom_attestation::sgx::Identity;
use sealroom_attestation::{Binding, Challenge, Fingerprint, Measurement, Policy, PolicyError, Rule, TrustAnchor, tdx};

use crate::world::{Kind, World};
use crate::{Case, run};

pub(crate) const CASES: &[Case] = &[
    (
        "a policy for the other tee",
        |world| {
            let other = if world.header[4] == 0 { World::tdx() } else { World::sgx() };
            world.accept = other.accept;
        },
        &["common.platform"],
    ),
    (
        "another challenge was asked",
        |world| world.binding = Binding::new(Challenge::from_random([7; 32]), [0x4b; 32], [0xd5; 64]),
        &["common.freshness"],
    ),
    (
        "a challenge of which the quote holds the beginning alone",
        |world| world.binding = Binding::bytes([0xd4; 65]).unwrap(),
        &["common.freshness"],
    ),
    (
        "another version of the quote is wanted",
        |world| {
            let other = if world.header[0] == 5 { 4 } else { 5 };
            world.rules().quote_versions = vec![other];
        },
        &["dcap.version-accepted"],
    ),
    (
        "another machine",
        |world| world.rules().machines = Rule::Require(vec![Machine::Package([9; 16]), Machine::Instance([9; 16])]),
        &["common.machine"],
    ),
    (
        "one id of a machine taken for the other",
        |world| world.rules().machines = Rule::Require(vec![Machine::Package([0x66; 16])]),
        &["common.machine"],
    ),
    (
        "another kind of memory protection",
        |world| world.rules().sgx_types = Rule::Require(vec![SgxType::ScalableWithIntegrity]),
        &["dcap.sgx-type"],
    ),
    ("a dynamic platform", |world| world.extension.flags = Some([true, true, true]), &["dcap.dynamic-platform"]),
    ("keys are not cached", |world| world.extension.flags = Some([false, false, true]), &["dcap.cached-keys"]),
    ("multithreading is off", |world| world.extension.flags = Some([false, true, false]), &["dcap.smt"]),
    (
        "a certificate that does not say the flags",
        |world| world.extension.flags = None,
        &["dcap.dynamic-platform", "dcap.cached-keys", "dcap.smt"],
    ),
];

pub(crate) const TDX_CASES: &[Case] = &[
    (
        "a newer module is wanted",
        |world| world.accept_tdx().minimum_module = Rule::Require(tdx::ModuleVersion { major: 1, svn: 6 }),
        &["tdx.module-version"],
    ),
    (
        "a module of a higher major version is wanted",
        |world| world.accept_tdx().minimum_module = Rule::Require(tdx::ModuleVersion { major: 2, svn: 0 }),
        &["tdx.module-version"],
    ),
    ("another mrseam", |world| world.put(16, &[0]), &["tdx.seam-measurement"]),
    ("debug", |world| world.put(120, &[1]), &["tdx.debug"]),
    ("a timed page fault is possible", |world| world.put(123, &[0x40]), &["tdx.attributes"]),
    ("migratable", |world| world.put(123, &[0x70]), &["tdx.attributes"]),
    ("an unknown attribute", |world| world.put(124, &[1]), &["tdx.attributes"]),
    ("an unknown attribute of the debugging group", |world| world.put(120, &[2]), &["tdx.debug"]),
    ("profiling", |world| world.put(120, &[0x20]), &["tdx.debug"]),
    ("a register state that is excluded", |world| world.put(129, &[0x1b]), &["tdx.xfam"]),
    ("a register state that is unknown", |world| world.put(132, &[1]), &["tdx.xfam"]),
    ("without the states that are always on", |world| world.put(128, &[0xe4]), &["tdx.xfam"]),
    ("another mrtd", |world| world.put(136, &[0]), &["tdx.measurement"]),
    ("another mrconfigid", |world| world.put(184, &[0]), &["tdx.config-id"]),
    ("another mrowner", |world| world.put(232, &[0]), &["tdx.owner"]),
    ("another mrownerconfig", |world| world.put(280, &[0]), &["tdx.owner-config"]),
    ("another rtmr0", |world| world.put(328, &[0]), &["tdx.runtime-register-0"]),
    ("another rtmr1", |world| world.put(376, &[0]), &["tdx.runtime-register-1"]),
    ("another rtmr2", |world| world.put(424, &[0]), &["tdx.runtime-register-2"]),
    ("another rtmr3", |world| world.put(472, &[0]), &["tdx.runtime-register-3"]),
    ("a service td", |world| world.put(600, &[1]), &["tdx.service-td"]),
];

pub(crate) const SGX_CASES: &[Case] = &[
    ("debug", |world| world.put(48, &[0x87]), &["sgx.debug"]),
    ("not initialised", |world| world.put(48, &[0x84]), &["sgx.attributes"]),
    ("not in 64-bit mode", |world| world.put(48, &[0x81]), &["sgx.attributes"]),
    ("with the provisioning key", |world| world.put(48, &[0x95]), &["sgx.attributes"]),
    ("with the launch key", |world| world.put(48, &[0xa5]), &["sgx.attributes"]),
    ("an unknown attribute", |world| world.put(50, &[1]), &["sgx.attributes"]),
    ("a register state that is excluded", |world| world.put(57, &[1]), &["sgx.xfrm"]),
    ("addresses that an exception tells", |world| world.put(16, &[1]), &["sgx.misc-select"]),
    ("another enclave", |world| world.put(64, &[0]), &["sgx.identity"]),
    (
        "an older release of the signer",
        |world| {
            world.accept_sgx().identities = vec![
                Identity::Measurement(Measurement::sha384([0x3e; 48])),
                Identity::Signer { signer: [0x51; 32], product_id: 3, minimum_svn: 6 },
            ];
        },
        &["sgx.identity"],
    ),
    (
        "another product of the signer",
        |world| {
            world.accept_sgx().identities =
                vec![Identity::Signer { signer: [0x51; 32], product_id: 2, minimum_svn: 5 }];
        },
        &["sgx.identity"],
    ),
    (
        "the product of another signer",
        |world| {
            world.accept_sgx().identities =
                vec![Identity::Signer { signer: [0x52; 32], product_id: 3, minimum_svn: 5 }];
        },
        &["sgx.identity"],
    ),
    ("another configid", |world| world.put(192, &[0]), &["sgx.config-id"]),
    ("an older configuration", |world| world.put(260, &[1]), &["sgx.config-svn"]),
    ("another extended product id", |world| world.put(32, &[0]), &["sgx.extended-product-id"]),
    ("another family", |world| world.put(304, &[0]), &["sgx.family-id"]),
];

#[test]
fn each_demand_that_does_not_hold_trips_its_check() {
    run(CASES, World::tdx);
    run(CASES, World::sgx);
    run(TDX_CASES, World::tdx);
    run(SGX_CASES, World::sgx);
}

#[test]
fn a_service_td_that_is_demanded_is_not_found_in_a_quote_that_does_not_say_it() {
    run(
        &[(
            "an expectation that the evidence can not answer",
            |world| world.accept_tdx().service_tds = Rule::Require(vec![[0; 48]]),
            &["tdx.service-td"],
        )],
        || World::new(Kind::Tdx5),
    );
}

type Wrong = (fn(&mut World), &'static str);

/// The field that a policy fails by, with this changed.
fn refused(mut world: World, change: fn(&mut World)) -> &'static str {
    change(&mut world);
    match Policy::new(vec![world.accept]).unwrap_err() {
        PolicyError::Impossible { block, field, .. }
        | PolicyError::EmptyList { block, field }
        | PolicyError::ReasonMissing { block, field } => {
            assert!(block == "test" || field == "name");
            field
        }
        other => panic!("{other}"),
    }
}

#[test]
fn policies_that_ask_for_what_can_not_be_are_refused_by_the_field() {
    let shared: &[Wrong] = &[
        (|world| world.rules().quote_versions.clear(), "quote_versions"),
        (|world| world.rules().quote_versions.push(6), "quote_versions"),
        (|world| world.rules().tcb_statuses.clear(), "tcb_statuses"),
        (|world| world.rules().tcb_statuses.push(TcbStatus::Revoked), "tcb_statuses"),
        (|world| world.rules().rejected_advisories = Rule::Require(vec!["SA-00615".to_owned()]), "rejected_advisories"),
        (|world| world.rules().rejected_advisories = Rule::Require(vec![]), "rejected_advisories"),
        (|world| world.rules().sgx_types = Rule::Require(vec![]), "sgx_types"),
        (|world| world.rules().machines = Rule::Require(vec![]), "machines"),
        (|world| world.rules().smt = Rule::skip(" \u{feff}"), "smt"),
        (|world| world.rules().cached_keys = Rule::skip(""), "cached_keys"),
        (|world| world.rules().dynamic_platform = Rule::skip(""), "dynamic_platform"),
        (
            |world| world.rules().tcb_age = sealroom_attestation::intel::TcbAge::Skip { reason: String::new() },
            "tcb_age",
        ),
        (|world| world.rules().revocation = sealroom_attestation::Requirement::skip(""), "revocation"),
    ];
    for (change, field) in shared {
        assert_eq!(refused(World::tdx(), *change), *field);
        assert_eq!(refused(World::sgx(), *change), *field);
    }
    let of_tdx: &[Wrong] = &[
        (|world| world.accept_tdx().name.clear(), "name"),
        (|world| world.rules().quote_versions.push(3), "quote_versions"),
        (|world| world.accept_tdx().attributes.set |= 1, "attributes"),
        (|world| world.accept_tdx().attributes.set |= 1 << 40, "attributes"),
        (|world| world.accept_tdx().attributes.clear |= 1 << 28, "attributes"),
        (|world| world.accept_tdx().xfam.set |= 1 << 40, "xfam"),
        (|world| world.accept_tdx().measurements.clear(), "measurements"),
        (|world| world.accept_tdx().runtime_registers[2] = Rule::Require(vec![]), "runtime_registers[2]"),
        (|world| world.accept_tdx().event_log = Rule::skip(" "), "event_log"),
        (|world| world.accept_tdx().config_ids = Rule::skip(""), "config_ids"),
        (|world| world.accept_tdx().owners = Rule::Require(vec![]), "owners"),
        (|world| world.accept_tdx().minimum_module = Rule::skip(""), "minimum_module"),
        (
            |world| {
                let anchor = TrustAnchor::vouched(Fingerprint::from_sha256([1; 32]), "our laboratory");
                world.accept_tdx().trust_anchor = anchor.unwrap();
            },
            "trust_anchor",
        ),
    ];
    for (change, field) in of_tdx {
        assert_eq!(refused(World::tdx(), *change), *field);
    }
    let of_sgx: &[Wrong] = &[
        (|world| world.accept_sgx().identities.clear(), "identities"),
        (|world| world.accept_sgx().attributes.set |= 2, "attributes"),
        (|world| world.accept_sgx().attributes.clear |= 1, "attributes"),
        (|world| world.accept_sgx().xfrm = Rule::skip(""), "xfrm"),
        (|world| world.accept_sgx().minimum_config_svn = Rule::skip(""), "minimum_config_svn"),
        (|world| world.accept_sgx().family_ids = Rule::Require(vec![]), "family_ids"),
    ];
    for (change, field) in of_sgx {
        assert_eq!(refused(World::sgx(), *change), *field);
    }
}
