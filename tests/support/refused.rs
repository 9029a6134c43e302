//! What every refusal must say, held in one place: the check, what was expected, what was found, what to do; and none of
//! the secrets of the test that reached it.
//!
//! What always holds: every attack of the hostile suites ends in a call of [`refused`] or [`refused_in_words`], or in an
//! ending that its test names.

use core::cell::RefCell;

thread_local! {
    /// Secrets of this test, in every form in which they could be printed.
    static SECRETS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Bytes that no refusal of this test may show: a key, or a value of a dataset.
pub(crate) fn secret(bytes: &[u8]) {
    let decimal = format!("{bytes:?}");
    let forms = [hex(bytes), base64(bytes), decimal.trim_matches(['[', ']']).to_owned()];
    let text = core::str::from_utf8(bytes).ok().map(str::to_owned);
    SECRETS.with_borrow_mut(|secrets| secrets.extend(forms.into_iter().chain(text)));
}

/// Asserts that a refusal is by this check, and says everything that one must.
#[track_caller]
pub(crate) fn refused(expected_check: &str, check: &str, message: &str, hint: &str) {
    assert_eq!(check, expected_check, "{message}");
    let (group, name) = check.split_once('.').unwrap_or_else(|| panic!("{check} is no id of a check"));
    assert!(!group.is_empty() && !name.is_empty(), "{check} is no id of a check");
    let (expected, found) =
        parts(message).unwrap_or_else(|| panic!("{check} lacks \"expected …, found …\": {message}"));
    assert!(!expected.is_empty() && !found.is_empty(), "{check}: {message}");
    assert!(!hint.trim().is_empty(), "{check} does not say what to do: {message}");
    assert_eq!(shown_secrets(&[message, hint]), 0, "{check} shows a secret");
}

/// The same for an error whose words hold the hint: expected, found; what to do.
#[track_caller]
pub(crate) fn refused_in_words(expected_check: &str, check: &str, words: &str) {
    let (message, hint) = words.rsplit_once("; ").unwrap_or_else(|| panic!("{check} does not say what to do: {words}"));
    refused(expected_check, check, message, hint);
}

/// Says how many of this test's secrets stand in these texts.
pub(crate) fn shown_secrets(texts: &[&str]) -> usize {
    SECRETS.with_borrow(|secrets| {
        secrets.iter().filter(|secret| texts.iter().any(|text| text.contains(secret.as_str()))).count()
    })
}

/// What was expected and what was found.
fn parts(message: &str) -> Option<(&str, &str)> {
    let (_, rest) = message.split_once("expected ")?;
    let (expected, found) = rest.split_once(", found")?;
    Some((expected.trim(), found.trim_start_matches(':').trim()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 4648, section 4, without what depends on the last incomplete group.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(DIGITS[bits >> shift & 63]))
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

#[test]
fn a_refusal_without_one_of_its_parts_or_with_a_secret_is_found() {
    secret(b"a-secret-of-this-test");
    let good = ("a.b", "expected 1, found 2", "do it again");
    refused("a.b", good.0, good.1, good.2);
    refused_in_words("a.b", good.0, "expected 1, found: 2; do it again");
    let encoded = base64(b"a-secret-of-this-test");
    let shown = format!("expected 1, found {encoded}");
    let bad = [
        ("ab", good.1, good.2),
        ("a.c", good.1, good.2),
        (good.0, "expected 1", good.2),
        (good.0, "expected 1, found ", good.2),
        (good.0, "it did not work", good.2),
        (good.0, good.1, " "),
        (good.0, good.1, "try a-secret-of-this-test"),
        (good.0, &shown, good.2),
    ];
    for (check, message, hint) in bad {
        let caught = std::panic::catch_unwind(|| refused("a.b", check, message, hint));
        assert!(caught.is_err(), "{check}: {message}; {hint}");
    }
}
