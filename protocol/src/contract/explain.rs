//! A contract in plain words, from where one party stands: what it gives, gets, risks and accepts.
//!
//! What always holds: every sentence follows from the terms alone; nothing is promised that no part of Sealroom keeps.

use super::amends::CarriedCounts;
use super::counted::Counted;
use super::terms::{ColumnKind, EnclaveTerms, Party, Platform, ResultTerms, Role};
use super::{Contract, prose, time};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// A contract in plain words, for one party. Each entry is a sentence or a phrase without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// Who the party is.
    pub you: String,
    /// What it gives.
    pub gives: Vec<String>,
    /// Who learns what from the results, the party itself included.
    pub results: Vec<String>,
    /// What it gets.
    pub gets: Vec<String>,
    /// What it risks, apart from what is never defended (side channels, physical attack, denial of service).
    pub risks: Vec<String>,
    /// What it decides after it has signed.
    pub decides: Vec<String>,
    /// Which enclaves it accepts: any one of them suffices.
    pub accepts: Vec<String>,
    /// Statements about places; nobody measures them.
    pub places: Vec<String>,
    /// What goes on from an earlier version, where the contract is an amendment.
    pub carried_over: Vec<String>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = self.you.ends_with(['.', '?', '!']);
        writeln!(f, "{}{}", self.you, if ended { "" } else { "." })?;
        for (title, entries) in [
            ("Amendment", &self.carried_over),
            ("You give", &self.gives),
            ("Results", &self.results),
            ("You get", &self.gets),
            ("You risk", &self.risks),
            ("You decide", &self.decides),
            ("You accept", &self.accepts),
            ("Places", &self.places),
        ] {
            match entries.as_slice() {
                [] => {}
                [only] => writeln!(f, "{title}: {only}.")?,
                several => {
                    writeln!(f, "{title}:")?;
                    for entry in several {
                        writeln!(f, "  - {entry}.")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The contract in plain words for the party of this name; nothing if there is no such party.
#[must_use]
pub fn explain(contract: &Contract, party_name: &str) -> Option<Explanation> {
    let party = contract.party(party_name)?;
    Some(Explanation {
        you: you(contract, party),
        gives: gives(contract, party),
        results: contract.terms().results.iter().map(|result| who_gets(contract, result)).collect(),
        gets: gets(contract, party),
        risks: risks(contract, party),
        decides: decides(contract, party).into_iter().chain(witnesses(contract)).collect(),
        accepts: contract.terms().enclaves.iter().map(accepted).collect(),
        places: places(contract),
        carried_over: carried_over(contract, party),
    })
}

fn you(contract: &Contract, party: &Party) -> String {
    let terms = contract.terms();
    let one_of = match terms.parties.len() {
        1 => "the only party".to_string(),
        count => format!("one of {count} parties"),
    };
    format!("You are \"{}\", {one_of} of \"{}\": {}", party.name, terms.name, terms.purpose)
}

fn gives(contract: &Contract, party: &Party) -> Vec<String> {
    let terms = contract.terms();
    let runs = prose::times(terms.limits.runs);
    let mut gives: Vec<String> = contract
        .datasets_of(&party.name)
        .map(|dataset| {
            let columns = columns_of(dataset.columns.len());
            let rows = prose::count(dataset.maximum_rows, "row", "rows");
            let pinned = if dataset.object.is_some() { ", the one encrypted object that is named" } else { "" };
            format!("table {} ({columns}, at most {rows}{pinned}), {runs}", dataset.name)
        })
        .collect();
    if party.has(Role::Request) && contract.leaves_choices() {
        let choices: Vec<&str> = terms.program.choices.keys().map(String::as_str).collect();
        let choices = prose::and(&choices);
        gives.push(format!("your choice of {choices} for each run; every data party sees it before it grants"));
    }
    if gives.is_empty() {
        gives.push("nothing".to_string());
    }
    gives
}

fn columns_of(count: usize) -> String {
    prose::count(u64::try_from(count).unwrap_or(u64::MAX), "column", "columns")
}

/// What leaves, and for whom.
fn who_gets(contract: &Contract, result: &ResultTerms) -> String {
    let names: Vec<&str> = result.columns.iter().map(|column| column.name.as_str()).collect();
    let (who, gets) =
        (prose::and_quoted(&result.recipients), if result.recipients.len() == 1 { "gets" } else { "get" });
    let rows = prose::count(result.rules.maximum_rows, "row", "rows");
    let groups = Counted::of(contract, result).groups(result);
    let rounded = match result.rules.round_integers_to {
        1 => String::new(),
        step => format!("; whole numbers are rounded to multiples of {}", prose::number(step)),
    };
    format!(
        "{who} {gets} {}: {} ({}), at most {rows}; {groups}{rounded}",
        result.name,
        columns_of(names.len()),
        prose::and(&names)
    )
}

fn gets(contract: &Contract, party: &Party) -> Vec<String> {
    let received = contract.terms().results.iter().filter(|result| result.recipients.contains(&party.name));
    let mut gets: Vec<String> = received.map(|result| format!("result {}", result.name)).collect();
    gets.push("the receipt of every run".to_string());
    gets
}

fn risks(contract: &Contract, party: &Party) -> Vec<String> {
    let terms = contract.terms();
    if !party.has(Role::Data) {
        return risks_without_data(contract, party);
    }
    let mut risks = Vec::new();
    if terms.enclaves.iter().any(|enclave| enclave.simulated) {
        risks.push("a simulated platform protects nothing: whoever runs the machine can read your data".to_string());
    }
    for result in &terms.results {
        let others: Vec<&str> =
            result.recipients.iter().map(String::as_str).filter(|name| *name != party.name).collect();
        if others.is_empty() {
            continue;
        }
        risks.push(Counted::of(contract, result).risk(result, &others));
        if super::lint::can_be_filled(contract, result) {
            risks.push(format!(
                "made-up rows of another data party can bring a single row of yours over the minimum of {}, if that party is, or works together with, {}",
                result.name,
                prose::or_quoted(&others)
            ));
        }
        if result.columns.iter().any(free_text) {
            risks.push(format!(
                "result {} has free text, which can carry anything that the program writes",
                result.name
            ));
        }
    }
    if terms.limits.runs > 1 {
        risks.push("results of several runs can be compared; differences can show what each one hides".to_string());
    }
    risks.push("the program and its rules are right only as far as you have checked the enclave's code".to_string());
    risks
}

fn free_text(column: &super::terms::Column) -> bool {
    matches!(&column.kind, ColumnKind::Text { values, .. } if values.is_empty())
}

fn risks_without_data(contract: &Contract, party: &Party) -> Vec<String> {
    let mut risks = Vec::new();
    if party.has(Role::Request) && contract.leaves_choices() {
        risks.push("data parties see what you choose".to_string());
    }
    if party.has(Role::Result) {
        risks.push("output rules may suppress rows or withhold a whole result".to_string());
        risks.push("data parties may have brought wrong data: types and ranges are checked, truth is not".to_string());
    }
    if contract.data_parties().next().is_none() {
        risks.push("no data party grants, so nothing but the enclave limits runs".to_string());
    }
    if risks.is_empty() {
        risks.push("nothing: none of your data takes part".to_string());
    }
    risks
}

fn decides(contract: &Contract, party: &Party) -> Vec<String> {
    let limits = contract.terms().limits;
    let grants = contract.granting_parties().iter().any(|granting| granting.name == party.name);
    let runs = prose::count(limits.runs, "run", "runs");
    let (from, until) = (time::time_text(contract.terms().not_before), time::time_text(contract.terms().expires));
    let who = if grants {
        "you grant every run yourself, or it does not happen"
    } else {
        "nothing: runs happen without asking you"
    };
    [
        format!("{who}; at most {runs}, granted from {from} to before {until}"),
        "you can stop at any time; that ends the contract, in every room".to_string(),
    ]
    .into_iter()
    .chain(limits.evaluate_every.filter(|_| grants).map(|seconds| {
        let often = prose::count(seconds, "second", "seconds");
        format!("your client appraises an open room again every {often} (sealroom watch), and stops the contract where the platform is revoked or its firmware fell behind")
    }))
    .collect()
}

fn accepted(enclave: &EnclaveTerms) -> String {
    let platform = match enclave.platform {
        Platform::AmdSevSnp => "AMD SEV-SNP",
    };
    let level = enclave.minimum_firmware;
    let fmc = if level.fmc == 0 { String::new() } else { format!("FMC {}, ", level.fmc) };
    let firmware = format!(
        "firmware at least {fmc}boot loader {}, TEE {}, SNP {}, microcode {}",
        level.bootloader, level.tee, level.snp, level.microcode
    );
    let measurement = hex::encode(enclave.measurement);
    let measurement = measurement.get(..16).unwrap_or(&measurement);
    let machines = match enclave.machines.len() {
        0 => "any machine".to_string(),
        count => format!(
            "only {}",
            prose::count(u64::try_from(count).unwrap_or(u64::MAX), "named machine", "named machines")
        ),
    };
    let operator = if enclave.operator.is_some() { ", with a statement of the named operator" } else { "" };
    let simulated = if enclave.simulated { "yes, no hardware protects anything" } else { "no" };
    format!(
        "{platform}, {firmware}, measurement sha384:{measurement}… (rebuild it: sealroom measure), {machines}{operator}; simulated: {simulated}"
    )
}

fn witnesses(contract: &Contract) -> Option<String> {
    let log = contract.terms().log.as_ref()?;
    let names: Vec<&str> = log.witnesses.iter().map(|witness| witness.name.as_str()).collect();
    let (cosigned, all) = (prose::number(log.cosigned), names.len());
    Some(format!(
        "a result opens once {cosigned} of {all} witnesses ({}) cosigned that its receipt is in the one log of all receipts",
        prose::and(&names)
    ))
}

/// What goes on from an earlier version, and what does not.
fn carried_over(contract: &Contract, party: &Party) -> Vec<String> {
    let Some(amends) = contract.amends() else {
        return Vec::new();
    };
    let limit = contract.terms().limits.runs;
    let from = match amends.head {
        Some(head) => format!("the receipt of run {}", prose::number(head.run)),
        None => "no receipt, since none is complete".to_string(),
    };
    let mut carried = vec![format!(
        "it takes the place of contract {}, which ends for you once you hold this one signed by all; it goes on from {from}, and run numbers go on above {}",
        prose::short(amends.contract),
        prose::number(amends.highest_run)
    )];
    let grants = contract.granting_parties().iter().any(|granting| granting.name == party.name);
    match &amends.counts {
        CarriedCounts::On(_) if grants => {
            let (used, left) = (contract.carried_count(&party.name), prose::number(limit));
            let left_over = prose::count(limit.saturating_sub(used), "run", "runs");
            carried
                .push(format!("{} of your {left} runs are behind you, so {left_over} can follow", prose::number(used)));
        }
        CarriedCounts::On(_) => {}
        CarriedCounts::Anew => carried.push(format!(
            "COUNTS BEGIN ANEW: {} may be granted on top of all that ran under earlier versions",
            prose::count(limit, "run", "runs")
        )),
    }
    carried
}

fn places(contract: &Contract) -> Vec<String> {
    let Some(places) = &contract.terms().cross_border else {
        return Vec::new();
    };
    vec![
        format!(
            "\"{}\" states for every run that the host stands in {}; nobody measures it",
            places.stated_by,
            prose::or(&places.host_regions)
        ),
        format!("recipients are to be in {}", prose::or(&places.recipient_jurisdictions)),
    ]
}
