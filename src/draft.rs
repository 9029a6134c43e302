//! A contract's text before it is a contract: text with blanks that are filled by name.
//!
//! What always holds: filling replaces whole quoted blanks and nothing else, so comments and layout stay as they were
//! written, and no value can add a line or a key to the text.

use crate::identity::Card;
use rand_core::CryptoRng;
use sealroom_protocol::contract::{Contract, ContractError};

/// Contract text with blanks: quoted strings that begin with `<` and end with `>`, such as `"<random>"`.
///
/// ```
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// use sealroom::{Draft, random};
/// let mut draft = Draft::new("random = \"<random>\"\nsigning_key = \"<cleveland signing key>\"\n");
/// assert_eq!(draft.blanks(), ["random", "cleveland signing key"]);
/// draft.random(&mut random())?;
/// assert_eq!(draft.blanks(), ["cleveland signing key"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    text: String,
}

/// Why a draft is no contract yet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// There is no such blank.
    #[error("the draft has no blank \"<{blank}>\"; it has: {}", found.join(", "))]
    NoSuchBlank {
        /// The blank that was to be filled.
        blank: String,
        /// The blanks there are.
        found: Vec<String>,
    },
    /// A value that could change more than the blank.
    #[error(
        "the value for \"<{blank}>\" has a quote, a backslash, an angle bracket or a control character; none of these can stand there"
    )]
    Value {
        /// The blank that was to be filled.
        blank: String,
    },
    /// Blanks are left.
    #[error("the draft has blanks left: {}", found.join(", "))]
    Blanks {
        /// The blanks there are.
        found: Vec<String>,
    },
    /// The text breaks a rule.
    #[error(transparent)]
    Contract(#[from] ContractError),
}

impl Draft {
    /// A draft of this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// The text as it stands.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Names of the blanks that are left, in the order of the text, each once.
    #[must_use]
    pub fn blanks(&self) -> Vec<String> {
        let mut blanks: Vec<String> = Vec::new();
        for part in self.text.split("\"<").skip(1) {
            let name = part.split_once(">\"").map(|(name, _)| name).filter(|name| !name.contains(['"', '\n']));
            if let Some(name) = name.filter(|name| !blanks.iter().any(|known| known == name)) {
                blanks.push(name.to_owned());
            }
        }
        blanks
    }

    /// Fills a blank wherever it stands.
    ///
    /// # Errors
    /// [`DraftError::NoSuchBlank`], [`DraftError::Value`].
    pub fn fill(&mut self, blank: &str, value: &str) -> Result<&mut Self, DraftError> {
        let quoted = format!("\"<{blank}>\"");
        if !self.text.contains(&quoted) {
            return Err(DraftError::NoSuchBlank { blank: blank.to_owned(), found: self.blanks() });
        }
        if value.contains(['"', '\\', '<', '>']) || value.contains(char::is_control) {
            return Err(DraftError::Value { blank: blank.to_owned() });
        }
        self.text = self.text.replace(&quoted, &format!("\"{value}\""));
        Ok(self)
    }

    /// Fills `"<NAME signing key>"` and `"<NAME encryption key>"` from a party's card.
    ///
    /// # Errors
    /// [`DraftError::NoSuchBlank`] where the draft has no such party.
    pub fn card(&mut self, card: &Card) -> Result<&mut Self, DraftError> {
        self.fill(&format!("{} signing key", card.name), &card.signing_key.to_string())?;
        self.fill(&format!("{} encryption key", card.name), &card.encryption_key.to_string())
    }

    /// Fills `"<random>"` with 32 random bytes in hexadecimal digits, which make two equal texts two contracts.
    ///
    /// # Errors
    /// [`DraftError::NoSuchBlank`].
    pub fn random(&mut self, rng: &mut dyn CryptoRng) -> Result<&mut Self, DraftError> {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        self.fill("random", &hex::encode(bytes))
    }

    /// The contract that the text is, once no blank is left.
    ///
    /// # Errors
    /// [`DraftError::Blanks`], [`DraftError::Contract`].
    pub fn contract(&self) -> Result<Contract, DraftError> {
        let found = self.blanks();
        if !found.is_empty() {
            return Err(DraftError::Blanks { found });
        }
        Ok(Contract::parse(self.text.as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;
    use crate::testing::{Parties, contract_of};

    #[test]
    fn a_draft_whose_blanks_are_filled_is_the_contract() {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let mut text = contract.text().to_owned();
        let cards = [parties.alpha.card(), parties.beta.card(), parties.institute.card()];
        for card in &cards {
            text = text.replace(&card.signing_key.to_string(), &format!("<{} signing key>", card.name));
            text = text.replace(&card.encryption_key.to_string(), &format!("<{} encryption key>", card.name));
        }
        let mut draft = Draft::new(text);
        let Err(DraftError::Blanks { found }) = draft.contract() else { panic!("it has blanks") };
        assert_eq!(found.len(), 6);
        for card in &cards {
            draft.card(card).unwrap();
        }
        assert_eq!(draft.contract().unwrap(), contract);
    }

    #[test]
    fn no_value_reaches_beyond_its_blank() {
        let mut draft = Draft::new("a = \"<x>\"\nb = \"<y>\"\n");
        for value in ["\"", "\\", "a\nb", "<y>", "\u{7f}"] {
            assert!(matches!(draft.fill("x", value), Err(DraftError::Value { blank }) if blank == "x"), "{value:?}");
        }
        let Err(DraftError::NoSuchBlank { found, .. }) = draft.fill("z", "1") else { panic!("there is no z") };
        assert_eq!(found, ["x", "y"]);
        assert!(matches!(draft.random(&mut random()), Err(DraftError::NoSuchBlank { .. })));
        assert_eq!(draft.fill("x", "<").unwrap_err().to_string().lines().count(), 1);
        assert_eq!(draft.fill("x", "1").unwrap().text(), "a = \"1\"\nb = \"<y>\"\n");
    }
}
