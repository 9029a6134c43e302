//! What the demo is about: who takes part, with which data, and the answer that was computed without Sealroom.
//!
//! What always holds: the data and the answer are those of `examples/`, compiled in, so the program tells the story anywhere.

use crate::cli::exit::{Exit, Failure};
use serde_json::Value;

/// The hospitals, in the order of the contract, each with its patients.
pub(super) const HOSPITALS: [(&str, &str); 4] = [
    ("cleveland", include_str!("../../../examples/data/heart/cleveland.csv")),
    ("budapest", include_str!("../../../examples/data/heart/budapest.csv")),
    ("zurich", include_str!("../../../examples/data/heart/zurich.csv")),
    ("long-beach", include_str!("../../../examples/data/heart/long-beach.csv")),
];

/// Who asks and receives.
pub(super) const INSTITUTE: &str = "institute";
/// Who states where the host stands, and where it says that it stands.
pub(super) const STATES: (&str, &str) = ("zurich", "CH");
/// Name of the result in the contract.
pub(super) const RESULT: &str = "heart-by-age-and-sex";
/// The contract, with blanks.
pub(super) const DRAFT: &str = include_str!("../../../examples/contracts/heart.toml");
/// The answer, by pandas from the tables in the clear (`examples/answers/heart.py`).
const ANSWER: &str = include_str!("../../../examples/answers/heart-by-age-and-sex.json");

/// All parties, hospitals first.
pub(super) fn parties() -> impl Iterator<Item = &'static str> {
    HOSPITALS.iter().map(|(name, _)| *name).chain([INSTITUTE])
}

/// A table: its columns and rows, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) suppressed: u64,
}

/// The independent answer.
pub(super) fn answer() -> Result<Table, Failure> {
    let broken = || Failure::new(Exit::Malformed, "the committed answer cannot be read");
    let value: Value = serde_json::from_str(ANSWER).map_err(|_| broken())?;
    let texts = |value: &Value| -> Option<Vec<String>> {
        value
            .as_array()?
            .iter()
            .map(|cell| Some(cell.as_str().map_or_else(|| cell.to_string(), str::to_owned)))
            .collect()
    };
    let columns = value.get("columns").and_then(texts).ok_or_else(broken)?;
    let rows = value.get("rows").and_then(Value::as_array).ok_or_else(broken)?;
    let rows = rows.iter().map(texts).collect::<Option<_>>().ok_or_else(broken)?;
    let suppressed = value.get("suppressed").and_then(Value::as_u64).ok_or_else(broken)?;
    Ok(Table { columns, rows, suppressed })
}

/// The result as the institute reads it. No cell of this story needs quotes.
pub(super) fn result(csv: &str, suppressed: u64) -> Table {
    let cells = |line: &str| line.split(',').map(str::to_owned).collect();
    let mut lines = csv.lines();
    let columns = lines.next().map(cells).unwrap_or_default();
    Table { columns, rows: lines.map(cells).collect(), suppressed }
}

impl Table {
    /// The first difference, if there is one.
    pub(super) fn difference(&self, expected: &Self) -> Option<String> {
        if self.columns != expected.columns {
            return Some(format!("columns {}, expected {}", self.columns.join(","), expected.columns.join(",")));
        }
        if self.suppressed != expected.suppressed {
            return Some(format!("{} groups suppressed, expected {}", self.suppressed, expected.suppressed));
        }
        if self.rows.len() != expected.rows.len() {
            return Some(format!("{} rows, expected {}", self.rows.len(), expected.rows.len()));
        }
        let pairs = self.rows.iter().zip(&expected.rows);
        pairs
            .filter(|(row, expected)| row != expected)
            .map(|(row, expected)| format!("row {}, expected {}", row.join(","), expected.join(",")))
            .next()
    }

    /// The table for people: `age 40-49  Female   53   11.3 %  …`.
    pub(super) fn shown(&self) -> String {
        let mut text = format!(
            "      {:<10} {:<7} {:>8} {:>10} {:>14} {:>12} {:>14}\n",
            "age", "sex", "patients", "disease", "blood pressure", "cholesterol", "max heart rate"
        );
        for row in &self.rows {
            let cell = |index: usize| row.get(index).map(String::as_str).unwrap_or_default();
            let decade = cell(0)
                .parse::<u32>()
                .map_or_else(|_| cell(0).to_owned(), |low| format!("{low}-{}", low.saturating_add(9)));
            text.push_str(&format!(
                "      {decade:<10} {:<7} {:>8} {:>8} % {:>14} {:>12} {:>14}\n",
                cell(1),
                cell(2),
                cell(4),
                cell(6),
                cell(8),
                cell(10)
            ));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_compared_cell_by_cell_with_the_committed_answer() {
        let expected = answer().unwrap();
        assert_eq!((expected.rows.len(), expected.suppressed), (9, 2));
        let lines: Vec<String> =
            [&expected.columns].into_iter().chain(&expected.rows).map(|row| row.join(",")).collect();
        let csv = lines.join("\n") + "\n";
        assert_eq!(result(&csv, 2).difference(&expected), None);
        assert_eq!(result(&csv, 1).difference(&expected), Some("1 groups suppressed, expected 2".into()));
        let wrong = csv.replace("15.8", "15.9");
        assert!(result(&wrong, 2).difference(&expected).unwrap().starts_with("row 30,Female,19,3,15.9"));
    }
}
