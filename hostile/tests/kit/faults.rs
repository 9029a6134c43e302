//! Planted faults, which the kit must find: so it is no kit that cannot fail. Each is one that a good client or room could
//! grow by a single careless change.

use crate::material::{kit, terms};
use sealroom::{Granted, Memory, SignedGrant, SignedReceipt};
use sealroom_hostile::{
    Bodies, Brought, Client, Disk, Enclave, EnclaveStart, Failure, Kit, Recorder, Refused, RoomEnclave, SdkClient,
    Sent, Site, Step,
};
use sealroom_protocol::message::{EnclaveMessage, HostMessage};

/// As many as are played by default.
const SCHEDULES: u64 = 10_000;

/// The failure that the kit finds: short, and broken again by its steps.
#[track_caller]
fn found(kit: &Kit) -> Box<Failure> {
    let failure = kit.try_run(SCHEDULES, 1).expect_err("the fault is not found");
    assert!(failure.steps.len() <= 10, "{failure}");
    assert_eq!(kit.replay(&failure.steps, failure.seed).unwrap_err().violation, failure.violation);
    let shown = failure.to_string();
    assert!(shown.contains(&format!("seed {}", failure.seed)) && shown.contains("   1. "), "{shown}");
    failure
}

/// Sends a grant, and then writes it down.
#[derive(Debug, Default)]
struct SendsFirst {
    unwritten: Option<Vec<u8>>,
}

impl SendsFirst {
    fn write(&mut self, site: &mut Site<'_>) {
        if let Some(bytes) = self.unwritten.take() {
            site.put(bytes);
        }
    }
}

impl Client for SendsFirst {
    fn grant(&mut self, site: &mut Site<'_>, brought: &Brought<'_>) -> Result<Granted, Refused> {
        self.write(site);
        let disk = Disk::new(site.bytes());
        let memory = Memory::open_on(disk.clone(), &site.identity.signing().public()).unwrap();
        let reviewed = brought.room.review(brought.proposal, site.identity, &memory, brought.times.clock);
        let reviewed = reviewed.map_err(|error| Refused::in_words(error.check(), &error))?;
        let granted = reviewed.grant(site.identity, &memory, brought.times, &mut site.rng).unwrap();
        drop(memory);
        self.unwritten = Some(disk.durable());
        Ok(granted)
    }

    fn settle(&mut self, site: &mut Site<'_>, receipt: &SignedReceipt) -> Result<(), Refused> {
        self.write(site);
        SdkClient.settle(site, receipt)
    }

    fn recognise(&mut self, site: &mut Site<'_>, grant: &SignedGrant) -> Result<(), Refused> {
        self.write(site);
        SdkClient.recognise(site, grant)
    }

    fn killed(&mut self) {
        self.unwritten = None;
    }
}

#[test]
fn a_party_that_sends_a_grant_before_it_writes_it_down_is_found() {
    let kit = kit(terms()).client(|| Box::new(SendsFirst::default()));
    let failure = found(&kit);
    assert!(failure.violation.contains("handed out a grant of run"), "{failure}");
}

/// Takes no notice that its memory was rolled back.
#[derive(Debug)]
struct IgnoresRollback;

/// Does it, and forgets that it happened where it says that the memory was restored.
fn forgetting(site: &mut Site<'_>, act: impl FnOnce(&mut Site<'_>) -> Result<(), Refused>) -> Result<(), Refused> {
    let before = site.bytes();
    match act(site) {
        Err(refused) if refused.check == "memory.restored" => {
            site.put(before);
            Ok(())
        }
        other => other,
    }
}

impl Client for IgnoresRollback {
    fn grant(&mut self, site: &mut Site<'_>, brought: &Brought<'_>) -> Result<Granted, Refused> {
        SdkClient.grant(site, brought)
    }

    fn settle(&mut self, site: &mut Site<'_>, receipt: &SignedReceipt) -> Result<(), Refused> {
        forgetting(site, |site| SdkClient.settle(site, receipt))
    }

    fn recognise(&mut self, site: &mut Site<'_>, grant: &SignedGrant) -> Result<(), Refused> {
        forgetting(site, |site| SdkClient.recognise(site, grant))
    }

    fn killed(&mut self) {}
}

#[test]
fn a_party_that_ignores_that_its_memory_was_restored_is_found() {
    let kit = kit(terms()).client(|| Box::new(IgnoresRollback));
    let failure = found(&kit);
    assert!(failure.violation.contains("takes no notice"), "{failure}");
    assert!(failure.steps.iter().any(|step| matches!(step, Step::Restore { .. })), "{failure}");
}

/// Keeps the key of a run that it gave back: beside the real room runs one that never heard of the void.
#[derive(Debug)]
struct KeepsKey {
    start: EnclaveStart,
    room: RoomEnclave,
    log: Vec<HostMessage>,
    /// The room as it was when the proposal was made.
    proposed: Option<RoomEnclave>,
    kept: Option<RoomEnclave>,
}

impl KeepsKey {
    fn start(start: EnclaveStart) -> Self {
        Self { start, room: RoomEnclave::start(start), log: Vec::new(), proposed: None, kept: None }
    }
}

impl Enclave for KeepsKey {
    fn send(&mut self, message: HostMessage, bodies: &Bodies) -> Sent {
        self.log.push(message.clone());
        let sent = self.room.send(message.clone(), bodies);
        let refused = matches!(sent.messages.as_slice(), [EnclaveMessage::Refused(_)]);
        match (&message, &mut self.kept) {
            (HostMessage::Propose { .. }, _) if !refused => {
                // The same messages and the same randomness make the same room with the same key; what it encrypts while it
                // catches up was encrypted before, so it has a recorder of its own.
                let provider: &'static Recorder = Box::leak(Box::default());
                let mut twin = RoomEnclave::start(EnclaveStart { provider, ..self.start });
                self.log.iter().for_each(|message| drop(twin.send(message.clone(), bodies)));
                self.proposed = Some(twin);
            }
            (HostMessage::Abandon { .. }, _) if !refused => self.kept = self.proposed.take(),
            (HostMessage::Grant { .. }, Some(kept)) if refused => return kept.send(message, bodies),
            _ => {}
        }
        sent
    }
}

#[test]
fn an_enclave_that_keeps_the_key_of_a_run_that_it_gave_back_is_found() {
    let kit = kit(terms()).enclaves(|start| Box::new(KeepsKey::start(start)));
    let failure = found(&kit);
    let known = ["decrypted after a void receipt", "given back ended as complete"];
    assert!(known.iter().any(|known| failure.violation.contains(known)), "{failure}");
}

/// Answers a grant that it refuses without saying why.
#[derive(Debug)]
struct Mute(RoomEnclave);

impl Enclave for Mute {
    fn send(&mut self, message: HostMessage, bodies: &Bodies) -> Sent {
        let mut sent = self.0.send(message, bodies);
        for message in &mut sent.messages {
            if let EnclaveMessage::Refused(refusal) = message {
                refusal.hint.clear();
            }
        }
        sent
    }
}

#[test]
fn a_refusal_that_does_not_say_what_to_do_is_found() {
    let kit = kit(terms()).enclaves(|start| Box::new(Mute(RoomEnclave::start(start))));
    let failure = found(&kit);
    assert!(failure.violation.contains("does not say what to do"), "{failure}");
}

/// Panics at what it refuses.
#[derive(Debug)]
struct Fragile(RoomEnclave);

impl Enclave for Fragile {
    fn send(&mut self, message: HostMessage, bodies: &Bodies) -> Sent {
        let sent = self.0.send(message, bodies);
        let refused = sent.messages.iter().any(|message| matches!(message, EnclaveMessage::Refused(_)));
        assert!(!refused, "this enclave bears no refusal");
        sent
    }
}

#[test]
fn a_panic_is_a_finding_with_its_steps_and_not_the_end_of_the_kit() {
    let kit = kit(terms()).enclaves(|start| Box::new(Fragile(RoomEnclave::start(start))));
    let failure = found(&kit);
    assert!(failure.violation.contains("a panic: this enclave bears no refusal"), "{failure}");
}
