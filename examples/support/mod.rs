//! What the stories share: a host inside of this process, folders of parties, the answers to compare with.
//!
//! What always holds: parties and host share no value but what goes over HTTP; a story ends well only if its result is the
//! committed answer.

pub(crate) mod story;

use anyhow::{Context, bail};
use sealroom::blocking::{Host, Room};
use sealroom::{
    Card, Contract, Draft, GrantTimes, HostOptions, Identity, Memory, OpenedResult, Stricter, now, open_result, random,
};
use sealroom_attestation::Challenge;
use sealroom_protocol::contract::time_text;
use sealroom_protocol::run::SignedReceipt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Seconds for which the contracts of the stories hold.
const VALID: u64 = 86_400;

/// A party: its keys, its memory, its folder.
pub(crate) struct Party {
    /// Its keys.
    pub(crate) identity: Identity,
    /// What it granted and received.
    pub(crate) memory: Memory,
    /// Where its files are.
    pub(crate) folder: PathBuf,
}

impl Party {
    /// A party with fresh keys, under this folder.
    pub(crate) fn new(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let folder = folder.join(name);
        std::fs::create_dir(&folder)?;
        let identity = Identity::generate(name, &mut random())?;
        let memory = Memory::open(&folder.join("memory"), &identity.signing().public())?;
        Ok(Self { identity, memory, folder })
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.identity.name()
    }
}

/// The measured image and the program that starts it, as `enclave/build` leaves them.
pub(crate) struct Platform {
    launcher: PathBuf,
    image: PathBuf,
    state: PathBuf,
}

impl Platform {
    /// The platform, with its state in this folder.
    pub(crate) fn find(folder: &Path) -> anyhow::Result<Self> {
        let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/enclave");
        let built = std::env::var_os("SEALROOM_ENCLAVE_TARGET_DIR").map_or(default, PathBuf::from);
        let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let image = built.join(triple).join("measured/sealroom-enclave");
        let launcher = built.join("release/sealroom-simulated-platform");
        for file in [&image, &launcher] {
            if !file.is_file() {
                bail!("{} is not there; run enclave/build first", file.display());
            }
        }
        Ok(Self { launcher, image, state: folder.join("platform") })
    }

    /// Asks the platform's program: `measure` or `anchor`.
    fn ask(&self, arguments: &[&str], path: &Path) -> anyhow::Result<String> {
        let output = Command::new(&self.launcher).args(arguments).arg(path).output()?;
        if !output.status.success() {
            bail!("{}: {}", self.launcher.display(), String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Fills a draft: parties' keys, times, what the enclave is to be.
    pub(crate) fn fill(&self, draft: &str, cards: &[Card]) -> anyhow::Result<Contract> {
        // Times are no text in TOML, so their blanks go with their quotes.
        let text =
            draft.replace("\"<not before>\"", &time_text(now())).replace("\"<expires>\"", &time_text(now() + VALID));
        let mut draft = Draft::new(text);
        draft.random(&mut random())?;
        for card in cards {
            draft.card(card)?;
        }
        draft.fill("measurement", &prefixed("sha384:", self.ask(&["measure"], &self.image)?))?;
        draft.fill("trust anchor", &prefixed("sha256:", self.ask(&["anchor", "--state"], &self.state)?))?;
        Ok(draft.contract()?)
    }

    /// Starts a host in this process and gives its address. It ends with the process.
    pub(crate) fn host(&self, folder: &Path, parties: &[Party]) -> anyhow::Result<Host> {
        let quoted = |path: &Path| format!("{:?}", path.display().to_string());
        let mut config = format!(
            "listen = \"127.0.0.1:0\"\nstore = {:?}\nstate = {}\n[platform]\nlauncher = {}\nimage = {}\nstate = {}\n",
            format!("file://{}", folder.join("store").display()),
            quoted(&folder.join("state")),
            quoted(&self.launcher),
            quoted(&self.image),
            quoted(&self.state),
        );
        for party in parties {
            let key = party.identity.signing().public();
            config.push_str(&format!("[[allowed]]\nname = \"{}\"\nsigning_key = \"{key}\"\n", party.name()));
        }
        let config = sealroom_host::Config::parse(&config)?;
        let (sender, receiver) = std::sync::mpsc::channel::<anyhow::Result<core::net::SocketAddr>>();
        std::thread::spawn(move || -> anyhow::Result<()> {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(async {
                let serving = sealroom_host::serve(config, core::future::pending()).await;
                let serving = match serving {
                    Ok(serving) => serving,
                    Err(error) => return Ok(sender.send(Err(error.into()))?),
                };
                sender.send(Ok(serving.local_addr()))?;
                Ok(serving.stopped().await?)
            })
        });
        let address = receiver.recv().context("the host did not start")??;
        Ok(Host::new(&HostOptions::new(format!("http://{address}")))?)
    }
}

fn prefixed(prefix: &str, text: String) -> String {
    if text.starts_with(prefix) { text } else { format!("{prefix}{text}") }
}

/// A fresh challenge.
pub(crate) fn challenge() -> Challenge {
    let mut bytes = [0; 32];
    rand_core::Rng::fill_bytes(&mut random(), &mut bytes);
    Challenge::from_random(bytes)
}

/// Appraises, reviews and grants the current proposal, and tells what was granted.
pub(crate) fn grant(host: &Host, room: &Room, contract: &Contract, party: &Party) -> anyhow::Result<()> {
    let Party { identity, memory, .. } = party;
    let appraised = room.appraise(contract, identity, challenge(), &Stricter::as_signed(), now())?;
    host.settle(contract, memory)?;
    let proposal = room.proposal()?.context("a proposal")?;
    let request = room.fetch_request(&proposal)?;
    let reviewed = appraised.review(proposal.brought(request.as_ref()), identity, memory, now())?;
    println!("  {}: {} checks hold. {}", party.name(), appraised.checks().len(), reviewed.explain());
    let times = GrantTimes { clock: now(), expires: now() + 3600 };
    let granted = reviewed.grant(identity, memory, times, &mut random())?;
    room.send_grant(&granted, identity)?;
    Ok(())
}

/// Opens the result of this name, by the receipt that names it.
pub(crate) fn open(
    host: &Host,
    contract: &Contract,
    receipt: &SignedReceipt,
    party: &Party,
    result: &str,
) -> anyhow::Result<OpenedResult> {
    let output = receipt.allegation().outputs.iter().find(|output| output.name == result).context("no such result")?;
    let path = party.folder.join(format!("{result}.body"));
    let manifest = host.download(&output.object, &path, &mut |_| {})?;
    let body = std::fs::File::open(&path)?;
    Ok(open_result(contract, &party.identity, receipt, &manifest.encode(), std::io::BufReader::new(body))?)
}

/// A committed table of `examples/data`, or one that `examples/data/fetch` brings.
pub(crate) fn data(path: &str, story: &str) -> anyhow::Result<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data").join(path);
    if !file.is_file() {
        bail!("{} is not there; examples/data/fetch {story} brings it", file.display());
    }
    Ok(file)
}

/// The committed answer of this name.
pub(crate) fn answer(name: &str) -> anyhow::Result<serde_json::Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/answers").join(format!("{name}.json"));
    let mut text = String::new();
    std::fs::File::open(&path).with_context(|| path.display().to_string())?.read_to_string(&mut text)?;
    Ok(serde_json::from_str(&text)?)
}

/// Fails unless the result is the committed answer, cell by cell.
pub(crate) fn equals_answer(result: &OpenedResult, name: &str) -> anyhow::Result<()> {
    let answer = answer(name)?;
    let cell = |cell: &serde_json::Value| match cell {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let line = |cells: &serde_json::Value| -> Option<String> {
        Some(cells.as_array()?.iter().map(cell).collect::<Vec<_>>().join(","))
    };
    let columns = answer.get("columns").and_then(line).context("columns")?;
    let rows = answer.get("rows").and_then(serde_json::Value::as_array).context("rows")?;
    let rows: Option<Vec<String>> = rows.iter().map(line).collect();
    let expected: Vec<String> = core::iter::once(columns).chain(rows.context("rows")?).collect();
    let found: Vec<&str> = result.plaintext.csv.lines().collect();
    if let Some((found, expected)) = found.iter().zip(&expected).find(|(found, expected)| *found != expected) {
        bail!("{name}: found {found}, expected {expected}");
    }
    let suppressed = result.plaintext.outcome.suppressed;
    let held_back = answer.get("suppressed").and_then(serde_json::Value::as_u64).context("suppressed")?;
    if found.len() != expected.len() || held_back != suppressed {
        bail!("{name}: {} lines and {suppressed} suppressed, expected {} and {held_back}", found.len(), expected.len());
    }
    println!("  {name}: {} rows, {suppressed} suppressed, equal to the answer computed in the clear", found.len() - 1);
    Ok(())
}
