//! Textual encodings (RFC 7468), strictly: a block is its label twice and base64 in lines of one width, of which only the last
//! may be shorter; no headers. Nothing here is secret, so base64 need not be decoded in constant time.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const DASHES: &str = "-----";
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// The blocks of a text, of which nothing else stands between them but white space.
#[derive(Clone, Debug)]
pub(crate) struct Blocks<'a> {
    rest: &'a str,
}

/// A label and the bytes under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    pub(crate) label: &'a str,
    pub(crate) bytes: Vec<u8>,
}

/// A text, or a part of one, that is no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotPem;

impl<'a> Blocks<'a> {
    /// Of all of `text`. There may be none in it.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text.trim_ascii() }
    }
}

/// The one block that a text is.
pub(crate) fn only(text: &str) -> Option<Block<'_>> {
    let mut blocks = Blocks::new(text);
    let block = blocks.next()?.ok()?;
    blocks.next().is_none().then_some(block)
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, NotPem>;

    /// After an error there is nothing more.
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (block, rest) = split(self.rest).map_or((Err(NotPem), ""), |(block, rest)| (Ok(block), rest));
        self.rest = rest.trim_ascii_start();
        Some(block)
    }
}

fn split(text: &str) -> Option<(Block<'_>, &str)> {
    let (label, text) = text.strip_prefix(BEGIN)?.split_once(DASHES)?;
    // Base64 has no dash, so the first one ends it.
    let (content, text) = text.split_at_checked(text.find('-')?)?;
    let rest = text.strip_prefix(END)?.strip_prefix(label)?.strip_prefix(DASHES)?;
    let lines = content.strip_prefix("\r\n").or_else(|| content.strip_prefix('\n'))?.strip_suffix('\n')?;
    Some((Block { label, bytes: decode(lines)? }, rest))
}

/// As wide as the first line is, every other one has to be, but for the last. A line end elsewhere is no digit of base64.
fn decode(lines: &str) -> Option<Vec<u8>> {
    let lines = lines.strip_suffix('\r').unwrap_or(lines);
    let first = lines.split_once('\n').map_or(lines, |(first, _)| first.strip_suffix('\r').unwrap_or(first));
    let width = Some(first.len()).filter(|width| *width > 0)?;
    let mut digits = String::with_capacity(lines.len());
    let mut rest = lines;
    while let Some((line, after)) = rest.split_at_checked(width) {
        digits.push_str(line);
        if after.is_empty() {
            return STANDARD.decode(digits).ok();
        }
        rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n'))?;
    }
    digits.push_str(rest);
    if rest.is_empty() { None } else { STANDARD.decode(digits).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<(&str, Vec<u8>)>, NotPem> {
        Blocks::new(text).map(|block| block.map(|Block { label, bytes }| (label, bytes))).collect()
    }

    #[test]
    fn blocks_stand_one_after_the_other_with_any_line_ends() {
        let one = "-----BEGIN A B-----\nMAAw\nMAA=\n-----END A B-----";
        let expected = ("A B", alloc::vec![0x30, 0, 0x30, 0x30, 0]);
        assert_eq!(all(one), Ok(alloc::vec![expected.clone()]));
        assert_eq!(all(&one.replace('\n', "\r\n")), Ok(alloc::vec![expected.clone()]));
        assert_eq!(all(&alloc::format!(" {one}{one}\r\n\t{one}\n")), Ok(alloc::vec![expected; 3]));
        assert_eq!(all(" \n"), Ok(Vec::new()));
        assert_eq!(only(one).map(|block| block.label), Some("A B"));
        assert_eq!(only(&alloc::format!("{one}\n{one}")), None);
        assert_eq!(only(""), None);
    }

    #[test]
    fn a_last_line_may_be_shorter_by_the_one_byte_that_a_line_end_has_more() {
        for end in ["\n", "\r\n"] {
            let lines = ["MAAwM", "DAwMD", "AwMDA", "wMDAw", "MDAw"].join(end);
            let text = alloc::format!("-----BEGIN A-----{end}{lines}{end}-----END A-----");
            let bytes = only(&text).map(|block| block.bytes);
            assert_eq!(bytes, Some([&[0x30, 0], [0x30; 16].as_slice()].concat()), "{end:?}");
        }
    }

    #[test]
    fn whatever_is_not_exactly_that_is_refused() {
        for text in [
            "MAA=",
            "-----BEGIN A-----\nMAA=\n-----END B-----",
            "-----BEGIN A-----\nMAA=\n-----END A",
            "-----BEGIN A-----MAA=\n-----END A-----",
            "-----BEGIN A-----\nMAA=-----END A-----",
            "-----BEGIN A-----\n\n-----END A-----",
            "-----BEGIN A-----\n-----END A-----",
            "-----BEGIN A-----\nMA\nA=\n\n-----END A-----",
            "-----BEGIN A-----\nM\nAA=\n-----END A-----",
            "-----BEGIN A-----\nMAAw\nMA\nA=\n-----END A-----",
            "-----BEGIN A-----\nMA A=\n-----END A-----",
            "-----BEGIN A-----\nMAA\n-----END A-----",
            "-----BEGIN A-----\nMAB=\n-----END A-----",
            "-----BEGIN A-----\nX-Header: 1\n\nMAA=\n-----END A-----",
            "-----BEGIN A-----\nMAA=\n-----END A----- x",
            "words -----BEGIN A-----\nMAA=\n-----END A-----",
        ] {
            assert_eq!(all(text), Err(NotPem), "{text:?}");
        }
    }
}
