//! What whoever wrote Evidence, policy or file names might want of the page: markup that runs, words that mislead, a way out.

use std::net::TcpListener;

use serde_json::json;

use crate::worlds::world;
use crate::{native, opened, rows};

const MARKUP: &str = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>";

#[test]
fn words_of_a_file_are_text_and_never_markup() {
    let Some(mut page) = opened("words_of_a_file_are_text_and_never_markup") else { return };
    let elements =
        "[document.querySelectorAll('script').length, document.querySelectorAll('img').length, document.title]";
    let before = page.value(elements);
    let mut request = world("tdx-4");
    let quoted = json!(MARKUP).to_string();
    let policy = request.policy.as_mut().unwrap();
    for written in ["name = \"\"", "name = \"test\"", "skip = \"the test's quote does not say it\""] {
        let (key, _) = written.split_once(" = ").unwrap();
        assert!(policy.contains(written), "{written}");
        *policy = policy.replace(written, &format!("{key} = {quoted}"));
    }
    page.give(&request);
    assert_eq!(page.text("verdict"), "ACCEPTED");
    assert_eq!(page.rows(), rows(&native(&request)));
    assert!(page.text("facts").matches(MARKUP).count() == 2, "the names of policy and block: {}", page.text("facts"));
    assert!(page.text("rows").contains(&format!("left out, because: {MARKUP}")));
    // The name of a file, and words of Evidence that is none.
    let wrong = page.file("<img src=x onerror=document.title=1>.pem", b"no certificate");
    page.choose("endorsement-files", &[wrong]);
    assert!(page.text("failure").starts_with("<img src=x onerror=document.title=1>.pem: no endorsement: "));
    let evidence = page.file("evidence.json", json!({ (MARKUP): "00" }).to_string().as_bytes());
    page.choose("evidence-file", &[evidence]);
    page.value("document.querySelectorAll('#endorsement-list button').forEach((button) => button.click())");
    assert_eq!(page.text("verdict"), "MALFORMED");
    assert!(page.text("rows").contains("<img src=x"), "{}", page.text("rows"));
    assert_eq!(page.value(elements), before);
    page.was_quiet();
}

#[test]
fn words_that_would_turn_the_reading_direction_are_shown_as_such() {
    let Some(mut page) = opened("words_that_would_turn_the_reading_direction_are_shown_as_such") else { return };
    let mut request = world("tdx-4");
    let policy = request.policy.as_mut().unwrap();
    *policy = policy.replace("name = \"test\"", "name = \"refused\\u202E \\u001B[2Jdetpecca\"");
    page.give(&request);
    let facts = page.text("facts");
    assert!(facts.contains("refused\u{fffd} \u{fffd}[2Jdetpecca"), "{facts}");
    page.was_quiet();
}

#[test]
fn the_page_reaches_no_network_even_when_it_is_told_to() {
    let Some(mut page) = opened("the_page_reaches_no_network_even_when_it_is_told_to") else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let ways = [
        format!("fetch('http://{url}/fetch').then(() => 'sent', () => 'refused')"),
        format!(
            "new Promise((done) => {{ const way = new XMLHttpRequest(); way.onload = () => done('sent');
                way.onerror = () => done('refused'); way.open('GET', 'http://{url}/request'); way.send(); }})"
        ),
        format!(
            "new Promise((done) => {{ const way = new Image(); way.onload = () => done('sent');
                way.onerror = () => done('refused'); way.src = 'http://{url}/image'; }})"
        ),
        format!(
            "new Promise((done) => {{ try {{ const way = new WebSocket('ws://{url}/socket'); way.onopen = () => done('sent');
                way.onerror = () => done('refused'); }} catch (error) {{ done('refused'); }} }})"
        ),
        format!("import('http://{url}/module').then(() => 'sent', () => 'refused')"),
        // Nor does anything that stands in a string run.
        "(() => { try { setTimeout('1'); eval('1'); return 'ran'; } catch (error) { return 'refused'; } })()".to_owned(),
        "(() => { try { document.body.innerHTML = '<p>'; return 'ran'; } catch (error) { return 'refused'; } })()".to_owned(),
    ];
    for way in ways {
        assert_eq!(page.value(&way), "refused", "{way}");
    }
    let beacon = format!("navigator.sendBeacon('http://{url}/beacon', 'x')");
    page.value(&beacon);
    std::thread::sleep(core::time::Duration::from_millis(500));
    assert!(listener.accept().is_err(), "somebody called");
}
