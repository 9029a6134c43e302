//! A program of your own against the hostile-host kit: two employers, a union that asks for the wages that both pay, and a host
//! with everyone but one on its side.
//!
//! `cargo run -p sealroom-hostile --example your_program`, or the same lines in a test of your own.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use sealroom_enclave_core::Programs;
use sealroom_enclave_core::program::{Inputs, Meter, Outputs, Plan, Program, ProgramFailure, ProgramRefusal, scan};
use sealroom_hostile::{Kit, KitError, Material};
use sealroom_protocol::contract::{
    Arguments, Column, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms, ResultTerms,
    Role, Terms, Validity,
};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::table::{Cell, OutputRow, OutputTable};

/// Your program: the number of wages of both employers together.
#[derive(Debug)]
struct Wages;

impl Program for Wages {
    fn name(&self) -> &'static str {
        "wages"
    }

    fn plan(&self, terms: &Terms, _: &Arguments) -> Result<Box<dyn Plan>, ProgramRefusal> {
        Ok(Box::new(WagesPlan { datasets: terms.datasets.iter().map(|dataset| dataset.name.clone()).collect() }))
    }
}

#[derive(Debug)]
struct WagesPlan {
    datasets: Vec<String>,
}

impl Plan for WagesPlan {
    fn run(&self, inputs: &mut dyn Inputs, meter: &mut Meter) -> Result<Outputs, ProgramFailure> {
        let mut paid = 0_u64;
        for dataset in &self.datasets {
            scan(inputs, meter, dataset, &[0], |batch, _| {
                let rows = u64::try_from(batch.rows()).map_err(|_| ProgramFailure::Overflow)?;
                paid = paid.checked_add(rows).ok_or(ProgramFailure::Overflow)?;
                Ok(())
            })?;
        }
        let cells = vec![Cell::Integer(i64::try_from(paid).map_err(|_| ProgramFailure::Overflow)?)];
        let table = OutputTable { rows: vec![OutputRow { cells, contributors: paid, without_any_owner: 0 }] };
        Ok([("paid".to_owned(), table)].into())
    }
}

/// Your contract. Keys, enclaves and time are the kit's; names, roles, schemas, limits and rules are yours.
fn contract() -> Terms {
    let (signing, encryption) = (SigningSecret::from_seed(&[1; 32]), EncryptionSecret::from_seed(&[1; 32]));
    let validity = Validity { not_before: 1_788_220_800, expires: 1_790_812_800 };
    let program = ProgramTerms::native("wages");
    let mut terms = Terms::new("wages", "how many are paid", validity, [0; 32], program, Limits::new(3, 64, 1_000));
    for (name, roles) in [("mill", &[Role::Data][..]), ("mine", &[Role::Data]), ("union", &[Role::Result])] {
        terms.parties.push(Party::new(name, roles, signing.public(), encryption.public()));
    }
    for owner in ["mill", "mine"] {
        let columns = vec![Column::integer("wage", 0, 1_000_000)];
        terms.datasets.push(Dataset::new(&format!("{owner}-wages"), owner, 1_000, columns));
    }
    let columns = vec![Column::integer("paid", 0, 1_000_000)];
    terms.results.push(ResultTerms::new("paid", &["union"], columns, OutputRules::new(2, 1, 4_096)));
    terms.enclaves.push(EnclaveTerms::amd_sev_snp([1; 32], [2; 48], FirmwareLevel::new(0, 0, 0, 0)).simulated());
    terms
}

fn main() -> Result<(), KitError> {
    let kit = Kit::new(Material {
        programs: Programs::new(&[&Wages]),
        terms: contract(),
        datasets: &[("mill-wages", "wage\n2100\n2400\n"), ("mine-wages", "wage\n1900\n")],
        arguments: Arguments::new(),
    })?;
    // A schedule that breaks something ends here, with its seed and as few steps as are needed.
    println!("{}", kit.run(200, 1));
    Ok(())
}
