//! A party's client and a host that answers whatever it likes.

use super::scratch::Scratch;
use super::shown::shown;
use super::world::{NOW, World};
use core::time::Duration;
use sealroom::blocking::Host;
use sealroom::protocol::id::ProposalId;
use sealroom::protocol::object::Manifest;
use sealroom::protocol::run::{SignedReceipt, SignedStatement, SignedStop, Statement};
use sealroom::{HostOptions, Identity, Memory, SignedContract, Stricter, WantedRun};
use sealroom_attestation::Challenge;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Which statuses an answer may have.
const STATUSES: [u16; 8] = [200, 201, 206, 400, 404, 409, 422, 503];

/// What the host answers next, whatever it is asked.
#[derive(Clone, Default)]
struct Lie {
    status: u16,
    body: Vec<u8>,
}

/// See the top of this file. Lives as long as the process.
struct Lied {
    client: Host,
    lie: Arc<Mutex<Lie>>,
    identity: Identity,
    memory: Memory,
    contract: SignedContract,
    _folder: Scratch,
}

/// The first byte says what the client asks for, the second which status the answer has; the rest is the answer. What
/// the client makes of it is what was asked for, as far as anyone can know, or an error in plain words.
pub(crate) fn host_answer(bytes: &[u8]) -> bool {
    static LIED: LazyLock<Mutex<Lied>> = LazyLock::new(|| Mutex::new(Lied::start()));
    let [asked, status, body @ ..] = bytes else { return false };
    // One at a time: there is one answer for whoever asks.
    LIED.lock().unwrap_or_else(PoisonError::into_inner).ask(*asked, *status, body)
}

impl Lied {
    fn start() -> Self {
        let folder = Scratch::folder("client");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let lie = Arc::new(Mutex::new(Lie::default()));
        let told = Arc::clone(&lie);
        drop(std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let told = Arc::clone(&told);
                drop(std::thread::spawn(move || answer_all(stream, &told)));
            }
        }));
        let mut options = HostOptions::new(format!("http://{address}"));
        options.timeout = Duration::from_secs(5);
        let world = World::shared();
        let [north, ..] = &world.members;
        let contract = SignedContract::verify(&world.envelope).expect("a contract that all signed");
        let memory = Memory::open(&folder.path().join("memory"), &north.signing.public()).expect("a memory");
        memory.remember_contract(&contract).expect("a contract of this party");
        let identity = Identity::generate("north", &mut super::rng::Counter::new()).expect("a good name");
        Self { client: Host::new(&options).expect("a good address"), lie, identity, memory, contract, _folder: folder }
    }

    fn ask(&self, asked: u8, status: u8, body: &[u8]) -> bool {
        let status = STATUSES.get(usize::from(status) % STATUSES.len()).copied().unwrap_or(200);
        *self.lie.lock().unwrap_or_else(PoisonError::into_inner) = Lie { status, body: body.to_vec() };
        let (client, identity) = (&self.client, &self.identity);
        let world = World::shared();
        let contract = self.contract.contract();
        let ([object, ..], [north, ..]) = (&world.objects, &world.members);
        let room = client.room("00");
        match asked % 18 {
            0 => shown(client.health()).is_some(),
            1 => shown(client.rooms()).is_some(),
            2 => shown(client.find_room(&contract.id())).flatten().is_some(),
            3 => shown(client.contract(&contract.id())).is_some_and(|signed| signed.contract().id() == contract.id()),
            4 => shown(client.receipts(&contract.id())).is_some(),
            5 => self.settle(),
            6 => shown(client.has_object(&object.id)).is_some(),
            7 => {
                let manifest = shown(client.manifest(&object.id));
                manifest.map(|manifest| assert_eq!(manifest.id(), object.id)).is_some()
            }
            8 => {
                let manifest = Manifest::decode(&object.manifest).expect("a manifest of our own");
                let body = shown(client.body(&object.id, &manifest, 1 << 20));
                body.map(|body| assert_eq!(body, object.body)).is_some()
            }
            9 => {
                let opened = shown(client.open_room(&self.contract, identity));
                opened.map(|opened| assert_eq!(opened.contract, contract.id())).is_some()
            }
            10 => shown(room.status()).is_some(),
            11 => shown(room.contract()).is_some(),
            12 => {
                let challenge = Challenge::from_random([7; 32]);
                let accepted = shown(room.appraise(contract, identity, challenge, &Stricter::as_signed(), NOW));
                assert!(accepted.is_none(), "accepted what no platform of the contract made");
                // Nothing is: whether it was Evidence at all stands in the kind of the error.
                let challenge = Challenge::from_random([7; 32]);
                let refused = room.appraise(contract, identity, challenge, &Stricter::as_signed(), NOW);
                matches!(refused, Err(sealroom::HostError::Appraisal(_)))
            }
            13 => {
                let proposal = shown(room.proposal()).flatten();
                // The same answer again where a manifest belongs.
                let request = proposal.as_ref().map(|proposal| shown(room.fetch_request(proposal)));
                assert!(request.flatten().flatten().is_none(), "one answer is not a proposal and a manifest");
                proposal.is_some()
            }
            14 => {
                let wanted =
                    WantedRun { run: Some(1), datasets: [].into(), request: None, receipts: vec![b"receipt".to_vec()] };
                shown(room.propose(&wanted, identity)).is_some()
            }
            15 => shown(room.abandon(identity)).is_some(),
            16 => {
                let stop = SignedStop::decode(&world.stop()).expect("a stop of our own");
                shown(room.stop(&stop, identity)).is_some()
            }
            _ => {
                let (contract, proposal) = (contract.id(), ProposalId::from_bytes([1; 32]));
                let statement = Statement::HostRegion { contract, proposal, region: "CH".into(), clock: NOW };
                let statement = SignedStatement::sign(statement, &north.signing);
                shown(room.send_statement(&statement, identity)).is_some()
            }
        }
    }

    /// Nothing that a host brings counts as a run that this party, which has granted nothing, has granted.
    fn settle(&self) -> bool {
        let contract = self.contract.contract();
        let settled = shown(self.client.settle(contract, &self.memory));
        let state = self.memory.state(contract).expect("a memory that reads back");
        assert_eq!((state.count, state.grants.len()), (0, 0));
        let brought = self.client.receipts(&contract.id()).unwrap_or_default();
        let holds = |receipt: &SignedReceipt| receipt.verify(contract).is_ok();
        if settled.is_some() {
            assert!(brought.iter().all(holds));
        }
        settled.is_some()
    }
}

/// Answers every request of a connection with the lie of the moment.
fn answer_all(stream: TcpStream, told: &Mutex<Lie>) {
    let Ok(mut writer) = stream.try_clone() else { return };
    let mut reader = BufReader::new(stream);
    drop(writer.set_nodelay(true));
    loop {
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            match reader.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) if line == "\r\n" => break,
                Ok(_) => {}
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let Lie { status, body } = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
        answer.extend_from_slice(&body);
        if writer.write_all(&answer).is_err() {
            return;
        }
    }
}
