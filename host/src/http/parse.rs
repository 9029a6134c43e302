//! What requests carry, as values; what does not parse is `http.form`.

use crate::refusal::Refusal;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::ops::Range;
use core::str::FromStr;
use serde::de::DeserializeOwned;

pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn from_base64(text: &str, field: &str) -> Result<Vec<u8>, Refusal> {
    STANDARD.decode(text).map_err(|_| Refusal::Form { expected: format!("base64 in \"{field}\"") })
}

/// An id of 64 lowercase hexadecimal digits.
pub(super) fn id<T: FromStr>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::Form { expected: "an id of 64 lowercase hexadecimal digits".into() })
}

pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Form {
        expected: format!("JSON of the documented shape (see line {}, column {})", error.line(), error.column()),
    })
}

/// The number that a query has under this name, and nothing else in it.
pub(super) fn number(query: Option<&str>, name: &'static str) -> Result<Option<u64>, Refusal> {
    let [number] = numbers(query, [name])?;
    Ok(number)
}

/// The numbers that a query has under these names, each at most once and in this order, and nothing else in it.
pub(super) fn numbers<const N: usize>(
    query: Option<&str>,
    names: [&'static str; N],
) -> Result<[Option<u64>; N], Refusal> {
    let expected =
        || Refusal::Form { expected: format!("only \"{}\" and a number in the query", names.join("\", \"")) };
    let mut found = [None; N];
    let mut places = names.iter().zip(&mut found);
    for pair in query.filter(|query| !query.is_empty()).into_iter().flat_map(|query| query.split('&')) {
        let (name, digits) = pair.split_once('=').ok_or_else(expected)?;
        let (_, place) = places.find(|(known, _)| **known == name).ok_or_else(expected)?;
        let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        *place = Some(digits.and_then(|digits| digits.parse().ok()).ok_or_else(expected)?);
    }
    Ok(found)
}

/// One range of bytes (RFC 9110, section 14.1.2), of which at least one byte is there.
pub(super) fn range(header: &str, length: u64) -> Result<Range<u64>, Refusal> {
    let parsed = || {
        let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(first) || !digits(last) {
            return None;
        }
        let range = match (first.is_empty(), last.is_empty()) {
            (true, true) => return None,
            (true, false) => length.saturating_sub(last.parse().ok()?)..length,
            (false, true) => first.parse().ok()?..length,
            (false, false) => first.parse().ok()?..last.parse::<u64>().ok()?.saturating_add(1).min(length),
        };
        (range.start < range.end).then_some(range)
    };
    parsed().ok_or(Refusal::Range { length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_inside_the_body_is_a_range() {
        for (text, expected) in [
            ("bytes=0-9", 0..10),
            ("bytes=90-", 90..100),
            ("bytes=-1", 99..100),
            ("bytes=-1000", 0..100),
            ("bytes=99-1000", 99..100),
        ] {
            assert_eq!(range(text, 100), Ok(expected), "{text}");
        }
        for text in ["bytes=100-", "bytes=5-4", "bytes=-0", "bytes=-", "bytes=0-1,3-4", "bytes=+1-2", "lines=0-1", ""] {
            assert_eq!(range(text, 100), Err(Refusal::Range { length: 100 }), "{text}");
        }
    }

    #[test]
    fn a_query_has_one_number_or_nothing() {
        assert_eq!(number(None, "offset"), Ok(None));
        assert_eq!(number(Some("offset=70"), "offset"), Ok(Some(70)));
        for query in ["offset=", "offset=-1", "offset=+1", "offset=1&x=2", "x=1", "offset=99999999999999999999"] {
            let expected = "only \"offset\" and a number in the query".into();
            assert_eq!(number(Some(query), "offset"), Err(Refusal::Form { expected }), "{query}");
        }
        let both = |query| numbers(Some(query), ["from", "skip"]);
        assert_eq!([both(""), both("skip=2")], [Ok([None, None]), Ok([None, Some(2)])]);
        assert_eq!(both("from=1&skip=2"), Ok([Some(1), Some(2)]));
        for query in ["skip=2&from=1", "from=1&from=1", "from=1&", "from=1&skip=", "&from=1"] {
            let expected = "only \"from\", \"skip\" and a number in the query".into();
            assert_eq!(both(query), Err(Refusal::Form { expected }), "{query}");
        }
    }
}
