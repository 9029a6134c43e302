//! The programs on the example data, against the answers that were computed without any code of Sealroom
//! (`examples/answers`). Stories whose data is fetched, not committed, say that they did not run where it is missing.

#[path = "../../../../tests/support/not_run.rs"]
mod not_run;

use super::{csv, result, run, terms};
use not_run::not_run;
use sealroom_protocol::contract::{ArgumentValue, Column, ColumnKind, Dataset, ProgramTerms, Terms};
use sealroom_protocol::table::result::ResultPlaintext;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn examples(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples").join(path)
}

fn answer(name: &str) -> Value {
    serde_json::from_slice(&fs::read(examples(&format!("answers/{name}.json"))).unwrap()).unwrap()
}

/// The files of a story; none, with a word about it, where they were not fetched.
fn fetched(folder: &str, names: &[&str]) -> Option<Vec<String>> {
    let texts = names.iter().map(|name| fs::read_to_string(examples(&format!("data/{folder}/{name}.csv"))).ok());
    let texts = texts.collect::<Option<Vec<_>>>();
    if texts.is_none() {
        let folder = format!("examples/data/{folder} is not there; examples/data/fetch brings it");
        not_run("a story's answer from its programs", &folder);
    }
    texts
}

/// The rows of an answer as text, nulls as empty cells.
fn rows(answer: &Value, columns: &[usize]) -> Vec<Vec<String>> {
    let cell = |cell: &Value| match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let row = |row: &Value| columns.iter().map(|column| cell(&row[*column])).collect();
    answer["rows"].as_array().unwrap().iter().map(row).collect()
}

/// The rows of a result whose cells need no quotes, but that an income may.
fn released(result: &ResultPlaintext) -> Vec<Vec<String>> {
    result.csv.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn list(values: &[&str]) -> ArgumentValue {
    ArgumentValue::from(values)
}

fn patients(name: &str) -> Dataset {
    Dataset::new(
        name,
        name,
        1_000,
        vec![
            Column::integer("age", 18, 110),
            Column::one_of("sex", &["Female", "Male"]),
            Column::one_of("cp", &["asymptomatic", "atypical angina", "non-anginal", "typical angina"]),
            Column::integer("trestbps", 50, 300).or_null(),
            Column::integer("chol", 50, 1_000).or_null(),
            Column::boolean("fbs").or_null(),
            Column::one_of("restecg", &["lv hypertrophy", "normal", "st-t abnormality"]).or_null(),
            Column::integer("thalch", 40, 250).or_null(),
            Column::boolean("exang").or_null(),
            Column::decimal("oldpeak", 1, -50, 100).or_null(),
            Column::one_of("slope", &["downsloping", "flat", "upsloping"]).or_null(),
            Column::integer("ca", 0, 3).or_null(),
            Column::one_of("thal", &["fixed defect", "normal", "reversable defect"]).or_null(),
            Column::integer("num", 0, 4),
        ],
    )
}

const HOSPITALS: [&str; 4] = ["cleveland", "budapest", "zurich", "long-beach"];

fn hospitals() -> Vec<String> {
    HOSPITALS.iter().map(|name| fs::read_to_string(examples(&format!("data/heart/{name}.csv"))).unwrap()).collect()
}

#[test]
fn four_hospitals_by_age_and_sex_come_to_the_independent_answer() {
    let program = ProgramTerms::native("statistics").with("group_by", list(&["age:10", "sex"])).with(
        "measures",
        list(&[
            "count",
            "matching:num>0",
            "percent:num > 0",
            "known:trestbps",
            "mean:trestbps",
            "known:chol",
            "mean:chol",
            "known:thalch",
            "mean:thalch",
        ]),
    );
    let count = |name| Column::integer(name, 0, 10_000);
    let mean = |name| Column::decimal(name, 2, 0, 100_000);
    let columns = vec![
        Column::integer("age_band", 0, 200),
        Column::text("sex", 6),
        count("patients"),
        count("diseased"),
        Column::decimal("prevalence_percent", 1, 0, 1_000),
        count("trestbps_known"),
        mean("trestbps_mean"),
        count("chol_known"),
        mean("chol_mean"),
        count("thalch_known"),
        mean("thalch_mean"),
    ];
    let terms = terms(program, HOSPITALS.map(patients).to_vec(), vec![result("prevalence", columns, 10)]);
    let texts = hospitals();
    let texts: Vec<_> = HOSPITALS.into_iter().zip(texts.iter().map(String::as_str)).collect();
    let results = run(&terms, &texts).unwrap();
    let answer = answer("heart-by-age-and-sex");
    assert_eq!(released(&results["prevalence"]), rows(&answer, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    assert_eq!(answer["suppressed"], results["prevalence"].outcome.suppressed);
}

#[test]
fn the_measures_of_all_patients_come_to_the_independent_answer() {
    let measures = ["age", "chol", "oldpeak", "thalch", "trestbps"];
    let mut results = Vec::new();
    let mut program = ProgramTerms::native("statistics");
    for name in measures {
        let kind = if name == "oldpeak" {
            ColumnKind::Decimal { scale: 1, minimum: -1_000, maximum: 100_000 }
        } else {
            ColumnKind::Integer { minimum: 0, maximum: 1_000_000 }
        };
        let same = |column: &str| Column::new(column, kind.clone());
        let exact = |column: &str| Column::decimal(column, 4, 0, 100_000_000);
        let columns = vec![
            Column::integer("count", 0, 10_000),
            same("sum"),
            exact("mean"),
            exact("variance"),
            same("minimum"),
            same("q25"),
            same("q50"),
            same("q75"),
            same("maximum"),
        ];
        let of = |measure: &str| format!("{measure}:{name}");
        let list: Vec<String> =
            ["known", "sum", "mean", "variance", "minimum", "quantile:25", "quantile:50", "quantile:75", "maximum"]
                .map(of)
                .to_vec();
        let list: Vec<&str> = list.iter().map(String::as_str).collect();
        program = program.with(&format!("measures-{name}"), ArgumentValue::from(list.as_slice()));
        results.push(result(name, columns, 10));
    }
    let terms = terms(program, HOSPITALS.map(patients).to_vec(), results);
    let texts = hospitals();
    let texts: Vec<_> = HOSPITALS.into_iter().zip(texts.iter().map(String::as_str)).collect();
    let answer = rows(&answer("heart-statistics"), &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let results = run(&terms, &texts).unwrap();
    for (name, expected) in measures.into_iter().zip(answer) {
        assert_eq!([vec![name.to_owned()], released(&results[name]).remove(0)].concat(), expected);
    }
}

fn flights(name: &str, carrier: &str) -> Dataset {
    Dataset::new(
        name,
        name,
        100_000,
        vec![
            Column::one_of("carrier", &[carrier]),
            Column::integer("flight", 1, 9_999),
            Column::integer("month", 1, 12),
            Column::integer("day", 1, 31),
            Column::one_of("origin", &["EWR", "JFK", "LGA"]),
            Column::text("dest", 3),
            Column::text("tailnum", 6).or_null(),
            Column::integer("dep_delay", -120, 2_880).or_null(),
            Column::integer("arr_delay", -120, 2_880).or_null(),
        ],
    )
}

#[test]
fn airlines_learn_their_own_delays_and_the_industrys() {
    let names = ["united", "delta", "us-airways", "planes"];
    let Some(texts) = fetched("fetched/airlines", &names) else { return };
    let planes = Dataset::new(
        "planes",
        "lessor",
        10_000,
        vec![
            Column::text("tailnum", 6),
            Column::integer("year", 1_900, 2_013).or_null(),
            Column::integer("age", 0, 113).or_null(),
            Column::text("manufacturer", 40),
            Column::integer("seats", 1, 1_000),
        ],
    );
    let columns = || {
        vec![
            Column::text("manufacturer", 40),
            Column::integer("age_band", 0, 110).or_null(),
            Column::integer("flights", 0, 1_000_000),
            Column::integer("arrived", 0, 1_000_000),
            Column::integer("sum_arr_delay", i64::MIN, i64::MAX),
            Column::decimal("mean_arr_delay", 2, -100_000, 100_000),
            Column::integer("carriers", 0, 3),
        ]
    };
    let carriers = &names[..3];
    let mut program = ProgramTerms::native("join-and-aggregate")
        .with("datasets", list(carriers))
        .with("joins", list(&["inner planes on tailnum"]))
        .with("group_by", list(&["planes.manufacturer", "planes.age:10"]))
        .with("measures", list(&["count", "known:arr_delay", "sum:arr_delay", "mean:arr_delay", "distinct:carrier"]));
    let mut results = vec![result("industry", columns(), 30)];
    for carrier in carriers {
        program = program.with(&format!("datasets-{carrier}"), list(&[carrier]));
        results.push(result(carrier, columns(), 30));
    }
    let datasets = vec![flights("united", "UA"), flights("delta", "DL"), flights("us-airways", "US"), planes];
    let terms = terms(program, datasets, results);
    let texts: Vec<_> = names.into_iter().zip(texts.iter().map(String::as_str)).collect();
    let results = run(&terms, &texts).unwrap();
    for name in ["industry", "united", "delta", "us-airways"] {
        let answer = answer(&format!("airlines-{name}"));
        assert_eq!(released(&results[name]), rows(&answer, &[0, 1, 2, 3, 4, 5, 6]), "{name}");
        assert_eq!(answer["suppressed"], results[name].outcome.suppressed, "{name}");
    }
}

#[test]
fn two_mail_providers_learn_what_their_lists_share() {
    let names = ["disposable-email-domains", "mailchecker"];
    let Some(texts) = fetched("fetched/mail", &names) else { return };
    let domains = |name| Dataset::new(name, name, 1_000_000, vec![Column::text("domain", 253)]);
    let program = ProgramTerms::native("overlap")
        .with("key", list(&["domain"]))
        .with("count_result", "overlap-size".into())
        .with("list_result", "shared".into());
    let results = vec![
        result("overlap-size", vec![Column::integer("overlap", 0, 1_000_000)], 1),
        result("shared", vec![Column::text("domain", 253)], 1),
    ];
    let terms = terms(program, names.map(domains).to_vec(), results);
    let texts: Vec<_> = names.into_iter().zip(texts.iter().map(String::as_str)).collect();
    let answer = answer("mail-overlap");
    assert_eq!(csv(&terms, &texts, "overlap-size"), format!("overlap\n{}\n", answer["rows"][0][2]));
    let shared = csv(&terms, &texts, "shared");
    let digest = sealroom_protocol::hash::sha256(shared.strip_prefix("domain\n").unwrap().as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(answer["list_sha256"], digest.as_str());
}

fn campaign(sales: &str) -> Terms {
    let household = || Column::integer("household_id", 1, 99_999);
    let sales_columns = vec![
        household(),
        Column::integer("week", 1, 53),
        Column::integer("day", 1, 366),
        Column::integer("quantity", 0, 1_000_000),
        Column::decimal("sales_value", 2, 0, 1_000_000),
    ];
    let households = vec![
        household(),
        Column::text("age", 5),
        Column::text("income", 9),
        Column::text("household_size", 2),
        Column::text("kids_count", 2),
    ];
    let program = ProgramTerms::native("join-and-aggregate")
        .with("datasets", list(&["households"]))
        .with("joins", list(&["flag exposures on household_id", &format!("left {sales} on household_id")]))
        .with("where", list(&["exposures.campaign_id = 18"]))
        .with("unit", "household_id".into())
        .with("group_by", list(&["income", "exposures.matched"]))
        .with(
            "measures",
            list(&[
                "units",
                &format!("units:{sales}.sales_value"),
                &format!("known:{sales}.sales_value"),
                &format!("sum:{sales}.sales_value"),
                &format!("mean_per_unit:{sales}.sales_value"),
            ]),
        );
    let columns = vec![
        Column::text("income", 9),
        Column::boolean("exposed"),
        Column::integer("households", 0, 10_000),
        Column::integer("buyers", 0, 10_000),
        Column::integer("lines", 0, 10_000_000),
        Column::decimal("total_sales", 2, 0, 1_000_000_000_000),
        Column::decimal("mean_sales", 2, 0, 1_000_000_000_000),
    ];
    let datasets = vec![
        Dataset::new("households", "bureau", 10_000, households),
        Dataset::new(sales, "retailer", 2_000_000, sales_columns),
        Dataset::new("exposures", "advertiser", 100_000, vec![household(), Column::integer("campaign_id", 1, 99)]),
    ];
    terms(program, datasets, vec![result("lift", columns, 20)])
}

#[test]
fn sales_of_households_that_a_campaign_reached_come_to_the_independent_answer() {
    for (sales, name) in [("sales-in-campaign", "campaign-in-campaign"), ("sales", "campaign-whole-year")] {
        let names = ["households", sales, "exposures"];
        let Some(texts) = fetched("fetched/campaign", &names) else { return };
        let texts: Vec<_> = names.into_iter().zip(texts.iter().map(String::as_str)).collect();
        let results = run(&campaign(sales), &texts).unwrap();
        let answer = answer(name);
        assert_eq!(released(&results["lift"]), rows(&answer, &[0, 1, 2, 3, 4, 5, 6]), "{name}");
        assert_eq!(answer["suppressed"], results["lift"].outcome.suppressed, "{name}");
    }
}
