//! What a contract may say and often should not.
//!
//! What always holds: a [`Warning`]'s id is one of the closed list of `spec/contract.md` section 5, and stays the same.

use super::amends::CarriedCounts;
use super::counted::Counted;
use super::terms::{ColumnKind, FirmwareLevel, ProgramKind, ResultTerms, Role};
use super::{Contract, prose};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// Something allowed that is often a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// Which.
    pub id: WarningId,
    /// The party, dataset, result or contract that it is about; empty where it is the whole contract.
    pub about: String,
    /// What follows from it, in a sentence without a full stop.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.text)
    }
}

macro_rules! warning_ids {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Which warning. Its text form never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum WarningId {
            $($(#[$doc])* $name,)*
        }

        impl WarningId {
            /// All of them, in the order of the specification.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its text form.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

warning_ids! {
    /// No party has role `data`.
    NoDataParty = "no-data-party",
    /// A party owns no data and receives every result.
    GivesNothingGetsEverything = "gives-nothing-gets-everything",
    /// A minimum group size of 1.
    GroupOfOne = "group-of-one",
    /// An accepted enclave is simulated.
    SimulatedPlatform = "simulated-platform",
    /// An accepted enclave may have any firmware.
    NoFirmwareLevel = "no-firmware-level",
    /// More than 366 days.
    LongLife = "long-life",
    /// A recipient's jurisdiction is not listed, or not stated.
    RecipientElsewhere = "recipient-elsewhere",
    /// Work of 10^15 or more.
    UnlimitedWork = "unlimited-work",
    /// Work below the sum of all rows.
    TooLittleWork = "too-little-work",
    /// The only recipient of a result is a data party.
    OnlyRecipientHasData = "only-recipient-has-data",
    /// A text column of a result without a closed list.
    FreeTextInResult = "free-text-in-result",
    /// Several data parties, and a minimum group size that one of them can meet with made-up rows.
    GroupsCanBeFilled = "groups-can-be-filled",
    /// More than one run, and groups to hide.
    RepeatedRuns = "repeated-runs",
    /// A requester, and nothing to choose.
    NothingToRequest = "nothing-to-request",
    /// A program party, and a native program.
    NothingToSupply = "nothing-to-supply",
    /// An amendment forgets the runs of earlier versions.
    CountsBeginAnew = "counts-begin-anew",
    /// An amendment leaves a granting party no run.
    NoRunLeft = "no-run-left",
    /// An amendment passes over many run numbers.
    RunNumbersSkipped = "run-numbers-skipped",
    /// One object in two contracts.
    OneObjectTwoContracts = "one-object-two-contracts",
    /// One party's dataset of one name in two contracts whose times overlap.
    OneDatasetTwoContracts = "one-dataset-two-contracts",
    /// Two contracts share their random line.
    RandomLineReused = "random-line-reused",
    /// Two contracts share a name.
    OneNameTwoContracts = "one-name-two-contracts",
    /// An amendment names another first version than its predecessor does.
    OtherFirstVersion = "other-first-version",
    /// An amendment allows more runs than its predecessor did.
    MoreRunsThanBefore = "more-runs-than-before",
}

impl fmt::Display for WarningId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// More run numbers than this between an amendment's head and its `highest_run` are more than crashes lose.
const SKIPPED: u64 = 1_000_000;
const LONG_LIFE: u64 = 366 * 86_400;
const UNLIMITED_WORK: u64 = 1_000_000_000_000_000;

/// The warnings on one contract, in the order of the specification.
#[must_use]
pub fn lint(contract: &Contract) -> Vec<Warning> {
    let mut warnings = Warnings(Vec::new());
    parties(contract, &mut warnings);
    for result in &contract.terms().results {
        result_rules(contract, result, &mut warnings);
    }
    enclaves(contract, &mut warnings);
    limits(contract, &mut warnings);
    places(contract, &mut warnings);
    carried_over(contract, &mut warnings);
    warnings.0.sort_by_key(|warning| warning.id);
    warnings.0
}

struct Warnings(Vec<Warning>);

impl Warnings {
    fn add(&mut self, id: WarningId, about: &str, text: impl Into<String>) {
        self.0.push(Warning { id, about: about.to_string(), text: text.into() });
    }
}

fn parties(contract: &Contract, warnings: &mut Warnings) {
    let terms = contract.terms();
    if contract.data_parties().next().is_none() {
        let text = "no party has data, so nobody grants a run: no limit holds, and nothing refutes a false receipt";
        warnings.add(WarningId::NoDataParty, "", text);
    }
    for party in &terms.parties {
        let name = party.name.as_str();
        let everything = terms.results.iter().all(|result| result.recipients.contains(&party.name));
        if !party.has(Role::Data) && everything {
            let text = format!("\"{name}\" gives no data and receives every result");
            warnings.add(WarningId::GivesNothingGetsEverything, name, text);
        }
        if party.has(Role::Request) && !contract.leaves_choices() {
            let text = format!("\"{name}\" may request, but nothing is left to choose, so it grants no run");
            warnings.add(WarningId::NothingToRequest, name, text);
        }
        match terms.program.kind {
            ProgramKind::Native if party.has(Role::Program) => {
                let text = format!("\"{name}\" supplies the program, but a native one is part of the measured image");
                warnings.add(WarningId::NothingToSupply, name, text);
            }
            ProgramKind::Native => {}
        }
    }
}

fn result_rules(contract: &Contract, result: &ResultTerms, warnings: &mut Warnings) {
    let name = result.name.as_str();
    if result.rules.minimum_group_size == 1 {
        let text = format!("result \"{name}\" may show groups of one: a row of it can be one person's");
        warnings.add(WarningId::GroupOfOne, name, text);
    } else if contract.terms().limits.runs > 1 {
        let text = format!(
            "result \"{name}\" can be had up to {} times: differences between runs can show groups that each one hides",
            prose::number(contract.terms().limits.runs)
        );
        warnings.add(WarningId::RepeatedRuns, name, text);
    }
    if can_be_filled(contract, result) {
        let own = |name: &String| contract.party(name).is_some_and(|party| party.has(Role::Data));
        let who: Vec<&String> = result.recipients.iter().filter(|name| own(name)).collect();
        let who = if who.is_empty() {
            "a data party that works together with a recipient".to_string()
        } else {
            prose::or_quoted(&who)
        };
        let text = format!(
            "result \"{name}\" counts rows, not whose they are: {who} can fill a group with made-up rows of its own until a single row of another party shows"
        );
        warnings.add(WarningId::GroupsCanBeFilled, name, text);
    }
    if let [only] = result.recipients.as_slice()
        && contract.party(only).is_some_and(|party| party.has(Role::Data))
    {
        let rest = match contract.data_parties().count() {
            1 => "all data is its own",
            2 => "what is left is the other data party's",
            _ => "what is left is the other data parties'",
        };
        let text = format!("\"{only}\" alone receives result \"{name}\" and can subtract its own data: {rest}");
        warnings.add(WarningId::OnlyRecipientHasData, name, text);
    }
    for column in &result.columns {
        if let ColumnKind::Text { values, .. } = &column.kind
            && values.is_empty()
        {
            let text =
                format!("column \"{}\" of result \"{name}\" is free text, which can carry anything", column.name);
            warnings.add(WarningId::FreeTextInResult, name, text);
        }
    }
}

/// Whether one data party can bring a single row of another over the minimum with rows of its own.
pub(super) fn can_be_filled(contract: &Contract, result: &ResultTerms) -> bool {
    let rules = &result.rules;
    let guarded = rules.minimum_without_each_owner || !Counted::of(contract, result).can_be_made_up();
    rules.minimum_group_size > 1 && !guarded && contract.data_parties().nth(1).is_some()
}

fn enclaves(contract: &Contract, warnings: &mut Warnings) {
    for (number, enclave) in (1_usize..).zip(&contract.terms().enclaves) {
        let about = number.to_string();
        if enclave.simulated {
            let text =
                format!("enclave {number} is on a simulated platform: whoever runs the machine can read all data");
            warnings.add(WarningId::SimulatedPlatform, &about, text);
        } else if enclave.minimum_firmware == FirmwareLevel::new(0, 0, 0, 0) {
            let text = format!("enclave {number} may have any firmware, also one with known holes");
            warnings.add(WarningId::NoFirmwareLevel, &about, text);
        }
    }
}

fn limits(contract: &Contract, warnings: &mut Warnings) {
    let terms = contract.terms();
    let life = terms.expires.saturating_sub(terms.not_before);
    if life > LONG_LIFE {
        let text = format!("runs may be granted for {}; a shorter time limits what goes wrong", prose::days(life));
        warnings.add(WarningId::LongLife, "", text);
    }
    let work = terms.limits.work;
    let rows = terms.datasets.iter().fold(0, |rows: u64, dataset| rows.saturating_add(dataset.maximum_rows));
    if work >= UNLIMITED_WORK {
        let text = format!("{} units of work are as good as no limit", prose::number(work));
        warnings.add(WarningId::UnlimitedWork, "", text);
    } else if work < rows {
        let (work, rows) = (prose::number(work), prose::number(rows));
        let text = format!("{work} units of work do not suffice to read {rows} rows, which the datasets may have");
        warnings.add(WarningId::TooLittleWork, "", text);
    }
}

fn carried_over(contract: &Contract, warnings: &mut Warnings) {
    let Some(amends) = contract.amends() else {
        return;
    };
    let (highest, head) = (amends.highest_run, amends.head.map_or(0, |head| head.run));
    if highest.saturating_sub(head) > SKIPPED {
        let (highest, head) = (prose::number(highest), prose::number(head));
        let text = format!(
            "run numbers go on above {highest}, and the receipt that it goes on from is of run {head}: have whoever granted such a run say so, or the number corrected"
        );
        warnings.add(WarningId::RunNumbersSkipped, "", text);
    }
    let limit = contract.terms().limits.runs;
    match &amends.counts {
        CarriedCounts::Anew => {
            let runs = prose::count(limit, "run", "runs");
            let text =
                format!("counts begin anew: {runs} may be granted on top of all that ran under earlier versions");
            warnings.add(WarningId::CountsBeginAnew, "", text);
        }
        CarriedCounts::On(counts) => {
            for count in counts.iter().filter(|count| count.runs >= limit) {
                let (party, runs) = (count.party.as_str(), prose::count(count.runs, "run", "runs"));
                let text = format!("\"{party}\" has {runs} of {} behind it: none is left", prose::number(limit));
                warnings.add(WarningId::NoRunLeft, party, text);
            }
        }
    }
}

fn places(contract: &Contract, warnings: &mut Warnings) {
    let Some(places) = &contract.terms().cross_border else {
        return;
    };
    let listed = prose::or(&places.recipient_jurisdictions);
    for party in contract.terms().parties.iter().filter(|party| party.has(Role::Result)) {
        let name = party.name.as_str();
        let text = match &party.jurisdiction {
            Some(place) if places.recipient_jurisdictions.contains(place) => continue,
            Some(place) => format!("\"{name}\" receives results in {place}, but the contract lists {listed}"),
            None => format!("\"{name}\" receives results and states no jurisdiction, but the contract lists {listed}"),
        };
        warnings.add(WarningId::RecipientElsewhere, name, text);
    }
}

/// The warnings on contracts side by side: for a party, those that it is asked to sign and those that it has signed.
/// A contract that is given twice is looked at once.
#[must_use]
pub fn lint_together(contracts: &[&Contract]) -> Vec<Warning> {
    let mut distinct: Vec<&Contract> = Vec::new();
    for contract in contracts {
        if distinct.iter().all(|known| known.id() != contract.id()) {
            distinct.push(contract);
        }
    }
    let mut warnings = Warnings(Vec::new());
    for (index, first) in distinct.iter().enumerate() {
        for second in distinct.iter().skip(index.saturating_add(1)) {
            pair(first, second, &mut warnings);
        }
    }
    warnings.0.sort_by_key(|warning| warning.id);
    warnings.0
}

/// A contract and the one that takes its place: they are not two side by side.
fn amendment(before: &Contract, after: &Contract, warnings: &mut Warnings) {
    let (name, old) = (after.terms().name.as_str(), prose::short(before.id()));
    if after.first_version() != before.first_version() {
        let text = format!("the amendment of {old} names another first version than that does");
        warnings.add(WarningId::OtherFirstVersion, name, text);
    }
    let (runs_before, runs) = (before.terms().limits.runs, after.terms().limits.runs);
    if runs > runs_before {
        let (runs_before, runs) = (prose::number(runs_before), prose::number(runs));
        let text = format!("the amendment of {old} allows {runs} runs instead of {runs_before}");
        warnings.add(WarningId::MoreRunsThanBefore, name, text);
    }
}

fn pair(first: &Contract, second: &Contract, warnings: &mut Warnings) {
    let (a, b) = (first.terms(), second.terms());
    let names =
        format!("\"{}\" ({}) and \"{}\" ({})", a.name, prose::short(first.id()), b.name, prose::short(second.id()));
    if a.random == b.random {
        let text = format!("contracts {names} share their random line; draw it afresh for each");
        warnings.add(WarningId::RandomLineReused, &a.name, text);
    }
    let amends =
        |after: &Contract, before: &Contract| after.amends().is_some_and(|amends| amends.contract == before.id());
    if amends(second, first) {
        return amendment(first, second, warnings);
    }
    if amends(first, second) {
        return amendment(second, first, warnings);
    }
    let overlap = a.not_before < b.expires && b.not_before < a.expires;
    for dataset in &a.datasets {
        let name = dataset.name.as_str();
        for other in &b.datasets {
            let owner_key = |contract: &Contract, owner: &str| contract.party(owner).map(|party| party.signing_key);
            let one_owner = owner_key(first, &dataset.owner) == owner_key(second, &other.owner);
            if dataset.object.is_some() && dataset.object == other.object {
                let text = format!(
                    "contracts {names} name one object for \"{name}\": one data key would serve both; encrypt it anew"
                );
                warnings.add(WarningId::OneObjectTwoContracts, name, text);
            } else if overlap && one_owner && dataset.name == other.name {
                let text = format!("contracts {names} both use \"{name}\": their results can be compared");
                warnings.add(WarningId::OneDatasetTwoContracts, name, text);
            }
        }
    }
    if a.name == b.name {
        let text = format!("contracts {names} share a name and can be taken for each other");
        warnings.add(WarningId::OneNameTwoContracts, &a.name, text);
    }
}
