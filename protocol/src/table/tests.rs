//! Tests of the decoder as a whole: what it accepts, what it says, and that neither depends on how the bytes came.

use super::*;
use crate::contract::{Column, ColumnKind};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::*;

fn column(name: &str, kind: ColumnKind, null: bool) -> Column {
    Column { name: name.into(), kind, null }
}

/// Four columns, one of each type; the two in the middle may be empty.
fn columns() -> Vec<Column> {
    vec![
        column("id", ColumnKind::Integer { minimum: -5, maximum: 1_000_000_000_000_000_000 }, false),
        column("amount", ColumnKind::Decimal { scale: 2, minimum: -1_000, maximum: 1_000_000 }, true),
        column("name", ColumnKind::Text { maximum_length: 12, values: Vec::new() }, true),
        column("paid", ColumnKind::Boolean, false),
    ]
}

/// All cells, row by row, of `text` given in pieces of `piece` bytes.
fn read(text: &[u8], piece: usize, projection: &[usize]) -> Result<Vec<Vec<Cell>>, CsvError> {
    let mut rows = Vec::new();
    let mut collect = |batch: &Batch| -> Result<(), CsvError> {
        for row in 0..batch.rows() {
            rows.push(batch.columns().iter().map(|column| cell(column, row)).collect());
        }
        Ok(())
    };
    let mut decoder = CsvDecoder::with_projection(&columns(), 1_000_000, projection);
    for bytes in text.chunks(piece) {
        decoder.decode(bytes, &mut collect)?;
    }
    let count = decoder.finish(&mut collect)?;
    assert_eq!(u64::try_from(rows.len()), Ok(count));
    Ok(rows)
}

fn cell(column: &ColumnBatch, row: usize) -> Cell {
    match column.values() {
        _ if column.is_null(row) => Cell::Null,
        Values::Integer(values) => Cell::Integer(values[row]),
        Values::Decimal(values) => Cell::Decimal(values[row]),
        Values::Text(values) => Cell::Text(String::from_utf8(values.bytes(row).to_vec()).unwrap()),
        Values::Boolean(values) => Cell::Boolean(values[row]),
    }
}

const ALL: [usize; 4] = [0, 1, 2, 3];
const HEADER: &str = "id,amount,name,paid\n";

#[test]
fn every_type_is_read_in_every_spelling() {
    let text = format!(
        "{HEADER}1,1.5,Ann,true\n\"-5\",\"-0.05\",\"a \"\"b\"\",\nc\",false\n1000000000000000000,,,true\n7,10,\"\",false\n"
    );
    let expected = vec![
        vec![Cell::Integer(1), Cell::Decimal(150), Cell::Text("Ann".into()), Cell::Boolean(true)],
        vec![Cell::Integer(-5), Cell::Decimal(-5), Cell::Text("a \"b\",\nc".into()), Cell::Boolean(false)],
        vec![Cell::Integer(1_000_000_000_000_000_000), Cell::Null, Cell::Null, Cell::Boolean(true)],
        vec![Cell::Integer(7), Cell::Decimal(1_000), Cell::Text(String::new()), Cell::Boolean(false)],
    ];
    for piece in 1..text.len() {
        assert_eq!(read(text.as_bytes(), piece, &ALL), Ok(expected.clone()), "pieces of {piece}");
    }
    let crlf = "id,amount,name,paid\r\n1,1.50,Zo\u{eb},true\r\n";
    for piece in 1..crlf.len() {
        assert_eq!(
            read(crlf.as_bytes(), piece, &ALL),
            Ok(vec![vec![Cell::Integer(1), Cell::Decimal(150), Cell::Text("Zo\u{eb}".into()), Cell::Boolean(true)]])
        );
    }
}

#[test]
fn a_projection_gives_the_columns_in_its_own_order() {
    let text = format!("{HEADER}1,1.5,\"Ann, \"\"A\"\"\",true\n2,,,false\n");
    let expected = vec![vec![Cell::Boolean(true), Cell::Integer(1)], vec![Cell::Boolean(false), Cell::Integer(2)]];
    assert_eq!(read(text.as_bytes(), 9, &[3, 0]), Ok(expected));
    assert_eq!(read(text.as_bytes(), 9, &[]), Ok(vec![vec![], vec![]]));
}

#[test]
fn a_refusal_names_row_column_and_kind_and_never_the_value() {
    let cases = [
        (
            "1,1.5,Ann,true\n,1.5,Ann,true\n",
            "row 2, column \"id\": expected an integer from -5 to 1000000000000000000, found an empty cell",
        ),
        (
            "-6,,,true\n",
            "row 1, column \"id\": expected an integer from -5 to 1000000000000000000, found a number out of range",
        ),
        (
            "99999999999999999999,,,true\n",
            "row 1, column \"id\": expected an integer from -5 to 1000000000000000000, found a number out of range",
        ),
        (
            "secret,,,true\n",
            "row 1, column \"id\": expected an integer from -5 to 1000000000000000000, found text that is no integer",
        ),
        (
            "01,,,true\n",
            "row 1, column \"id\": expected an integer from -5 to 1000000000000000000, found text that is no integer",
        ),
        (
            "1, 5,,true\n",
            "row 1, column \"amount\": expected a number from -10.00 to 10000.00 with at most 2 digits after the point or an empty cell, found text that is no decimal number",
        ),
        (
            "1,0.125,,true\n",
            "row 1, column \"amount\": expected a number from -10.00 to 10000.00 with at most 2 digits after the point or an empty cell, found a number with more digits after the point",
        ),
        (
            "1,,a long secret,true\n",
            "row 1, column \"name\": expected text of at most 12 bytes or an empty cell, found longer text",
        ),
        (
            "1,,a\"b,true\n",
            "row 1, column \"name\": expected text of at most 12 bytes or an empty cell, found a quote in the wrong place",
        ),
        (
            "1,,\"a\"b,true\n",
            "row 1, column \"name\": expected text of at most 12 bytes or an empty cell, found a quote in the wrong place",
        ),
        ("1,,a,True\n", "row 1, column \"paid\": expected true or false, found text that is neither"),
        ("1,,a,true\r\n", "row 1, column \"paid\": expected true or false, found a carriage return in the wrong place"),
        (
            "1,,a\rb,true\n",
            "row 1, column \"name\": expected text of at most 12 bytes or an empty cell, found a carriage return in the wrong place",
        ),
        ("1,,a,true,\n", "row 1: expected 4 cells, found more"),
        ("1,,a\n", "row 1: expected 4 cells, found fewer"),
        ("1,,a,true\n\n2,,a,true\n", "row 2: the line is blank"),
        ("1,,a,true\n2,,a,true", "row 2: the file stops inside this line, expected a line end; is the file complete"),
        ("1,,\"a\n", "row 1: the file stops inside this line, expected a line end; is the file complete"),
    ];
    for (body, message) in cases {
        let text = format!("{HEADER}{body}");
        for piece in 1..=text.len() {
            assert_eq!(read(text.as_bytes(), piece, &ALL).unwrap_err().to_string(), message, "{body} {piece}");
        }
    }
    let latin1 = [HEADER.as_bytes(), b"1,,Zo\xeb,true\n"].concat();
    assert!(matches!(read(&latin1, 5, &ALL), Err(CsvError::Cell { row: 1, found: Found::NotUtf8, .. })));
}

#[test]
fn the_first_line_must_be_the_contracts_names() {
    let message = |text: &str| read(text.as_bytes(), 3, &ALL).unwrap_err().to_string();
    assert_eq!(message(""), "the file is empty, expected a first line with the names of the columns");
    assert_eq!(message("id,amount,paid\n"), "the first line names 3 columns, expected 4, as in the contract");
    assert_eq!(message("id,name,amount,paid\n"), "the first line has another name at place 2, expected \"amount\"");
    assert_eq!(
        message("\u{feff}id,amount,name,paid\n"),
        "the file begins with a byte order mark (EF BB BF), expected UTF-8 without one"
    );
    let line = "the first line is not a line of column names, expected those of the contract, separated by commas";
    assert_eq!(message("id,amount,name,paid"), line);
    assert_eq!(message(&"x".repeat(4_000)), line);
    assert_eq!(read(b"\"id\",\"amount\",name,paid\n", 3, &ALL), Ok(vec![]));
}

#[test]
fn a_table_of_one_column_may_have_empty_lines_where_null_is_allowed() {
    let of = |null| {
        let columns = [column("key", ColumnKind::Integer { minimum: 0, maximum: 9 }, null)];
        let mut decoder = CsvDecoder::new(&columns, 10);
        decoder.decode(b"key\n1\n\n2\n", |_| Ok::<(), CsvError>(()))?;
        decoder.finish(|_| Ok::<(), CsvError>(()))
    };
    assert_eq!(of(true), Ok(3));
    assert_eq!(
        of(false).unwrap_err().to_string(),
        "row 2, column \"key\": expected an integer from 0 to 9, found an empty cell"
    );
}

#[test]
fn more_rows_than_the_contract_allows_are_refused_and_stay_refused() {
    let columns = [column("key", ColumnKind::Boolean, false)];
    let mut decoder = CsvDecoder::new(&columns, 2);
    let mut visit = |_: &Batch| Ok::<(), CsvError>(());
    let refusal = Err(CsvError::TooManyRows { row: 3, limit: 2 });
    assert_eq!(decoder.decode(b"key\ntrue\ntrue\ntrue\n", &mut visit), refusal);
    assert_eq!(decoder.decode(b"true\n", &mut visit), refusal);
    assert_eq!(decoder.finish(&mut visit), Err(CsvError::TooManyRows { row: 3, limit: 2 }));
}

#[test]
fn a_line_that_never_ends_is_given_up_at_the_longest_row_there_can_be() {
    let columns = [
        column("a", ColumnKind::Integer { minimum: 0, maximum: 9 }, false),
        column("b", ColumnKind::Text { maximum_length: 4, values: Vec::new() }, false),
    ];
    for piece in [1, 7, 1_000] {
        let mut decoder = CsvDecoder::with_projection(&columns, 9, &[0]);
        let text = ["a,b\n1,", &"x".repeat(500)].concat();
        let mut result = Ok(());
        for bytes in text.as_bytes().chunks(piece) {
            result = result.and_then(|()| decoder.decode(bytes, |_| Ok(())));
        }
        assert_eq!(result, Err(CsvError::RowTooLong { row: 1, limit: 55 }), "{piece}");
    }
}

#[test]
fn batches_are_full_but_the_last() {
    let columns = [column("a", ColumnKind::Integer { minimum: 0, maximum: i64::MAX }, false)];
    let mut text = String::from("a\n");
    for value in 0..20_000_u32 {
        text.push_str(&format!("{value}\n"));
    }
    let mut sizes = Vec::new();
    let mut visit = |batch: &Batch| {
        sizes.push(batch.rows());
        Ok::<(), CsvError>(())
    };
    let mut decoder = CsvDecoder::new(&columns, 20_000);
    decoder.decode(text.as_bytes(), &mut visit).unwrap();
    assert_eq!(decoder.finish(&mut visit), Ok(20_000));
    assert_eq!(sizes, [BATCH_ROWS, BATCH_ROWS, 20_000 - 2 * BATCH_ROWS]);
}

/// A cell of any type with its column, now and then with a character that needs quotes.
fn any_row() -> impl Strategy<Value = Vec<Cell>> {
    let amount = prop_oneof![Just(Cell::Null), (-1_000..=1_000_000_i64).prop_map(Cell::Decimal)];
    let name = prop_oneof![Just(Cell::Null), "[a-c,\"\n\r\u{eb} ]{0,6}".prop_map(Cell::Text)];
    (-5..=1_000_000_000_000_000_000_i64, amount, name, any::<bool>())
        .prop_map(|(id, amount, name, paid)| vec![Cell::Integer(id), amount, name, Cell::Boolean(paid)])
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(rows in prop::collection::vec(any_row(), 0..20), piece in 1_usize..60) {
        let columns = columns();
        let mut writer = CsvWriter::new(&columns);
        for row in &rows {
            writer.row(row);
        }
        prop_assert_eq!(read(writer.finish().as_bytes(), piece, &ALL), Ok(rows));
    }

    #[test]
    fn any_bytes_in_any_pieces_give_one_answer_without_panic(
        bytes in prop::collection::vec(prop_oneof![
            Just(b','), Just(b'\n'), Just(b'"'), Just(b'\r'), Just(b'1'), Just(b'.'), Just(b'-'), any::<u8>(),
        ], 0..80),
        piece in 1_usize..40,
    ) {
        let text = [HEADER.as_bytes(), b"1,1.5,Ann,true\n", &bytes].concat();
        prop_assert_eq!(read(&text, piece, &ALL), read(&text, text.len(), &ALL));
        prop_assert_eq!(read(&text, piece, &[0]), read(&text, text.len(), &[0]));
    }
}
