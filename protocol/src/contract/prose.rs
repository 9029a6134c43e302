//! Numbers, lists and times in plain English, for warnings and explanations.

use crate::id::ContractId;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// With commas between groups of three digits.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `2 rows`.
pub(super) fn count(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", number(count)) }
}

/// `once`, `twice`, `up to 3 times`.
pub(super) fn times(count: u64) -> String {
    match count {
        1 => "once".to_string(),
        2 => "up to twice".to_string(),
        _ => format!("up to {} times", number(count)),
    }
}

pub(super) fn days(seconds: u64) -> String {
    count(seconds / 86_400, "day", "days")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn and<T: AsRef<str>>(names: &[T]) -> String {
    joined(names, "and")
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn or<T: AsRef<str>>(names: &[T]) -> String {
    joined(names, "or")
}

/// Names in quotation marks, with `and`.
pub(super) fn and_quoted<T: AsRef<str>>(names: &[T]) -> String {
    and(&quoted(names))
}

/// Names in quotation marks, with `or`.
pub(super) fn or_quoted<T: AsRef<str>>(names: &[T]) -> String {
    or(&quoted(names))
}

fn quoted<T: AsRef<str>>(names: &[T]) -> Vec<String> {
    names.iter().map(|name| format!("\"{}\"", name.as_ref())).collect()
}

fn joined<T: AsRef<str>>(names: &[T], word: &str) -> String {
    match names {
        [] => "nobody".to_string(),
        [only] => only.as_ref().to_string(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {word} {}", first.join(", "), last.as_ref())
        }
    }
}

/// The first eight digits of an id.
pub(super) fn short(id: ContractId) -> String {
    format!("{}…", hex::encode(id.as_bytes().first_chunk::<4>().copied().unwrap_or_default()))
}
