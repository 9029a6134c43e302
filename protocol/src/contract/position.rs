//! Places in a contract's text, and the text itself with its rules on characters.
//!
//! What always holds: a [`Source`] is at most [`TEXT_LIMIT`] bytes of UTF-8 whose characters every reader sees alike.
//! `spec/contract.md`, section 1.

use super::error::ContractError;
use core::fmt;
use unicode_normalization::UnicodeNormalization;

/// Largest contract text, in bytes.
pub const TEXT_LIMIT: usize = 1 << 20;

/// A place in a contract's text, both counted from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Character in the line.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl ContractError {
    /// The place in the text, where the error has one.
    #[must_use]
    pub const fn position(&self) -> Option<Position> {
        match self {
            Self::ControlCharacter { at, .. }
            | Self::BidirectionalCharacter { at, .. }
            | Self::InvisibleCharacter { at, .. }
            | Self::NotNormalised { at, .. }
            | Self::OutsideSubset { at, .. }
            | Self::Structure { at, .. }
            | Self::Version { at, .. }
            | Self::Missing { at, .. }
            | Self::NotInThisVersion { at, .. }
            | Self::UnknownKey { at, .. }
            | Self::WrongType { at, .. }
            | Self::OutOfRange { at, .. }
            | Self::TextLength { at, .. }
            | Self::Count { at, .. }
            | Self::Form { at, .. }
            | Self::PublicKey { at, .. }
            | Self::Repeated { at, .. }
            | Self::SharedKey { at, .. }
            | Self::ExpiresTooEarly { at, .. }
            | Self::EmptyRange { at, .. }
            | Self::NotSorted { at, .. }
            | Self::MixedTypes { at, .. }
            | Self::UnknownParty { at, .. }
            | Self::RoleMissing { at, .. }
            | Self::IdleRole { at, .. }
            | Self::FixedAndChosen { at, .. }
            | Self::NobodyChooses { at, .. }
            | Self::DebugAccepted { at, .. }
            | Self::CountsAndAnew { at }
            | Self::CarriedCounts { at, .. } => Some(*at),
            Self::TooLong { .. }
            | Self::NotUtf8 { .. }
            | Self::ByteOrderMark
            | Self::Envelope(_)
            | Self::OtherText
            | Self::SignatureMissing { .. }
            | Self::SignatureBad { .. }
            | Self::SignatureForeign { .. } => None,
        }
    }
}

/// Text whose characters were checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a>(&'a str);

impl<'a> Source<'a> {
    /// The text that these bytes are.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, ContractError> {
        if bytes.len() > TEXT_LIMIT {
            return Err(ContractError::TooLong { limit: TEXT_LIMIT, found: bytes.len() });
        }
        let text =
            core::str::from_utf8(bytes).map_err(|error| ContractError::NotUtf8 { offset: error.valid_up_to() })?;
        if text.starts_with('\u{feff}') {
            return Err(ContractError::ByteOrderMark);
        }
        let source = Self(text);
        for (offset, character) in text.char_indices() {
            let code_point = u32::from(character);
            match class(character) {
                Class::Shown => {}
                Class::Control => {
                    return Err(ContractError::ControlCharacter { at: source.position(offset), code_point });
                }
                Class::Bidirectional => {
                    return Err(ContractError::BidirectionalCharacter { at: source.position(offset), code_point });
                }
                Class::Invisible => {
                    return Err(ContractError::InvisibleCharacter { at: source.position(offset), code_point });
                }
            }
        }
        // The first character that normalisation changes is the first at which both spellings differ.
        let mut normal = text.nfc();
        for (offset, character) in text.char_indices() {
            if normal.next() != Some(character) {
                return Err(ContractError::NotNormalised { at: source.position(offset) });
            }
        }
        Ok(source)
    }

    pub(super) const fn text(self) -> &'a str {
        self.0
    }

    /// Where the byte with this offset stands.
    pub(super) fn position(self, offset: usize) -> Position {
        let before = self.0.get(..offset).unwrap_or(self.0);
        let line_start = before.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
        let line = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
        let column = before.get(line_start..).unwrap_or("").chars().count().saturating_add(1);
        Position { line, column }
    }
}

enum Class {
    Shown,
    Control,
    Bidirectional,
    Invisible,
}

/// How readers show a character. Lists after Unicode 18: Cc; Bidi_Control; Default_Ignorable_Code_Point, separators of
/// lines, non-characters and private use.
fn class(character: char) -> Class {
    match character {
        '\n' => Class::Shown,
        _ if character.is_control() => Class::Control,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Class::Bidirectional,
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2028}'
        | '\u{2029}'
        | '\u{2060}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{10ffff}' => Class::Invisible,
        _ if u32::from(character) & 0xfffe == 0xfffe => Class::Invisible,
        // The no-break and wide spaces look like a space and are none.
        _ if character != ' ' && character.is_whitespace() => Class::Invisible,
        _ => Class::Shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> ContractError {
        Source::new(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn what_readers_show_differently_is_refused_where_it_stands() {
        let at = |line, column| Position { line, column };
        assert_eq!(refusal("\u{feff}a"), ContractError::ByteOrderMark);
        assert_eq!(refusal("é\na\tb"), ContractError::ControlCharacter { at: at(2, 2), code_point: 9 });
        assert_eq!(refusal("a\r\n"), ContractError::ControlCharacter { at: at(1, 2), code_point: 13 });
        assert_eq!(refusal("\u{202e}"), ContractError::BidirectionalCharacter { at: at(1, 1), code_point: 0x202e });
        for invisible in ['\u{200b}', '\u{ad}', '\u{a0}', '\u{3000}', '\u{e0041}', '\u{fe0f}', '\u{1ffff}', '\u{f000}']
        {
            let code_point = u32::from(invisible);
            let text = alloc::format!("é{invisible}");
            assert_eq!(refusal(&text), ContractError::InvisibleCharacter { at: at(1, 2), code_point });
        }
        assert_eq!(refusal("a\ne\u{301}"), ContractError::NotNormalised { at: at(2, 1) });
        assert_eq!(Source::new(b"a\xff").unwrap_err(), ContractError::NotUtf8 { offset: 1 });
        let long = alloc::vec![b'#'; TEXT_LIMIT + 1];
        let expected = ContractError::TooLong { limit: TEXT_LIMIT, found: TEXT_LIMIT + 1 };
        assert_eq!(Source::new(&long).unwrap_err(), expected);
        assert!(Source::new("Größe 東京 Ελλάδα".as_bytes()).is_ok());
    }
}
