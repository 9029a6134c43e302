//! The program of the tests of `enclave-core`, two hospitals that have some, and an institute that asks.

use crate::program::CountRows;
use sealroom_enclave_core::Programs;
use sealroom_hostile::{Kit, Material};
use sealroom_protocol::contract::{
    ArgumentValue, Column, CrossBorder, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms,
    ResultTerms, Role, Terms, Validity,
};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};

/// Two runs, no choice, no statement.
pub(crate) fn terms() -> Terms {
    let (signing, encryption) = (SigningSecret::from_seed(&[1; 32]), EncryptionSecret::from_seed(&[1; 32]));
    let validity = Validity { not_before: 1_788_220_800, expires: 1_790_812_800 };
    let program = ProgramTerms::native("count-rows");
    let mut terms = Terms::new("counted", "to be attacked", validity, [0; 32], program, Limits::new(2, 64, 100));
    for (name, roles) in [("north", &[Role::Data][..]), ("south", &[Role::Data]), ("institute", &[Role::Result])] {
        terms.parties.push(Party::new(name, roles, signing.public(), encryption.public()));
    }
    for owner in ["north", "south"] {
        let columns = vec![Column::integer("age", 0, 120)];
        terms.datasets.push(Dataset::new(&format!("{owner}-rows"), owner, 1_000, columns));
    }
    let columns = vec![Column::integer("rows", 0, 1_000_000)];
    terms.results.push(ResultTerms::new("count", &["institute"], columns, OutputRules::new(2, 10, 4_096)));
    terms.enclaves.push(EnclaveTerms::amd_sev_snp([1; 32], [2; 48], FirmwareLevel::new(0, 0, 0, 0)).simulated());
    terms
}

/// The institute chooses, so it grants too, and says where the host stands.
pub(crate) fn with_requests() -> Terms {
    let mut terms = terms();
    terms.program = terms.program.with_choice("side", vec![ArgumentValue::from("left"), ArgumentValue::from("right")]);
    let institute = terms.parties.iter_mut().find(|party| party.name == "institute").unwrap();
    institute.roles = vec![Role::Request, Role::Result];
    terms.cross_border = Some(CrossBorder::new(&["CH", "DE"], &["CH"], "institute"));
    terms
}

pub(crate) fn kit(terms: Terms) -> Kit {
    let datasets = &[("north-rows", "age\n30\n40\n50\n"), ("south-rows", "age\n60\n70\n")];
    let arguments = [("side".to_owned(), ArgumentValue::from("left"))].into();
    Kit::new(Material { programs: Programs::new(&[&CountRows]), terms, datasets, arguments }).unwrap()
}
