//! Rows of a dataset, the plaintext of a result, the arguments of a request.

use super::shown::shown;
use sealroom_enclave_core::entry;
use sealroom_protocol::contract::{ArgumentValue, Column, Dataset, ProgramTerms};
use sealroom_protocol::table::{self, CsvDecoder, CsvError};

/// The first byte says how long the pieces are in which the text comes; the outcome must not depend on it, nor how many
/// rows there are on which columns are read.
pub(crate) fn csv(bytes: &[u8]) -> bool {
    let Some((length, text)) = bytes.split_first() else { return false };
    let columns = [
        Column::integer("a", -5, 1_000_000),
        Column::decimal("b", 2, -1_000, 1_000_000).or_null(),
        Column::text("c", 20).or_null(),
        Column::one_of("d", &["x", "y,z"]),
        Column::boolean("e"),
    ];
    let dataset = Dataset::new("table", "owner", 1_000, columns.to_vec());
    let whole = read(&dataset, &[0, 1, 2, 3, 4], [text]);
    let pieces = text.chunks(usize::from(*length).max(1));
    assert_eq!(whole, read(&dataset, &[0, 1, 2, 3, 4], pieces));
    let Some((_, rows)) = shown(whole) else { return false };
    // Values of columns that are not read are not checked, so this may read what the whole refuses, but not the reverse.
    assert_eq!(read(&dataset, &[3, 1], [text]).map(|(_, rows)| rows), Ok(rows));
    true
}

/// The batches as they print, and how many rows there are.
fn read<'a>(
    dataset: &Dataset,
    projection: &[usize],
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(Vec<String>, usize), CsvError> {
    let mut decoder = CsvDecoder::with_projection(&dataset.columns, dataset.maximum_rows, projection);
    let (mut shown, mut rows) = (Vec::new(), 0_usize);
    for piece in pieces {
        decoder.decode::<CsvError>(piece, |batch| {
            rows += batch.rows();
            shown.push(format!("{:?}", batch.columns()));
            Ok(())
        })?;
    }
    let count = decoder.finish::<CsvError>(|batch| {
        rows += batch.rows();
        shown.push(format!("{:?}", batch.columns()));
        Ok(())
    })?;
    assert_eq!(u64::try_from(rows), Ok(count));
    assert!(count <= dataset.maximum_rows);
    Ok((shown, rows))
}

/// One spelling.
pub(crate) fn result(bytes: &[u8]) -> bool {
    let Some(plaintext) = shown(table::result::decode(bytes)) else { return false };
    assert_eq!(table::result::encode(&plaintext).as_deref(), Some(bytes));
    true
}

/// What a request chooses is always a choice that the contract leaves.
pub(crate) fn arguments(bytes: &[u8]) -> bool {
    let list = ArgumentValue::from(["a", "b"].as_slice());
    let terms = ProgramTerms::native("any")
        .with("fixed", 7.into())
        .with_choice("side", vec!["left".into(), "right".into()])
        .with_choice("list", vec![list, true.into()]);
    let Some(arguments) = entry::arguments(&terms, Some(bytes)) else { return false };
    assert_eq!(arguments.len(), 3);
    assert_eq!(arguments.get("fixed"), Some(&7.into()));
    for (name, choices) in &terms.choices {
        assert!(arguments.get(name).is_some_and(|chosen| choices.contains(chosen)));
    }
    true
}
