//! A stranger's words, as they may be shown.
//!
//! What always holds: whatever comes out is one line, of bounded length, that neither steers a terminal nor turns the
//! reading direction; so a host paints no answer of its own between those of this program.

use serde::{Deserialize, Deserializer};

/// What a text may have, in characters; longer is cut.
const TEXT_LIMIT: usize = 2000;
/// Texts in a list; the rest is left away.
const TEXTS_LIMIT: usize = 1024;

/// A stranger's text as one line.
pub(crate) fn printable(text: &str) -> String {
    text.chars().take(TEXT_LIMIT).map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// Whether a character ends a line, steers a terminal, or turns the reading direction.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Decodes a text.
pub(super) fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| printable(&text))
}

/// Decodes a list of texts.
pub(super) fn many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    Ok(texts.iter().take(TEXTS_LIMIT).map(|text| printable(text)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_words_are_one_line_that_steers_nothing() {
        let said = "ended\u{1b}[2J\r\n\u{2713} appraisal 59 of 59\u{202e}\u{2028}\t\u{85}end";
        let shown = "ended\u{fffd}[2J\u{fffd}\u{fffd}\u{2713} appraisal 59 of 59\u{fffd}\u{fffd}\u{fffd}\u{fffd}end";
        assert_eq!(printable(said), shown);
        assert_eq!(printable("Zürich, 東京, Σ…"), "Zürich, 東京, Σ…");
        assert_eq!(printable(&"a".repeat(3000)).len(), TEXT_LIMIT);
    }
}
