//! The part of TOML 1.0 that contracts use.
//!
//! What always holds: a text that [`check`] accepts has one reading in TOML 1.0 and 1.1 alike. There is one way to write
//! each thing: keys bare, text in double quotes on one line with no escape but `\"` and `\\`, integers in decimal, times
//! in UTC to the second. `spec/contract.md`, section 2. (TOML 1.0.0; the TOML reader behind this one reads 1.1.)

use super::error::ContractError;
use super::position::Source;
use super::time;
use core::fmt;

/// Arrays and inline tables nest at most this deep.
const NESTING_LIMIT: u8 = 4;

/// A header names at most this many keys, as in `[program.arguments]`.
const HEADER_LIMIT: u8 = 2;

/// What stands in the text and is not in the subset. Display says what to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Construct {
    /// No key where one is expected.
    NoKey,
    /// A key in quotation marks.
    QuotedKey,
    /// A key with a dot outside a header.
    DottedKey,
    /// A header that is not closed, or has blanks.
    Header,
    /// A header of more than two keys.
    LongHeader,
    /// A key without `=`.
    NoValue,
    /// Something after a value or header.
    AfterValue,
    /// `'text'`.
    LiteralString,
    /// `"""text"""`.
    MultiLineString,
    /// A backslash before anything but `"` or `\`.
    Escape,
    /// No closing quotation mark on the line.
    UnclosedString,
    /// Arrays and inline tables too deep.
    Nesting,
    /// An array without its comma or bracket.
    Array,
    /// An inline table without its comma or brace.
    InlineTable,
    /// A line end or comment inside an inline table (TOML 1.1).
    InlineTableOverLines,
    /// A comma before the closing brace (TOML 1.1).
    InlineTableTrailingComma,
    /// A number that is not a plain decimal integer.
    Number,
    /// A date or time that is not UTC to the second.
    Time,
    /// Something that is no value.
    NoSuchValue,
}

impl fmt::Display for Construct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoKey => "expected a key of a-z A-Z 0-9 _ -",
            Self::QuotedKey => "a key in quotation marks; write it bare",
            Self::DottedKey => "a key with a dot; write a table with a header instead",
            Self::Header => "expected a header such as [program] or [[party]], without blanks",
            Self::LongHeader => "a header of more than two keys",
            Self::NoValue => "expected `=` and a value after the key",
            Self::AfterValue => "expected the end of the line",
            Self::LiteralString => "text in single quotation marks; write it in double ones",
            Self::MultiLineString => "text over several lines; write it on one line",
            Self::Escape => "an escape other than \\\" and \\\\; write the character itself",
            Self::UnclosedString => "expected a closing quotation mark on this line",
            Self::Nesting => "arrays and inline tables nest too deep, expected at most four levels",
            Self::Array => "expected a comma or the end of the array",
            Self::InlineTable => "expected a comma or the end of the inline table",
            Self::InlineTableOverLines => {
                "an inline table over several lines, which is not TOML 1.0; write it on one line"
            }
            Self::InlineTableTrailingComma => "a comma at the end of an inline table, which is not TOML 1.0; remove it",
            Self::Number => {
                "expected an integer such as 0, -5, 1200 or 1_200 (numbers with a fraction are text: \"6.2\")"
            }
            Self::Time => "expected a time in UTC to the second, such as 2026-12-31T23:59:59Z",
            Self::NoSuchValue => "expected text in double quotation marks, an integer, true, false, a time, [ or {",
        })
    }
}

/// Whether the text is of the subset.
pub(super) fn check(source: Source<'_>) -> Result<(), ContractError> {
    let mut scanner = Scanner { source, offset: 0 };
    loop {
        scanner.blanks();
        match scanner.peek() {
            None => return Ok(()),
            Some('[') => {
                scanner.header()?;
                scanner.end_of_line()?;
            }
            Some('\n' | '#') => scanner.end_of_line()?,
            Some(_) => {
                scanner.key_and_value(0, false)?;
                scanner.end_of_line()?;
            }
        }
    }
}

struct Scanner<'a> {
    source: Source<'a>,
    offset: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        self.source.text().get(self.offset..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        if found {
            self.offset = self.offset.saturating_add(expected.len_utf8());
        }
        found
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.find(|character| !belongs(character)).and_then(|end| rest.get(..end)).unwrap_or(rest);
        self.offset = self.offset.saturating_add(taken.len());
        taken
    }

    fn blanks(&mut self) {
        self.take_while(|character| character == ' ');
    }

    fn refuse<T>(&self, construct: Construct) -> Result<T, ContractError> {
        Err(ContractError::OutsideSubset { at: self.source.position(self.offset), construct })
    }

    fn end_of_line(&mut self) -> Result<(), ContractError> {
        self.blanks();
        if self.peek() == Some('#') {
            self.take_while(|character| character != '\n');
        }
        if self.eat('\n') || self.peek().is_none() { Ok(()) } else { self.refuse(Construct::AfterValue) }
    }

    fn header(&mut self) -> Result<(), ContractError> {
        self.eat('[');
        let array = self.eat('[');
        let mut keys: u8 = 0;
        loop {
            if self.peek() == Some(' ') {
                return self.refuse(Construct::Header);
            }
            self.bare_key()?;
            keys = keys.saturating_add(1);
            if keys > HEADER_LIMIT {
                return self.refuse(Construct::LongHeader);
            }
            if !self.eat('.') {
                break;
            }
        }
        if self.eat(']') && (!array || self.eat(']')) { Ok(()) } else { self.refuse(Construct::Header) }
    }

    fn bare_key(&mut self) -> Result<(), ContractError> {
        if matches!(self.peek(), Some('"' | '\'')) {
            return self.refuse(Construct::QuotedKey);
        }
        let key = self.take_while(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-'));
        if key.is_empty() { self.refuse(Construct::NoKey) } else { Ok(()) }
    }

    fn key_and_value(&mut self, depth: u8, in_table: bool) -> Result<(), ContractError> {
        self.bare_key()?;
        self.blanks();
        if self.peek() == Some('.') {
            return self.refuse(Construct::DottedKey);
        }
        if !self.eat('=') {
            return self.refuse(Construct::NoValue);
        }
        self.blanks();
        self.value(depth, in_table)
    }

    fn value(&mut self, depth: u8, in_table: bool) -> Result<(), ContractError> {
        match self.peek() {
            Some('"') => self.text(),
            Some('\'') => self.refuse(Construct::LiteralString),
            Some('[' | '{') if depth >= NESTING_LIMIT => self.refuse(Construct::Nesting),
            Some('[') => self.array(depth.saturating_add(1), in_table),
            Some('{') => self.inline_table(depth.saturating_add(1)),
            _ => self.scalar(),
        }
    }

    fn text(&mut self) -> Result<(), ContractError> {
        if self.rest().starts_with("\"\"\"") {
            return self.refuse(Construct::MultiLineString);
        }
        self.eat('"');
        loop {
            self.take_while(|character| !matches!(character, '"' | '\\' | '\n'));
            if self.eat('"') {
                return Ok(());
            }
            if self.rest().starts_with("\\\"") || self.rest().starts_with("\\\\") {
                self.offset = self.offset.saturating_add(2);
            } else if self.peek() == Some('\\') {
                return self.refuse(Construct::Escape);
            } else {
                return self.refuse(Construct::UnclosedString);
            }
        }
    }

    fn array(&mut self, depth: u8, in_table: bool) -> Result<(), ContractError> {
        self.eat('[');
        loop {
            self.blanks_in_array(in_table)?;
            if self.eat(']') {
                return Ok(());
            }
            self.value(depth, in_table)?;
            self.blanks_in_array(in_table)?;
            if !self.eat(',') && self.peek() != Some(']') {
                return self.refuse(Construct::Array);
            }
        }
    }

    fn blanks_in_array(&mut self, in_table: bool) -> Result<(), ContractError> {
        loop {
            self.blanks();
            match self.peek() {
                Some('\n' | '#') if in_table => return self.refuse(Construct::InlineTableOverLines),
                Some('\n' | '#') => self.end_of_line()?,
                _ => return Ok(()),
            }
        }
    }

    fn inline_table(&mut self, depth: u8) -> Result<(), ContractError> {
        self.eat('{');
        self.blanks();
        if self.eat('}') {
            return Ok(());
        }
        loop {
            self.stay_on_line()?;
            self.key_and_value(depth, true)?;
            self.blanks();
            self.stay_on_line()?;
            if self.eat('}') {
                return Ok(());
            }
            if !self.eat(',') {
                return self.refuse(Construct::InlineTable);
            }
            self.blanks();
            if self.peek() == Some('}') {
                return self.refuse(Construct::InlineTableTrailingComma);
            }
        }
    }

    fn stay_on_line(&self) -> Result<(), ContractError> {
        if matches!(self.peek(), Some('\n' | '#')) { self.refuse(Construct::InlineTableOverLines) } else { Ok(()) }
    }

    fn scalar(&mut self) -> Result<(), ContractError> {
        let start = self.offset;
        let word = self.take_while(|character| !matches!(character, ' ' | '\n' | ',' | ']' | '}' | '#'));
        if matches!(word, "true" | "false") || is_integer(word) || time::parse_time(word).is_some() {
            return Ok(());
        }
        self.offset = start;
        let digits = word.trim_start_matches(['+', '-', '.']);
        if !digits.starts_with(|character: char| character.is_ascii_digit()) {
            return self.refuse(Construct::NoSuchValue);
        }
        let is_time = word.contains(':') || digits.get(4..).is_some_and(|rest| rest.starts_with('-'));
        self.refuse(if is_time { Construct::Time } else { Construct::Number })
    }
}

/// A decimal integer without sign `+`, leading zeros or `-0`; underscores part thousands or are not there.
fn is_integer(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = digits.split('_');
    let first = parts.next().unwrap_or("");
    let grouped = digits.contains('_');
    all_digits(first)
        && (!grouped || first.len() <= 3)
        && (!first.starts_with('0') || word == "0")
        && parts.all(|part| part.len() == 3 && all_digits(part))
}
