//! A contract that asks for witnesses: the run waits for none of them, its results do; and the host asks them by itself.

use crate::host::{HostProcess, Setup};
use crate::parties::{At, Parties};
use sealroom::{NoteKey, OpenError, random};
use sealroom_protocol::contract::LogTerms;
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::log::QuorumError;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

const NEEDED: usize = 2;

/// A witness's name, key, and the place where it will listen.
struct Seat {
    name: String,
    key: SigningPublicKey,
    address: String,
}

/// Ends with the test.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Seat {
    fn new(folder: &Path, number: usize) -> Self {
        let name = format!("w{number}.example");
        let key = NoteKey::for_witness(&name, &mut random()).unwrap();
        key.save(&folder.join(format!("{name}.key"))).unwrap();
        let key = *key.witness().unwrap().verifier().key();
        // Free now, and free again when the witness comes.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        Self { name, key, address }
    }

    fn serve(&self, folder: &Path, log: &str) -> Served {
        let (key, state) = (format!("{}.key", self.name), format!("{}.state", self.name));
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
        command.current_dir(folder).args(["witness", "serve", "--key", &key, "--state", &state, "--log", log]);
        Served(command.args(["--listen", &self.address]).stdout(Stdio::null()).spawn().unwrap())
    }
}

fn under_cosigned(found: usize) -> String {
    OpenError::Log(sealroom::LogFailure::Witnesses(QuorumError::UnderCosigned { needed: NEEDED, found })).to_string()
}

#[test]
fn a_result_opens_with_as_many_cosignatures_as_the_contract_asks_for_and_the_host_fetches_them_itself() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let seats: Vec<Seat> = (1..=3).map(|number| Seat::new(folder, number)).collect();
    let parties = Parties::with_terms(50, 5, |terms| {
        let named: Vec<_> = seats.iter().map(|seat| (seat.name.as_str(), seat.key)).collect();
        terms.log = Some(LogTerms::new(2, &named));
    });
    let witnesses: Vec<_> = seats.iter().map(|seat| (seat.name.clone(), format!("http://{}", seat.address))).collect();
    let host = HostProcess::start(&parties, Setup { witnesses: &witnesses, ..Setup::default() });
    // No witness is there, and the run ends all the same.
    let told = parties.play(&host, At::End);
    let unwitnessed = parties.open(&host, &told, "institute", "size").map(|_| ()).unwrap_err();
    assert!(matches!(unwitnessed, OpenError::Unwitnessed { needed: NEEDED }), "{unwitnessed}");
    let opened =
        || parties.open_witnessed(&host, &told, "institute", "size").map(|opened| opened.plaintext.csv.clone());
    assert_eq!(opened().map_err(|error| error.to_string()), Err(under_cosigned(0)));

    let log = parties.log_file(&host).log_key().to_string();
    let cosigned = |count: usize| {
        let start = Instant::now();
        // One line is the log's own.
        while parties.log_file(&host).checkpoint().note().signatures().len() < count + 1 {
            assert!(start.elapsed() < crate::process::PATIENCE, "the host did not ask a witness that came up");
            std::thread::sleep(core::time::Duration::from_millis(200));
        }
    };
    let _first = seats[0].serve(folder, &log);
    cosigned(1);
    assert_eq!(opened().map_err(|error| error.to_string()), Err(under_cosigned(1)));
    let _third = seats[2].serve(folder, &log);
    cosigned(NEEDED);
    assert_eq!(opened().unwrap(), "size\n1\n");
}
