//! A minimum that holds without each owner: whom a group is large for, and what a program refuses before any data.

use super::{plan, result, run, terms};
use proptest::prelude::*;
use sealroom_protocol::contract::{ArgumentValue, Column, Dataset, ProgramTerms, ResultTerms, Terms};

fn list(values: &[&str]) -> ArgumentValue {
    ArgumentValue::from(values)
}

fn guarded(mut result: ResultTerms) -> ResultTerms {
    result.rules = result.rules.without_each_owner();
    result
}

/// Patients of these owners, each dataset of one, counted by ward.
fn wards(owners: &[&str], unit: bool, minimum: u64) -> Terms {
    let mut program =
        ProgramTerms::native("statistics").with("measures", list(&["count"])).with("group_by", list(&["ward"]));
    if unit {
        program = program.with("unit", "patient".into());
    }
    let columns = vec![Column::text("ward", 4), Column::integer("patient", 0, 99)];
    let datasets = owners.iter().enumerate();
    let datasets = datasets.map(|(number, owner)| Dataset::new(&format!("d{number}"), owner, 1_000, columns.clone()));
    let out = vec![Column::text("ward", 4), Column::integer("rows", 0, 10_000)];
    terms(program, datasets.collect(), vec![guarded(result("out", out, minimum))])
}

fn released(terms: &Terms, texts: &[String]) -> (String, u64) {
    let names: Vec<String> = (0..texts.len()).map(|number| format!("d{number}")).collect();
    let texts: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    let out = run(terms, &texts).unwrap().remove("out").unwrap();
    (out.csv, out.outcome.suppressed)
}

fn text(rows: &[(&str, u8)]) -> String {
    let rows: String = rows.iter().map(|(ward, patient)| format!("{ward},{patient}\n")).collect();
    format!("ward,patient\n{rows}")
}

#[test]
fn rows_that_one_owner_makes_up_bring_no_row_of_another_over_the_minimum() {
    let honest = text(&[("eye", 1), ("ear", 2), ("ear", 3), ("ear", 4)]);
    let made_up = text(&[("eye", 90), ("eye", 91), ("eye", 92), ("ear", 93)]);
    let third = text(&[("ear", 5)]);
    let mut terms = wards(&["honest", "cheat", "third"], false, 3);
    let texts = [honest, made_up, third];
    // Without "honest" two rows are left of "ear", without "cheat" four; of "eye" one is left without "cheat".
    assert_eq!(released(&terms, &texts), ("ward,rows\n".to_owned(), 2));
    terms.results[0].rules.minimum_group_size = 2;
    assert_eq!(released(&terms, &texts), ("ward,rows\near,5\n".to_owned(), 1));
    terms.results[0].rules.minimum_without_each_owner = false;
    assert_eq!(released(&terms, &texts), ("ward,rows\near,5\neye,4\n".to_owned(), 0), "what the rule is for");
}

#[test]
fn an_owner_with_several_datasets_is_one() {
    let terms = wards(&["cheat", "honest", "cheat"], false, 2);
    let texts = [text(&[("eye", 1)]), text(&[("eye", 2)]), text(&[("eye", 3)])];
    assert_eq!(released(&terms, &texts), ("ward,rows\n".to_owned(), 1));
    let terms = wards(&["cheat", "honest", "other"], false, 2);
    assert_eq!(released(&terms, &texts), ("ward,rows\neye,3\n".to_owned(), 0));
}

#[test]
fn a_key_counts_when_enough_parties_are_left_to_share_it() {
    let columns = || vec![Column::text("key", 4)];
    let datasets = ["a", "b", "c"].map(|name| Dataset::new(name, name, 9, columns()));
    let program = ProgramTerms::native("overlap").with("key", "key".into()).with("minimum_parties", 2.into());
    let program = program.with("count_result", "size".into()).with("list_result", "keys".into());
    let results =
        vec![guarded(result("size", vec![Column::integer("n", 0, 9)], 1)), guarded(result("keys", columns(), 2))];
    let mut terms = terms(program, datasets.to_vec(), results);
    let texts = [("a", "key\nx\ny\n"), ("b", "key\nx\ny\n"), ("c", "key\nx\n")];
    // "x" is shared by two whoever is left out; "y" is not, without "a" or "b".
    let all = run(&terms, &texts).unwrap();
    assert_eq!((all["size"].csv.as_str(), all["keys"].csv.as_str()), ("n\n2\n", "key\nx\n"));
    terms.results[0].rules.minimum_group_size = 2;
    assert_eq!(run(&terms, &texts).unwrap()["size"].csv, "n\n", "one key is left without \"a\"");
}

#[test]
fn what_could_never_leave_and_joins_are_refused_before_any_data() {
    let refusal = |terms: &Terms| plan(terms).map(drop).unwrap_err().to_string();
    assert_eq!(
        refusal(&wards(&["one", "one"], false, 2)),
        "the result \"out\": expected united datasets of 2 or more owners, since its minimum must hold without each of them"
    );
    // Who owns the joined dataset could put the same patients into two groups, and one more into the second.
    let mut terms = wards(&["a", "b"], true, 2);
    let columns = vec![Column::text("ward", 4), Column::integer("floor", 0, 9)];
    terms.datasets.push(Dataset::new("floors", "c", 9, columns));
    let mut program = ProgramTerms::native("join-and-aggregate").with("measures", list(&["count"]));
    program =
        program.with("group_by", list(&["ward"])).with("datasets", list(&["d0", "d1"])).with("unit", "patient".into());
    terms.program = program.clone();
    assert!(plan(&terms).is_ok());
    terms.program = program.with("joins", list(&["inner floors on ward"]));
    assert_eq!(
        refusal(&terms),
        "the argument \"joins\" is not what it should be, expected none where a result has minimum_without_each_owner, since who owns a joined dataset chooses the groups"
    );
}

#[test]
fn an_overlap_that_could_never_leave_without_each_owner_is_refused_by_name() {
    let refusal = |owners: &[&str], minimum: Option<i64>, list: Option<u64>, rule: bool| {
        let columns = || vec![Column::text("key", 4)];
        let datasets = owners.iter().map(|name| Dataset::new(name, name, 9, columns())).collect();
        let mut program = ProgramTerms::native("overlap").with("key", "key".into());
        if let Some(minimum) = minimum {
            program = program.with("minimum_parties", minimum.into());
        }
        let mut out = match list {
            Some(size) => result("out", columns(), size),
            None => result("out", vec![Column::integer("n", 0, 9)], 1),
        };
        if rule {
            out = guarded(out);
        }
        let named = if list.is_some() { "list_result" } else { "count_result" };
        plan(&terms(program.with(named, "out".into()), datasets, vec![out]))
            .map(drop)
            .map_err(|error| error.to_string())
    };
    let refused = |expected: &str| Err(format!("the result \"out\": {expected}"));
    let since = "since with minimum_without_each_owner one owner is left out and nothing would leave";
    // By default all owners must share a key: without one of them nobody is left to.
    let three = refused(&format!("expected minimum_parties of at most 2, {since}"));
    assert_eq!(refusal(&["a", "b", "c"], None, None, true), three);
    assert_eq!(refusal(&["a", "b", "c"], Some(3), None, true), three);
    assert_eq!(refusal(&["a", "b", "c"], Some(2), None, true), Ok(()));
    assert_eq!(refusal(&["a", "b", "c"], None, None, false), Ok(()));
    let two =
        refused(&format!("expected datasets of 3 or more owners, and minimum_parties below their number, {since}"));
    assert_eq!(refusal(&["a", "b"], None, None, true), two);
    // The contributors of a key in the list are its owners.
    let owners = "since its contributors are the owners that have a key";
    let list = refused(&format!("expected a minimum_group_size of at most 2, {owners}, {since}"));
    assert_eq!(refusal(&["a", "b", "c"], None, Some(3), true), list);
    assert_eq!(refusal(&["a", "b", "c"], None, Some(2), true), Ok(()));
    assert_eq!(refusal(&["a", "b", "c"], None, Some(3), false), Ok(()));
    assert_eq!(
        refusal(&["a", "b", "c"], None, Some(4), false),
        refused(&format!("expected a minimum_group_size of at most 3, {owners}"))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// What leaves has enough different patients of others for every single owner; and where no patient is at two owners,
    /// everything that has leaves.
    #[test]
    fn what_leaves_is_large_enough_for_every_owner_alone(
        rows in proptest::collection::vec(proptest::collection::vec((0..3_u8, 0..40_u8), 0..14), 2..5),
        shared: bool,
        minimum in 1..5_u64,
    ) {
        let owners = ["a", "b", "c", "a"];
        let owners = owners.get(..rows.len()).unwrap();
        let rows: Vec<Vec<(&str, u8)>> = rows.iter().enumerate().map(|(place, rows)| {
            let own = |patient: u8| if shared { patient % 8 } else { patient % 20 + 20 * u8::try_from(place).unwrap() };
            rows.iter().map(|(ward, patient)| (["ear", "eye", "arm"][usize::from(*ward)], own(*patient))).collect()
        }).collect();
        let texts: Vec<String> = rows.iter().map(|rows| text(rows)).collect();
        let (csv, _) = released(&wards(owners, true, minimum), &texts);
        for ward in ["ear", "eye", "arm"] {
            let left = |owner: &str| {
                let others = rows.iter().zip(owners).filter(|(_, other)| **other != owner).flat_map(|(rows, _)| rows);
                let patients: std::collections::BTreeSet<u8> =
                    others.filter(|(there, _)| *there == ward).map(|(_, patient)| *patient).collect();
                u64::try_from(patients.len()).unwrap()
            };
            let least = owners.iter().map(|owner| left(owner)).min().unwrap();
            let leaves = csv.lines().any(|line| line.starts_with(ward));
            prop_assert!(!leaves || least >= minimum, "{ward}: {least} left of {csv}");
            prop_assert!(shared || leaves || least < minimum, "{ward}: {least} left, suppressed");
        }
    }
}
