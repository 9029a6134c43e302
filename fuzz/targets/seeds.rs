//! Where a fuzzer begins: for each target inputs that it accepts, and for some of them one that it does not.
//!
//! Made from fixed numbers, and with a chain and a report of the simulated platform: no real Evidence, nothing secret.

use super::attestation::PARTS;
use super::rng::Counter;
use super::room::honest_receipt;
use super::signed::TARGET;
use super::world::{NOW, World};
use super::{seeds_corim, seeds_http, seeds_log, seeds_recovery, seeds_sealed, seeds_worlds};
use sealroom_protocol::contract::{SignedContract, decimal_text, time_text};
use sealroom_protocol::http_signature;
use sealroom_protocol::id::{ObjectId, ProposalId, ReceiptId};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::message::{self, EnclaveMessage, FrameError, HostMessage, PREFIX_LENGTH, RefusalMessage};
use sealroom_protocol::run::{
    Count, Ending, Outcome, Output, Proposal, ProposedDataset, Receipt, ResultHeader, SignedProposal, SignedReceipt,
    Stanza,
};
use sealroom_protocol::table::result::{self, ResultPlaintext, Withheld};

/// A target's seeds, each accepted by it.
pub(crate) fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "appraisal" => PARTS.iter().zip(0..).map(|(part, which)| [&[which], *part].concat()).collect(),
        "arguments" => texts(&[r#"{"list":["a","b"],"side":"left"}"#, r#"{"list":true,"side":"right"}"#]),
        "bundle" => bundles(),
        "contract" => contracts(),
        "contract_file" => contract_files(),
        "corim" => seeds_corim::corims(),
        "csv" => vec![
            b"\x07a,b,c,d,e\n1,2.50,text,x,true\n-5,,,\"y,z\",false\n".to_vec(),
            b"\x01a,b,c,d,e\r\n1000000,-10.00,\"a \"\"b\"\"\",x,true\r\n".to_vec(),
        ],
        "draft" => texts(&["name = \"<name>\"\nrandom = \"<random>\" # \"<name>\"\n"]),
        "enclave_message" => enclave_messages(),
        "endorsements" => endorsements(),
        "envelope" | "signed" => signed(target == "envelope"),
        "evidence" => PARTS.iter().take(1).map(|report| report.to_vec()).collect(),
        "grant_keys" => vec![Vec::new(), vec![1; 64], [[1; 64], [2; 64]].concat()],
        "header" => headers(),
        "host_answer" => seeds_http::answers(),
        "host_message" => host_messages(),
        "host_request" => seeds_http::requests(),
        "http_signature" => vec![request()],
        "key_file" => key_files(),
        "log" => seeds_log::logs(),
        "recovery" => seeds_recovery::recoveries(),
        "sealed" => seeds_sealed::sealed(),
        "manifest" => World::shared().objects.iter().map(|object| object.manifest.clone()).collect(),
        "name" => names(),
        "number" => numbers(),
        "object" => vec![
            [&[0; 6], b"age\n30\n40\n".as_slice()].concat(),
            vec![0; 6],
            [&[0; 6], vec![7; 40_000].as_slice()].concat(),
        ],
        "platform" => platform(),
        "programs" => {
            vec![b"city,age,weight\nbern,30,1.50\nchur,-4,\n,7,2\n\ncity,age,weight\nbern,1,0\nbern,2,0\n".to_vec()]
        }
        "result" => results(),
        "room" => rooms(),
        "x509" => PARTS.iter().skip(1).map(|part| part.to_vec()).collect(),
        _ => seeds_worlds::of(target),
    }
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn bundles() -> Vec<Vec<u8>> {
    let [report, endorsements @ ..] = PARTS;
    let evidence = sealroom::EvidenceBundle {
        enclave_key: SigningSecret::from_seed(&[1; 32]).public(),
        evidence: report.to_vec(),
        endorsements: endorsements.iter().take(1).map(|part| part.to_vec()).collect(),
        challenges: vec![[1; 32], [2; 32]],
        operator_statement: Some(sealroom::OperatorEnvelope(b"bytes".to_vec())),
        appraised: NOW,
    };
    let contract = SignedContract::verify(&World::shared().envelope).expect("a contract that all signed");
    let receipt = SignedReceipt::decode(&honest_receipt()).expect("a receipt of our own");
    let bundle = sealroom::ReceiptBundle::new(&contract, &receipt);
    let text = serde_json::to_vec(&evidence).expect("a bundle can be written");
    vec![text, bundle.encode(), bundle.with_evidence(evidence).encode()]
}

fn contracts() -> Vec<Vec<u8>> {
    let vector = include_bytes!("../../tests/vectors/contract/good.toml");
    vec![World::shared().contract.text().as_bytes().to_vec(), vector.to_vec()]
}

fn contract_files() -> Vec<Vec<u8>> {
    let world = World::shared();
    let mut some = world.contract.unsigned_envelope();
    let none = some.encode();
    world.members.iter().take(1).for_each(|member| some.sign(&member.signing));
    vec![none, some.encode(), world.envelope.encode()]
}

fn endorsements() -> Vec<Vec<u8>> {
    let [_, leaf, intermediate, root, list] = PARTS;
    let pem = [("CERTIFICATE", leaf), ("CERTIFICATE", root), ("X509 CRL", list)].map(|(label, der)| {
        let text = base64(der);
        let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| core::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    });
    vec![intermediate.to_vec(), list.to_vec(), pem.concat().into_bytes()]
}

/// RFC 4648, section 4.
pub(super) fn base64(bytes: &[u8]) -> String {
    let digit = |bits: u32| match u8::try_from(bits & 63).unwrap_or_default() {
        bits @ 0..=25 => b'A' + bits,
        bits @ 26..=51 => b'a' + (bits - 26),
        bits @ 52..=61 => b'0' + (bits - 52),
        62 => b'+',
        _ => b'/',
    };
    let group = |chunk: &[u8]| {
        let bits = (0..3).fold(0, |bits, place| bits << 8 | u32::from(chunk.get(place).copied().unwrap_or_default()));
        let digits = [18, 12, 6, 0].map(|shift| char::from(digit(bits >> shift)));
        let kept = chunk.len() + 1;
        digits.iter().enumerate().map(|(place, digit)| if place < kept { *digit } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

pub(super) fn proposal() -> Proposal {
    let world = World::shared();
    let names = ["north-rows", "south-rows"].map(ToOwned::to_owned);
    let datasets = names.into_iter().zip(world.datasets()).map(|(name, object)| ProposedDataset { name, object });
    Proposal {
        contract: world.contract.id(),
        run: 2,
        head: Some(ReceiptId::from_bytes([7; 32])),
        head_run: 1,
        datasets: datasets.collect(),
        request: None,
        enclave_key: SigningSecret::from_seed(&[8; 32]).public(),
        run_key: EncryptionSecret::from_seed(&[9; 32]).public(),
    }
}

fn signed(with_contract: bool) -> Vec<Vec<u8>> {
    let (world, proposal, enclave) = (World::shared(), proposal(), SigningSecret::from_seed(&[8; 32]));
    let (grant, _) = world.grant("north", &proposal, &mut Counter::new());
    let statement = world.statement(&proposal);
    let receipt = |outcome, ending| {
        let receipt = Receipt {
            contract: proposal.contract,
            outcome,
            ending,
            proposal: proposal.clone(),
            grants: Vec::new(),
            statement: None,
            stop: None,
            outputs: vec![Output {
                name: "shared".into(),
                recipients: vec!["institute".into()],
                object: ObjectId::from_bytes([9; 32]),
            }],
            counts: vec![Count { party: "north".into(), before: 1, after: 2 }],
            gap: vec![1],
            time: NOW,
        };
        SignedReceipt::sign(receipt, &enclave).encode()
    };
    let complete = receipt(Outcome::Complete, Ending::Released);
    let void = receipt(Outcome::Void, Ending::Abandoned);
    let proposal = SignedProposal::sign(proposal.clone(), &enclave).encode();
    let mut all =
        vec![grant, statement, complete, void, honest_receipt(), proposal, world.stop(), world.announcement.clone()];
    all.extend(with_contract.then(|| world.envelope.encode()));
    all
}

fn headers() -> Vec<Vec<u8>> {
    let world = World::shared();
    let manifest = |bytes: &[u8]| sealroom_protocol::object::Manifest::decode(bytes).expect("a manifest of our own");
    let mut headers: Vec<Vec<u8>> =
        world.objects.iter().map(|object| manifest(&object.manifest).header().to_vec()).collect();
    let stanzas = vec![Stanza::new("institute".into(), vec![7; 40])];
    let proposal = ProposalId::from_bytes([2; 32]);
    headers.push(ResultHeader::new(world.contract.id(), 1, proposal, "shared".into(), stanzas).encode());
    headers
}

fn bodies(frames: impl Iterator<Item = Result<Vec<u8>, FrameError>>) -> Vec<Vec<u8>> {
    let body = |frame: Vec<u8>| frame.get(PREFIX_LENGTH..).map(<[u8]>::to_vec);
    frames.filter_map(|frame| body(frame.expect("a short message"))).collect()
}

fn host_messages() -> Vec<Vec<u8>> {
    let object = ObjectId::from_bytes([3; 32]);
    let messages = [
        HostMessage::Open { now: NOW, contract: b"contract".to_vec() },
        HostMessage::Attest { challenges: vec![[1; 32], [2; 32]] },
        HostMessage::Bring { manifest: b"manifest".to_vec() },
        HostMessage::Propose {
            now: NOW,
            run: 300,
            receipts: vec![b"receipt".to_vec()],
            datasets: vec![object, object],
            request: Some(b"request".to_vec()),
        },
        HostMessage::State { now: NOW, statement: b"statement".to_vec() },
        HostMessage::Grant { now: NOW, grant: b"grant".to_vec(), ciphertext: vec![1; 300] },
        HostMessage::Stop { now: NOW, stop: b"stop".to_vec() },
        HostMessage::Abandon { now: 7 },
        HostMessage::Group { object, index: 70_000, bytes: vec![7; 300] },
    ];
    bodies(messages.iter().map(message::encode))
}

fn enclave_messages() -> Vec<Vec<u8>> {
    let object = ObjectId::from_bytes([3; 32]);
    let (evidence, endorsements) = (vec![1; 8], vec![vec![2; 4], Vec::new()]);
    let messages = [
        EnclaveMessage::Opened { enclave_key: [1; 32] },
        EnclaveMessage::Evidence { evidence, endorsements, challenges: vec![[3; 32]] },
        EnclaveMessage::Brought { object },
        EnclaveMessage::Proposed { proposal: b"proposal".to_vec() },
        EnclaveMessage::Accepted { missing: vec!["south".into()], statement_missing: true },
        EnclaveMessage::Read { object, index: 9 },
        EnclaveMessage::OutputPart { name: "shared".into(), bytes: vec![5; 20] },
        EnclaveMessage::OutputEnd { name: "shared".into(), manifest: vec![6; 20] },
        EnclaveMessage::Receipt { receipt: b"receipt".to_vec() },
        EnclaveMessage::Ended,
        EnclaveMessage::Refused(RefusalMessage { check: "a.b".into(), message: "m".into(), hint: "h".into() }),
    ];
    bodies(messages.iter().map(message::encode))
}

fn request() -> Vec<u8> {
    let headers = http_signature::sign(&TARGET, b"body", NOW, [7; 16], &SigningSecret::from_seed(&[1; 32]));
    [headers.content_digest, headers.signature_input, headers.signature].join("\n").into_bytes()
}

fn key_files() -> Vec<Vec<u8>> {
    let identity = sealroom::Identity::generate("cleveland", &mut Counter::new()).expect("a good name");
    let path = std::env::temp_dir().join(format!("sealroom-seed-{}", std::process::id()));
    identity.save(&path, None, &mut Counter::new()).expect("a key file can be written");
    let key_file = std::fs::read(&path).expect("a key file can be read");
    std::fs::remove_file(&path).expect("a key file can be removed");
    vec![key_file, identity.card().to_text().into_bytes()]
}

fn names() -> Vec<Vec<u8>> {
    let id = ObjectId::from_bytes([0xab; 32]).to_string();
    let keys = World::shared().members.iter().take(1);
    let keys = keys.flat_map(|member| [member.signing.public().to_string(), member.encryption.public().to_string()]);
    keys.chain([format!("sha256:{id}"), id]).map(String::into_bytes).collect()
}

fn numbers() -> Vec<Vec<u8>> {
    let texts =
        [time_text(NOW), "-9223372036854775808".into(), "0".into(), decimal_text(-1_234, 3), decimal_text(i64::MAX, 3)];
    texts.iter().map(|text| [&[3], text.as_bytes()].concat()).collect()
}

fn platform() -> Vec<Vec<u8>> {
    let [report, endorsements @ ..] = PARTS;
    let [leaf, intermediate, root, list] = endorsements;
    let calls = [&[1, 1, 0, 0, 0, 64], [7; 64].as_slice(), &[1, 2, 0, 0, 0, 3], b"abc"].concat();
    let (mut evidence, mut key) = (Vec::new(), Vec::new());
    let fields = [report, leaf, intermediate, root, list];
    sealroom_simulated_platform::write_evidence(&mut evidence, fields).expect("memory takes what is written");
    sealroom_simulated_platform::write_sealing_key(&mut key, &[7; 32]).expect("memory takes what is written");
    vec![calls, evidence, key]
}

fn results() -> Vec<Vec<u8>> {
    let outcome = |rows, withheld| result::Outcome { rows, suppressed: 2, withheld };
    let plaintexts = [
        ResultPlaintext { outcome: outcome(2, None), csv: "age\n30\n50\n".into() },
        ResultPlaintext { outcome: outcome(0, Some(Withheld::Schema)), csv: String::new() },
    ];
    plaintexts.iter().filter_map(result::encode).collect()
}

/// Whole honest runs, in the steps of `room`: each kind with no change.
fn rooms() -> Vec<Vec<u8>> {
    let steps = |kinds: &[u8]| kinds.iter().flat_map(|kind| [*kind, 0, 0, 0]).collect::<Vec<u8>>();
    let run = [6, 12, 7, 8, 9];
    // A run reads which ciphertext to change, where and how: four zeros.
    let once = [steps(&[1, 2, 3, 4, 5]), steps(&run), vec![0; 4]].concat();
    let stopped = [once.clone(), steps(&[10])].concat();
    let voided = [steps(&[1, 3, 4, 5, 6, 12, 7, 11]), steps(&run), vec![0; 4]].concat();
    vec![once, stopped, voided]
}
