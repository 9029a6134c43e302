//! `sealroom cheating`: proofs that a party granted one run number twice, or that an enclave signed two receipts of one run, as
//! files that anybody checks offline.

use super::exit::{Exit, Failure};
use super::output::Output;
use super::typed::{self, PartyFlags};
use clap::{Args, Subcommand};
use sealroom::{Cheating, CheatingError, Forking, SignedContract};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Largest file that is read, in bytes.
const LIMIT: u64 = 16 << 20;

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Write the proof that your memory has of a party that cheats, or of a forked enclave, to a file
    Export(Export),
    /// Check such a file: contract, both grants or receipts, and that they contradict each other
    Verify(Verify),
}

/// What is typed to export.
#[derive(Debug, Args)]
#[command(
    after_help = "`sealroom status` says who was found to cheat, and of which runs an enclave signed two receipts. The file holds the
contract and the two grants or receipts, no data and no key.

Examples:
  sealroom cheating export --contract heart.contract --as cleveland.key --party zurich --output zurich.cheating
  sealroom cheating export --contract heart.contract --as cleveland.key --run 3 --output run-3.forking"
)]
pub(crate) struct Export {
    /// The contract: its text, or the signed file
    #[arg(long, value_name = "FILE")]
    contract: PathBuf,
    #[command(flatten)]
    party: PartyFlags,
    /// Who cheats
    #[arg(long = "party", value_name = "NAME", required_unless_present = "run")]
    cheat: Option<String>,
    /// The run of which an enclave signed two receipts
    #[arg(long, value_name = "NUMBER", conflicts_with = "cheat")]
    run: Option<u64>,
    /// Where it goes
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// What is typed to verify.
#[derive(Debug, Args)]
#[command(
    after_help = "Needs no network, no key and no trust in who made the file. Exits with 4 where it proves nothing.

Example:
  sealroom cheating verify zurich.cheating"
)]
pub(crate) struct Verify {
    /// The proof's file
    file: PathBuf,
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Export(_) => "cheating export",
            Self::Verify(_) => "cheating verify",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Export(typed) => export(typed, output),
            Self::Verify(typed) => verify(typed, output),
        }
    }
}

fn export(typed: &Export, output: Output) -> Result<(), Failure> {
    let id = typed::contract(&typed.contract)?.id();
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    let signed = memory.contract(&id)?;
    let contract = signed.contract();
    let no_proof = |what: String| {
        Failure::local(format!("expected a proof in your memory that {what}, found none under this contract"))
            .hint("sealroom status says of whom there is one")
    };
    let (bytes, said) = match (&typed.cheat, typed.run) {
        (_, Some(run)) => {
            let found = memory.forking(contract)?.into_iter().find(|found| found.run() == run);
            let found = found.ok_or_else(|| no_proof(format!("an enclave signed two receipts of run {run}")))?;
            (found.encode(&signed), Proof::Forking(Box::new(found)))
        }
        (cheat, None) => {
            let name = cheat.as_deref().unwrap_or_default();
            let found = memory.cheating(contract)?.into_iter().find(|found| found.party() == name);
            let found = found.ok_or_else(|| no_proof(format!("\"{name}\" cheats")))?;
            (found.encode(&signed), Proof::Cheating(Box::new(found)))
        }
    };
    typed::write(&typed.output, &bytes)?;
    let mut fields = said.fields(&signed);
    if let Value::Object(fields) = &mut fields {
        drop(fields.insert("file".into(), json!(typed.output)));
    }
    output.answer(fields, format!("{}  {}", typed.output.display(), said.text()))
}

fn verify(typed: &Verify, output: Output) -> Result<(), Failure> {
    let bytes = typed::read(&typed.file, LIMIT)?;
    // A file says in its first words what it proves; of another form is one that neither takes.
    let decoded = match Cheating::decode(&bytes) {
        Err(CheatingError::Form) => {
            Forking::decode(&bytes).map(|(signed, found)| (signed, Proof::Forking(Box::new(found))))
        }
        decoded => decoded.map(|(signed, found)| (signed, Proof::Cheating(Box::new(found)))),
    };
    let (signed, proof) = decoded.map_err(|error| {
        let exit = match &error {
            CheatingError::Form => Exit::Malformed,
            _ => Exit::NotAuthentic,
        };
        Failure::new(exit, error)
    })?;
    let contract = signed.contract();
    let (name, id) = (&contract.terms().name, contract.id());
    output.answer(proof.fields(&signed), format!("PROVEN  offline, under contract \"{name}\" {id}: {}", proof.text()))
}

/// What is proven.
enum Proof {
    Cheating(Box<Cheating>),
    Forking(Box<Forking>),
}

impl Proof {
    fn fields(&self, signed: &SignedContract) -> Value {
        let id = signed.contract().id();
        match self {
            Self::Cheating(found) => json!({ "contract": id, "party": found.party(), "run": found.run() }),
            Self::Forking(found) => {
                let (first, second) = found.receipts();
                let receipts = [first, second].map(|receipt| receipt.allegation().id());
                json!({ "contract": id, "enclave_key": found.enclave_key(), "run": found.run(), "receipts": receipts })
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Cheating(found) => found.to_string(),
            Self::Forking(found) => found.to_string(),
        }
    }
}
