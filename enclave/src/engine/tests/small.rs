//! The programs on tables small enough to compute by hand, and what stops a run.

use super::{csv, plan, result, run, terms};
use sealroom_enclave_core::program::ProgramFailure;
use sealroom_protocol::contract::{ArgumentValue, Column, Dataset, Limits, ProgramTerms, Terms};

fn list(values: &[&str]) -> ArgumentValue {
    ArgumentValue::from(values)
}

fn count(name: &str) -> Column {
    Column::integer(name, 0, 1_000)
}

/// One clinic's patients; `site` is a text so that unions have to agree on codes.
fn clinic(name: &str) -> Dataset {
    let columns = vec![
        Column::integer("age", -20, 120),
        Column::text("site", 4),
        Column::decimal("dose", 1, -1_000, 1_000).or_null(),
        Column::boolean("ill"),
    ];
    Dataset::new(name, name, 100, columns)
}

const NORTH: &str = "age,site,dose,ill\n41,x,1.5,true\n49,y,,false\n-1,x,2.0,true\n";
const SOUTH: &str = "age,site,dose,ill\n40,x,0.5,false\n50,y,-1.0,true\n";

fn clinics(measures: &[&str], group_by: &[&str], columns: Vec<Column>, minimum: u64) -> Terms {
    let program = ProgramTerms::native("statistics").with("measures", list(measures)).with("group_by", list(group_by));
    terms(program, vec![clinic("north"), clinic("south")], vec![result("out", columns, minimum)])
}

const CLINICS: [(&str, &str); 2] = [("north", NORTH), ("south", SOUTH)];

#[test]
fn statistics_unites_rows_and_groups_them_by_bands() {
    let columns = vec![
        Column::integer("age", -20, 120),
        count("rows"),
        count("ill"),
        Column::decimal("share", 3, 0, 1_000),
        Column::decimal("dose", 2, -10_000, 10_000),
        count("sites"),
    ];
    let terms = clinics(
        &["count", "matching:ill=true", "share:ill = true", "mean:dose", "distinct:site"],
        &["age:10"],
        columns,
        1,
    );
    // 40 to 49: doses 1.5 and 0.5, one unknown; -10 to -1: 2.0; 50 to 59: -1.0.
    assert_eq!(
        csv(&terms, &CLINICS, "out"),
        "age,rows,ill,share,dose,sites\n-10,1,1,1.000,2.00,1\n40,3,1,0.333,1.00,2\n50,1,1,1.000,-1.00,1\n"
    );
}

#[test]
fn a_band_is_a_label_where_the_result_is_text() {
    let terms =
        clinics(&["count"], &["age:50", "ill"], vec![Column::text("age", 9), Column::boolean("ill"), count("n")], 1);
    assert_eq!(csv(&terms, &CLINICS, "out"), "age,ill,n\n-50--1,true,1\n0-49,false,2\n0-49,true,1\n50-99,true,1\n");
}

#[test]
fn statistics_without_groups_has_one_row_and_none_of_no_rows() {
    let number = |name| Column::decimal(name, 1, -1_000, 1_000).or_null();
    let columns = vec![
        count("rows"),
        count("known"),
        number("sum"),
        Column::decimal("variance", 4, 0, 1_000_000).or_null(),
        number("minimum"),
        number("median"),
        number("maximum"),
    ];
    let measures =
        ["count", "known:dose", "sum:dose", "variance:dose", "minimum:dose", "quantile:50:dose", "maximum:dose"];
    let terms = clinics(&measures, &[], columns, 1);
    // Doses -1.0 0.5 1.5 2.0: sum 3, squares 7.5, variance (4 * 7.5 - 9) / 12 = 1.75; median is the second.
    assert_eq!(
        csv(&terms, &CLINICS, "out"),
        "rows,known,sum,variance,minimum,median,maximum\n5,4,3.0,1.7500,-1.0,0.5,2.0\n"
    );
    let nobody = [("north", "age,site,dose,ill\n"), ("south", "age,site,dose,ill\n")];
    assert_eq!(csv(&terms, &nobody, "out"), "rows,known,sum,variance,minimum,median,maximum\n");
}

#[test]
fn a_row_is_suppressed_when_one_of_its_cells_stands_on_too_few() {
    let columns = [Column::text("site", 4), count("rows"), Column::decimal("dose", 1, -1_000, 1_000)];
    // Site x has three doses; site y two rows, but one dose.
    let of = |measures: &[&str]| {
        let columns = columns.get(..measures.len() + 1).unwrap().to_vec();
        let terms = clinics(measures, &["site"], columns, 2);
        let released = run(&terms, &CLINICS).unwrap().remove("out").unwrap();
        (released.csv, released.outcome.suppressed)
    };
    assert_eq!(of(&["count", "mean:dose"]), ("site,rows,dose\nx,3,1.3\n".to_owned(), 1));
    assert_eq!(of(&["count"]), ("site,rows\nx,3\ny,2\n".to_owned(), 0));
}

#[test]
fn where_leaves_rows_out_before_anything_is_counted() {
    let mut terms = clinics(&["count"], &[], vec![count("rows")], 1);
    for (condition, rows) in [
        ("age >= 41", 3),
        ("age!=-1", 4),
        ("site=x", 3),
        ("ill = false", 2),
        ("dose > 0.5", 2),
        ("dose <= 0.5", 2),
        ("age<0", 1),
    ] {
        terms.program = terms.program.with("where", list(&[condition]));
        assert_eq!(csv(&terms, &CLINICS, "out"), format!("rows\n{rows}\n"), "{condition}");
    }
    terms.program = terms.program.with("where", list(&["ill=true", "site=x"]));
    assert_eq!(csv(&terms, &CLINICS, "out"), "rows\n2\n");
}

/// Sales and the two things that are joined to them.
fn shop(joins: &[&str], measures: &[&str], group_by: &[&str], columns: Vec<Column>, minimum: u64) -> Terms {
    let program = ProgramTerms::native("join-and-aggregate")
        .with("datasets", list(&["sales"]))
        .with("joins", list(joins))
        .with("measures", list(measures))
        .with("group_by", list(group_by))
        .with("unit", "who".into());
    let sales =
        vec![Column::integer("who", 1, 99).or_null(), Column::text("shop", 2), Column::decimal("paid", 2, 0, 99_999)];
    let people = vec![Column::integer("id", 1, 99), Column::text("town", 4), Column::integer("age", 0, 99).or_null()];
    let offers = vec![Column::integer("who", 1, 99), Column::text("shop", 2), Column::integer("percent", 0, 99)];
    let datasets = vec![
        Dataset::new("sales", "a", 100, sales),
        Dataset::new("people", "b", 100, people),
        Dataset::new("offers", "c", 100, offers),
    ];
    terms(program, datasets, vec![result("out", columns, minimum)])
}

const SHOP: [(&str, &str); 3] = [
    ("sales", "who,shop,paid\n1,p,10.00\n1,q,5.00\n2,p,1.01\n3,p,7.00\n,p,100.00\n"),
    ("people", "id,town,age\n1,Ulm,30\n2,Bonn,\n4,Ulm,50\n"),
    ("offers", "who,shop,percent\n1,p,10\n1,p,20\n3,q,30\n2,p,40\n"),
];

fn paid(name: &str) -> Column {
    Column::decimal(name, 2, 0, 1_000_000)
}

#[test]
fn an_inner_join_keeps_matches_only_and_a_null_key_matches_nothing() {
    let columns = vec![Column::text("town", 4), count("rows"), count("people"), paid("sum"), paid("per")];
    let measures = ["count", "units", "sum:paid", "mean_per_unit:paid"];
    let terms = shop(&["inner people on who=id"], &measures, &["people.town"], columns, 1);
    assert_eq!(csv(&terms, &SHOP, "out"), "town,rows,people,sum,per\nBonn,1,1,1.01,1.01\nUlm,2,1,15.00,15.00\n");
}

#[test]
fn a_left_join_keeps_every_row_and_fills_with_nulls() {
    let columns = vec![Column::text("town", 4).or_null(), count("rows"), paid("sum"), Column::integer("age", 0, 99)];
    let mut terms =
        shop(&["left people on who=id"], &["count", "sum:paid", "maximum:people.age"], &["people.town"], columns, 1);
    // Bonn's age is unknown, and nobody's is known without a town: these rows stand on nothing.
    let released = run(&terms, &SHOP).unwrap().remove("out").unwrap();
    assert_eq!((released.csv.as_str(), released.outcome.suppressed), ("town,rows,sum,age\nUlm,2,15.00,30\n", 2));
    terms.program.arguments.insert("measures".to_owned(), list(&["count", "sum:paid"]));
    terms.results[0].columns.pop();
    // Who 3 has no town; the one without a key is no unit, so the row has two rows and one unit.
    assert_eq!(csv(&terms, &SHOP, "out"), "town,rows,sum\nBonn,1,1.01\nUlm,2,15.00\n,2,107.00\n");
}

#[test]
fn a_flag_join_says_whether_there_is_a_match_and_multiplies_nothing() {
    let columns = vec![Column::boolean("offered"), count("rows"), paid("sum")];
    let mut terms = shop(&["flag offers on who, shop"], &["count", "sum:paid"], &["offers.matched"], columns, 1);
    assert_eq!(csv(&terms, &SHOP, "out"), "offered,rows,sum\nfalse,3,112.00\ntrue,2,11.01\n");
    terms.program.arguments.insert("where".to_owned(), list(&["offers.percent < 20"]));
    assert_eq!(csv(&terms, &SHOP, "out"), "offered,rows,sum\nfalse,4,113.01\ntrue,1,10.00\n");
}

#[test]
fn several_matches_multiply_rows_and_joins_combine() {
    let columns =
        vec![Column::text("town", 4).or_null(), count("rows"), count("people"), Column::integer("percent", 0, 999)];
    let joins = ["left people on who=id", "inner offers on who,shop"];
    let terms = shop(&joins, &["count", "units", "sum:offers.percent"], &["people.town"], columns, 1);
    // Sale 1 p meets two offers, 2 p one; the others none.
    assert_eq!(csv(&terms, &SHOP, "out"), "town,rows,people,percent\nBonn,1,1,40\nUlm,2,1,30\n");
}

#[test]
fn units_contribute_where_the_contract_names_a_unit() {
    let columns = vec![count("rows"), count("people")];
    let terms = shop(&[], &["count", "units"], &[], columns, 4);
    let released = run(&terms, &SHOP).unwrap().remove("out").unwrap();
    assert_eq!((released.csv.as_str(), released.outcome.suppressed), ("rows,people\n", 1), "five rows of three people");
}

#[test]
fn overlap_counts_and_lists_what_enough_parties_share() {
    let dataset = |name: &str, column: &str| {
        Dataset::new(
            name,
            name,
            10,
            vec![Column::integer(column, 0, 99).or_null(), Column::text("t", 4), Column::boolean("b")],
        )
    };
    let datasets = vec![dataset("a", "n"), dataset("b", "n"), dataset("c", "number")];
    let columns = vec![Column::integer("n", 0, 99), Column::text("t", 4)];
    let of = |minimum: i64, smallest: u64| {
        let program = ProgramTerms::native("overlap")
            .with("key", list(&["n", "t"]))
            .with("key-c", list(&["number", "t"]))
            .with("minimum_parties", minimum.into())
            .with("count_result", "size".into())
            .with("list_result", "which".into());
        let results = vec![result("size", vec![count("n")], smallest), result("which", columns.clone(), 1)];
        let terms = terms(program, datasets.clone(), results);
        let texts = [
            ("a", "n,t,b\n7,x,true\n7,x,false\n8,y,true\n,z,true\n"),
            ("b", "n,t,b\n8,y,true\n7,x,true\n,z,true\n9,y,true\n"),
            ("c", "number,t,b\n9,y,true\n8,y,false\n7,y,true\n"),
        ];
        let mut results = run(&terms, &texts).unwrap();
        (results.remove("size").unwrap().csv, results.remove("which").unwrap().csv)
    };
    assert_eq!(of(2, 1), ("n\n3\n".to_owned(), "n,t\n7,x\n8,y\n9,y\n".to_owned()));
    assert_eq!(of(3, 1), ("n\n1\n".to_owned(), "n,t\n8,y\n".to_owned()));
    assert_eq!(of(3, 2).0, "n\n", "an overlap smaller than the minimum is not told");
}

#[test]
fn overlap_counts_a_party_once_however_many_datasets_it_brings() {
    let dataset = |name: &str, owner: &str| Dataset::new(name, owner, 10, vec![Column::integer("n", 0, 99)]);
    let datasets = vec![dataset("a1", "a"), dataset("a2", "a"), dataset("b", "b"), dataset("c", "c")];
    let of = |minimum: i64, smallest: u64| {
        let program = ProgramTerms::native("overlap")
            .with("key", list(&["n"]))
            .with("minimum_parties", minimum.into())
            .with("list_result", "which".into());
        let results = vec![result("which", vec![Column::integer("n", 0, 99)], smallest)];
        let terms = terms(program, datasets.clone(), results);
        let texts = [("a1", "n\n1\n2\n3\n"), ("a2", "n\n1\n2\n"), ("b", "n\n2\n3\n"), ("c", "n\n3\n")];
        run(&terms, &texts).unwrap().remove("which").unwrap().csv
    };
    assert_eq!(of(2, 1), "n\n2\n3\n", "1 stands in two datasets of one party");
    assert_eq!(of(3, 1), "n\n3\n", "2 stands in three datasets of two parties");
    assert_eq!(of(2, 3), "n\n3\n", "nor does a second dataset lift a row over the minimum group size");
}

#[test]
fn a_run_stops_at_its_limits_and_on_wrong_data_and_says_only_that() {
    let columns = vec![Column::text("town", 4), count("rows")];
    let mut terms = shop(&["inner people on who=id"], &["count"], &["people.town"], columns, 1);
    // 3 people, 5 sales, and 3 joined rows.
    terms.limits = Limits::new(1, 256, 11);
    assert!(run(&terms, &SHOP).is_ok());
    terms.limits = Limits::new(1, 256, 10);
    assert_eq!(run(&terms, &SHOP).unwrap_err(), ProgramFailure::Work);
    terms.limits = Limits::new(1, 0, 1_000);
    assert_eq!(run(&terms, &SHOP).unwrap_err(), ProgramFailure::Memory);
    terms.limits = Limits::new(1, 256, 1_000);
    let wrong = [SHOP[0], ("people", "id,town,age\n1,Ulm,30\n2,Bonn or so,\n"), SHOP[2]];
    assert_eq!(run(&terms, &wrong).unwrap_err(), ProgramFailure::Input);
    assert_eq!(run(&terms, &SHOP[1..]).unwrap_err(), ProgramFailure::Input);
}

#[test]
fn a_sum_that_leaves_64_bits_is_a_failure_and_no_wrong_number() {
    let columns = vec![Column::integer("v", i64::MIN, i64::MAX)];
    let datasets = vec![Dataset::new("a", "a", 10, columns.clone())];
    let of = |measure: &str, column: Column| {
        let program = ProgramTerms::native("statistics").with("measures", list(&[measure]));
        let terms = terms(program, datasets.clone(), vec![result("out", vec![column], 1)]);
        plan(&terms).unwrap();
        run(&terms, &[("a", "v\n9223372036854775807\n9223372036854775807\n-9223372036854775808\n")])
            .map(|mut results| results.remove("out").unwrap().csv)
    };
    assert_eq!(
        of("sum:v", columns[0].clone()),
        Ok("v\n9223372036854775806\n".to_owned()),
        "though a part of it does not fit"
    );
    assert_eq!(of("mean:v", Column::integer("m", i64::MIN, i64::MAX)), Ok("m\n3074457345618258602\n".to_owned()));
    assert_eq!(of("mean:v", Column::decimal("m", 9, i64::MIN, i64::MAX)), Err(ProgramFailure::Overflow));
    assert_eq!(of("variance:v", Column::integer("m", 0, i64::MAX).or_null()), Err(ProgramFailure::Overflow));
}
