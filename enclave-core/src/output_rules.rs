//! Output rules: what of a program's output may leave. `protocol/spec/tables.md`, section 3.
//!
//! What always holds: the rules know nothing of the program; a table leaves with exactly the contract's columns, without
//! rows that too few contributed to, within its quotas; and what the rules decided because of data stands inside the
//! encrypted result and nowhere else.

use alloc::vec::Vec;
use sealroom_protocol::contract::ResultTerms;
use sealroom_protocol::table::result::{self, Outcome, ResultPlaintext, Withheld};
use sealroom_protocol::table::{Cell, CsvWriter, OutputRow, OutputTable, check_cell};
use zeroize::Zeroizing;

/// The bytes to encrypt for the result's recipients.
#[must_use]
pub fn apply(terms: &ResultTerms, table: OutputTable) -> Zeroizing<Vec<u8>> {
    let decided = decide(terms, table);
    // Only a table of 4 GiB has no encoding; it is withheld for its size, whatever its quota.
    let bytes = result::encode(&decided).or_else(|| result::encode(&withheld(terms, Withheld::Bytes)));
    Zeroizing::new(bytes.unwrap_or_default())
}

/// The bytes of a result of which nothing leaves, because the program reached a limit. Data decides that, so it stands
/// inside the encrypted result and not in the receipt.
#[must_use]
pub fn limit_reached(terms: &ResultTerms) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(result::encode(&withheld(terms, Withheld::Limit)).unwrap_or_default())
}

/// What the rules make of a program's output.
#[must_use]
pub fn decide(terms: &ResultTerms, table: OutputTable) -> ResultPlaintext {
    let all = table.rows.len();
    let mut rows = table.rows;
    rows.retain(|row| large_enough(terms, row));
    // After suppression: what a suppressed row held decides nothing.
    if !rows.iter().all(|row| fits(terms, row)) {
        return withheld(terms, Withheld::Schema);
    }
    let count = to_u64(rows.len());
    let suppressed = to_u64(all.saturating_sub(rows.len()));
    if count > terms.rules.maximum_rows {
        return withheld(terms, Withheld::Rows);
    }
    let mut writer = CsvWriter::new(&terms.columns);
    for row in &mut rows {
        round(row, terms.rules.round_integers_to);
        writer.row(&row.cells);
        if to_u64(writer.length()) > terms.rules.maximum_bytes {
            return withheld(terms, Withheld::Bytes);
        }
    }
    if to_u64(writer.length()) > terms.rules.maximum_bytes {
        return withheld(terms, Withheld::Bytes);
    }
    ResultPlaintext { outcome: Outcome { rows: count, suppressed, withheld: None }, csv: writer.finish() }
}

fn large_enough(terms: &ResultTerms, row: &OutputRow) -> bool {
    let minimum = terms.rules.minimum_group_size.max(1);
    row.contributors >= minimum && (!terms.rules.minimum_without_each_owner || row.without_any_owner >= minimum)
}

/// Nothing but the names of the columns. Not even how many rows were suppressed is told.
fn withheld(terms: &ResultTerms, reason: Withheld) -> ResultPlaintext {
    ResultPlaintext {
        outcome: Outcome { rows: 0, suppressed: 0, withheld: Some(reason) },
        csv: CsvWriter::new(&terms.columns).finish(),
    }
}

fn fits(terms: &ResultTerms, row: &OutputRow) -> bool {
    row.cells.len() == terms.columns.len()
        && terms.columns.iter().zip(&row.cells).all(|(column, cell)| check_cell(column, cell).is_ok())
}

fn round(row: &mut OutputRow, multiple: u64) {
    if multiple <= 1 {
        return;
    }
    for cell in &mut row.cells {
        if let Cell::Integer(value) = cell {
            *value = nearest_multiple(*value, multiple);
        }
    }
}

/// The nearest multiple, the even one of two; or, where that has more than 64 bits, the one before it.
fn nearest_multiple(value: i64, multiple: u64) -> i64 {
    let (wide, step) = (i128::from(value), i128::from(multiple));
    let below = wide.div_euclid(step);
    let twice = wide.rem_euclid(step).saturating_mul(2);
    let up = twice > step || (twice == step && below.rem_euclid(2) == 1);
    let rounded = |quotient: i128| quotient.checked_mul(step).and_then(|value| i64::try_from(value).ok());
    let (nearest, other) = if up { (below.saturating_add(1), below) } else { (below, below.saturating_add(1)) };
    rounded(nearest).or_else(|| rounded(other)).unwrap_or(0)
}

fn to_u64(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec;
    use sealroom_protocol::contract::{Column, OutputRules};

    fn terms(minimum_group_size: u64, maximum_rows: u64, maximum_bytes: u64) -> ResultTerms {
        let columns = vec![
            Column::integer("patients", 0, 1_000),
            Column::decimal("mean", 1, 0, 9_999).or_null(),
            Column::text("sex", 6),
        ];
        ResultTerms::new(
            "groups",
            &["institute"],
            columns,
            OutputRules::new(minimum_group_size, maximum_rows, maximum_bytes),
        )
    }

    fn row(count: i64, mean: Cell, sex: &str, contributors: u64) -> OutputRow {
        OutputRow {
            cells: vec![Cell::Integer(count), mean, Cell::Text(sex.into())],
            contributors,
            without_any_owner: 0,
        }
    }

    fn three() -> OutputTable {
        OutputTable {
            rows: vec![
                row(31, Cell::Decimal(294), "Female", 31),
                row(9, Cell::Decimal(300), "Male", 9),
                row(10, Cell::Null, "Male", 10),
            ],
        }
    }

    fn released(csv: &str, rows: u64, suppressed: u64) -> ResultPlaintext {
        ResultPlaintext { outcome: Outcome { rows, suppressed, withheld: None }, csv: String::from(csv) }
    }

    #[test]
    fn a_group_below_the_minimum_is_suppressed_and_one_of_exactly_it_is_not() {
        let expected = released("patients,mean,sex\n31,29.4,Female\n10,,Male\n", 2, 1);
        assert_eq!(decide(&terms(10, 10, 1_000), three()), expected);
        assert_eq!(result::decode(&apply(&terms(10, 10, 1_000), three())), Ok(expected));
    }

    #[test]
    fn a_group_that_one_owner_fills_is_suppressed_where_the_minimum_must_hold_without_each_owner() {
        let mut terms = terms(10, 10, 1_000);
        let mut table = three();
        table.rows[0].without_any_owner = 10;
        table.rows[2].without_any_owner = 9;
        assert_eq!(decide(&terms, table.clone()).outcome.suppressed, 1, "not asked for");
        terms.rules.minimum_without_each_owner = true;
        assert_eq!(decide(&terms, table), released("patients,mean,sex\n31,29.4,Female\n", 1, 2));
        // Nor does the other count stand for the first.
        let row = OutputRow { without_any_owner: 99, ..row(9, Cell::Null, "Male", 9) };
        assert_eq!(decide(&terms, OutputTable { rows: vec![row] }), released("patients,mean,sex\n", 0, 1));
    }

    #[test]
    fn a_row_that_nothing_stands_on_never_leaves() {
        let table = OutputTable { rows: vec![row(0, Cell::Null, "Male", 0)] };
        assert_eq!(decide(&terms(0, 10, 1_000), table), released("patients,mean,sex\n", 0, 1));
    }

    #[test]
    fn a_quota_withholds_the_whole_table_and_counts_what_would_leave() {
        assert_eq!(decide(&terms(10, 2, 1_000), three()).outcome.withheld, None);
        assert_eq!(decide(&terms(10, 1, 1_000), three()), withheld(&terms(10, 1, 1_000), Withheld::Rows));
        let length = u64::try_from("patients,mean,sex\n31,29.4,Female\n10,,Male\n".len()).unwrap();
        assert_eq!(decide(&terms(10, 2, length), three()).outcome.withheld, None);
        assert_eq!(decide(&terms(10, 2, length - 1), three()), withheld(&terms(10, 2, 0), Withheld::Bytes));
        assert_eq!(withheld(&terms(1, 1, 1), Withheld::Bytes).csv, "patients,mean,sex\n");
    }

    #[test]
    fn one_cell_outside_the_contracts_columns_withholds_the_whole_table() {
        let wrong = [
            row(1_001, Cell::Null, "Male", 50),
            row(5, Cell::Integer(1), "Male", 50),
            row(5, Cell::Null, "Unknown", 50),
            OutputRow { cells: vec![Cell::Null, Cell::Null, Cell::Text("Male".into())], ..row(1, Cell::Null, "", 50) },
            OutputRow { cells: vec![Cell::Integer(5), Cell::Null], ..row(1, Cell::Null, "", 50) },
            row(5, Cell::Decimal(-1), "Male", 1),
        ];
        for row in wrong {
            let mut table = three();
            table.rows.push(row);
            assert_eq!(decide(&terms(1, 10, 1_000), table), withheld(&terms(1, 10, 1_000), Withheld::Schema));
        }
        let mut table = three();
        table.rows.push(row(5, Cell::Null, "of no sex known", 9));
        assert_eq!(decide(&terms(10, 10, 1_000), table).outcome.suppressed, 2, "a suppressed row decides nothing");
    }

    #[test]
    fn integers_are_rounded_to_the_nearest_multiple_and_decimals_are_not() {
        let mut terms = terms(1, 10, 1_000);
        terms.rules.round_integers_to = 5;
        let table = OutputTable { rows: vec![row(12, Cell::Decimal(12), "Male", 9), row(13, Cell::Null, "Male", 9)] };
        assert_eq!(decide(&terms, table), released("patients,mean,sex\n10,1.2,Male\n15,,Male\n", 2, 0));
        for (value, multiple, rounded) in [
            (5, 10, 0),
            (15, 10, 20),
            (-5, 10, 0),
            (-15, 10, -20),
            (-16, 10, -20),
            (i64::MAX, 10, 9_223_372_036_854_775_800),
            (i64::MIN, 1 << 63, i64::MIN),
            (i64::MAX, 1 << 63, 0),
        ] {
            assert_eq!(nearest_multiple(value, multiple), rounded, "{value} to {multiple}");
        }
    }
}
