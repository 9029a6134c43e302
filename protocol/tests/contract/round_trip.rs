//! Any terms that keep the rules are what their text says, and no text makes the reader panic.

use super::support::{good_terms, party};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use sealroom_protocol::contract::{
    Amends, ArgumentValue, CarriedCounts, CarriedHead, CarriedLog, Column, ColumnKind, Contract, ContractError,
    CrossBorder, Dataset, EnclaveTerms, FirmwareLevel, Limits, LogTerms, OutputRules, Party, ProgramTerms, ResultTerms,
    Role, TEXT_LIMIT, Terms, Validity, write,
};
use sealroom_protocol::id::{ContractId, ObjectId, ReceiptId};
use sealroom_protocol::identity::SigningSecret;
use std::sync::OnceLock;

const LARGE: u64 = 1 << 40;

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,15}"
}

fn prose() -> impl Strategy<Value = String> {
    "[ -~äöüßéλ東京Ж]{1,60}"
}

fn country() -> impl Strategy<Value = String> {
    "[A-Z]{2}"
}

/// Five parties, whose keys are made once.
fn parties() -> &'static [Party] {
    static PARTIES: OnceLock<Vec<Party>> = OnceLock::new();
    PARTIES.get_or_init(|| {
        [
            party(1, "first", &[Role::Data]),
            party(2, "second", &[Role::Data, Role::Result]),
            party(3, "third", &[Role::Request, Role::Result]),
            party(4, "fourth", &[Role::Program, Role::Auditor]),
            party(5, "fifth", &[Role::Data, Role::Program, Role::Request, Role::Result, Role::Auditor]),
        ]
        .into()
    })
}

fn kind() -> impl Strategy<Value = ColumnKind> {
    let range = || (any::<i64>(), any::<i64>()).prop_map(|(a, b)| (a.min(b), a.max(b)));
    prop_oneof![
        range().prop_map(|(minimum, maximum)| ColumnKind::Integer { minimum, maximum }),
        (1_u8..=9, range()).prop_map(|(scale, (minimum, maximum))| ColumnKind::Decimal { scale, minimum, maximum }),
        (1_u32..=65_536).prop_map(|maximum_length| ColumnKind::Text { maximum_length, values: Vec::new() }),
        (btree_set(prose(), 1..5), 0_u32..100).prop_map(|(values, more)| {
            let values: Vec<String> = values.into_iter().collect();
            let longest = u32::try_from(values.iter().map(String::len).max().unwrap()).unwrap();
            ColumnKind::Text { maximum_length: longest + more, values }
        }),
        Just(ColumnKind::Boolean),
    ]
}

fn columns() -> impl Strategy<Value = Vec<Column>> {
    btree_map("[a-zA-Z0-9_-]{1,12}", (kind(), any::<bool>()), 1..5).prop_map(|columns| {
        let column = |(name, (kind, null)): (String, (ColumnKind, bool))| {
            let column = Column::new(&name, kind);
            if null { column.or_null() } else { column }
        };
        columns.into_iter().map(column).collect()
    })
}

fn single() -> impl Strategy<Value = ArgumentValue> {
    prop_oneof![
        prose().prop_map(ArgumentValue::Text),
        Just(ArgumentValue::Text(String::new())),
        any::<i64>().prop_map(ArgumentValue::Integer),
        any::<bool>().prop_map(ArgumentValue::Boolean),
    ]
}

fn argument() -> impl Strategy<Value = ArgumentValue> {
    prop_oneof![
        single(),
        vec(prose().prop_map(ArgumentValue::Text), 0..4).prop_map(ArgumentValue::List),
        vec(any::<i64>().prop_map(ArgumentValue::Integer), 0..4).prop_map(ArgumentValue::List),
    ]
}

fn program() -> impl Strategy<Value = ProgramTerms> {
    let key = || "[a-z][a-z0-9_-]{0,10}";
    let choices = btree_set(any::<i64>(), 1..4);
    (name(), btree_map(key(), argument(), 0..4), btree_map(key(), choices, 0..3)).prop_map(|(name, fixed, chosen)| {
        let mut program = ProgramTerms::native(&name);
        for (name, values) in chosen {
            program = program.with_choice(&name, values.into_iter().map(ArgumentValue::Integer).collect());
        }
        for (name, value) in
            fixed.into_iter().filter(|(name, _)| !program.choices.contains_key(name)).collect::<Vec<_>>()
        {
            program = program.with(&name, value);
        }
        program
    })
}

fn rules() -> impl Strategy<Value = OutputRules> {
    (1..=LARGE, 1..=LARGE, 1..=LARGE, 1..=1_000_000_000_u64).prop_map(|(group, rows, bytes, step)| {
        let mut rules = OutputRules::new(group, rows, bytes);
        rules.round_integers_to = step;
        rules
    })
}

fn enclave() -> impl Strategy<Value = EnclaveTerms> {
    let levels = any::<[u8; 5]>();
    let machines = btree_set(vec(any::<u8>(), 64), 0..3);
    (any::<([u8; 32], [u8; 32], [u8; 16])>(), levels, machines, any::<(bool, bool)>()).prop_map(
        |((anchor, first, second), [fmc, bootloader, tee, snp, microcode], machines, (simulated, operated))| {
            let mut measurement = [0; 48];
            measurement[..32].copy_from_slice(&first);
            measurement[32..].copy_from_slice(&second);
            let mut level = FirmwareLevel::new(bootloader, tee, snp, microcode);
            level.fmc = fmc;
            let mut enclave = EnclaveTerms::amd_sev_snp(anchor, measurement, level);
            enclave.simulated = simulated;
            enclave.machines = machines.into_iter().collect();
            enclave.operator = operated.then(|| parties()[0].signing_key);
            enclave
        },
    )
}

fn terms() -> impl Strategy<Value = Terms> {
    let times = (0_u64..253_402_300_799, 1_u64..253_402_300_799)
        .prop_map(|(from, life)| Validity { not_before: from, expires: (from + life).min(253_402_300_799) });
    let head = (name(), prose(), times, any::<[u8; 32]>(), program());
    let limits = (1_u64..=1_000_000, 1_u64..=1 << 20, 1_u64..=1 << 62);
    let datasets = btree_map(name(), (1..=LARGE, option::of(any::<[u8; 32]>()), columns(), any::<Index>()), 3..6);
    let recipients = subsequence(std::vec!["second", "third", "fifth"], 1..=3).prop_shuffle();
    let results = btree_map(name(), (recipients, columns(), rules()), 1..4);
    let places = option::of((btree_set(country(), 1..4), btree_set(country(), 1..4), select(&["first", "fourth"][..])));
    let jurisdictions = vec(option::of(country()), 5);
    let log = option::of((btree_set("[a-z0-9./_-]{1,20}", 1..6), any::<Index>()));
    let amends = option::of((
        any::<([u8; 32], [u8; 32], [u8; 32])>(),
        0_u64..1_000_000,
        any::<(bool, bool, bool)>(),
        vec(0..=1_000_000_u64, 4),
    ));
    let last = (jurisdictions, log, amends);
    (head, limits, datasets, results, vec(enclave(), 1..4), places, last).prop_map(
        |(
            (name, purpose, validity, random, program),
            limits,
            datasets,
            results,
            enclaves,
            places,
            (jurisdictions, log, amends),
        )| {
            let mut limits = Limits::new(limits.0, limits.1, limits.2);
            limits.evaluate_every = log.as_ref().map(|_| 60 + limits.runs);
            let mut terms = Terms::new(&name, &purpose, validity, random, program, limits);
            terms.parties = parties().to_vec();
            for (party, jurisdiction) in terms.parties.iter_mut().zip(jurisdictions) {
                party.jurisdiction = jurisdiction;
            }
            let owners = ["first", "second", "fifth"];
            for (number, (name, (rows, object, columns, owner))) in datasets.into_iter().enumerate() {
                // The first three make sure that every data party owns one.
                let owner = owners.get(number).copied().unwrap_or(owners[owner.index(3)]);
                let mut dataset = Dataset::new(&name, owner, rows, columns);
                dataset.object = object.map(ObjectId::from_bytes);
                terms.datasets.push(dataset);
            }
            terms.results = results
                .into_iter()
                .map(|(name, (recipients, columns, rules))| ResultTerms::new(&name, &recipients, columns, rules))
                .collect();
            let everyone = OutputRules::new(1, 1, 1);
            let all = ["second", "third", "fifth"];
            terms.results.push(ResultTerms::new("for-all-recipients", &all, std::vec![Column::boolean("a")], everyone));
            terms.enclaves = enclaves;
            terms.log = log.map(|(names, cosigned)| {
                let key = |number: u8| SigningSecret::from_seed(&[number; 32]).public();
                let witnesses: Vec<_> = names.iter().map(String::as_str).zip((100_u8..).map(key)).collect();
                let least = witnesses.len() / 2 + 1;
                let cosigned = least + cosigned.index(witnesses.len() + 1 - least);
                LogTerms::new(u64::try_from(cosigned).unwrap(), &witnesses)
            });
            terms.amends = amends.map(|(ids, run, flags, counts)| amendment(&terms, ids, run, flags, &counts));
            terms.cross_border = places.map(|(hosts, recipients, stated_by)| {
                let borrow =
                    |places: &'_ std::collections::BTreeSet<String>| places.iter().cloned().collect::<Vec<_>>();
                let (hosts, recipients) = (borrow(&hosts), borrow(&recipients));
                let (hosts, recipients): (Vec<&str>, Vec<&str>) =
                    (hosts.iter().map(|p| &**p).collect(), recipients.iter().map(|p| &**p).collect());
                CrossBorder::new(&hosts, &recipients, stated_by)
            });
            terms
        },
    )
}

fn amendment(
    terms: &Terms,
    (id, first, root): ([u8; 32], [u8; 32], [u8; 32]),
    run: u64,
    (head, log, anew): (bool, bool, bool),
    counts: &[u64],
) -> Amends {
    let mut terms = terms.clone();
    terms.amends = None;
    let predecessor = Contract::parse(write(&terms).as_bytes()).unwrap();
    let parties = terms.granting_parties();
    let counts: Vec<(&str, u64)> = parties.iter().map(|party| &*party.name).zip(counts.iter().copied()).collect();
    let mut amends = Amends::new(&predecessor, run + 1, &counts);
    assert_eq!((amends.contract, amends.first), (predecessor.id(), predecessor.id()));
    (amends.contract, amends.first) = (ContractId::from_bytes(id), ContractId::from_bytes(first));
    assert_eq!(amends.version, 2);
    amends.version += run % 7;
    amends.head = head.then(|| CarriedHead { run: run + 1, receipt: ReceiptId::from_bytes(root) });
    amends.log = log.then_some(CarriedLog { size: run, root });
    if anew {
        amends.counts = CarriedCounts::Anew;
    }
    amends
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn what_terms_write_is_read_back(terms in terms()) {
        let text = write(&terms);
        let contract = Contract::parse(text.as_bytes()).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(contract.terms(), &terms);
        prop_assert_eq!(write(contract.terms()), text);
    }

    #[test]
    fn bytes_changed_anywhere_end_in_terms_or_an_error(changes in vec((any::<Index>(), any::<u8>(), any::<bool>()), 1..6)) {
        let mut text = good_text().to_vec();
        for (place, byte, insert) in changes {
            let place = place.index(text.len());
            if insert { text.insert(place, byte) } else { text[place] = byte }
        }
        // What is accepted means what it says: writing its terms and reading them again gives the same.
        if let Ok(contract) = Contract::parse(&text) {
            let again = Contract::parse(write(contract.terms()).as_bytes()).unwrap();
            prop_assert_eq!(again.terms(), contract.terms());
            prop_assert_eq!(contract.text().as_bytes(), &text);
        }
    }

    #[test]
    fn any_lines_in_any_order_end_in_terms_or_an_error(lines in vec(any::<Index>(), 0..40), cut in any::<Index>()) {
        let all: Vec<&str> = core::str::from_utf8(good_text()).unwrap().lines().collect();
        let text: Vec<&str> = lines.iter().map(|index| all[index.index(all.len())]).collect();
        let text = text.join("\n");
        // No such mixture has each of the tables exactly once.
        prop_assert!(Contract::parse(text.as_bytes()).is_err());
        let cut = good_text().get(..cut.index(good_text().len())).unwrap();
        if let Ok(contract) = Contract::parse(cut) {
            prop_assert!(contract.terms().cross_border.is_none() || cut.len() + 1 >= good_text().len());
        }
    }
}

fn good_text() -> &'static [u8] {
    static TEXT: OnceLock<Vec<u8>> = OnceLock::new();
    TEXT.get_or_init(|| write(&good_terms()).into_bytes())
}

#[test]
fn a_bomb_of_brackets_is_refused_before_it_is_parsed() {
    for opening in ["[", "{ a = ", "[{ a = "] {
        let bomb = format!("sealroom_contract = {}", opening.repeat((TEXT_LIMIT - 30) / opening.len()));
        let error = Contract::parse(bomb.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("nest too deep"), "{error}");
    }
    let header = format!("[{}a]", "a.".repeat(TEXT_LIMIT / 2 - 10));
    let error = Contract::parse(header.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("a header of more than two keys"), "{error}");
}

#[test]
fn the_largest_text_is_read_in_bounded_time() {
    // A mebibyte of tables, keys, values and comments, each the cheapest for its writer.
    for line in ["[[party]]\n", "a = 1\n", "#\n", "b = [[],[],[],[],[]]\n", "\n", "c = \"\\\\\"\n"] {
        let text = line.repeat(TEXT_LIMIT / line.len());
        let started = std::time::Instant::now();
        let error = Contract::parse(text.as_bytes()).unwrap_err();
        assert!(!matches!(error, ContractError::TooLong { .. }));
        assert!(started.elapsed().as_secs() < 20, "{line:?} took {:?}", started.elapsed());
    }
}
