//! Simple comparisons, as arguments write them: `num > 0`, `sex = Female`, `campaigns.campaign_id != 18`.
//!
//! What always holds: a comparison with a null is neither true nor false.

use super::arguments::wrong;
use super::columns::{Found, Tables};
use core::cmp::Ordering;
use sealroom_enclave_core::program::ProgramRefusal;
use sealroom_protocol::contract::ColumnKind;
use sealroom_protocol::table::{ColumnBatch, Values, parse_decimal, parse_integer};

/// What a value is compared with, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    comparison: Comparison,
    literal: Literal,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Literal {
    Number(i64),
    Text(String),
    Boolean(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Longer ones first, since they begin with shorter ones.
const SIGNS: [(&str, Comparison); 6] = [
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
    ("=", Comparison::Equal),
];

impl Condition {
    /// Reads `column SIGN literal`; spaces around the sign are allowed. The column is of joined rows.
    pub(super) fn parse(tables: &Tables<'_>, argument: &str, text: &str) -> Result<(Found, Self), ProgramRefusal> {
        Self::parse_with(argument, text, |column| tables.find(argument, column))
    }

    /// As [`parse`](Self::parse), of a dataset's own rows before they are joined.
    pub(super) fn parse_filter(
        tables: &Tables<'_>,
        argument: &str,
        text: &str,
    ) -> Result<(Found, Self), ProgramRefusal> {
        Self::parse_with(argument, text, |column| tables.find_before_joins(argument, column))
    }

    fn parse_with(
        argument: &str,
        text: &str,
        find: impl Fn(&str) -> Result<Found, ProgramRefusal>,
    ) -> Result<(Found, Self), ProgramRefusal> {
        let expected = "a comparison such as \"num > 0\", with one of = != < <= > >=";
        let at = text.find(['=', '!', '<', '>']).ok_or_else(|| wrong(argument, expected))?;
        let (column, rest) = text.split_at_checked(at).ok_or_else(|| wrong(argument, expected))?;
        let sign = SIGNS.iter().find_map(|(sign, comparison)| Some((rest.strip_prefix(sign)?, *comparison)));
        let (literal, comparison) = sign.ok_or_else(|| wrong(argument, expected))?;
        let found = find(column.trim_end_matches(' '))?;
        let literal = Literal::parse(&found.kind, literal.trim_start_matches(' '));
        let literal = literal
            .ok_or_else(|| wrong(argument, format!("after the sign of \"{column}\" a value of the column's type")))?;
        Ok((found, Self { comparison, literal }))
    }

    /// Whether a boolean that is never null fulfils it.
    pub(super) fn holds_for(&self, value: bool) -> bool {
        match self.literal {
            Literal::Boolean(literal) => self.comparison.holds(value.cmp(&literal)),
            Literal::Number(_) | Literal::Text(_) => false,
        }
    }

    /// Row by row whether it holds, for the rows of `selection`; false where the value is null.
    pub(super) fn evaluate(&self, column: &ColumnBatch, selection: &[u32], mut take: impl FnMut(bool)) {
        let each = |row: &u32| super::memory::to_usize(*row);
        match (&self.literal, column.values()) {
            (Literal::Number(literal), Values::Integer(values) | Values::Decimal(values)) => {
                for row in selection.iter().map(each) {
                    let holds = values.get(row).is_some_and(|value| self.comparison.holds(value.cmp(literal)));
                    take(holds && !column.is_null(row));
                }
            }
            (Literal::Text(literal), Values::Text(values)) => {
                for row in selection.iter().map(each) {
                    let holds = self.comparison.holds(values.bytes(row).cmp(literal.as_bytes()));
                    take(holds && !column.is_null(row));
                }
            }
            (Literal::Boolean(literal), Values::Boolean(values)) => {
                for row in selection.iter().map(each) {
                    let holds = values.get(row).is_some_and(|value| self.comparison.holds(value.cmp(literal)));
                    take(holds && !column.is_null(row));
                }
            }
            // The plan gives every literal its column's type.
            (Literal::Number(_) | Literal::Text(_) | Literal::Boolean(_), _) => {
                selection.iter().for_each(|_| take(false));
            }
        }
    }
}

impl Literal {
    fn parse(kind: &ColumnKind, text: &str) -> Option<Self> {
        match kind {
            ColumnKind::Integer { .. } => parse_integer(text.as_bytes()).ok().map(Self::Number),
            ColumnKind::Decimal { scale, .. } => parse_decimal(text.as_bytes(), *scale).ok().map(Self::Number),
            ColumnKind::Text { .. } => Some(Self::Text(text.to_owned())),
            ColumnKind::Boolean => match text {
                "true" => Some(Self::Boolean(true)),
                "false" => Some(Self::Boolean(false)),
                _ => None,
            },
        }
    }
}

impl Comparison {
    const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}
