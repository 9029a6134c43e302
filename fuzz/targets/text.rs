//! Small things in text: keys, identifiers, fingerprints, times and numbers. Each has one spelling.

use core::fmt::Display;
use core::str::FromStr;
use sealroom_attestation::Fingerprint;
use sealroom_protocol::contract::{decimal_text, parse_decimal, parse_time, time_text};
use sealroom_protocol::id::{ContractId, GrantId, ObjectId, ProposalId, ReceiptId, RequestId};
use sealroom_protocol::identity::{EncryptionPublicKey, SigningPublicKey};
use sealroom_protocol::table::{self, parse_integer, write_decimal};

/// Public keys, ids of all kinds, fingerprints.
pub(crate) fn name(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let ids = [
        reads_back::<ContractId>(text),
        reads_back::<ObjectId>(text),
        reads_back::<RequestId>(text),
        reads_back::<ProposalId>(text),
        reads_back::<GrantId>(text),
        reads_back::<ReceiptId>(text),
    ];
    assert!(ids == [true; 6] || ids == [false; 6], "all ids are spelt alike");
    let fingerprint = Fingerprint::parse(text);
    if let Ok(fingerprint) = &fingerprint {
        assert_eq!(fingerprint.to_string(), text);
    }
    let key = reads_back::<SigningPublicKey>(text) | reads_back::<EncryptionPublicKey>(text);
    key || ids == [true; 6] || fingerprint.is_ok()
}

fn reads_back<T: FromStr + Display>(text: &str) -> bool {
    let parsed = text.parse::<T>();
    if let Ok(value) = &parsed {
        assert_eq!(value.to_string(), text);
    }
    parsed.is_ok()
}

/// The first byte is a scale. A contract and a table read one number alike, and what was read can be written.
pub(crate) fn number(bytes: &[u8]) -> bool {
    let Some((scale, bytes)) = bytes.split_first() else { return false };
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let time = parse_time(text);
    if let Some(time) = time {
        assert_eq!(time_text(time), text);
    }
    let integer = parse_integer(bytes).ok();
    if let Some(integer) = integer {
        assert_eq!(integer.to_string(), text);
    }
    let scale = scale % 10;
    let decimal = parse_decimal(text, scale);
    assert_eq!(decimal, table::parse_decimal(bytes, scale).ok());
    if let Some(units) = decimal {
        let mut written = String::new();
        write_decimal(&mut written, units, scale).expect("a text takes what is written to it");
        assert_eq!(table::parse_decimal(written.as_bytes(), scale), Ok(units));
        assert_eq!(parse_decimal(&decimal_text(units, scale), scale), Some(units));
    }
    time.is_some() || integer.is_some() || decimal.is_some()
}
