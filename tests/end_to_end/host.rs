//! The host's process, behind a tap on the network.

use crate::image::built;
use crate::parties::Parties;
use crate::process;
use crate::s3::S3;
use crate::wire::Wire;
use core::fmt::Write as _;
use sealroom::HostOptions;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Text that is put into the host's environment on purpose.
pub(crate) const PLANTED: &str = "planted-in-the-host-on-purpose-5e1a";

/// How the host is set up.
#[derive(Clone, Copy, Default)]
pub(crate) struct Setup<'a> {
    pub(crate) tls: bool,
    pub(crate) s3: Option<&'a S3>,
    /// Names and addresses of witnesses that it asks.
    pub(crate) witnesses: &'a [(String, String)],
}

/// A host that runs.
pub(crate) struct HostProcess {
    child: Child,
    folder: TempDir,
    certificate: Option<Vec<u8>>,
    url: String,
    pub(crate) wire: Option<Wire>,
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl HostProcess {
    pub(crate) fn start(parties: &Parties, setup: Setup<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let wire = Wire::open().unwrap();
        let store = setup.s3.map_or_else(
            || format!("file://{}", folder.path().join("store").display()),
            |_| "s3://bucket/rooms".to_owned(),
        );
        let mut config = format!(
            "listen = \"127.0.0.1:0\"\nnames = [\"{}\"]\nstore = \"{store}\"\nstate = \"state\"\n\
             [platform]\nlauncher = \"{}\"\nimage = \"{}\"\nstate = \"{}\"\n",
            wire.address(),
            built().0.display(),
            built().1.display(),
            parties.platform.display()
        );
        let certificate = setup.tls.then(|| {
            let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
            std::fs::write(folder.path().join("host.crt"), made.cert.pem()).unwrap();
            let key = folder.path().join("host.key");
            std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
            std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            config.push_str("[tls]\ncertificate = \"host.crt\"\nkey = \"host.key\"\n");
            made.cert.der().to_vec()
        });
        if let Some(s3) = setup.s3 {
            write!(
                config,
                "[store_options]\naws_endpoint = \"{}\"\naws_region = \"us-east-1\"\naws_allow_http = \"true\"\n",
                s3.endpoint
            )
            .unwrap();
        }
        for (name, url) in setup.witnesses {
            writeln!(config, "[[witness]]\nname = \"{name}\"\nurl = \"{url}\"").unwrap();
        }
        for identity in parties.identities() {
            let key = identity.signing().public();
            writeln!(config, "[[allowed]]\nname = \"{}\"\nsigning_key = \"{key}\"", identity.name()).unwrap();
        }
        std::fs::write(folder.path().join("host.toml"), config).unwrap();
        let scheme = if setup.tls { "https" } else { "http" };
        let url = format!("{scheme}://{}", wire.address());
        let child = spawn(folder.path(), &wire);
        Self { child, folder, certificate, url, wire: Some(wire) }
    }

    /// Kills the process without warning, and starts another on the same folder.
    pub(crate) fn kill_and_start_again(mut self, parties: &Parties) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let wire = Wire::open().unwrap();
        let path = self.folder.path().join("host.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        let old = self.wire.take().unwrap().address().to_string();
        std::fs::write(&path, config.replace(&old, &wire.address().to_string())).unwrap();
        self.url = self.url.replace(&old, &wire.address().to_string());
        self.child = spawn(self.folder.path(), &wire);
        self.wire = Some(wire);
        assert_eq!(parties.identities().len(), 3);
        self
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The process of the enclave that it started last, by its log.
    pub(crate) fn enclave_pid(&self) -> u32 {
        let log = self.log();
        let line = log.lines().rfind(|line| line.contains("enclave started")).unwrap();
        line.split("pid=").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Signed requests that it has taken from a party so far, by its log.
    pub(crate) fn signed_requests(&self, party: &str) -> usize {
        let party = format!("party={party}");
        let of = |line: &&str| line.contains("signed request") && line.ends_with(&party);
        self.log().lines().filter(of).count()
    }

    /// Objects in its store.
    pub(crate) fn objects(&self) -> usize {
        std::fs::read_dir(self.folder().join("store/objects")).unwrap().count()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder().join("log")).unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn options(&self) -> HostOptions {
        let mut options = HostOptions::new(&self.url);
        options.root_certificates = self.certificate.iter().cloned().collect();
        options.timeout = process::PATIENCE;
        options.exchange_timeout = process::PATIENCE;
        options.run_timeout = process::PATIENCE;
        options
    }
}

fn spawn(folder: &Path, wire: &Wire) -> Child {
    let log: PathBuf = folder.join("log");
    let mut child = Command::new(env!("CARGO_BIN_EXE_sealroom"))
        .current_dir(folder)
        .args(["host", "serve", "--config", "host.toml", "--log", "debug", "--json"])
        .env("SEALROOM_TEST_PLANTED", PLANTED)
        .env("AWS_ACCESS_KEY_ID", "nobody")
        .env("AWS_SECRET_ACCESS_KEY", "nothing")
        .stdout(Stdio::piped())
        .stderr(std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let (sender, first) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        drop(BufReader::new(stdout).read_line(&mut line));
        drop(sender.send(line));
    });
    let line = first.recv_timeout(process::PATIENCE).unwrap_or_else(|_| {
        drop(child.kill());
        panic!("the host says nothing for {:?}", process::PATIENCE)
    });
    let said: serde_json::Value = serde_json::from_str(&line)
        .unwrap_or_else(|_| panic!("the host says {line:?}; its log: {}", std::fs::read_to_string(&log).unwrap()));
    let url = said["url"].as_str().unwrap();
    wire.connect(url.rsplit('/').next().unwrap().parse().unwrap()).unwrap();
    child
}
