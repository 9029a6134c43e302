//! Reading a program's arguments: each by name, of one type, and none left over.
//!
//! What always holds: an argument that the program does not know is refused, so a misspelt one is never ignored. An
//! argument `x-RESULT` holds for that result instead of `x`.

use sealroom_enclave_core::program::ProgramRefusal;
use sealroom_protocol::contract::{ArgumentValue, Arguments, Terms};
use std::collections::BTreeSet;

/// The arguments of one contract for one program.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    arguments: &'a Arguments,
    known: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(arguments: &'a Arguments) -> Self {
        Self { arguments, known: BTreeSet::new() }
    }

    /// One text, where it is given.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<&'a str>, ProgramRefusal> {
        match self.take(name) {
            None => Ok(None),
            Some(ArgumentValue::Text(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "a text")),
        }
    }

    /// A whole number, where it is given.
    pub(super) fn integer(&mut self, name: &str) -> Result<Option<i64>, ProgramRefusal> {
        match self.take(name) {
            None => Ok(None),
            Some(ArgumentValue::Integer(number)) => Ok(Some(*number)),
            Some(_) => Err(wrong(name, "a whole number")),
        }
    }

    /// A list of different texts, where it is given. One text is a list of one.
    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<&'a str>>, ProgramRefusal> {
        let expected = "a list of texts without repetition";
        let list = match self.take(name) {
            None => return Ok(None),
            Some(ArgumentValue::Text(text)) => return Ok(Some(vec![text])),
            Some(ArgumentValue::List(list)) => list,
            Some(_) => return Err(wrong(name, expected)),
        };
        let mut texts = Vec::new();
        for value in list {
            match value {
                ArgumentValue::Text(text) if !texts.contains(&text.as_str()) => texts.push(text.as_str()),
                _ => return Err(wrong(name, expected)),
            }
        }
        Ok(Some(texts))
    }

    /// The list `name-of`, or else the list `name`; with the name under which it was found.
    pub(super) fn list_for(&mut self, name: &str, of: &str) -> Result<(String, Option<Vec<&'a str>>), ProgramRefusal> {
        let own = format!("{name}-{of}");
        let general = self.list(name)?;
        Ok(self.list(&own)?.map_or_else(|| (name.to_owned(), general), |list| (own, Some(list))))
    }

    /// Refuses what was never asked for.
    pub(super) fn finish(self) -> Result<(), ProgramRefusal> {
        match self.arguments.keys().find(|name| !self.known.contains(*name)) {
            None => Ok(()),
            Some(name) => Err(ProgramRefusal::UnknownArgument {
                name: name.clone(),
                known: self.known.into_iter().collect::<Vec<_>>().join(", "),
            }),
        }
    }

    fn take(&mut self, name: &str) -> Option<&'a ArgumentValue> {
        self.known.insert(name.to_owned());
        self.arguments.get(name)
    }
}

/// The refusal of an argument that is not what it should be.
pub(super) fn wrong(name: &str, expected: impl Into<String>) -> ProgramRefusal {
    ProgramRefusal::Argument { name: name.to_owned(), expected: expected.into() }
}

/// The refusal of an argument that is not there.
pub(super) fn missing(name: &str, expected: &str) -> ProgramRefusal {
    ProgramRefusal::MissingArgument { name: name.to_owned(), expected: expected.to_owned() }
}

/// The names of the contract's datasets, for a refusal.
pub(super) fn dataset_names(terms: &Terms) -> String {
    terms.datasets.iter().map(|dataset| dataset.name.as_str()).collect::<Vec<_>>().join(", ")
}
