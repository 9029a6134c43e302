//! The programs against a few lines that do the same the slow way, on random tables.

use super::{result, run_seeded, terms};
use proptest::prelude::*;
use sealroom_protocol::contract::{ArgumentValue, Column, Dataset, ProgramTerms};
use std::collections::{BTreeMap, BTreeSet};

/// A fact: key, group, value.
type Fact = (Option<i64>, Option<u8>, Option<i64>);
/// A row that is joined to it: key, name.
type Name = (i64, u8);

fn fact() -> impl Strategy<Value = Fact> {
    (
        prop::option::weighted(0.9, -4..5_i64),
        prop::option::weighted(0.9, 0..3_u8),
        prop::option::weighted(0.8, -50..50_i64),
    )
}

fn text<T>(header: &str, rows: &[T], row: impl Fn(&T) -> String) -> String {
    rows.iter().fold(format!("{header}\n"), |text, each| text + &row(each) + "\n")
}

fn cell<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn list(values: &[&str]) -> ArgumentValue {
    ArgumentValue::from(values)
}

/// Nearest, the even one of two, by trying: the unit that is not farther than its neighbours.
fn rounded(numerator: i64, denominator: i64) -> i64 {
    let floor = numerator.div_euclid(denominator);
    let twice = 2 * numerator.rem_euclid(denominator);
    floor + i64::from(twice > denominator || (twice == denominator && floor % 2 != 0))
}

/// One group's values, null or not, and its keys.
#[derive(Default)]
struct Group {
    values: Vec<Option<i64>>,
    keys: BTreeSet<i64>,
}

fn expected(facts: &[Fact], names: &[Name], kind: &str, minimum: usize) -> String {
    let mut groups: BTreeMap<(bool, String, bool, u8), Group> = BTreeMap::new();
    for (key, group, value) in facts {
        let mut matches: Vec<String> =
            names.iter().filter(|(there, _)| Some(*there) == *key).map(|(_, name)| format!("n{name}")).collect();
        if matches.is_empty() && kind == "left" {
            matches.push(String::new());
        }
        for name in matches {
            let at = (name.is_empty(), name, group.is_none(), group.unwrap_or(0));
            let group = groups.entry(at).or_default();
            group.values.push(*value);
            group.keys.extend(key);
        }
    }
    let mut csv = "name,group,rows,keys,known,positive,sum,mean,least,median\n".to_owned();
    for ((_, name, none, group), Group { values, keys }) in groups {
        let mut known: Vec<i64> = values.iter().flatten().copied().collect();
        known.sort_unstable();
        if known.len().min(values.len()) < minimum {
            continue;
        }
        let count = i64::try_from(known.len()).unwrap();
        let sum: i64 = known.iter().sum();
        let mean = rounded(sum * 10, count);
        let mean = format!("{}{}.{}", if mean < 0 { "-" } else { "" }, mean.abs() / 10, mean.abs() % 10);
        csv += &format!(
            "{name},{},{},{},{count},{},{sum},{mean},{},{}\n",
            cell((!none).then_some(group)),
            values.len(),
            keys.len(),
            known.iter().filter(|value| **value > 0).count(),
            known[0],
            known[known.len().div_ceil(2) - 1],
        );
    }
    csv
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn join_and_aggregate_does_what_two_loops_do(
        facts in prop::collection::vec(fact(), 0..60),
        names in prop::collection::vec((-4..5_i64, 0..3_u8), 0..12),
        left in any::<bool>(),
        minimum in 1..4_usize,
        split in 0..60_usize,
        seed in any::<u64>(),
    ) {
        let kind = if left { "left" } else { "inner" };
        let columns = vec![
            Column::integer("key", -9, 9).or_null(),
            Column::integer("group", 0, 9).or_null(),
            Column::integer("value", -99, 99).or_null(),
        ];
        let program = ProgramTerms::native("join-and-aggregate")
            .with("datasets", list(&["a", "b"]))
            .with("joins", list(&[&format!("{kind} names on key")]))
            .with("group_by", list(&["names.name", "group"]))
            .with("measures", list(&[
                "count", "distinct:key", "known:value", "matching:value>0", "sum:value", "mean:value", "minimum:value", "quantile:50:value",
            ]));
        let count = |name| Column::integer(name, 0, 99_999);
        let output = vec![
            Column::text("name", 2).or_null(), Column::integer("group", 0, 9).or_null(), count("rows"), count("keys"),
            count("known"), count("positive"), Column::integer("sum", -99_999, 99_999), Column::decimal("mean", 1, -999, 999),
            Column::integer("least", -99, 99), Column::integer("median", -99, 99),
        ];
        let datasets = vec![
            Dataset::new("a", "a", 100, columns.clone()),
            Dataset::new("b", "b", 100, columns),
            Dataset::new("names", "c", 100, vec![Column::integer("key", -9, 9), Column::text("name", 2)]),
        ];
        let terms = terms(program, datasets, vec![result("out", output, u64::try_from(minimum).unwrap())]);
        let row = |(key, group, value): &Fact| format!("{},{},{}", cell(*key), cell(*group), cell(*value));
        let (a, b) = facts.split_at(split.min(facts.len()));
        let texts = [
            ("a", text("key,group,value", a, row)),
            ("b", text("key,group,value", b, row)),
            ("names", text("key,name", &names, |(key, name)| format!("{key},n{name}"))),
        ];
        let texts = texts.each_ref().map(|(name, text)| (*name, text.as_str()));
        let released = run_seeded(&terms, &texts, seed).unwrap().remove("out").unwrap();
        prop_assert_eq!(released.csv, expected(&facts, &names, kind, minimum));
    }

    #[test]
    fn overlap_does_what_sets_do(
        tables in prop::collection::vec(prop::collection::vec("[a-c]{0,2}", 0..20), 2..5),
        minimum in 2..5_usize,
        seed in any::<u64>(),
    ) {
        let minimum = minimum.min(tables.len());
        let names: Vec<String> = (0..tables.len()).map(|number| format!("d{number}")).collect();
        let datasets = names.iter().map(|name| Dataset::new(name, name, 100, vec![Column::text("key", 2)])).collect();
        let program = ProgramTerms::native("overlap")
            .with("key", "key".into())
            .with("minimum_parties", i64::try_from(minimum).unwrap().into())
            .with("list_result", "shared".into());
        let terms = terms(program, datasets, vec![result("shared", vec![Column::text("key", 2)], 1)]);
        let quoted = |key: &String| if key.is_empty() { "\"\"".to_owned() } else { key.clone() };
        let texts: Vec<String> = tables.iter().map(|table| text("key", table, quoted)).collect();
        let texts: Vec<_> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
        let sets: Vec<BTreeSet<&String>> = tables.iter().map(|table| table.iter().collect()).collect();
        let all: BTreeSet<&String> = sets.iter().flatten().copied().collect();
        let shared: Vec<&String> =
            all.into_iter().filter(|key| sets.iter().filter(|set| set.contains(key)).count() >= minimum).collect();
        let released = run_seeded(&terms, &texts, seed).unwrap().remove("shared").unwrap();
        prop_assert_eq!(released.csv, text("key", &shared, |key| quoted(key)));
    }
}
