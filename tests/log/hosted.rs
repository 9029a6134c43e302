//! The log that a host keeps: exported, verified, cosigned, and the cosignature brought back for others.

use crate::recovery::key_file;
use crate::served::Served;
use crate::{done, receipts, sealroom, world};
use sealroom::{Host, HostOptions, Identity, ReceiptBundle, random};
use sealroom_host::{Config, Serving, serve};
use sealroom_protocol::identity::EncryptionSecret;
use std::path::Path;
use tokio::runtime::Runtime;
use tokio::sync::oneshot::{Sender, channel};

/// A host that was shown the contract of the vectors, and allows this key and that of one of its parties.
fn host(runtime: &Runtime, folder: &Path, allowed: &Identity) -> (Serving, Sender<()>) {
    let kept = folder.join("store/contracts").join(world::contract().id().to_string());
    std::fs::create_dir_all(&kept).unwrap();
    std::fs::write(kept.join("contract"), world::signed_contract().encode()).unwrap();
    let folder = folder.display();
    let config = Config::parse(&format!(
        "listen = \"127.0.0.1:0\"\nstore = \"file://{folder}/store\"\nstate = \"{folder}/state\"\n\
         platform = {{ launcher = \"/bin/false\", image = \"/nowhere\", state = \"/nowhere\" }}\n\
         [[allowed]]\nname = \"one\"\nsigning_key = \"{}\"\nquota = {{ stored_mib = 8, rooms = 1, requests_per_minute = 200 }}\n\
         [[allowed]]\nname = \"zurich\"\nsigning_key = \"{}\"\n",
        allowed.signing().public(),
        world::party("zurich").public()
    ));
    let (stop, stopped) = channel::<()>();
    let serving = runtime.block_on(serve(config.unwrap(), async move { drop(stopped.await) })).unwrap();
    (serving, stop)
}

#[test]
fn a_hosts_log_is_exported_cosigned_and_brought_back_and_holds() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let party = Identity::generate("one", &mut random()).unwrap();
    party.save(&folder.join("one.key"), None, &mut random()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (serving, stop) = host(&runtime, folder, &party);
    let url = format!("http://{}", serving.local_addr());
    let contract = world::contract();
    std::fs::write(folder.join("heart.contract"), contract.text()).unwrap();
    let client = Host::new(&HostOptions::new(&url)).unwrap();
    // One key is allowed here, and is no party's of that contract: it brings nothing.
    let kept = folder.join("store/contracts").join(contract.id().to_string()).join("receipts");
    std::fs::create_dir_all(&kept).unwrap();
    for file in receipts(folder) {
        let receipt = ReceiptBundle::load(&file).unwrap().receipt().unwrap();
        let refused = runtime.block_on(client.bring_receipt(&contract.id(), &receipt, &party)).unwrap_err();
        assert!(refused.is_problem("contract.party"), "{refused}");
        let said = receipt.allegation();
        let name = format!("{:020}-{}.complete", said.proposal.run, said.id());
        std::fs::write(kept.join(name), receipt.encode()).unwrap();
    }
    let export = ["log", "export", "--url", &url, "--contract", "heart.contract", "--output", "heart.log"];
    let exported = done(folder, &export);
    assert_eq!(exported["size"], 2);
    assert_eq!(done(folder, &["log", "verify", "heart.log"])["size"], 2);

    let key = done(folder, &["witness", "keygen", "witness.key", "--name", "w.example/1"]);
    let witness = key["verifier_key"].as_str().unwrap();
    let served = Served::start(folder, &[exported["log_key"].as_str().unwrap()]);
    let cosign = ["log", "cosign", "heart.log", "--url", &served.url, "--witness", witness];
    let bring = |key| [cosign.as_slice(), &["--bring-to", &url, "--as", key]].concat();
    let (code, said) = sealroom(folder, &bring("one.key"));
    assert!(code != 0 && said.to_string().contains("party's of this contract"), "{code}: {said}");
    key_file(&folder.join("zurich.key"), &world::party("zurich"), &EncryptionSecret::from_seed(&[2; 32]));
    done(folder, &bring("zurich.key"));
    assert_eq!(done(folder, &export)["root"], exported["root"]);
    let verified = done(folder, &["log", "verify", "heart.log", "--witness", witness]);
    assert_eq!(verified["cosigned"][0]["name"], "w.example/1");
    // What does not hold is not taken, so that nobody spoils the host's note for others.
    done(folder, &["log", "keygen", "own.key"]);
    let own = ["log", "export", "run-2.receipt", "--log-key", "own.key", "--output", "own.log"];
    let own = done(folder, &own)["log_key"].as_str().unwrap().to_owned();
    done(folder, &["witness", "keygen", "other.key", "--name", "w.example/2"]);
    drop(served);
    std::fs::rename(folder.join("other.key"), folder.join("witness.key")).unwrap();
    std::fs::remove_file(folder.join("witness.state")).unwrap();
    let served = Served::start(folder, &[&own]);
    let other = done(folder, &["witness", "keygen", "third.key", "--name", "w.example/3"]);
    let wrong =
        ["log", "cosign", "own.log", "--url", &served.url, "--witness", other["verifier_key"].as_str().unwrap()];
    let (code, said) = sealroom(folder, &wrong);
    assert_eq!(code, 4, "another witness answered: {said}");
    stop.send(()).unwrap();
    runtime.block_on(serving.stopped()).unwrap();
}
