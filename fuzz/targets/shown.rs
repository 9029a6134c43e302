//! What people are shown of bytes that a stranger chose must not steer their terminal.

use core::fmt::Display;

/// Takes an error apart from its result, and holds its words to that.
pub(super) fn shown<T, E: Display>(result: Result<T, E>) -> Option<T> {
    result.map_err(|error| plain(&error.to_string())).ok()
}

/// Holds a text to that.
pub(super) fn plain(text: &str) {
    let steers = |character: char| {
        character.is_control()
            || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(steers), "could steer a terminal: {text:?}");
}
