//! Tables and values of a contract with the place where each stands.
//!
//! What always holds: [`Table::new`] refuses every key that it does not know. Where the text chooses the keys
//! ([`Table::unchecked`]), all of them are read.

use super::error::{ContractError, shown};
use super::position::{Position, Source};
use super::time;
use crate::identity::KeyError;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::str::FromStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Keys of later versions: refused by name, so that nobody believes that they work.
const RESERVED: [&str; 2] = ["budget", "differential_privacy"];

/// A table whose keys are all known.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    source: Source<'a>,
    name: &'static str,
    offset: usize,
    table: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    /// The table, if it has no other keys than these.
    pub(super) fn new(
        source: Source<'a>,
        name: &'static str,
        offset: usize,
        table: &'a DeTable<'a>,
        known: &[&str],
    ) -> Result<Self, ContractError> {
        // The first one in the text, whatever its name.
        let unknown =
            table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())).min_by_key(|key| key.span().start);
        if let Some(unknown) = unknown {
            let at = source.position(unknown.span().start);
            let key = shown(unknown.get_ref());
            if RESERVED.contains(&key.as_str()) {
                return Err(ContractError::NotInThisVersion { at, key });
            }
            return Err(ContractError::UnknownKey { at, table: name, key, known: known.join(", ") });
        }
        Ok(Self { source, name, offset, table })
    }

    /// The table, whatever its keys: what the text chooses, or what is still to be checked.
    pub(super) const fn unchecked(
        source: Source<'a>,
        name: &'static str,
        offset: usize,
        table: &'a DeTable<'a>,
    ) -> Self {
        Self { source, name, offset, table }
    }

    pub(super) fn at(&self) -> Position {
        self.source.position(self.offset)
    }

    pub(super) fn optional(&self, key: &'static str) -> Option<Value<'a>> {
        let value = self.table.get(key)?;
        Some(Value { source: self.source, name: self.name, key, value })
    }

    pub(super) fn required(&self, key: &'static str) -> Result<Value<'a>, ContractError> {
        self.optional(key).ok_or_else(|| self.missing(key))
    }

    pub(super) fn missing(&self, key: &'static str) -> ContractError {
        ContractError::Missing { at: self.at(), table: self.name, key }
    }

    /// Keys that the text chooses, with their values, in the order of the keys.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        let (source, name) = (self.source, self.name);
        self.table.iter().map(move |(key, value)| {
            let key = key.get_ref().as_ref();
            (key, Value { source, name, key, value })
        })
    }
}

/// One value, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    source: Source<'a>,
    name: &'static str,
    key: &'a str,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Value<'a> {
    pub(super) fn at(&self) -> Position {
        self.source.position(self.value.span().start)
    }

    /// Table and key, for messages.
    pub(super) fn field(&self) -> String {
        if self.name == super::decode::TOP { self.key.to_owned() } else { format!("{}.{}", self.name, self.key) }
    }

    pub(super) fn kind(&self) -> &'a DeValue<'a> {
        self.value.get_ref()
    }

    pub(super) fn wrong_type(&self, expected: &'static str) -> ContractError {
        ContractError::WrongType { at: self.at(), field: self.field(), expected, found: self.kind().type_str() }
    }

    pub(super) fn form(&self, expected: &'static str, found: &str) -> ContractError {
        ContractError::Form { at: self.at(), field: self.field(), expected, found: shown(found) }
    }

    pub(super) fn repeated(&self, found: &str) -> ContractError {
        ContractError::Repeated { at: self.at(), field: self.field(), found: shown(found) }
    }

    pub(super) fn text(&self) -> Result<&'a str, ContractError> {
        self.kind().as_str().ok_or_else(|| self.wrong_type("string"))
    }

    /// Text of so many characters.
    pub(super) fn prose(&self, minimum: usize, maximum: usize) -> Result<&'a str, ContractError> {
        let text = self.text()?;
        self.check_length("characters", text.chars().count(), minimum, maximum)?;
        Ok(text)
    }

    pub(super) fn check_length(
        &self,
        unit: &'static str,
        found: usize,
        minimum: usize,
        maximum: usize,
    ) -> Result<(), ContractError> {
        if (minimum..=maximum).contains(&found) {
            return Ok(());
        }
        Err(ContractError::TextLength { at: self.at(), field: self.field(), unit, minimum, maximum, found })
    }

    /// 1 to 64 of `a-z 0-9 -`, beginning with a letter.
    pub(super) fn name(&self) -> Result<&'a str, ContractError> {
        let text = self.text()?;
        let belongs = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let valid = text.len() <= 64 && text.bytes().all(belongs) && text.starts_with(|c: char| c.is_ascii_lowercase());
        if valid { Ok(text) } else { Err(self.form("1 to 64 of a-z 0-9 -, beginning with a letter", text)) }
    }

    /// One of a closed list of words.
    pub(super) fn word<T: Copy>(&self, words: &[(&str, T)], expected: &'static str) -> Result<T, ContractError> {
        let text = self.text()?;
        let known = words.iter().find(|(word, _)| *word == text);
        known.map(|(_, meaning)| *meaning).ok_or_else(|| self.form(expected, text))
    }

    /// An ISO 3166-1 alpha-2 code, by its form.
    pub(super) fn country(&self) -> Result<&'a str, ContractError> {
        let text = self.text()?;
        let valid = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        if valid { Ok(text) } else { Err(self.form("two capital letters (ISO 3166-1 alpha-2)", text)) }
    }

    pub(super) fn key<K: FromStr<Err = KeyError>>(&self) -> Result<K, ContractError> {
        self.text()?.parse().map_err(|problem| ContractError::PublicKey { at: self.at(), field: self.field(), problem })
    }

    /// So many bytes in lowercase hexadecimal digits, after a prefix.
    pub(super) fn hex<const N: usize>(&self, prefix: &str, expected: &'static str) -> Result<[u8; N], ContractError> {
        let text = self.text()?;
        let mut bytes = [0; N];
        let lower = |digits: &&str| !digits.bytes().any(|byte| byte.is_ascii_uppercase());
        let digits = text.strip_prefix(prefix).filter(lower);
        let decoded = digits.is_some_and(|digits| hex::decode_to_slice(digits, &mut bytes).is_ok());
        if decoded { Ok(bytes) } else { Err(self.form(expected, text)) }
    }

    pub(super) fn boolean(&self) -> Result<bool, ContractError> {
        self.kind().as_bool().ok_or_else(|| self.wrong_type("boolean"))
    }

    pub(super) fn integer(&self, minimum: i64, maximum: i64) -> Result<i64, ContractError> {
        let digits = self.kind().as_integer().ok_or_else(|| self.wrong_type("integer"))?.as_str();
        let out_of_range =
            || ContractError::OutOfRange { at: self.at(), field: self.field(), minimum, maximum, found: shown(digits) };
        let number = digits.parse::<i64>().map_err(|_| out_of_range())?;
        if (minimum..=maximum).contains(&number) { Ok(number) } else { Err(out_of_range()) }
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self, minimum: u32, maximum: i64) -> Result<u64, ContractError> {
        let number = self.integer(i64::from(minimum), maximum)?;
        Ok(number.unsigned_abs())
    }

    /// Unix time in seconds.
    pub(super) fn time(&self) -> Result<u64, ContractError> {
        self.kind().as_datetime().ok_or_else(|| self.wrong_type("datetime"))?;
        let text = self.source.text().get(self.value.span()).unwrap_or("");
        time::parse_time(text).ok_or_else(|| self.form("a time in UTC to the second", text))
    }

    /// So many values.
    pub(super) fn list(&self, minimum: usize, maximum: usize) -> Result<Vec<Self>, ContractError> {
        let array = self.kind().as_array().ok_or_else(|| self.wrong_type("array"))?;
        if !(minimum..=maximum).contains(&array.len()) {
            let (at, field, found) = (self.at(), self.field(), array.len());
            return Err(ContractError::Count { at, field, minimum, maximum, found });
        }
        Ok(array.iter().map(|value| Self { value, ..*self }).collect())
    }

    pub(super) fn table(&self, name: &'static str, known: &[&str]) -> Result<Table<'a>, ContractError> {
        let table = self.kind().as_table().ok_or_else(|| self.wrong_type("table"))?;
        Table::new(self.source, name, self.value.span().start, table, known)
    }

    /// A table whose keys the text chooses.
    pub(super) fn free_table(&self, name: &'static str) -> Result<Table<'a>, ContractError> {
        let table = self.kind().as_table().ok_or_else(|| self.wrong_type("table"))?;
        Ok(Table::unchecked(self.source, name, self.value.span().start, table))
    }

    /// Texts in a list, each by `read`, none twice.
    pub(super) fn distinct(
        &self,
        minimum: usize,
        maximum: usize,
        read: impl Fn(&Self) -> Result<&'a str, ContractError>,
    ) -> Result<Vec<String>, ContractError> {
        let mut texts: Vec<String> = Vec::new();
        for value in self.list(minimum, maximum)? {
            let text = read(&value)?;
            if texts.iter().any(|known| known == text) {
                return Err(value.repeated(text));
            }
            texts.push(text.to_string());
        }
        Ok(texts)
    }
}
