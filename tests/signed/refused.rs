//! Envelopes that are not in their one form: each is a good one with one thing changed.

use crate::{compare, world};
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::run::SignedGrant;
use serde_json::{Value, json};

/// What is changed: its name, the first place in the contract's envelope that reads so, and what stands there instead.
fn changes(good: &str) -> Vec<(&'static str, String, String)> {
    let (_, all) = good.split_once("\"signatures\":[").expect("an envelope has signatures");
    let plus: String =
        all.split_inclusive('+').next().map_or_else(String::new, |part| part.chars().rev().take(9).collect());
    let plus: String = plus.chars().rev().collect();
    let mut signatures = all.split_inclusive('}');
    let first = signatures.next().expect("four signatures");
    let second = signatures.next().and_then(|signature| signature.strip_prefix(',')).expect("four signatures");
    let key_id: String = first.chars().skip("{\"keyid\":\"".len()).take(64).collect();
    let changes: [(&str, &str, &str); 14] = [
        ("a space between fields", ",\"payloadType\"", ", \"payloadType\""),
        ("a line feed at the end", "]}", "]}\n"),
        ("a byte at the end", "]}", "]}x"),
        ("another order of fields", "{\"keyid\":", "{\"sig\":\"\",\"keyid\":"),
        ("an unknown field", "{\"payload\":", "{\"more\":1,\"payload\":"),
        ("the payload twice", "{\"payload\":", "{\"payload\":\"\",\"payload\":"),
        ("base64 without padding", "==\"}", "\"}"),
        ("base64 of the other alphabet", &plus, &plus.replace('+', "-")),
        ("an escape for a letter", "payloadType\":\"a", "payloadType\":\"\\u0061"),
        ("a key id in capitals", &key_id, &key_id.to_uppercase()),
        ("signatures out of order", &format!("{first},{second}"), &format!("{second},{first}")),
        ("two signatures by one key", first, &format!("{first},{first}")),
        ("a short key id", &key_id, &key_id[..62]),
        ("another type", "contract.v1+toml", "contract.v2+toml"),
    ];
    changes.map(|(name, find, with)| (name, find.into(), with.into())).into()
}

#[test]
fn an_envelope_in_any_other_form_is_refused_by_the_check_it_trips() {
    let good = String::from_utf8(world::signed_contract().encode()).expect("envelopes are JSON");
    let vectors = changes(&good).into_iter().map(|(name, find, with)| {
        let changed = good.replacen(&find, &with, 1);
        assert!(changed != good, "{name}: the place to change is there");
        let error = Envelope::decode(changed.as_bytes(), PayloadType::Contract).expect_err(name);
        json!({ "name": name, "find": find, "with": with, "expect": error.to_string() })
    });
    compare("refused.json", &Value::Array(vectors.collect()));
}

#[test]
fn a_payload_in_any_other_form_is_refused_by_the_check_it_trips() {
    let good = String::from_utf8(world::signed_grant("zurich", &world::proposal()).payload().to_vec()).expect("JSON");
    let not_canonical = "payload: not in canonical form: expected exactly the bytes that encoding the value gives";
    // Where it says so is the JSON reader's to choose.
    let malformed = "payload: not the JSON expected here";
    let one = |find: &str, with: &str| good.replacen(find, with, 1);
    let changed = [
        (one("\"run\":2", "\"run\": 2"), not_canonical.to_string()),
        (one("\"party\":\"z", "\"party\":\"\\u007a"), not_canonical.to_string()),
        (one("\"run\":2", "\"run\":2.0"), malformed.to_string()),
        (one("\"run\":2", "\"run\":-2"), malformed.to_string()),
        (one("\"run\":2", "\"run\":02"), malformed.to_string()),
        (one(",\"expires\"", ",\"more\":1,\"expires\""), malformed.to_string()),
    ];
    for (payload, expected) in changed {
        let envelope = Envelope::signed(PayloadType::Grant, payload.into_bytes(), &world::party("zurich"));
        let error = SignedGrant::decode(&envelope.encode()).unwrap_err().to_string();
        let place = error.split(", at byte").next().unwrap_or_default();
        assert_eq!(place, expected, "{error}");
    }
}
