//! What stands in the page's own text: it allows exactly its own style and script, and nothing of it is elsewhere.

#![expect(clippy::unwrap_used, reason = "a panic is a test's failure report")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const PAGE: &str = include_str!("../../../docs/verify.html");

/// What stands between two texts that stand in the page once.
fn between(start: &str, end: &str) -> &'static str {
    assert_eq!(PAGE.matches(start).count(), 1, "{start}");
    PAGE.split_once(start).unwrap().1.split_once(end).unwrap().0
}

fn digest(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    format!("'sha256-{}'", STANDARD.encode(digest))
}

#[test]
fn the_page_allows_exactly_its_own_style_and_script() {
    let (style, script) = (digest(between("<style>", "</style>")), digest(between("\n<script>", "</script>")));
    let expected = format!(
        "default-src 'none'; script-src {script} 'wasm-unsafe-eval'; style-src {style}; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    assert_eq!(between("http-equiv=\"Content-Security-Policy\" content=\"", "\""), expected);
}

#[test]
fn the_page_names_no_other_place_and_makes_no_markup() {
    for elsewhere in [
        "http:",
        "https:",
        "//\"",
        "src=",
        "url(",
        "@import",
        "<link",
        "<iframe",
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
    ] {
        assert!(!PAGE.contains(elsewhere), "{elsewhere}");
    }
    for markup in [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        " style=\"",
        " onclick",
    ] {
        assert!(!PAGE.contains(markup), "{markup}");
    }
}
