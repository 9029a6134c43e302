//! What the contract's tests share: fixed keys, the good contract, and terms made by code.

use sealroom_protocol::contract::{
    ArgumentValue, Column, CrossBorder, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms,
    ResultTerms, Role, Terms, Validity,
};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use std::path::PathBuf;

/// The signing key of the party with this number.
pub(crate) fn signing(number: u8) -> SigningSecret {
    SigningSecret::from_seed(&[number; 32])
}

/// The encryption key of the party with this number.
pub(crate) fn encryption(number: u8) -> EncryptionSecret {
    EncryptionSecret::from_seed(&[number; 32])
}

pub(crate) fn party(number: u8, name: &str, roles: &[Role]) -> Party {
    Party::new(name, roles, signing(number).public(), encryption(number).public())
}

pub(crate) fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/contract")
}

/// The terms of `good.toml`: every key is used at least once, but those of `log`.
pub(crate) fn good_terms() -> Terms {
    let program = ProgramTerms::native("statistics")
        .with("group_by", ArgumentValue::from(["sex"].as_slice()))
        .with("quantiles", ArgumentValue::from([250_i64, 500, 750].as_slice()))
        .with("union", ArgumentValue::from(true))
        .with_choice("measure", vec![ArgumentValue::from("cholesterol"), ArgumentValue::from("oldpeak")]);
    let validity = Validity { not_before: 1_767_225_600, expires: 1_782_864_000 };
    let purpose = "How common is heart disease, by sex? \"Common\" means: diagnosed (Zürich included)";
    let mut terms = Terms::new("heart-study", purpose, validity, [0xa5; 32], program, Limits::new(3, 256, 10_000_000));
    terms.parties = vec![
        party(1, "cleveland", &[Role::Data]),
        party(2, "zurich", &[Role::Data, Role::Result]),
        party(3, "institute", &[Role::Request, Role::Result]),
        party(4, "overseer", &[Role::Program, Role::Auditor]),
    ];
    terms.parties[1].jurisdiction = Some("CH".into());
    terms.parties[2].jurisdiction = Some("DE".into());
    let columns = || {
        vec![
            Column::integer("age", 0, 120),
            Column::one_of("sex", &["male", "female"]),
            Column::integer("cholesterol", 50, 1_000).or_null(),
            Column::decimal("oldpeak", 1, -26, 62),
            Column::text("note", 200).or_null(),
            Column::boolean("disease"),
        ]
    };
    terms.datasets = vec![
        Dataset::new("cleveland-patients", "cleveland", 1_000, columns()),
        Dataset::new("zurich-patients", "zurich", 1_000, columns()),
    ];
    terms.datasets[1].object = Some(sealroom_protocol::id::ObjectId::from_bytes([0x1c; 32]));
    let mut rules = OutputRules::new(10, 100, 65_536);
    rules.round_integers_to = 5;
    let result_columns = vec![Column::one_of("sex", &["male", "female"]), Column::integer("patients", 0, 2_000)];
    terms.results = vec![ResultTerms::new("prevalence", &["institute", "zurich"], result_columns, rules)];
    let mut enclave = EnclaveTerms::amd_sev_snp([0x9f; 32], [0x3c; 48], FirmwareLevel::new(9, 0, 23, 72));
    enclave.machines = vec![vec![0x77; 64]];
    enclave.operator = Some(signing(9).public());
    let mut turin = EnclaveTerms::amd_sev_snp([0x8f; 32], [0x3c; 48], FirmwareLevel::new(1, 1, 3, 70));
    turin.minimum_firmware.fmc = 1;
    terms.enclaves = vec![enclave, turin];
    terms.cross_border = Some(CrossBorder::new(&["CH", "DE"], &["CH", "DE"], "overseer"));
    terms
}
