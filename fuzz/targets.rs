//! What is fuzzed: one function a decoder of outside bytes, each with the property that must hold for every input. The
//! fuzzer drives them from `fuzz_targets/`; `cargo test` replays the committed corpora through the same functions.
//!
//! Every function takes any bytes and returns; a panic is a finding.

use sealroom_attestation::{Endorsements, Evidence};
use sealroom_enclave_core::{Programs, Room, entry};
use sealroom_protocol::contract::{ArgumentValue, Column, Contract, Dataset, ProgramTerms, write};
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::http_signature::{PresentedSignature, RequestTarget, SignatureHeaders};
use sealroom_protocol::identity::{EncryptionPublicKey, SigningPublicKey};
use sealroom_protocol::message::{self, EnclaveMessage, HostMessage};
use sealroom_protocol::object::Manifest;
use sealroom_protocol::provider::RustCrypto;
use sealroom_protocol::run::{
    DatasetHeader, RequestHeader, ResultHeader, SignedAnnouncement, SignedGrant, SignedProposal, SignedReceipt,
    SignedStatement, SignedStop,
};
use sealroom_protocol::table::{CsvDecoder, CsvError, result};

/// A target's name, which is also its corpus folder, and its function.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("contract", contract),
    ("envelope", envelope),
    ("signed", signed),
    ("host_message", host_message),
    ("enclave_message", enclave_message),
    ("manifest", manifest),
    ("header", header),
    ("csv", csv),
    ("result", result_plaintext),
    ("arguments", arguments),
    ("key_text", key_text),
    ("http_signature", http_signature),
    ("evidence", evidence),
    ("endorsements", endorsements),
    ("room", room),
    ("platform_call", platform_call),
];

/// Runs one target by its name.
///
/// # Panics
/// When there is no such target, or at a finding.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    (target.expect("a target of this name").1)(bytes);
}

fn contract(bytes: &[u8]) {
    let Ok(contract) = Contract::parse(bytes) else { return };
    let again = Contract::parse(write(contract.terms()).as_bytes()).expect("terms that were accepted can be written");
    assert_eq!(again.terms(), contract.terms());
}

fn envelope(bytes: &[u8]) {
    for payload_type in [PayloadType::Contract, PayloadType::Receipt, PayloadType::Grant] {
        if let Ok(envelope) = Envelope::decode(bytes, payload_type) {
            assert_eq!(envelope.encode(), bytes);
        }
    }
}

/// Any signed object: decoded, encoded again, and where it is a receipt verified under no contract's rules but its own.
fn signed(bytes: &[u8]) {
    let encoded = [
        SignedProposal::decode(bytes).map(|signed| signed.encode()),
        SignedGrant::decode(bytes).map(|signed| signed.encode()),
        SignedAnnouncement::decode(bytes).map(|signed| signed.encode()),
        SignedReceipt::decode(bytes).map(|signed| signed.encode()),
        SignedStatement::decode(bytes).map(|signed| signed.encode()),
        SignedStop::decode(bytes).map(|signed| signed.encode()),
    ];
    let good: Vec<Vec<u8>> = encoded.into_iter().flatten().collect();
    assert!(good.len() <= 1, "one envelope is one kind of object");
    assert!(good.iter().all(|encoded| encoded == bytes));
}

fn host_message(bytes: &[u8]) {
    let decoded = message::decode::<HostMessage>(bytes);
    let borrowed = message::decode_group(bytes);
    match (&decoded, borrowed) {
        (Ok(HostMessage::Group { object, index, bytes }), Some(group)) => {
            assert_eq!((*object, *index, bytes.as_slice()), (group.object, group.index, group.bytes));
        }
        (_, None) => assert!(!matches!(decoded, Ok(HostMessage::Group { .. }))),
        (other, Some(_)) => panic!("read as a group in one way and as {other:?} in the other"),
    }
}

fn enclave_message(bytes: &[u8]) {
    if let Ok(message) = message::decode::<EnclaveMessage>(bytes) {
        let frame = message::encode(&message).expect("what was decoded is within the limit");
        let again = message::decode::<EnclaveMessage>(frame.get(message::PREFIX_LENGTH..).unwrap_or_default());
        assert_eq!(again, Ok(message));
    }
}

fn manifest(bytes: &[u8]) {
    if let Ok(manifest) = Manifest::decode(bytes) {
        assert_eq!(manifest.encode(), bytes);
        let last = manifest.group_count().saturating_sub(1);
        assert!(manifest.group_range(last).is_ok() && manifest.group_range(last + 1).is_err());
    }
}

fn header(bytes: &[u8]) {
    let encoded = [
        DatasetHeader::decode(bytes).map(|header| header.encode()),
        RequestHeader::decode(bytes).map(|header| header.encode()),
        ResultHeader::decode(bytes).map(|header| header.encode()),
    ];
    let good: Vec<Vec<u8>> = encoded.into_iter().flatten().collect();
    assert!(good.len() <= 1 && good.iter().all(|encoded| encoded == bytes));
}

/// The first byte says where the text is cut; the outcome must not depend on it.
fn csv(bytes: &[u8]) {
    let Some((cut, text)) = bytes.split_first() else { return };
    let columns = [
        Column::integer("a", -5, 1_000_000),
        Column::decimal("b", 2, -1_000, 1_000_000).or_null(),
        Column::text("c", 20).or_null(),
        Column::one_of("d", &["x", "y,z"]),
        Column::boolean("e"),
    ];
    let dataset = Dataset::new("table", "owner", 1_000, columns.to_vec());
    let read = |pieces: &[&[u8]]| {
        let mut decoder = CsvDecoder::new(&dataset.columns, dataset.maximum_rows);
        let mut shown = Vec::new();
        let mut rows = 0;
        for piece in pieces {
            decoder.decode::<CsvError>(piece, |batch| {
                rows += batch.rows();
                shown.push(format!("{:?}", batch.columns()));
                Ok(())
            })?;
        }
        let count = decoder.finish::<CsvError>(|batch| {
            rows += batch.rows();
            shown.push(format!("{:?}", batch.columns()));
            Ok(())
        })?;
        assert_eq!(u64::try_from(rows), Ok(count));
        Ok::<_, CsvError>(shown)
    };
    let (first, second) = text.split_at(usize::from(*cut).min(text.len()));
    assert_eq!(read(&[text]), read(&[first, second]));
}

fn result_plaintext(bytes: &[u8]) {
    if let Ok(plaintext) = result::decode(bytes) {
        assert_eq!(result::encode(&plaintext).as_deref(), Some(bytes));
    }
}

fn arguments(bytes: &[u8]) {
    let terms = ProgramTerms::native("any")
        .with("fixed", 7.into())
        .with_choice("side", vec!["left".into(), "right".into()])
        .with_choice("list", vec![ArgumentValue::from(["a", "b"].as_slice()), true.into()]);
    if let Some(arguments) = entry::arguments(&terms, Some(bytes)) {
        assert_eq!(arguments.len(), 3);
    }
}

fn key_text(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    if let Ok(key) = text.parse::<SigningPublicKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(key) = text.parse::<EncryptionPublicKey>() {
        assert_eq!(key.to_string(), text);
    }
}

/// Three headers, cut at line feeds.
fn http_signature(bytes: &[u8]) {
    let Ok(text) = core::str::from_utf8(bytes) else { return };
    let mut lines = text.splitn(3, '\n').map(ToOwned::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    let headers = SignatureHeaders { content_digest: next(), signature_input: next(), signature: next() };
    if let Ok(presented) = PresentedSignature::decode(headers) {
        let target = RequestTarget { method: "POST", authority: "host.example", path: "/v1/rooms", query: None };
        drop(presented.verify(&target));
    }
}

fn evidence(bytes: &[u8]) {
    if let Ok(evidence) = Evidence::decode(bytes) {
        assert_eq!(evidence.bytes(), bytes);
        drop(evidence.unverified_claims());
    }
}

fn endorsements(bytes: &[u8]) {
    if let Ok(endorsements) = Endorsements::decode(bytes) {
        drop((endorsements.certificates().len(), endorsements.revocation_lists().len()));
    }
}

/// A room fed with frames, each a length of two bytes and its body: every one is answered.
fn room(bytes: &[u8]) {
    let mut rng = Counter(1);
    let mut room = Room::new(Programs::new(&[]), &RustCrypto, &mut rng);
    let mut rest = bytes;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (body, after) = after.split_at(usize::from(u16::from_le_bytes(*length)).min(after.len()));
        rest = after;
        if let Ok(message) = entry::message(body) {
            drop(room.handle(message, &mut rng));
        }
    }
}

fn platform_call(mut bytes: &[u8]) {
    while let Ok(Some(_)) = sealroom_simulated_platform::read_request(&mut bytes) {}
}

/// Numbers that are no secret: keys need only differ here.
struct Counter(u64);

impl rand_core::TryRng for Counter {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        Ok(u32::try_from(self.0 >> 32).unwrap_or_default())
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from(self.try_next_u32()?) << 32 | u64::from(self.try_next_u32()?))
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Self::Error> {
        for byte in destination {
            *byte = u8::try_from(self.try_next_u32()? >> 24).unwrap_or_default();
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Counter {}
