//! Seeds of the two targets that speak HTTP: what a host is sent, and what a party's client is answered.

use super::attestation::PARTS;
use super::rng::Counter;
use super::room::honest_receipt;
use super::seeds::{base64, proposal};
use super::world::World;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::run::SignedProposal;
use serde_json::{Value, json};

/// Each path with a body that the host reads, and paths to get.
pub(super) fn requests() -> Vec<Vec<u8>> {
    let world = World::shared();
    let [north, south, _] = &world.objects;
    let proposal = proposal();
    let (grant, ciphertext) = world.grant("north", &proposal, &mut Counter::new());
    let json = |value: Value| value.to_string().into_bytes();
    let grants = json(json!({"grant": base64(&grant), "ciphertext": base64(&ciphertext)}));
    let wanted = json(json!({
        "run": 1,
        "datasets": {"north-rows": north.id.to_string(), "south-rows": south.id.to_string()},
        "request": base64(&world.announcement),
        "receipts": [base64(&honest_receipt())],
    }));
    let bodies = [
        (0, north.manifest.clone()),
        (1, north.body.clone()),
        (3, world.envelope.encode()),
        (4, json(json!({"challenge": "07".repeat(32)}))),
        (5, wanted),
        (6, world.statement(&proposal)),
        (7, grants),
        (8, Vec::new()),
        (9, honest_receipt()),
    ];
    let signed = bodies.into_iter().map(|(which, body)| [vec![0, which], body].concat());
    let (object, contract) = (north.id, world.contract.id());
    let paths = [
        "/v1/health".to_owned(),
        "/v1/rooms/ROOM".to_owned(),
        "/v1/rooms/ROOM/contract".to_owned(),
        format!("/v1/objects/{object}/status"),
        format!("/v1/objects/{object}/body\nbytes=0-9"),
        format!("/v1/contracts/{contract}/receipts?from=0"),
    ];
    let got = paths.into_iter().map(|path| [b"\x01", path.as_bytes()].concat());
    signed.chain(got).collect()
}

/// For each question an answer that holds.
pub(super) fn answers() -> Vec<Vec<u8>> {
    let world = World::shared();
    let contract = world.contract.id().to_string();
    let [object, ..] = &world.objects;
    let enclave = SigningSecret::from_seed(&[8; 32]);
    let key = enclave.public().to_string();
    let room = json!({
        "room": "00", "contract": contract, "enclave_key": key, "measurement": "00", "anchor": "sha256:00",
        "statements": ["started"], "opened": 1, "phase": "grant", "run": 1, "proposal": null, "missing": ["north"],
        "statement_missing": true, "receipt": null, "ended": null,
    });
    let [report, endorsements @ ..] = PARTS;
    let endorsements: Vec<String> = endorsements.iter().map(|part| base64(part)).collect();
    let evidence = json!({
        "evidence": base64(report), "endorsements": endorsements, "challenges": ["07".repeat(32)], "enclave_key": key,
        "operator_statement": null,
    });
    let proposal = proposal();
    let (id, run) = (proposal.id().to_string(), proposal.run);
    let signed = base64(&SignedProposal::sign(proposal, &enclave).encode());
    let proposed = json!({"proposal": signed, "id": id, "run": run, "request": null});
    let receipt = base64(&honest_receipt());
    let page = json!({"receipts": [{"receipt": receipt}], "next": null});
    let accepted = json!({"missing": ["south"], "statement_missing": false, "running": false, "receipt": null});
    let answers: [(u8, Vec<u8>); 18] = [
        (0, json!({"status": "ok", "version": "0.1.0"}).to_string().into_bytes()),
        (1, json!({"rooms": [room]}).to_string().into_bytes()),
        (2, json!({"rooms": [room]}).to_string().into_bytes()),
        (3, world.envelope.encode()),
        (4, page.to_string().into_bytes()),
        (5, json!({"receipts": [], "next": null}).to_string().into_bytes()),
        (6, json!({"state": "stored", "received": 7}).to_string().into_bytes()),
        (7, object.manifest.clone()),
        (8, object.body.clone()),
        (9, room.to_string().into_bytes()),
        (10, room.to_string().into_bytes()),
        (11, world.envelope.encode()),
        (12, evidence.to_string().into_bytes()),
        (13, proposed.to_string().into_bytes()),
        (14, proposed.to_string().into_bytes()),
        (15, json!({"receipt": receipt}).to_string().into_bytes()),
        (16, json!({"receipt": null}).to_string().into_bytes()),
        (17, accepted.to_string().into_bytes()),
    ];
    answers.into_iter().map(|(asked, body)| [vec![asked, 0], body].concat()).collect()
}
