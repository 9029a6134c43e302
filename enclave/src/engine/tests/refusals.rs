//! What a plan refuses before any data, and how it says so.

use super::{plan, result, terms};
use sealroom_protocol::contract::{ArgumentValue, Column, Dataset, ProgramTerms, Terms};

fn list(values: &[&str]) -> ArgumentValue {
    ArgumentValue::from(values)
}

fn good() -> Terms {
    let flights = |name| {
        let columns = vec![
            Column::text("tail", 6).or_null(),
            Column::integer("delay", -99, 999).or_null(),
            Column::boolean("late"),
        ];
        Dataset::new(name, name, 10, columns)
    };
    let planes = vec![Column::text("tail", 6), Column::integer("age", 0, 99).or_null(), Column::text("maker", 20)];
    let program = ProgramTerms::native("join-and-aggregate")
        .with("datasets", list(&["delta", "united"]))
        .with("joins", list(&["inner planes on tail"]))
        .with("group_by", list(&["planes.maker", "planes.age:10"]))
        .with("measures", list(&["count", "mean:delay"]));
    let columns = vec![
        Column::text("maker", 20),
        Column::integer("age", 0, 99).or_null(),
        Column::integer("flights", 0, 99),
        Column::decimal("delay", 1, -999, 9_999),
    ];
    let datasets = vec![flights("delta"), flights("united"), Dataset::new("planes", "lessor", 10, planes)];
    terms(program, datasets, vec![result("delays", columns, 10)])
}

fn refusal(change: impl FnOnce(&mut Terms)) -> String {
    let mut terms = good();
    change(&mut terms);
    plan(&terms).unwrap_err().to_string()
}

fn with(argument: &str, value: impl Into<ArgumentValue>) -> String {
    let value = value.into();
    refusal(|terms| drop(terms.program.arguments.insert(argument.to_owned(), value)))
}

#[test]
fn a_plan_that_fits_its_contract_is_made() {
    assert!(plan(&good()).is_ok());
}

#[test]
fn an_argument_that_the_program_does_not_have_is_refused_with_those_it_has() {
    assert_eq!(
        with("groupby", "age"),
        "there is no argument \"groupby\"; this program has datasets, datasets-delays, group_by, group_by-delays, joins, \
         measures, measures-delays, unit, where"
    );
    assert_eq!(
        refusal(|terms| drop(terms.program.arguments.remove("datasets"))),
        "the argument \"datasets\" is missing, expected the datasets whose rows are united"
    );
    assert_eq!(with("unit", 7), "the argument \"unit\" is not what it should be, expected a text");
    assert_eq!(
        with("measures", list(&["count", "count"])),
        "the argument \"measures\" is not what it should be, expected a list of texts without repetition"
    );
}

#[test]
fn a_dataset_or_column_that_does_not_exist_is_named() {
    assert_eq!(
        with("datasets", list(&["delta", "lufthansa"])),
        "the argument \"datasets\" names \"lufthansa\", which is no dataset here; expected one of delta, united, planes"
    );
    assert_eq!(
        with("group_by", list(&["makers.maker"])),
        "the argument \"group_by\" names \"makers\", which is no dataset here; expected one of planes"
    );
    assert_eq!(
        with("group_by", list(&["planes.name"])),
        "the argument \"group_by\" names the column \"name\", which the dataset \"planes\" does not have"
    );
    assert_eq!(
        refusal(|terms| terms.datasets[1].columns[1].name = "late2".to_owned()),
        "the argument \"measures\" names the column \"delay\", which the dataset \"united\" does not have"
    );
    assert_eq!(
        refusal(|terms| terms.datasets[1].columns[1] = Column::decimal("delay", 1, 0, 9)),
        "the argument \"measures\" names the column \"united.delay\", expected the same type in all united datasets"
    );
    assert_eq!(
        with("datasets-delays", list(&["planes"])),
        "the argument \"datasets-delays\" names \"planes\", which is no dataset here; expected one of delta, united"
    );
}

#[test]
fn a_join_must_be_of_another_dataset_on_keys_of_one_type() {
    let form = "the argument \"joins\" is not what it should be, expected joins such as \"inner planes on tailnum\": inner, \
                left or flag, a dataset, on, and pairs of key columns";
    for text in ["planes on tail", "inner planes", "outer planes on tail"] {
        assert_eq!(with("joins", list(&[text])), form, "{text}");
    }
    assert_eq!(
        with("joins", list(&["inner delta on tail"])),
        "the argument \"joins\" is not what it should be, expected each dataset once; \"delta\" is there already"
    );
    assert_eq!(
        with("joins", list(&["inner planes on delay=tail"])),
        "the argument \"joins\" names the column \"planes.tail\", expected the type (and scale) of delay"
    );
    assert_eq!(
        with("joins", list(&["flag planes on tail"])),
        "the argument \"group_by\" names the column \"planes.maker\", expected planes.matched, the one column of a flag join"
    );
}

#[test]
fn a_measure_must_be_one_that_there_is_of_a_column_that_can_have_it() {
    assert!(with("measures", list(&["count", "median:delay"])).starts_with(
        "the argument \"measures\" is not what it should be, expected measures such as count, units, known:c"
    ));
    assert_eq!(
        with("measures", list(&["count", "mean:late"])),
        "the argument \"measures\" names the column \"late\", expected an integer or decimal column"
    );
    assert_eq!(
        with("measures", list(&["count", "quantile:100:delay"])),
        "the argument \"measures\" is not what it should be, expected quantile:PERCENT:column with 1 to 99 percent"
    );
    assert_eq!(
        with("measures", list(&["units", "mean:delay"])),
        "the argument \"measures\" is not what it should be, expected the argument unit, where a measure is by units"
    );
    assert_eq!(
        with("measures", list(&["matching:delay~0", "mean:delay"])),
        "the argument \"measures\" is not what it should be, expected a comparison such as \"num > 0\", with one of = != < <= > >="
    );
    assert_eq!(
        with("measures", list(&["matching:delay>soon", "mean:delay"])),
        "the argument \"measures\" is not what it should be, expected after the sign of \"delay\" a value of the column's type"
    );
    assert_eq!(
        with("group_by", list(&["planes.maker:10", "planes.age"])),
        "the argument \"group_by\" names the column \"planes.maker\", expected an integer column, since only these have bands"
    );
}

#[test]
fn a_result_must_have_a_column_for_each_group_and_measure_that_can_hold_it() {
    assert_eq!(
        refusal(|terms| drop(terms.results[0].columns.pop())),
        "the result \"delays\": expected one column for each of group_by and measures, in this order; it has 3"
    );
    assert_eq!(
        refusal(|terms| terms.results[0].columns.push(Column::boolean("more"))),
        "the result \"delays\": expected one column for each of group_by and measures, in this order; it has 5"
    );
    let column = |place: usize, column: Column| refusal(|terms| terms.results[0].columns[place] = column);
    assert_eq!(
        column(0, Column::text("maker", 19)),
        "the result \"delays\", column \"maker\": expected text of at least 20 bytes without a list of values"
    );
    assert_eq!(
        column(1, Column::integer("age", 0, 89).or_null()),
        "the result \"delays\", column \"age\": expected an integer that may be from 0 to 90"
    );
    assert_eq!(
        column(1, Column::integer("age", 0, 99)),
        "the result \"delays\", column \"age\": expected a column that may be null, since its source may be"
    );
    assert_eq!(
        column(2, Column::decimal("flights", 1, 0, 99)),
        "the result \"delays\", column \"flights\": expected an integer, for a count"
    );
    assert_eq!(
        column(3, Column::text("delay", 9)),
        "the result \"delays\", column \"delay\": expected a decimal or an integer"
    );
    assert_eq!(
        refusal(|terms| {
            terms.program.arguments.insert("measures".to_owned(), list(&["count", "variance:delay"]));
            terms.results[0].rules.minimum_group_size = 1;
        }),
        "the result \"delays\", column \"delay\": expected a column that may be null (one value has no variance), or groups of 2"
    );
}

#[test]
fn an_overlap_needs_two_datasets_one_kind_of_key_and_a_use_for_each_result() {
    let overlap = |change: &dyn Fn(&mut Terms)| {
        let datasets =
            ["a", "b"].map(|name| Dataset::new(name, name, 9, vec![Column::text("key", 9), Column::boolean("flag")]));
        let program = ProgramTerms::native("overlap").with("key", "key".into()).with("count_result", "size".into());
        let mut terms = terms(program, datasets.to_vec(), vec![result("size", vec![Column::integer("n", 0, 9)], 1)]);
        change(&mut terms);
        plan(&terms).map(drop).map_err(|refusal| refusal.to_string())
    };
    assert_eq!(overlap(&|_| {}), Ok(()));
    let with = |argument: &str, value: ArgumentValue| {
        overlap(&|terms| drop(terms.program.arguments.insert(argument.to_owned(), value.clone()))).unwrap_err()
    };
    assert_eq!(
        with("datasets", list(&["a"])),
        "the argument \"datasets\" is not what it should be, expected 2 to 64 datasets"
    );
    assert_eq!(
        with("key-b", "flag".into()),
        "the argument \"key-b\" is not what it should be, expected as many key columns as in the first dataset, of the same types"
    );
    assert_eq!(
        with("minimum_parties", 1.into()),
        "the argument \"minimum_parties\" is not what it should be, expected 2 to 2, the number of their owners"
    );
    // A party is one, however many datasets it brings.
    let both_by = |owners: [&str; 3], minimum: i64| {
        overlap(&|terms| {
            let column = || vec![Column::text("key", 9), Column::boolean("flag")];
            let names = ["a", "b", "c"].into_iter().zip(owners);
            terms.datasets = names.map(|(name, owner)| Dataset::new(name, owner, 9, column())).collect();
            drop(terms.program.arguments.insert("minimum_parties".to_owned(), minimum.into()));
        })
    };
    assert_eq!(both_by(["x", "y", "x"], 2), Ok(()));
    assert_eq!(
        both_by(["x", "y", "x"], 3).unwrap_err(),
        "the argument \"minimum_parties\" is not what it should be, expected 2 to 2, the number of their owners"
    );
    assert_eq!(
        both_by(["x", "x", "x"], 2).unwrap_err(),
        "the argument \"datasets\" is not what it should be, expected datasets of 2 or more parties"
    );
    assert_eq!(
        with("list_result", "which".into()),
        "the argument \"list_result\" is not what it should be, expected the name of a result of the contract"
    );
    assert_eq!(
        with("count_result", "other".into()),
        "the result \"size\": expected it to be named by count_result or list_result"
    );
    assert_eq!(
        overlap(&|terms| terms.results[0].columns[0] = Column::boolean("n")),
        Err("the result \"size\": expected one integer column, for the count".to_owned())
    );
}
