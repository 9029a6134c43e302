//! The contract of the join, but for parties and enclaves: sales of a retailer by segment of a bank's customers.

use sealroom_protocol::contract::{
    ArgumentValue, Column, Dataset, Limits, OutputRules, ProgramTerms, ResultTerms, Terms, Validity,
};

pub(crate) fn terms(salt: [u8; 32], validity: Validity) -> Terms {
    let texts = |values: &[&str]| ArgumentValue::from(values);
    let program = ProgramTerms::native("join-and-aggregate")
        .with("datasets", texts(&["sales"]))
        .with("joins", texts(&["inner customers on customer"]))
        .with("group_by", texts(&["customers.segment"]))
        .with("measures", texts(&["count", "sum:amount"]));
    let mut terms = Terms::new("join", "a benchmark", validity, salt, program, Limits::new(1, 4_096, 1 << 40));
    let key = || Column::integer("customer", 0, 99_999_999);
    terms.datasets = vec![
        Dataset::new("sales", "retailer", 1 << 30, vec![key(), Column::integer("amount", 0, 999_999)]),
        Dataset::new("customers", "bank", 1 << 30, vec![key(), Column::integer("segment", 0, 999)]),
    ];
    let columns = vec![
        Column::integer("segment", 0, 999),
        Column::integer("sales", 0, 1 << 40),
        Column::integer("amount", 0, 1 << 50),
    ];
    terms.results =
        vec![ResultTerms::new("totals", &["retailer", "bank"], columns, OutputRules::new(1, 1_000, 1 << 20))];
    terms
}
